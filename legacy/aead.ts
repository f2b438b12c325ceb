/**
 * The AEAD API: associated data, text and tag in one list, AD || text || tag.
 * C: crypto/aead.c, include/crypto/aead.h (6.1)
 * @module
 */

import {
  type AeadProperties,
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_ALG_TYPE_MASK,
  CRYPTO_TFM_NEED_KEY,
  type CryptoAlg,
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

/** sizeof(struct aead_request) on a 64-bit kernel. */
export const AEAD_REQUEST_SIZE = 80;

const NO_IV = new Uint8Array(0);

/** @kernel crypto_aead */
export class CryptoAead<C = unknown> extends CryptoTfm<AeadAlg<C>, C> {
  authsize = 0;
}

/** @kernel aead_request */
export class AeadRequest<C = unknown> extends CryptoAsyncRequest {
  tfm: CryptoAead<C>;
  assoclen = 0;
  cryptlen = 0;
  iv: Uint8Array = NO_IV;
  src: Scatterlist | null = null;
  dst: Scatterlist | null = null;
  /** The driver's private part. */
  ctx: unknown = null;
  /** Memory of the request in the machine. */
  memory: VirtAddr = virtAddr(0);

  constructor(tfm: CryptoAead<C>) {
    super();
    this.tfm = tfm;
  }
}

/** A driver; `C` is what its transforms keep. @kernel aead_alg */
export interface AeadAlg<C = unknown> extends CryptoAlg, AeadProperties {
  readonly kind: 'aead';
  /** Makes what one transform keeps, its `ctx`. */
  init(tfm: CryptoAead): C | Errno;
  /** Frees child transforms. */
  exit?(ctx: C): void;
  /** A failure leaves the transform without key. */
  setkey(tfm: CryptoAead<C>, key: Uint8Array): Errno;
  /** Says which tag sizes between 1 and the maximum the algorithm takes; all of them when absent. */
  setauthsize?(tfm: CryptoAead<C>, authsize: number): Errno;
  encrypt(req: AeadRequest<C>): Errno;
  decrypt(req: AeadRequest<C>): Errno;
  /** Makes the private part of a request; `memory` are `reqsize` bytes of the machine. */
  initRequest?(req: AeadRequest<C>, memory: VirtAddr): unknown;
}

/** Tells a driver of this kind from others of the registry. @kernel none: C tells by cra_type */
export function isAead(alg: CryptoAlg): alg is AeadAlg {
  return alg.kind === 'aead';
}

/** @returns 0; -EINVAL for sizes above an eighth of a page. @kernel crypto_register_aead */
export function cryptoRegisterAead(api: CryptoApi, alg: AeadAlg): Errno {
  const limit = PAGE_SIZE / 8;
  if (alg.maxauthsize > limit || alg.ivsize > limit || alg.chunksize > limit) return -EINVAL;
  return api.registry.register(alg);
}

/**
 * A transform of the algorithm `name`, a generic or a driver name.
 * @returns the negative errno of the lookup or of the driver when there is none.
 * @kernel crypto_alloc_aead
 */
export function cryptoAllocAead(
  api: CryptoApi,
  name: string,
  type: number,
  mask: number,
): CryptoAead | Errno {
  const alg = api.registry.find(
    name,
    (type & ~CRYPTO_ALG_TYPE_MASK) | CRYPTO_ALG_TYPE_AEAD,
    mask | CRYPTO_ALG_TYPE_MASK,
  );
  if (typeof alg === 'number') return alg;
  return isAead(alg) ? cryptoSpawnAead(api, alg) : -EINVAL;
}

/** @throws KernelBug while a request is in flight. @kernel crypto_free_aead */
export function cryptoFreeAead(tfm: CryptoAead): void {
  cryptoDestroyTfm(tfm);
  tfm.alg.exit?.(tfm.ctx);
}

/** @kernel crypto_aead_ivsize */
export function cryptoAeadIvsize(tfm: CryptoAead): number {
  return tfm.alg.ivsize;
}

/** @kernel crypto_aead_authsize */
export function cryptoAeadAuthsize(tfm: CryptoAead): number {
  return tfm.authsize;
}

/** @kernel crypto_aead_maxauthsize */
export function cryptoAeadMaxauthsize(tfm: CryptoAead): number {
  return tfm.alg.maxauthsize;
}

/** @kernel crypto_aead_blocksize */
export function cryptoAeadBlocksize(tfm: CryptoAead): number {
  return tfm.alg.blocksize;
}

/**
 * Sets the key; any failure leaves the transform without key.
 * @returns 0, the driver's errno, or -ENOMEM for the copy of a misaligned key.
 * @kernel crypto_aead_setkey
 */
export function cryptoAeadSetkey(tfm: CryptoAead, key: Uint8Array): Errno {
  const err = cryptoSetkeyBegin(tfm, key) || tfm.alg.setkey(tfm, key);
  if (err === 0) tfm.flags &= ~CRYPTO_TFM_NEED_KEY;
  else tfm.flags |= CRYPTO_TFM_NEED_KEY;
  return err;
}

/** @returns 0; -EINVAL for 0, for more than the maximum, for what the algorithm refuses. @kernel crypto_aead_setauthsize */
export function cryptoAeadSetauthsize(tfm: CryptoAead, authsize: number): Errno {
  const { maxauthsize } = tfm.alg;
  if ((authsize === 0 && maxauthsize !== 0) || authsize > maxauthsize) return -EINVAL;
  const err = tfm.alg.setauthsize?.(tfm, authsize) ?? 0;
  if (err === 0) tfm.authsize = authsize;
  return err;
}

/** @returns null when there is no memory. @kernel aead_request_alloc */
export function aeadRequestAlloc(tfm: CryptoAead, gfp: Gfp = GFP_KERNEL): AeadRequest | null {
  const size = AEAD_REQUEST_SIZE + (tfm.alg.reqsize ?? 0);
  const memory = tfm.api.machine.slab.kmalloc(size, 'aead_request', gfp);
  if (memory === null) return null;
  const req = new AeadRequest(tfm);
  req.memory = memory;
  aeadRequestSetTfm(req, tfm);
  return req;
}

/** @throws KernelBug while the request is in flight. @kernel aead_request_free */
export function aeadRequestFree(req: AeadRequest): void {
  cryptoRequestFree(req.tfm, req, req.memory);
}

/**
 * Gives the request to a transform. Must be one whose `reqsize` the request has room for.
 * @kernel aead_request_set_tfm
 */
export function aeadRequestSetTfm(req: AeadRequest, tfm: CryptoAead): void {
  req.tfm = tfm;
  const memory = virtAddr(req.memory + AEAD_REQUEST_SIZE);
  req.ctx = tfm.alg.initRequest?.(req, memory) ?? null;
}

/** @kernel aead_request_set_callback */
export function aeadRequestSetCallback(
  req: AeadRequest,
  flags: number,
  complete: CryptoCompletion | null,
  data: unknown,
): void {
  cryptoRequestIdle(req);
  req.complete = complete;
  req.data = data;
  req.flags = flags;
}

/**
 * `cryptlen` is the text without tag for encryption and with it for decryption. Both lists begin
 * with `assoclen` bytes of associated data.
 * @kernel aead_request_set_crypt
 */
export function aeadRequestSetCrypt(
  req: AeadRequest,
  src: Scatterlist | null,
  dst: Scatterlist | null,
  cryptlen: number,
  iv: Uint8Array,
): void {
  cryptoRequestIdle(req);
  req.src = src;
  req.dst = dst;
  req.cryptlen = cryptlen;
  req.iv = iv;
}

/** @kernel aead_request_set_ad */
export function aeadRequestSetAd(req: AeadRequest, assoclen: number): void {
  cryptoRequestIdle(req);
  req.assoclen = assoclen;
}

/**
 * @returns 0, -ENOKEY, what the algorithm says of lengths, or -EINPROGRESS, -EBUSY, -ENOSPC of an
 *   asynchronous driver.
 * @kernel crypto_aead_encrypt
 */
export function cryptoAeadEncrypt(req: AeadRequest): Errno {
  const { tfm } = req;
  cryptoSubmitBegin(tfm, req);
  if ((tfm.flags & CRYPTO_TFM_NEED_KEY) !== 0) return -ENOKEY;
  return cryptoSubmitEnd(tfm, req, cryptoSubmitted(tfm, req), tfm.alg.encrypt(req));
}

/**
 * As `cryptoAeadEncrypt`, and -EINVAL for an input shorter than the tag, -EBADMSG for a wrong tag;
 * what `dst` holds then depends on the algorithm.
 * @kernel crypto_aead_decrypt
 */
export function cryptoAeadDecrypt(req: AeadRequest): Errno {
  const { tfm } = req;
  cryptoSubmitBegin(tfm, req);
  if ((tfm.flags & CRYPTO_TFM_NEED_KEY) !== 0) return -ENOKEY;
  if (req.cryptlen < tfm.authsize) return -EINVAL;
  return cryptoSubmitEnd(tfm, req, cryptoSubmitted(tfm, req), tfm.alg.decrypt(req));
}

/** A transform of exactly this algorithm. @kernel crypto_spawn_aead */
export function cryptoSpawnAead(api: CryptoApi, alg: AeadAlg): CryptoAead | Errno {
  const tfm = new CryptoAead(api, alg, null);
  tfm.flags |= CRYPTO_TFM_NEED_KEY;
  tfm.authsize = alg.maxauthsize;
  return cryptoInitTfm(tfm, alg.init(tfm));
}
