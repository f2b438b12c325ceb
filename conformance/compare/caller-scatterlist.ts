/**
 * A user of the crypto API as it is: builds scatterlists out of what it has, in front of every request.
 * @module
 */
import {
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  type CryptoAead,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
} from '../../legacy/aead.ts';
import {
  ahashRequestAlloc,
  ahashRequestFree,
  ahashRequestSetCallback,
  ahashRequestSetCrypt,
  type CryptoAhash,
  cryptoAhashDigest,
} from '../../legacy/ahash.ts';
import {
  type Scatterlist,
  sgAlloc,
  sgInitTable,
  sgSetPage,
} from '../../legacy/lists/scatterlist.ts';
import {
  type CryptoSkcipher,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from '../../legacy/skcipher.ts';
import { ENOMEM, type Errno } from '../../src/errno.ts';
import { physToPfn } from '../../src/machine/phys-mem.ts';
import { offsetInPage } from '../../src/units.ts';
import type { Placed } from '../case/placed.ts';
import type { AeadWork, CipherWork, HashWork } from './work.ts';

/** An entry for each physically contiguous piece: memory of vmalloc is an entry for each page. */
export function sgListOf(pieces: readonly Placed[]): Scatterlist[] {
  const runs = pieces.flatMap((piece) => piece.runs);
  const table = sgAlloc(runs.length);
  sgInitTable(table, runs.length);
  for (const [i, { phys, len }] of runs.entries()) {
    sgSetPage(table[i], physToPfn(phys), len, offsetInPage(phys));
  }
  return table;
}

/** Associated data, text and tag are one list: who has them apart builds one list of all. */
export function aeadScatterlist(tfm: CryptoAead, work: AeadWork): Errno {
  const src = sgListOf(work.src);
  const dst = work.dst === work.src ? src : sgListOf(work.dst);
  const req = aeadRequestAlloc(tfm);
  if (req === null) return -ENOMEM;
  aeadRequestSetCallback(req, 0, work.complete, work);
  aeadRequestSetCrypt(req, src[0], dst[0], work.len + (work.enc ? 0 : work.tagLen), work.iv);
  aeadRequestSetAd(req, work.adLen);
  const err = work.enc ? cryptoAeadEncrypt(req) : cryptoAeadDecrypt(req);
  aeadRequestFree(req);
  return err;
}

export function cipherScatterlist(tfm: CryptoSkcipher, work: CipherWork): Errno {
  const src = sgListOf(work.src);
  const dst = work.dst === work.src ? src : sgListOf(work.dst);
  const req = skcipherRequestAlloc(tfm);
  if (req === null) return -ENOMEM;
  skcipherRequestSetCallback(req, 0, work.complete, work);
  skcipherRequestSetCrypt(req, src[0], dst[0], work.len, work.iv);
  const err = work.enc ? cryptoSkcipherEncrypt(req) : cryptoSkcipherDecrypt(req);
  skcipherRequestFree(req);
  return err;
}

export function hashScatterlist(tfm: CryptoAhash, work: HashWork): Errno {
  const src = sgListOf(work.src);
  const req = ahashRequestAlloc(tfm);
  if (req === null) return -ENOMEM;
  ahashRequestSetCallback(req, 0, work.complete, work);
  ahashRequestSetCrypt(req, src[0], work.result, work.len);
  const err = cryptoAhashDigest(req);
  ahashRequestFree(req);
  return err;
}
