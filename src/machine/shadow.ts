/**
 * Shadow memory: one state byte for each byte of physical memory.
 *
 * Verified: no access to free memory, red zones or bytes outside an object, on both ends, byte by
 * byte (KASAN's 8-byte granules would miss up to 7 bytes before an object); no read of bytes that
 * were never written. Not verified: races, because the machine has one processor.
 *
 * State 0 means "free page": memory that was never touched needs no initialisation.
 * C: mm/kasan/generic.c, mm/kmsan/shadow.c (6.1), in one byte instead of two maps
 * @module
 */
import { KernelBug } from '../assert.ts';

export const SHADOW_FREE = 0;
/** Allocated, never written. */
export const SHADOW_UNINIT = 1;
/** Allocated and written. */
export const SHADOW_INIT = 2;
/** Behind or before an object. */
export const SHADOW_REDZONE = 3;
/** A freed slab object. */
export const SHADOW_FREED_OBJECT = 4;

const NAMES: readonly string[] = [
  'free page',
  'uninitialised memory',
  'initialised memory',
  'red zone',
  'freed object',
];

/** Length of the constant runs that ranges are compared with; longer ranges take several rounds. */
const RUN = 65536;
/** Ranges up to here are compared by a loop: a call of `Buffer.compare` costs about 60 ns. */
const SHORT = 48;
const INIT_RUN: Buffer = Buffer.alloc(RUN, SHADOW_INIT);
const UNINIT_RUN: Buffer = Buffer.alloc(RUN, SHADOW_UNINIT);

export class Shadow {
  private readonly states: Uint8Array;
  /** The same bytes as a Buffer, for `compare`. */
  private readonly buffer: Buffer;

  /** @param size bytes of physical memory. */
  constructor(size: number) {
    this.states = new Uint8Array(size);
    this.buffer = Buffer.from(this.states.buffer);
  }

  /** Puts a range into one state. */
  mark(offset: number, len: number, state: number): void {
    this.states.fill(state, offset, offset + len);
  }

  /** The state of one byte. */
  at(offset: number): number {
    return this.states[offset];
  }

  /** Carries initialisation along with a copy, as KMSAN does. */
  copy(dst: number, src: number, len: number): void {
    this.states.copyWithin(dst, src, src + len);
  }

  /** @throws KernelBug unless every byte is allocated and initialised. */
  checkRead(offset: number, len: number): void {
    if (!this.uniform(SHADOW_INIT, offset, len)) this.report('read', offset, len, SHADOW_INIT);
  }

  /** @throws KernelBug unless every byte is allocated. Copies may move uninitialised bytes. */
  checkAllocated(offset: number, len: number): void {
    if (this.uniform(SHADOW_INIT, offset, len) || this.uniform(SHADOW_UNINIT, offset, len)) return;
    this.report('access', offset, len, SHADOW_UNINIT);
  }

  /** Checks a write and records it. @throws KernelBug unless every byte is allocated. */
  checkWrite(offset: number, len: number): void {
    if (this.uniform(SHADOW_INIT, offset, len)) return;
    if (!this.uniform(SHADOW_UNINIT, offset, len)) this.report('write', offset, len, SHADOW_UNINIT);
    this.states.fill(SHADOW_INIT, offset, offset + len);
  }

  /** True when every byte of the range is in `state`, SHADOW_INIT or SHADOW_UNINIT. */
  private uniform(state: number, offset: number, len: number): boolean {
    if (len <= SHORT) {
      for (let i = offset; i < offset + len; i++) if (this.states[i] !== state) return false;
      return true;
    }
    const run = state === SHADOW_INIT ? INIT_RUN : UNINIT_RUN;
    for (let done = 0; done < len; done += RUN) {
      const part = Math.min(RUN, len - done);
      const start = offset + done;
      if (this.buffer.compare(run, 0, part, start, start + part) !== 0) return false;
    }
    return true;
  }

  /** Throws when a byte of the range is in a state that is not allowed. */
  private report(access: string, offset: number, len: number, lowest: number): void {
    for (let i = offset; i < offset + len; i++) {
      const state = this.states[i];
      if (state === SHADOW_INIT || state === lowest) continue;
      throw new KernelBug(`${access} of ${NAMES[state]}`, { offset: i, inside: i - offset, len });
    }
  }
}
