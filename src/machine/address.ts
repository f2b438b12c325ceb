/**
 * Kernel virtual addresses: the linear map and the vmalloc area, with a KASAN tag in bits 48 to 51.
 *
 * Addresses are plain numbers below 2^53. The linear map is arithmetic; the vmalloc area goes through
 * a page table (`vmalloc.ts`). A user address is only valid with its address space (`user.ts`).
 * @module
 */
import { type Pfn, type PhysAddr, physAddr, type VirtAddr, virtAddr } from '../units.ts';
import { pfnToPhys, physToPfn } from './phys-mem.ts';

const ADDRESS_SPACE = 2 ** 48;
/** Start of the linear map: kernel address = LINEAR_BASE + physical address. */
export const LINEAR_BASE: number = 2 ** 47;
/** Start of the vmalloc area. */
export const VMALLOC_BASE: number = 2 ** 47 + 2 ** 46;

/** The tag of a pointer, 0 to 15; 0 matches everything. */
export function kasanTag(address: VirtAddr): number {
  return Math.floor(address / ADDRESS_SPACE);
}

/** The same address without its tag. @kernel kasan_reset_tag */
export function kasanResetTag(address: VirtAddr): VirtAddr {
  return virtAddr(address - kasanTag(address) * ADDRESS_SPACE);
}

/** The same address with another tag. @kernel kasan_set_tag */
export function kasanSetTag(address: VirtAddr, tag: number): VirtAddr {
  return virtAddr(kasanResetTag(address) + tag * ADDRESS_SPACE);
}

/** @kernel __va */
export function physToLinear(at: PhysAddr): VirtAddr {
  return virtAddr(LINEAR_BASE + at);
}

/** @kernel __pa: arithmetic only, wrong for anything outside the linear map, as in the kernel. */
export function linearToPhys(address: VirtAddr): PhysAddr {
  return physAddr(kasanResetTag(address) - LINEAR_BASE);
}

/** @kernel page_address */
export function pageToVirt(page: Pfn): VirtAddr {
  return physToLinear(pfnToPhys(page));
}

/** @kernel virt_to_page: arithmetic only, see `linearToPhys`. */
export function virtToPage(address: VirtAddr): Pfn {
  return physToPfn(linearToPhys(address));
}

/** True for the vmalloc area, where virtually contiguous does not mean physically contiguous. */
export function isVmallocAddr(address: VirtAddr): boolean {
  return kasanResetTag(address) >= VMALLOC_BASE;
}
