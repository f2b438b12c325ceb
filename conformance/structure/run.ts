/**
 * A run of the structural tier.
 * @module
 */
import { deafChecks } from './canaries.ts';
import { type Difference, StructureChecker } from './check.ts';
import { MOVES, type StructureCase, StructureGenerator, sizeOf } from './draw.ts';

/** The first case of a kind of difference. */
export interface StructureFinding extends Difference {
  /** Its number: `--cases` of one more runs to it. */
  readonly number: number;
  /** Cases with a difference of this kind. */
  readonly cases: number;
}

export interface StructureResult {
  readonly seed: number;
  readonly cases: number;
  readonly failed: number;
  readonly findings: readonly StructureFinding[];
  /** Checks that did not hear their canary: the run says nothing. */
  readonly deaf: readonly string[];
  /** How often what a case may have came about; 0 in a whole run means that the generator is wrong. */
  readonly drawn: Readonly<Record<string, number>>;
  /** Processor time of all. */
  readonly cpuMs: number;
}

/** What a case may have. */
const TRAITS: Readonly<Record<string, (c: StructureCase) => boolean>> = {
  'chained tables': ({ chunk, src }) => chunk > 0 && src.length > chunk,
  'more than 32 entries': ({ src }) => src.length > 32,
  'an empty entry': ({ src }) => src.some(({ len }) => len === 0),
  'adjacent entries': ({ src }) =>
    src.some(({ offset }, i) => i > 0 && src[i - 1].offset + src[i - 1].len === offset),
  'memory above 31 bits': ({ src }) => src.some(({ offset }) => offset >= 2 ** 31),
  'a range behind the end': ({ src, skip, len }) => skip + len > sizeOf(src),
  'common memory': ({ src, dst }) =>
    src.some((a) => dst.some((b) => a.offset < b.offset + b.len && b.offset < a.offset + a.len)),
  ...Object.fromEntries(
    MOVES.map((what) => [what, ({ moves }: StructureCase) => moves.some((m) => m.what === what)]),
  ),
};

/** Told how far a run is after so many cases; `stopped` ends it there. */
const CASES_AT_ONCE = 4096;

/** One case in so many is counted. */
const LOOKED_AT = 8;

export interface StructureOptions {
  readonly seed: number;
  /** Numbers of cases end before this. */
  readonly cases: number;
  readonly bail: boolean;
  /** The first number, when it is not 0: cases of a part are those that the whole has. */
  readonly from?: number;
}

export interface StructureMonitor {
  readonly progress: (done: number, all: number) => void;
  readonly stopped: () => boolean;
}

/** Runs cases until all are done, or somebody stops it, or the first finding with `bail`. */
export async function runStructure(
  { seed, cases, bail, from = 0 }: StructureOptions,
  { progress, stopped }: StructureMonitor,
  checker: StructureChecker = new StructureChecker(),
): Promise<StructureResult> {
  const generator = new StructureGenerator();
  const kinds = new Map<string, StructureFinding>();
  const drawn: Record<string, number> = {};
  for (const name of Object.keys(TRAITS)) drawn[name] = 0;
  const deaf = deafChecks();
  const began = process.cpuUsage();
  let failed = 0;
  let done = from;
  while (deaf.length === 0 && done < cases && !(bail && failed > 0)) {
    if ((done - from) % CASES_AT_ONCE === 0) {
      progress(done, cases);
      // Lets an interrupt in.
      await new Promise((resolve) => setImmediate(resolve));
      if (stopped()) break;
    }
    const c = generator.at(seed, done);
    // A look at some is enough to see what is drawn, and costs nothing.
    if (done % LOOKED_AT === 0) look(c, drawn);
    const differences = checker.check(c);
    if (differences.length > 0) failed++;
    for (const difference of differences) note(kinds, difference, done);
    done++;
  }
  const { user, system } = process.cpuUsage(began);
  const cpuMs = (user + system) / 1000;
  return { seed, cases: done - from, failed, findings: [...kinds.values()], deaf, drawn, cpuMs };
}

function look(c: StructureCase, drawn: Record<string, number>): void {
  for (const [name, has] of Object.entries(TRAITS)) if (has(c)) drawn[name]++;
}

function note(kinds: Map<string, StructureFinding>, difference: Difference, number: number): void {
  const key = `${difference.check} ${difference.subject}`;
  const known = kinds.get(key);
  if (known === undefined) kinds.set(key, { ...difference, number, cases: 1 });
  else kinds.set(key, { ...known, cases: known.cases + 1 });
}
