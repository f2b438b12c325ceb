/**
 * Kernel access by virtual address: checked copies between the machine and private buffers.
 * @module
 */

import { KernelBug } from '../assert.ts';
import { offsetInPage, PAGE_SIZE, type VirtAddr, virtAddr } from '../units.ts';
import { isVmallocAddr } from './address.ts';
import type { Machine } from './machine.ts';
import { translateKernel } from './translate.ts';

/** Reads `target.length` bytes at a kernel address into a private buffer. */
export function readKernel(machine: Machine, address: VirtAddr, target: Uint8Array): void {
  let done = 0;
  while (done < target.length) {
    const part = contiguous(address + done, target.length - done);
    const at = translateKernel(machine, virtAddr(address + done), part);
    target.set(machine.load(at, part), done);
    done += part;
  }
}

/** Writes a private buffer to a kernel address. */
export function writeKernel(machine: Machine, address: VirtAddr, source: Uint8Array): void {
  let done = 0;
  while (done < source.length) {
    const part = contiguous(address + done, source.length - done);
    const at = translateKernel(machine, virtAddr(address + done), part);
    machine.store(at, source.subarray(done, done + part));
    done += part;
  }
}

/** @throws KernelBug when memory is exhausted: for set-up code that cannot go on without it. */
export function must<T>(value: T | null): T {
  if (value === null) throw new KernelBug('out of simulated memory');
  return value;
}

/** Bytes from `address` on that are certainly physically contiguous, at most `len`. */
function contiguous(address: number, len: number): number {
  if (!isVmallocAddr(virtAddr(address))) return len;
  return Math.min(len, PAGE_SIZE - offsetInPage(address));
}
