/**
 * Hashing what is copied.
 * C: net/core/datagram.c, lib/iov_iter.c hash_and_copy_to_iter (6.1)
 * @module
 */
import type { VirtAddr } from '../../src/units.ts';
import { type AhashRequest, ahashRequestSetCrypt, cryptoAhashUpdate } from '../ahash.ts';
import { copyMemoryToIter } from './copy.ts';
import { type IovIter, ITER_SOURCE, iovIterKvec } from './iov-iter.ts';

/**
 * Copies kernel memory to an iterator and updates a hash with what was copied, no more. The hash must
 * be synchronous and have a running message; its result is not looked at, as in the kernel.
 * @returns bytes copied. @kernel hash_and_copy_to_iter
 */
export function hashAndCopyToIter(
  addr: VirtAddr,
  bytes: number,
  hash: AhashRequest,
  i: IovIter<'dest'>,
): number {
  const copied = copyMemoryToIter(addr, bytes, i);
  const source = iovIterKvec(i.machine, ITER_SOURCE, [{ base: addr, len: copied }], 1, copied);
  ahashRequestSetCrypt(hash, source, null, copied);
  cryptoAhashUpdate(hash);
  return copied;
}
