/**
 * Symmetric key ciphers over iterators.
 * C: crypto/skcipher.c, include/crypto/skcipher.h (6.1)
 * @module
 */
import { assert, KernelBug, KernelOops } from '../src/assert.ts';
import { BvecList, bvecClear } from '../src/bvec.ts';
import {
  CRYPTO_ALG_TYPE_MASK,
  CRYPTO_ALG_TYPE_SKCIPHER,
  CRYPTO_TFM_NEED_KEY,
  CRYPTO_TFM_REQ_MAY_SLEEP,
  type CryptoAlg,
  type SkcipherProperties,
} from '../src/crypto/algorithm.ts';
import {
  CryptoAsyncRequest,
  type CryptoCompletion,
  cryptoRequestStart,
} from '../src/crypto/queue.ts';
import { EINVAL, ENOENT, ENOKEY, type Errno } from '../src/errno.ts';
import { PAGE_SIZE } from '../src/units.ts';
import type { CryptoApi } from './crypto-api.ts';
import { IovIter, iovIterAssign } from './iov-iter.ts';
import { lateConflict } from './late-memory.ts';
import { iovIterLower } from './lower.ts';
import { bvecConflict } from './overlap.ts';
import { CryptoTfm, rcuNeeded, requestIdle, setkeyAllowed, setkeyResult } from './tfm.ts';

/** Largest IV and chunk that registration accepts. */
const MAX_SIZE = PAGE_SIZE / 8;

/** @kernel crypto_skcipher */
export class CryptoSkcipher<C = unknown> extends CryptoTfm<SkcipherAlg<C>, C> {}

/**
 * One operation. The iterators are copies: the caller's own never move. The IV is in and out.
 * @kernel skcipher_request
 */
export class SkcipherRequest extends CryptoAsyncRequest {
  tfm: CryptoSkcipher;
  cryptlen = 0;
  iv: Uint8Array | null = null;
  readonly src: IovIter<'source'>;
  readonly dst: IovIter<'dest'>;
  /** What the iterators were lowered to; this is all that a driver reads. */
  readonly srcList: BvecList = new BvecList(8);
  readonly dstList: BvecList = new BvecList(8);

  constructor(tfm: CryptoSkcipher) {
    super();
    this.tfm = tfm;
    this.src = new IovIter(tfm.api.machine, 'source');
    this.dst = new IovIter(tfm.api.machine, 'dest');
  }
}

/**
 * A driver. Operations work on the lists of a request with the context of `tfm`, which is another one
 * than the request's when a template passes the request on. @kernel skcipher_alg
 */
export interface SkcipherAlg<C = unknown> extends CryptoAlg, SkcipherProperties {
  readonly kind: 'skcipher';
  /** Makes what a tfm keeps. */
  init(api: CryptoApi): C | Errno;
  exit(ctx: C): void;
  setkey(tfm: CryptoSkcipher<C>, key: Uint8Array): Errno;
  encrypt(req: SkcipherRequest, tfm: CryptoSkcipher<C>): Errno;
  decrypt(req: SkcipherRequest, tfm: CryptoSkcipher<C>): Errno;
}

/** @returns 0, -EINVAL for sizes out of range, -EEXIST. @kernel crypto_register_skcipher */
export function cryptoRegisterSkcipher(api: CryptoApi, alg: SkcipherAlg): Errno {
  if (Math.max(alg.ivsize, alg.chunksize, alg.walksize) > MAX_SIZE) return -EINVAL;
  return api.registry.register(alg);
}

/** @returns a tfm, or -ENOENT and the errors of the driver. @kernel crypto_alloc_skcipher */
export function cryptoAllocSkcipher(
  api: CryptoApi,
  name: string,
  type: number,
  mask: number,
): CryptoSkcipher | Errno {
  const wanted = (type & ~CRYPTO_ALG_TYPE_MASK) | CRYPTO_ALG_TYPE_SKCIPHER;
  const alg = api.registry.find(name, wanted, mask | CRYPTO_ALG_TYPE_MASK);
  if (typeof alg === 'number') return alg;
  if (alg.kind !== 'skcipher') return -ENOENT;
  const ctx = alg.init(api);
  if (typeof ctx === 'number') return ctx;
  return new CryptoSkcipher(api, alg, ctx, alg.maxKeysize > 0);
}

/** Must not be called while a request is in flight. @kernel crypto_free_skcipher */
export function cryptoFreeSkcipher(tfm: CryptoSkcipher): void {
  tfm.release();
  tfm.alg.exit(tfm.ctx);
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
 * Sets the key. A length out of range leaves an earlier key usable; an error of the driver does not.
 * @returns 0 or -EINVAL. @kernel crypto_skcipher_setkey
 */
export function cryptoSkcipherSetkey(tfm: CryptoSkcipher, key: Uint8Array): Errno {
  setkeyAllowed(tfm);
  if (key.length < tfm.alg.minKeysize || key.length > tfm.alg.maxKeysize) return -EINVAL;
  return setkeyResult(tfm, tfm.alg.setkey(tfm, key));
}

/** @kernel skcipher_request_alloc */
export function skcipherRequestAlloc(tfm: CryptoSkcipher): SkcipherRequest {
  return new SkcipherRequest(tfm);
}

/** Must not be called while the request is in flight. @kernel skcipher_request_free */
export function skcipherRequestFree(req: SkcipherRequest): void {
  requestIdle(req);
}

/** @kernel skcipher_request_set_tfm */
export function skcipherRequestSetTfm(req: SkcipherRequest, tfm: CryptoSkcipher): void {
  requestIdle(req);
  assert(req.tfm.api === tfm.api, 'tfm of the same machine');
  req.tfm = tfm;
}

/** @kernel skcipher_request_set_callback */
export function skcipherRequestSetCallback(
  req: SkcipherRequest,
  flags: number,
  complete: CryptoCompletion | null,
  data: unknown,
): void {
  requestIdle(req);
  req.flags = flags;
  req.complete = complete;
  req.data = data;
}

/**
 * Names data, length and IV. The iterators are copied; their memory stays the caller's and must live
 * until completion. The IV buffer is written at completion. @kernel skcipher_request_set_crypt
 */
export function skcipherRequestSetCrypt(
  req: SkcipherRequest,
  src: IovIter<'source'>,
  dst: IovIter<'dest'>,
  cryptlen: number,
  iv: Uint8Array | null,
): void {
  requestIdle(req);
  iovIterAssign(req.src, src);
  iovIterAssign(req.dst, dst);
  req.cryptlen = cryptlen;
  req.iv = iv;
}

/**
 * Encrypts.
 * @returns 0 when done; -EINPROGRESS, or -EBUSY with MAY_BACKLOG, when the callback will come; -ENOKEY;
 *   -EINVAL for a length that the mode or an iterator does not allow, for iterators that cannot be
 *   lowered and for a partial overlap; -EFAULT for a destination without write permission; -ENOMEM;
 *   -ENOSPC when a queue is full. After -ENOKEY, -EFAULT and -ENOMEM nothing was written.
 * @kernel crypto_skcipher_encrypt
 */
export function cryptoSkcipherEncrypt(req: SkcipherRequest): Errno {
  return submit(req, true);
}

/** Decrypts; results as for encryption. @kernel crypto_skcipher_decrypt */
export function cryptoSkcipherDecrypt(req: SkcipherRequest): Errno {
  return submit(req, false);
}

function submit(req: SkcipherRequest, encrypt: boolean): Errno {
  const { tfm } = req;
  cryptoRequestStart(req);
  if ((tfm.flags & CRYPTO_TFM_NEED_KEY) !== 0) return -ENOKEY;
  const { context } = tfm.api.machine;
  if ((req.flags & CRYPTO_TFM_REQ_MAY_SLEEP) !== 0) context.mightSleep('skcipher request');
  checkIv(req);
  const rcu = rcuNeeded(tfm, req, req.src, req.dst);
  if (rcu === 0) return lowerAndRun(req, encrypt);
  if (rcu !== 1) return rcu;
  context.rcuReadLock();
  try {
    return lowerAndRun(req, encrypt);
  } finally {
    context.rcuReadUnlock();
  }
}

function lowerAndRun(req: SkcipherRequest, encrypt: boolean): Errno {
  const { tfm, srcList, dstList, cryptlen } = req;
  bvecClear(srcList);
  bvecClear(dstList);
  const err =
    iovIterLower(srcList, req.src, cryptlen, tfm.api.policy) ||
    iovIterLower(dstList, req.dst, cryptlen, tfm.api.policy);
  if (err !== 0) return err;
  const { machine, policy } = tfm.api;
  const conflict =
    policy === 'early' ? bvecConflict(srcList, dstList) : lateConflict(machine, srcList, dstList);
  if (conflict) return -EINVAL;
  return encrypt ? tfm.alg.encrypt(req, tfm) : tfm.alg.decrypt(req, tfm);
}

function checkIv(req: SkcipherRequest): void {
  const { ivsize } = req.tfm.alg;
  if (ivsize === 0) return;
  if (req.iv === null) throw new KernelOops('NULL IV of a cipher that needs one');
  if (req.iv.length < ivsize) throw new KernelBug('IV buffer shorter than ivsize');
}
