/**
 * gcm(cipher) and gcm_base(ctr, ghash).
 *
 * The tag block and the text are one CTR message; associated data, ciphertext and lengths are one GHASH
 * message, each part read where it lies. What the conversion removed: the two private tables that glue
 * the tag block in front of the text, six calls of the hash, skipping the associated data, finding the
 * place of the tag in the caller's list.
 * C: crypto/gcm.c (6.1)
 * @module
 */

import { GCM_IV_SIZE } from '../../src/crypto/catalogue.ts';
import { cryptoGcmCheckAuthsize, gcmLengths } from '../../src/crypto/gcm.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import type { Errno } from '../../src/errno.ts';
import type { CryptoAead } from '../aead.ts';
import { ahashDigest } from '../ahash.ts';
import { callAhash, childSetkey, type TemplateCtx } from '../child.ts';
import { COUNTER_TAG, cryptBehindTag, tagEncrypt } from '../counter-tag.ts';
import { cipherText, own, ownWrite, padded, parts, tagDiffers, tagWrite } from '../parts.ts';
import { childIv } from '../steps.ts';
import { type AeadTemplateOp, aeadTemplate, type CryptoTemplate } from '../template.ts';
import { childKeystream } from './keystream.ts';

const CTR = 0;
const GHASH = 1;
const BLOCK = 16;
/** Own bytes of an operation, behind the counter block: the lengths. */
const LENGTHS = COUNTER_TAG;
const FIRST_COUNTER = Uint8Array.of(0, 0, 0, 1);

/** @kernel crypto_gcm_tmpl, crypto_gcm_base_tmpl */
export const gcm: CryptoTemplate = aeadTemplate({
  names: [
    { name: 'gcm', params: 1, children: ([cipher]) => [`ctr(${cipher})`, 'ghash'] },
    { name: 'gcm_base', params: 2 },
  ],
  children: [
    { kind: 'skcipher', name: 'ctr(', ivsize: BLOCK, blocksize: 1 },
    { kind: 'ahash', name: 'ghash', digestsize: BLOCK },
  ],
  instance: ([ctr, ghash]) => ({
    name: `gcm(${ctr.name.slice(4)}`,
    driverName: `gcm_base(${ctr.driverName},${ghash.driverName})`,
    priority: Math.floor((ghash.priority + ctr.priority) / 2),
    blocksize: 1,
    ivsize: GCM_IV_SIZE,
    maxauthsize: BLOCK,
    chunksize: ctr.chunksize,
  }),
  own: LENGTHS + BLOCK,
  setkey,
  checkAuthsize: cryptoGcmCheckAuthsize,
  encrypt: [crypt, hash, tagEncrypt, tagWrite],
  decrypt: [hash, crypt, tagEncrypt, tagDiffers],
});

/** The hash key is a block of zeros, encrypted. @kernel crypto_gcm_setkey */
function setkey(tfm: CryptoAead<TemplateCtx>, key: Uint8Array): Errno {
  const err = childSetkey(tfm, CTR, key);
  if (err !== 0) return err;
  const h = childKeystream(tfm, CTR, BLOCK, new Uint8Array(BLOCK));
  return typeof h === 'number' ? h : childSetkey(tfm, GHASH, h);
}

function crypt(op: AeadTemplateOp): Errno {
  return cryptBehindTag(op, CTR, childIv(op, ivBytes(op, GCM_IV_SIZE), FIRST_COUNTER));
}

function hash(op: AeadTemplateOp): Errno {
  ownWrite(op, LENGTHS, gcmLengths(op.ad.size, op.len));
  const ad = padded(op, op.ad, BLOCK);
  const text = padded(op, cipherText(op), BLOCK);
  return callAhash(op, GHASH, ahashDigest, parts(op, ad, text, own(op, LENGTHS, BLOCK)), op.hash);
}
