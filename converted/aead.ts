/**
 * Authenticated encryption over iterators. The request names its parts: associated data, text and tag
 * are separate iterators, and nothing is copied or glued for the sake of a layout.
 * C: crypto/aead.c, include/crypto/aead.h (6.1)
 * @module
 */
import { assert, KernelBug, KernelOops } from '../src/assert.ts';
import { BvecList, bvecClear } from '../src/bvec.ts';
import {
  type AeadProperties,
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_ALG_TYPE_MASK,
  CRYPTO_TFM_NEED_KEY,
  CRYPTO_TFM_REQ_MAY_SLEEP,
  type CryptoAlg,
} from '../src/crypto/algorithm.ts';
import {
  CryptoAsyncRequest,
  type CryptoCompletion,
  cryptoRequestStart,
} from '../src/crypto/queue.ts';
import { EINVAL, ENOENT, ENOKEY, type Errno } from '../src/errno.ts';
import { PAGE_SIZE } from '../src/units.ts';
import type { CryptoApi } from './crypto-api.ts';
import {
  type Direction,
  IovIter,
  iovIterAssign,
  iovIterCopy,
  iovIterTruncate,
} from './iov-iter.ts';
import { iovIterAdvance } from './iov-iter-position.ts';
import { lateConflict, lateOverlap } from './late-memory.ts';
import { iovIterLower } from './lower.ts';
import { bvecConflict, bvecOverlap } from './overlap.ts';
import { CryptoTfm, rcuNeeded, requestIdle, setkeyAllowed, setkeyResult } from './tfm.ts';

/** Largest IV, tag and chunk that registration accepts. */
const MAX_SIZE = PAGE_SIZE / 8;

/** @kernel crypto_aead */
export class CryptoAead<C = unknown> extends CryptoTfm<AeadAlg<C>, C> {
  /** Bytes of the tag. */
  authsize = 0;
  /**
   * Overwrite the destination after a bad tag. Off by default: the generic drivers of the kernel leave
   * unverified plaintext there.
   */
  wipeOnBadTag = false;
}

/**
 * One operation. `cryptlen` is the length of the text without the tag, in both directions.
 * @kernel aead_request
 */
export class AeadRequest extends CryptoAsyncRequest {
  tfm: CryptoAead;
  assoclen = 0;
  cryptlen = 0;
  iv: Uint8Array | null = null;
  readonly ad: IovIter<'source'>;
  readonly src: IovIter<'source'>;
  readonly dst: IovIter<'dest'>;
  /** A destination for encryption, a source for decryption. */
  tag: IovIter | null = null;
  readonly adList: BvecList = new BvecList(8);
  readonly srcList: BvecList = new BvecList(8);
  readonly dstList: BvecList = new BvecList(8);
  readonly tagList: BvecList = new BvecList(8);

  constructor(tfm: CryptoAead) {
    super();
    this.tfm = tfm;
    this.ad = new IovIter(tfm.api.machine, 'source');
    this.src = new IovIter(tfm.api.machine, 'source');
    this.dst = new IovIter(tfm.api.machine, 'dest');
  }
}

/** A driver; see `SkcipherAlg` for the role of `tfm`. @kernel aead_alg */
export interface AeadAlg<C = unknown> extends CryptoAlg, AeadProperties {
  readonly kind: 'aead';
  init(api: CryptoApi): C | Errno;
  exit(ctx: C): void;
  setkey(tfm: CryptoAead<C>, key: Uint8Array): Errno;
  /** Checks a tag length between 1 and maxauthsize. */
  setauthsize(tfm: CryptoAead<C>, authsize: number): Errno;
  encrypt(req: AeadRequest, tfm: CryptoAead<C>): Errno;
  decrypt(req: AeadRequest, tfm: CryptoAead<C>): Errno;
}

/** A request's parts, cut out of one iterator. @kernel none, 6.1 has one list with three meanings */
export interface AeadParts<D extends Direction> {
  readonly ad: IovIter<D>;
  readonly text: IovIter<D>;
  readonly tag: IovIter<D>;
}

/** @returns 0, -EINVAL for sizes out of range, -EEXIST. @kernel crypto_register_aead */
export function cryptoRegisterAead(api: CryptoApi, alg: AeadAlg): Errno {
  if (Math.max(alg.ivsize, alg.chunksize, alg.maxauthsize) > MAX_SIZE) return -EINVAL;
  return api.registry.register(alg);
}

/** @returns a tfm, or -ENOENT and the errors of the driver. @kernel crypto_alloc_aead */
export function cryptoAllocAead(
  api: CryptoApi,
  name: string,
  type: number,
  mask: number,
): CryptoAead | Errno {
  const wanted = (type & ~CRYPTO_ALG_TYPE_MASK) | CRYPTO_ALG_TYPE_AEAD;
  const alg = api.registry.find(name, wanted, mask | CRYPTO_ALG_TYPE_MASK);
  if (typeof alg === 'number') return alg;
  if (alg.kind !== 'aead') return -ENOENT;
  const ctx = alg.init(api);
  if (typeof ctx === 'number') return ctx;
  const tfm = new CryptoAead(api, alg, ctx, true);
  tfm.authsize = alg.maxauthsize;
  return tfm;
}

/** Must not be called while a request is in flight. @kernel crypto_free_aead */
export function cryptoFreeAead(tfm: CryptoAead): void {
  tfm.release();
  tfm.alg.exit(tfm.ctx);
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

/** Sets the key; after an error there is none. @returns 0 or -EINVAL. @kernel crypto_aead_setkey */
export function cryptoAeadSetkey(tfm: CryptoAead, key: Uint8Array): Errno {
  setkeyAllowed(tfm);
  return setkeyResult(tfm, tfm.alg.setkey(tfm, key));
}

/** Sets the tag length. @returns 0 or -EINVAL, 0 included. @kernel crypto_aead_setauthsize */
export function cryptoAeadSetauthsize(tfm: CryptoAead, authsize: number): Errno {
  const { maxauthsize } = tfm.alg;
  if ((authsize === 0 && maxauthsize > 0) || authsize > maxauthsize) return -EINVAL;
  const err = tfm.alg.setauthsize(tfm, authsize);
  if (err === 0) tfm.authsize = authsize;
  return err;
}

/** @kernel aead_request_alloc */
export function aeadRequestAlloc(tfm: CryptoAead): AeadRequest {
  return new AeadRequest(tfm);
}

/** Must not be called while the request is in flight. @kernel aead_request_free */
export function aeadRequestFree(req: AeadRequest): void {
  requestIdle(req);
}

/** @kernel aead_request_set_tfm */
export function aeadRequestSetTfm(req: AeadRequest, tfm: CryptoAead): void {
  requestIdle(req);
  assert(req.tfm.api === tfm.api, 'tfm of the same machine');
  req.tfm = tfm;
}

/** @kernel aead_request_set_callback */
export function aeadRequestSetCallback(
  req: AeadRequest,
  flags: number,
  complete: CryptoCompletion | null,
  data: unknown,
): void {
  requestIdle(req);
  req.flags = flags;
  req.complete = complete;
  req.data = data;
}

/** Names text, its length without the tag, and the IV. @kernel aead_request_set_crypt */
export function aeadRequestSetCrypt(
  req: AeadRequest,
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

/** Names the associated data. It is only read. @kernel aead_request_set_ad */
export function aeadRequestSetAd(req: AeadRequest, ad: IovIter<'source'>, assoclen: number): void {
  requestIdle(req);
  iovIterAssign(req.ad, ad);
  req.assoclen = assoclen;
}

/**
 * Names the tag: where it goes when encrypting, where it comes from when decrypting. `authsize` bytes
 * of it are used. @kernel none, the kernel has the tag behind the text
 */
export function aeadRequestSetTag(req: AeadRequest, tag: IovIter): void {
  requestIdle(req);
  req.tag = iovIterCopy(tag);
}

/**
 * Encrypts. The destination never gets associated data.
 * @returns as `cryptoSkcipherEncrypt`; -EINVAL also when the destination shares bytes with associated
 *   data or tag, or the tag with anything that is read. @kernel crypto_aead_encrypt
 */
export function cryptoAeadEncrypt(req: AeadRequest): Errno {
  return submit(req, true);
}

/**
 * Decrypts and verifies.
 * @returns as for encryption; -EBADMSG when the tag is wrong. The destination then holds unverified
 *   plaintext, unless `wipeOnBadTag` is set. @kernel crypto_aead_decrypt
 */
export function cryptoAeadDecrypt(req: AeadRequest): Errno {
  return submit(req, false);
}

/**
 * Cuts the layout of the old API, AD || text || tag in one iterator, into parts, without copying.
 * The iterator must hold `assoclen + cryptlen + authsize` bytes. @kernel none
 */
export function aeadSplit<D extends Direction>(
  i: IovIter<D>,
  assoclen: number,
  cryptlen: number,
  authsize: number,
): AeadParts<D> {
  return {
    ad: cut(i, 0, assoclen),
    text: cut(i, assoclen, cryptlen),
    tag: cut(i, assoclen + cryptlen, authsize),
  };
}

function cut<D extends Direction>(i: IovIter<D>, skip: number, len: number): IovIter<D> {
  const part = iovIterCopy(i);
  iovIterAdvance(part, skip);
  iovIterTruncate(part, len);
  return part;
}

function submit(req: AeadRequest, encrypt: boolean): Errno {
  const { tfm, tag } = req;
  cryptoRequestStart(req);
  if ((tfm.flags & CRYPTO_TFM_NEED_KEY) !== 0) return -ENOKEY;
  const { context } = tfm.api.machine;
  if ((req.flags & CRYPTO_TFM_REQ_MAY_SLEEP) !== 0) context.mightSleep('aead request');
  if (req.iv === null) throw new KernelOops('NULL IV of a cipher that needs one');
  if (req.iv.length < tfm.alg.ivsize) throw new KernelBug('IV buffer shorter than ivsize');
  if (tag === null || tag.direction !== (encrypt ? 'dest' : 'source')) return -EINVAL;
  const first = rcuNeeded(tfm, req, req.src, req.dst);
  const second = rcuNeeded(tfm, req, req.ad, tag);
  if (first === 0 && second === 0) return lowerAndRun(req, tag, encrypt);
  if (first < 0 || second < 0) return -EINVAL;
  context.rcuReadLock();
  try {
    return lowerAndRun(req, tag, encrypt);
  } finally {
    context.rcuReadUnlock();
  }
}

/**
 * Text over text of another position, over the tag, or over what is still to be hashed; a tag that is
 * written over anything that is read.
 */
function partsConflict({ tag, adList, srcList, dstList, tagList }: AeadRequest): boolean {
  return (
    bvecConflict(srcList, dstList) ||
    bvecOverlap(dstList, adList) ||
    bvecOverlap(dstList, tagList) ||
    (tag?.direction === 'dest' && (bvecOverlap(tagList, adList) || bvecOverlap(tagList, srcList)))
  );
}

function latePartsConflict({ tfm, tag, adList, srcList, dstList, tagList }: AeadRequest): boolean {
  const { machine } = tfm.api;
  return (
    lateConflict(machine, srcList, dstList) ||
    lateOverlap(machine, dstList, adList) ||
    lateOverlap(machine, dstList, tagList) ||
    (tag?.direction === 'dest' &&
      (lateOverlap(machine, tagList, adList) || lateOverlap(machine, tagList, srcList)))
  );
}

function lowerAndRun(req: AeadRequest, tag: IovIter, encrypt: boolean): Errno {
  const { tfm, adList, srcList, dstList, tagList } = req;
  const { policy } = tfm.api;
  bvecClear(adList);
  bvecClear(srcList);
  bvecClear(dstList);
  bvecClear(tagList);
  const err =
    iovIterLower(adList, req.ad, req.assoclen, policy) ||
    iovIterLower(srcList, req.src, req.cryptlen, policy) ||
    iovIterLower(dstList, req.dst, req.cryptlen, policy) ||
    iovIterLower(tagList, tag, tfm.authsize, policy);
  if (err !== 0) return err;
  if (policy === 'early' ? partsConflict(req) : latePartsConflict(req)) return -EINVAL;
  return encrypt ? tfm.alg.encrypt(req, tfm) : tfm.alg.decrypt(req, tfm);
}
