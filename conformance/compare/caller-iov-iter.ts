/**
 * The same user on the converted API: iterators over what it has, and a request.
 * @module
 */
import {
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  aeadRequestSetTag,
  type CryptoAead,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
} from '../../converted/aead.ts';
import {
  ahashRequestAlloc,
  ahashRequestFree,
  ahashRequestSetCallback,
  ahashRequestSetCrypt,
  type CryptoAhash,
  cryptoAhashDigest,
} from '../../converted/ahash.ts';
import { iovIterAdvance } from '../../converted/iter/position.ts';
import {
  type CryptoSkcipher,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from '../../converted/skcipher.ts';
import { ENOMEM, type Errno } from '../../src/errno.ts';
import type { AeadWork, CipherWork, HashWork } from './work.ts';

export function aeadIovIter(tfm: CryptoAead, work: AeadWork): Errno {
  const [src, dst, tag] = [work.from(), work.to(), work.enc ? work.to() : work.from()];
  const req = aeadRequestAlloc(tfm);
  if (req === null) return -ENOMEM;
  aeadRequestSetCallback(req, 0, work.complete, work);
  aeadRequestSetAd(req, work.from(), work.adLen);
  iovIterAdvance(src, work.adLen);
  iovIterAdvance(dst, work.adLen);
  iovIterAdvance(tag, work.adLen + work.len);
  aeadRequestSetCrypt(req, src, dst, work.len, work.iv);
  aeadRequestSetTag(req, tag);
  const err = work.enc ? cryptoAeadEncrypt(req) : cryptoAeadDecrypt(req);
  aeadRequestFree(req);
  return err;
}

export function cipherIovIter(tfm: CryptoSkcipher, work: CipherWork): Errno {
  const req = skcipherRequestAlloc(tfm);
  if (req === null) return -ENOMEM;
  skcipherRequestSetCallback(req, 0, work.complete, work);
  skcipherRequestSetCrypt(req, work.from(), work.to(), work.len, work.iv);
  const err = work.enc ? cryptoSkcipherEncrypt(req) : cryptoSkcipherDecrypt(req);
  skcipherRequestFree(req);
  return err;
}

export function hashIovIter(tfm: CryptoAhash, work: HashWork): Errno {
  const req = ahashRequestAlloc(tfm);
  if (req === null) return -ENOMEM;
  ahashRequestSetCallback(req, 0, work.complete, work);
  ahashRequestSetCrypt(req, work.from(), work.result, work.len);
  const err = cryptoAhashDigest(req);
  ahashRequestFree(req);
  return err;
}
