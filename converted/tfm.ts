/**
 * What every transformation has: its algorithm, its key state, its scratch memory.
 * C: include/linux/crypto.h, crypto/api.c (6.1)
 * @module
 */
import { KernelBug } from '../src/assert.ts';
import {
  CRYPTO_ALG_ASYNC,
  CRYPTO_TFM_REQ_MAY_SLEEP,
  type CryptoAlg,
} from '../src/crypto/algorithm.ts';
import { KeyMemory } from '../src/crypto/key-memory.ts';
import { type CryptoAsyncRequest, REQ_IDLE } from '../src/crypto/queue.ts';
import { EINVAL, ENOMEM, type Errno } from '../src/errno.ts';
import { writeKernel } from '../src/machine/access.ts';
import { virtAddr } from '../src/units.ts';
import type { CryptoApi } from './crypto-api.ts';
import { type IovIter, iovIterNeedsRcu } from './iter/iov-iter.ts';
import { ScratchPool } from './lower/walk.ts';

/** `CRYPTO_TFM_REQ_MASK`: flags that a parent hands to its children at setkey. */
const CRYPTO_TFM_REQ_MASK = 0x000fff00;

/** @kernel crypto_tfm */
export class CryptoTfm<A extends CryptoAlg = CryptoAlg, C = unknown> {
  readonly api: CryptoApi;
  readonly alg: A;
  /** What the driver keeps, keys above all: made by its `init`, which gets a tfm without one. */
  ctx: C;
  /** `CRYPTO_TFM_*` */
  flags = 0;
  /** Operations accepted and not completed. Neither setkey nor free may meet one. */
  inFlight = 0;
  /** What it keeps of its key, in the machine. */
  readonly key: KeyMemory;
  readonly scratch: ScratchPool;
  /** Key of this transform in the ledger. */
  readonly id: number;

  constructor(api: CryptoApi, alg: A, ctx: C) {
    this.api = api;
    this.alg = alg;
    this.ctx = ctx;
    this.scratch = new ScratchPool(api.machine);
    this.key = new KeyMemory(api.machine);
    this.id = ++api.tfms;
    if (api.machine.checks) api.machine.ledger.take('tfm', this.id, alg.driverName);
  }
}

/** Releases what the tfm itself holds. @throws KernelBug while a request is in flight. @kernel crypto_destroy_tfm */
export function cryptoDestroyTfm(tfm: CryptoTfm): void {
  if (tfm.inFlight > 0) throw new KernelBug('transform freed while a request is in flight');
  tfm.key.release();
  tfm.scratch.release();
  if (tfm.api.machine.checks) tfm.api.machine.ledger.drop('tfm', tfm.id);
}

/**
 * A new tfm with the context that its driver has made, or what the driver failed with: nothing is left then.
 * @kernel none, crypto_create_tfm
 */
export function cryptoInitTfm<C, T extends CryptoTfm & { ctx: C }>(
  tfm: T,
  ctx: C | Errno,
): T | Errno {
  if (typeof ctx === 'number') {
    cryptoDestroyTfm(tfm);
    return ctx;
  }
  tfm.ctx = ctx;
  return tfm;
}

/**
 * What must hold before setkey runs, and the aligned copy of a misaligned key.
 * @returns 0, or -ENOMEM when there is no memory for the copy.
 * @throws KernelBug while a request is in flight.
 * @kernel none: the common part of skcipher_setkey_unaligned, setkey_unaligned, ahash_setkey_unaligned
 */
export function cryptoSetkeyBegin(tfm: CryptoTfm, key: Uint8Array): Errno {
  if (tfm.inFlight > 0) throw new KernelBug('setkey while a request is in flight');
  tfm.key.keep(key, tfm.alg.driverName);
  if ((key.byteOffset & tfm.alg.alignmask) === 0) return 0;
  const { machine } = tfm.api;
  const { alignmask } = tfm.alg;
  const buffer = machine.slab.kmalloc(key.length + alignmask, 'setkey');
  if (buffer === null) return -ENOMEM;
  writeKernel(machine, virtAddr(buffer + (-buffer & alignmask)), key);
  machine.slab.kfreeSensitive(buffer);
  return 0;
}

/**
 * Hands the request flags of a parent to a child: what may a key be, may setkey sleep.
 * @kernel none: crypto_*_clear_flags and crypto_*_set_flags with CRYPTO_TFM_REQ_MASK
 */
export function copyReqFlags(
  child: Pick<CryptoTfm, 'flags'>,
  parent: Pick<CryptoTfm, 'flags'>,
): void {
  child.flags = (child.flags & ~CRYPTO_TFM_REQ_MASK) | (parent.flags & CRYPTO_TFM_REQ_MASK);
}

/**
 * What is in flight belongs to the driver.
 * @throws KernelBug when a request is changed before its completion. @kernel none: a list corruption
 */
export function cryptoRequestIdle(req: CryptoAsyncRequest): void {
  if (req.life !== REQ_IDLE) throw new KernelBug('request changed while it is in flight');
}

/**
 * Whether an operation must hold the RCU read lock from lowering to its end.
 * @returns 1 or 0; -EINVAL when the operation would outlive or sleep in the read section.
 * @kernel none
 */
export function rcuNeeded(
  tfm: CryptoTfm,
  req: CryptoAsyncRequest,
  a: IovIter,
  b: IovIter,
): 0 | 1 | Errno {
  if (!iovIterNeedsRcu(a) && !iovIterNeedsRcu(b)) return 0;
  const sleeps = (req.flags & CRYPTO_TFM_REQ_MAY_SLEEP) !== 0;
  return sleeps || (tfm.alg.flags & CRYPTO_ALG_ASYNC) !== 0 ? -EINVAL : 1;
}
