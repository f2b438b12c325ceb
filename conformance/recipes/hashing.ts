/**
 * The four ends of the recipes that hash: what is behind the description of memory, once.
 * @module
 */
import {
  ahashRequestAlloc,
  ahashRequestFree,
  ahashRequestSetCallback,
  ahashRequestSetCrypt,
  cryptoAhashDigest,
  cryptoAhashSetkey,
  cryptoAllocAhash,
} from '../../converted/ahash.ts';
import { cryptoApiInit } from '../../converted/init.ts';
import type { IovIter } from '../../converted/iter/iov-iter.ts';
import {
  BlockHashCtx,
  blockHashFinal,
  blockHashInit,
  blockHashUpdate,
} from '../../converted/lib/blocks.ts';
import { LIB_HASHES } from '../../converted/lib/hash.ts';
import {
  cryptoAllocAhash as legacyAlloc,
  cryptoAhashDigest as legacyDigest,
  ahashRequestAlloc as legacyRequestAlloc,
  ahashRequestFree as legacyRequestFree,
  ahashRequestSetCallback as legacySetCallback,
  ahashRequestSetCrypt as legacySetCrypt,
  cryptoAhashSetkey as legacySetkey,
} from '../../legacy/ahash.ts';
import { cryptoApiInit as legacyInit } from '../../legacy/init.ts';
import type { Scatterlist } from '../../legacy/lists/scatterlist.ts';
import { assert } from '../../src/assert.ts';
import { NO_KEY } from '../../src/crypto/hashes.ts';
import { must } from '../../src/machine/access.ts';
import { KernelMemory } from '../../src/machine/kernel-memory.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { type Buffer, done, found } from './recipe.ts';

const DIGEST = 32;

function nameOf(key: Uint8Array | null): string {
  return key === null ? 'sha256' : 'hmac(sha256)';
}

/** SHA-256 of the first `len` bytes of a list, or HMAC where there is a key. */
export function digestOfList(
  machine: Machine,
  sgl: Scatterlist | null,
  len: number,
  key: Uint8Array | null = null,
): Uint8Array {
  const tfm = found(legacyAlloc(legacyInit(machine), nameOf(key), 0, 0));
  if (key !== null) done(legacySetkey(tfm, key));
  const req = must(legacyRequestAlloc(tfm));
  const digest = new Uint8Array(DIGEST);
  legacySetCallback(req, 0, () => undefined, null);
  legacySetCrypt(req, sgl, digest, len);
  done(legacyDigest(req));
  legacyRequestFree(req);
  return digest;
}

/** The same of the next `len` bytes of an iterator. */
export function digestOfIter(
  machine: Machine,
  data: IovIter<'source'>,
  len: number,
  key: Uint8Array | null = null,
): Uint8Array {
  const tfm = found(cryptoAllocAhash(cryptoApiInit(machine), nameOf(key), 0, 0));
  if (key !== null) done(cryptoAhashSetkey(tfm, key));
  const req = must(ahashRequestAlloc(tfm));
  const digest = new Uint8Array(DIGEST);
  ahashRequestSetCallback(req, 0, () => undefined, null);
  ahashRequestSetCrypt(req, data, digest, len);
  done(cryptoAhashDigest(req));
  ahashRequestFree(req);
  return digest;
}

/** The same of buffers, one call for each: no request, no transform, nothing that describes them. */
export function digestOfBuffers(
  machine: Machine,
  buffers: readonly Buffer[],
  key: Uint8Array | null = null,
): Uint8Array {
  const hash = LIB_HASHES.get(nameOf(key));
  assert(hash !== undefined, 'the library has SHA-256 and its HMAC');
  const digest = new Uint8Array(DIGEST);
  const mem = new KernelMemory(machine);
  const ctx = new BlockHashCtx(hash.blocksize);
  blockHashInit(ctx, found(hash.preparekey(key ?? NO_KEY)));
  for (const { base, len } of buffers) blockHashUpdate(ctx, mem, base, len);
  blockHashFinal(ctx, digest);
  return digest;
}
