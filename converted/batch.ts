/**
 * Several operations of one transform in one submission. Each has its own result, and its own completion
 * where the driver is asynchronous; they are what they would be one after the other. What a batch saves is
 * calls: a driver that can (`CryptoSkcipher.batch`) makes the key stream of all of them in one.
 * @module
 */
import { KernelBug } from '../src/assert.ts';
import type { Errno } from '../src/errno.ts';
import { type AeadOp, type AeadRequest, aeadPrepare, aeadSettle, aeadSubmit } from './aead.ts';
import { OP_ALONE, OP_WAITING, opAnswered, opSubmitted } from './op.ts';
import {
  type SkcipherOp,
  type SkcipherRequest,
  skcipherPrepare,
  skcipherSubmit,
} from './skcipher.ts';

/** Operations that wait for the driver, used again by every batch; nothing runs between two of them. */
const skcipherOps: SkcipherOp[] = [];
const aeadOps: AeadOp[] = [];
/** Number of the running batch. */
let serial = 0;

/**
 * Encrypts the first `n` requests, all of one transform, each with memory of its own or in an order that
 * makes sense one by one. `op.answer` of each says what `cryptoSkcipherEncrypt` would have returned.
 * @returns the first answer that is not 0, or 0.
 * @throws KernelBug for a request of another transform, or one that comes twice.
 * @kernel none: request chaining, as acomp and ahash have it
 */
export function cryptoSkcipherEncryptBatch(reqs: readonly SkcipherRequest[], n: number): Errno {
  return skciphers(reqs, n, /* enc */ true);
}

/** Decrypts; see `cryptoSkcipherEncryptBatch`. @kernel none: request chaining */
export function cryptoSkcipherDecryptBatch(reqs: readonly SkcipherRequest[], n: number): Errno {
  return skciphers(reqs, n, /* enc */ false);
}

/** Encrypts; see `cryptoSkcipherEncryptBatch`. @kernel none: request chaining */
export function cryptoAeadEncryptBatch(reqs: readonly AeadRequest[], n: number): Errno {
  return aeads(reqs, n, /* enc */ true);
}

/** Decrypts; see `cryptoSkcipherEncryptBatch`. A wrong tag is the result of its request. @kernel none: request chaining */
export function cryptoAeadDecryptBatch(reqs: readonly AeadRequest[], n: number): Errno {
  return aeads(reqs, n, /* enc */ false);
}

function skciphers(reqs: readonly SkcipherRequest[], n: number, enc: boolean): Errno {
  if (n === 0) return 0;
  const { tfm } = reqs[0].op;
  const together = tfm.batch !== null;
  serial++;
  let first = 0;
  let waiting = 0;
  for (let k = 0; k < n; k++) {
    const req = reqs[k];
    if (req.op.tfm !== tfm) throw new KernelBug('batch of several transforms');
    if (req.op.batch === serial) throw new KernelBug('request twice in a batch');
    req.op.batch = serial;
    req.op.answer = together ? skcipherPrepare(req, enc) : OP_ALONE;
    if (req.op.answer === OP_WAITING) skcipherOps[waiting++] = req.op;
    else if (req.op.answer === OP_ALONE) {
      skcipherFlush(reqs, first, k, waiting);
      first = k + 1;
      waiting = 0;
      req.op.answer = skcipherSubmit(req, enc);
    }
  }
  skcipherFlush(reqs, first, n, waiting);
  return firstError(reqs, n);
}

/** Gives what waits to the driver. */
function skcipherFlush(
  reqs: readonly SkcipherRequest[],
  from: number,
  to: number,
  waiting: number,
): void {
  if (waiting === 0) return;
  reqs[from].op.tfm.batch?.run(skcipherOps, waiting);
  for (let k = from; k < to; k++)
    reqs[k].op.answer = opAnswered(reqs[k].op, opSubmitted(reqs[k].op), reqs[k].op.answer);
}

function aeads(reqs: readonly AeadRequest[], n: number, enc: boolean): Errno {
  if (n === 0) return 0;
  const { tfm } = reqs[0].op;
  const together = tfm.batch !== null;
  serial++;
  let first = 0;
  let waiting = 0;
  for (let k = 0; k < n; k++) {
    const req = reqs[k];
    if (req.op.tfm !== tfm) throw new KernelBug('batch of several transforms');
    if (req.op.batch === serial) throw new KernelBug('request twice in a batch');
    req.op.batch = serial;
    req.op.answer = together ? aeadPrepare(req, enc) : OP_ALONE;
    if (req.op.answer === OP_WAITING) aeadOps[waiting++] = req.op;
    else if (req.op.answer === OP_ALONE) {
      aeadFlush(reqs, first, k, waiting);
      first = k + 1;
      waiting = 0;
      req.op.answer = aeadSubmit(req, enc);
    }
  }
  aeadFlush(reqs, first, n, waiting);
  return firstError(reqs, n);
}

function aeadFlush(reqs: readonly AeadRequest[], from: number, to: number, waiting: number): void {
  if (waiting === 0) return;
  reqs[from].op.tfm.batch?.run(aeadOps, waiting);
  for (let k = from; k < to; k++) {
    const { op } = reqs[k];
    op.answer = opAnswered(op, opSubmitted(op), aeadSettle(op, op.answer));
  }
}

function firstError(reqs: readonly (SkcipherRequest | AeadRequest)[], n: number): Errno {
  for (let k = 0; k < n; k++) if (reqs[k].op.answer !== 0) return reqs[k].op.answer;
  return 0;
}
