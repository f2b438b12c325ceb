/**
 * The script of the walk: moves over rows that are already in the page. Plain browser JavaScript, without
 * modules, storage or network.
 * @module
 */

export const PAGE_SCRIPT = `
'use strict';
const byId = (id) => document.getElementById(id);
const { rows, divergence, wrong, side: wrongSide } = JSON.parse(byId('walk').textContent);
const sides = [...document.querySelectorAll('.side')].map((root) => ({
  root,
  now: root.querySelector('.now'),
  pieces: [...root.querySelectorAll('.memory .piece')].map((element) => ({
    element, at: Number(element.dataset.at), len: Number(element.dataset.len),
  })),
}));
const EVERY_MS = 700;
let row = 0;
let timer = 0;
const range = (item, name) => (item.dataset[name] || '').split(',').map(Number);
function bar(piece, kind, at, len) {
  const from = Math.max(at, piece.at);
  const to = Math.min(at + len, piece.at + piece.len);
  if (from >= to) return false;
  const mark = document.createElement('i');
  mark.className = kind;
  mark.style.left = (100 * (from - piece.at)) / piece.len + '%';
  if (kind !== 'wrong') mark.style.width = (100 * (to - from)) / piece.len + '%';
  mark.dataset.at = from;
  mark.dataset.len = to - from;
  piece.element.append(mark);
  return true;
}
function show(side, index) {
  const { root, now, pieces } = sides[index];
  const step = rows[row][index];
  let last = -1;
  const written = [];
  for (let i = 0; i <= row; i++) {
    const at = rows[i][index];
    if (at < 0) continue;
    last = at;
    const item = byId('s' + index + '-' + at);
    if (i < row && item.dataset.w) written.push(range(item, 'w'));
  }
  for (const old of root.querySelectorAll('.memory i')) old.remove();
  for (const old of root.querySelectorAll('.piece.hit')) old.classList.remove('hit');
  for (const old of root.querySelectorAll('[aria-current]')) old.removeAttribute('aria-current');
  const item = last < 0 ? null : byId('s' + index + '-' + last);
  for (const piece of pieces) {
    for (const [at, len] of written) bar(piece, 'done', at, len);
    if (step >= 0 && item.dataset.r) {
      const [at, len] = range(item, 'r');
      if (bar(piece, 'reads', at, len)) piece.element.classList.add('hit');
    }
    if (step >= 0 && item.dataset.w) {
      const [at, len] = range(item, 'w');
      if (bar(piece, 'writes', at, len)) piece.element.classList.add('hit');
    }
    if (index === wrongSide && divergence >= 0 && row >= divergence && wrong >= 0)
      bar(piece, 'wrong', wrong, 1);
  }
  for (const chip of root.querySelectorAll('.chips li')) {
    chip.className = '';
    if (step < 0) continue;
    if (item.dataset.from === chip.textContent) chip.classList.add('reads');
    if (item.dataset.to === chip.textContent) chip.classList.add('writes');
  }
  now.classList.toggle('rest', step < 0);
  if (item === null) { now.textContent = 'nothing yet'; return; }
  now.innerHTML = (step < 0 ? 'rests after ' : '') + 'step ' + (last + 1) + ': ' + item.innerHTML;
  item.setAttribute('aria-current', 'step');
  const log = item.parentElement;
  log.scrollTop = item.offsetTop - log.offsetTop - log.clientHeight / 3;
}
function go(to) {
  if (rows.length === 0) return;
  row = Math.min(Math.max(to, 0), rows.length - 1);
  sides.forEach(show);
  byId('row').value = row;
  byId('count').textContent = row + 1 + ' of ' + rows.length;
  byId('back').disabled = row === 0;
  byId('step').disabled = row === rows.length - 1;
  history.replaceState(null, '', '#' + (row + 1));
}
function play(on) {
  clearInterval(timer);
  timer = on ? setInterval(() => { if (row === rows.length - 1) play(false); else go(row + 1); }, EVERY_MS) : 0;
  byId('play').setAttribute('aria-pressed', String(on));
}
const actions = {
  first: () => go(0),
  back: () => go(row - 1),
  step: () => go(row + 1),
  last: () => go(rows.length - 1),
  jump: () => { if (divergence >= 0) go(divergence); },
};
for (const [id, action] of Object.entries(actions)) {
  const button = byId(id);
  if (button !== null) button.addEventListener('click', () => { play(false); action(); });
}
byId('play').addEventListener('click', () => play(timer === 0));
byId('row').addEventListener('input', (e) => { play(false); go(Number(e.target.value)); });
const KEYS = { ArrowRight: 'step', ArrowLeft: 'back', Home: 'first', End: 'last', d: 'jump' };
addEventListener('keydown', (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.tagName === 'INPUT') return;
  if (e.key === ' ' && e.target.tagName !== 'BUTTON') { e.preventDefault(); play(timer === 0); return; }
  const action = actions[KEYS[e.key]];
  if (action === undefined) return;
  e.preventDefault();
  play(false);
  action();
});
go(Number(location.hash.slice(1)) - 1 || 0);
`;
