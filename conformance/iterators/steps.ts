/**
 * The step engine under test: what each step is called with, and that a step that takes less ends it.
 * @module
 */
import type { IovIter } from '../../converted/iter/iov-iter.ts';
import { iterateAndAdvance } from '../../converted/iter/iterate.ts';
import { readKernel } from '../../src/machine/access.ts';
import { copyFromUser } from '../../src/machine/user.ts';
import {
  offsetInPage,
  PAGE_SIZE,
  type UserAddr,
  userAddr,
  type VirtAddr,
} from '../../src/units.ts';
import { STEP_TAKES } from '../case/iterator-case.ts';
import type { CaseFile } from './file.ts';
import type { Flat } from './flat.ts';

/** What the steps of one iteration have seen. */
interface Seen {
  readonly file: CaseFile;
  readonly takes: number;
  readonly bytes: number[];
  /** True after a step that took less than it could have. */
  ended: boolean;
  wrong: string | null;
}

/** Steps over `n` bytes. @returns how far it came, and what is wrong or null; the model does not move */
export function stepThrough(
  file: CaseFile,
  model: Uint8Array,
  iter: IovIter,
  flat: Flat,
  n: number,
  takes: number,
): { readonly done: number; readonly wrong: string | null } {
  const seen: Seen = {
    file,
    takes: takes % STEP_TAKES.length,
    bytes: [],
    ended: false,
    wrong: null,
  };
  const done = iterateAndAdvance(iter, n, seen, userStep, kernelStep);
  const most = flat.reach(n);
  if (seen.wrong !== null) return { done, wrong: seen.wrong };
  if (done > most) return { done, wrong: `${done} bytes processed, and ${most} can be` };
  if (flat.isDiscard) return { done, wrong: done === most ? null : `${done} bytes discarded` };
  if (done !== seen.bytes.length) {
    return { done, wrong: `${done} bytes processed, and the steps took ${seen.bytes.length}` };
  }
  const meant = meantLength(flat, seen, most);
  if (done < meant) return { done, wrong: `${done} bytes processed, expected ${meant} or more` };
  const want = flat.coming(model, done);
  for (let at = 0; at < done; at++) {
    if (seen.bytes[at] !== want[at]) return { done, wrong: `byte ${at} of the steps is another` };
  }
  return { done, wrong: null };
}

/** The least that must have been processed: all, a byte, or nothing. */
function meantLength(flat: Flat, { takes }: Seen, most: number): number {
  if (takes === 0) return most;
  return takes === 3 || flat.count === 0 ? 0 : Math.min(1, most);
}

/** Bytes that a step takes of `len`. */
function taken({ takes }: Seen, len: number): number {
  return [len, Math.ceil(len / 2), Math.min(1, len), 0][takes];
}

function take(seen: Seen, bytes: Uint8Array, progress: number, len: number): number {
  if (seen.ended) seen.wrong ??= 'another step behind one that took less';
  if (progress !== seen.bytes.length) {
    seen.wrong ??= `progress ${progress} after ${seen.bytes.length} bytes`;
  }
  const n = Math.min(taken(seen, len), bytes.length);
  for (let i = 0; i < n; i++) seen.bytes.push(bytes[i]);
  seen.ended = n < len;
  return len - n;
}

function kernelStep(base: VirtAddr, progress: number, len: number, seen: Seen): number {
  const bytes = new Uint8Array(len);
  if (len > 0) readKernel(seen.file.machine, base, bytes);
  return take(seen, bytes, progress, len);
}

function userStep(base: UserAddr, progress: number, len: number, seen: Seen): number {
  const { machine, memory, program } = seen.file;
  const bytes = new Uint8Array(len);
  let reached = len - copyFromUser(machine, memory.mm, bytes, base);
  if (program.direction === 'dest') {
    reached = Math.min(reached, writableBytes(seen.file, base, len));
  }
  return take(seen, bytes.subarray(0, reached), progress, len);
}

/** Bytes from `base` on that the process may write. */
function writableBytes({ memory }: CaseFile, base: UserAddr, len: number): number {
  let done = 0;
  while (done < len && memory.mm.translate(userAddr(base + done), true, true) !== null) {
    done = Math.min(len, done + PAGE_SIZE - offsetInPage(base + done));
  }
  return done;
}
