/**
 * Keys that a template derives from a child cipher: zeros, encrypted, asynchronous or not.
 * C: crypto/gcm.c crypto_gcm_setkey, crypto/adiantum.c adiantum_setkey (6.1)
 * @module
 */

import { BvecList, bvecAppend } from '../../src/bvec.ts';
import {
  CRYPTO_TFM_REQ_MAY_BACKLOG,
  CRYPTO_TFM_REQ_MAY_SLEEP,
} from '../../src/crypto/algorithm.ts';
import { CryptoWait, cryptoReqDone, cryptoWaitReq } from '../../src/crypto/wait.ts';
import { ENOMEM, type Errno } from '../../src/errno.ts';
import { linearToPhys } from '../../src/machine/address.ts';
import { childSkcipher } from '../child.ts';
import { opMemoryAlloc, opMemoryFree, opStart } from '../op.ts';
import { SkcipherOp, skcipherRun } from '../skcipher.ts';
import type { CryptoTfm } from '../tfm.ts';

/**
 * Encrypts `len` zeros under `iv` and waits, so that it may sleep.
 * @returns the bytes or a negative errno. @kernel none: part of crypto_gcm_setkey and adiantum_setkey
 */
export function childKeystream(
  tfm: CryptoTfm,
  index: number,
  len: number,
  iv: Uint8Array,
): Uint8Array | Errno {
  const { machine } = tfm.api;
  const child = childSkcipher(tfm, index);
  const data = machine.slab.kmalloc(len, 'template setkey');
  if (data === null) return -ENOMEM;
  const memory = opMemoryAlloc(child);
  if (memory === null) {
    machine.slab.kfreeSensitive(data);
    return -ENOMEM;
  }
  const at = linearToPhys(data);
  machine.fill(at, len, 0);
  const list = new BvecList(1);
  bvecAppend(list, at, len, 0);
  const op = new SkcipherOp(child, memory.at);
  const wait = new CryptoWait();
  op.flags = CRYPTO_TFM_REQ_MAY_SLEEP | CRYPTO_TFM_REQ_MAY_BACKLOG;
  op.complete = cryptoReqDone;
  op.data = wait;
  op.src = list;
  op.dst = list;
  op.len = len;
  op.iv = iv;
  const err = cryptoWaitReq(machine, opStart(op) || skcipherRun(op), wait);
  const bytes = err === 0 ? machine.load(at, len).slice() : err;
  opMemoryFree(child, memory);
  machine.slab.kfreeSensitive(data);
  return bytes;
}
