/** The table of files: every row carries its sort keys, and its details open in place. */

import { escapeHtml } from '../../page/escape.ts';
import type { Census, CensusFile, CensusHazard } from '../census.ts';
import { touchingFiles, waveNumbers } from '../groups.ts';
import { hoursRange, formatNumber as n } from './table.ts';

/** The filters and the table. */
export function renderFileTable(census: Census, sourceUrl: string): string {
  const files = touchingFiles(census).sort((a, b) => b.hours - a.hours);
  const hazards = new Map<string, CensusHazard[]>();
  for (const h of census.hazards) hazards.set(h.path, [...(hazards.get(h.path) ?? []), h]);
  const distinct = (of: (f: CensusFile) => string): string[] => [...new Set(files.map(of))].sort();
  return `<div class="bar">
<input type="search" id="q" placeholder="path, hazard or maintainer" aria-label="search files">
${choice(
  'role',
  distinct((f) => f.role),
)}
${choice(
  'handling',
  distinct((f) => f.handling),
)}
${choice(
  'mode',
  distinct((f) => f.mode),
)}
${choice('wave', waveNumbers().map(String))}
<span class="dim" id="shown">${files.length} files</span>
</div>
<table class="files"><thead><tr>${[
    head('path', 'file', ''),
    head('role', 'role', 'opt'),
    head('handling', 'handling', 'opt'),
    head('mode', 'mode', 'opt'),
    head('wave', 'wave', 'n'),
    head('sites', 'sites', 'n'),
    head('hours', 'hours', 'n', 'descending'),
  ].join('')}</tr></thead><tbody id="rows">
${files.map((f) => row(f, hazards.get(f.path) ?? [], sourceUrl)).join('\n')}
</tbody></table>
<p class="empty" id="empty" hidden>No file fits these filters.</p>`;
}

function choice(name: string, values: readonly string[]): string {
  const options = values.map((v) => `<option>${escapeHtml(v)}</option>`).join('');
  return `<select id="f-${name}" aria-label="${name}"><option value="">any ${name}</option>${options}</select>`;
}

function head(key: string, label: string, kind: string, sorted = 'none'): string {
  return `<th class="${kind}" aria-sort="${sorted}"><button type="button" data-key="${key}">${label}</button></th>`;
}

function row(file: CensusFile, hazards: readonly CensusHazard[], sourceUrl: string): string {
  const search = [file.path, ...file.flags, ...file.maintainers].join(' ').toLowerCase();
  const keys = {
    path: file.path,
    role: file.role,
    handling: file.handling,
    mode: file.mode,
    wave: String(file.wave ?? ''),
    sites: String(file.sites),
    hours: String(file.hours),
    search,
  };
  const data = Object.entries(keys).map(([key, value]) => `data-${key}="${escapeHtml(value)}"`);
  return `<tr id="${escapeHtml(file.path)}" ${data.join(' ')}><td><details><summary class="path">${escapeHtml(file.path)}</summary>${details(file, hazards, sourceUrl)}</details></td><td class="opt">${file.role}</td><td class="opt">${file.handling}</td><td class="opt">${file.mode}</td><td class="n">${file.wave ?? ''}</td><td class="n">${n(file.sites)}</td><td class="n">${hoursRange(file.hours)}</td></tr>`;
}

function details(file: CensusFile, hazards: readonly CensusHazard[], sourceUrl: string): string {
  const link = (line: number, text: string): string =>
    `<a href="${escapeHtml(`${sourceUrl}${file.path}#L${line}`)}">${escapeHtml(text)}</a>`;
  const terms = Object.entries(file.hoursTerms).map(([term, hours]) => `${hours} ${term}`);
  const groups = Object.entries(file.groups).map(([group, count]) => `${group} ${count}`);
  const evidence = file.asyncEvidence.slice(0, 6).map((e) => {
    const what = [e.kind, e.text, `${e.path ?? ''}:${e.line}`].filter(Boolean).join(' ');
    return e.path === undefined ? link(e.line, what) : escapeHtml(what);
  });
  const items: (readonly [string, string])[] = [
    ['source', link(1, 'open')],
    ['what', `${file.role}, ${file.handling}, ${file.mode}`],
    ['sites', escapeHtml(groups.join(', '))],
    ['hours', escapeHtml(`${terms.join(' + ')} = ${file.hours}`)],
    ['waits for', escapeHtml(file.blockedBy.join(', '))],
    ['because', evidence.join(', ')],
    ['hazards', hazardList(hazards, link)],
    [
      'patches',
      Object.entries(file.patches)
        .map(([id, count]) => `${id} x${count}`)
        .join(', '),
    ],
    ['who must ack', escapeHtml(file.maintainers.join('; '))],
  ];
  const shown = items.filter(([, text]) => text !== '');
  return `<dl>${shown.map(([name, text]) => `<dt>${name}</dt><dd>${text}</dd>`).join('')}</dl>`;
}

/** Hazards by flag, each with the lines where it stands. */
function hazardList(
  hazards: readonly CensusHazard[],
  link: (line: number, text: string) => string,
): string {
  const byFlag = new Map<string, number[]>();
  for (const h of hazards) byFlag.set(h.flag, [...(byFlag.get(h.flag) ?? []), h.line]);
  return [...byFlag]
    .map(([flag, lines]) => `${flag} ${lines.map((l) => link(l, String(l))).join(' ')}`)
    .join('<br>');
}
