/**
 * Counting of what was compared, by unit (case, comparison, aspect). A case is compared whole if every
 * aspect that its contract names was, in part if a rule excused one, and not at all with a reason.
 * @module
 */
import { formatCase, type TextCase } from '../text/case.ts';
import type { Aspect, View } from './contract.ts';

/** One case in which two sources differ. */
export interface Finding {
  readonly id: string;
  readonly aspects: readonly Aspect[];
  /** Per aspect, what was expected and what came. */
  readonly lines: readonly string[];
  /** The case, to run it alone. */
  readonly text: string;
}

/** Cases of one algorithm, or of all. */
export interface CaseCounts {
  readonly whole: number;
  readonly part: number;
  readonly different: number;
  readonly not: number;
  /** Those not compared because the kernel or the API has nothing of the kind. */
  readonly absent: number;
}

/** Shares of what the kernel and the API both have, 0 to 1; null where that is nothing. */
export interface Shares {
  /** Of the cases: compared whole. */
  readonly cases: number | null;
  /** Of the algorithms: at least nine of ten of their cases compared whole. */
  readonly algorithms: number | null;
  /** The other algorithms. */
  readonly below: readonly string[];
}

/** Two sources over a list of cases. */
export interface Comparison {
  readonly what: string;
  readonly cases: CaseCounts;
  /** Units: aspects of cases that were compared, excused, found different. */
  readonly units: {
    readonly compared: number;
    readonly excused: number;
    readonly different: number;
  };
  /** Identifiers of all cases that differ. */
  readonly ids: readonly string[];
  readonly byAspect: Readonly<Partial<Record<Aspect, number>>>;
  readonly findings: readonly Finding[];
  /** By algorithm, recorded walk, kind of iterator. */
  readonly groups: Readonly<Record<string, CaseCounts>>;
  /** Rules that were needed, in how many cases. */
  readonly rules: Readonly<Record<string, number>>;
  /** Changes between releases that made another view of what a model said, in how many cases. */
  readonly changes: Readonly<Record<string, number>>;
  /** In how many cases the kernel was asked the equal case, by what it stumbles over. */
  readonly asked: Readonly<Record<string, number>>;
  /** Aspects that the API does not define, in how many cases. */
  readonly omitted: Readonly<Partial<Record<Aspect, number>>>;
  /** Cases that were not compared, by reason. */
  readonly left: Readonly<Record<string, number>>;
}

/** The outcome for one case: what was compared, which rule excused what, what differs. */
export interface Outcome {
  readonly compared: readonly Aspect[];
  readonly excused: readonly (readonly [aspect: Aspect, rule: string])[];
  readonly different: readonly Aspect[];
  /** Rules that did not excuse an aspect, but answered in place of the model. */
  readonly replaced: readonly string[];
  /** Changes between releases that the model's view went through. */
  readonly changed: readonly string[];
  /** What the kernel stumbles over, so that it was asked the equal case. */
  readonly asked: readonly string[];
  /** Aspects that the API of the comparison does not define. */
  readonly omitted: readonly Aspect[];
}

/** Findings that are kept in full; the count has them all. */
const KEPT = 20;

/**
 * Reasons that say of a kernel or an API that it has nothing of the kind, or that its contract has no such
 * request, so that it was not put to it.
 */
const ABSENT: ReadonlySet<string> = new Set([
  'not in this kernel',
  'not in this API',
  'no cryptd over this hmac',
  'lists that are refused: undefined to a kernel',
  'a secret that is shorter than it says',
  'a room of one byte, which lzo-rle writes beyond',
  'compression in place: undefined to this kernel',
  'a stream of 842 that is longer than its room',
  'a device that no kernel has',
  'no library for the algorithm',
  'asynchronous driver: a call of a library is done when it returns',
  'requests in flight: a library has none',
  'a program of requests',
]);

/** Does a reason say that a kernel or an API has nothing of the kind? */
export function isAbsence(reason: string): boolean {
  return ABSENT.has(reason);
}

/** Of the cases of an algorithm, how many must be compared whole for it to count. */
const MOST = 0.9;

/** The share of cases that were compared whole, of those that are not absent. */
function wholeShare({ whole, part, different, not, absent }: CaseCounts): number | null {
  const all = whole + part + different + not - absent;
  return all === 0 ? null : whole / all;
}

/** How much of what both have was compared whole. */
export function sharesOf({ cases, groups }: Pick<Comparison, 'cases' | 'groups'>): Shares {
  const present = Object.entries(groups).flatMap(([name, counts]) => {
    const share = wholeShare(counts);
    return share === null ? [] : [{ name, share }];
  });
  const below = present.filter(({ share }) => share < MOST).map(({ name }) => name);
  const algorithms = present.length === 0 ? null : 1 - below.length / present.length;
  return { cases: wholeShare(cases), algorithms, below: below.sort() };
}

/** What a case is counted under. */
export function groupOf(c: TextCase): string {
  if (c.op === 'iter') return `iov_iter ${c.kind}`;
  if (c.op === 'sg') return 'scatterlist helpers';
  if ((c.op === 'skcipher' || c.op === 'aead') && c.geometry !== null)
    return `recorded ${c.op} walk`;
  return c.algorithm;
}

type Counts = { -readonly [K in keyof CaseCounts]: CaseCounts[K] };

function none(): Counts {
  return { whole: 0, part: 0, different: 0, not: 0, absent: 0 };
}

function addOne<K extends string>(counts: Partial<Record<K, number>>, key: K): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

/** Collects a comparison case by case. */
export class Tally {
  private readonly what: string;
  private readonly cases: Counts = none();
  private readonly groups = new Map<string, Counts>();
  private readonly units = { compared: 0, excused: 0, different: 0 };
  private readonly ids: string[] = [];
  private readonly byAspect: Partial<Record<Aspect, number>> = {};
  private readonly findings: Finding[] = [];
  private readonly rules: Record<string, number> = {};
  private readonly changes: Record<string, number> = {};
  private readonly asked: Record<string, number> = {};
  private readonly omitted: Partial<Record<Aspect, number>> = {};
  private readonly left: Record<string, number> = {};

  constructor(what: string) {
    this.what = what;
  }

  /** A case that is not compared. */
  leave(group: string, reason: string): void {
    addOne(this.left, reason);
    this.count(group, 'not');
    if (isAbsence(reason)) this.count(group, 'absent');
  }

  /** A case that is compared, with what the finding shows if it differs. */
  add(group: string, outcome: Outcome, finding: () => Finding): void {
    const { compared, excused, different, replaced } = outcome;
    this.units.compared += compared.length;
    this.units.excused += excused.length;
    this.units.different += different.length;
    for (const rule of new Set([...excused.map(([, rule]) => rule), ...replaced]))
      addOne(this.rules, rule);
    for (const change of outcome.changed) addOne(this.changes, change);
    for (const stumble of outcome.asked) addOne(this.asked, stumble);
    for (const aspect of outcome.omitted) addOne(this.omitted, aspect);
    for (const aspect of different) addOne(this.byAspect, aspect);
    if (different.length > 0) {
      this.count(group, 'different');
      const found = finding();
      this.ids.push(found.id);
      if (this.findings.length < KEPT) this.findings.push(found);
    } else this.count(group, excused.length + replaced.length > 0 ? 'part' : 'whole');
  }

  result(): Comparison {
    const { what, cases, units, ids, byAspect, findings, rules, changes, asked, omitted, left } =
      this;
    const groups = Object.fromEntries([...this.groups].sort(([a], [b]) => (a < b ? -1 : 1)));
    const counted = { rules, changes, asked, omitted, left };
    return { what, cases, units, ids, byAspect, findings, groups, ...counted };
  }

  private count(group: string, how: keyof Counts): void {
    const counts = this.groups.get(group) ?? none();
    counts[how]++;
    this.groups.set(group, counts);
    this.cases[how]++;
  }
}

/** What a finding about a text case shows. */
export function findingOf(
  c: TextCase,
  expected: View,
  got: View,
  aspects: readonly Aspect[],
): Finding {
  const lines = aspects.map((aspect) => difference(aspect, expected[aspect], got[aspect]));
  return { id: c.id, aspects, lines, text: formatCase(c) };
}

/** The first line that differs: a trace has one per command. */
function difference(aspect: Aspect, expected: string | undefined, got: string | undefined): string {
  const theirs = expected?.split('\n') ?? ['nothing'];
  const ours = got?.split('\n') ?? ['nothing'];
  const at = theirs.findIndex((line, i) => line !== ours[i]);
  const i = at < 0 ? theirs.length : at;
  return `${aspect}: expected ${theirs[i] ?? 'no more'}, got ${ours[i] ?? 'no more'}`;
}

/** Two parts of a comparison of the same two sources: every count is a sum. */
export function addComparisons(a: Comparison, b: Comparison): Comparison {
  const groups = { ...a.groups };
  for (const [group, of] of Object.entries(b.groups)) {
    groups[group] = groups[group] === undefined ? of : addCounts(groups[group], of);
  }
  return {
    what: a.what,
    cases: addCounts(a.cases, b.cases),
    units: addCounts(a.units, b.units),
    ids: [...a.ids, ...b.ids],
    byAspect: addCounts(a.byAspect, b.byAspect),
    findings: [...a.findings, ...b.findings].slice(0, KEPT),
    groups,
    rules: addCounts(a.rules, b.rules),
    changes: addCounts(a.changes, b.changes),
    asked: addCounts(a.asked, b.asked),
    omitted: addCounts(a.omitted, b.omitted),
    left: addCounts(a.left, b.left),
  };
}

/** Both records, with the sum of what both have. */
export function addCounts<T extends object>(a: T, b: T): T {
  const out = new Map<string, number>(Object.entries(a));
  for (const [key, n] of Object.entries(b)) out.set(key, (out.get(key) ?? 0) + Number(n));
  return Object.fromEntries(out) as T;
}
