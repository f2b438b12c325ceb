/** `--explain file[:line]`: evidence, class, mapping and terms of one place. */

import { ruleOf } from '../../judge/review-rules.ts';
import { UsageError } from '../../terminal/exit.ts';
import type { Census, CensusFile, Evidence } from '../census.ts';
import { HAZARDS } from '../data/hazards.ts';
import { hoursRange } from '../groups.ts';
import { mappingRow } from '../mapping.ts';
import { renderTable } from './table.ts';

/** A place: a path relative to the tree, and a line or null. */
export interface PlaceOf {
  readonly path: string;
  readonly line: number | null;
}

/** Reads `file` or `file:line`. @throws UsageError when the line is no number. */
export function parsePlace(text: string): PlaceOf {
  const colon = text.indexOf(':');
  if (colon === -1) return { path: text, line: null };
  const line = text.slice(colon + 1);
  if (!/^\d+$/.test(line)) throw new UsageError(`--explain ${text}: line '${line}' is no number`);
  return { path: text.slice(0, colon), line: Number(line) };
}

/** Explains one place. Fails when the file is not in the report or nothing stands there. */
export function renderExplanation(census: Census, place: PlaceOf): string {
  const file = census.files.find((f) => f.path === place.path);
  if (file === undefined)
    throw new UsageError(`--explain ${place.path}: not in the scope of the survey`);
  const blocks = [fileBlock(file), termsBlock(file), evidenceBlock(file.asyncEvidence)];
  blocks.push(algorithmBlock(census, file), siteBlock(census, place), hazardBlock(census, place));
  const text = blocks.filter((b) => b !== '').join('\n\n');
  if (place.line !== null && !hasPlace(census, place))
    throw new UsageError(`--explain ${place.path}:${place.line}: no site and no hazard there`);
  return `${text}\n`;
}

function hasPlace(census: Census, place: PlaceOf): boolean {
  return [...census.sites, ...census.hazards].some((x) => isAt(x, place));
}

function isAt(x: { path: string; line: number }, place: PlaceOf): boolean {
  return x.path === place.path && (place.line === null || x.line === place.line);
}

function fileBlock(file: CensusFile): string {
  const e = file.evidence;
  return [
    `${file.path} (${file.lines} lines): ${file.role}, ${file.handling}, ${file.mode}` +
      (file.wave === null ? '' : `, wave ${file.wave}`),
    `  waits for: ${file.blockedBy.join(', ') || 'nothing'}`,
    `  who must ack: ${file.maintainers.join('; ') || 'nobody named'}`,
    `  evidence: ${file.sites} sites in ${e.functions} functions, ${e.types} type uses,` +
      ` ${e.requestMembers} request members, ${e.typeMembers} list members,` +
      ` ${e.entryReads} entry reads, ${e.entryWrites} entry writes,` +
      ` ${e.identity}+${e.reversed} identity comparisons, ${file.parseErrors} parse errors`,
  ].join('\n');
}

function termsBlock(file: CensusFile): string {
  const rows = Object.entries(file.hoursTerms).map(([term, hours]) => [
    `  ${term}`,
    hours.toFixed(2),
  ]);
  const total = [`  = ${file.class}, ${hoursRange(file.hours)} h`, file.hours.toFixed(2)];
  return renderTable(['Hours', ''], [...rows, total]);
}

function evidenceBlock(evidence: readonly Evidence[]): string {
  if (evidence.length === 0) return '';
  const rows = evidence.map((e) => [
    `  ${e.kind}`,
    e.text ?? '',
    `${e.path ?? ''}:${e.line}`,
    e.fn,
  ]);
  return renderTable(['How it completes or waits', '', '', ''], rows);
}

function algorithmBlock(census: Census, file: CensusFile): string {
  const algs = census.algs.filter((a) => a.path === file.path);
  if (algs.length === 0) return '';
  const rows = algs.map((a) => [
    `  ${a.driver || a.name}`,
    a.type,
    a.mode,
    a.evidence.map((e) => `${e.kind} ${e.path ?? ''}:${e.line}`).join(', ') || '-',
  ]);
  return renderTable(['Algorithms', 'type', 'mode', 'because'], rows);
}

function siteBlock(census: Census, place: PlaceOf): string {
  const sites = census.sites.filter((s) => isAt(s, place));
  if (sites.length === 0) return '';
  const rows = sites.map((s) => [
    `  ${s.line}`,
    s.fn,
    `${s.name}(${s.args.join(', ')})`.slice(0, 72),
    s.mapping,
    s.mechanical,
    s.confidence,
  ]);
  const table = renderTable(['Sites', 'function', 'call', 'mapping', 'mechanical', 'sure'], rows);
  const keys = new Set(sites.map((s) => s.name));
  const becomes = new Map(
    [...keys].map((name) => [mappingRow(name).key, mappingRow(name).converted]),
  );
  return `${table}\n${[...becomes].map(([key, text]) => `  ${key}: ${text}`).join('\n')}`;
}

function hazardBlock(census: Census, place: PlaceOf): string {
  const found = census.hazards.filter((h) => isAt(h, place));
  if (found.length === 0) return '';
  const lines = found.map((h) => {
    const rule = HAZARDS.find((r) => r.flag === h.flag);
    const review = rule?.review === undefined ? null : ruleOf(rule.review);
    const said =
      review === null ? '' : `\n      reviewers: ${review.says} (${review.sources.join(', ')})`;
    return `  ${h.line} ${rule?.id ?? ''} ${h.flag} (${h.confidence}): ${rule?.text ?? ''}\n      ${h.what}${said}`;
  });
  return `Hazards\n${lines.join('\n')}`;
}
