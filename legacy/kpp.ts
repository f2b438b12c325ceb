/**
 * Key agreement over scatterlists.
 * C: crypto/kpp.c, include/crypto/kpp.h (6.1)
 * @module
 */
import {
  CRYPTO_ALG_TYPE_KPP,
  CRYPTO_ALG_TYPE_MASK,
  type CryptoAlg,
} from '../src/crypto/algorithm.ts';
import type { CryptoCompletion } from '../src/crypto/queue.ts';
import { EINVAL, type Errno } from '../src/errno.ts';
import type { CryptoApi } from './crypto-api.ts';
import {
  DataRequest,
  dataRequestAlloc,
  dataRequestFree,
  dataRequestSetCallback,
  dataRequestSetData,
  dataSubmit,
} from './data.ts';
import type { Scatterlist } from './lists/scatterlist.ts';
import { CryptoTfm, cryptoDestroyTfm, cryptoInitTfm, cryptoSetkeyBegin } from './tfm.ts';

/** @kernel crypto_kpp */
export class CryptoKpp<C = unknown> extends CryptoTfm<KppAlg<C>, C> {}

/** @kernel kpp_request */
export class KppRequest<C = unknown> extends DataRequest<CryptoKpp<C>> {}

/** A driver; see `SkcipherAlg`. @kernel kpp_alg */
export interface KppAlg<C = unknown> extends CryptoAlg {
  readonly kind: 'kpp';
  init(tfm: CryptoKpp): C | Errno;
  exit?(ctx: C): void;
  setSecret(tfm: CryptoKpp<C>, secret: Uint8Array): Errno;
  generatePublicKey(req: KppRequest<C>): Errno;
  computeSharedSecret(req: KppRequest<C>): Errno;
  /** Bytes of the longest result. */
  maxSize(tfm: CryptoKpp<C>): number;
}

/** Tells a driver of this kind from others of the registry. @kernel none: C tells by cra_type */
export function isKpp(alg: CryptoAlg): alg is KppAlg {
  return alg.kind === 'kpp';
}

/** @returns 0, or -EEXIST. @kernel crypto_register_kpp */
export function cryptoRegisterKpp(api: CryptoApi, alg: KppAlg): Errno {
  return api.registry.register(alg);
}

/** @returns a tfm, or -ENOENT and the errors of the driver. @kernel crypto_alloc_kpp */
export function cryptoAllocKpp(
  api: CryptoApi,
  name: string,
  type: number,
  mask: number,
): CryptoKpp | Errno {
  const wanted = (type & ~CRYPTO_ALG_TYPE_MASK) | CRYPTO_ALG_TYPE_KPP;
  const alg = api.registry.find(name, wanted, mask | CRYPTO_ALG_TYPE_MASK);
  if (typeof alg === 'number') return alg;
  return isKpp(alg) ? cryptoSpawnKpp(api, alg) : -EINVAL;
}

/** @throws KernelBug while a request is in flight. @kernel crypto_free_kpp */
export function cryptoFreeKpp(tfm: CryptoKpp): void {
  cryptoDestroyTfm(tfm);
  tfm.alg.exit?.(tfm.ctx);
}

/** @returns null when there is no memory. @kernel kpp_request_alloc */
export function kppRequestAlloc(tfm: CryptoKpp): KppRequest | null {
  return dataRequestAlloc(new KppRequest(tfm), 'kpp_request');
}

/** @throws KernelBug while the request is in flight. @kernel kpp_request_free */
export function kppRequestFree(req: KppRequest): void {
  dataRequestFree(req);
}

/** @kernel kpp_request_set_callback */
export function kppRequestSetCallback(
  req: KppRequest,
  flags: number,
  complete: CryptoCompletion | null,
  data: unknown,
): void {
  dataRequestSetCallback(req, flags, complete, data);
}

/** Names the public key of the other side: null for none. @kernel kpp_request_set_input */
export function kppRequestSetInput(
  req: KppRequest,
  input: Scatterlist | null,
  inputLen: number,
): void {
  dataRequestSetData(req, input, req.dst, inputLen, req.dstLen);
}

/** Names the room for the result. @kernel kpp_request_set_output */
export function kppRequestSetOutput(
  req: KppRequest,
  output: Scatterlist | null,
  outputLen: number,
): void {
  dataRequestSetData(req, req.src, output, req.srcLen, outputLen);
}

/** @returns 0, or -EINVAL for what is no secret. @throws KernelBug while a request is in flight. @kernel crypto_kpp_set_secret */
export function cryptoKppSetSecret(tfm: CryptoKpp, secret: Uint8Array): Errno {
  return cryptoSetkeyBegin(tfm, secret) || tfm.alg.setSecret(tfm, secret);
}

/**
 * Computes what the other side must know. The drivers of 6.1 look at the input alone: with one they
 * compute the shared secret here too.
 * @returns 0; -EINVAL or -EAGAIN without a secret; -EOVERFLOW where less room is refused, and not cut off;
 *   and as `cryptoSkcipherEncrypt`. @kernel crypto_kpp_generate_public_key
 */
export function cryptoKppGeneratePublicKey(req: KppRequest): Errno {
  return dataSubmit(req, req.tfm.alg.generatePublicKey);
}

/** Computes what both sides know; without an input the drivers compute the public key. @returns -EINVAL for what is no public key, too. @kernel crypto_kpp_compute_shared_secret */
export function cryptoKppComputeSharedSecret(req: KppRequest): Errno {
  return dataSubmit(req, req.tfm.alg.computeSharedSecret);
}

/** Bytes of the longest result under the secret. @kernel crypto_kpp_maxsize */
export function cryptoKppMaxsize(tfm: CryptoKpp): number {
  return tfm.alg.maxSize(tfm);
}

/** A transform of exactly this algorithm. @kernel none: crypto_create_tfm */
export function cryptoSpawnKpp(api: CryptoApi, alg: KppAlg): CryptoKpp | Errno {
  const tfm = new CryptoKpp(api, alg, null);
  return cryptoInitTfm(tfm, alg.init(tfm));
}
