/**
 * Memory named by physical or by kernel virtual addresses, whichever it is given.
 *
 * Software that works on virtual addresses to the end, instead of translating them early, keeps the
 * tags of its pointers: every access here is checked as one through that pointer. Physical addresses
 * (below 2^40, so that the two cannot be mixed up) have no tag and are only checked by the shadow.
 * @module
 */

import type { ByteMemory } from '../provider/provider.ts';
import { offsetInPage, PAGE_SIZE, type PhysAddr, physAddr, virtAddr } from '../units.ts';
import { readKernel, writeKernel } from './access.ts';
import { isVmallocAddr, LINEAR_BASE } from './address.ts';
import type { Machine } from './machine.ts';
import { translateKernel } from './translate.ts';

export class KernelMemory implements ByteMemory {
  private readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  load(at: PhysAddr, len: number): Uint8Array {
    if (contiguous(at) >= len) return this.machine.load(this.resolve(at, len), len);
    const bytes = new Uint8Array(len);
    readKernel(this.machine, virtAddr(at), bytes);
    return bytes;
  }

  store(at: PhysAddr, bytes: Uint8Array): void {
    if (contiguous(at) < bytes.length) writeKernel(this.machine, virtAddr(at), bytes);
    else this.machine.store(this.resolve(at, bytes.length), bytes);
  }

  /** Must be called with ranges that are equal or disjoint. */
  copy(dst: PhysAddr, src: PhysAddr, len: number): void {
    for (let done = 0; done < len; ) {
      const to = physAddr(dst + done);
      const from = physAddr(src + done);
      const part = Math.min(len - done, contiguous(to), contiguous(from));
      this.machine.copy(this.resolve(to, part), this.resolve(from, part), part);
      done += part;
    }
  }

  fill(at: PhysAddr, len: number, value: number): void {
    for (let done = 0; done < len; ) {
      const to = physAddr(at + done);
      const part = Math.min(len - done, contiguous(to));
      this.machine.fill(this.resolve(to, part), part, value);
      done += part;
    }
  }

  private resolve(at: PhysAddr, len: number): PhysAddr {
    return at < LINEAR_BASE ? at : translateKernel(this.machine, virtAddr(at), len);
  }
}

/** Bytes from `at` on that are certainly physically contiguous. */
function contiguous(at: PhysAddr): number {
  if (at < LINEAR_BASE || !isVmallocAddr(virtAddr(at))) return Number.POSITIVE_INFINITY;
  return PAGE_SIZE - offsetInPage(at);
}
