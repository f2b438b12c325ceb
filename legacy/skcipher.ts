/**
 * The symmetric cipher API: transforms and requests over scatterlists.
 * C: crypto/skcipher.c, include/crypto/skcipher.h (6.1)
 * @module
 */

import {
  CRYPTO_ALG_TYPE_MASK,
  CRYPTO_ALG_TYPE_SKCIPHER,
  CRYPTO_TFM_NEED_KEY,
  type CryptoAlg,
  type SkcipherProperties,
} from '../src/crypto/algorithm.ts';
import { CryptoAsyncRequest, type CryptoCompletion } from '../src/crypto/queue.ts';
import { EINVAL, ENOKEY, type Errno } from '../src/errno.ts';
import { GFP_KERNEL, type Gfp } from '../src/machine/context.ts';
import { PAGE_SIZE, type VirtAddr, virtAddr } from '../src/units.ts';
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

/** sizeof(struct skcipher_request) on a 64-bit kernel. */
export const SKCIPHER_REQUEST_SIZE = 80;

const NO_IV = new Uint8Array(0);

/** @kernel crypto_skcipher */
export class CryptoSkcipher<C = unknown> extends CryptoTfm<SkcipherAlg<C>, C> {}

/** @kernel skcipher_request */
export class SkcipherRequest<C = unknown> extends CryptoAsyncRequest {
  tfm: CryptoSkcipher<C>;
  cryptlen = 0;
  iv: Uint8Array = NO_IV;
  src: Scatterlist | null = null;
  dst: Scatterlist | null = null;
  /** The driver's private part. */
  ctx: unknown = null;
  /** Memory of the request in the machine, 0 for a request inside another one. */
  memory: VirtAddr = virtAddr(0);

  constructor(tfm: CryptoSkcipher<C>) {
    super();
    this.tfm = tfm;
  }
}

/** A driver; `C` is what its transforms keep. @kernel skcipher_alg */
export interface SkcipherAlg<C = unknown> extends CryptoAlg, SkcipherProperties {
  readonly kind: 'skcipher';
  /** Makes what one transform keeps, its `ctx`. */
  init(tfm: CryptoSkcipher): C | Errno;
  /** Frees child transforms. */
  exit?(ctx: C): void;
  /** The core has checked the length. A failure leaves the transform without key. */
  setkey(tfm: CryptoSkcipher<C>, key: Uint8Array): Errno;
  encrypt(req: SkcipherRequest<C>): Errno;
  decrypt(req: SkcipherRequest<C>): Errno;
  /** Makes the private part of a request; `memory` are `reqsize` bytes of the machine. */
  initRequest?(req: SkcipherRequest<C>, memory: VirtAddr): unknown;
}

/** Tells a driver of this kind from others of the registry. @kernel none: C tells by cra_type */
export function isSkcipher(alg: CryptoAlg): alg is SkcipherAlg {
  return alg.kind === 'skcipher';
}

/** @returns 0; -EINVAL for sizes above an eighth of a page. @kernel crypto_register_skcipher */
export function cryptoRegisterSkcipher(api: CryptoApi, alg: SkcipherAlg): Errno {
  const limit = PAGE_SIZE / 8;
  if (alg.ivsize > limit || alg.chunksize > limit || alg.walksize > limit) return -EINVAL;
  return api.registry.register(alg);
}

/**
 * A transform of the algorithm `name`, a generic or a driver name.
 * @returns the negative errno of the lookup or of the driver when there is none.
 * @kernel crypto_alloc_skcipher
 */
export function cryptoAllocSkcipher(
  api: CryptoApi,
  name: string,
  type: number,
  mask: number,
): CryptoSkcipher | Errno {
  const alg = api.registry.find(
    name,
    (type & ~CRYPTO_ALG_TYPE_MASK) | CRYPTO_ALG_TYPE_SKCIPHER,
    mask | CRYPTO_ALG_TYPE_MASK,
  );
  if (typeof alg === 'number') return alg;
  return isSkcipher(alg) ? cryptoSpawnSkcipher(api, alg) : -EINVAL;
}

/** @throws KernelBug while a request is in flight. @kernel crypto_free_skcipher */
export function cryptoFreeSkcipher(tfm: CryptoSkcipher): void {
  cryptoDestroyTfm(tfm);
  tfm.alg.exit?.(tfm.ctx);
}

/** @kernel crypto_skcipher_ivsize */
export function cryptoSkcipherIvsize(tfm: CryptoSkcipher): number {
  return tfm.alg.ivsize;
}

/** @kernel crypto_skcipher_blocksize */
export function cryptoSkcipherBlocksize(tfm: CryptoSkcipher): number {
  return tfm.alg.blocksize;
}

/**
 * Sets the key. A wrong length is refused before the driver sees it and leaves an earlier key valid;
 * a refusal by the driver leaves the transform without key.
 * @returns 0, -EINVAL, or -ENOMEM for the copy of a misaligned key.
 * @kernel crypto_skcipher_setkey
 */
export function cryptoSkcipherSetkey(tfm: CryptoSkcipher, key: Uint8Array): Errno {
  const { alg } = tfm;
  if (key.length < alg.minKeysize || key.length > alg.maxKeysize) return -EINVAL;
  const err = cryptoSetkeyBegin(tfm, key) || tfm.alg.setkey(tfm, key);
  if (err !== 0) {
    if (alg.maxKeysize !== 0) tfm.flags |= CRYPTO_TFM_NEED_KEY;
    return err;
  }
  tfm.flags &= ~CRYPTO_TFM_NEED_KEY;
  return 0;
}

/** @returns null when there is no memory. @kernel skcipher_request_alloc */
export function skcipherRequestAlloc(
  tfm: CryptoSkcipher,
  gfp: Gfp = GFP_KERNEL,
): SkcipherRequest | null {
  const size = SKCIPHER_REQUEST_SIZE + (tfm.alg.reqsize ?? 0);
  const memory = tfm.api.machine.slab.kmalloc(size, 'skcipher_request', gfp);
  if (memory === null) return null;
  const req = new SkcipherRequest(tfm);
  req.memory = memory;
  skcipherRequestSetTfm(req, tfm);
  return req;
}

/** @throws KernelBug while the request is in flight. @kernel skcipher_request_free */
export function skcipherRequestFree(req: SkcipherRequest): void {
  cryptoRequestFree(req.tfm, req, req.memory);
}

/**
 * Gives the request to a transform. Must be one whose `reqsize` the request has room for.
 * @kernel skcipher_request_set_tfm
 */
export function skcipherRequestSetTfm(req: SkcipherRequest, tfm: CryptoSkcipher): void {
  req.tfm = tfm;
  const memory = virtAddr(req.memory + SKCIPHER_REQUEST_SIZE);
  req.ctx = tfm.alg.initRequest?.(req, memory) ?? null;
}

/** @kernel skcipher_request_set_callback */
export function skcipherRequestSetCallback(
  req: SkcipherRequest,
  flags: number,
  complete: CryptoCompletion | null,
  data: unknown,
): void {
  cryptoRequestIdle(req);
  req.complete = complete;
  req.data = data;
  req.flags = flags;
}

/** `iv` is read and updated in place. @kernel skcipher_request_set_crypt */
export function skcipherRequestSetCrypt(
  req: SkcipherRequest,
  src: Scatterlist | null,
  dst: Scatterlist | null,
  cryptlen: number,
  iv: Uint8Array | null,
): void {
  cryptoRequestIdle(req);
  req.src = src;
  req.dst = dst;
  req.cryptlen = cryptlen;
  req.iv = iv ?? NO_IV;
}

/**
 * @returns 0, -ENOKEY, -EINVAL for a length that the mode cannot take (after the full blocks were
 *   written), -ENOMEM, or -EINPROGRESS, -EBUSY, -ENOSPC of an asynchronous driver.
 * @kernel crypto_skcipher_encrypt
 */
export function cryptoSkcipherEncrypt(req: SkcipherRequest): Errno {
  const { tfm } = req;
  cryptoSubmitBegin(tfm, req);
  if ((tfm.flags & CRYPTO_TFM_NEED_KEY) !== 0) return -ENOKEY;
  return cryptoSubmitEnd(tfm, req, cryptoSubmitted(tfm, req), tfm.alg.encrypt(req));
}

/** As `cryptoSkcipherEncrypt`. @kernel crypto_skcipher_decrypt */
export function cryptoSkcipherDecrypt(req: SkcipherRequest): Errno {
  const { tfm } = req;
  cryptoSubmitBegin(tfm, req);
  if ((tfm.flags & CRYPTO_TFM_NEED_KEY) !== 0) return -ENOKEY;
  return cryptoSubmitEnd(tfm, req, cryptoSubmitted(tfm, req), tfm.alg.decrypt(req));
}

/** A transform of exactly this algorithm. @kernel crypto_spawn_skcipher */
export function cryptoSpawnSkcipher(api: CryptoApi, alg: SkcipherAlg): CryptoSkcipher | Errno {
  const tfm = new CryptoSkcipher(api, alg, null);
  if (alg.maxKeysize !== 0) tfm.flags |= CRYPTO_TFM_NEED_KEY;
  return cryptoInitTfm(tfm, alg.init(tfm));
}
