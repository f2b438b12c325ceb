/**
 * Key agreement over iterators.
 * C: crypto/kpp.c, include/crypto/kpp.h (6.1)
 * @module
 */
import { KernelBug } from '../src/assert.ts';
import {
  CRYPTO_ALG_TYPE_KPP,
  CRYPTO_ALG_TYPE_MASK,
  type CryptoAlg,
} from '../src/crypto/algorithm.ts';
import type { CryptoCompletion } from '../src/crypto/queue.ts';
import { EINVAL, type Errno } from '../src/errno.ts';
import type { CryptoApi } from './crypto-api.ts';
import {
  DataOp,
  DataRequest,
  dataRequestFree,
  dataRequestSetCallback,
  dataRequestSetData,
  dataSubmit,
} from './data.ts';
import { IovIter } from './iter/iov-iter.ts';
import { opAnswered, opMemoryAlloc, opSubmitted } from './op.ts';
import { CryptoTfm, cryptoDestroyTfm, cryptoInitTfm } from './tfm.ts';

/** @kernel crypto_kpp */
export class CryptoKpp<C = unknown> extends CryptoTfm<KppAlg<C>, C> {}

/** One operation below the iterators. @kernel none, kpp_request without its scatterlists */
export class KppOp<C = unknown> extends DataOp<CryptoKpp<C>> {}

/** The door: iterators, lowered once into `op`. @kernel kpp_request */
export class KppRequest extends DataRequest<KppOp> {}

/** A driver; see `SkcipherAlg`. It writes at most `op.dstLen` bytes, and says how many. @kernel kpp_alg */
export interface KppAlg<C = unknown> extends CryptoAlg {
  readonly kind: 'kpp';
  init(tfm: CryptoKpp): C | Errno;
  exit(ctx: C): void;
  setSecret(tfm: CryptoKpp<C>, secret: Uint8Array): Errno;
  generatePublicKey(op: KppOp<C>): Errno;
  computeSharedSecret(op: KppOp<C>): Errno;
  /** Bytes of the longest result. */
  maxSize(tfm: CryptoKpp<C>): number;
}

/** Tells a driver of this kind from others of the registry. @kernel none, C tells by cra_type */
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
  tfm.alg.exit(tfm.ctx);
}

/** @returns null when there is no memory. @kernel kpp_request_alloc */
export function kppRequestAlloc(tfm: CryptoKpp): KppRequest | null {
  const memory = opMemoryAlloc(tfm);
  return memory === null ? null : new KppRequest(new KppOp(tfm, memory.at), memory);
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

/** Names the public key of the other side. @kernel kpp_request_set_input */
export function kppRequestSetInput(
  req: KppRequest,
  input: IovIter<'source'>,
  inputLen: number,
): void {
  dataRequestSetData(req, input, req.dst, inputLen, req.dstLen);
}

/** Names the room for the result. @kernel kpp_request_set_output */
export function kppRequestSetOutput(
  req: KppRequest,
  output: IovIter<'dest'>,
  outputLen: number,
): void {
  dataRequestSetData(req, req.src, output, req.srcLen, outputLen);
}

/** @returns 0, or -EINVAL for what is no secret. @throws KernelBug while a request is in flight. @kernel crypto_kpp_set_secret */
export function cryptoKppSetSecret(tfm: CryptoKpp, secret: Uint8Array): Errno {
  if (tfm.inFlight > 0) throw new KernelBug('setkey while a request is in flight');
  return tfm.alg.setSecret(tfm, secret);
}

/**
 * Computes what the other side must know; `req.dstLen` is its length.
 * @returns 0; -EINVAL without a secret; -EOVERFLOW where less room is refused, and not cut off; and as
 *   `cryptoSkcipherEncrypt`. @kernel crypto_kpp_generate_public_key
 */
export function cryptoKppGeneratePublicKey(req: KppRequest): Errno {
  const { machine } = req.op.tfm.api;
  dataRequestSetData(req, new IovIter(machine, 'source'), req.dst, 0, req.dstLen);
  return dataSubmit(req, (op) => opAnswered(op, opSubmitted(op), op.tfm.alg.generatePublicKey(op)));
}

/** Computes what both sides know. @returns -EINVAL for what is no public key, too. @kernel crypto_kpp_compute_shared_secret */
export function cryptoKppComputeSharedSecret(req: KppRequest): Errno {
  return dataSubmit(req, (op) =>
    opAnswered(op, opSubmitted(op), op.tfm.alg.computeSharedSecret(op)),
  );
}

/** Bytes of the longest result under the secret. @kernel crypto_kpp_maxsize */
export function cryptoKppMaxsize(tfm: CryptoKpp): number {
  return tfm.alg.maxSize(tfm);
}

/** A transform of exactly this algorithm. @kernel none, crypto_create_tfm */
export function cryptoSpawnKpp(api: CryptoApi, alg: KppAlg): CryptoKpp | Errno {
  const tfm = new CryptoKpp(api, alg, null);
  return cryptoInitTfm(tfm, alg.init(tfm));
}
