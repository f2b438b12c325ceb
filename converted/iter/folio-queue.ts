/**
 * A queue of whole folios, linked in both directions.
 * C: include/linux/folio_queue.h (7.3)
 * @module
 */
import { assert } from '../../src/assert.ts';
import { PAGE_SIZE, type Pfn } from '../../src/units.ts';

/** Slots of one node, PAGEVEC_SIZE. */
const PAGEVEC_SIZE = 31;

/** A folio: 2^order pages from `page` on. @kernel folio */
export interface Folio {
  readonly page: Pfn;
  readonly order: number;
}

/** One node. Slots behind `nr` are empty; what they hold is undefined in C. @kernel folio_queue */
export class FolioQueue {
  next: FolioQueue | null = null;
  prev: FolioQueue | null = null;
  readonly folios: (Folio | null)[] = new Array<Folio | null>(PAGEVEC_SIZE).fill(null);
  /** Occupied slots. */
  nr = 0;

  /** Bytes of the folio in a slot; an empty slot counts as one page, as its zeroed order says. */
  size(slot: number): number {
    return PAGE_SIZE << (this.folios[slot]?.order ?? 0);
  }
}

/** Slots of a node: its capacity, not its occupation. @kernel folioq_nr_slots */
export function folioqNrSlots(folioq: FolioQueue): number {
  return folioq.folios.length;
}

/** Puts a folio into the next free slot. Must not be called on a full node. @kernel folioq_append */
export function folioqAppend(folioq: FolioQueue, folio: Folio): number {
  assert(folioq.nr < PAGEVEC_SIZE, 'folio queue node is full');
  folioq.folios[folioq.nr] = folio;
  return folioq.nr++;
}

/** Links a new node behind `tail`. @kernel none, open coded in fs/netfs/rolling_buffer.c */
export function folioqLink(tail: FolioQueue): FolioQueue {
  const node = new FolioQueue();
  tail.next = node;
  node.prev = tail;
  return node;
}
