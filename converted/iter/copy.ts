/**
 * Copying between an iterator and a private buffer or a page.
 * C: lib/iov_iter.c, include/linux/uio.h (7.3)
 *
 * A count that comes back short is the error: a user page could not be reached. The wrong direction is
 * refused with a warning since 6.12 (6.1 copied); strict iterators throw.
 * @module
 */

import { assert, KernelBug } from '../../src/assert.ts';
import { readKernel, writeKernel } from '../../src/machine/access.ts';
import { physToLinear } from '../../src/machine/address.ts';
import { pageAddress } from '../../src/machine/machine.ts';
import { translateKernel } from '../../src/machine/translate.ts';
import { type AddressSpace, copyFromUser, copyToUser } from '../../src/machine/user.ts';
import {
  offsetInPage,
  PAGE_SIZE,
  type Pfn,
  type UserAddr,
  userAddr,
  type VirtAddr,
  virtAddr,
} from '../../src/units.ts';
import type { Folio } from './folio-queue.ts';
import { type IovIter, ITER_DEST, ITER_SOURCE, iovIterCopy, userBackedIter } from './iov-iter.ts';
import { iterateAndAdvance } from './iterate.ts';
import { iovIterRevert, misuse } from './position.ts';

/** A private buffer and whether user faults are forbidden. */
interface BufferStep {
  readonly bytes: Uint8Array;
  readonly nofault: boolean;
}

/** Kernel memory and whether user faults are forbidden. */
interface MemoryStep {
  readonly at: VirtAddr;
  readonly nofault: boolean;
}

/** Copies `bytes` bytes of `addr` out. @returns bytes copied. @kernel copy_to_iter */
export function copyToIter(addr: Uint8Array, bytes: number, i: IovIter<'dest'>): number {
  checkCopySize(addr, bytes);
  if (!isDest(i)) return 0;
  const priv: BufferStep = { bytes: addr, nofault: false };
  return iterateAndAdvance(i, bytes, priv, ustepToUser, stepToKernel);
}

/** Copies `bytes` bytes in. @returns bytes copied. @kernel copy_from_iter */
export function copyFromIter(addr: Uint8Array, bytes: number, i: IovIter<'source'>): number {
  checkCopySize(addr, bytes);
  if (!isSource(i)) return 0;
  const priv: BufferStep = { bytes: addr, nofault: false };
  return iterateAndAdvance(i, bytes, priv, ustepFromUser, stepFromKernel);
}

/** All or nothing: a short copy does not move the iterator. @kernel copy_to_iter_full */
export function copyToIterFull(addr: Uint8Array, bytes: number, i: IovIter<'dest'>): boolean {
  const copied = copyToIter(addr, bytes, i);
  if (copied === bytes) return true;
  iovIterRevert(i, copied);
  return false;
}

/** All or nothing: a short copy does not move the iterator. @kernel copy_from_iter_full */
export function copyFromIterFull(addr: Uint8Array, bytes: number, i: IovIter<'source'>): boolean {
  const copied = copyFromIter(addr, bytes, i);
  if (copied === bytes) return true;
  iovIterRevert(i, copied);
  return false;
}

/**
 * Copies without faulting user pages in: stops at the first that is not present. May be called in
 * atomic context. @returns bytes copied. @kernel copy_folio_from_iter_atomic
 */
export function copyFolioFromIterAtomic(
  folio: Folio,
  offset: number,
  bytes: number,
  i: IovIter<'source'>,
): number {
  if (!pageCopySane(i, folio.page, offset, bytes) || !isSource(i)) return 0;
  i.machine.context.enterAtomic();
  const priv: MemoryStep = { at: physToLinear(pageAddress(folio.page, offset)), nofault: true };
  const copied = iterateAndAdvance(i, bytes, priv, ustepUserToMemory, stepKernelToMemory);
  i.machine.context.leaveAtomic();
  return copied;
}

/**
 * Copies from a page into the iterator, page by page.
 * @returns bytes copied; 0, with a warning, when the range leaves the compound page.
 * @kernel copy_page_to_iter
 */
export function copyPageToIter(
  page: Pfn,
  offset: number,
  bytes: number,
  i: IovIter<'dest'>,
): number {
  return pageToIter(page, offset, bytes, i, false);
}

/** The same without faulting user pages in. @kernel copy_page_to_iter_nofault */
export function copyPageToIterNofault(
  page: Pfn,
  offset: number,
  bytes: number,
  i: IovIter<'dest'>,
): number {
  return pageToIter(page, offset, bytes, i, true);
}

/** The same in the other direction. @kernel copy_page_from_iter */
export function copyPageFromIter(
  page: Pfn,
  offset: number,
  bytes: number,
  i: IovIter<'source'>,
): number {
  if (!pageCopySane(i, page, offset, bytes) || !isSource(i)) return 0;
  let done = 0;
  while (done < bytes && i.count > 0) {
    const at = pageAddress(page, offset + done);
    const n = Math.min(bytes - done, PAGE_SIZE - offsetInPage(at));
    const priv: MemoryStep = { at: physToLinear(at), nofault: false };
    const copied = iterateAndAdvance(i, n, priv, ustepUserToMemory, stepKernelToMemory);
    if (copied === 0) break;
    done += copied;
  }
  return done;
}

/** Writes zeros. No check of the direction, as in the kernel. @returns bytes written. @kernel iov_iter_zero */
export function iovIterZero(bytes: number, i: IovIter): number {
  return iterateAndAdvance(i, bytes, null, ustepZeroUser, stepZeroKernel);
}

/** Copies kernel memory out. @returns bytes copied. @kernel none, `_copy_to_iter` with an address */
export function copyMemoryToIter(at: VirtAddr, bytes: number, i: IovIter<'dest'>): number {
  if (!isDest(i)) return 0;
  const priv: MemoryStep = { at, nofault: false };
  return iterateAndAdvance(i, bytes, priv, ustepMemoryToUser, stepMemoryToKernel);
}

/**
 * Faults in the user pages of the next `size` bytes for reading.
 * @returns bytes **not** faulted in; 0 for kernel memory. @kernel fault_in_iov_iter_readable
 */
export function faultInIovIterReadable(i: IovIter, size: number): number {
  return faultIn(i, size, false);
}

/** The same for writing. @kernel fault_in_iov_iter_writeable */
export function faultInIovIterWriteable(i: IovIter, size: number): number {
  return faultIn(i, size, true);
}

/** The address space of a user iterator. @kernel none, `current->mm` */
export function addressSpace(i: IovIter): AddressSpace {
  if (i.mm === null) throw new KernelBug('user iterator without an address space');
  return i.mm;
}

function pageToIter(
  page: Pfn,
  offset: number,
  bytes: number,
  i: IovIter<'dest'>,
  nofault: boolean,
): number {
  if (!pageCopySane(i, page, offset, bytes) || !isDest(i)) return 0;
  let done = 0;
  while (done < bytes && i.count > 0) {
    const at = pageAddress(page, offset + done);
    const n = Math.min(bytes - done, PAGE_SIZE - offsetInPage(at));
    const priv: MemoryStep = { at: physToLinear(at), nofault };
    const copied = iterateAndAdvance(i, n, priv, ustepMemoryToUser, stepMemoryToKernel);
    if (copied === 0) break;
    done += copied;
  }
  return done;
}

function checkCopySize(addr: Uint8Array, bytes: number): void {
  assert(bytes >= 0 && bytes <= addr.length, 'usercopy: range behind the end of the object');
}

function isDest(i: IovIter): boolean {
  if (i.direction === ITER_DEST) return true;
  misuse(i, 'WARN_ON_ONCE(i->data_source)');
  return false;
}

function isSource(i: IovIter): boolean {
  if (i.direction === ITER_SOURCE) return true;
  misuse(i, 'WARN_ON_ONCE(!i->data_source)');
  return false;
}

function pageCopySane(i: IovIter, page: Pfn, offset: number, bytes: number): boolean {
  const { pages } = i.machine;
  const inFolio = (page - pages.headOf(page)) * PAGE_SIZE + offset;
  if (offset >= 0 && inFolio + bytes <= pages.folioPages(page) * PAGE_SIZE) return true;
  misuse(i, 'WARN_ON(!page_copy_sane(page, offset, bytes))');
  return false;
}

function ustepToUser(
  base: UserAddr,
  progress: number,
  len: number,
  p: BufferStep,
  i: IovIter,
): number {
  const part = p.bytes.subarray(progress, progress + len);
  return copyToUser(i.machine, addressSpace(i), base, part, p.nofault);
}

function stepToKernel(
  base: VirtAddr,
  progress: number,
  len: number,
  p: BufferStep,
  i: IovIter,
): number {
  if (len > 0) writeKernel(i.machine, base, p.bytes.subarray(progress, progress + len));
  return 0;
}

function ustepFromUser(
  base: UserAddr,
  progress: number,
  len: number,
  p: BufferStep,
  i: IovIter,
): number {
  const part = p.bytes.subarray(progress, progress + len);
  return copyFromUser(i.machine, addressSpace(i), part, base, p.nofault);
}

function stepFromKernel(
  base: VirtAddr,
  progress: number,
  len: number,
  p: BufferStep,
  i: IovIter,
): number {
  if (len > 0) readKernel(i.machine, base, p.bytes.subarray(progress, progress + len));
  return 0;
}

function ustepMemoryToUser(
  base: UserAddr,
  progress: number,
  len: number,
  p: MemoryStep,
  i: IovIter,
): number {
  const bytes = new Uint8Array(len);
  readKernel(i.machine, virtAddr(p.at + progress), bytes);
  return copyToUser(i.machine, addressSpace(i), base, bytes, p.nofault);
}

function stepMemoryToKernel(
  base: VirtAddr,
  progress: number,
  len: number,
  p: MemoryStep,
  i: IovIter,
): number {
  copyKernel(i, base, virtAddr(p.at + progress), len);
  return 0;
}

function ustepUserToMemory(
  base: UserAddr,
  progress: number,
  len: number,
  p: MemoryStep,
  i: IovIter,
): number {
  const bytes = new Uint8Array(len);
  const missing = copyFromUser(i.machine, addressSpace(i), bytes, base, p.nofault);
  writeKernel(i.machine, virtAddr(p.at + progress), bytes.subarray(0, len - missing));
  return missing;
}

function stepKernelToMemory(
  base: VirtAddr,
  progress: number,
  len: number,
  p: MemoryStep,
  i: IovIter,
): number {
  copyKernel(i, virtAddr(p.at + progress), base, len);
  return 0;
}

/** A kernel copy moves uninitialised bytes without reading them, so it goes through the shadow. */
function copyKernel(i: IovIter, dst: VirtAddr, src: VirtAddr, len: number): void {
  for (let done = 0; done < len; ) {
    const room = PAGE_SIZE - Math.max(offsetInPage(dst + done), offsetInPage(src + done));
    const part = Math.min(len - done, room);
    const to = translateKernel(i.machine, virtAddr(dst + done));
    i.machine.copy(to, translateKernel(i.machine, virtAddr(src + done)), part);
    done += part;
  }
}

function ustepZeroUser(
  base: UserAddr,
  _progress: number,
  len: number,
  _p: null,
  i: IovIter,
): number {
  return copyToUser(i.machine, addressSpace(i), base, new Uint8Array(len));
}

function stepZeroKernel(
  base: VirtAddr,
  _progress: number,
  len: number,
  _p: null,
  i: IovIter,
): number {
  if (len > 0) writeKernel(i.machine, base, new Uint8Array(len));
  return 0;
}

/** A fault-in is for reading or for writing. */
interface FaultStep {
  readonly write: boolean;
}

function faultIn(i: IovIter, size: number, write: boolean): number {
  if (!userBackedIter(i)) return 0;
  const priv: FaultStep = { write };
  return size - iterateAndAdvance(iovIterCopy(i), size, priv, ustepFault, stepNothing);
}

function ustepFault(
  base: UserAddr,
  _progress: number,
  len: number,
  p: FaultStep,
  i: IovIter,
): number {
  let done = 0;
  while (done < len) {
    const at = userAddr(base + done);
    if (addressSpace(i).translate(at, p.write, false) === null) break;
    done = Math.min(len, done + PAGE_SIZE - offsetInPage(at));
  }
  return len - done;
}

function stepNothing(): number {
  return 0;
}
