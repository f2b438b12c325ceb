/**
 * Style and script of a report. Shades only repeat what the figures say.
 * @module
 */

export const REPORT_STYLE = `
:root{--shade:37,99,168}
nav ul{list-style:none;margin:0 0 8px;padding:0;display:flex;flex-wrap:wrap;gap:2px 16px}
section{border-top:2px solid var(--line);margin-top:28px}
section h2{margin:14px 0 0}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,170px),1fr));gap:8px;margin:8px 0 12px}
.facts div{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:6px 10px;min-width:0}
.facts dt{font-size:12px;color:var(--dim)}
.facts dd{margin:0;font-size:17px;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.facts .long{grid-column:1/-1}
.facts .long dd{font-size:14px}
.facts .bad dd::after{content:" \\2717"}
.facts .good dd::after{content:" \\2713"}
.facts .bad{border-color:var(--bad)}
.scroll{overflow:auto;max-height:560px;border:1px solid var(--line);border-radius:6px}
table{border-collapse:collapse;font-size:13px}
.matrix{width:100%}
.matrix th,.matrix td{padding:3px 8px;border-bottom:1px solid var(--line);text-align:left}
.matrix .n,.bars td.n,.trend td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.matrix tbody th{font-weight:400;font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:12px;position:sticky;left:0;background:var(--bg);white-space:nowrap}
.matrix thead th{font-size:12px;color:var(--dim);vertical-align:bottom}
.matrix thead{position:sticky;top:0;background:var(--bg);z-index:1}
.chips span{display:inline-block;margin:1px 4px 1px 0;padding:1px 7px;border:1px solid var(--line);border-radius:4px}
.chips .bad{font-weight:700}
td.bad{font-weight:700}
.h1{background:rgba(var(--shade),.04)}.h2{background:rgba(var(--shade),.08)}.h3{background:rgba(var(--shade),.12)}.h4{background:rgba(var(--shade),.16)}.h5{background:rgba(var(--shade),.2)}.h6{background:rgba(var(--shade),.24)}
td.bad[class],td.good[class]{background:none}
@media (max-width:640px){.matrix tbody th{white-space:normal;overflow-wrap:anywhere;min-width:9em}}
.filter{display:flex;gap:8px;align-items:center;color:var(--dim);font-size:13px;margin:0 0 6px}
.filter input{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:3px 8px;min-width:0;flex:0 1 260px}
.bars{width:100%;table-layout:auto}
.bars th{font-weight:400;text-align:left;padding:3px 8px 3px 0;width:32%;overflow-wrap:anywhere}
.bars td{padding:3px 8px 3px 0}
.track{width:45%}
.track div{position:relative;height:14px;background:var(--card);border:1px solid var(--line)}
.track b,.track u,.track s{position:absolute;display:block}
.track b{left:0;top:2px;bottom:2px;background:var(--accent)}
.track u{top:5px;height:2px;background:var(--fg)}
.track s{top:-4px;bottom:-4px;border-left:2px dashed var(--fg)}
.trend{display:flex;flex-wrap:wrap;gap:12px;align-items:center}
.trend .chart{flex:1 1 300px;max-width:720px;min-width:0}
.chart{min-width:0;min-height:200px;max-width:720px}
.chart figure{margin:0}
.chart svg{max-width:100%;height:auto;overflow:visible}
summary{cursor:pointer;color:var(--dim)}
.trend th{font-weight:400;text-align:left;padding:2px 12px 2px 0;overflow-wrap:anywhere}
.prose{padding-left:20px;margin:0 0 10px;max-width:80ch}
.prose li{margin-bottom:6px}
.prose q{font-style:italic}
.controls{display:flex;flex-wrap:wrap;gap:8px 14px;align-items:center;margin:0 0 8px}
.controls label{display:inline-flex;gap:6px;align-items:center;color:var(--dim);font-size:14px}
.controls select,.controls input{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:3px 8px;min-width:0}
.controls input{flex:1 1 200px;max-width:420px}
.listing table{width:100%}
.listing th,.listing>table>tbody>tr>td{text-align:left;padding:5px 10px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}
.listing thead th{position:sticky;top:0;background:var(--bg);z-index:1}
.listing th button{all:unset;cursor:pointer;white-space:nowrap;color:var(--dim);font-size:12px;font-weight:600}
.listing th button:focus-visible{outline:2px solid var(--accent)}
th[aria-sort=ascending] button::after{content:" \\2191"}
th[aria-sort=descending] button::after{content:" \\2193"}
.listing .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.listing td:first-child{width:46%}
.listing summary{color:var(--fg)}
.listing dl{display:grid;grid-template-columns:minmax(60px,max-content) 1fr;gap:2px 12px;margin:8px 0 8px 16px}
.listing dt{color:var(--dim)}
.listing dd{margin:0;overflow-wrap:anywhere}
.map{overflow:hidden;min-height:320px}
.map svg{display:block}
.map .tile{fill:var(--c,#5f6a75);stroke:var(--bg);stroke-width:1}
.map a:hover .tile,.map a:focus-visible .tile{stroke:var(--fg);stroke-width:2}
.map text{fill:#fff;font:11px ui-monospace,"DejaVu Sans Mono",monospace;pointer-events:none}
.map text.group{fill:var(--fg);font:600 12px system-ui,"DejaVu Sans",sans-serif}
.legend{display:flex;flex-wrap:wrap;gap:4px 14px;font-size:13px;color:var(--dim);margin:8px 0 0}
.legend i{display:inline-block;width:11px;height:11px;border-radius:2px;background:var(--c);margin-right:5px}
@media (max-width:640px){.listing .minor{display:none}.listing td:first-child{width:auto;overflow-wrap:anywhere}.listing dl{grid-template-columns:1fr;margin-left:8px}.listing dt{margin-top:4px}}
@media (max-width:640px){.bars th,.bars td{display:block;width:auto;padding:1px 0}.bars tr{display:block;margin-bottom:8px}.bars td.n{text-align:left;white-space:normal}}
`;

export const REPORT_SCRIPT = `
'use strict';
for (const label of document.querySelectorAll('.filter')) {
  const rows = [...label.nextElementSibling.querySelectorAll('tbody tr')];
  label.firstElementChild.addEventListener('input', (e) => {
    const text = e.target.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(text);
  });
}
for (const listing of document.querySelectorAll('.listing')) {
  const body = listing.querySelector('tbody');
  const rows = [...body.rows];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const search = listing.querySelector('input');
  const selects = [...listing.querySelectorAll('select')];
  const shown = listing.querySelector('.shown');
  const filter = () => {
    const text = search.value.trim().toLowerCase();
    let count = 0;
    for (const row of rows) {
      const fits = texts.get(row).includes(text) && selects.every((select) =>
        select.value === '' || row.cells[Number(select.dataset.column) + 1].textContent === select.value);
      row.hidden = !fits;
      if (fits) count += 1;
    }
    shown.textContent = count + ' of ' + rows.length + ' rows';
  };
  search.addEventListener('input', filter);
  for (const select of selects) select.addEventListener('change', filter);
  const heads = [...listing.querySelectorAll('th')];
  const number = (text) => { const n = parseFloat(text.replaceAll(',', '')); return Number.isNaN(n) ? -1 : n; };
  heads.forEach((head, column) => head.firstElementChild.addEventListener('click', () => {
    const numeric = head.classList.contains('n');
    const was = head.getAttribute('aria-sort');
    const up = was === 'none' ? !numeric : was === 'descending';
    for (const other of heads) other.setAttribute('aria-sort', 'none');
    head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
    const key = new Map(rows.map((row) => [row, row.cells[column].textContent]));
    const order = (a, b) => numeric ? number(key.get(a)) - number(key.get(b)) : key.get(a).localeCompare(key.get(b));
    rows.sort((a, b) => up ? order(a, b) : order(b, a));
    body.append(...rows);
  }));
}
for (const list of document.querySelectorAll('[data-base]'))
  for (const link of list.querySelectorAll('[data-end]')) link.href = list.dataset.base + link.dataset.end;
const openRow = () => {
  const row = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  if (row === null || row.tagName !== 'TR') return;
  row.hidden = false;
  const details = row.querySelector('details');
  if (details !== null) details.open = true;
  row.scrollIntoView({ block: 'center' });
};
addEventListener('hashchange', openRow);
openRow();
`;
