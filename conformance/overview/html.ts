/**
 * A report as one HTML file.
 *
 * Curves are drawn by Observable Plot, which the page carries only where it has any; everything else is
 * tables with shades and bars in them. Every figure of a chart stands in a table too, so nothing needs a
 * script or an eye to be read.
 * @module
 */
import { htmlDocument } from '../page/document.ts';
import { escapeHtml } from '../page/escape.ts';
import { chartScript, treemapScript } from './charts.ts';
import { listingHtml } from './html-listing.ts';
import { REPORT_SCRIPT, REPORT_STYLE } from './html-style.ts';
import { TREEMAP_STYLE, treemapHtml } from './html-treemap.ts';
import {
  type Bars,
  type Block,
  type Cell,
  type Curves,
  grouped,
  type Matrix,
  type Prose,
  type Section,
  type Trend,
  type Verbatim,
} from './model.ts';

/** Rows from which on a matrix can be filtered. */
const FILTERED = 20;
/** Characters from which on a fact has a line of its own. */
const LONG = 40;
/** Steps of shading. */
const SHADES = 6;
const NUMERIC = /^[\d,.-]*$/;

/** The page. @param title text over all of it */
export function reportHtml(sections: readonly Section[], title: string): string {
  const links = sections.map(
    (section, i) => `<li><a href="#s${i}">${escapeHtml(section.title)}</a></li>`,
  );
  const nav = `<nav aria-label="results"><ul>${links.join('')}</ul></nav>`;
  const kinds = new Set(sections.flatMap(({ blocks }) => blocks.map(({ kind }) => kind)));
  const scripts = [
    REPORT_SCRIPT,
    ...(kinds.has('curves') || kinds.has('trend') ? [chartScript()] : []),
    ...(kinds.has('treemap') ? [treemapScript()] : []),
  ];
  return htmlDocument({
    title,
    style: kinds.has('treemap') ? `${REPORT_STYLE}${TREEMAP_STYLE}` : REPORT_STYLE,
    script: scripts.join('\n'),
    body: `<main>
<h1>${escapeHtml(title)}</h1>
${sections.length > 1 ? nav : ''}
${sections.map(sectionHtml).join('\n')}
</main>`,
  });
}

function sectionHtml({ title, source, facts, blocks }: Section, index: number): string {
  const items = facts.map(
    ({ label, value, tone }) =>
      `<div class="${tone}${value.length > LONG ? ' long' : ''}"><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  return `<section id="s${index}" aria-labelledby="t${index}">
<h2 id="t${index}">${escapeHtml(title)}</h2>
<p class="dim">${escapeHtml(source)}</p>
<dl class="facts">${items.join('')}</dl>
${blocks.map((block) => blockHtml(block, `s${index}-`)).join('\n')}
</section>`;
}

/** @param prefix in front of the anchors of its section */
function blockHtml(block: Block, prefix: string): string {
  switch (block.kind) {
    case 'matrix':
      return matrixHtml(block);
    case 'bars':
      return barsHtml(block);
    case 'curves':
      return curvesHtml(block);
    case 'trend':
      return trendHtml(block);
    case 'verbatim':
      return verbatimHtml(block);
    case 'prose':
      return proseHtml(block);
    case 'listing':
      return titled(block, listingHtml(block, prefix));
    case 'treemap':
      return titled(block, treemapHtml(block, prefix));
  }
}

function titled(
  { title, note }: { readonly title: string; readonly note: string },
  content: string,
): string {
  return content === '' ? '' : `<h3>${escapeHtml(title)}</h3>${noteHtml(note)}${content}`;
}

function proseHtml({ title, items }: Prose): string {
  if (items.length === 0) return '';
  const texts = items.map(({ lead, text }) => {
    const quote = lead === '' ? '' : `<q>${escapeHtml(lead)}</q><br>`;
    return `<li>${quote}${escapeHtml(text)}</li>`;
  });
  return `<h3>${escapeHtml(title)}</h3><ul class="prose">${texts.join('')}</ul>`;
}

function verbatimHtml({ title, tone, lines }: Verbatim): string {
  return `<h3 class="${tone}">${escapeHtml(title)}</h3><pre tabindex="0">${lines.map(escapeHtml).join('\n')}</pre>`;
}

function matrixHtml({ title, note, columns, rows }: Matrix): string {
  if (rows.length === 0) return '';
  const most = Math.max(...rows.flatMap(({ cells }) => cells.map(({ value }) => value ?? 0)));
  const isNumeric = (column: number): boolean =>
    rows.every(({ cells }) => NUMERIC.test(cells[column]?.text ?? ''));
  const titles = columns.map((name, i) => {
    return `<th scope="col"${isNumeric(i) ? ' class="n"' : ''}>${escapeHtml(name)}</th>`;
  });
  const head = columns.length === 0 ? '' : `<thead><tr><td></td>${titles.join('')}</tr></thead>`;
  const body = rows.map(({ label, cells }) => {
    const tag = columns.length === 0 ? 'span' : 'td';
    const all = cells.map((cell) => cellHtml(tag, cell, most)).join('');
    const row = columns.length === 0 ? `<td class="chips">${all}</td>` : all;
    return `<tr><th scope="row">${escapeHtml(label)}</th>${row}</tr>`;
  });
  const filter =
    rows.length < FILTERED
      ? ''
      : `<label class="filter">only rows with <input type="search"></label>`;
  return `<h3>${escapeHtml(title)}</h3>${noteHtml(note)}${filter}<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(title)}"><table class="matrix">${head}<tbody>${body.join('\n')}</tbody></table></div>`;
}

function cellHtml(tag: 'td' | 'span', { text, value, tone }: Cell, most: number): string {
  const shade =
    value === null || value <= 0 ? 0 : Math.ceil((SHADES * Math.log1p(value)) / Math.log1p(most));
  const names = [
    ...(tone === 'plain' ? [] : [tone]),
    ...(shade === 0 ? [] : [`h${shade}`]),
    ...(text !== '' && NUMERIC.test(text) ? ['n'] : []),
  ];
  const classes = names.length === 0 ? '' : ` class="${names.join(' ')}"`;
  return `<${tag}${classes}>${escapeHtml(text)}</${tag}>`;
}

function barsHtml({ title, note, log, mark, items }: Bars): string {
  if (items.length === 0) return '';
  const ends = items.flatMap(({ value, low, high }) => [low ?? value, high ?? value]);
  const positive = ends.filter((value) => value > 0);
  const least = log ? Math.min(...positive, mark ?? Number.POSITIVE_INFINITY) / 1.5 : 0;
  const most = Math.max(...ends, mark ?? 0) || 1;
  const place = (value: number): number => {
    if (!log) return (100 * value) / most;
    if (value <= least) return 0;
    return (100 * Math.log(value / least)) / Math.log(most / least);
  };
  const line = mark === null ? '' : `<s style="left:${place(mark).toFixed(2)}%"></s>`;
  const rows = items.map(({ label, value, low, high, text }) => {
    const from = place(low ?? value);
    const spread =
      low === null || high === null
        ? ''
        : `<u style="left:${from.toFixed(2)}%;width:${(place(high) - from).toFixed(2)}%"></u>`;
    return `<tr><th scope="row">${escapeHtml(label)}</th><td class="n">${escapeHtml(text)}</td><td class="track" aria-hidden="true"><div><b style="width:${place(value).toFixed(2)}%"></b>${spread}${line}</div></td></tr>`;
  });
  return `<h3>${escapeHtml(title)}</h3>${noteHtml(note)}<table class="bars"><tbody>${rows.join('\n')}</tbody></table>`;
}

/** A trend is one curve over the number of the result. */
function trendHtml({ title, points }: Trend): string {
  const curve = points.map(({ value }, i) => ({ x: i + 1, y: value, low: null, high: null }));
  const chart: Curves = {
    ...{ kind: 'curves', title, note: '', x: 'result', y: title, log: false },
    series: [{ label: title, points: curve }],
  };
  const rows = points.map(
    ({ label, value }) =>
      `<tr><th scope="row">${escapeHtml(label)}</th><td class="n">${grouped(value)}</td></tr>`,
  );
  return `<h3>${escapeHtml(title)}</h3><div class="trend">${chartHtml(chart)}<table><tbody>${rows.join('')}</tbody></table></div>`;
}

/** The chart, and its figures in a table: a row for each place, a column for each curve. */
function curvesHtml(curves: Curves): string {
  const { title, note, x, y, series } = curves;
  const places = [...new Set(series.flatMap(({ points }) => points.map((point) => point.x)))];
  const matrix: Matrix = {
    ...{ kind: 'matrix', title: `${title}, in figures`, note: `${y}, by ${x}` },
    columns: series.map(({ label }) => label),
    rows: places
      .sort((a, b) => a - b)
      .map((place) => ({
        label: grouped(place),
        cells: series.map(({ points }) => {
          const value = points.find((point) => point.x === place)?.y;
          return { text: value === undefined ? '-' : grouped(value), value: null, tone: 'plain' };
        }),
      })),
  };
  return `<h3>${escapeHtml(title)}</h3>${noteHtml(note)}${chartHtml(curves)}<details><summary>in figures</summary>${matrixHtml(matrix)}</details>`;
}

function chartHtml(curves: Curves): string {
  const label = `${curves.title}: ${curves.y} by ${curves.x}`;
  return `<div class="chart" role="img" aria-label="${escapeHtml(label)}"><div aria-hidden="true" data-chart="${escapeHtml(JSON.stringify(curves))}"></div></div>`;
}

function noteHtml(note: string): string {
  return note === '' ? '' : `<p class="dim">${escapeHtml(note)}</p>`;
}
