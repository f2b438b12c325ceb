/**
 * Iterators from the arguments of a system call.
 * C: lib/iov_iter.c import_iovec, import_ubuf (7.3)
 * @module
 */
import { EFAULT, EINVAL, ENOMEM, type Errno } from '../../src/errno.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { type AddressSpace, copyFromUser } from '../../src/machine/user.ts';
import { MAX_RW_COUNT, type UserAddr, userAddr } from '../../src/units.ts';
import { type Direction, type Iovec, type IovIter, iovIterInit, iovIterUbuf } from './iov-iter.ts';

/** Most segments of one call. */
const UIO_MAXIOV = 1024;
/** End of user space. */
const TASK_SIZE = 2 ** 47;
/** `struct iovec` on a 64-bit machine: an address and a length of 8 bytes each. */
const IOVEC_SIZE = 16;
const HALF = 2 ** 32;

/** What an import made. @kernel none, two out parameters */
export interface ImportedIovec<D extends Direction> {
  readonly iter: IovIter<D>;
  /** The segment array that the caller must free; null when the fast one was enough. */
  readonly allocated: readonly Iovec[] | null;
}

/**
 * Makes an iterator of an array of `nrSegs` segments in user memory. One segment becomes a UBUF. What
 * is above MAX_RW_COUNT is cut off, in the segment that crosses it.
 * @param fastSegs segments for which the caller brings an array
 * @returns -EINVAL for more than 1024 segments or a negative length; -EFAULT for an array or a segment
 *   outside user memory; -ENOMEM. @kernel import_iovec
 */
export function importIovec<D extends Direction>(
  machine: Machine,
  mm: AddressSpace,
  direction: D,
  uvec: UserAddr,
  nrSegs: number,
  fastSegs: number,
): ImportedIovec<D> | Errno {
  if (nrSegs === 1) return importSingle(machine, mm, direction, uvec);
  if (nrSegs > UIO_MAXIOV) return -EINVAL;
  const slow = nrSegs > fastSegs;
  if (slow && machine.faults.hit('kmalloc')) return -ENOMEM;
  const iov: Iovec[] = [];
  let total = 0;
  const err = copyIovec(machine, mm, uvec, nrSegs, iov);
  if (err !== 0) return err;
  for (let k = 0; k < nrSegs; k++) {
    const { base, len } = iov[k];
    if (!accessOk(base, len)) return -EFAULT;
    const part = Math.min(len, MAX_RW_COUNT - total);
    if (part < len) iov[k] = { base, len: part };
    total += part;
  }
  const iter = iovIterInit(machine, mm, direction, iov, nrSegs, total);
  return { iter, allocated: slow ? iov : null };
}

/**
 * Makes an iterator of one user range, cut to MAX_RW_COUNT.
 * @returns -EFAULT for a range outside user memory. @kernel import_ubuf
 */
export function importUbuf<D extends Direction>(
  machine: Machine,
  mm: AddressSpace,
  direction: D,
  buf: UserAddr,
  len: number,
): IovIter<D> | Errno {
  const capped = Math.min(len, MAX_RW_COUNT);
  if (!accessOk(buf, capped)) return -EFAULT;
  return iovIterUbuf(machine, mm, direction, buf, capped);
}

function importSingle<D extends Direction>(
  machine: Machine,
  mm: AddressSpace,
  direction: D,
  uvec: UserAddr,
): ImportedIovec<D> | Errno {
  const iov: Iovec[] = [];
  const err = copyIovec(machine, mm, uvec, 1, iov);
  if (err !== 0) return err;
  const iter = importUbuf(machine, mm, direction, iov[0].base, iov[0].len);
  return typeof iter === 'number' ? iter : { iter, allocated: null };
}

/** Reads the array, entry by entry: the first that is bad decides the error. */
function copyIovec(
  machine: Machine,
  mm: AddressSpace,
  uvec: UserAddr,
  nrSegs: number,
  iov: Iovec[],
): Errno {
  const entry = new Uint8Array(IOVEC_SIZE);
  const view = new DataView(entry.buffer);
  for (let k = 0; k < nrSegs; k++) {
    if (copyFromUser(machine, mm, entry, userAddr(uvec + k * IOVEC_SIZE)) > 0) return -EFAULT;
    if (view.getInt32(12, true) < 0) return -EINVAL;
    iov.push({ base: userAddr(word(view, 0)), len: word(view, 8) });
  }
  return 0;
}

function word(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * HALF + view.getUint32(at, true);
}

function accessOk(base: number, len: number): boolean {
  return base + len <= TASK_SIZE;
}
