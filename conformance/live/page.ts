/**
 * The page of a running campaign. It is told by the server that sent it, and by nobody else.
 * @module
 */
import { htmlDocument } from '../page/document.ts';

const STYLE = `
.figures{display:flex;flex-wrap:wrap;gap:4px 24px;margin:0 0 12px;padding:0;list-style:none}
.figures b{font-variant-numeric:tabular-nums}
progress{width:100%;height:16px;accent-color:var(--accent)}
#axes{list-style:none;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,260px),1fr));gap:8px 20px}
#axes li{min-width:0;overflow-wrap:anywhere}
#axes small{color:var(--dim)}
#findings li{margin:0 0 8px;overflow-wrap:anywhere}
`;

const SCRIPT = `
'use strict';
const byId = (id) => document.getElementById(id);
const text = (id, words) => { const at = byId(id); if (at.textContent !== words) at.textContent = words; };
const make = (name, words) => { const made = document.createElement(name); made.textContent = words; return made; };
const bars = new Map();
function axis({ axis, drawn, all, missing }) {
  let item = bars.get(axis);
  if (item === undefined) {
    item = document.createElement('li');
    item.append(make('span', ''), document.createElement('progress'), make('small', ''));
    item.children[1].setAttribute('aria-label', axis);
    bars.set(axis, item);
    byId('axes').append(item);
  }
  const [words, bar, rest] = item.children;
  words.textContent = axis + ': ' + drawn + ' of ' + all;
  bar.max = all;
  bar.value = drawn;
  rest.textContent = missing.length === 0 ? '' : 'not yet: ' + missing.join('; ');
}
let shown = '';
function show(s) {
  text('phase', s.phase + ': ' + s.done.toLocaleString('en') + ' of ' + s.all.toLocaleString('en'));
  byId('done').max = Math.max(s.all, 1);
  byId('done').value = s.done;
  text('rate', Math.round(s.perSecond).toLocaleString('en'));
  text('seconds', s.seconds.toFixed(0));
  text('seed', String(s.seed));
  text('passed', s.passed.toLocaleString('en'));
  text('failed', s.failed.toLocaleString('en'));
  s.axes.forEach(axis);
  const found = JSON.stringify(s.findings);
  if (found !== shown) {
    shown = found;
    text('count', s.findings.length === 0 ? 'None so far.' : s.findings.length + ' so far:');
    byId('findings').replaceChildren(...s.findings.map(({ signature, summary, token }) => {
      const item = document.createElement('li');
      item.append(make('b', signature), make('div', summary), make('code', 'sg2iter explain ' + token));
      return item;
    }));
  }
  text('state', s.ended === null ? 'running' : s.ended);
  if (s.ended !== null) events.close();
}
const events = new EventSource('/events');
events.onmessage = ({ data }) => show(JSON.parse(data));
events.onerror = () => { if (byId('state').textContent === 'running') text('state', 'no connection: the run is over, or was ended'); };
`;

/** The whole page; what it shows comes as events. */
export const LIVE_PAGE: string = htmlDocument({
  title: 'sg2iter conform, running',
  style: STYLE,
  script: SCRIPT,
  isLive: true,
  body: `<main>
<h1>sg2iter conform</h1>
<p role="status" id="state">connecting</p>
<p id="phase">waiting</p>
<progress id="done" max="1" value="0" aria-label="of this phase"></progress>
<ul class="figures"><li><b id="rate">0</b> a second</li><li><b id="seconds">0</b> s</li><li>seed <b id="seed"></b></li><li><b id="passed">0</b> passed</li><li><b id="failed">0</b> failed</li></ul>
<h2>Findings</h2>
<div aria-live="polite"><p id="count">None so far.</p><ol id="findings"></ol></div>
<h2>What was drawn</h2>
<ul id="axes"></ul>
</main>`,
});
