/**
 * Memory behind late addresses: kernel virtual ones keep their KASAN tag until they are accessed, and
 * are checked and translated then. Physical addresses pass through.
 *
 * Software works like this; only a device needs `placesOf`, which loses the tags.
 * @module
 */

import { BvecList, bvecAppend, bvecClear } from '../../src/bvec.ts';
import { LINEAR_BASE } from '../../src/machine/address.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { translateKernel } from '../../src/machine/translate.ts';
import { type PhysAddr, physAddr, virtAddr } from '../../src/units.ts';
import { bvecConflict, bvecOverlap } from './overlap.ts';
import type { WalkMemory } from './walk.ts';

/** @kernel none, the kernel's software drivers map pages and see page tags only */
export class LateMemory implements WalkMemory {
  private readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  load(at: PhysAddr, len: number): Uint8Array {
    return this.machine.load(place(this.machine, at, len), len);
  }

  store(at: PhysAddr, bytes: Uint8Array): void {
    this.machine.store(place(this.machine, at, bytes.length), bytes);
  }

  copy(dst: PhysAddr, src: PhysAddr, len: number): void {
    const from = place(this.machine, src, len);
    this.machine.copy(place(this.machine, dst, len), from, len);
  }

  fill(at: PhysAddr, len: number, value: number): void {
    this.machine.fill(place(this.machine, at, len), len, value);
  }
}

/**
 * The physical addresses of a late list, as DMA mapping sees them: nothing is accessed, so no tag is
 * checked. @kernel none, virt_to_phys for each entry
 */
export function placesOf(machine: Machine, target: BvecList, late: BvecList): void {
  bvecClear(target);
  for (let k = 0; k < late.nr; k++) {
    const at = place(machine, physAddr(late.phys[k]), 0);
    bvecAppend(target, at, late.len[k], late.flags[k]);
  }
}

/** `bvecConflict` of late lists. @kernel none */
export function lateConflict(machine: Machine, src: BvecList, dst: BvecList): boolean {
  return bvecConflict(places(machine, src), places(machine, dst));
}

/** `bvecOverlap` of late lists. @kernel none */
export function lateOverlap(machine: Machine, a: BvecList, b: BvecList): boolean {
  return bvecOverlap(places(machine, a), places(machine, b));
}

function places(machine: Machine, late: BvecList): BvecList {
  const target = new BvecList(late.nr);
  placesOf(machine, target, late);
  return target;
}

/** @param len bytes about to be accessed, whose tags must match; 0 for none. */
function place(machine: Machine, at: PhysAddr, len: number): PhysAddr {
  return at < LINEAR_BASE ? at : translateKernel(machine, virtAddr(at), len);
}
