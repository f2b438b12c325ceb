/**
 * An explanation as one HTML file: both sides over their memory, to be stepped through.
 *
 * Everything is in the file as text, so it can be read without scripts too; the script moves a mark over
 * it. A row of the walk is what both sides do alike, or what one of them does.
 * @module
 */
import { describeLayout } from '../case/layout.ts';
import { describeCase } from '../judge/judge.ts';
import { htmlDocument, jsonScript } from '../page/document.ts';
import { escapeHtml } from '../page/escape.ts';
import type { Divergence, SideTrace } from './divergence.ts';
import type { Explanation } from './explain.ts';
import type { Frame } from './frames.ts';
import { memoryHtml } from './page-memory.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';
import { rowsOf, stepText } from './rows.ts';
import type { Step, Touch } from './step.ts';
import { divergenceText, resultsOf, shownSides } from './text.ts';

/** Steps of a side that the page has room for. */
const MOST_STEPS = 3000;

/** A link above the walk, to a page in the same folder. */
interface Link {
  readonly text: string;
  readonly href: string;
}

/** What the memory of a side is handed over as. */
const HANDED: Readonly<Record<string, string>> = {
  legacy: 'scatterlist',
  converted: 'iov_iter over bio_vec',
  lib: 'library calls',
};

/** The page. @param side the side beside the first; null for the one that is wrong, or else the second. */
export function explainHtml(
  e: Explanation,
  side: string | null,
  links: readonly Link[] = [],
): string {
  const { trial, divergence } = e;
  const sides = shownSides(e, side);
  const walk = walkOf(sides);
  const title = `${describeCase(trial.c)}, step by step`;
  const panels = sides.map((shown, i) => panelHtml(shown, i, divergence));
  const wrongSide = divergence?.side == null ? -1 : sides.indexOf(divergence.side);
  const row = walk.findIndex((steps) => wrongSide >= 0 && steps[wrongSide] === divergence?.step);
  const marks = { divergence: row, wrong: divergence?.at ?? -1, side: wrongSide };
  return htmlDocument({
    title,
    style: PAGE_STYLE,
    body: `<main>
${linksHtml(links)}<h1>${escapeHtml(title)}</h1>
<p class="dim mono">${escapeHtml(describeLayout(trial.c.layout))}</p>
${verdictHtml(e)}
${controlsHtml(walk.length, row)}
<div class="sides">
${panels.join('\n')}
</div>
${LEGEND}
</main>
${jsonScript('walk', { rows: walk, ...marks })}`,
    script: PAGE_SCRIPT,
  });
}

function linksHtml(links: readonly Link[]): string {
  if (links.length === 0) return '';
  const items = links.map(
    ({ text, href }) => `<a href="${escapeHtml(href)}">${escapeHtml(text)}</a>`,
  );
  return `<nav class="links" aria-label="gallery">${items.join(' ')}</nav>\n`;
}

/** Rows of the walk: the step of each side, -1 where it makes none. */
function walkOf(sides: readonly SideTrace[]): number[][] {
  const walk: number[][] = [];
  const cut = sides.map((side) => ({ ...side, steps: side.steps.slice(0, MOST_STEPS) }));
  const shown = (step: Step): boolean => step.phase !== 'setup' && step.phase !== 'end';
  let before: readonly number[] = [-1, -1];
  for (const { left, right } of rowsOf(cut, shown)) {
    const steps = [left, right].map((line) => (line === null || line.isCall ? -1 : line.step));
    const fresh = steps.map((step, i) => (step === before[i] ? -1 : step));
    if (fresh.every((step) => step < 0)) continue;
    walk.push(fresh.slice(0, Math.max(sides.length, 1)));
    before = before.map((step, i) => (fresh[i] < 0 ? step : fresh[i]));
  }
  return walk;
}

function verdictHtml({ trial, violations, divergence }: Explanation): string {
  const results = resultsOf(trial).map(
    ({ who, result }) => `<li><b>${escapeHtml(who)}</b> ${escapeHtml(result)}</li>`,
  );
  const found = violations.map(
    ({ check, subject, detail }) =>
      `<li class="bad"><b>${check}</b> ${escapeHtml(subject)}: ${escapeHtml(detail.split('\n')[0])}</li>`,
  );
  const verdict =
    divergence === null
      ? '<p class="good">No divergence: nothing of it is wrong.</p>'
      : `<p class="bad" id="verdict">${divergenceText(divergence).map(escapeHtml).join('<br>')}</p>`;
  return `<ul class="results">${results.join('')}${found.join('')}</ul>${verdict}`;
}

function controlsHtml(rows: number, divergence: number): string {
  const jump =
    divergence < 0
      ? ''
      : '<button type="button" id="jump" class="bad">first divergence <kbd>d</kbd></button>';
  return `<div class="controls" role="group" aria-label="the walk">
<button type="button" id="first">first <kbd>Home</kbd></button>
<button type="button" id="back">back <kbd>←</kbd></button>
<button type="button" id="play" aria-pressed="false">play <kbd>space</kbd></button>
<button type="button" id="step">step <kbd>→</kbd></button>
<button type="button" id="last">last <kbd>End</kbd></button>
${jump}
<label>row <input type="range" id="row" min="0" max="${Math.max(rows - 1, 0)}" value="0"></label>
<output id="count" for="row"></output>
</div>`;
}

function panelHtml(side: SideTrace, index: number, divergence: Divergence | null): string {
  const { name, steps } = side;
  const first = divergence?.side === side ? divergence.step : -1;
  const items = steps.slice(0, MOST_STEPS).map((step, i) => stepHtml(step, i, index, i === first));
  const more = steps.length - items.length + side.dropped;
  return `<section class="side" data-side="${index}" aria-label="${escapeHtml(name)}">
<h2>${escapeHtml(name)} <small class="dim">${HANDED[name] ?? ''}, ${steps.length} steps</small></h2>
<p class="now" aria-live="polite"></p>
<div class="memory">${memoryHtml(side)}${chipsHtml(side)}</div>
<ol class="log" tabindex="0" aria-label="steps of ${escapeHtml(name)}">${items.join('\n')}</ol>
${more > 0 ? `<p class="dim">${more} more steps are not in this page.</p>` : ''}
</section>`;
}

function stepHtml(step: Step, i: number, side: number, isFirst: boolean): string {
  const { api } = step.stack;
  const frame = api.at(-1);
  const caller = api.findLast(({ symbol }) => symbol !== null);
  const data = [touchData('r', step.read), touchData('w', step.write)].join('');
  const where = frame === undefined ? '' : `<br><span class="where">${frameHtml(frame)}</span>`;
  const models =
    caller === undefined || caller === frame
      ? ''
      : `<br><span class="where">in ${frameHtml(caller)}</span>`;
  const hex = Buffer.from(step.bytes).toString('hex');
  const bytes =
    hex === ''
      ? ''
      : `<br><span class="where mono">${hex.slice(0, 64)}${hex.length > 64 ? '...' : ''}</span>`;
  const mark = isFirst ? ' <strong class="bad">first divergence</strong>' : '';
  return `<li id="s${side}-${i}" class="${step.phase}"${data}><code>${stepText(step).map(escapeHtml).join('<br>')}</code>${mark}${where}${models}${bytes}</li>`;
}

/** Where a step touches the case, for the strips, or something else, for the chips. */
function touchData(name: 'r' | 'w', touch: Touch | null): string {
  if (touch === null) return '';
  if (touch.roles !== '') return ` data-${name}="${touch.at},${touch.len}"`;
  return ` data-${name === 'r' ? 'from' : 'to'}="${escapeHtml(ownerOf(touch))}"`;
}

/** Name of memory outside the case, without the range. */
function ownerOf({ name }: Touch): string {
  return name.replace(/\+\d+(\.\.\d+)?$/, '');
}

/** What a side touches outside the memory of the case. */
function chipsHtml({ steps }: SideTrace): string {
  const touches = steps
    .flatMap(({ phase, read, write }) => (phase === 'operation' ? [read, write] : []))
    .filter((touch) => touch !== null && touch.roles === '');
  const names = new Set(touches.flatMap((touch) => (touch === null ? [] : [ownerOf(touch)])));
  const items = [...names].map((name) => `<li>${escapeHtml(name)}</li>`).join('');
  return items === '' ? '' : `<ul class="chips" aria-label="other memory">${items}</ul>`;
}

function frameHtml({ fn, file, line, symbol, origin }: Frame): string {
  const see = origin === null ? '' : `, see ${escapeHtml(origin)}`;
  const kernel = symbol === null ? '' : `, models <b>${escapeHtml(symbol)}</b>`;
  return `<code>${escapeHtml(fn)}</code> ${escapeHtml(`${file}:${line}`)}${kernel}${see}`;
}

const LEGEND = `<h2>What is drawn</h2>
<p class="legend"><span class="piece AD">AD</span> associated data, dotted <span class="piece text">text</span> plain <span class="piece tag">tag</span> striped <span class="gap">n</span> red zone, hatched: n bytes that nobody may touch</p>
<p class="legend"><span class="sample reads">read</span> a dashed bar above the bytes that the step reads <span class="sample writes">write</span> a solid bar below those that it writes <span class="sample wrong">x</span> the first wrong byte. Bytes that were written before have an underline.</p>
<p class="dim">Widths grow with the square root of a length. Addresses are those of the simulated machine.</p>`;
