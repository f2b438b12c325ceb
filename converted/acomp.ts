/**
 * Compression over iterators.
 * C: crypto/acompress.c, include/crypto/acompress.h (6.1)
 * @module
 */
import {
  CRYPTO_ALG_TYPE_ACOMPRESS,
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
import type { IovIter } from './iter/iov-iter.ts';
import { opAnswered, opMemoryAlloc, opSubmitted } from './op.ts';
import { CryptoTfm, cryptoDestroyTfm, cryptoInitTfm } from './tfm.ts';

/** @kernel crypto_acomp */
export class CryptoAcomp<C = unknown> extends CryptoTfm<AcompAlg<C>, C> {}

/** One operation below the iterators. @kernel none, acomp_req without its scatterlists */
export class AcompOp<C = unknown> extends DataOp<CryptoAcomp<C>> {}

/** The door: iterators, lowered once into `op`. @kernel acomp_req */
export class AcompReq extends DataRequest<AcompOp> {}

/** A driver; see `SkcipherAlg`. It writes at most `op.dstLen` bytes, and says how many. @kernel acomp_alg */
export interface AcompAlg<C = unknown> extends CryptoAlg {
  readonly kind: 'acomp';
  init(tfm: CryptoAcomp): C | Errno;
  exit(ctx: C): void;
  compress(op: AcompOp<C>): Errno;
  decompress(op: AcompOp<C>): Errno;
}

/** Tells a driver of this kind from others of the registry. @kernel none, C tells by cra_type */
export function isAcomp(alg: CryptoAlg): alg is AcompAlg {
  return alg.kind === 'acomp';
}

/** @returns 0, or -EEXIST. @kernel crypto_register_acomp */
export function cryptoRegisterAcomp(api: CryptoApi, alg: AcompAlg): Errno {
  return api.registry.register(alg);
}

/** @returns a tfm, or -ENOENT and the errors of the driver. @kernel crypto_alloc_acomp */
export function cryptoAllocAcomp(
  api: CryptoApi,
  name: string,
  type: number,
  mask: number,
): CryptoAcomp | Errno {
  const wanted = (type & ~CRYPTO_ALG_TYPE_MASK) | CRYPTO_ALG_TYPE_ACOMPRESS;
  const alg = api.registry.find(name, wanted, mask | CRYPTO_ALG_TYPE_MASK);
  if (typeof alg === 'number') return alg;
  return isAcomp(alg) ? cryptoSpawnAcomp(api, alg) : -EINVAL;
}

/** @throws KernelBug while a request is in flight. @kernel crypto_free_acomp */
export function cryptoFreeAcomp(tfm: CryptoAcomp): void {
  cryptoDestroyTfm(tfm);
  tfm.alg.exit(tfm.ctx);
}

/** @returns null when there is no memory. @kernel acomp_request_alloc */
export function acompRequestAlloc(tfm: CryptoAcomp): AcompReq | null {
  const memory = opMemoryAlloc(tfm);
  return memory === null ? null : new AcompReq(new AcompOp(tfm, memory.at), memory);
}

/** @throws KernelBug while the request is in flight. @kernel acomp_request_free */
export function acompRequestFree(req: AcompReq): void {
  dataRequestFree(req);
}

/** @kernel acomp_request_set_callback */
export function acompRequestSetCallback(
  req: AcompReq,
  flags: number,
  complete: CryptoCompletion | null,
  data: unknown,
): void {
  dataRequestSetCallback(req, flags, complete, data);
}

/** Names the data, and the room for the result. @kernel acomp_request_set_params */
export function acompRequestSetParams(
  req: AcompReq,
  src: IovIter<'source'>,
  dst: IovIter<'dest'>,
  slen: number,
  dlen: number,
): void {
  dataRequestSetData(req, src, dst, slen, dlen);
}

/**
 * Compresses; `req.dstLen` is the length of the result.
 * @returns 0; -EINVAL for no data, and for no room or too little; and as `cryptoSkcipherEncrypt`.
 * @kernel crypto_acomp_compress
 */
export function cryptoAcompCompress(req: AcompReq): Errno {
  return dataSubmit(req, compress);
}

/** Decompresses. @returns -EINVAL for broken data too. @kernel crypto_acomp_decompress */
export function cryptoAcompDecompress(req: AcompReq): Errno {
  return dataSubmit(req, decompress);
}

function compress(op: AcompOp): Errno {
  return opAnswered(op, opSubmitted(op), op.tfm.alg.compress(op));
}

function decompress(op: AcompOp): Errno {
  return opAnswered(op, opSubmitted(op), op.tfm.alg.decompress(op));
}

/** A transform of exactly this algorithm. @kernel none, crypto_create_tfm */
export function cryptoSpawnAcomp(api: CryptoApi, alg: AcompAlg): CryptoAcomp | Errno {
  const tfm = new CryptoAcomp(api, alg, null);
  return cryptoInitTfm(tfm, alg.init(tfm));
}
