/** Two reports compared: what was converted, removed or moved, and what is new. */
import { UsageError } from '../../terminal/exit.ts';
import type { Census, CensusFile, CensusHazard, CensusSite } from '../census.ts';
import { type FileShape, type GoneSite, judgeGone } from './outcome.ts';
import { type Pair, type Pairing, type Placed, pairUp } from './pair.ts';
import { findRenames } from './renames.ts';

/** Differences of one file. */
export interface FileDiff {
  readonly path: string;
  /** Old path of a renamed file. */
  readonly renamedFrom: string | null;
  readonly role: string;
  readonly section: string;
  readonly sitesGone: readonly GoneSite[];
  readonly sitesNew: readonly CensusSite[];
  /** Sites that are the same on another line, in another function, or in another file. */
  readonly sitesMoved: readonly Pair<CensusSite>[];
  readonly hazardsGone: readonly CensusHazard[];
  readonly hazardsNew: readonly CensusHazard[];
  readonly hoursBefore: number;
  readonly hoursAfter: number;
}

/** All files that differ, sorted by path. */
export interface CensusDiff {
  readonly from: string;
  readonly to: string;
  readonly files: readonly FileDiff[];
}

/** Reads a file of the newer tree that its report does not hold. */
export type Outside = (path: string) => FileShape | null | undefined;

/**
 * Compares two reports. `outside` tells what became of files that left the scope.
 * @throws UsageError when the reports were made with different catalogues.
 */
export function diffCensus(from: Census, to: Census, outside: Outside): CensusDiff {
  if (from.tool.catalogueHash !== to.tool.catalogueHash)
    throw new UsageError(
      `survey diff: tool.catalogueHash differs (${from.tool.catalogueHash}, ${to.tool.catalogueHash}): survey both trees with one version`,
    );
  const renames = findRenames(from, to);
  const oldFiles = new Map(from.files.map((f) => [renames.get(f.path) ?? f.path, f]));
  const newFiles = new Map(to.files.map((f) => [f.path, f]));
  const hasFn = (file: CensusFile | undefined, { fn }: Placed): boolean =>
    fn.startsWith('#') || file?.functions.includes(fn) === true;
  const travel = {
    leaves: (x: Placed) => !hasFn(newFiles.get(renames.get(x.path) ?? x.path), x),
    arrives: (x: Placed) => !hasFn(oldFiles.get(x.path), x),
  };
  const site = { kind: (s: CensusSite) => s.name, text: (s: CensusSite) => s.args.join() };
  const hazard = { kind: (h: CensusHazard) => h.flag, text: (h: CensusHazard) => h.what };
  const sites = byPath(pairUp(from.sites, to.sites, renames, { ...site, ...travel }), renames);
  const hazards = byPath(
    pairUp(from.hazards, to.hazards, renames, { ...hazard, ...travel }),
    renames,
  );
  const paths = [...new Set([...oldFiles.keys(), ...newFiles.keys()])].sort();
  const files = paths.flatMap((path): FileDiff[] => {
    const before = oldFiles.get(path);
    const after = newFiles.get(path);
    const diff = fileDiff(path, before, after, sites.get(path), hazards.get(path), outside);
    return isDifferent(diff) ? [diff] : [];
  });
  return { from: nameOf(from), to: nameOf(to), files };
}

function nameOf(census: Census): string {
  return `${census.tree.version} (${census.tree.fileHash})`;
}

interface FilePairs<T> {
  readonly moved: Pair<T>[];
  readonly gone: T[];
  readonly added: T[];
}

/** Sorts a pairing by file: what is gone under its new path, a pair under that of its new half. */
function byPath<T extends Placed>(
  pairing: Pairing<T>,
  renames: ReadonlyMap<string, string>,
): Map<string, FilePairs<T>> {
  const files = new Map<string, FilePairs<T>>();
  const at = (path: string): FilePairs<T> => {
    const pairs = files.get(path) ?? { moved: [], gone: [], added: [] };
    files.set(path, pairs);
    return pairs;
  };
  for (const item of pairing.gone) at(renames.get(item.path) ?? item.path).gone.push(item);
  for (const item of pairing.added) at(item.path).added.push(item);
  for (const pair of pairing.kept) {
    const { from, to } = pair;
    const isMoved = from.line !== to.line || from.fn !== to.fn || from.path !== to.path;
    if (isMoved) at(to.path).moved.push(pair);
  }
  return files;
}

function fileDiff(
  path: string,
  before: CensusFile | undefined,
  after: CensusFile | undefined,
  sites: FilePairs<CensusSite> | undefined,
  hazards: FilePairs<CensusHazard> | undefined,
  outside: Outside,
): FileDiff {
  const file = after ?? before;
  const gone = sites?.gone ?? [];
  const added = sites?.added ?? [];
  const shape = after === undefined ? outside(path) : { ...after, outside: {} };
  return {
    path,
    renamedFrom: before !== undefined && before.path !== path ? before.path : null,
    role: file?.role ?? '',
    section: file?.maintainers[0] ?? before?.maintainers[0] ?? '(no section)',
    sitesGone: gone.map((site) => judgeGone(site, { before, after: shape, added })),
    sitesNew: added,
    sitesMoved: sites?.moved ?? [],
    hazardsGone: hazards?.gone ?? [],
    hazardsNew: hazards?.added ?? [],
    hoursBefore: before?.hours ?? 0,
    hoursAfter: after?.hours ?? 0,
  };
}

function isDifferent(diff: FileDiff): boolean {
  const changes = [
    diff.sitesGone,
    diff.sitesNew,
    diff.sitesMoved,
    diff.hazardsGone,
    diff.hazardsNew,
  ];
  return (
    changes.some((list) => list.length > 0) ||
    diff.renamedFrom !== null ||
    diff.hoursBefore !== diff.hoursAfter
  );
}
