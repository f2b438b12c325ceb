/**
 * Authenticated encryption over iterators. The request names its parts: associated data, text and tag
 * are separate iterators, and nothing is copied or glued for the sake of a layout.
 * C: crypto/aead.c, include/crypto/aead.h (6.1)
 * @module
 */

import { assert, KernelBug, KernelOops } from '../src/assert.ts';
import {
  type AeadProperties,
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_ALG_TYPE_MASK,
  CRYPTO_TFM_NEED_KEY,
  type CryptoAlg,
} from '../src/crypto/algorithm.ts';
import type { CryptoCompletion } from '../src/crypto/queue.ts';
import { EBADMSG, EINVAL, type Errno } from '../src/errno.ts';
import { GFP_KERNEL, type Gfp } from '../src/machine/context.ts';
import { type MemAddr, PAGE_SIZE } from '../src/units.ts';
import type { CryptoApi } from './crypto-api.ts';
import {
  type Direction,
  IovIter,
  iovIterAssign,
  iovIterCopy,
  iovIterTruncate,
} from './iter/iov-iter.ts';
import { iovIterAdvance } from './iter/position.ts';
import { bvecWipe } from './lower/copy.ts';
import { listConflict, listOverlap } from './lower/late.ts';
import { freeList, newList, type OpList } from './lower/list.ts';
import { iovIterList } from './lower/lower.ts';
import {
  CryptoOp,
  NO_IV,
  NO_LIST,
  OP_ALONE,
  OP_WAITING,
  type OpBatch,
  type OpMemory,
  opAnswered,
  opFree,
  opMemoryAlloc,
  opReplace,
  opStart,
  opSubmitted,
} from './op.ts';
import {
  CryptoTfm,
  cryptoDestroyTfm,
  cryptoInitTfm,
  cryptoRequestIdle,
  cryptoSetkeyBegin,
  rcuNeeded,
} from './tfm.ts';

/** Largest IV, tag and chunk that registration accepts. */
const MAX_SIZE = PAGE_SIZE / 8;
/** Entries that the lists of a request have room for at first. */
const LIST_ROOM = 8;
/** Longest digest that a tag is taken from. @kernel HASH_MAX_DIGESTSIZE */
const MAX_DIGESTSIZE = 64;

/** @kernel crypto_aead */
export class CryptoAead<C = unknown> extends CryptoTfm<AeadAlg<C>, C> {
  /** Bytes of the tag. */
  authsize = 0;
  /**
   * Overwrite the destination after a bad tag. Off by default: the generic drivers of the kernel leave
   * unverified plaintext there.
   */
  wipeOnBadTag = false;
  /** As `CryptoSkcipher.batch`. */
  batch: OpBatch<AeadOp<C>> | null = null;
}

/**
 * One operation below the iterators: text from `src` to `dst`, `len` bytes of it without the tag, under
 * associated data that is only read. `tag` is written by an encryption and read by a decryption.
 * @kernel none, aead_request without its scatterlists
 */
export class AeadOp<C = unknown> extends CryptoOp<CryptoAead<C>> {
  ad: OpList = NO_LIST;
  src: OpList = NO_LIST;
  dst: OpList = NO_LIST;
  tag: OpList = NO_LIST;
  len = 0;
  iv: Uint8Array = NO_IV;
  /** The direction, for steps that both have in common. */
  enc = true;
  /** Where a driver computes the tag. */
  readonly hash: Uint8Array = new Uint8Array(MAX_DIGESTSIZE);

  constructor(tfm: CryptoAead<C>, memory: MemAddr) {
    super(tfm, memory);
    this.ctx = tfm.alg.initOp?.(this) ?? null;
  }
}

/**
 * The door: iterators, lowered once into `op`. `cryptlen` is the length of the text without the tag, in
 * both directions.
 * @kernel aead_request
 */
export class AeadRequest {
  op: AeadOp;
  complete: CryptoCompletion | null = null;
  data: unknown = null;
  assoclen = 0;
  cryptlen = 0;
  iv: Uint8Array | null = null;
  readonly ad: IovIter<'source'>;
  readonly src: IovIter<'source'>;
  readonly dst: IovIter<'dest'>;
  /** A destination for encryption, a source for decryption: one of the two below. */
  tag: IovIter | null = null;
  readonly tagDest: IovIter<'dest'>;
  readonly tagSource: IovIter<'source'>;
  /** For iterators that are not over a list of the caller's. */
  readonly adList: OpList;
  readonly srcList: OpList;
  readonly dstList: OpList;
  readonly tagList: OpList;
  readonly memory: OpMemory;

  constructor(tfm: CryptoAead, memory: OpMemory) {
    const { machine, policy } = tfm.api;
    this.memory = memory;
    this.ad = new IovIter(machine, 'source');
    this.src = new IovIter(machine, 'source');
    this.dst = new IovIter(machine, 'dest');
    this.tagDest = new IovIter(machine, 'dest');
    this.tagSource = new IovIter(machine, 'source');
    this.adList = newList(machine, policy, LIST_ROOM);
    this.srcList = newList(machine, policy, LIST_ROOM);
    this.dstList = newList(machine, policy, LIST_ROOM);
    this.tagList = newList(machine, policy, LIST_ROOM);
    this.op = new AeadOp(tfm, memory.at);
  }
}

/** A driver; see `SkcipherAlg`. @kernel aead_alg */
export interface AeadAlg<C = unknown> extends CryptoAlg, AeadProperties {
  readonly kind: 'aead';
  init(tfm: CryptoAead): C | Errno;
  exit(ctx: C): void;
  setkey(tfm: CryptoAead<C>, key: Uint8Array): Errno;
  /** Checks a tag length between 1 and maxauthsize. */
  setauthsize(tfm: CryptoAead<C>, authsize: number): Errno;
  initOp?(op: AeadOp<C>): unknown;
  encrypt(op: AeadOp<C>): Errno;
  decrypt(op: AeadOp<C>): Errno;
}

/** A request's parts, cut out of one iterator. @kernel none, 6.1 has one list with three meanings */
export interface AeadParts<D extends Direction> {
  readonly ad: IovIter<D>;
  readonly text: IovIter<D>;
  readonly tag: IovIter<D>;
}

/** Tells a driver of this kind from others of the registry. @kernel none, C tells by cra_type */
export function isAead(alg: CryptoAlg): alg is AeadAlg {
  return alg.kind === 'aead';
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
  return isAead(alg) ? cryptoSpawnAead(api, alg) : -EINVAL;
}

/** @throws KernelBug while a request is in flight. @kernel crypto_free_aead */
export function cryptoFreeAead(tfm: CryptoAead): void {
  cryptoDestroyTfm(tfm);
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

/** Sets the tag length. @returns 0 or -EINVAL, 0 included. @kernel crypto_aead_setauthsize */
export function cryptoAeadSetauthsize(tfm: CryptoAead, authsize: number): Errno {
  const { maxauthsize } = tfm.alg;
  if ((authsize === 0 && maxauthsize > 0) || authsize > maxauthsize) return -EINVAL;
  const err = tfm.alg.setauthsize(tfm, authsize);
  if (err === 0) tfm.authsize = authsize;
  return err;
}

/** @returns null when there is no memory. @kernel aead_request_alloc */
export function aeadRequestAlloc(tfm: CryptoAead, gfp: Gfp = GFP_KERNEL): AeadRequest | null {
  const memory = opMemoryAlloc(tfm, gfp);
  return memory === null ? null : new AeadRequest(tfm, memory);
}

/** @throws KernelBug while the request is in flight. @kernel aead_request_free */
export function aeadRequestFree(req: AeadRequest): void {
  const { op, memory, adList, srcList, dstList, tagList } = req;
  opFree(op, memory, req);
  for (const list of [adList, srcList, dstList, tagList]) freeList(list);
}

/** Must be a tfm whose operations need no more memory. @kernel aead_request_set_tfm */
export function aeadRequestSetTfm(req: AeadRequest, tfm: CryptoAead): void {
  const old = req.op;
  cryptoRequestIdle(old);
  req.op = new AeadOp(tfm, req.memory.at);
  opReplace(req.op, old, req.memory);
}

/** @kernel aead_request_set_callback */
export function aeadRequestSetCallback(
  req: AeadRequest,
  flags: number,
  complete: CryptoCompletion | null,
  data: unknown,
): void {
  const { op } = req;
  cryptoRequestIdle(op);
  op.flags = flags;
  op.complete = complete === null ? null : requestDone;
  op.data = req;
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
  cryptoRequestIdle(req.op);
  iovIterAssign(req.src, src);
  iovIterAssign(req.dst, dst);
  req.cryptlen = cryptlen;
  req.iv = iv;
}

/** Names the associated data. It is only read. @kernel aead_request_set_ad */
export function aeadRequestSetAd(req: AeadRequest, ad: IovIter<'source'>, assoclen: number): void {
  cryptoRequestIdle(req.op);
  iovIterAssign(req.ad, ad);
  req.assoclen = assoclen;
}

/**
 * Names the tag: where it goes when encrypting, where it comes from when decrypting. `authsize` bytes
 * of it are used. @kernel none, the kernel has the tag behind the text
 */
export function aeadRequestSetTag(req: AeadRequest, tag: IovIter): void {
  cryptoRequestIdle(req.op);
  if (isDest(tag)) {
    iovIterAssign(req.tagDest, tag);
    req.tag = req.tagDest;
  } else {
    iovIterAssign(req.tagSource, tag);
    req.tag = req.tagSource;
  }
}

/**
 * Encrypts. The destination never gets associated data.
 * @returns as `cryptoSkcipherEncrypt`; -EINVAL also when the destination shares bytes with associated
 *   data or tag, or the tag with anything that is read. @kernel crypto_aead_encrypt
 */
export function cryptoAeadEncrypt(req: AeadRequest): Errno {
  return aeadSubmit(req, /* enc */ true);
}

/**
 * Decrypts and verifies.
 * @returns as for encryption; -EBADMSG when the tag is wrong. The destination then holds unverified
 *   plaintext, unless `wipeOnBadTag` is set. @kernel crypto_aead_decrypt
 */
export function cryptoAeadDecrypt(req: AeadRequest): Errno {
  return aeadSubmit(req, /* enc */ false);
}

/** A transform of exactly this algorithm. @kernel crypto_spawn_aead */
export function cryptoSpawnAead(api: CryptoApi, alg: AeadAlg): CryptoAead | Errno {
  const tfm = new CryptoAead(api, alg, null);
  tfm.flags |= CRYPTO_TFM_NEED_KEY;
  tfm.authsize = alg.maxauthsize;
  return cryptoInitTfm(tfm, alg.init(tfm));
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
  assert(i.count >= assoclen + cryptlen + authsize, 'iterator with associated data, text and tag');
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

/**
 * Gives an operation with its lists, IV and direction to its driver.
 * @returns as `cryptoAeadEncrypt`. @kernel none, crypto_aead_encrypt below the iterators
 */
export function aeadRun(op: AeadOp): Errno {
  const { alg } = op.tfm;
  return opAnswered(op, opSubmitted(op), op.enc ? alg.encrypt(op) : alg.decrypt(op));
}

/** Makes a request of a batch ready. @returns OP_WAITING, OP_ALONE or why it cannot be done. @kernel none */
export function aeadPrepare(req: AeadRequest, enc: boolean): number {
  const { op, tag } = req;
  if (tag === null || rcuNeeded(op.tfm, op, req.src, req.dst) !== 0) return OP_ALONE;
  if (rcuNeeded(op.tfm, op, req.ad, tag) !== 0) return OP_ALONE;
  return start(req, enc) || lower(req, tag) || OP_WAITING;
}

/** @returns as `cryptoAeadEncrypt`. @kernel none: crypto_aead_encrypt and crypto_aead_decrypt */
export function aeadSubmit(req: AeadRequest, enc: boolean): Errno {
  const { op, tag } = req;
  const { tfm } = op;
  const err = start(req, enc);
  if (err !== 0) return err;
  if (tag === null) return -EINVAL;
  const first = rcuNeeded(tfm, op, req.src, req.dst);
  const second = rcuNeeded(tfm, op, req.ad, tag);
  if (first === 0 && second === 0) return aeadSettle(op, lower(req, tag) || aeadRun(op));
  if (first < 0 || second < 0) return -EINVAL;
  const { context } = tfm.api.machine;
  context.rcuReadLock();
  try {
    return aeadSettle(op, lower(req, tag) || aeadRun(op));
  } finally {
    context.rcuReadUnlock();
  }
}

function start({ op, tag, iv }: AeadRequest, enc: boolean): Errno {
  const err = opStart(op);
  if (err !== 0) return err;
  op.enc = enc;
  if (iv === null) throw new KernelOops('NULL IV of a cipher that needs one');
  if (iv.length < op.tfm.alg.ivsize) throw new KernelBug('IV buffer shorter than ivsize');
  return tag === null || tag.direction !== (enc ? 'dest' : 'source') ? -EINVAL : 0;
}

/** The completion of every request: what is true of a door only, whatever templates lie below it. */
function requestDone(data: unknown, err: Errno): void {
  if (!(data instanceof AeadRequest)) throw new KernelBug('completion data of another request');
  data.complete?.(data.data, aeadSettle(data.op, err));
}

/** Overwrites unverified text when the caller wants it. @returns `err`. @kernel none */
export function aeadSettle(op: AeadOp, err: Errno): Errno {
  // An operation that was accepted may be over, and freed.
  if (err !== -EBADMSG) return err;
  const { tfm, dst } = op;
  if (tfm.wipeOnBadTag) bvecWipe(tfm.api.mem, dst);
  return err;
}

/** Fills the operation. @returns 0, or why it cannot be done. */
function lower(req: AeadRequest, tagIter: IovIter): Errno {
  const { op, cryptlen } = req;
  const ad = iovIterList(req.adList, req.ad, req.assoclen);
  if (typeof ad === 'number') return ad;
  const src = iovIterList(req.srcList, req.src, cryptlen);
  if (typeof src === 'number') return src;
  const dst = iovIterList(req.dstList, req.dst, cryptlen);
  if (typeof dst === 'number') return dst;
  const tag = iovIterList(req.tagList, tagIter, op.tfm.authsize);
  if (typeof tag === 'number') return tag;
  op.ad = ad;
  op.src = src;
  op.dst = dst;
  op.tag = tag;
  if (aeadConflict(op)) return -EINVAL;
  op.len = cryptlen;
  op.iv = req.iv ?? NO_IV;
  return 0;
}

/**
 * Text over text of another position, over the tag, or over what is still to be hashed; a tag that is
 * written over anything that is read. @kernel none
 */
export function aeadConflict({ tfm, enc, ad, src, dst, tag }: AeadOp): boolean {
  const { machine } = tfm.api;
  return (
    listConflict(machine, src, dst) ||
    listOverlap(machine, dst, ad) ||
    listOverlap(machine, dst, tag) ||
    (enc && (listOverlap(machine, tag, ad) || listOverlap(machine, tag, src)))
  );
}

function isDest(i: IovIter): i is IovIter<'dest'> {
  return i.direction === 'dest';
}
