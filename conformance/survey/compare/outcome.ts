/**
 * What became of a site that is gone.
 *
 * Verified: which functions are still there, and which calls each of them has won. Not verified,
 * because names are static: that the new calls do the work of the old one, and what became of a
 * function that was renamed and converted at once (it counts as removed).
 */
import type { CensusFile, CensusSite } from '../census.ts';
import { isProvider } from '../role.ts';

/**
 * `converted`: the function has won calls that take no list, and none with one. `rewritten`: it has
 * won other calls with lists. `dropped`: it is still there and has won nothing known. `removed`: the
 * function or the file is gone. `left`: the file is not in the newer report; the call is still in
 * it, or (`undecided`) nobody has looked.
 */
export type Outcome = 'converted' | 'rewritten' | 'dropped' | 'removed' | 'left';

/** Calls by function, then by name. */
type CallCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** The newer state of a file as far as an outcome depends on it. */
export interface FileShape {
  readonly functions: readonly string[];
  /** Calls without lists. */
  readonly plain: CallCounts;
  /** Calls with lists that no report counts, because the file is out of its scope. */
  readonly outside: CallCounts;
}

/** A site that is gone, and the calls that show what became of it. */
export type GoneSite = CensusSite & { readonly outcome: Outcome; readonly by: readonly string[] };

/** Both states of the file in which a site was. */
export interface FileStates {
  readonly before: CensusFile | undefined;
  /** Null when it is gone from the tree, undefined when nothing is known of it. */
  readonly after: FileShape | null | undefined;
  readonly added: readonly CensusSite[];
}

/** Judges one site that is gone. */
export function judgeGone(site: CensusSite, { before, after, added }: FileStates): GoneSite {
  const verdict = (outcome: Outcome, by: readonly string[] = []): GoneSite => {
    return { ...site, outcome, by };
  };
  const { fn, name } = site;
  // What the scope holds for its path alone is missing from a report only when it is gone.
  if (after === undefined && !isProvider(site.path)) return verdict('left', ['undecided']);
  if (after === undefined || after === null) return verdict('removed');
  if (!fn.startsWith('#') && !after.functions.includes(fn)) return verdict('removed');
  if ((after.outside[fn]?.[name] ?? 0) > 0) return verdict('left', ['still called']);
  const lists = added.filter((s) => s.fn === fn && s.mechanical !== 'nothing');
  if (lists.length > 0) return verdict('rewritten', [...new Set(lists.map((s) => s.name))]);
  const won = wonCalls(before?.plain[fn], after.plain[fn]);
  return won.length > 0 ? verdict('converted', won) : verdict('dropped');
}

/** Names that are called more often than before. */
function wonCalls(
  before: Readonly<Record<string, number>> = {},
  after: Readonly<Record<string, number>> = {},
): string[] {
  return Object.entries(after)
    .filter(([name, count]) => count > (before[name] ?? 0))
    .map(([name]) => name);
}
