/**
 * The asynchronous hash API: a message in lists, a digest in a private buffer.
 * C: crypto/ahash.c, include/crypto/hash.h (6.1)
 * @module
 */

import { assert } from '../src/assert.ts';
import {
  CRYPTO_ALG_OPTIONAL_KEY,
  CRYPTO_ALG_TYPE_AHASH,
  CRYPTO_ALG_TYPE_MASK,
  CRYPTO_TFM_NEED_KEY,
  type CryptoAlg,
  type HashProperties,
} from '../src/crypto/algorithm.ts';
import { CryptoAsyncRequest, type CryptoCompletion } from '../src/crypto/queue.ts';
import { EINVAL, ENOKEY, ENOSYS, type Errno } from '../src/errno.ts';
import { GFP_KERNEL, type Gfp } from '../src/machine/context.ts';
import type { HashState } from '../src/provider/provider.ts';
import { type VirtAddr, virtAddr } from '../src/units.ts';
import type { CryptoApi } from './crypto-api.ts';
import type { Scatterlist } from './lists/scatterlist.ts';
import {
  CryptoTfm,
  cryptoDestroyTfm,
  cryptoInitTfm,
  cryptoRequestFree,
  cryptoRequestIdle,
  cryptoSetkeyBegin,
  cryptoSubmitBegin,
  cryptoSubmitEnd,
  cryptoSubmitted,
} from './tfm.ts';

/** sizeof(struct ahash_request) on a 64-bit kernel. */
export const AHASH_REQUEST_SIZE = 80;
/** Limits of registration: longest digest, longest exported state. */
const HASH_MAX_DIGESTSIZE = 64;
const HASH_MAX_STATESIZE = 512;

const NO_RESULT = new Uint8Array(0);

/** @kernel crypto_ahash */
export class CryptoAhash<C = unknown> extends CryptoTfm<AhashAlg<C>, C> {}

/** @kernel ahash_request */
export class AhashRequest<C = unknown> extends CryptoAsyncRequest {
  tfm: CryptoAhash<C>;
  nbytes = 0;
  src: Scatterlist | null = null;
  /** Digest, outside the machine. */
  result: Uint8Array = NO_RESULT;
  /** The driver's private part. */
  ctx: unknown = null;
  /** Memory of the request in the machine. */
  memory: VirtAddr = virtAddr(0);

  constructor(tfm: CryptoAhash<C>) {
    super();
    this.tfm = tfm;
  }
}

/** A driver; `C` is what its transforms keep. @kernel ahash_alg */
export interface AhashAlg<C = unknown> extends CryptoAlg, HashProperties {
  readonly kind: 'ahash';
  /** Makes what one transform keeps, its `ctx`. */
  init(tfm: CryptoAhash): C | Errno;
  /** Frees child transforms. */
  exit?(ctx: C): void;
  /** Not called for hashes without a key. */
  setkey(tfm: CryptoAhash<C>, key: Uint8Array): Errno;
  initState(req: AhashRequest<C>): Errno;
  update(req: AhashRequest<C>): Errno;
  final(req: AhashRequest<C>): Errno;
  finup(req: AhashRequest<C>): Errno;
  digest(req: AhashRequest<C>): Errno;
  export(req: AhashRequest<C>, out: Uint8Array): Errno;
  import(req: AhashRequest<C>, from: Uint8Array): Errno;
  /** Makes the private part of a request; `memory` are `reqsize` bytes of the machine. */
  initRequest?(req: AhashRequest<C>, memory: VirtAddr): unknown;
  /**
   * The synchronous hash of linear data inside, with its key when it is a keyed one; -EINVAL for a
   * key that it refuses. Null when the driver is no shash.
   */
  readonly shash: ((key: Uint8Array) => HashFactory | Errno) | null;
}

/** Starts a message. @kernel none: crypto_shash_init of a keyed descriptor */
export type HashFactory = () => HashState;

/** Tells a driver of this kind from others of the registry. @kernel none: C tells by cra_type */
export function isAhash(alg: CryptoAlg): alg is AhashAlg {
  return alg.kind === 'ahash';
}

/** @returns 0; -EINVAL for sizes out of range. @kernel crypto_register_ahash */
export function cryptoRegisterAhash(api: CryptoApi, alg: AhashAlg): Errno {
  if (alg.digestsize > HASH_MAX_DIGESTSIZE) return -EINVAL;
  if (alg.statesize === 0 || alg.statesize > HASH_MAX_STATESIZE) return -EINVAL;
  return api.registry.register(alg);
}

/**
 * A transform of the algorithm `name`, a generic or a driver name.
 * @returns the negative errno of the lookup or of the driver when there is none.
 * @kernel crypto_alloc_ahash
 */
export function cryptoAllocAhash(
  api: CryptoApi,
  name: string,
  type: number,
  mask: number,
): CryptoAhash | Errno {
  const alg = api.registry.find(
    name,
    (type & ~CRYPTO_ALG_TYPE_MASK) | CRYPTO_ALG_TYPE_AHASH,
    mask | CRYPTO_ALG_TYPE_MASK,
  );
  if (typeof alg === 'number') return alg;
  return isAhash(alg) ? cryptoSpawnAhash(api, alg) : -EINVAL;
}

/** @throws KernelBug while a request is in flight. @kernel crypto_free_ahash */
export function cryptoFreeAhash(tfm: CryptoAhash): void {
  cryptoDestroyTfm(tfm);
  tfm.alg.exit?.(tfm.ctx);
}

/** @kernel crypto_ahash_digestsize */
export function cryptoAhashDigestsize(tfm: CryptoAhash): number {
  return tfm.alg.digestsize;
}

/** @kernel crypto_ahash_statesize */
export function cryptoAhashStatesize(tfm: CryptoAhash): number {
  return tfm.alg.statesize;
}

/** @returns 0, -ENOSYS for a hash without keys, the driver's errno. @kernel crypto_ahash_setkey */
export function cryptoAhashSetkey(tfm: CryptoAhash, key: Uint8Array): Errno {
  const { alg } = tfm;
  const err = cryptoSetkeyBegin(tfm, key) || (alg.keyed ? alg.setkey(tfm, key) : -ENOSYS);
  if (err === 0) tfm.flags &= ~CRYPTO_TFM_NEED_KEY;
  else if (needsKey(alg)) tfm.flags |= CRYPTO_TFM_NEED_KEY;
  return err;
}

/** @returns null when there is no memory. @kernel ahash_request_alloc */
export function ahashRequestAlloc(tfm: CryptoAhash, gfp: Gfp = GFP_KERNEL): AhashRequest | null {
  const size = AHASH_REQUEST_SIZE + (tfm.alg.reqsize ?? 0);
  const memory = tfm.api.machine.slab.kmalloc(size, 'ahash_request', gfp);
  if (memory === null) return null;
  const req = new AhashRequest(tfm);
  req.memory = memory;
  ahashRequestSetTfm(req, tfm);
  return req;
}

/** @throws KernelBug while the request is in flight. @kernel ahash_request_free */
export function ahashRequestFree(req: AhashRequest): void {
  cryptoRequestFree(req.tfm, req, req.memory);
}

/**
 * Gives the request to a transform. Must be one whose `reqsize` the request has room for.
 * @kernel ahash_request_set_tfm
 */
export function ahashRequestSetTfm(req: AhashRequest, tfm: CryptoAhash): void {
  req.tfm = tfm;
  const memory = virtAddr(req.memory + AHASH_REQUEST_SIZE);
  req.ctx = tfm.alg.initRequest?.(req, memory) ?? null;
}

/** @kernel ahash_request_set_callback */
export function ahashRequestSetCallback(
  req: AhashRequest,
  flags: number,
  complete: CryptoCompletion | null,
  data: unknown,
): void {
  cryptoRequestIdle(req);
  req.complete = complete;
  req.data = data;
  req.flags = flags;
}

/** `result` may be null for an update. @kernel ahash_request_set_crypt */
export function ahashRequestSetCrypt(
  req: AhashRequest,
  src: Scatterlist | null,
  result: Uint8Array | null,
  nbytes: number,
): void {
  cryptoRequestIdle(req);
  req.src = src;
  req.nbytes = nbytes;
  req.result = result ?? NO_RESULT;
}

/** Starts a message. @returns 0 or -ENOKEY. @kernel crypto_ahash_init */
export function cryptoAhashInit(req: AhashRequest): Errno {
  const { tfm } = req;
  cryptoSubmitBegin(tfm, req);
  if ((tfm.flags & CRYPTO_TFM_NEED_KEY) !== 0) return -ENOKEY;
  return cryptoSubmitEnd(tfm, req, cryptoSubmitted(tfm, req), tfm.alg.initState(req));
}

/** Hashes `nbytes` of `src`. @throws KernelBug without a started message. @kernel crypto_ahash_update */
export function cryptoAhashUpdate(req: AhashRequest): Errno {
  const { tfm } = req;
  cryptoSubmitBegin(tfm, req);
  return cryptoSubmitEnd(tfm, req, cryptoSubmitted(tfm, req), tfm.alg.update(req));
}

/** Writes the digest; the message is over. @kernel crypto_ahash_final */
export function cryptoAhashFinal(req: AhashRequest): Errno {
  const { tfm } = req;
  cryptoSubmitBegin(tfm, req);
  return cryptoSubmitEnd(tfm, req, cryptoSubmitted(tfm, req), tfm.alg.final(req));
}

/** Update and final. @kernel crypto_ahash_finup */
export function cryptoAhashFinup(req: AhashRequest): Errno {
  const { tfm } = req;
  cryptoSubmitBegin(tfm, req);
  return cryptoSubmitEnd(tfm, req, cryptoSubmitted(tfm, req), tfm.alg.finup(req));
}

/** Init, update and final. @returns 0 or -ENOKEY. @kernel crypto_ahash_digest */
export function cryptoAhashDigest(req: AhashRequest): Errno {
  const { tfm } = req;
  cryptoSubmitBegin(tfm, req);
  if ((tfm.flags & CRYPTO_TFM_NEED_KEY) !== 0) return -ENOKEY;
  return cryptoSubmitEnd(tfm, req, cryptoSubmitted(tfm, req), tfm.alg.digest(req));
}

/**
 * Writes the state of the message to `out`, `statesize` bytes as the kernel's generic driver lays it out.
 * @returns 0; -ENOSYS where the driver hides its state. @throws KernelBug without a message. @kernel crypto_ahash_export
 */
export function cryptoAhashExport(req: AhashRequest, out: Uint8Array): Errno {
  const { alg } = req.tfm;
  assert(out.length >= alg.statesize, 'export buffer of statesize bytes');
  return alg.export(req, out);
}

/**
 * Goes on from an exported state, of which there may be any number of copies.
 * @returns 0; -ENOKEY; -ENOSYS as `cryptoAhashExport`. @kernel crypto_ahash_import
 */
export function cryptoAhashImport(req: AhashRequest, from: Uint8Array): Errno {
  const { alg, flags } = req.tfm;
  if ((flags & CRYPTO_TFM_NEED_KEY) !== 0) return -ENOKEY;
  assert(from.length >= alg.statesize, 'exported state of statesize bytes');
  return alg.import(req, from);
}

/** A transform of exactly this algorithm. @kernel crypto_spawn_ahash */
export function cryptoSpawnAhash(api: CryptoApi, alg: AhashAlg): CryptoAhash | Errno {
  const tfm = new CryptoAhash(api, alg, null);
  if (needsKey(alg)) tfm.flags |= CRYPTO_TFM_NEED_KEY;
  return cryptoInitTfm(tfm, alg.init(tfm));
}

function needsKey(alg: AhashAlg): boolean {
  return alg.keyed && (alg.flags & CRYPTO_ALG_OPTIONAL_KEY) === 0;
}
