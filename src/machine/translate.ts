/**
 * Translation between kernel virtual addresses, pages and physical memory, where it needs the tables of
 * a machine: the vmalloc area, the page map, the KASAN tags.
 * C: arch/x86/mm/physaddr.c, mm/vmalloc.c, include/linux/mm.h (6.1)
 * @module
 */
import { KernelOops } from '../assert.ts';
import {
  offsetInPage,
  type Pfn,
  type PhysAddr,
  physAddr,
  type VirtAddr,
  virtAddr,
} from '../units.ts';
import {
  kasanResetTag,
  kasanSetTag,
  LINEAR_BASE,
  pageToVirt,
  physToLinear,
  VMALLOC_BASE,
  virtToPage,
} from './address.ts';
import type { Machine } from './machine.ts';
import { PFN_BASE, PHYS_BASE, physToPfn } from './phys-mem.ts';

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

/**
 * Linear-map address of a page, with the tag that the page knows: the owner's for pages, match-all for
 * slab, whose objects lose their tag on the way through (page, offset). @kernel page_to_virt
 */
export function kasanPageToVirt(machine: Machine, page: Pfn): VirtAddr {
  const plain = pageToVirt(page);
  const { kasan } = machine;
  if (kasan === null || !machine.pages.valid(page)) return plain;
  return kasanSetTag(plain, kasan.pageTag(page - PFN_BASE));
}

/**
 * Linear-map address of a physical byte, as a kernel mapping gives it: with the tag that the page
 * knows, not the one of whoever allocated an object there. @kernel kmap_local_page
 */
export function kasanPhysToVirt(machine: Machine, at: PhysAddr): VirtAddr {
  if (machine.kasan === null) return physToLinear(at);
  return virtAddr(kasanPageToVirt(machine, physToPfn(at)) + offsetInPage(at));
}
