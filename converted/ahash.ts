/**
 * Hashes and MACs over iterators.
 * C: crypto/ahash.c, include/crypto/hash.h (6.1)
 *
 * Every segment is consumed and empty ones are skipped; the kernel's hash walk stops silently at an
 * empty entry.
 * @module
 */
import { assert, KernelBug } from '../src/assert.ts';
import { BvecList, bvecClear } from '../src/bvec.ts';
import {
  CRYPTO_ALG_TYPE_AHASH,
  CRYPTO_ALG_TYPE_MASK,
  CRYPTO_TFM_NEED_KEY,
  CRYPTO_TFM_REQ_MAY_SLEEP,
  type CryptoAlg,
  type HashProperties,
} from '../src/crypto/algorithm.ts';
import {
  CryptoAsyncRequest,
  type CryptoCompletion,
  cryptoRequestStart,
} from '../src/crypto/queue.ts';
import { EINVAL, ENOENT, ENOKEY, ENOSYS, type Errno } from '../src/errno.ts';
import type { HashState } from '../src/provider/provider.ts';
import { PAGE_SIZE } from '../src/units.ts';
import type { CryptoApi } from './crypto-api.ts';
import { IovIter, iovIterAssign } from './iov-iter.ts';
import { iovIterLower } from './lower.ts';
import { CryptoTfm, rcuNeeded, requestIdle, setkeyAllowed, setkeyResult } from './tfm.ts';

/** A lookup for hashes finds both kinds of hash. @kernel CRYPTO_ALG_TYPE_AHASH_MASK */
const AHASH_MASK = 0xe;
/** Largest state that registration accepts. */
const MAX_STATESIZE = PAGE_SIZE / 8;

/** @kernel crypto_ahash */
export class CryptoAhash<C = unknown> extends CryptoTfm<AhashAlg<C>, C> {}

/** One operation, and the state of the message that its operations make up. @kernel ahash_request */
export class AhashRequest extends CryptoAsyncRequest {
  tfm: CryptoAhash;
  nbytes = 0;
  /** Where final, finup and digest write. */
  result: Uint8Array | null = null;
  readonly src: IovIter<'source'>;
  readonly srcList: BvecList = new BvecList(8);
  /** Null before init and after final. */
  state: HashState | null = null;

  constructor(tfm: CryptoAhash) {
    super();
    this.tfm = tfm;
    this.src = new IovIter(tfm.api.machine, 'source');
  }
}

/** A driver; see `SkcipherAlg` for the role of `tfm`. @kernel ahash_alg */
export interface AhashAlg<C = unknown> extends CryptoAlg, HashProperties {
  readonly kind: 'ahash';
  init(api: CryptoApi): C | Errno;
  exit(ctx: C): void;
  /** Not called for hashes without a key. */
  setkey(tfm: CryptoAhash<C>, key: Uint8Array): Errno;
  /** A state that has taken the key and nothing else. */
  newState(tfm: CryptoAhash<C>): HashState;
  initState(req: AhashRequest, tfm: CryptoAhash<C>): Errno;
  update(req: AhashRequest, tfm: CryptoAhash<C>): Errno;
  final(req: AhashRequest, tfm: CryptoAhash<C>): Errno;
  finup(req: AhashRequest, tfm: CryptoAhash<C>): Errno;
  digest(req: AhashRequest, tfm: CryptoAhash<C>): Errno;
}

/** @returns 0, -EINVAL for sizes out of range, -EEXIST. @kernel crypto_register_ahash */
export function cryptoRegisterAhash(api: CryptoApi, alg: AhashAlg): Errno {
  if (alg.digestsize > 64 || alg.statesize > MAX_STATESIZE || alg.statesize === 0) return -EINVAL;
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
  const alg = api.registry.find(name, wanted, mask | AHASH_MASK);
  if (typeof alg === 'number') return alg;
  if (alg.kind !== 'ahash') return -ENOENT;
  const ctx = alg.init(api);
  if (typeof ctx === 'number') return ctx;
  return new CryptoAhash(api, alg, ctx, alg.keyed);
}

/** Must not be called while a request is in flight. @kernel crypto_free_ahash */
export function cryptoFreeAhash(tfm: CryptoAhash): void {
  tfm.release();
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
  setkeyAllowed(tfm);
  if (!tfm.alg.keyed) return -ENOSYS;
  return setkeyResult(tfm, tfm.alg.setkey(tfm, key));
}

/** @kernel ahash_request_alloc */
export function ahashRequestAlloc(tfm: CryptoAhash): AhashRequest {
  return new AhashRequest(tfm);
}

/** Must not be called while the request is in flight. @kernel ahash_request_free */
export function ahashRequestFree(req: AhashRequest): void {
  requestIdle(req);
}

/** @kernel ahash_request_set_tfm */
export function ahashRequestSetTfm(req: AhashRequest, tfm: CryptoAhash): void {
  requestIdle(req);
  assert(req.tfm.api === tfm.api, 'tfm of the same machine');
  req.tfm = tfm;
}

/** @kernel ahash_request_set_callback */
export function ahashRequestSetCallback(
  req: AhashRequest,
  flags: number,
  complete: CryptoCompletion | null,
  data: unknown,
): void {
  requestIdle(req);
  req.flags = flags;
  req.complete = complete;
  req.data = data;
}

/** Names the data, and where a result goes. @kernel ahash_request_set_crypt */
export function ahashRequestSetCrypt(
  req: AhashRequest,
  src: IovIter<'source'>,
  result: Uint8Array | null,
  nbytes: number,
): void {
  requestIdle(req);
  iovIterAssign(req.src, src);
  req.result = result;
  req.nbytes = nbytes;
}

/** Starts a message. @returns 0, -ENOKEY, or as an asynchronous request. @kernel crypto_ahash_init */
export function cryptoAhashInit(req: AhashRequest): Errno {
  const { tfm } = req;
  cryptoRequestStart(req);
  if ((tfm.flags & CRYPTO_TFM_NEED_KEY) !== 0) return -ENOKEY;
  return tfm.alg.initState(req, tfm);
}

/** Adds data to the message. @returns as `cryptoSkcipherEncrypt`. @kernel crypto_ahash_update */
export function cryptoAhashUpdate(req: AhashRequest): Errno {
  return submit(req, true, req.tfm.alg.update);
}

/** Ends the message; the data of the request is ignored. @kernel crypto_ahash_final */
export function cryptoAhashFinal(req: AhashRequest): Errno {
  checkResult(req);
  return submit(req, false, req.tfm.alg.final);
}

/** Adds data and ends the message. @kernel crypto_ahash_finup */
export function cryptoAhashFinup(req: AhashRequest): Errno {
  checkResult(req);
  return submit(req, true, req.tfm.alg.finup);
}

/** A whole message at once. @returns -ENOKEY too. @kernel crypto_ahash_digest */
export function cryptoAhashDigest(req: AhashRequest): Errno {
  cryptoRequestStart(req);
  if ((req.tfm.flags & CRYPTO_TFM_NEED_KEY) !== 0) return -ENOKEY;
  checkResult(req);
  return submit(req, true, req.tfm.alg.digest);
}

/**
 * Writes the state of the message to `out`, which must have `statesize` bytes: as the generic driver
 * of the kernel lays it out, or, for providers that keep their state to themselves, a number under
 * which this API finds a copy as long as the buffer lives. @returns 0. @throws KernelBug without a message. @kernel crypto_ahash_export
 */
export function cryptoAhashExport(req: AhashRequest, out: Uint8Array): Errno {
  cryptoRequestStart(req);
  if (req.state === null) throw new KernelBug('hash export without a running message');
  assert(out.length >= req.tfm.alg.statesize, 'export buffer of statesize bytes');
  const { state } = req;
  if (state.exportState === undefined) req.tfm.api.hashStates.save(out, req.tfm.alg, state);
  else state.exportState(out.subarray(0, state.stateSize));
  return 0;
}

/**
 * Goes on from an exported state.
 * @returns 0; -ENOKEY; -EINVAL for a number that is not the one this API wrote there.
 * @kernel crypto_ahash_import
 */
export function cryptoAhashImport(req: AhashRequest, state: Uint8Array): Errno {
  const { tfm } = req;
  cryptoRequestStart(req);
  if ((tfm.flags & CRYPTO_TFM_NEED_KEY) !== 0) return -ENOKEY;
  const fresh = tfm.alg.newState(tfm);
  if (fresh.importState === undefined) {
    const found = tfm.api.hashStates.load(state, tfm.alg);
    if (found === null) return -EINVAL;
    req.state = found;
    return 0;
  }
  fresh.importState(state.subarray(0, fresh.stateSize));
  req.state = fresh;
  return 0;
}

function submit(
  req: AhashRequest,
  data: boolean,
  operation: (req: AhashRequest, tfm: CryptoAhash) => Errno,
): Errno {
  const { tfm } = req;
  cryptoRequestStart(req);
  const { context } = tfm.api.machine;
  if ((req.flags & CRYPTO_TFM_REQ_MAY_SLEEP) !== 0) context.mightSleep('ahash request');
  bvecClear(req.srcList);
  if (!data || req.nbytes === 0) return operation(req, tfm);
  const rcu = rcuNeeded(tfm, req, req.src, req.src);
  if (rcu < 0) return rcu;
  if (rcu === 1) context.rcuReadLock();
  try {
    const err = iovIterLower(req.srcList, req.src, req.nbytes, tfm.api.policy);
    return err !== 0 ? err : operation(req, tfm);
  } finally {
    if (rcu === 1) context.rcuReadUnlock();
  }
}

function checkResult(req: AhashRequest): void {
  if (req.result === null || req.result.length < req.tfm.alg.digestsize) {
    throw new KernelBug('result buffer shorter than the digest');
  }
}
