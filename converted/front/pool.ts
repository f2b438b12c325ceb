/**
 * The pages that carry the data of requests: user memory of the machine, faulted in and pinned once,
 * and lent to one request after the other.
 *
 * A caller of the core must pin user memory before it submits and unpin it after completion. Pages that
 * stay pinned from the first request to `close` keep that promise at a thousandth of the cost of pinning
 * for each request.
 *
 * @kernel none: names are ordinary TypeScript.
 * @module
 */
import type { Machine } from '../../src/machine/machine.ts';
import type { AddressSpace } from '../../src/machine/user.ts';
import { PAGE_SIZE, type PhysAddr, physAddr, type UserAddr } from '../../src/units.ts';
import { ITER_DEST, iovIterUbuf } from '../iter/iov-iter.ts';
import { type PinnedVecs, pinUserMemory, unpinUserMemory } from './user-memory.ts';

/** Pages that the pool grows by: fewer calls, and little that is pinned and never used. */
const GROWTH = 64;

export class PagePool {
  /** Pages that may be lent at once. */
  readonly capacity: number;
  readonly #machine: Machine;
  readonly #mm: AddressSpace;
  readonly #free: PhysAddr[] = [];
  readonly #areas: { readonly at: UserAddr; readonly len: number; readonly pinned: PinnedVecs }[] =
    [];
  #pinned = 0;
  #lent = 0;

  /** @param capacity pages, at most what the machine has to spare. */
  constructor(machine: Machine, mm: AddressSpace, capacity: number) {
    this.#machine = machine;
    this.#mm = mm;
    this.capacity = capacity;
  }

  /** Pages lent at this moment. */
  get lent(): number {
    return this.#lent;
  }

  /** Lends `count` pages. @returns false, and lends none, when there are not so many. */
  take(count: number, pages: PhysAddr[]): boolean {
    if (this.#lent + count > this.capacity) return false;
    while (this.#free.length < count) {
      if (!this.#grow(Math.min(Math.max(GROWTH, count), this.capacity - this.#pinned)))
        return false;
    }
    for (let k = 0; k < count; k++) pages.push(this.#free.pop() ?? physAddr(0));
    this.#lent += count;
    return true;
  }

  /** Takes pages back, the first `used` bytes of which have been written: they are zero afterwards. */
  give(pages: PhysAddr[], used: number): void {
    const end = Math.min(used, pages.length * PAGE_SIZE);
    for (let k = 0, at = 0; at < end; ) {
      const first = pages[k];
      let len = PAGE_SIZE;
      while (at + len < end && pages[k + 1] === pages[k] + PAGE_SIZE) {
        len += PAGE_SIZE;
        k++;
      }
      k++;
      this.#machine.fill(first, Math.min(len, end - at), 0);
      at += len;
    }
    // From the last to the first: the next message gets them in order, and adjacent pages are one range.
    for (let k = pages.length - 1; k >= 0; k--) this.#free.push(pages[k]);
    this.#lent -= pages.length;
    pages.length = 0;
  }

  /** Unpins and unmaps everything. Must not be called while pages are lent. */
  close(): void {
    for (const { at, len, pinned } of this.#areas) {
      unpinUserMemory(this.#machine, pinned, true);
      this.#mm.munmap(at, len);
    }
    this.#areas.length = 0;
    this.#free.length = 0;
    this.#pinned = 0;
  }

  #grow(count: number): boolean {
    if (count <= 0) return false;
    const len = count * PAGE_SIZE;
    const at = this.#mm.mmap(len, true, false);
    const pinned: PinnedVecs = { bvec: [], pages: [] };
    const user = iovIterUbuf(this.#machine, this.#mm, ITER_DEST, at, len);
    if (pinUserMemory(user, pinned) !== 0) {
      this.#mm.munmap(at, len);
      return false;
    }
    for (const { phys } of pinned.bvec.toReversed()) this.#free.push(phys);
    this.#areas.push({ at, len, pinned });
    this.#pinned += count;
    return true;
  }
}
