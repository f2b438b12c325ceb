/**
 * Shrinking: the smallest case that still breaks the same rule on the same subject.
 *
 * A case is turned into a flat record of small integers, which fast-check shrinks as an example of
 * its own arbitrary; data stay seeds, so only lengths, offsets, kinds and switches change.
 * @module
 */
import fc from 'fast-check';
import { NR_CPUS } from '../../src/machine/context.ts';
import { driversOf } from '../algorithms/drivers.ts';
import type { Violation } from '../judge/judge.ts';
import { earlierCase } from '../subjects/beside.ts';
import {
  bytesLength,
  type Case,
  type FurtherRequest,
  type HashPlan,
  isInvalid,
  isRefused,
  type Layout,
  MEMORY_KINDS,
  MOMENTS,
  MOST_FURTHER,
  mayJoin,
  requestCase,
  resizeBytes,
  type Segment,
  SHARES,
  type Program as Whole,
} from './case.ts';
import { coverLayout } from './generate-layout.ts';
import { shrinkWalk } from './shrink-walk.ts';

/** A further request while shrinking: which of those of the case, and what is left of it. */
interface Kept {
  readonly which: number;
  readonly text: number;
  readonly ad: number;
  readonly steps: number;
  readonly when: FurtherRequest['when'];
  readonly reuse: boolean;
  readonly cpu: number;
  readonly backlog: boolean;
  readonly tamper: boolean;
  readonly room: number;
  /** A message in parts stays one. */
  readonly parts: boolean;
  /** Of one submission with the request before it. */
  readonly batch: boolean;
}

/** A segment while shrinking: it says also that it shares nothing. */
type Piece = Segment & { readonly shares: Segment['shares'] };

/** What may change while shrinking, what goes first in front. */
interface Program {
  /** Empty: a case of one request. */
  readonly requests: readonly Kept[];
  readonly misuse: boolean;
  readonly freeEarly: boolean;
  readonly queue: number;
  readonly text: number;
  readonly room: number;
  readonly ad: number;
  readonly inplace: Layout['inplace'];
  readonly src: readonly Piece[];
  readonly dst: readonly Piece[];
  readonly chain: number;
  /** Number of the driver: those of low priority and without anything asynchronous come first. */
  readonly driver: number;
  readonly tamper: boolean;
  readonly sleep: boolean;
  readonly backlog: boolean;
  readonly atomic: boolean;
  readonly reuse: boolean;
  readonly fault: number;
  readonly failing: boolean;
  readonly again: boolean;
  readonly stackIv: boolean;
  readonly highmem: boolean;
  readonly early: boolean;
  readonly caller: boolean;
  readonly gather: number;
  readonly updates: readonly number[];
  readonly reimport: boolean;
}

/**
 * Cases that one finding may cost. Not a time: what a case comes down to must not depend on the machine.
 * Twenty-four failures of one bug took 29 to 83.
 */
const MOST_RUNS = 1500;
const MAX_LEN = 1 << 20;
const ONE_CALL: HashPlan = { final: 'digest', updates: [], reimport: false };

const segments: fc.Arbitrary<Piece[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(...MEMORY_KINDS),
    offset: fc.nat(65535),
    len: fc.nat(MAX_LEN),
    shares: fc.constantFrom(undefined, ...SHARES),
  }),
  { maxLength: 64 },
);

const kept: fc.Arbitrary<Kept> = fc.record({
  which: fc.nat(MOST_FURTHER - 1),
  text: fc.nat(MAX_LEN),
  ad: fc.nat(MAX_LEN),
  steps: fc.nat(64),
  when: fc.constantFrom(...MOMENTS),
  reuse: fc.boolean(),
  cpu: fc.nat(NR_CPUS - 1),
  backlog: fc.boolean(),
  tamper: fc.boolean(),
  room: fc.nat(MAX_LEN),
  parts: fc.boolean(),
  batch: fc.boolean(),
});

const programs: fc.Arbitrary<Program> = fc.record({
  requests: fc.array(kept, { maxLength: MOST_FURTHER }),
  misuse: fc.boolean(),
  freeEarly: fc.boolean(),
  queue: fc.nat(1000),
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
  failing: fc.boolean(),
  again: fc.boolean(),
  stackIv: fc.boolean(),
  highmem: fc.boolean(),
  early: fc.boolean(),
  caller: fc.boolean(),
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
  let runs = 0;
  const fails = (smaller: Case): boolean =>
    judge(smaller).some(
      ({ check, subject }) => check === violation.check && subject === violation.subject,
    );
  if (c.iterator !== undefined) return fails(c) ? shrinkWalk(c, c.iterator, fails) : c;
  if (c.context.reuse && c.program === undefined) {
    // What goes wrong in the request before it is no matter of this one.
    const before = coverLayout(earlierCase(c));
    const isOwn = fails({ ...c, context: { ...c.context, reuse: false } });
    if (!isOwn && fails(before)) return shrinkCase(before, violation, judge);
  }
  const stillFails = (program: Program): boolean =>
    runs++ < MOST_RUNS && isFit(fromProgram(c, program)) && fails(fromProgram(c, program));
  const start = toProgram(c);
  if (!stillFails(start)) return c;
  const plain = shortened(withoutContext(start, stillFails), stillFails);
  const result = fc.check(
    fc.property(programs, (program) => !stillFails(program)),
    { examples: [[plain]], numRuns: 1, seed: 1 },
  );
  return fromProgram(c, result.counterexample === null ? plain : result.counterexample[0]);
}

/** False where nothing is left of what was wrong with the lists. */
function isFit(c: Case): boolean {
  const { inplace } = c.layout;
  return (
    c.invalid === undefined || (isInvalid(c) && (c.invalid !== 'overlap' || inplace === 'twin'))
  );
}

/** What a reader need not think of, the most confusing first. */
const PLAIN: readonly Partial<Program>[] = [
  { caller: false },
  { requests: [], misuse: false, freeEarly: false, queue: 0 },
  { fault: 0 },
  { failing: false },
  { again: false },
  { stackIv: false },
  { highmem: false },
  { early: false },
  { reuse: false },
  { driver: 0 },
  { backlog: false },
  { sleep: false, atomic: false },
  { gather: 0 },
  { tamper: false },
  { reimport: false },
  { updates: [] },
  { chain: 0 },
  { inplace: 'no' },
];

/** The program without whatever of its context it fails without too. */
function withoutContext(program: Program, stillFails: (program: Program) => boolean): Program {
  let plain = program;
  for (const less of PLAIN) {
    const next = { ...plain, ...less };
    if (JSON.stringify(next) !== JSON.stringify(plain) && stillFails(next)) plain = next;
  }
  return plain;
}

/** Text and lists cut by the same number of bytes, so that what lies behind the data stays as long as it is. */
function shortened(program: Program, stillFails: (program: Program) => boolean): Program {
  let short = program;
  let by = program.text;
  while (by > 0) {
    const { text, src, dst } = short;
    const next = { ...short, text: text - by, src: cut(src, by), dst: cut(dst, by) };
    if (by <= text && stillFails(next)) short = next;
    else by = Math.floor(by / 2);
  }
  return short;
}

/** The list without `bytes` of it: they are taken from its longest segments. */
function cut(segments: readonly Piece[], bytes: number): Piece[] {
  const list = [...segments];
  let left = bytes;
  while (left > 0) {
    const at = list.reduce((longest, { len }, i) => (len > list[longest].len ? i : longest), 0);
    if ((list[at]?.len ?? 0) === 0) return list;
    const take = Math.min(left, list[at].len);
    list[at] = { ...list[at], len: list[at].len - take };
    left -= take;
  }
  return list;
}

function toProgram(c: Case): Program {
  const { layout, context, hash, program } = c;
  return {
    requests: (program?.requests ?? []).map((r, which) => ({
      which,
      text: bytesLength(r.text),
      ad: bytesLength(r.ad),
      steps: r.steps,
      when: r.when,
      reuse: r.reuse,
      cpu: r.cpu,
      backlog: r.backlog,
      tamper: r.tamper !== null,
      room: r.room,
      parts: r.hash.final !== 'digest',
      batch: r.batch === true,
    })),
    misuse: (program?.misuse ?? null) !== null,
    freeEarly: program?.freeEarly === true,
    queue: program?.queue ?? 0,
    text: bytesLength(c.text),
    room: c.room,
    ad: bytesLength(c.ad),
    inplace: layout.inplace,
    src: layout.src.map(pieceOf),
    dst: layout.dst.map(pieceOf),
    chain: layout.chain,
    driver: Math.max(0, numberOf(c)),
    tamper: c.tamper !== null,
    sleep: context.sleep,
    backlog: context.backlog,
    atomic: context.atomic,
    reuse: context.reuse,
    fault: context.fault,
    failing: context.failing !== undefined,
    again: context.again === true,
    stackIv: context.stackIv === true,
    highmem: context.highmem === true,
    early: context.early === true,
    caller: context.caller !== undefined,
    gather: context.gather,
    updates: hash.updates,
    reimport: hash.reimport,
  };
}

function pieceOf(segment: Segment): Piece {
  return { ...segment, shares: segment.shares };
}

function segmentOf({ shares, ...own }: Piece): Segment {
  return shares === undefined ? own : { kind: 'page', offset: 0, len: own.len, shares };
}

function fromProgram(c: Case, program: Program): Case {
  const { text, ad, inplace, src, dst, chain, sleep, backlog, atomic, reuse, fault, gather } =
    program;
  const { program: whole, ...alone } = c;
  const left = whole === undefined ? undefined : leftOf(c, whole, program);
  return coverLayout({
    ...alone,
    ...(left === undefined ? {} : { program: left }),
    ...driverAt(c, program.driver),
    text: resizeBytes(c.text, text),
    room: Math.min(c.room, program.room),
    ad: resizeBytes(c.ad, c.kind === 'aead' ? ad : 0),
    tamper: program.tamper ? c.tamper : null,
    layout: {
      inplace: c.kind === 'ahash' ? 'no' : inplace,
      src: src.map(segmentOf),
      dst: c.kind === 'ahash' ? [] : dst.map(segmentOf),
      chain,
    },
    hash: { ...c.hash, updates: [...program.updates], reimport: program.reimport },
    context: {
      ...{ ...c.context, sleep: sleep && !atomic, backlog, atomic, reuse, fault, gather },
      failing: program.failing ? c.context.failing : undefined,
      again: program.again ? c.context.again : undefined,
      stackIv: program.stackIv ? c.context.stackIv : undefined,
      highmem: program.highmem ? c.context.highmem : undefined,
      early: program.early ? c.context.early : undefined,
      caller: program.caller ? c.context.caller : undefined,
    },
  });
}

/** The program of the requests that are kept; undefined for none. A request keeps whom it hangs on, while that is kept. */
function leftOf(
  c: Case,
  whole: Whole,
  { requests, misuse, freeEarly, queue }: Program,
): Whole | undefined {
  if (requests.length === 0) return undefined;
  const places = requests.map(({ which }) => which + 1);
  const further: FurtherRequest[] = [];
  for (const [i, keep] of requests.entries()) {
    const original = whole.requests[keep.which % whole.requests.length];
    const before = places.slice(0, i).lastIndexOf(original.of);
    const isFree = !further.some((r) => r.reuse && r.when === 'callback' && r.of === before + 1);
    const isSame = (before < 0 ? 0 : further[before].tfm) === original.tfm;
    const reuse =
      keep.reuse && isSame && keep.when !== 'now' && (keep.when !== 'callback' || isFree);
    const text = resizeBytes(original.text, keep.text);
    const ad = resizeBytes(original.ad, keep.ad);
    const { steps, when, cpu, backlog } = keep;
    const tamper = keep.tamper ? original.tamper : null;
    const of = before + 1;
    const hash = keep.parts ? original.hash : ONE_CALL;
    const room = Math.min(original.room, keep.room);
    const cut = { text, ad, tamper, room, hash };
    const { batch: _batch, ...request } = original;
    further.push({ ...request, steps, when, of, reuse, cpu, backlog, ...cut });
    const isJoined = keep.batch && mayJoin(c, { ...whole, requests: further }, further.length);
    if (isJoined) further[further.length - 1] = { ...further[further.length - 1], batch: true };
  }
  const program = { ...whole, queue, freeEarly, misuse: misuse ? whole.misuse : null };
  const after = Math.min(program.misuse?.after ?? 0, further.length);
  const cut = program.misuse === null ? null : { ...program.misuse, after };
  const bare = used({ ...program, misuse: cut, requests: further });
  return {
    ...bare,
    requests: bare.requests.map((r, i) => {
      return { ...r, layout: coverLayout(requestCase({ ...c, program: bare }, i + 1)).layout };
    }),
  };
}

/** The program without transforms that no request has any more. */
function used(program: Whole): Whole {
  const kept = [...new Set(program.requests.map(({ tfm }) => tfm))].filter((tfm) => tfm > 0).sort();
  return {
    ...program,
    transforms: kept.map((tfm) => program.transforms[tfm - 1]),
    requests: program.requests.map((r) => ({ ...r, tfm: kept.indexOf(r.tfm) + 1 })),
  };
}

/** -1 for a driver that is none of the table's. */
function numberOf({ alg, driver }: Case): number {
  return driversOf(alg).findIndex((candidate) => candidate.driver === driver);
}

function driverAt(c: Case, number: number): Pick<Case, 'driver' | 'async'> {
  // Only some APIs can be asked for a list that is too short: its driver stays.
  const isFixed = numberOf(c) < 0 || isRefused(c);
  const row = isFixed ? undefined : driversOf(c.alg).at(number);
  const { driver, async } = row ?? c;
  return { driver, async };
}
