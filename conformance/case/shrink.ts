/**
 * Shrinking: the smallest case that still breaks the same rule on the same subject.
 *
 * A case is turned into a flat record of small integers, which fast-check shrinks as an example of
 * its own arbitrary; data stay seeds, so only lengths, offsets, kinds and switches change.
 * @module
 */
import fc from 'fast-check';
import { driversOf } from '../algorithms/drivers.ts';
import type { Violation } from '../judge/judge.ts';
import {
  bytesLength,
  type Case,
  type Layout,
  MEMORY_KINDS,
  resizeBytes,
  type Segment,
} from './case.ts';
import { coverLayout } from './generate.ts';

/** What may change while shrinking. */
interface Program {
  readonly text: number;
  readonly room: number;
  readonly ad: number;
  readonly inplace: Layout['inplace'];
  readonly src: readonly Segment[];
  readonly dst: readonly Segment[];
  readonly chain: number;
  /** Number of the driver: those of low priority and without anything asynchronous come first. */
  readonly driver: number;
  readonly tamper: boolean;
  readonly sleep: boolean;
  readonly backlog: boolean;
  readonly atomic: boolean;
  readonly reuse: boolean;
  readonly fault: number;
  readonly gather: number;
  readonly updates: readonly number[];
  readonly reimport: boolean;
}

/** Time that one finding may take, milliseconds. */
const TIME_LIMIT = 20_000;
const MAX_LEN = 1 << 20;

const segments: fc.Arbitrary<Segment[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(...MEMORY_KINDS),
    offset: fc.nat(65535),
    len: fc.nat(MAX_LEN),
  }),
  { maxLength: 64 },
);

const programs: fc.Arbitrary<Program> = fc.record({
  text: fc.nat(MAX_LEN),
  room: fc.nat(MAX_LEN),
  ad: fc.nat(MAX_LEN),
  inplace: fc.constantFrom('no', 'same', 'twin'),
  src: segments,
  dst: segments,
  chain: fc.nat(64),
  driver: fc.nat(64),
  tamper: fc.boolean(),
  sleep: fc.boolean(),
  backlog: fc.boolean(),
  atomic: fc.boolean(),
  reuse: fc.boolean(),
  fault: fc.nat(64),
  gather: fc.nat(65536),
  updates: fc.array(fc.nat(MAX_LEN), { maxLength: 16 }),
  reimport: fc.boolean(),
});

/**
 * @param judge runs a case; must be deterministic.
 * @returns the smallest failing case found, at least as small as `c`.
 */
export function shrinkCase(
  c: Case,
  violation: Violation,
  judge: (c: Case) => readonly Violation[],
): Case {
  const stillFails = (program: Program): boolean =>
    judge(fromProgram(c, program)).some(
      ({ check, subject }) => check === violation.check && subject === violation.subject,
    );
  const start = toProgram(c);
  if (!stillFails(start)) return c;
  const result = fc.check(
    fc.property(programs, (program) => !stillFails(program)),
    { examples: [[start]], numRuns: 1, seed: 1, interruptAfterTimeLimit: TIME_LIMIT },
  );
  return result.counterexample === null ? c : fromProgram(c, result.counterexample[0]);
}

function toProgram(c: Case): Program {
  const { layout, context, hash } = c;
  return {
    text: bytesLength(c.text),
    room: c.room,
    ad: bytesLength(c.ad),
    inplace: layout.inplace,
    src: layout.src,
    dst: layout.dst,
    chain: layout.chain,
    driver: Math.max(0, numberOf(c)),
    tamper: c.tamper !== null,
    sleep: context.sleep,
    backlog: context.backlog,
    atomic: context.atomic,
    reuse: context.reuse,
    fault: context.fault,
    gather: context.gather,
    updates: hash.updates,
    reimport: hash.reimport,
  };
}

function fromProgram(c: Case, program: Program): Case {
  const { text, ad, inplace, src, dst, chain, sleep, backlog, atomic, reuse, fault, gather } =
    program;
  return coverLayout({
    ...c,
    ...driverAt(c, program.driver),
    text: resizeBytes(c.text, text),
    room: Math.min(c.room, program.room),
    ad: resizeBytes(c.ad, c.kind === 'aead' ? ad : 0),
    tamper: program.tamper ? c.tamper : null,
    layout: {
      inplace: c.kind === 'ahash' ? 'no' : inplace,
      src: [...src],
      dst: c.kind === 'ahash' ? [] : [...dst],
      chain,
    },
    hash: { ...c.hash, updates: [...program.updates], reimport: program.reimport },
    context: { ...c.context, sleep: sleep && !atomic, backlog, atomic, reuse, fault, gather },
  });
}

/** -1 for a driver that is none of the table's. */
function numberOf({ alg, driver }: Case): number {
  return driversOf(alg).findIndex((candidate) => candidate.driver === driver);
}

function driverAt(c: Case, number: number): Pick<Case, 'driver' | 'async'> {
  const row = numberOf(c) < 0 ? undefined : driversOf(c.alg).at(number);
  const { driver, async } = row ?? c;
  return { driver, async };
}
