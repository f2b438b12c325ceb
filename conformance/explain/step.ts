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
 * - `lend`, `back`: the caller takes memory of a process, and gives it back or brings a copy home
 * - `misuse`: the caller breaks the contract while a request is in flight
 * - `iv`, `result`: the caller's buffers have other bytes than before
 * - `list`, `iterator`: what the caller owns was changed, or is as it was again
 * - `warn`, `trap`: a kernel would WARN, or BUG
 */
export type StepKind =
  | ('read' | 'write' | 'fill' | 'copy' | 'cipher')
  | ('take' | 'drop' | 'queue' | 'run')
  | ('submit' | 'answer' | 'complete' | 'misuse' | 'lend' | 'back')
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
  /** Number of the request that it is made for, -1 where no request is told by it; 0 where there is one. */
  readonly request: number;
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

/**
 * Gives steps that touch no request's memory to one: to the one that the same piece of work touches next, or
 * else touched before. A piece of work begins where a request is given, and where queued work begins.
 */
export function attributed(steps: readonly Step[]): Step[] {
  const given = [...steps];
  for (let from = 0; from < given.length; ) {
    let to = from + 1;
    while (to < given.length && !begins(given[to])) to++;
    giveOne(given, from, to);
    from = to;
  }
  return given;
}

function begins({ kind }: Step): boolean {
  return kind === 'submit' || kind === 'run';
}

function giveOne(steps: Step[], from: number, to: number): void {
  let known = -1;
  for (let i = to - 1; i >= from; i--) {
    if (steps[i].request < 0) steps[i] = { ...steps[i], request: known };
    else known = steps[i].request;
  }
  for (let i = from; i < to; i++) {
    if (steps[i].request < 0) steps[i] = { ...steps[i], request: known };
    else known = steps[i].request;
  }
}

/** True for a step that may change what stands at an offset of memory. */
export function writesTo({ write }: Step, at: number): boolean {
  return write !== null && at >= write.at && at < write.at + write.len;
}

/**
 * Two steps as one, where the second goes on where the first ended: the next bytes of the same access,
 * or the write of a byte kernel behind its read. @returns null where they are two.
 */
export function joined(a: Step, b: Step): Step | null {
  if (a.phase !== b.phase || a.request !== b.request || !sameStack(a.stack, b.stack)) return null;
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
