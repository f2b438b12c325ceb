/**
 * Hashes and MACs over iterators.
 * C: crypto/ahash.c, include/crypto/hash.h (6.1)
 *
 * Every segment is consumed and empty ones are skipped; the kernel's hash walk stops silently at an
 * empty entry.
 * @module
 */

import { assert, KernelBug } from '../src/assert.ts';
import {
  CRYPTO_ALG_OPTIONAL_KEY,
  CRYPTO_ALG_TYPE_AHASH,
  CRYPTO_ALG_TYPE_MASK,
  CRYPTO_TFM_NEED_KEY,
  type CryptoAlg,
  type HashProperties,
} from '../src/crypto/algorithm.ts';
import { type CryptoCompletion, cryptoRequestStart } from '../src/crypto/queue.ts';
import { EINVAL, ENOKEY, ENOSYS, type Errno } from '../src/errno.ts';
import { GFP_KERNEL, type Gfp } from '../src/machine/context.ts';
import type { HashState } from '../src/provider/provider.ts';
import type { MemAddr } from '../src/units.ts';
import type { CryptoApi } from './crypto-api.ts';
import { IovIter, iovIterAssign } from './iter/iov-iter.ts';
import { freeList, newList, type OpList } from './lower/list.ts';
import { iovIterList } from './lower/lower.ts';
import {
  CryptoOp,
  NO_IV,
  NO_LIST,
  type OpMemory,
  opAnswered,
  opCheck,
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

/** Limits of registration: longest digest, longest exported state. */
const HASH_MAX_DIGESTSIZE = 64;
const HASH_MAX_STATESIZE = 512;
/** Entries that the list of a request has room for at first. */
const LIST_ROOM = 8;

/** @kernel crypto_ahash */
export class CryptoAhash<C = unknown> extends CryptoTfm<AhashAlg<C>, C> {}

/**
 * One operation below the iterators, and the state of the message that operations make up: all of
 * `src` is hashed, and what ends a message writes the digest to `result`.
 * @kernel none, ahash_request without its scatterlist
 */
export class AhashOp<C = unknown> extends CryptoOp<CryptoAhash<C>> {
  src: OpList = NO_LIST;
  /** At least `digestsize` bytes where a message ends. */
  result: Uint8Array = NO_IV;
  /** Null before init and after final. */
  state: HashState | null = null;

  constructor(tfm: CryptoAhash<C>, memory: MemAddr) {
    super(tfm, memory);
    this.ctx = tfm.alg.initOp?.(this) ?? null;
  }
}

/** The door: an iterator, lowered once into `op`. @kernel ahash_request */
export class AhashRequest {
  op: AhashOp;
  nbytes = 0;
  /** Where final, finup and digest write. */
  result: Uint8Array | null = null;
  readonly src: IovIter<'source'>;
  /** For an iterator that is not over a list of the caller's. */
  readonly srcList: OpList;
  readonly memory: OpMemory;

  constructor(tfm: CryptoAhash, memory: OpMemory) {
    const { machine, policy } = tfm.api;
    this.memory = memory;
    this.src = new IovIter(machine, 'source');
    this.srcList = newList(machine, policy, LIST_ROOM);
    this.op = new AhashOp(tfm, memory.at);
  }
}

/** A driver; see `SkcipherAlg`. @kernel ahash_alg */
export interface AhashAlg<C = unknown> extends CryptoAlg, HashProperties {
  readonly kind: 'ahash';
  init(tfm: CryptoAhash): C | Errno;
  exit(ctx: C): void;
  /** Not called for hashes without a key. */
  setkey(tfm: CryptoAhash<C>, key: Uint8Array): Errno;
  /** A state that has taken the key and nothing else. */
  newState(tfm: CryptoAhash<C>): HashState;
  initOp?(op: AhashOp<C>): unknown;
  initState(op: AhashOp<C>): Errno;
  update(op: AhashOp<C>): Errno;
  final(op: AhashOp<C>): Errno;
  finup(op: AhashOp<C>): Errno;
  digest(op: AhashOp<C>): Errno;
}

/** Tells a driver of this kind from others of the registry. @kernel none, C tells by cra_type */
export function isAhash(alg: CryptoAlg): alg is AhashAlg {
  return alg.kind === 'ahash';
}

/** @returns 0, -EINVAL for sizes out of range, -EEXIST. @kernel crypto_register_ahash */
export function cryptoRegisterAhash(api: CryptoApi, alg: AhashAlg): Errno {
  if (alg.digestsize > HASH_MAX_DIGESTSIZE) return -EINVAL;
  if (alg.statesize === 0 || alg.statesize > HASH_MAX_STATESIZE) return -EINVAL;
  return api.registry.register(alg);
}

/** @returns a tfm, or -ENOENT and the errors of the driver. @kernel crypto_alloc_ahash */
export function cryptoAllocAhash(
  api: CryptoApi,
  name: string,
  type: number,
  mask: number,
): CryptoAhash | Errno {
  const wanted = (type & ~CRYPTO_ALG_TYPE_MASK) | CRYPTO_ALG_TYPE_AHASH;
  const alg = api.registry.find(name, wanted, mask | CRYPTO_ALG_TYPE_MASK);
  if (typeof alg === 'number') return alg;
  return isAhash(alg) ? cryptoSpawnAhash(api, alg) : -EINVAL;
}

/** @throws KernelBug while a request is in flight. @kernel crypto_free_ahash */
export function cryptoFreeAhash(tfm: CryptoAhash): void {
  cryptoDestroyTfm(tfm);
  tfm.alg.exit(tfm.ctx);
}

/** @kernel crypto_ahash_digestsize */
export function cryptoAhashDigestsize(tfm: CryptoAhash): number {
  return tfm.alg.digestsize;
}

/** @kernel crypto_ahash_statesize */
export function cryptoAhashStatesize(tfm: CryptoAhash): number {
  return tfm.alg.statesize;
}

/** @returns 0; -ENOSYS for a hash without key; -EINVAL. @kernel crypto_ahash_setkey */
export function cryptoAhashSetkey(tfm: CryptoAhash, key: Uint8Array): Errno {
  const { alg } = tfm;
  const err = cryptoSetkeyBegin(tfm, key) || (alg.keyed ? alg.setkey(tfm, key) : -ENOSYS);
  if (err === 0) tfm.flags &= ~CRYPTO_TFM_NEED_KEY;
  else if (needsKey(alg)) tfm.flags |= CRYPTO_TFM_NEED_KEY;
  return err;
}

/** @returns null when there is no memory. @kernel ahash_request_alloc */
export function ahashRequestAlloc(tfm: CryptoAhash, gfp: Gfp = GFP_KERNEL): AhashRequest | null {
  const memory = opMemoryAlloc(tfm, gfp);
  return memory === null ? null : new AhashRequest(tfm, memory);
}

/** @throws KernelBug while the request is in flight. @kernel ahash_request_free */
export function ahashRequestFree(req: AhashRequest): void {
  const { op, memory, srcList } = req;
  opFree(op, memory, req);
  freeList(srcList);
}

/** Must be a tfm whose operations need no more memory. @kernel ahash_request_set_tfm */
export function ahashRequestSetTfm(req: AhashRequest, tfm: CryptoAhash): void {
  const old = req.op;
  cryptoRequestIdle(old);
  req.op = new AhashOp(tfm, req.memory.at);
  opReplace(req.op, old, req.memory);
}

/** @kernel ahash_request_set_callback */
export function ahashRequestSetCallback(
  req: AhashRequest,
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

/** Names the data, and where a result goes. @kernel ahash_request_set_crypt */
export function ahashRequestSetCrypt(
  req: AhashRequest,
  src: IovIter<'source'>,
  result: Uint8Array | null,
  nbytes: number,
): void {
  cryptoRequestIdle(req.op);
  iovIterAssign(req.src, src);
  req.result = result;
  req.nbytes = nbytes;
}

/** Starts a message. @returns 0, -ENOKEY, or as an asynchronous request. @kernel crypto_ahash_init */
export function cryptoAhashInit({ op }: AhashRequest): Errno {
  return opStart(op) || ahashInit(op);
}

/** Adds data to the message. @returns as `cryptoSkcipherEncrypt`. @kernel crypto_ahash_update */
export function cryptoAhashUpdate(req: AhashRequest): Errno {
  opCheck(req.op);
  return submit(req, ahashUpdate);
}

/** Ends the message; the data of the request is ignored. @kernel crypto_ahash_final */
export function cryptoAhashFinal(req: AhashRequest): Errno {
  opCheck(req.op);
  takeResult(req);
  return ahashFinal(req.op);
}

/** Adds data and ends the message. @kernel crypto_ahash_finup */
export function cryptoAhashFinup(req: AhashRequest): Errno {
  opCheck(req.op);
  takeResult(req);
  return submit(req, ahashFinup);
}

/** A whole message at once. @returns -ENOKEY too. @kernel crypto_ahash_digest */
export function cryptoAhashDigest(req: AhashRequest): Errno {
  const err = opStart(req.op);
  if (err !== 0) return err;
  takeResult(req);
  return submit(req, ahashDigest);
}

/**
 * Writes the state of the message to `out`, which must have `statesize` bytes, as the generic driver of
 * the kernel lays it out.
 * @returns 0, or -ENOSYS where the provider keeps its state to itself. @throws KernelBug without a message.
 * @kernel crypto_ahash_export
 */
export function cryptoAhashExport({ op }: Pick<AhashRequest, 'op'>, out: Uint8Array): Errno {
  cryptoRequestStart(op);
  const { state, tfm } = op;
  if (state === null) throw new KernelBug('hash export without a running message');
  assert(out.length >= tfm.alg.statesize, 'export buffer of statesize bytes');
  if (state.exportState === undefined) return -ENOSYS;
  state.exportState(out.subarray(0, state.stateSize));
  return 0;
}

/**
 * Goes on from an exported state, of which there may be any number of copies.
 * @returns 0; -ENOKEY; -ENOSYS as `cryptoAhashExport`. @kernel crypto_ahash_import
 */
export function cryptoAhashImport({ op }: Pick<AhashRequest, 'op'>, from: Uint8Array): Errno {
  const { tfm } = op;
  cryptoRequestStart(op);
  if ((tfm.flags & CRYPTO_TFM_NEED_KEY) !== 0) return -ENOKEY;
  assert(from.length >= tfm.alg.statesize, 'exported state of statesize bytes');
  const state = tfm.alg.newState(tfm);
  if (state.importState === undefined) return -ENOSYS;
  state.importState(from.subarray(0, state.stateSize));
  op.state = state;
  return 0;
}

/** A transform of exactly this algorithm. @kernel crypto_spawn_ahash */
export function cryptoSpawnAhash(api: CryptoApi, alg: AhashAlg): CryptoAhash | Errno {
  const tfm = new CryptoAhash(api, alg, null);
  if (needsKey(alg)) tfm.flags |= CRYPTO_TFM_NEED_KEY;
  return cryptoInitTfm(tfm, alg.init(tfm));
}

/** Gives an operation to its driver. @kernel none, crypto_ahash_init below the iterators */
export function ahashInit(op: AhashOp): Errno {
  return opAnswered(op, opSubmitted(op), op.tfm.alg.initState(op));
}

/** Gives an operation to its driver. @kernel none, crypto_ahash_update below the iterators */
export function ahashUpdate(op: AhashOp): Errno {
  return opAnswered(op, opSubmitted(op), op.tfm.alg.update(op));
}

/** Gives an operation to its driver. @kernel none, crypto_ahash_final below the iterators */
export function ahashFinal(op: AhashOp): Errno {
  return opAnswered(op, opSubmitted(op), op.tfm.alg.final(op));
}

/** Gives an operation to its driver. @kernel none, crypto_ahash_finup below the iterators */
export function ahashFinup(op: AhashOp): Errno {
  return opAnswered(op, opSubmitted(op), op.tfm.alg.finup(op));
}

/** Gives an operation to its driver. @kernel none, crypto_ahash_digest below the iterators */
export function ahashDigest(op: AhashOp): Errno {
  return opAnswered(op, opSubmitted(op), op.tfm.alg.digest(op));
}

function needsKey(alg: AhashAlg): boolean {
  return alg.keyed && (alg.flags & CRYPTO_ALG_OPTIONAL_KEY) === 0;
}

/** Lowers the data and runs the operation. */
function submit(req: AhashRequest, run: (op: AhashOp) => Errno): Errno {
  const { op, src, nbytes } = req;
  const { tfm } = op;
  op.src = NO_LIST;
  if (nbytes === 0) return run(op);
  const rcu = rcuNeeded(tfm, op, src, src);
  if (rcu < 0) return rcu;
  const { context } = tfm.api.machine;
  if (rcu === 1) context.rcuReadLock();
  try {
    const list = iovIterList(req.srcList, src, nbytes);
    if (typeof list === 'number') return list;
    op.src = list;
    return run(op);
  } finally {
    if (rcu === 1) context.rcuReadUnlock();
  }
}

function takeResult({ op, result }: AhashRequest): void {
  if (result === null || result.length < op.tfm.alg.digestsize) {
    throw new KernelBug('result buffer shorter than the digest');
  }
  op.result = result;
}
