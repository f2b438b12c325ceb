/**
 * Kernel virtual addresses: the linear map and the vmalloc area, with a KASAN tag in bits 48 to 51.
 *
 * Addresses are plain numbers below 2^53. The linear map is arithmetic; the vmalloc area goes through
 * a page table (`vmalloc.ts`). A user address is only valid with its address space (`user.ts`).
 * @module
 */
import { KernelOops } from '../assert.ts';
import { type Pfn, type PhysAddr, physAddr, type VirtAddr, virtAddr } from '../units.ts';
import type { Machine } from './machine.ts';
import { PHYS_BASE, pfnToPhys, physToPfn } from './phys-mem.ts';

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

/** True when `virtToPage` gives the right page. @kernel virt_addr_valid */
export function virtAddrValid(machine: Machine, address: VirtAddr): boolean {
  const plain = kasanResetTag(address);
  return (
    plain >= LINEAR_BASE + PHYS_BASE &&
    plain < VMALLOC_BASE &&
    machine.pages.valid(virtToPage(address))
  );
}

/**
 * Physical address of a kernel virtual byte. Contiguous to the end of its page, in the linear map to
 * the end of the object.
 * @param len bytes that are about to be accessed there; their tags are checked. 0 for arithmetic that
 *   accesses nothing, as `virt_to_phys` and `vmalloc_to_page` do: those see no tags.
 * @throws KernelOops when the address is not mapped, KernelBug when a tag does not match.
 */
export function translateKernel(machine: Machine, address: VirtAddr, len = 0): PhysAddr {
  const plain = kasanResetTag(address);
  const at = plain >= VMALLOC_BASE ? machine.vmalloc.translate(plain) : linear(machine, plain);
  if (machine.kasan !== null && len > 0) machine.kasan.check(address, at, len);
  return at;
}

function linear(machine: Machine, plain: VirtAddr): PhysAddr {
  if (plain < LINEAR_BASE + PHYS_BASE) {
    throw new KernelOops('kernel access to a user or NULL address', { address: plain });
  }
  if (plain >= LINEAR_BASE + PHYS_BASE + machine.mem.u8.length) {
    throw new KernelOops('kernel access behind the linear map', { address: plain });
  }
  return physAddr(plain - LINEAR_BASE);
}
