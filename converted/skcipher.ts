/**
 * Symmetric key ciphers over iterators.
 * C: crypto/skcipher.c, include/crypto/skcipher.h (6.1)
 * @module
 */

import { assert, KernelBug, KernelOops } from '../src/assert.ts';
import {
  CRYPTO_ALG_TYPE_MASK,
  CRYPTO_ALG_TYPE_SKCIPHER,
  CRYPTO_TFM_NEED_KEY,
  type CryptoAlg,
  type SkcipherProperties,
} from '../src/crypto/algorithm.ts';
import type { CryptoCompletion } from '../src/crypto/queue.ts';
import { EINVAL, type Errno } from '../src/errno.ts';
import { GFP_KERNEL, type Gfp } from '../src/machine/context.ts';
import { type MemAddr, PAGE_SIZE } from '../src/units.ts';
import type { CryptoApi } from './crypto-api.ts';
import { IovIter, iovIterAssign } from './iter/iov-iter.ts';
import { listConflict } from './lower/late.ts';
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
import { DataUnits, unitsRun } from './units.ts';

/** Largest IV and chunk that registration accepts. */
const MAX_SIZE = PAGE_SIZE / 8;
/** Entries that the lists of a request have room for at first. */
const LIST_ROOM = 8;

/** @kernel crypto_skcipher */
export class CryptoSkcipher<C = unknown> extends CryptoTfm<SkcipherAlg<C>, C> {
  /** Set by the `init` or `setkey` of a driver that gains by it; an instance over it does not inherit it. */
  batch: OpBatch<SkcipherOp<C>> | null = null;
  /** The same for data units of one operation. */
  dataUnits: UnitsAtOnce<SkcipherOp<C>> | null = null;
}

/** What a driver can do with the data units of an operation. @kernel none */
export interface UnitsAtOnce<O extends CryptoOp> {
  /** Does all units of `unit` bytes. @returns null when they must be run one by one. */
  run(op: O, unit: number): Errno | null;
}

/**
 * One operation below the iterators: the first `len` bytes of `src` go to `dst`. The IV is in and out.
 * Lists belong to whoever made the operation, and stay as they are until it ends.
 * @kernel none, skcipher_request without its scatterlists
 */
export class SkcipherOp<C = unknown> extends CryptoOp<CryptoSkcipher<C>> {
  src: OpList = NO_LIST;
  dst: OpList = NO_LIST;
  len = 0;
  iv: Uint8Array = NO_IV;
  /** The direction, for steps that both have in common. */
  enc = true;

  constructor(tfm: CryptoSkcipher<C>, memory: MemAddr) {
    super(tfm, memory);
    this.ctx = tfm.alg.initOp?.(this) ?? null;
  }
}

/**
 * The door: iterators, which are copies, so that the caller's own never move. Submission lowers them
 * once, into the lists of `op`.
 * @kernel skcipher_request
 */
export class SkcipherRequest {
  op: SkcipherOp;
  cryptlen = 0;
  iv: Uint8Array | null = null;
  readonly src: IovIter<'source'>;
  readonly dst: IovIter<'dest'>;
  /** For iterators that are not over a list of the caller's. */
  readonly srcList: OpList;
  readonly dstList: OpList;
  readonly memory: OpMemory;
  /** Bytes of a data unit with an IV of its own, 0 when all of it is one message. */
  unitSize = 0;
  /** For units that are run one after the other. */
  units: DataUnits | null = null;

  constructor(tfm: CryptoSkcipher, memory: OpMemory) {
    const { machine, policy } = tfm.api;
    this.memory = memory;
    this.srcList = newList(machine, policy, LIST_ROOM);
    this.dstList = newList(machine, policy, LIST_ROOM);
    this.src = new IovIter(machine, 'source');
    this.dst = new IovIter(machine, 'dest');
    this.op = new SkcipherOp(tfm, memory.at);
  }
}

/** A driver. It works on operations, and never sees an iterator. @kernel skcipher_alg */
export interface SkcipherAlg<C = unknown> extends CryptoAlg, SkcipherProperties {
  readonly kind: 'skcipher';
  /** Makes what one transform keeps, its `ctx`. */
  init(tfm: CryptoSkcipher): C | Errno;
  exit(ctx: C): void;
  setkey(tfm: CryptoSkcipher<C>, key: Uint8Array): Errno;
  /** Makes what an operation keeps, its `ctx`; absent for drivers that keep nothing. */
  initOp?(op: SkcipherOp<C>): unknown;
  encrypt(op: SkcipherOp<C>): Errno;
  decrypt(op: SkcipherOp<C>): Errno;
}

/** Tells a driver of this kind from others of the registry. @kernel none, C tells by cra_type */
export function isSkcipher(alg: CryptoAlg): alg is SkcipherAlg {
  return alg.kind === 'skcipher';
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
  return isSkcipher(alg) ? cryptoSpawnSkcipher(api, alg) : -EINVAL;
}

/** @throws KernelBug while a request is in flight. @kernel crypto_free_skcipher */
export function cryptoFreeSkcipher(tfm: CryptoSkcipher): void {
  cryptoDestroyTfm(tfm);
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
  const { minKeysize, maxKeysize } = tfm.alg;
  if (key.length < minKeysize || key.length > maxKeysize) return -EINVAL;
  const err = cryptoSetkeyBegin(tfm, key) || tfm.alg.setkey(tfm, key);
  if (err === 0) tfm.flags &= ~CRYPTO_TFM_NEED_KEY;
  else if (maxKeysize > 0) tfm.flags |= CRYPTO_TFM_NEED_KEY;
  return err;
}

/** @returns null when there is no memory. @kernel skcipher_request_alloc */
export function skcipherRequestAlloc(
  tfm: CryptoSkcipher,
  gfp: Gfp = GFP_KERNEL,
): SkcipherRequest | null {
  const memory = opMemoryAlloc(tfm, gfp);
  return memory === null ? null : new SkcipherRequest(tfm, memory);
}

/** @throws KernelBug while the request is in flight. @kernel skcipher_request_free */
export function skcipherRequestFree(req: SkcipherRequest): void {
  const { op, memory, srcList, dstList, units } = req;
  opFree(op, memory, req);
  freeList(srcList);
  freeList(dstList);
  if (units === null) return;
  freeList(units.src);
  freeList(units.dst);
}

/** Must be a tfm whose operations need no more memory. @kernel skcipher_request_set_tfm */
export function skcipherRequestSetTfm(req: SkcipherRequest, tfm: CryptoSkcipher): void {
  const old = req.op;
  cryptoRequestIdle(old);
  req.op = new SkcipherOp(tfm, req.memory.at);
  opReplace(req.op, old, req.memory);
}

/** @kernel skcipher_request_set_callback */
export function skcipherRequestSetCallback(
  req: SkcipherRequest,
  flags: number,
  complete: CryptoCompletion | null,
  data: unknown,
): void {
  const { op } = req;
  cryptoRequestIdle(op);
  op.flags = flags;
  op.complete = complete;
  op.data = data;
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
  cryptoRequestIdle(req.op);
  iovIterAssign(req.src, src);
  iovIterAssign(req.dst, dst);
  req.cryptlen = cryptlen;
  req.iv = iv;
}

/**
 * Makes the request one of data units of `unitSize` bytes, as sectors of a disk: unit k is a message of its
 * own under the IV of the request plus k, a little-endian number, and the IV buffer is not written. 0, the
 * default, makes it one message. @kernel none, unit_size as proposed for acomp and skcipher
 */
export function skcipherRequestSetUnitSize(req: SkcipherRequest, unitSize: number): void {
  cryptoRequestIdle(req.op);
  assert(Number.isInteger(unitSize) && unitSize >= 0, 'size of a data unit');
  req.unitSize = unitSize;
}

/**
 * Encrypts.
 * @returns 0 when done; -EINPROGRESS, or -EBUSY with MAY_BACKLOG, when the callback will come; -ENOKEY;
 *   -EINVAL for a length that the mode or an iterator does not allow, for iterators that cannot be
 *   lowered and for a partial overlap; -EFAULT for a destination without write permission; -ENOMEM;
 *   -ENOSPC when a queue is full. After -ENOKEY and -EFAULT nothing was written; nor after -ENOMEM, but
 *   that the templates xts and lrw whiten the destination before their child asks for its memory.
 * @kernel crypto_skcipher_encrypt
 */
export function cryptoSkcipherEncrypt(req: SkcipherRequest): Errno {
  return skcipherSubmit(req, /* enc */ true);
}

/** Decrypts; results as for encryption. @kernel crypto_skcipher_decrypt */
export function cryptoSkcipherDecrypt(req: SkcipherRequest): Errno {
  return skcipherSubmit(req, /* enc */ false);
}

/** A transform of exactly this algorithm. @kernel crypto_spawn_skcipher */
export function cryptoSpawnSkcipher(api: CryptoApi, alg: SkcipherAlg): CryptoSkcipher | Errno {
  const tfm = new CryptoSkcipher(api, alg, null);
  if (alg.maxKeysize > 0) tfm.flags |= CRYPTO_TFM_NEED_KEY;
  return cryptoInitTfm(tfm, alg.init(tfm));
}

/**
 * Gives an operation with its lists, IV and direction to its driver.
 * @returns as `cryptoSkcipherEncrypt`. @kernel none, crypto_skcipher_encrypt below the iterators
 */
export function skcipherRun(op: SkcipherOp): Errno {
  const { alg } = op.tfm;
  return opAnswered(op, opSubmitted(op), op.enc ? alg.encrypt(op) : alg.decrypt(op));
}

/** Makes a request of a batch ready. @returns OP_WAITING, OP_ALONE or why it cannot be done. @kernel none */
export function skcipherPrepare(req: SkcipherRequest, enc: boolean): number {
  const { op } = req;
  if (req.unitSize > 0 || rcuNeeded(op.tfm, op, req.src, req.dst) !== 0) return OP_ALONE;
  return start(req, enc) || lower(req) || OP_WAITING;
}

/** @returns as `cryptoSkcipherEncrypt`. @kernel none: crypto_skcipher_encrypt and crypto_skcipher_decrypt */
export function skcipherSubmit(req: SkcipherRequest, enc: boolean): Errno {
  const { op } = req;
  const { tfm } = op;
  const err = start(req, enc);
  if (err !== 0) return err;
  const rcu = rcuNeeded(tfm, op, req.src, req.dst);
  if (rcu === 0) return lower(req) || run(req);
  if (rcu !== 1) return rcu;
  const { context } = tfm.api.machine;
  context.rcuReadLock();
  try {
    return lower(req) || run(req);
  } finally {
    context.rcuReadUnlock();
  }
}

function start(req: SkcipherRequest, enc: boolean): Errno {
  const err = opStart(req.op);
  if (err !== 0) return err;
  req.op.enc = enc;
  checkIv(req);
  return 0;
}

function run(req: SkcipherRequest): Errno {
  const { op, unitSize } = req;
  if (unitSize === 0) return skcipherRun(op);
  if (op.len % unitSize !== 0) return -EINVAL;
  const { machine, policy } = op.tfm.api;
  const answer = op.tfm.dataUnits?.run(op, unitSize) ?? null;
  if (answer !== null) return opAnswered(op, opSubmitted(op), answer);
  req.units ??= new DataUnits(machine, policy);
  return unitsRun(req.units, op, unitSize, skcipherRun);
}

/** Fills the operation. @returns 0, or why it cannot be done. */
function lower(req: SkcipherRequest): Errno {
  const { op, cryptlen } = req;
  const src = iovIterList(req.srcList, req.src, cryptlen);
  if (typeof src === 'number') return src;
  const dst = iovIterList(req.dstList, req.dst, cryptlen);
  if (typeof dst === 'number') return dst;
  if (listConflict(op.tfm.api.machine, src, dst)) return -EINVAL;
  op.src = src;
  op.dst = dst;
  op.len = cryptlen;
  op.iv = req.iv ?? NO_IV;
  return 0;
}

function checkIv({ op, iv }: SkcipherRequest): void {
  const { ivsize } = op.tfm.alg;
  if (ivsize === 0) return;
  if (iv === null) throw new KernelOops('NULL IV of a cipher that needs one');
  if (iv.length < ivsize) throw new KernelBug('IV buffer shorter than ivsize');
}
