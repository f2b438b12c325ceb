/**
 * The page cache: folios of a file, found by index in an xarray whose entries hold only under RCU.
 * C: mm/filemap.c, lib/xarray.c (6.1)
 * @module
 */
import { assert, KernelBug } from '../assert.ts';
import { PAGE_SIZE, type Pfn } from '../units.ts';
import { type Machine, pageAddress } from './machine.ts';
import { PG_DIRTY, PG_PAGECACHE, PG_READONLY } from './page.ts';
import { PHYS_BASE } from './phys-mem.ts';

/** One folio of a file. */
export interface CacheEntry {
  readonly page: Pfn;
  readonly order: number;
  /** Page index of its first page in the file. */
  readonly index: number;
}

/** The pages of one file. */
export class PageCache {
  private readonly machine: Machine;
  private readonly entries = new Map<number, CacheEntry>();

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /**
   * Adds a new folio of 2^order pages at page index `index`, a multiple of its size.
   * @param readonly the pages are somebody else's: a request must not write to them.
   * @returns null when memory is exhausted.
   */
  add(index: number, order: number, readonly: boolean): CacheEntry | null {
    assert(index % (1 << order) === 0, 'folio index alignment');
    const page = this.machine.allocPages(order, 'page cache');
    if (page === null) return null;
    for (let i = 0; i < 1 << order; i++) {
      const flags = this.machine.pages.index(page) + i;
      this.machine.pages.flags[flags] |= PG_PAGECACHE | (readonly ? PG_READONLY : 0);
    }
    if (readonly) this.machine.pages.anyReadonly = true;
    const entry = { page, order, index };
    for (let i = 0; i < 1 << order; i++) this.entries.set(index + i, entry);
    return entry;
  }

  /** Puts file contents into a folio, as a read from the disk does: its owner may always write. */
  populate(entry: CacheEntry, offset: number, bytes: Uint8Array): void {
    assert(offset >= 0 && offset + bytes.length <= PageCache.size(entry), 'inside the folio');
    const { mem, shadow, checks } = this.machine;
    const at = pageAddress(entry.page, offset);
    if (checks) shadow.checkWrite(at - PHYS_BASE, bytes.length);
    mem.store(at, bytes);
  }

  /** The folio that holds page `index`. Must be called inside an RCU read section. */
  load(index: number): CacheEntry | null {
    if (this.machine.context.rcu === 0) {
      throw new KernelBug('xarray walked outside an RCU read section', { index });
    }
    return this.entries.get(index) ?? null;
  }

  /** Removes the folio that holds page `index` and drops the cache's reference. */
  remove(index: number): void {
    const entry = this.entries.get(index);
    if (entry === undefined) throw new KernelBug('no folio at this index', { index });
    for (let i = 0; i < 1 << entry.order; i++) this.entries.delete(entry.index + i);
    this.machine.freePages(entry.page);
  }

  /** Drops every folio. @kernel truncate_inode_pages */
  truncate(): void {
    for (const entry of [...this.entries.values()]) {
      if (this.entries.has(entry.index)) this.remove(entry.index);
    }
  }

  /** Marks a folio as needing writeback. @kernel folio_mark_dirty */
  markDirty(entry: CacheEntry): void {
    this.machine.pages.set(entry.page, PG_DIRTY);
  }

  /** Bytes of a folio. */
  static size(entry: CacheEntry): number {
    return PAGE_SIZE << entry.order;
  }
}
