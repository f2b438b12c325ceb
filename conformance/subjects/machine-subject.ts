/**
 * The frame that every subject on a machine runs in: set the memory up, let one API do the operation,
 * and observe everything that can be seen afterwards. What belongs to one API is in its `Side`.
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { PG_READONLY } from '../../src/machine/page.ts';
import { PHYS_BASE, physToPfn } from '../../src/machine/phys-mem.ts';
import { PAGE_SIZE, physAddr } from '../../src/units.ts';
import {
  type Case,
  isData,
  isInvalid,
  type Layout,
  overlapOf,
  type Program,
  type Segment,
} from '../case/case.ts';
import type { CaseMemory } from '../case/memory.ts';
import { mixed } from '../case/mixed.ts';
import { type Placed, type Run, resplit, slicePlaced, sliceRuns } from '../case/placed.ts';
import { isPartlyInPlace, partsOf } from '../case/shared.ts';
import { uniformRequest } from '../case/uniform.ts';
import {
  type Again,
  type CaseInput,
  type Misuse,
  notReturned,
  type Observation,
  type StrayByte,
} from '../judge/observe.ts';
import { EARLIER_LEN, earlierOperation, laterOperation, misaligned } from './beside.ts';
import type { Operation } from './operation.ts';
import type { Outcome, ProgramOutcome } from './outcome.ts';
import { describeTrap, inTarget, locate, nearest } from './places.ts';
import { leftBy, residueIn } from './residue.ts';
import { SubjectAbsent, SubjectError, SubjectSilent } from './subject-error.ts';
import { Takings } from './takings.ts';

/** One API under the harness. Must have freed everything it allocated when `run` returns. */
export interface Side {
  readonly name: string;
  /** Of somebody else: what is wrong with it is no fault of the harness. */
  readonly isForeign?: true;
  /** True when associated data, text and tag are one list, as in the scatterlist API. */
  readonly joined: boolean;
  /** True where all of it can do with mappings of one page each; absent: it cannot. */
  readonly mapsPages?: boolean;
  /** True where drivers of the other API may be below. Absent: all are its own. */
  readonly partial?: boolean;
  /** False where this API has no such driver: then the case is not run on it. Absent: it has all. */
  readonly offers?: (c: Case) => boolean;
  /** Why a case is not run on this API, its driver included; null: it is run. Absent: `offers` decides. */
  readonly declines?: (c: Case) => string | null;
  run(op: Operation): Outcome;
  /** The requests of a program, each as an operation. Absent: cases with programs are not run. */
  runProgram?(ops: readonly Operation[], program: Program): ProgramOutcome;
  /** Called after a trap: whatever state the API was left in must be forgotten. */
  renew(): void;
}

const NOTHING: Uint8Array = new Uint8Array(0);
const NO_CHECKS: readonly string[] = [];
/** Sets what runs before a submission returns apart from all else that is drawn from the seed of a case. */
const EARLY = 0xea517;
/** Calls that a trap is told by: byte kernel, driver, templates, and the door of the API. */
const TRAP_DEPTH = 40;
const NO_MISUSE: Misuse = { happened: false, named: null };

/**
 * True where an entry of a scatterlist begins behind the first page that it names. A digest of the scatterlist API
 * reads such an entry through the mapping of its first page, which nothing but lowmem allows: FINDINGS 14.
 * @kernel shash_ahash_digest
 */
function isBehindFirstPage({ src, dst }: Operation): boolean {
  const isBehind = ({ page, offset }: Placed): boolean => page !== null && offset >= PAGE_SIZE;
  return src.some(isBehind) || dst.some(isBehind);
}

/**
 * Runs one case on one API, from an empty machine.
 * @param inputs the bytes of each request
 */
export function observeCase(
  memory: CaseMemory,
  side: Side,
  c: Case,
  inputs: readonly CaseInput[],
): Observation {
  const { machine } = memory;
  memory.reset(c.seed, c.context.gather, c.program?.queue);
  if (c.context.early === true) machine.scheduler.runEarly(mixed(c.seed, EARLY));
  const ops = inputs.map((input, number) => place(memory, uniformRequest(c, number), input));
  memory.sync();
  machine.ledger.mark();
  const isMapped = side.mapsPages === true && !(side.joined && ops.some(isBehindFirstPage));
  if (isMapped && c.context.highmem === true) memory.mapPages();
  const takings = new Takings(machine);
  let outcome: ProgramOutcome | null = null;
  let trap: string | null = null;
  let trapOf: number | undefined;
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = TRAP_DEPTH;
  try {
    outcome = runOn(side, ops, c.program);
  } catch (error) {
    if (error instanceof SubjectSilent || error instanceof SubjectAbsent) {
      takings.end();
      throw error;
    }
    const own = error instanceof SubjectError ? { words: error.message } : describeTrap(error, ops);
    trap = own.words;
    trapOf = own.request;
    side.renew();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  machine.high = null;
  const taken = takings.end();
  const outcomes = outcome?.outcomes ?? [];
  const elsewhere = outcomes[0]?.elsewhere;
  const outputOf = (i: number): Uint8Array | null => succeeded(ops[i], outcomes[i]);
  const permitted = ops.map((op, i) => permittedRuns(op, outcomes[i] ?? null));
  const [stray, source] = strayBytes(memory, ops, permitted);
  const [first, ...further] = ops.map((op, i) =>
    observeRequest(side, op, permitted[i], outcomes[i] ?? null, trap, source[i]),
  );
  first.trapOf = trapOf;
  if (machine.dma.opposed > 0) first.mappedBothWays = machine.dma.opposed;
  first.stray = stray;
  if (trap === null) {
    first.leaks = notReturned(machine.ledger);
    first.residue = residueIn(side, ops, outputOf, taken);
  }
  first.leftBy = leftBy(side, taken);
  first.warnings = machine.warnings.slice();
  if (elsewhere !== undefined) {
    first.isElsewhere = true;
    first.leaks = [...first.leaks, ...elsewhere.leaks];
    first.warnings = [...first.warnings, ...elsewhere.warnings];
  }
  if (c.program !== undefined && outcome !== null) {
    first.program = { history: outcome.history, misuse: outcome.misuse, further };
  }
  return first;
}

function runOn(
  side: Side,
  ops: readonly Operation[],
  program: Program | undefined,
): ProgramOutcome {
  if (program === undefined) return alone(side.run(ops[0]));
  if (side.runProgram === undefined) throw new KernelBug('a side without programs was given one');
  return side.runProgram(ops, program);
}

/** The outcome of one request as that of a program. */
function alone(outcome: Outcome): ProgramOutcome {
  return { outcomes: [outcome], history: [], misuse: NO_MISUSE };
}

/** A request in memory. */
interface Posed extends Operation {
  /** What stood where a result of unknown length goes. */
  readonly room: Uint8Array;
}

/** The memory of one request, with its message in it. */
function place(memory: CaseMemory, c: Case, given: CaseInput): Posed {
  const input = c.context.failing === undefined ? given : withOddKey(given);
  const layout = c.invalid === 'read-only' ? ownPages(c.layout) : c.layout;
  const src = memory.place(layout.src);
  const dst = placeTarget(memory, layout, src, overlapOf(c));
  memory.write(src, 0, input.ad);
  memory.write(src, input.ad.length, input.text);
  if (c.op === 'decrypt' || c.op === 'verify') {
    memory.write(src, input.ad.length + input.text.length, input.tag);
  }
  const room = isData(c) ? memory.read(dst, 0, c.room) : NOTHING;
  if (c.invalid === 'read-only' && isInvalid(c)) {
    protect(memory, dst, input.ad.length + producedLength(c, input, null) - 1);
  }
  const earlier = c.context.reuse ? earlierOperation(memory, c, input) : null;
  const later = c.context.again === true ? laterOperation(memory, c, input) : null;
  return { c, input, memory, src, dst, earlier, later, room };
}

/** The layout without objects of the slab, whose pages others write to. */
function ownPages(layout: Layout): Layout {
  const own = (segment: Segment): Segment =>
    segment.kind === 'slab' ? { ...segment, kind: 'page' } : segment;
  return { ...layout, src: layout.src.map(own), dst: layout.dst.map(own) };
}

/** Gives the page of a byte of a list to somebody else. */
function protect({ machine }: CaseMemory, placed: readonly Placed[], at: number): void {
  const [{ phys }] = sliceRuns(placed, at, 1);
  machine.pages.set(physToPfn(phys), PG_READONLY);
}

/** A key that a driver with an alignment mask must copy, so that there is something to fail. */
function withOddKey(input: CaseInput): CaseInput {
  return input.key === null ? input : { ...input, key: misaligned(input.key) };
}

/** Where a request may write, or where the joined layout lets it. */
interface Permitted {
  readonly output: readonly Run[];
  /** The associated data of the destination. */
  readonly ad: readonly Run[];
  /** In place, where the tag was read. */
  readonly tag: readonly Run[];
}

function permittedRuns({ c, input, dst }: Operation, outcome: Outcome | null): Permitted {
  const produced = producedLength(c, input, outcome);
  const { length: assoclen } = input.ad;
  // An overlap that is refused begins behind the source, and its tag may be behind its end.
  const isTagInDst = c.op === 'decrypt' && c.layout.inplace !== 'no' && overlapOf(c) === 0;
  return {
    output: sliceRuns(dst, assoclen, produced),
    ad: sliceRuns(dst, 0, c.kind === 'ahash' ? 0 : assoclen),
    tag: sliceRuns(dst, assoclen + produced, isTagInDst ? c.authsize : 0),
  };
}

/** An observation that is being put together. */
type Seen = { -readonly [K in keyof Observation]: Observation[K] };

/**
 * What is seen of one request; what belongs to the whole case is not in it, but has its place. One object, all of
 * whose fields are written here: put together from parts, observations had a hundred hidden classes.
 */
function observeRequest(
  side: Side,
  { c, input, memory, dst, room, later }: Posed,
  { output, ad, tag }: Permitted,
  outcome: Outcome | null,
  trap: string | null,
  source: readonly string[],
): Seen {
  const completions = outcome?.completions ?? [];
  const ret = outcome?.ret ?? 0;
  const produced = producedLength(c, input, outcome);
  return {
    subject: side.name,
    joined: side.joined,
    partial: side.partial,
    async: outcome?.async ?? false,
    setkey: outcome?.setkey ?? 0,
    setauthsize: outcome?.setauthsize ?? 0,
    ret,
    completions,
    result: outcome?.failed ?? completions.at(-1) ?? ret,
    length: outcome?.length ?? 0,
    before: room.subarray(0, produced),
    output:
      c.op === 'digest'
        ? (outcome?.digest ?? NOTHING)
        : memory.read(dst, input.ad.length, produced),
    iv: outcome?.iv ?? NOTHING,
    stray: [],
    touchedAd: touched(memory, dst, ad),
    isAdCopied: isCopied(memory, ad, input.ad, c.context.caller === 'copy'),
    touchedTag: touched(memory, dst, tag),
    source,
    leaks: [],
    residue: [],
    leftBy: [],
    form: outcome?.form ?? [],
    iterators: outcome?.iterators ?? [],
    trap,
    trapOf: undefined,
    mappedBothWays: undefined,
    warnings: [],
    isUntouched: memory.changedIn(output) < 0,
    unasked: outcome?.unasked === true,
    isElsewhere: undefined,
    unseen: outcome?.unseen ?? NO_CHECKS,
    callerFault: outcome?.callerFault ?? null,
    held: outcome?.held,
    struck: memory.machine.faults.struck,
    again: later === null ? null : observeAgain(later, outcome?.later ?? null),
    program: null,
  };
}

/** What an operation has written, where all went well. */
function succeeded({ c, input, memory, dst }: Operation, outcome: Outcome): Uint8Array | null {
  if ((outcome.completions.at(-1) ?? outcome.ret) !== 0) return null;
  return memory.read(dst, input.ad.length, producedLength(c, input, outcome));
}

/**
 * Bytes that the operation writes behind the AD of its destination. What tells a length may write no more
 * than that when all went well.
 */
export function producedLength(
  c: Case,
  input: CaseInput,
  outcome: Pick<Outcome, 'ret' | 'completions' | 'length'> | null,
): number {
  if (c.kind === 'ahash') return 0;
  if (isData(c)) {
    const failed = outcome === null || (outcome.completions.at(-1) ?? outcome.ret) !== 0;
    return failed ? c.room : Math.min(outcome.length, c.room);
  }
  return input.text.length + (c.op === 'encrypt' ? c.authsize : 0);
}

/**
 * The destination of a layout: memory of its own, the source, or another list over the source.
 * @param from first byte of the source that is in that list
 */
export function placeTarget(
  memory: CaseMemory,
  layout: Layout,
  src: readonly Placed[],
  from: number = 0,
): readonly Placed[] {
  if (layout.inplace === 'no') return placeApart(memory, layout.dst, src);
  if (layout.inplace === 'same') return src;
  const lengths = layout.dst.map(({ len }) => len);
  if (from === 0) return resplit(src, lengths);
  return resplit(src, [from, ...lengths]).slice(slicePlaced(src, 0, from).length);
}

/** A destination of memory of its own, but for what it shares with the source. */
function placeApart(
  memory: CaseMemory,
  dst: readonly Segment[],
  src: readonly Placed[],
): readonly Placed[] {
  if (!isPartlyInPlace({ dst })) return memory.place(dst);
  return partsOf(dst).flatMap(({ at, len, own }) =>
    own === null ? slicePlaced(src, at, len) : memory.place(own),
  );
}

/** What came of the same once more, all of its destination that was to be written. */
function observeAgain({ c, input, memory, dst }: Operation, outcome: Outcome | null): Again | null {
  if (outcome === null) return null;
  const { ret, completions, digest, iv } = outcome;
  const produced = producedLength(c, input, outcome);
  return {
    result: completions.at(-1) ?? ret,
    output: c.op === 'digest' ? digest : memory.read(dst, input.ad.length, produced),
    iv,
  };
}

/** Changed bytes outside what is permitted: those of the source of each request, and all others. */
function strayBytes(
  memory: CaseMemory,
  ops: readonly Operation[],
  permitted: readonly Permitted[],
): [StrayByte[], string[][]] {
  const written: Run[] = [];
  for (const { output, ad, tag } of permitted) written.push(...output, ...ad, ...tag);
  for (const { earlier, later } of ops) {
    if (earlier !== null) written.push(...sliceRuns(earlier.dst, 0, EARLIER_LEN));
    if (later !== null) written.push(...later.dst.flatMap(({ runs }) => runs));
  }
  const sources: string[][] = ops.map(() => []);
  const stray: StrayByte[] = [];
  for (const at of memory.strayWrites(written)) {
    const owner = ops.findIndex(
      ({ c, src }) => c.layout.inplace === 'no' && locate('src', src, at) !== null,
    );
    if (owner >= 0) sources[owner].push(locate('src', ops[owner].src, at) ?? '');
    else
      stray.push(
        inTarget(ops, at) ?? nearest(ops, at) ?? { words: 'a page of the case', request: 0 },
      );
  }
  return [stray, sources];
}

/** The first byte of these runs of the destination that is not what it was. */
function touched(memory: CaseMemory, dst: readonly Placed[], runs: readonly Run[]): string[] {
  const at = memory.changedIn(runs);
  return at < 0 ? [] : [locate('dst', dst, at) ?? 'a byte of dst'];
}

/** @param inPart what is not there may have stayed in a copy of the destination, of which results come home alone */
function isCopied(
  memory: CaseMemory,
  runs: readonly Run[],
  bytes: Uint8Array,
  inPart: boolean,
): boolean {
  const { u8 } = memory.machine.mem;
  let done = 0;
  return runs.every(({ phys, len }) => {
    const at = phys - PHYS_BASE;
    const isThere = (byte: number, i: number): boolean =>
      u8[at + i] === byte ||
      (inPart && memory.changedIn([{ phys: physAddr(phys + i), len: 1 }]) < 0);
    const same = bytes.subarray(done, done + len).every(isThere);
    done += len;
    return same;
  });
}
