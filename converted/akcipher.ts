/**
 * Public keys over iterators: encryption, decryption, signatures.
 * C: crypto/akcipher.c, include/crypto/akcipher.h (6.1)
 *
 * A digest that is verified is a part of its own; the old API has it behind the signature.
 * @module
 */
import { KernelBug } from '../src/assert.ts';
import {
  CRYPTO_ALG_TYPE_AKCIPHER,
  CRYPTO_ALG_TYPE_MASK,
  type CryptoAlg,
} from '../src/crypto/algorithm.ts';
import type { CryptoCompletion } from '../src/crypto/queue.ts';
import { EINVAL, ENOSYS, type Errno } from '../src/errno.ts';
import type { MemAddr } from '../src/units.ts';
import type { CryptoApi } from './crypto-api.ts';
import {
  DataOp,
  DataRequest,
  dataRequestFree,
  dataRequestSetCallback,
  dataRequestSetData,
  dataSubmit,
} from './data.ts';
import { IovIter, iovIterAssign } from './iter/iov-iter.ts';
import { freeList, newList, type OpList } from './lower/list.ts';
import { iovIterList } from './lower/lower.ts';
import { NO_LIST, type OpMemory, opAnswered, opMemoryAlloc, opSubmitted } from './op.ts';
import { CryptoTfm, cryptoDestroyTfm, cryptoInitTfm, cryptoRequestIdle } from './tfm.ts';

/** @kernel crypto_akcipher */
export class CryptoAkcipher<C = unknown> extends CryptoTfm<AkcipherAlg<C>, C> {}

/** One operation below the iterators. @kernel none, akcipher_request without its scatterlists */
export class AkcipherOp<C = unknown> extends DataOp<CryptoAkcipher<C>> {
  /** What a signature is of; only for verification. */
  digest: OpList = NO_LIST;

  constructor(tfm: CryptoAkcipher<C>, memory: MemAddr) {
    super(tfm, memory);
    this.ctx = tfm.alg.initOp?.(this) ?? null;
  }
}

/** The door: iterators, lowered once into `op`. @kernel akcipher_request */
export class AkcipherRequest extends DataRequest<AkcipherOp> {
  readonly digest: IovIter<'source'>;
  readonly digestList: OpList;
  digestLen = 0;

  constructor(op: AkcipherOp, memory: OpMemory) {
    super(op, memory);
    const { machine, policy } = op.tfm.api;
    this.digestList = newList(machine, policy, 2);
    this.digest = new IovIter(machine, 'source');
  }
}

/**
 * A driver; see `SkcipherAlg`. It writes at most `op.dstLen` bytes, and says how many. What is absent is
 * -ENOSYS. @kernel akcipher_alg
 */
export interface AkcipherAlg<C = unknown> extends CryptoAlg {
  readonly kind: 'akcipher';
  init(tfm: CryptoAkcipher): C | Errno;
  exit(ctx: C): void;
  setPubKey(tfm: CryptoAkcipher<C>, key: Uint8Array): Errno;
  setPrivKey?(tfm: CryptoAkcipher<C>, key: Uint8Array): Errno;
  /** Bytes of the longest result. */
  maxSize(tfm: CryptoAkcipher<C>): number;
  initOp?(op: AkcipherOp<C>): unknown;
  encrypt?(op: AkcipherOp<C>): Errno;
  decrypt?(op: AkcipherOp<C>): Errno;
  sign?(op: AkcipherOp<C>): Errno;
  verify?(op: AkcipherOp<C>): Errno;
}

/** Tells a driver of this kind from others of the registry. @kernel none, C tells by cra_type */
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
  tfm.alg.exit(tfm.ctx);
}

/** @returns null when there is no memory. @kernel akcipher_request_alloc */
export function akcipherRequestAlloc(tfm: CryptoAkcipher): AkcipherRequest | null {
  const memory = opMemoryAlloc(tfm);
  return memory === null ? null : new AkcipherRequest(new AkcipherOp(tfm, memory.at), memory);
}

/** @throws KernelBug while the request is in flight. @kernel akcipher_request_free */
export function akcipherRequestFree(req: AkcipherRequest): void {
  const { digestList } = req;
  dataRequestFree(req);
  freeList(digestList);
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

/** Names the data, and the room for the result: none for a verification. @kernel akcipher_request_set_crypt */
export function akcipherRequestSetCrypt(
  req: AkcipherRequest,
  src: IovIter<'source'>,
  dst: IovIter<'dest'>,
  srcLen: number,
  dstLen: number,
): void {
  dataRequestSetData(req, src, dst, srcLen, dstLen);
}

/** Names what a signature is verified against. @kernel none, the kernel has it behind the signature */
export function akcipherRequestSetDigest(
  req: AkcipherRequest,
  digest: IovIter<'source'>,
  len: number,
): void {
  cryptoRequestIdle(req.op);
  iovIterAssign(req.digest, digest);
  req.digestLen = len;
}

/** Bytes of the longest result under the key. @kernel crypto_akcipher_maxsize */
export function cryptoAkcipherMaxsize(tfm: CryptoAkcipher): number {
  return tfm.alg.maxSize(tfm);
}

/**
 * Encrypts with the public key; `req.dstLen` is the length of the result.
 * @returns 0; -EINVAL without key, and for a number that is not below the modulus; -EOVERFLOW for too
 *   little room; -ENOSYS; and as `cryptoSkcipherEncrypt`. @kernel crypto_akcipher_encrypt
 */
export function cryptoAkcipherEncrypt(req: AkcipherRequest): Errno {
  return dataSubmit(req, akcipherEncrypt);
}

/** Decrypts with the private key. @kernel crypto_akcipher_decrypt */
export function cryptoAkcipherDecrypt(req: AkcipherRequest): Errno {
  return dataSubmit(req, akcipherDecrypt);
}

/** Signs with the private key. @kernel crypto_akcipher_sign */
export function cryptoAkcipherSign(req: AkcipherRequest): Errno {
  return dataSubmit(req, akcipherSign);
}

/**
 * Verifies with the public key.
 * @returns 0; -EKEYREJECTED for the signature of something else; -EBADMSG for none. @kernel crypto_akcipher_verify
 */
export function cryptoAkcipherVerify(req: AkcipherRequest): Errno {
  return dataSubmit(req, (op) => {
    const digest = iovIterList(req.digestList, req.digest, req.digestLen);
    if (typeof digest === 'number') return digest;
    op.digest = digest;
    return akcipherVerify(op);
  });
}

/** @returns 0, or the errno of the driver. @throws KernelBug while a request is in flight. @kernel crypto_akcipher_set_pub_key */
export function cryptoAkcipherSetPubKey(tfm: CryptoAkcipher, key: Uint8Array): Errno {
  setkeyBegin(tfm);
  return tfm.alg.setPubKey(tfm, key);
}

/** @returns 0, -ENOSYS, or the errno of the driver. @throws KernelBug while a request is in flight. @kernel crypto_akcipher_set_priv_key */
export function cryptoAkcipherSetPrivKey(tfm: CryptoAkcipher, key: Uint8Array): Errno {
  setkeyBegin(tfm);
  return tfm.alg.setPrivKey?.(tfm, key) ?? -ENOSYS;
}

/** A transform of exactly this algorithm. @kernel crypto_spawn_akcipher */
export function cryptoSpawnAkcipher(api: CryptoApi, alg: AkcipherAlg): CryptoAkcipher | Errno {
  const tfm = new CryptoAkcipher(api, alg, null);
  return cryptoInitTfm(tfm, alg.init(tfm));
}

/** Gives an operation to its driver. @kernel none, crypto_akcipher_encrypt below the iterators */
export function akcipherEncrypt(op: AkcipherOp): Errno {
  return opAnswered(op, opSubmitted(op), op.tfm.alg.encrypt?.(op) ?? -ENOSYS);
}

/** Gives an operation to its driver. @kernel none, crypto_akcipher_decrypt below the iterators */
export function akcipherDecrypt(op: AkcipherOp): Errno {
  return opAnswered(op, opSubmitted(op), op.tfm.alg.decrypt?.(op) ?? -ENOSYS);
}

function akcipherSign(op: AkcipherOp): Errno {
  return opAnswered(op, opSubmitted(op), op.tfm.alg.sign?.(op) ?? -ENOSYS);
}

function akcipherVerify(op: AkcipherOp): Errno {
  return opAnswered(op, opSubmitted(op), op.tfm.alg.verify?.(op) ?? -ENOSYS);
}

function setkeyBegin({ inFlight }: CryptoAkcipher): void {
  if (inFlight > 0) throw new KernelBug('setkey while a request is in flight');
}
