/**
 * Units of the simulated machine: addresses and frame numbers as branded numbers.
 * The casts below are the only ones of the project; everywhere else a wrong unit does not compile.
 * @module
 */

declare const unit: unique symbol;

/** A physical address: a byte of the machine's memory as a bus would name it. Below 2^40. */
export type PhysAddr = number & { readonly [unit]: 'phys' };
/** A page frame number: physical address divided by the page size. It also names the `struct page`. */
export type Pfn = number & { readonly [unit]: 'pfn' };
/** A kernel virtual address (linear map, vmalloc area): bit 47 set, bits 48 to 51 a KASAN tag. */
export type VirtAddr = number & { readonly [unit]: 'virt' };
/** An address as one view of memory names it: physical, or kernel virtual where pointers keep their tags. */
export type MemAddr = PhysAddr | VirtAddr;
/** A user virtual address, valid only inside one address space. Below 2^47. */
export type UserAddr = number & { readonly [unit]: 'user' };
/** An address as a device sees it. */
export type DmaAddr = number & { readonly [unit]: 'dma' };

export const PAGE_SHIFT = 12;
export const PAGE_SIZE = 4096;
/** Limit of one read or write, `INT_MAX & PAGE_MASK` (include/linux/fs.h). */
export const MAX_RW_COUNT = 0x7ffff000;

export function physAddr(value: number): PhysAddr {
  return value as PhysAddr;
}

export function memAddr(value: number): MemAddr {
  return value as MemAddr;
}

export function pfn(value: number): Pfn {
  return value as Pfn;
}

export function virtAddr(value: number): VirtAddr {
  return value as VirtAddr;
}

export function userAddr(value: number): UserAddr {
  return value as UserAddr;
}

export function dmaAddr(value: number): DmaAddr {
  return value as DmaAddr;
}

/** Offset of an address inside its page. A subtraction: `%` on doubles above 2^32 costs 17 ns. */
export function offsetInPage(address: number): number {
  return address - Math.floor(address / PAGE_SIZE) * PAGE_SIZE;
}

/** Pages that the range of `len` bytes at `offset` touches; 0 for an empty range. */
export function pagesSpanned(offset: number, len: number): number {
  return len === 0 ? 0 : Math.ceil((offsetInPage(offset) + len) / PAGE_SIZE);
}
