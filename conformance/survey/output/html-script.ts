/**
 * The script of the HTML report: filters, sorting, switches. Everything it acts on is already in
 * the page, so the report can be read with scripting off.
 */

/** Plain browser JavaScript, without modules, storage or network. */
export const SCRIPT: string = `
'use strict';
const byId = (id) => document.getElementById(id);
const map = byId('map');
byId('area').addEventListener('change', (e) => { map.dataset.area = e.target.value; });
byId('colour').addEventListener('change', (e) => {
  map.dataset.colour = e.target.value;
  for (const legend of document.querySelectorAll('.legend'))
    legend.hidden = legend.dataset.legend !== e.target.value;
});
const body = byId('rows');
const rows = [...body.rows];
const filters = ['role', 'handling', 'mode', 'wave'];
function filter() {
  const text = byId('q').value.trim().toLowerCase();
  let shown = 0;
  for (const row of rows) {
    const fits = filters.every((f) => {
      const wanted = byId('f-' + f).value;
      return wanted === '' || row.dataset[f] === wanted;
    }) && (text === '' || row.dataset.search.includes(text));
    row.hidden = !fits;
    if (fits) shown += 1;
  }
  byId('shown').textContent = shown + ' of ' + rows.length + ' files';
  byId('empty').hidden = shown > 0;
}
byId('q').addEventListener('input', filter);
for (const f of filters) byId('f-' + f).addEventListener('change', filter);
for (const button of document.querySelectorAll('.files th button')) {
  button.addEventListener('click', () => {
    const th = button.parentElement;
    const key = button.dataset.key;
    const numeric = th.classList.contains('n');
    const up = th.getAttribute('aria-sort') === (numeric ? 'descending' : 'none') ||
      (th.getAttribute('aria-sort') === 'descending');
    for (const other of th.parentElement.cells) other.setAttribute('aria-sort', 'none');
    th.setAttribute('aria-sort', up ? 'ascending' : 'descending');
    const sign = up ? 1 : -1;
    rows.sort((a, b) => sign * (numeric
      ? Number(a.dataset[key]) - Number(b.dataset[key])
      : a.dataset[key].localeCompare(b.dataset[key])));
    body.append(...rows);
  });
}
function open() {
  const row = location.hash.length > 1 ? byId(decodeURIComponent(location.hash.slice(1))) : null;
  if (row === null || row.tagName !== 'TR') return;
  row.hidden = false;
  row.querySelector('details').open = true;
  row.scrollIntoView({ block: 'center' });
}
addEventListener('hashchange', open);
filter();
open();
`;
