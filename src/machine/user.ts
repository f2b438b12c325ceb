/**
 * User address spaces: page tables, demand paging, write protection, and the two ways into user
 * memory, copying (`copyToUser`, `copyFromUser`) and get_user_pages.
 * C: mm/gup.c, lib/usercopy.c (6.1)
 * @module
 */
import { KernelBug } from '../assert.ts';
import { EFAULT, ENOMEM, type Errno } from '../errno.ts';
import {
  offsetInPage,
  PAGE_SIZE,
  type Pfn,
  type PhysAddr,
  pfn,
  physAddr,
  type UserAddr,
  userAddr,
} from '../units.ts';
import type { Machine } from './machine.ts';
import { PG_ANON } from './page.ts';
import { pfnToPhys } from './phys-mem.ts';

/** Bits of a page table entry; the frame number is kept beside them. */
const PTE_MAPPED = 1;
const PTE_WRITE = 2;
/** The page exists; without it the next access faults it in. */
const PTE_PRESENT = 4;
/** The page belongs to somebody else (a file); the mapping holds a reference. */
const PTE_SHARED = 8;

const USER_BASE = 0x400000;
const USER_PAGES = 65536;

/** Flags of `getUserPages`, with the kernel's values (include/linux/mm.h 6.1; others since 6.3). */
export const FOLL_WRITE = 1;
export const FOLL_PIN = 0x40000;
export const FOLL_NOFAULT = 0x80;

/** One process's memory. */
export class AddressSpace {
  private readonly machine: Machine;
  private readonly frames = new Int32Array(USER_PAGES);
  private readonly flags = new Uint8Array(USER_PAGES);
  private next = 1;
  /** First page that was never mapped. */
  private highest = 1;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /**
   * Maps anonymous memory, with an unmapped page behind it.
   * @param write may be written; @param populate present at once, else at the first access.
   */
  mmap(len: number, write: boolean, populate: boolean): UserAddr {
    const count = Math.ceil(len / PAGE_SIZE);
    const first = this.findRoom(count + 1);
    this.next = first + count + 1;
    this.highest = Math.max(this.highest, this.next);
    this.flags.fill(PTE_MAPPED | (write ? PTE_WRITE : 0), first, first + count);
    if (populate) for (let i = first; i < first + count; i++) this.faultIn(i);
    return userAddr(USER_BASE + first * PAGE_SIZE);
  }

  /**
   * Maps pages that somebody else owns, as a file mapping does, and references each of them.
   * @param write false: the process may only read them, and FOLL_WRITE does not get them.
   */
  mapPages(pages: readonly Pfn[], write: boolean): UserAddr {
    const address = this.mmap(pages.length * PAGE_SIZE, write, false);
    const first = (address - USER_BASE) / PAGE_SIZE;
    for (let i = 0; i < pages.length; i++) {
      this.machine.getPage(pages[i], 'mapping');
      this.frames[first + i] = pages[i];
      this.flags[first + i] |= PTE_PRESENT | PTE_SHARED;
    }
    return address;
  }

  /** Unmaps pages and drops their references; pinned pages stay alive until they are unpinned. */
  munmap(address: UserAddr, len: number): void {
    const first = Math.floor((address - USER_BASE) / PAGE_SIZE);
    for (let i = first; i < first + Math.ceil(len / PAGE_SIZE); i++) {
      const flags = this.flags[i];
      if ((flags & PTE_SHARED) !== 0) this.machine.putPage(pfn(this.frames[i]));
      else if ((flags & PTE_PRESENT) !== 0) this.machine.freePages(pfn(this.frames[i]));
      this.flags[i] = 0;
      this.frames[i] = 0;
    }
  }

  /** Unmaps everything. */
  exit(): void {
    this.munmap(userAddr(USER_BASE), this.highest * PAGE_SIZE);
    this.next = 1;
    this.highest = 1;
  }

  /** Takes write permission of mapped pages away or gives it back. @kernel mprotect */
  mprotect(address: UserAddr, len: number, write: boolean): void {
    const first = Math.floor((address - USER_BASE) / PAGE_SIZE);
    for (let i = first; i < first + Math.ceil(len / PAGE_SIZE); i++) {
      if ((this.flags[i] & PTE_MAPPED) === 0) continue;
      this.flags[i] = write ? this.flags[i] | PTE_WRITE : this.flags[i] & ~PTE_WRITE;
    }
  }

  /**
   * Physical address of one user byte, faulting its page in when allowed.
   * @returns null on a fault: unmapped, write-protected, or not present with `nofault`.
   */
  translate(address: UserAddr, write: boolean, nofault: boolean): PhysAddr | null {
    const page = Math.floor((address - USER_BASE) / PAGE_SIZE);
    if (page < 0 || page >= USER_PAGES) return null;
    const flags = this.flags[page];
    if ((flags & PTE_MAPPED) === 0 || (write && (flags & PTE_WRITE) === 0)) return null;
    if ((flags & PTE_PRESENT) === 0 && (nofault || !this.faultIn(page))) return null;
    const start = pfnToPhys(pfn(this.frames[page]));
    return physAddr(start + (address - USER_BASE - page * PAGE_SIZE));
  }

  /** The next run of unmapped pages, going round once: an address is reused as late as possible. */
  private findRoom(count: number): number {
    let run = 0;
    for (let tries = 0, page = this.next; tries < 2 * USER_PAGES; tries++, page++) {
      if (page >= USER_PAGES) {
        page = 1;
        run = 0;
      }
      run = this.flags[page] === 0 ? run + 1 : 0;
      if (run === count) return page - count + 1;
    }
    throw new KernelBug('user address space exhausted');
  }

  private faultIn(page: number): boolean {
    const frame = this.machine.allocPages(0, 'user');
    if (frame === null) return false;
    this.machine.pages.set(frame, PG_ANON);
    // A new anonymous page is zeroed: user space never sees old memory.
    this.machine.fill(pfnToPhys(frame), PAGE_SIZE, 0);
    this.frames[page] = frame;
    this.flags[page] |= PTE_PRESENT;
    return true;
  }
}

/**
 * Copies from user memory. Faults are counted, not thrown.
 * @returns bytes **not** copied, from the first fault on. @kernel copy_from_user
 */
export function copyFromUser(
  machine: Machine,
  mm: AddressSpace,
  target: Uint8Array,
  source: UserAddr,
  nofault = false,
): number {
  let done = 0;
  while (done < target.length) {
    const at = userAccess(machine, mm, userAddr(source + done), false, nofault);
    if (at === null) break;
    const part = Math.min(target.length - done, PAGE_SIZE - offsetInPage(at));
    target.set(machine.load(at, part), done);
    done += part;
  }
  return target.length - done;
}

/** Copies to user memory. @returns bytes **not** copied. @kernel copy_to_user */
export function copyToUser(
  machine: Machine,
  mm: AddressSpace,
  target: UserAddr,
  source: Uint8Array,
  nofault = false,
): number {
  let done = 0;
  while (done < source.length) {
    const at = userAccess(machine, mm, userAddr(target + done), true, nofault);
    if (at === null) break;
    const part = Math.min(source.length - done, PAGE_SIZE - offsetInPage(at));
    machine.store(at, source.subarray(done, done + part));
    done += part;
  }
  return source.length - done;
}

/**
 * References or pins the pages of a user range, from its first byte on.
 * @param flags FOLL_WRITE, FOLL_PIN, FOLL_NOFAULT
 * @param pages receives at most `count` pages
 * @returns pages obtained, or -EFAULT or -ENOMEM when there was none. @kernel get_user_pages_fast
 */
export function getUserPagesFast(
  machine: Machine,
  mm: AddressSpace,
  start: UserAddr,
  count: number,
  flags: number,
  pages: Pfn[],
): number | Errno {
  const nofault = (flags & FOLL_NOFAULT) !== 0;
  if (!nofault) machine.context.mightSleep('get_user_pages');
  let got = 0;
  for (; got < count; got++) {
    // Counted page by page: a fault at a later page is the short pin that error paths forget.
    if (machine.faults.hit('gup')) return got === 0 ? -ENOMEM : got;
    const address = userAddr(start + got * PAGE_SIZE);
    const at = mm.translate(address, (flags & FOLL_WRITE) !== 0, nofault);
    if (at === null) break;
    const page = pfn(Math.floor(at / PAGE_SIZE));
    if ((flags & FOLL_PIN) !== 0) machine.pinPage(page, 'get_user_pages');
    else machine.getPage(page, 'get_user_pages');
    pages.push(page);
  }
  return got === 0 && count > 0 ? -EFAULT : got;
}

function userAccess(
  machine: Machine,
  mm: AddressSpace,
  address: UserAddr,
  write: boolean,
  nofault: boolean,
): PhysAddr | null {
  if (machine.faults.hit('user-copy')) return null;
  const nosleep = nofault || machine.context.inAtomic();
  return mm.translate(address, write, nosleep);
}
