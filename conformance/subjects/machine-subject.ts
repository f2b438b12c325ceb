/**
 * The frame that every subject on a machine runs in: set the memory up, let one API do the operation,
 * and observe everything that can be seen afterwards. What belongs to one API is in its `Side`.
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import type { Errno } from '../../src/errno.ts';
import type { Holding } from '../../src/machine/ledger.ts';
import { PHYS_BASE } from '../../src/machine/phys-mem.ts';
import { type Case, isData, type Layout, type Segment } from '../case/case.ts';
import type { CaseMemory } from '../case/memory.ts';
import { type Placed, type Run, resplit, sliceRuns } from '../case/placed.ts';
import type { CaseInput, Observation } from '../judge/observe.ts';

/** A case in memory, as one API gets it. */
export interface Operation {
  readonly c: Case;
  readonly input: CaseInput;
  readonly memory: CaseMemory;
  /** AD, text and (decrypt) tag. */
  readonly src: readonly Placed[];
  /** Room for AD, text and (encrypt) tag; the same array as `src` for one list in place. */
  readonly dst: readonly Placed[];
  /** To be done first, on the same transform; its result does not count. */
  readonly earlier: Operation | null;
}

/** What an API answered. */
export interface Outcome {
  /** CRYPTO_ALG_ASYNC of the transform. */
  readonly async: boolean;
  readonly setkey: Errno;
  readonly setauthsize: Errno;
  readonly ret: Errno;
  readonly completions: readonly Errno[];
  readonly iv: Uint8Array;
  /** Hashes only. */
  readonly digest: Uint8Array;
  /** The length that a request tells whose result is as long as it turns out; 0 elsewhere. */
  readonly length: number;
  readonly form: readonly string[];
  readonly iterators: readonly string[];
}

/** One API under the harness. Must have freed everything it allocated when `run` returns. */
export interface Side {
  readonly name: string;
  /** True when associated data, text and tag are one list, as in the scatterlist API. */
  readonly joined: boolean;
  /** False where this API has no such driver: then the case is not run on it. Absent: it has all. */
  readonly offers?: (c: Case) => boolean;
  /** Why a case is not run on this API, its driver included; null: it is run. Absent: `offers` decides. */
  readonly declines?: (c: Case) => string | null;
  run(op: Operation): Outcome;
  /** Called after a trap: whatever state the API was left in must be forgotten. */
  renew(): void;
}

const NOTHING: Uint8Array = new Uint8Array(0);

/** Two segments for the earlier request; they hold its AD, text and tag. */
const EARLIER_SEGMENTS: readonly Segment[] = [
  { kind: 'page', offset: 7, len: 30 },
  { kind: 'page', offset: 0, len: 110 },
];
const EARLIER_LEN = 140;
const EARLIER_AD = 24;
/** No multiple of a block: block modes end in the middle of a segment, with -EINVAL. */
const EARLIER_TEXT = 41;
/** So many bytes at the end of its key and IV differ; what stands in front may have a form. */
const EARLIER_OTHER = 8;

/** Runs one case on one API, from an empty machine. */
export function observeCase(
  memory: CaseMemory,
  side: Side,
  c: Case,
  input: CaseInput,
): Observation {
  const { machine } = memory;
  memory.reset(c.seed, c.context.gather);
  const src = memory.place(c.layout.src);
  const dst = placeTarget(memory, c.layout, src);
  memory.write(src, 0, input.ad);
  memory.write(src, input.ad.length, input.text);
  if (c.op === 'decrypt' || c.op === 'verify') {
    memory.write(src, input.ad.length + input.text.length, input.tag);
  }
  const room = isData(c) ? memory.read(dst, 0, c.room) : NOTHING;
  const earlier = c.context.reuse ? earlierOperation(memory, c, input) : null;
  memory.sync();
  const before = machine.ledger.holdings();
  let outcome: Outcome | null = null;
  let trap: string | null = null;
  try {
    outcome = side.run({ c, input, memory, src, dst, earlier });
  } catch (error) {
    trap = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    if (!(error instanceof KernelBug) && error instanceof Error) trap = error.stack ?? trap;
    side.renew();
  }
  const produced = producedLength(c, input, outcome);
  const { length: assoclen } = input.ad;
  const adRuns = sliceRuns(dst, 0, c.kind === 'ahash' ? 0 : assoclen);
  const isTagInDst = c.op === 'decrypt' && c.layout.inplace !== 'no';
  const tagRuns = sliceRuns(dst, assoclen + produced, isTagInDst ? c.authsize : 0);
  const written = [...sliceRuns(dst, assoclen, produced), ...adRuns, ...tagRuns];
  if (earlier !== null) written.push(...sliceRuns(earlier.dst, 0, EARLIER_LEN));
  const [stray, source] = strayBytes(memory, c, src, dst, written);
  const completions = outcome?.completions ?? [];
  const ret = outcome?.ret ?? 0;
  return {
    subject: side.name,
    joined: side.joined,
    async: outcome?.async ?? false,
    setkey: outcome?.setkey ?? 0,
    setauthsize: outcome?.setauthsize ?? 0,
    ret,
    completions,
    result: completions.at(-1) ?? ret,
    output: c.op === 'digest' ? (outcome?.digest ?? NOTHING) : memory.read(dst, assoclen, produced),
    length: outcome?.length ?? 0,
    before: room.subarray(0, produced),
    iv: outcome?.iv ?? NOTHING,
    stray,
    touchedAd: touched(memory, dst, adRuns),
    isAdCopied: isCopied(memory, adRuns, input.ad),
    touchedTag: touched(memory, dst, tagRuns),
    source,
    leaks: trap === null ? leaks(before, machine.ledger.holdings()) : [],
    form: outcome?.form ?? [],
    iterators: outcome?.iterators ?? [],
    trap,
    warnings: [...machine.warnings],
  };
}

/** A request in place on memory of its own, with another key and IV: what it leaves must not matter. */
function earlierOperation(memory: CaseMemory, c: Case, input: CaseInput): Operation {
  const placed = memory.place(EARLIER_SEGMENTS);
  memory.write(placed, 0, new Uint8Array(EARLIER_LEN));
  const other = (bytes: Uint8Array): Uint8Array =>
    bytes.map((byte, i) => (i < bytes.length - EARLIER_OTHER ? byte : byte ^ 0xff));
  return {
    c: {
      ...c,
      op: c.kind === 'skcipher' || c.kind === 'aead' ? 'encrypt' : c.op,
      room: Math.min(c.room, EARLIER_LEN),
      context: { ...c.context, fault: 0 },
      layout: { inplace: 'same', src: EARLIER_SEGMENTS, dst: [], chain: 0 },
      hash: { final: 'digest', updates: [], reimport: false },
    },
    input: {
      key: input.key === null ? null : other(input.key),
      iv: other(input.iv),
      ad: new Uint8Array(Math.min(input.ad.length, EARLIER_AD)),
      text: new Uint8Array(EARLIER_TEXT),
      tag: NOTHING,
    },
    memory,
    src: placed,
    dst: placed,
    earlier: null,
  };
}

/**
 * Bytes that the operation writes behind the AD of its destination. What tells a length may write no more
 * than that when all went well.
 */
export function producedLength(c: Case, input: CaseInput, outcome: Outcome | null): number {
  if (c.kind === 'ahash') return 0;
  if (isData(c)) {
    const failed = outcome === null || (outcome.completions.at(-1) ?? outcome.ret) !== 0;
    return failed ? c.room : Math.min(outcome.length, c.room);
  }
  return input.text.length + (c.op === 'encrypt' ? c.authsize : 0);
}

/** The destination of a layout: memory of its own, the source, or another list over the source. */
export function placeTarget(
  memory: CaseMemory,
  layout: Layout,
  src: readonly Placed[],
): readonly Placed[] {
  if (layout.inplace === 'no') return memory.place(layout.dst);
  if (layout.inplace === 'same') return src;
  return resplit(
    src,
    layout.dst.map(({ len }) => len),
  );
}

/** Changed bytes outside `written`, split into those of the source and all others. */
function strayBytes(
  memory: CaseMemory,
  c: Case,
  src: readonly Placed[],
  dst: readonly Placed[],
  written: readonly Run[],
): [string[], string[]] {
  const found = memory.strayWrites(written);
  const inSource = c.layout.inplace === 'no';
  const source: string[] = [];
  const stray: string[] = [];
  for (const at of found) {
    const owner = inSource ? locate('src', src, at) : null;
    if (owner !== null) source.push(owner);
    else stray.push(locate('dst', dst, at) ?? nearest(src, dst, at));
  }
  return [stray, source];
}

/** The first byte of these runs of the destination that is not what it was. */
function touched(memory: CaseMemory, dst: readonly Placed[], runs: readonly Run[]): string[] {
  const at = memory.changedIn(runs);
  return at < 0 ? [] : [locate('dst', dst, at) ?? 'a byte of dst'];
}

function isCopied(memory: CaseMemory, runs: readonly Run[], bytes: Uint8Array): boolean {
  const { u8 } = memory.machine.mem;
  let done = 0;
  return runs.every(({ phys, len }) => {
    const at = phys - PHYS_BASE;
    const same = bytes.subarray(done, done + len).every((byte, i) => u8[at + i] === byte);
    done += len;
    return same;
  });
}

function locate(name: string, placed: readonly Placed[], at: number): string | null {
  for (const [i, { runs }] of placed.entries()) {
    for (const { phys, len } of runs) {
      const inside = at - (phys - PHYS_BASE);
      if (inside >= 0 && inside < len) return `byte ${inside} of ${name} segment ${i}`;
    }
  }
  return null;
}

/** The stray byte relative to the segment that ends before it or begins behind it. */
function nearest(src: readonly Placed[], dst: readonly Placed[], at: number): string {
  let best = Number.POSITIVE_INFINITY;
  let words = 'a page of the case';
  const lists = [
    ['src', src],
    ['dst', dst],
  ] as const;
  for (const [name, placed] of lists) {
    for (const [i, { runs }] of placed.entries()) {
      for (const { phys, len } of runs) {
        const from = phys - PHYS_BASE;
        const distance = at < from ? from - at : at - (from + len) + 1;
        if (distance >= best) continue;
        best = distance;
        words = `${distance} bytes ${at < from ? 'before' : 'behind'} ${name} segment ${i}`;
      }
    }
  }
  return words;
}

function leaks(before: readonly Holding[], after: readonly Holding[]): string[] {
  const key = ({ kind, id }: Holding): string => `${kind}:${id}`;
  const had = new Map(before.map((holding) => [key(holding), holding]));
  const lines: string[] = [];
  for (const holding of after) {
    const old = had.get(key(holding));
    had.delete(key(holding));
    const more = holding.count - (old?.count ?? 0);
    if (more > 0) lines.push(`${more} ${holding.kind} not returned, taken by ${holding.who}`);
    if (more < 0) lines.push(`${-more} ${holding.kind} of ${holding.who} returned too often`);
  }
  for (const { kind, who } of had.values()) lines.push(`${kind} of ${who} taken away`);
  return lines;
}

/** The outcome of an operation of which nothing more is known than what it returned. */
export function refused(ret: Errno): Outcome {
  return {
    async: false,
    setkey: 0,
    setauthsize: 0,
    ret,
    completions: [],
    iv: NOTHING,
    digest: NOTHING,
    length: 0,
    form: [],
    iterators: [],
  };
}
