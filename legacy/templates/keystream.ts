/**
 * Keys that a template derives from a child cipher: zeros, encrypted, asynchronous or not.
 * C: crypto/gcm.c crypto_gcm_setkey, crypto/adiantum.c adiantum_setkey (6.1)
 * @module
 */

import {
  CRYPTO_TFM_REQ_MAY_BACKLOG,
  CRYPTO_TFM_REQ_MAY_SLEEP,
} from '../../src/crypto/algorithm.ts';
import { CryptoWait, cryptoReqDone, cryptoWaitReq } from '../../src/crypto/wait.ts';
import { ENOMEM, type Errno } from '../../src/errno.ts';
import { linearToPhys } from '../../src/machine/address.ts';
import { childSkcipher } from '../child.ts';
import { sgAlloc, sgInitOne } from '../lists/scatterlist.ts';
import {
  cryptoSkcipherEncrypt,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from '../skcipher.ts';
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
  const data = machine.slab.kmalloc(len, 'template setkey');
  if (data === null) return -ENOMEM;
  const req = skcipherRequestAlloc(childSkcipher(tfm, index));
  if (req === null) {
    machine.slab.kfreeSensitive(data);
    return -ENOMEM;
  }
  const at = linearToPhys(data);
  machine.fill(at, len, 0);
  const [sg] = sgAlloc(1);
  sgInitOne(machine, sg, data, len);
  const wait = new CryptoWait();
  const flags = CRYPTO_TFM_REQ_MAY_SLEEP | CRYPTO_TFM_REQ_MAY_BACKLOG;
  skcipherRequestSetCallback(req, flags, cryptoReqDone, wait);
  skcipherRequestSetCrypt(req, sg, sg, len, iv);
  const err = cryptoWaitReq(machine, cryptoSkcipherEncrypt(req), wait);
  const bytes = err === 0 ? machine.load(at, len).slice() : err;
  skcipherRequestFree(req);
  machine.slab.kfreeSensitive(data);
  return bytes;
}
