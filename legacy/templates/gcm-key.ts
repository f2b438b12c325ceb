/**
 * The hash key of GCM: a block of zeros encrypted by the CTR child, asynchronous or not.
 * C: crypto/gcm.c crypto_gcm_setkey (6.1)
 * @module
 */
import {
  CRYPTO_TFM_REQ_MAY_BACKLOG,
  CRYPTO_TFM_REQ_MAY_SLEEP,
} from '../../src/crypto/algorithm.ts';
import { EBUSY, EINPROGRESS, ENOMEM, type Errno } from '../../src/errno.ts';
import { linearToPhys } from '../../src/machine/address.ts';
import { sgAlloc, sgInitOne } from '../lists/scatterlist.ts';
import {
  type CryptoSkcipher,
  cryptoSkcipherEncrypt,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from '../skcipher.ts';

const BLOCK = 16;

/** Encrypts the zero block and waits, so that it may sleep. @returns the key or a negative errno. @kernel none: part of crypto_gcm_setkey */
export function hashKeyOf(ctr: CryptoSkcipher): Uint8Array | Errno {
  const { machine } = ctr.api;
  const data = machine.slab.kmalloc(BLOCK, 'gcm setkey');
  if (data === null) return -ENOMEM;
  machine.fill(linearToPhys(data), BLOCK, 0);
  const req = skcipherRequestAlloc(ctr);
  if (req === null) {
    machine.slab.kfreeSensitive(data);
    return -ENOMEM;
  }
  const sg = sgAlloc(1);
  sgInitOne(machine, sg[0], data, BLOCK);
  const wait = { err: -EINPROGRESS };
  skcipherRequestSetCallback(
    req,
    CRYPTO_TFM_REQ_MAY_SLEEP | CRYPTO_TFM_REQ_MAY_BACKLOG,
    (_, result) => {
      wait.err = result;
    },
    null,
  );
  skcipherRequestSetCrypt(req, sg[0], sg[0], BLOCK, new Uint8Array(BLOCK));
  let err = cryptoSkcipherEncrypt(req);
  if (err === -EINPROGRESS || err === -EBUSY) {
    // crypto_wait_req: setkey sleeps until the child is done.
    while (wait.err === -EINPROGRESS && machine.scheduler.runOne());
    err = wait.err;
  }
  const h = err === 0 ? machine.load(linearToPhys(data), BLOCK).slice() : err;
  skcipherRequestFree(req);
  machine.slab.kfreeSensitive(data);
  return h;
}
