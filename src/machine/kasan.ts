/**
 * Software tags: a 4-bit tag in bits 48 to 51 of a kernel pointer, and one per 16 bytes of memory.
 * An access through a tagged pointer must meet its own tag everywhere.
 *
 * Verified: accesses by tagged virtual address, so also use of memory that has a new owner, which the
 * shadow cannot see. Not verified: accesses by physical address, which have no tag; accesses through
 * tag 0, which matches everything, as 0xff does in the kernel; bytes between the end of an object and
 * the end of its last granule (the shadow sees those). Two of the fourteen tags are equal by chance
 * once in fourteen times.
 * C: mm/kasan/sw_tags.c, mm/kasan/common.c, mm/kasan/kasan.h (6.1)
 * @module
 */
import { KernelBug } from '../assert.ts';
import { Prng } from '../prng.ts';
import { PAGE_SIZE, type PhysAddr, type VirtAddr } from '../units.ts';
import { kasanTag } from './address.ts';
import { PHYS_BASE } from './phys-mem.ts';

/** Bytes that share a tag. */
export const KASAN_GRANULE_SIZE = 16;
/** A pointer with this tag may go everywhere. @kernel KASAN_TAG_KERNEL */
export const KASAN_TAG_MATCH_ALL = 0;
/** Memory that no pointer may touch. @kernel KASAN_TAG_INVALID */
export const KASAN_TAG_INVALID = 15;

const PAGE_GRANULES = PAGE_SIZE / KASAN_GRANULE_SIZE;
/** Keeps the tags apart from everything else that the machine's seed decides. */
const SEED_OFFSET = 0x7a65;

/** The tags of one machine. */
export class KasanTags {
  /** One tag per granule of physical memory. */
  private readonly memory: Uint8Array;
  /** The tag that a pointer to a page gets; 0 for slab pages, whose objects have their own. */
  private readonly pages: Uint8Array;
  private readonly prng = new Prng(0);

  /** @param size bytes of physical memory. */
  constructor(size: number) {
    this.memory = new Uint8Array(size / KASAN_GRANULE_SIZE);
    this.pages = new Uint8Array(size / PAGE_SIZE);
  }

  reset(seed: number): void {
    this.prng.reseed(seed + SEED_OFFSET);
  }

  /** A tag for something new: 1 to 14. @kernel kasan_random_tag */
  random(): number {
    return this.prng.between(KASAN_TAG_MATCH_ALL + 1, KASAN_TAG_INVALID - 1);
  }

  /** Gives whole granules of memory a tag; `offset` must be the start of one. @kernel kasan_poison */
  mark(offset: number, len: number, tag: number): void {
    const first = offset / KASAN_GRANULE_SIZE;
    this.memory.fill(tag, first, first + Math.ceil(len / KASAN_GRANULE_SIZE));
  }

  /** Gives pages and their memory one tag. @kernel kasan_unpoison_pages */
  markPages(frame: number, count: number, tag: number): void {
    this.memory.fill(tag, frame * PAGE_GRANULES, (frame + count) * PAGE_GRANULES);
    this.pages.fill(tag, frame, frame + count);
  }

  /** Makes pages match everything and their memory nothing. @kernel kasan_poison_slab */
  markSlab(frame: number, count: number): void {
    this.markPages(frame, count, KASAN_TAG_INVALID);
    this.pages.fill(KASAN_TAG_MATCH_ALL, frame, frame + count);
  }

  /** Changes what pointers to pages get, and leaves their memory. @kernel page_kasan_tag_set */
  setPageTag(frame: number, count: number, tag: number): void {
    this.pages.fill(tag, frame, frame + count);
  }

  /** Poisons freed pages. Their page tag stays until somebody gets them. @kernel kasan_poison_pages */
  freePages(frame: number, count: number): void {
    this.memory.fill(KASAN_TAG_INVALID, frame * PAGE_GRANULES, (frame + count) * PAGE_GRANULES);
  }

  /** Back to the state before anything was allocated. */
  forget(frame: number): void {
    this.markPages(frame, 1, 0);
  }

  /** The tag of a page. @kernel page_kasan_tag */
  pageTag(frame: number): number {
    return this.pages[frame];
  }

  /** The tag of the memory at an offset. */
  memoryTag(offset: number): number {
    return this.memory[Math.floor(offset / KASAN_GRANULE_SIZE)];
  }

  /**
   * Checks an access of `len` bytes at `at` that was made through `address`.
   * @throws KernelBug at the first granule with another tag. @kernel kasan_check_range
   */
  check(address: VirtAddr, at: PhysAddr, len: number): void {
    const tag = kasanTag(address);
    if (tag === KASAN_TAG_MATCH_ALL || len === 0) return;
    const offset = at - PHYS_BASE;
    const first = Math.floor(offset / KASAN_GRANULE_SIZE);
    const last = Math.floor((offset + len - 1) / KASAN_GRANULE_SIZE);
    for (let i = first; i <= last; i++) {
      if (this.memory[i] === tag) continue;
      throw new KernelBug('KASAN: invalid-access', {
        pointerTag: tag,
        memoryTag: this.memory[i] ?? KASAN_TAG_INVALID,
        inside: Math.max(0, i * KASAN_GRANULE_SIZE - offset),
        len,
      });
    }
  }
}
