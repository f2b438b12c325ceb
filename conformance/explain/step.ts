/**
 * Steps: what one side did, in order, as data.
 * @module
 */
import type { Stack } from './frames.ts';

/** What is being done while a step is made. */
export const PHASES = ['setup', 'setkey', 'earlier', 'operation', 'end'] as const;
export type Phase = (typeof PHASES)[number];

/**
 * - `read`, `write`, `fill`, `copy`: accesses to memory; `cipher`: a byte kernel read and wrote
 * - `take`, `drop`: pages, slab objects, references, pins, mappings
 * - `queue`, `run`: work is queued, and begins
 * - `submit`, `answer`, `complete`: the caller gives a request, and hears of it
 * - `iv`, `result`: the caller's buffers have other bytes than before
 * - `list`, `iterator`: what the caller owns was changed, or is as it was again
 * - `warn`, `trap`: a kernel would WARN, or BUG
 */
export type StepKind =
  | ('read' | 'write' | 'fill' | 'copy' | 'cipher')
  | ('take' | 'drop' | 'queue' | 'run')
  | ('submit' | 'answer' | 'complete')
  | ('iv' | 'result' | 'list' | 'iterator' | 'warn' | 'trap');

/** A range of memory as it was called when it was touched. */
export interface Touch {
  /** Offset in the memory of the machine. */
  readonly at: number;
  readonly len: number;
  readonly name: string;
  /** What the bytes are for; empty outside the case. */
  readonly roles: string;
}

export interface Step {
  readonly kind: StepKind;
  readonly phase: Phase;
  readonly stack: Stack;
  readonly read: Touch | null;
  readonly write: Touch | null;
  /** What stood in the written range afterwards, cut to `MOST_BYTES`. */
  readonly bytes: Uint8Array;
  /** Whatever the ranges do not say. */
  readonly words: string;
  /** `take` and `drop`: what it is, so that the two can be matched; else empty. */
  readonly key: string;
}

/** Bytes of a write that are kept. */
export const MOST_BYTES = 64;

export const NO_BYTES: Uint8Array = new Uint8Array(0);
export const NO_STACK: Stack = { api: [], kernel: null };

/** True for a step that may change what stands at an offset of memory. */
export function writesTo({ write }: Step, at: number): boolean {
  return write !== null && at >= write.at && at < write.at + write.len;
}

/**
 * Two steps as one, where the second goes on where the first ended: the next bytes of the same access,
 * or the write of a byte kernel behind its read. @returns null where they are two.
 */
export function joined(a: Step, b: Step): Step | null {
  if (a.phase !== b.phase || !sameStack(a.stack, b.stack)) return null;
  const kernel = a.stack.kernel !== null && a.stack.kernel.fn === b.stack.kernel?.fn;
  if (kernel && a.kind === 'read' && b.kind === 'write' && a.read?.len === b.write?.len) {
    return { ...b, kind: 'cipher', read: a.read };
  }
  if (a.kind !== b.kind || !isAccess(a)) return null;
  const read = follows(a.read, b.read);
  const write = follows(a.write, b.write);
  if (read === undefined || write === undefined) return null;
  const bytes = Buffer.concat([a.bytes, b.bytes]).subarray(0, MOST_BYTES);
  return { ...b, read, write, bytes: a.bytes.length < MOST_BYTES ? bytes : a.bytes };
}

function isAccess({ kind }: Step): boolean {
  return ['read', 'write', 'fill', 'copy', 'cipher'].includes(kind);
}

/** The two ranges as one; undefined where the second does not follow the first. */
function follows(a: Touch | null, b: Touch | null): Touch | null | undefined {
  if (a === null || b === null) return a === b ? null : undefined;
  if (a.at + a.len !== b.at) return undefined;
  const [, start] = /^(.*\+\d+)\.\.\d+$/.exec(a.name) ?? [];
  const [, owner, end] = /^(.*)\+\d+\.\.(\d+)$/.exec(b.name) ?? [];
  if (start === undefined || owner === undefined || !start.startsWith(`${owner}+`))
    return undefined;
  const roles = a.roles === b.roles ? a.roles : undefined;
  return roles === undefined
    ? undefined
    : { at: a.at, len: a.len + b.len, name: `${start}..${end}`, roles };
}

/** The same functions of the API, called from the same places; where in the innermost does not matter. */
function sameStack({ api: a }: Stack, { api: b }: Stack): boolean {
  const last = a.length - 1;
  if (a.length !== b.length) return false;
  return a.every((frame, i) => frame.fn === b[i].fn && (i === last || frame.line === b[i].line));
}
