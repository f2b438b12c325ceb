/**
 * Late lists where places matter: DMA mapping, and the question whether two lists overlap. Software
 * needs none of this: it works on the addresses as they are, through `KernelMemory`.
 * @module
 */

import { BvecList, bvecAppend, bvecClear } from '../../src/bvec.ts';
import { LINEAR_BASE } from '../../src/machine/address.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { translateKernel } from '../../src/machine/translate.ts';
import { type MemAddr, type PhysAddr, physAddr, virtAddr } from '../../src/units.ts';
import type { LateList, OpList } from './list.ts';
import { bvecConflict, bvecOverlap } from './overlap.ts';

/**
 * The physical addresses of a late list, as DMA mapping sees them: nothing is accessed, so no tag is
 * checked. @kernel none, virt_to_phys for each entry
 */
export function placesOf(machine: Machine, target: BvecList, late: LateList): void {
  bvecClear(target);
  for (let k = 0; k < late.nr; k++) {
    bvecAppend(target, place(machine, late.at[k]), late.len[k], late.flags[k]);
  }
}

/** True when some byte of `dst` is also a byte of `src` at another position. @kernel none */
export function listConflict(machine: Machine, src: OpList, dst: OpList): boolean {
  return bvecConflict(places(machine, src), places(machine, dst));
}

/** True when the lists share a byte at all. @kernel none */
export function listOverlap(machine: Machine, a: OpList, b: OpList): boolean {
  return bvecOverlap(places(machine, a), places(machine, b));
}

function places(machine: Machine, list: OpList): BvecList {
  if (list instanceof BvecList) return list;
  const target = new BvecList(list.nr);
  placesOf(machine, target, list);
  return target;
}

function place(machine: Machine, at: MemAddr | number): PhysAddr {
  return at < LINEAR_BASE ? physAddr(at) : translateKernel(machine, virtAddr(at), 0);
}
