/**
 * A segmented queue of bio_vecs, to which both ends can be added without reallocating: the proposed
 * successor of folio queues, and the answer to "glue a header in front of the data".
 * C: include/linux/bvecq.h as proposed on the lists in 2026; not merged in 7.3
 * @module
 */
import { assert } from '../../src/assert.ts';
import type { BioVec } from '../../src/bvec.ts';

/** Slots of a node of 512 bytes. */
const BVECQ_SLOTS = 29;

/** Who keeps the memory alive. @kernel bvecq_mem */
export type BvecqMem = 'external' | 'pagecache' | 'gup' | 'alloced';

/** One node. A producer may fill more slots while a consumer walks. @kernel bvecq */
export class Bvecq {
  next: Bvecq | null = null;
  prev: Bvecq | null = null;
  readonly bv: BioVec[] = [];
  readonly maxSlots: number;
  readonly memType: BvecqMem;

  constructor(maxSlots: number = BVECQ_SLOTS, memType: BvecqMem = 'external') {
    assert(maxSlots > 0, 'bvecq slots');
    this.maxSlots = maxSlots;
    this.memType = memType;
  }

  /** Filled slots. */
  get nrSlots(): number {
    return this.bv.length;
  }
}

/**
 * Adds a bio_vec behind the last one.
 * @returns the node that now ends the queue: `tail`, or a new one when it was full. @kernel none
 */
export function bvecqAppend(tail: Bvecq, bv: BioVec): Bvecq {
  assert(tail.next === null, 'append behind the tail only');
  let node = tail;
  if (tail.nrSlots === tail.maxSlots) {
    node = new Bvecq(tail.maxSlots, tail.memType);
    node.prev = tail;
    tail.next = node;
  }
  node.bv.push(bv);
  return node;
}

/**
 * Adds a bio_vec in front, in a node of its own: slots of existing nodes keep their numbers, so no
 * iterator is disturbed.
 * @returns the new head. @kernel none
 */
export function bvecqPrepend(head: Bvecq, bv: BioVec): Bvecq {
  assert(head.prev === null, 'prepend before the head only');
  const node = new Bvecq(1, head.memType);
  node.bv.push(bv);
  node.next = head;
  head.prev = node;
  return node;
}
