/**
 * What a transform keeps from one message to the next: a request, its iterators and their lists, so that
 * a small message makes no object of the core.
 *
 * @kernel none: names are ordinary TypeScript.
 * @module
 */
import { BvecList, bvecFree } from '../../src/bvec.ts';
import type { Machine } from '../../src/machine/machine.ts';
import {
  type IovIter,
  ITER_DEST,
  ITER_SOURCE,
  iovIterBvecList,
  iovIterRestart,
} from '../iter/iov-iter.ts';
import type { Placement } from './place.ts';

/** Entries that a list has room for at first: a message of 16 KiB in pages apart. */
const ROOM = 4;
/** Longer lists are not kept. */
const MOST_ROOM = 64;
/** Requests that a transform keeps: as many as may run at once without making one. */
const MOST_KEPT = 8;

/** A run of bytes in lent pages, to be read and to be written by requests. */
export class Range {
  readonly source: IovIter<'source'>;
  readonly dest: IovIter<'dest'>;
  readonly #list: BvecList;

  constructor(machine: Machine) {
    // Rows in the memory of the machine are for kernels that check nothing.
    this.#list = new BvecList(ROOM, machine.checks ? null : machine.mem);
    this.source = iovIterBvecList(machine, ITER_SOURCE, this.#list);
    this.dest = iovIterBvecList(machine, ITER_DEST, this.#list);
  }

  /** True when it is too long to be kept. */
  get isLong(): boolean {
    return this.#list.capacity > MOST_ROOM;
  }

  /** Makes it bytes `at` to `at + len`. No request may use it. */
  lay(place: Placement, at: number, len: number): void {
    place.list(this.#list, at, len);
    iovIterRestart(this.source);
    iovIterRestart(this.dest);
  }

  free(): void {
    bvecFree(this.#list);
  }
}

/** What one message at a time uses. */
export interface Lane {
  readonly isLong: boolean;
  free(): void;
}

/** Lanes that wait for the next message. */
export class Lanes<L extends Lane> {
  readonly #make: () => L;
  readonly #unused: L[] = [];

  constructor(make: () => L) {
    this.#make = make;
  }

  take(): L {
    return this.#unused.pop() ?? this.#make();
  }

  give(lane: L): void {
    if (lane.isLong || this.#unused.length === MOST_KEPT) lane.free();
    else this.#unused.push(lane);
  }

  /** Frees all of them. None may be in use. */
  free(): void {
    for (const lane of this.#unused.splice(0)) lane.free();
  }
}
