/**
 * The scatterlist: entries of (page, offset, length) in arrays that may be chained.
 *
 * A list is handled through its first entry, as in C; an entry knows its array and its index, so
 * that "the next entry" is the next slot of the array. Reading behind a list is an exception here,
 * where a kernel follows a NULL pointer or garbage.
 * C: include/linux/scatterlist.h, lib/scatterlist.c (6.1)
 * @module
 */

import { assert, KernelBug, KernelOops } from '../../src/assert.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { pageToVirt, virtToPage } from '../../src/machine/address.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { virtAddrValid } from '../../src/machine/translate.ts';
import {
  type DmaAddr,
  dmaAddr,
  offsetInPage,
  PAGE_SIZE,
  type Pfn,
  type PhysAddr,
  pfn,
  physAddr,
  type VirtAddr,
  virtAddr,
} from '../../src/units.ts';

/** `page_link` bit: the entry is a link to another array. */
export const SG_CHAIN = 1;
/** `page_link` bit: the last entry of the list. */
export const SG_END = 2;
const SG_PAGE_LINK_MASK = 3;

/**
 * One slot of an array: an entry, or a link to the next array.
 * @kernel scatterlist
 */
export class Scatterlist {
  /** The array that holds this slot. */
  readonly table: readonly Scatterlist[];
  readonly index: number;
  /** Frame number times 4, and the two flags. A chain slot has no page. */
  pageLink = 0;
  /** Where a chain slot leads. */
  chain: Scatterlist | null = null;
  /** From the start of the page; may be a page or more. */
  offset = 0;
  length = 0;
  dmaAddress: DmaAddr = dmaAddr(0);
  dmaLength = 0;
  dmaFlags = 0;

  constructor(table: readonly Scatterlist[], index: number) {
    this.table = table;
    this.index = index;
  }
}

/**
 * An array of `nents` slots that nobody has initialised.
 * @kernel none: kmalloc_array of struct scatterlist
 */
export function sgAlloc(nents: number): Scatterlist[] {
  const table: Scatterlist[] = [];
  for (let i = 0; i < nents; i++) table.push(new Scatterlist(table, i));
  return table;
}

/**
 * Sets the page and keeps the END flag. Must not be called on a chain slot.
 * @kernel sg_assign_page
 */
export function sgAssignPage(sg: Scatterlist, page: Pfn): void {
  if (sgIsChain(sg)) throw new KernelBug('BUG_ON(sg_is_chain(sg))');
  sg.pageLink = page * 4 + (sg.pageLink & SG_PAGE_LINK_MASK);
}

/** Describes `len` bytes at `offset` of `page`; neither is checked. @kernel sg_set_page */
export function sgSetPage(sg: Scatterlist, page: Pfn, len: number, offset: number): void {
  sgAssignPage(sg, page);
  sg.offset = offset;
  sg.length = len;
}

/** The page of an entry, 0 when it has none. @kernel sg_page */
export function sgPage(sg: Scatterlist): Pfn {
  if (sgIsChain(sg)) throw new KernelBug('BUG_ON(sg_is_chain(sg))');
  return pfn(sg.pageLink >>> 2);
}

/**
 * Describes a buffer of the linear map.
 * @throws KernelBug for a vmalloc, stack or user address. With the machine's checks off it takes the
 *   wrong page without a word, as a kernel without CONFIG_DEBUG_SG does.
 * @kernel sg_set_buf
 */
export function sgSetBuf(machine: Machine, sg: Scatterlist, buf: VirtAddr, len: number): void {
  if (machine.checks && !virtAddrValid(machine, buf)) {
    throw new KernelBug('BUG_ON(!virt_addr_valid(buf))', { buf });
  }
  sgSetPage(sg, virtToPage(buf), len, offsetInPage(buf));
}

/** @kernel sg_is_chain */
export function sgIsChain(sg: Scatterlist): boolean {
  return (sg.pageLink & SG_CHAIN) !== 0;
}

/** @kernel sg_is_last */
export function sgIsLast(sg: Scatterlist): boolean {
  return (sg.pageLink & SG_END) !== 0;
}

/** @kernel sg_chain_ptr */
export function sgChainPtr(sg: Scatterlist): Scatterlist | null {
  return sg.chain;
}

/**
 * Makes the last slot of `prv` a link to `sgl`. What that slot described is lost, and an END mark in
 * front of it stays. A link to NULL ends the list.
 * @kernel sg_chain
 */
export function sgChain(prv: Scatterlist, prvNents: number, sgl: Scatterlist | null): void {
  __sgChain(entryAt(prv, prvNents - 1), sgl);
}

/** Sets END. On a chain slot it turns the link into a page, which a kernel then follows. @kernel sg_mark_end */
export function sgMarkEnd(sg: Scatterlist): void {
  sg.pageLink = (sg.pageLink | SG_END) & ~SG_CHAIN;
}

/** @kernel sg_unmark_end */
export function sgUnmarkEnd(sg: Scatterlist): void {
  sg.pageLink &= ~SG_END;
}

/** Physical address of the first byte. @kernel sg_phys */
export function sgPhys(sg: Scatterlist): PhysAddr {
  return physAddr(sgPage(sg) * PAGE_SIZE + sg.offset);
}

/** Linear-map address of the first byte. @kernel sg_virt */
export function sgVirt(sg: Scatterlist): VirtAddr {
  return virtAddr(pageToVirt(sgPage(sg)) + sg.offset);
}

/**
 * The entry behind `sg`: NULL behind END, else the next slot, through one link at most.
 * @throws KernelOops on a NULL list, KernelBug when the array ends without END mark.
 * @kernel sg_next
 */
export function sgNext(sg: Scatterlist | null): Scatterlist | null {
  if (sg === null) throw new KernelOops('sg_next(NULL)');
  if ((sg.pageLink & SG_END) !== 0) return null;
  const next = entryAt(sg, 1);
  return (next.pageLink & SG_CHAIN) !== 0 ? next.chain : next;
}

/** Entries up to END; links are not counted. @kernel sg_nents */
export function sgNents(sg: Scatterlist | null): number {
  let nents = 0;
  for (let at = sg; at !== null; at = sgNext(at)) nents++;
  return nents;
}

/**
 * Entries that hold the first `len` bytes; empty ones count.
 * @returns 0 for 0 bytes, -EINVAL when the list is shorter.
 * @kernel sg_nents_for_len
 */
export function sgNentsForLen(sg: Scatterlist | null, len: number): number | Errno {
  if (len === 0) return 0;
  let nents = 0;
  let total = 0;
  for (let at = sg; at !== null; at = sgNext(at)) {
    nents++;
    total += at.length;
    if (total >= len) return nents;
  }
  return -EINVAL;
}

/** The last of `nents` entries. @throws KernelBug when that entry is not END. @kernel sg_last */
export function sgLast(sgl: Scatterlist, nents: number): Scatterlist {
  let last: Scatterlist | null = sgl;
  for (let i = 1; i < nents; i++) last = sgNext(last); // for_each_sg
  if (last === null) throw new KernelOops('for_each_sg behind the list', { nents });
  if (!sgIsLast(last)) throw new KernelBug('BUG_ON(!sg_is_last(ret))');
  return last;
}

/**
 * Empties `nents` slots and marks the last one.
 * @throws KernelBug for `nents` 0, which writes in front of the array.
 * @kernel sg_init_table
 */
export function sgInitTable(sgl: readonly Scatterlist[], nents: number): void {
  if (nents === 0 || nents > sgl.length) {
    throw new KernelBug('sg_init_table writes outside the array', { nents });
  }
  sgInitEntries(sgl[0], nents);
}

/** `sg_init_table` of the slots that begin at `sg`. @kernel none: C passes a pointer into the array */
export function sgInitEntries(sg: Scatterlist, nents: number): void {
  for (let i = 0; i < nents; i++) {
    const at = entryAt(sg, i);
    at.pageLink = 0;
    at.chain = null;
    at.offset = 0;
    at.length = 0;
    at.dmaAddress = dmaAddr(0);
    at.dmaLength = 0;
    at.dmaFlags = 0;
  }
  sgMarkEnd(entryAt(sg, nents - 1));
}

/** A list of one entry over a linear buffer. @kernel sg_init_one */
export function sgInitOne(machine: Machine, sg: Scatterlist, buf: VirtAddr, len: number): void {
  sgInitEntries(sg, 1);
  sgSetBuf(machine, sg, buf, len);
}

/** Copies what an entry describes; the flags too, as C's assignment does. @kernel none: `*dst = *src` */
export function sgCopyEntry(dst: Scatterlist, src: Scatterlist): void {
  dst.pageLink = src.pageLink;
  dst.chain = src.chain;
  dst.offset = src.offset;
  dst.length = src.length;
  dst.dmaAddress = src.dmaAddress;
  dst.dmaLength = src.dmaLength;
  dst.dmaFlags = src.dmaFlags;
}

/** The slot `n` behind `sg`, as C's `sg + n`. @throws KernelBug outside the array. */
function entryAt(sg: Scatterlist, n: number): Scatterlist {
  const at = sg.table[sg.index + n];
  if (at === undefined) throw new KernelBug('scatterlist slot behind the array', { n });
  return at;
}

function __sgChain(ent: Scatterlist, sgl: Scatterlist | null): void {
  assert(sgl === null || sgl.table !== ent.table || sgl.index > ent.index, 'link leads forward');
  ent.offset = 0;
  ent.length = 0;
  ent.pageLink = SG_CHAIN;
  ent.chain = sgl;
}
