/**
 * What is done on a transform before and behind the operation of a case: another request, and the same once
 * more. Each has memory of its own.
 * @module
 */
import { PAGE_SIZE } from '../../src/units.ts';
import {
  bytesLength,
  type Case,
  type HashPlan,
  resizeBytes,
  type Segment,
  sourceLength,
  targetLength,
} from '../case/case.ts';
import type { CaseMemory } from '../case/memory.ts';
import type { CaseInput } from '../judge/observe.ts';
import type { Operation } from './operation.ts';

const NOTHING: Uint8Array = new Uint8Array(0);

/** Two segments for the earlier request; they hold its AD, text and tag. */
const EARLIER_SEGMENTS: readonly Segment[] = [
  { kind: 'page', offset: 7, len: 30 },
  { kind: 'page', offset: 0, len: 110 },
];
export const EARLIER_LEN = 140;
const EARLIER_AD = 24;
const ONE_CALL: HashPlan = { final: 'digest', updates: [], reimport: false };
/** No multiple of a block: block modes end in the middle of a segment, with -EINVAL. */
const EARLIER_TEXT = 41;
/** So many bytes at the end of its key and IV differ; what stands in front may have a form. */
const EARLIER_OTHER = 8;

/** A request in place on memory of its own, with another key and IV: what it leaves must not matter. */
export function earlierOperation(memory: CaseMemory, c: Case, input: CaseInput): Operation {
  const placed = memory.place(EARLIER_SEGMENTS);
  memory.write(placed, 0, new Uint8Array(EARLIER_LEN));
  const other = (bytes: Uint8Array): Uint8Array =>
    bytes.map((byte, i) => (i < bytes.length - EARLIER_OTHER ? byte : byte ^ 0xff));
  return {
    c: {
      ...c,
      op: earlierOp(c),
      room: Math.min(c.room, EARLIER_LEN),
      context: { ...c.context, fault: 0, again: undefined, caller: undefined },
      layout: { inplace: 'same', src: EARLIER_SEGMENTS, dst: [], chain: 0 },
      hash: ONE_CALL,
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
    later: null,
  };
}

/** That request as a case of its own: what goes wrong in it is easier to see without another behind it. */
export function earlierCase(c: Case): Case {
  const { context } = c;
  return {
    ...c,
    op: earlierOp(c),
    ad: resizeBytes(c.ad, Math.min(bytesLength(c.ad), EARLIER_AD)),
    text: { seed: c.seed, len: EARLIER_TEXT },
    tag: null,
    tamper: null,
    room: Math.min(c.room, EARLIER_LEN),
    context: { ...context, reuse: false, fault: 0, again: undefined, caller: undefined },
    layout: { inplace: 'same', src: EARLIER_SEGMENTS, dst: [], chain: 0 },
    hash: ONE_CALL,
    short: undefined,
    invalid: undefined,
  };
}

function earlierOp({ kind, op }: Case): Case['op'] {
  return kind === 'skcipher' || kind === 'aead' ? 'encrypt' : op;
}

/**
 * The same operation on whole pages, in place where the case is; its fault is over by then. The key is left
 * out by whoever could set it before.
 */
export function laterOperation(memory: CaseMemory, c: Case, input: CaseInput): Operation {
  const { inplace } = c.layout;
  const room = inplace === 'no' ? 0 : targetLength(c);
  const layout = {
    inplace,
    src: pagesOf(Math.max(sourceLength(c), room)),
    dst: inplace === 'no' ? pagesOf(targetLength(c)) : [],
    chain: 0,
  };
  const src = memory.place(layout.src);
  memory.write(src, 0, input.ad);
  memory.write(src, input.ad.length, input.text);
  memory.write(src, input.ad.length + input.text.length, input.tag);
  const dst = inplace === 'no' ? memory.place(layout.dst) : inplace === 'same' ? src : [...src];
  const { context: whole } = c;
  const context = { ...whole, fault: 0, failing: undefined, again: undefined, caller: undefined };
  return { c: { ...c, layout, context }, input, memory, src, dst, earlier: null, later: null };
}

/** Segments of a page each; one that is empty for no bytes. */
function pagesOf(len: number): Segment[] {
  const segments: Segment[] = [];
  for (let left = len; left > 0 || segments.length === 0; left -= PAGE_SIZE) {
    segments.push({ kind: 'page', offset: 0, len: Math.min(Math.max(left, 0), PAGE_SIZE) });
  }
  return segments;
}

/** The same bytes at an odd address, where an API may need a copy of its own. */
export function misaligned(bytes: Uint8Array): Uint8Array {
  const odd = new Uint8Array(bytes.length + 1).subarray(1);
  odd.set(bytes);
  return odd;
}
