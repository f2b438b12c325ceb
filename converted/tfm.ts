/**
 * What every transformation has: its algorithm, its key state, its scratch memory.
 * C: include/linux/crypto.h, crypto/api.c (6.1)
 * @module
 */
import { KernelBug } from '../src/assert.ts';
import {
  CRYPTO_ALG_ASYNC,
  CRYPTO_TFM_NEED_KEY,
  CRYPTO_TFM_REQ_MAY_SLEEP,
  type CryptoAlg,
} from '../src/crypto/algorithm.ts';
import { type CryptoAsyncRequest, REQ_IDLE } from '../src/crypto/queue.ts';
import { EINVAL, type Errno } from '../src/errno.ts';
import type { CryptoApi } from './crypto-api.ts';
import { type IovIter, iovIterNeedsRcu } from './iter/iov-iter.ts';
import { ScratchPool } from './lower/walk.ts';

/** `CRYPTO_TFM_REQ_MASK`: flags that a parent hands to its children at setkey. */
const CRYPTO_TFM_REQ_MASK = 0x000fff00;

/** @kernel crypto_tfm */
export class CryptoTfm<A extends CryptoAlg, C> {
  readonly api: CryptoApi;
  readonly alg: A;
  /** What the driver keeps, keys above all. */
  readonly ctx: C;
  /** `CRYPTO_TFM_*` */
  flags: number;
  /** Operations accepted and not completed. Neither setkey nor free may meet one. */
  inFlight = 0;
  readonly scratch: ScratchPool;
  private readonly id: number;

  constructor(api: CryptoApi, alg: A, ctx: C, needKey: boolean) {
    this.api = api;
    this.alg = alg;
    this.ctx = ctx;
    this.flags = needKey ? CRYPTO_TFM_NEED_KEY : 0;
    this.scratch = new ScratchPool(api.machine);
    this.id = api.nextTfm++;
    if (api.machine.checks) api.machine.ledger.take('tfm', this.id, alg.driverName);
  }

  /** Gives back what the tfm itself holds. @throws KernelBug while a request is in flight. */
  release(): void {
    if (this.inFlight > 0) throw new KernelBug('tfm freed while a request is in flight');
    this.scratch.release();
    if (this.api.machine.checks) this.api.machine.ledger.drop('tfm', this.id);
  }
}

/** A tfm of any kind, for code that only counts its requests. @kernel none */
export type AnyTfm = CryptoTfm<CryptoAlg, unknown>;

/**
 * Records the result of a driver's setkey: the key is usable after 0 and only after 0.
 * @kernel none, crypto_skcipher_setkey and its siblings repeat it
 */
export function setkeyResult(tfm: AnyTfm, err: Errno): Errno {
  if (err !== 0) tfm.flags |= CRYPTO_TFM_NEED_KEY;
  else tfm.flags &= ~CRYPTO_TFM_NEED_KEY;
  return err;
}

/** @throws KernelBug when a request could still use the old key. @kernel none */
export function setkeyAllowed(tfm: AnyTfm): void {
  if (tfm.inFlight > 0) throw new KernelBug('setkey while a request is in flight');
}

/** @throws KernelBug when the request is in flight: it and its data belong to the driver. @kernel none */
export function requestIdle(req: CryptoAsyncRequest): void {
  if (req.life !== REQ_IDLE) throw new KernelBug('request changed or freed while it is in flight');
}

/**
 * Hands the request flags of a parent to a child: what may a key be, may setkey sleep.
 * @kernel none, crypto_*_clear_flags and crypto_*_set_flags with CRYPTO_TFM_REQ_MASK
 */
export function copyReqFlags(child: AnyTfm, parent: AnyTfm): void {
  child.flags = (child.flags & ~CRYPTO_TFM_REQ_MASK) | (parent.flags & CRYPTO_TFM_REQ_MASK);
}

/**
 * Whether an operation must hold the RCU read lock from lowering to its end.
 * @returns 1 or 0; -EINVAL when the operation would outlive or sleep in the read section.
 * @kernel none
 */
export function rcuNeeded(
  tfm: AnyTfm,
  req: CryptoAsyncRequest,
  a: IovIter,
  b: IovIter,
): 0 | 1 | Errno {
  if (!iovIterNeedsRcu(a) && !iovIterNeedsRcu(b)) return 0;
  const sleeps = (req.flags & CRYPTO_TFM_REQ_MAY_SLEEP) !== 0;
  return sleeps || (tfm.alg.flags & CRYPTO_ALG_ASYNC) !== 0 ? -EINVAL : 1;
}
