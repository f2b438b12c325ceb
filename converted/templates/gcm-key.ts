/**
 * The hash key of GCM: a block of zeros encrypted by the CTR child, asynchronous or not.
 * C: crypto/gcm.c crypto_gcm_setkey (6.1)
 * @module
 */
import { BvecList, bvecAppend } from '../../src/bvec.ts';
import {
  CRYPTO_TFM_REQ_MAY_BACKLOG,
  CRYPTO_TFM_REQ_MAY_SLEEP,
} from '../../src/crypto/algorithm.ts';
import { EINPROGRESS, ENOMEM, type Errno } from '../../src/errno.ts';
import { linearToPhys } from '../../src/machine/address.ts';
import { childSkcipher } from '../child.ts';
import { isPending, opMemoryAlloc, opMemoryFree, opStart } from '../op.ts';
import { SkcipherOp, skcipherRun } from '../skcipher.ts';
import type { CryptoTfm } from '../tfm.ts';

const BLOCK = 16;

/** Encrypts the zero block and waits, so that it may sleep. @returns the key or a negative errno. @kernel none: part of crypto_gcm_setkey */
export function hashKeyOf(tfm: CryptoTfm, index: number): Uint8Array | Errno {
  const { machine } = tfm.api;
  const ctr = childSkcipher(tfm, index);
  const data = machine.slab.kmalloc(BLOCK, 'gcm setkey');
  if (data === null) return -ENOMEM;
  const memory = opMemoryAlloc(ctr);
  if (memory === null) {
    machine.slab.kfree(data);
    return -ENOMEM;
  }
  const at = linearToPhys(data);
  machine.fill(at, BLOCK, 0);
  const list = new BvecList(1);
  bvecAppend(list, at, BLOCK, 0);
  const op = new SkcipherOp(ctr, memory.at);
  const wait = { err: -EINPROGRESS };
  op.flags = CRYPTO_TFM_REQ_MAY_SLEEP | CRYPTO_TFM_REQ_MAY_BACKLOG;
  op.complete = (_, err) => {
    wait.err = err;
  };
  op.src = list;
  op.dst = list;
  op.len = BLOCK;
  op.iv = new Uint8Array(BLOCK);
  let err = opStart(op) || skcipherRun(op);
  if (isPending(err, op.flags)) {
    // crypto_wait_req: setkey sleeps until the child is done.
    while (wait.err === -EINPROGRESS && machine.scheduler.runOne());
    err = wait.err;
  }
  const h = err === 0 ? machine.load(at, BLOCK).slice() : err;
  opMemoryFree(ctr, memory);
  machine.slab.kfree(data);
  return h;
}
