/**
 * crypto_hash_walk: a list as pieces of linear bytes for a hash.
 *
 * A piece ends with its entry and with its page. An empty entry gives a piece of length 0, and every
 * loop over the walk takes that for the end of the message: the hash comes out wrong, or not at all,
 * with return code 0. That is what all kernels do (`zeroLength: 'compat'`); `'fixed'` skips empty entries.
 * C: crypto/ahash.c (6.1)
 * @module
 */
import { CRYPTO_TFM_REQ_MAY_SLEEP } from '../../src/crypto/algorithm.ts';
import { PAGE_SIZE, type PhysAddr, physAddr } from '../../src/units.ts';
import type { AhashRequest } from '../ahash.ts';
import { type Scatterlist, sgNext } from '../lists/scatterlist.ts';
import { ScatterWalk, scatterwalkPhys, scatterwalkStart } from './scatterwalk.ts';

/** @kernel crypto_hash_walk */
export class CryptoHashWalk {
  /** Where the current piece is. */
  data: PhysAddr = physAddr(0);
  /** Offset of the piece in its page. */
  offset = 0;
  /** Bytes of the entry behind this piece. */
  entrylen = 0;
  /** Bytes of the message behind this entry. */
  total = 0;
  alignmask = 0;
  readonly position: ScatterWalk = new ScatterWalk();
  req: AhashRequest | null = null;
}

/** @returns the length of the first piece; 0 for an empty message or an empty first entry. @kernel crypto_hash_walk_first */
export function cryptoHashWalkFirst(req: AhashRequest, walk: CryptoHashWalk): number {
  walk.total = req.nbytes;
  walk.entrylen = 0;
  if (walk.total === 0) return 0;
  walk.req = req;
  walk.alignmask = req.tfm.alg.alignmask;
  return hashWalkNewEntry(walk, req.src);
}

/** True when the current piece is the last one. @kernel crypto_hash_walk_last */
export function cryptoHashWalkLast(walk: CryptoHashWalk): boolean {
  return walk.entrylen === 0 && walk.total === 0;
}

/**
 * Ends a piece with the result of hashing it.
 * @returns the length of the next piece, 0 at the end or at an empty entry, or the error.
 * @kernel crypto_hash_walk_done
 */
export function cryptoHashWalkDone(walk: CryptoHashWalk, err: number): number {
  const { req } = walk;
  if (req === null) return err;
  if (walk.entrylen > 0 && (walk.offset & walk.alignmask) !== 0 && err === 0) {
    // The piece went up to the next aligned byte only; the page has more.
    const offset = Math.ceil(walk.offset / (walk.alignmask + 1)) * (walk.alignmask + 1);
    const nbytes = Math.min(walk.entrylen, PAGE_SIZE - offset);
    walk.data = physAddr(walk.data + offset - walk.offset);
    walk.offset = offset;
    if (nbytes > 0) {
      walk.entrylen -= nbytes;
      return nbytes;
    }
  }
  const { context } = req.tfm.api.machine;
  context.leaveAtomic(); // kunmap_atomic
  if ((req.flags & CRYPTO_TFM_REQ_MAY_SLEEP) !== 0) context.mightSleep('crypto_hash_walk_done');
  if (err !== 0) return err;
  if (walk.entrylen > 0) {
    walk.data = physAddr(walk.data - walk.offset + PAGE_SIZE);
    walk.offset = 0;
    return hashWalkNext(walk);
  }
  if (walk.total === 0) return 0;
  return hashWalkNewEntry(walk, sgNext(walk.position.sg));
}

function hashWalkNewEntry(walk: CryptoHashWalk, sg: Scatterlist | null): number {
  let entry = sg;
  if (walk.req?.tfm.api.zeroLength === 'fixed') {
    while (entry !== null && entry.length === 0) entry = sgNext(entry);
  }
  scatterwalkStart(walk.position, entry);
  const length = entry === null ? 0 : entry.length;
  walk.entrylen = Math.min(length, walk.total);
  walk.total -= walk.entrylen;
  walk.offset = walk.position.offset & (PAGE_SIZE - 1);
  if (length > 0) walk.data = scatterwalkPhys(walk.position);
  return hashWalkNext(walk);
}

function hashWalkNext(walk: CryptoHashWalk): number {
  let nbytes = Math.min(walk.entrylen, PAGE_SIZE - walk.offset);
  const misaligned = walk.offset & walk.alignmask;
  if (misaligned !== 0) nbytes = Math.min(nbytes, walk.alignmask + 1 - misaligned);
  walk.entrylen -= nbytes;
  const context = walk.req?.tfm.api.machine.context;
  if (context === undefined) return 0;
  // kmap_atomic. No loop calls crypto_hash_walk_done for a piece of length 0: its mapping stays.
  if (nbytes > 0) context.enterAtomic();
  else context.pagefault++;
  return nbytes;
}
