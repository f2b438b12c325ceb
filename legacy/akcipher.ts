/**
 * Public keys over scatterlists: encryption, decryption, signatures.
 * C: crypto/akcipher.c, include/crypto/akcipher.h (6.1)
 * @module
 */
import {
  CRYPTO_ALG_TYPE_AKCIPHER,
  CRYPTO_ALG_TYPE_MASK,
  type CryptoAlg,
} from '../src/crypto/algorithm.ts';
import type { CryptoCompletion } from '../src/crypto/queue.ts';
import { EINVAL, ENOSYS, type Errno } from '../src/errno.ts';
import { type VirtAddr, virtAddr } from '../src/units.ts';
import type { CryptoApi } from './crypto-api.ts';
import {
  DATA_REQUEST_SIZE,
  DataRequest,
  dataRequestAlloc,
  dataRequestFree,
  dataRequestSetCallback,
  dataRequestSetData,
  dataSubmit,
} from './data.ts';
import type { Scatterlist } from './lists/scatterlist.ts';
import { CryptoTfm, cryptoDestroyTfm, cryptoInitTfm, cryptoSetkeyBegin } from './tfm.ts';

/** @kernel crypto_akcipher */
export class CryptoAkcipher<C = unknown> extends CryptoTfm<AkcipherAlg<C>, C> {}

/** @kernel akcipher_request */
export class AkcipherRequest<C = unknown> extends DataRequest<CryptoAkcipher<C>> {
  /** The driver's private part. */
  ctx: unknown = null;
}

/** A driver; see `SkcipherAlg`. What is absent is -ENOSYS. @kernel akcipher_alg */
export interface AkcipherAlg<C = unknown> extends CryptoAlg {
  readonly kind: 'akcipher';
  init(tfm: CryptoAkcipher): C | Errno;
  exit?(ctx: C): void;
  setPubKey(tfm: CryptoAkcipher<C>, key: Uint8Array): Errno;
  setPrivKey?(tfm: CryptoAkcipher<C>, key: Uint8Array): Errno;
  /** Bytes of the longest result. */
  maxSize(tfm: CryptoAkcipher<C>): number;
  /** Makes the private part of a request; `memory` are `reqsize` bytes of the machine. */
  initRequest?(req: AkcipherRequest<C>, memory: VirtAddr): unknown;
  encrypt?(req: AkcipherRequest<C>): Errno;
  decrypt?(req: AkcipherRequest<C>): Errno;
  sign?(req: AkcipherRequest<C>): Errno;
  verify?(req: AkcipherRequest<C>): Errno;
}

/** Tells a driver of this kind from others of the registry. @kernel none: C tells by cra_type */
export function isAkcipher(alg: CryptoAlg): alg is AkcipherAlg {
  return alg.kind === 'akcipher';
}

/** @returns 0, or -EEXIST. @kernel crypto_register_akcipher */
export function cryptoRegisterAkcipher(api: CryptoApi, alg: AkcipherAlg): Errno {
  return api.registry.register(alg);
}

/** @returns a tfm, or -ENOENT and the errors of the driver. @kernel crypto_alloc_akcipher */
export function cryptoAllocAkcipher(
  api: CryptoApi,
  name: string,
  type: number,
  mask: number,
): CryptoAkcipher | Errno {
  const wanted = (type & ~CRYPTO_ALG_TYPE_MASK) | CRYPTO_ALG_TYPE_AKCIPHER;
  const alg = api.registry.find(name, wanted, mask | CRYPTO_ALG_TYPE_MASK);
  if (typeof alg === 'number') return alg;
  return isAkcipher(alg) ? cryptoSpawnAkcipher(api, alg) : -EINVAL;
}

/** @throws KernelBug while a request is in flight. @kernel crypto_free_akcipher */
export function cryptoFreeAkcipher(tfm: CryptoAkcipher): void {
  cryptoDestroyTfm(tfm);
  tfm.alg.exit?.(tfm.ctx);
}

/** @returns null when there is no memory. @kernel akcipher_request_alloc */
export function akcipherRequestAlloc(tfm: CryptoAkcipher): AkcipherRequest | null {
  const req = dataRequestAlloc(new AkcipherRequest(tfm), 'akcipher_request');
  if (req !== null) akcipherRequestSetTfm(req, tfm);
  return req;
}

/** @throws KernelBug while the request is in flight. @kernel akcipher_request_free */
export function akcipherRequestFree(req: AkcipherRequest): void {
  dataRequestFree(req);
}

/** As `skcipherRequestSetTfm`. @kernel akcipher_request_set_tfm */
export function akcipherRequestSetTfm(req: AkcipherRequest, tfm: CryptoAkcipher): void {
  req.tfm = tfm;
  const memory = virtAddr(req.memory + DATA_REQUEST_SIZE);
  req.ctx = tfm.alg.initRequest?.(req, memory) ?? null;
}

/** @kernel akcipher_request_set_callback */
export function akcipherRequestSetCallback(
  req: AkcipherRequest,
  flags: number,
  complete: CryptoCompletion | null,
  data: unknown,
): void {
  dataRequestSetCallback(req, flags, complete, data);
}

/**
 * Names the data, and the room for the result. A verification has no destination: its digest of `dstLen`
 * bytes stands in the source, behind the signature of `srcLen` bytes. @kernel akcipher_request_set_crypt
 */
export function akcipherRequestSetCrypt(
  req: AkcipherRequest,
  src: Scatterlist | null,
  dst: Scatterlist | null,
  srcLen: number,
  dstLen: number,
): void {
  dataRequestSetData(req, src, dst, srcLen, dstLen);
}

/** Bytes of the longest result under the key. @kernel crypto_akcipher_maxsize */
export function cryptoAkcipherMaxsize(tfm: CryptoAkcipher): number {
  return tfm.alg.maxSize(tfm);
}

/**
 * Encrypts with the public key.
 * @returns 0; -EINVAL without key, and for a number that is not below the modulus; -EOVERFLOW for too
 *   little room; -ENOMEM for a source that is shorter than it says; -ENOSYS; and as
 *   `cryptoSkcipherEncrypt`. @kernel crypto_akcipher_encrypt
 */
export function cryptoAkcipherEncrypt(req: AkcipherRequest): Errno {
  return dataSubmit(req, () => req.tfm.alg.encrypt?.(req) ?? -ENOSYS);
}

/** Decrypts with the private key. @kernel crypto_akcipher_decrypt */
export function cryptoAkcipherDecrypt(req: AkcipherRequest): Errno {
  return dataSubmit(req, () => req.tfm.alg.decrypt?.(req) ?? -ENOSYS);
}

/** Signs with the private key. @kernel crypto_akcipher_sign */
export function cryptoAkcipherSign(req: AkcipherRequest): Errno {
  return dataSubmit(req, () => req.tfm.alg.sign?.(req) ?? -ENOSYS);
}

/**
 * Verifies with the public key.
 * @returns 0; -EKEYREJECTED for the signature of something else; -EBADMSG for none. @kernel crypto_akcipher_verify
 */
export function cryptoAkcipherVerify(req: AkcipherRequest): Errno {
  return dataSubmit(req, () => req.tfm.alg.verify?.(req) ?? -ENOSYS);
}

/** @returns 0, or the errno of the driver. @throws KernelBug while a request is in flight. @kernel crypto_akcipher_set_pub_key */
export function cryptoAkcipherSetPubKey(tfm: CryptoAkcipher, key: Uint8Array): Errno {
  return cryptoSetkeyBegin(tfm, key) || tfm.alg.setPubKey(tfm, key);
}

/** @returns 0, -ENOSYS, or the errno of the driver. @throws KernelBug while a request is in flight. @kernel crypto_akcipher_set_priv_key */
export function cryptoAkcipherSetPrivKey(tfm: CryptoAkcipher, key: Uint8Array): Errno {
  return cryptoSetkeyBegin(tfm, key) || (tfm.alg.setPrivKey?.(tfm, key) ?? -ENOSYS);
}

/** A transform of exactly this algorithm. @kernel crypto_spawn_akcipher */
export function cryptoSpawnAkcipher(api: CryptoApi, alg: AkcipherAlg): CryptoAkcipher | Errno {
  const tfm = new CryptoAkcipher(api, alg, null);
  return cryptoInitTfm(tfm, alg.init(tfm));
}
