/** The report as one self-contained HTML file: treemap, table with filters, waves, burn-down. */

import { escapeHtml } from '../../page/escape.ts';
import { WAVES } from '../assess/wave.ts';
import type { Census } from '../census.ts';
import type { BurnDownRow } from '../compare/burn-down.ts';
import { HAZARDS } from '../data/hazards.ts';
import { filesOfWave, sumBy, sumOf, touchingFiles, waveNumbers } from '../groups.ts';
import { renderBurnDownChart } from './html-burn-down.ts';
import { renderFileTable } from './html-files.ts';
import { SCRIPT } from './html-script.ts';
import { HANDLING_COLOURS, MODE_COLOURS, STYLE } from './html-style.ts';
import { renderTreemap } from './html-treemap.ts';
import { hoursRange, formatNumber as n } from './table.ts';

/** Options of the page. */
export interface HtmlOptions {
  /** Prefix of links to source lines; `<prefix><path>#L<line>`. */
  readonly sourceUrl: string;
  /** Rows of the burn-down, oldest first; fewer than two draw no chart. */
  readonly history: readonly BurnDownRow[];
}

/** The whole page. */
export function renderHtml(census: Census, options: HtmlOptions): string {
  const title = `Scatterlists in the crypto API of Linux ${census.tree.version}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p class="dim">What has to be converted to iov_iter and bio_vec, and in which order. Tree <code>${census.tree.fileHash}</code>.</p>
${cards(census)}
${claims(census)}
<h2>Where the work is</h2>
${treemapSection(census)}
<h2>Order</h2>
${waves(census)}
${renderBurnDownChart(options.history)}
<h2>Hazards</h2>
${hazards(census, options.sourceUrl)}
<h2>Files</h2>
${renderFileTable(census, options.sourceUrl)}
<h2>What the survey cannot see</h2>
<ul>${census.limits.map((l) => `<li>${escapeHtml(l)}</li>`).join('')}</ul>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function card(value: string, what: string): string {
  return `<div class="card"><b>${value}</b><span>${what}</span></div>`;
}

function cards({ totals }: Census): string {
  return `<div class="cards">${[
    card(n(totals.files), `of ${n(totals.inScope)} files touch lists`),
    card(n(totals.functions), 'functions'),
    card(n(totals.sites), 'call sites'),
    card(n(totals.hours), `hours (${hoursRange(totals.hours)})`),
    card(
      n(totals.asyncFlagged + totals.asyncByEvidence),
      `of ${n(totals.listAlgorithms)} algorithms async`,
    ),
    card(n(totals.assemblyHits), `lists in ${n(totals.assemblyFiles)} assembly files`),
  ].join('')}</div>`;
}

function claims(census: Census): string {
  const { totals } = census;
  const files = touchingFiles(census);
  const drivers = sumOf(
    sumBy(files, (f) => f.role),
    'hw-driver',
  );
  const callers = files.filter((f) => f.role === 'consumer');
  const pipelined = callers.filter((f) => f.mode === 'pipelined').length;
  const share = Math.round((100 * drivers.hours) / Math.max(totals.hours, 1));
  return `<div class="claims">
<div class="claim"><q>Lots of places in the crypto subsystem need the changes, and not all of it in C.</q>
<p>Lots of places: yes. Not in C: no line of assembly names a scatterlist or a walker${
    totals.assemblyHits === 0 ? '' : ` except ${totals.assemblyHits}`
  }; assembly gets a pointer and a length from glue in C.</p></div>
<div class="claim"><q>The async part is actually not that much.</q>
<p>True of callers: ${pipelined} of ${callers.length} go on while a request is in flight. Not of providers: drivers are ${n(drivers.files)} files and ${share} % of the hours.</p></div>
</div>`;
}

function legend(name: string, colours: Readonly<Record<string, string>>, hidden: boolean): string {
  const items = Object.entries(colours).map(
    ([key, colour]) => `<span><i style="--c:${colour}"></i>${key}</span>`,
  );
  return `<div class="legend" data-legend="${name}"${hidden ? ' hidden' : ''}>${items.join('')}</div>`;
}

function treemapSection(census: Census): string {
  return `<div class="bar">
<label>Area <select id="area"><option value="hours">hours</option><option value="sites">sites</option></select></label>
<label>Colour <select id="colour"><option value="handling">what it does with lists</option><option value="mode">sync or async</option></select></label>
</div>
<div class="map" id="map" data-area="hours" data-colour="handling">${renderTreemap(census)}</div>
${legend('handling', HANDLING_COLOURS, false)}
${legend('mode', MODE_COLOURS, true)}
<p class="dim">One rectangle per file, grouped by role. Select one to see its row below.</p>`;
}

function waves(census: Census): string {
  const sums = waveNumbers().map((wave) => {
    const files = filesOfWave(census, wave);
    return {
      wave,
      files,
      sites: files.reduce((s, f) => s + f.sites, 0),
      hours: files.reduce((s, f) => s + f.hours, 0),
    };
  });
  const most = Math.max(...sums.map((s) => s.hours), 1);
  const rows = sums.map(({ wave, files, sites, hours }) => {
    const blockers = [...new Set(files.flatMap((f) => f.blockedBy))].sort().join(', ');
    return `<tr><td class="n">${wave}</td><td>${escapeHtml(WAVES[wave])}<br><span class="dim">${
      blockers === '' ? 'waits for nothing' : `waits for ${escapeHtml(blockers)}`
    }</span><div class="wavebar" style="width:${((100 * hours) / most).toFixed(1)}%"></div></td><td class="n">${files.length}</td><td class="n">${n(sites)}</td><td class="n">${n(Math.round(hours))}</td></tr>`;
  });
  return `<table><thead><tr><th class="n">wave</th><th>what</th><th class="n">files</th><th class="n">sites</th><th class="n">hours</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

/** One row per kind, which opens to the lines where it stands. */
function hazards(census: Census, sourceUrl: string): string {
  const rows = HAZARDS.flatMap((rule) => {
    const found = census.hazards.filter((h) => h.flag === rule.flag);
    if (found.length === 0) return [];
    const files = new Set(found.map((h) => h.path)).size;
    const lines = found.map((h) => {
      const url = escapeHtml(`${sourceUrl}${h.path}#L${h.line}`);
      const place = escapeHtml(`${h.path}:${h.line}`);
      return `<li><a href="${url}">${place}</a> <span class="dim">${escapeHtml(h.what)}</span></li>`;
    });
    const what = `<code>${rule.flag}</code><br><span class="dim">${escapeHtml(rule.text)}</span>`;
    return `<tr><td class="opt"><code>${rule.id}</code></td><td><details><summary>${what}</summary><ul class="places">${lines.join('')}</ul></details></td><td class="n">${found.length}</td><td class="n">${files}</td></tr>`;
  });
  return `<table class="hazards"><thead><tr><th class="opt">rule</th><th>what goes wrong</th><th class="n">places</th><th class="n">files</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}
