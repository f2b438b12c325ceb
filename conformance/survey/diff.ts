/** Two reports compared: what was converted, what is new, what only moved. */

import { UsageError } from '../terminal/exit.ts';
import { CATALOGUE } from './catalogue.ts';
import type { Census, CensusFile, CensusHazard, CensusSite } from './census.ts';
import { HAZARDS } from './data/hazards.ts';
import { siteId } from './ids.ts';
import { renderTable } from './output/table.ts';

/** Differences of one file. */
interface FileDiff {
  readonly path: string;
  /** Old path of a renamed file. */
  readonly renamedFrom: string | null;
  readonly role: string;
  readonly section: string;
  readonly sitesGone: readonly CensusSite[];
  readonly sitesNew: readonly CensusSite[];
  readonly hazardsGone: readonly CensusHazard[];
  readonly hazardsNew: readonly CensusHazard[];
  /** Sites that are the same on another line. */
  readonly moved: number;
  readonly hoursBefore: number;
  readonly hoursAfter: number;
}

/** All files that differ, sorted by path. */
export interface CensusDiff {
  readonly from: string;
  readonly to: string;
  readonly files: readonly FileDiff[];
}

interface Identified {
  readonly id: string;
  readonly path: string;
  readonly line: number;
  readonly fn: string;
  readonly ordinal: number;
}

/** Compares two reports. Fails when they were made with different catalogues. */
export function diffCensus(from: Census, to: Census): CensusDiff {
  if (from.tool.catalogueHash !== to.tool.catalogueHash)
    throw new UsageError(
      `survey diff: tool.catalogueHash differs (${from.tool.catalogueHash}, ${to.tool.catalogueHash}): survey both trees with one version`,
    );
  const renames = findRenames(from, to);
  const oldFiles = new Map(from.files.map((f) => [renames.get(f.path) ?? f.path, f]));
  const newFiles = new Map(to.files.map((f) => [f.path, f]));
  const sites = pairUp(from.sites, to.sites, renames, (s) => s.name);
  const hazards = pairUp(from.hazards, to.hazards, renames, (h) => h.flag);
  const paths = [...new Set([...oldFiles.keys(), ...newFiles.keys()])].sort();
  const files = paths.flatMap((path): FileDiff[] => {
    const before = oldFiles.get(path);
    const after = newFiles.get(path);
    const site = sites.get(path) ?? EMPTY_PAIRS;
    const hazard = hazards.get(path) ?? EMPTY_PAIRS;
    const diff = fileDiff(path, before, after, site, hazard);
    return isDifferent(diff) ? [diff] : [];
  });
  return { from: nameOf(from), to: nameOf(to), files };
}

function nameOf(census: Census): string {
  return `${census.tree.version} (${census.tree.fileHash})`;
}

/** Files that vanished and appeared with the same content: old path to new path. */
function findRenames(from: Census, to: Census): Map<string, string> {
  const newPaths = new Set(to.files.map((f) => f.path));
  const oldPaths = new Set(from.files.map((f) => f.path));
  const appeared = new Map(
    to.files.filter((f) => !oldPaths.has(f.path)).map((f) => [f.hash, f.path]),
  );
  const renames = new Map<string, string>();
  for (const f of from.files) {
    const target = newPaths.has(f.path) ? undefined : appeared.get(f.hash);
    if (target === undefined) continue;
    renames.set(f.path, target);
    appeared.delete(f.hash);
  }
  return renames;
}

interface Pairs<T> {
  readonly gone: T[];
  readonly added: T[];
  moved: number;
}

const EMPTY_PAIRS: Pairs<never> = { gone: [], added: [], moved: 0 };

function pairUp<T extends Identified>(
  from: readonly T[],
  to: readonly T[],
  renames: ReadonlyMap<string, string>,
  name: (item: T) => string,
): Map<string, Pairs<T>> {
  const byPath = new Map<string, Pairs<T>>();
  const at = (path: string): Pairs<T> => {
    const pairs = byPath.get(path) ?? { gone: [], added: [], moved: 0 };
    byPath.set(path, pairs);
    return pairs;
  };
  const fresh = new Map(to.map((item) => [item.id, item]));
  for (const item of from) {
    const path = renames.get(item.path) ?? item.path;
    const id = path === item.path ? item.id : siteId(path, item.fn, name(item), item.ordinal);
    const twin = fresh.get(id);
    if (twin === undefined) at(path).gone.push(item);
    else if (twin.line !== item.line || twin.path !== item.path) at(path).moved++;
    fresh.delete(id);
  }
  for (const item of fresh.values()) at(item.path).added.push(item);
  return byPath;
}

function fileDiff(
  path: string,
  before: CensusFile | undefined,
  after: CensusFile | undefined,
  sites: Pairs<CensusSite>,
  hazards: Pairs<CensusHazard>,
): FileDiff {
  const file = after ?? before;
  return {
    path,
    renamedFrom: before !== undefined && before.path !== path ? before.path : null,
    role: file?.role ?? '',
    section: file?.maintainers[0] ?? before?.maintainers[0] ?? '(no section)',
    sitesGone: sites.gone,
    sitesNew: sites.added,
    hazardsGone: hazards.gone,
    hazardsNew: hazards.added,
    moved: sites.moved,
    hoursBefore: before?.hours ?? 0,
    hoursAfter: after?.hours ?? 0,
  };
}

function isDifferent(diff: FileDiff): boolean {
  const changes = [diff.sitesGone, diff.sitesNew, diff.hazardsGone, diff.hazardsNew];
  return (
    changes.some((list) => list.length > 0) ||
    diff.moved > 0 ||
    diff.renamedFrom !== null ||
    diff.hoursBefore !== diff.hoursAfter
  );
}

const COUNTED = [...CATALOGUE.values()].filter((n) => n.counted);
const NAMES = new Set(COUNTED.map((n) => n.name));
const GROUPS = new Set(COUNTED.map((n) => n.group));
const FLAGS = new Set(HAZARDS.map((h) => h.flag));

/**
 * Checks what a gate is asked for: a kind that no site and no hazard can have would never ring.
 * @throws UsageError naming the first such kind, and what there is.
 */
export function parseKinds(kinds: readonly string[]): string[] {
  const known = kinds.map((kind) => kind.trim());
  const stranger = known.find((k) => !NAMES.has(k) && !GROUPS.has(k) && !FLAGS.has(k));
  if (stranger === undefined) return known;
  throw new UsageError(
    `survey diff --no-new '${stranger}': no such kind; there are ${NAMES.size} counted functions,` +
      ` the groups ${[...GROUPS].join(', ')} and the hazards ${[...FLAGS].join(', ')}`,
  );
}

/** New sites and hazards that a gate on `kinds` refuses; no kinds means any of them. */
export function newFindings(diff: CensusDiff, kinds: readonly string[]): string[] {
  const wanted = (...names: string[]): boolean =>
    kinds.length === 0 || names.some((name) => kinds.includes(name));
  return diff.files.flatMap((f) => [
    ...f.sitesNew
      .filter((s) => wanted(s.name, s.group))
      .map((s) => `${s.path}:${s.line}: new ${s.name} in ${s.fn}`),
    ...f.hazardsNew
      .filter((h) => wanted(h.flag))
      .map((h) => `${h.path}:${h.line}: new hazard ${h.flag} in ${h.fn}`),
  ]);
}

/** The comparison as text. */
export function renderDiff(diff: CensusDiff): string {
  const head = `${diff.from} -> ${diff.to}`;
  if (diff.files.length === 0) return `${head}\nno difference\n`;
  const rows = diff.files.map((f) => [
    f.renamedFrom === null ? f.path : `${f.renamedFrom} => ${f.path}`,
    f.sitesGone.length,
    f.sitesNew.length,
    f.moved,
    f.hazardsGone.length,
    f.hazardsNew.length,
    (f.hoursAfter - f.hoursBefore).toFixed(1),
  ]);
  const header = ['file', 'converted', 'new', 'moved', 'hazards gone', 'hazards new', 'hours'];
  const names = diff.files.flatMap((f) => detail(f));
  return `${[
    head,
    renderTable(header, rows),
    sums('role', diff, (f) => f.role),
    sums('subsystem', diff, (f) => f.section),
    names.join('\n'),
  ].join('\n\n')}\n`;
}

function sums(title: string, diff: CensusDiff, key: (f: FileDiff) => string): string {
  const totals = new Map<string, [number, number, number]>();
  for (const f of diff.files) {
    const sum = totals.get(key(f)) ?? [0, 0, 0];
    totals.set(key(f), sum);
    sum[0] += f.sitesGone.length;
    sum[1] += f.sitesNew.length;
    sum[2] += f.moved;
  }
  const rows = [...totals].map(([name, sum]) => [name, ...sum]);
  return renderTable([title, 'converted', 'new', 'moved'], rows);
}

function detail(file: FileDiff): string[] {
  const text = (sign: string, s: CensusSite): string => `  ${sign} ${s.fn}: ${s.name}`;
  const lines = [
    ...file.sitesGone.map((s) => text('-', s)),
    ...file.sitesNew.map((s) => text('+', s)),
    ...file.hazardsGone.map((h) => `  - ${h.fn}: hazard ${h.flag}`),
    ...file.hazardsNew.map((h) => `  + ${h.fn}: hazard ${h.flag}`),
  ];
  return lines.length === 0 ? [] : [file.path, ...lines];
}
