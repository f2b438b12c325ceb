/**
 * What every transform has: its algorithm, its flags, and the count of its requests in flight.
 * C: include/linux/crypto.h struct crypto_tfm, crypto/api.c (6.1)
 * @module
 */
import { KernelBug } from '../src/assert.ts';
import {
  CRYPTO_TFM_REQ_MAY_BACKLOG,
  CRYPTO_TFM_REQ_MAY_SLEEP,
  type CryptoAlg,
} from '../src/crypto/algorithm.ts';
import { KeyMemory } from '../src/crypto/key-memory.ts';
import {
  type CryptoAsyncRequest,
  cryptoRequestAnswered,
  cryptoRequestComplete,
  cryptoRequestGone,
  cryptoRequestStart,
  cryptoRequestSubmitted,
  REQ_IDLE,
} from '../src/crypto/queue.ts';
import { EBUSY, EINPROGRESS, ENOMEM, type Errno } from '../src/errno.ts';
import { writeKernel } from '../src/machine/access.ts';
import { type VirtAddr, virtAddr } from '../src/units.ts';
import type { CryptoApi } from './crypto-api.ts';

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
  /** Requests accepted and not yet completed. */
  inFlight = 0;
  /** What it keeps of its key, in the machine. */
  readonly key: KeyMemory;
  freed = false;
  /** Key of this transform in the ledger. */
  readonly id: number;

  constructor(api: CryptoApi, alg: A, ctx: C) {
    this.api = api;
    this.alg = alg;
    this.ctx = ctx;
    this.key = new KeyMemory(api.machine);
    this.id = ++api.tfms;
    if (api.machine.checks) api.machine.ledger.take('tfm', this.id, alg.driverName);
  }
}

/** Releases what the constructor took. @throws KernelBug while a request is in flight. @kernel crypto_destroy_tfm */
export function cryptoDestroyTfm(tfm: CryptoTfm): void {
  if (tfm.inFlight > 0) throw new KernelBug('transform freed while a request is in flight');
  tfm.key.release();
  if (tfm.api.machine.checks) tfm.api.machine.ledger.drop('tfm', tfm.id);
  tfm.freed = true;
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
  mustLive(tfm);
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
 * Gives the memory of a request back: whoever touches the request later traps, on a machine with checks.
 * @throws KernelBug while the request is in flight. @kernel none: kfree_sensitive of each request_free
 */
export function cryptoRequestFree(
  { api }: CryptoTfm,
  req: CryptoAsyncRequest,
  memory: VirtAddr,
): void {
  if (req.life !== REQ_IDLE) throw new KernelBug('request freed while it is in flight');
  api.machine.slab.kfreeSensitive(memory);
  if (api.machine.checks) cryptoRequestGone(req);
}

/** Checks a request before its driver sees it. @kernel none: the contract of every submission */
export function cryptoSubmitBegin(tfm: CryptoTfm, req: CryptoAsyncRequest): void {
  mustLive(tfm);
  cryptoRequestStart(req);
  tfm.key.read();
  if ((req.flags & CRYPTO_TFM_REQ_MAY_SLEEP) !== 0) {
    tfm.api.machine.context.mightSleep(tfm.alg.driverName);
  }
}

/**
 * True for the answer of a driver that will complete the request. -EBUSY without MAY_BACKLOG is a
 * refusal: no callback will come. @kernel none: the return protocol of every operation
 */
export function isPending(answer: Errno, flags: number): boolean {
  const backlogged = answer === -EBUSY && (flags & CRYPTO_TFM_REQ_MAY_BACKLOG) !== 0;
  return answer === -EINPROGRESS || backlogged;
}

/**
 * Gives the request to its driver. @returns the number of the submission, for `cryptoSubmitEnd`.
 * @kernel none: the harness's own account
 */
export function cryptoSubmitted(tfm: CryptoTfm, req: CryptoAsyncRequest): number {
  tfm.inFlight++;
  return cryptoRequestSubmitted(req);
}

/**
 * Takes the answer of the driver: what it accepted is in flight, or over and perhaps freed already.
 * @returns `err`. @kernel none: the harness's own account
 */
export function cryptoSubmitEnd(
  tfm: CryptoTfm,
  req: CryptoAsyncRequest,
  round: number,
  err: Errno,
): Errno {
  if (cryptoRequestAnswered(req, round, err)) tfm.inFlight--;
  return err;
}

/**
 * Completes a request that was accepted.
 * @kernel none: skcipher_request_complete, aead_request_complete, ahash_request_complete
 */
export function cryptoTfmRequestComplete(
  tfm: CryptoTfm,
  req: CryptoAsyncRequest,
  err: Errno,
): void {
  if (err !== -EINPROGRESS) tfm.inFlight--;
  cryptoRequestComplete(req, err);
}

function mustLive(tfm: CryptoTfm): void {
  if (tfm.freed) throw new KernelBug('use of a freed transform');
}
