/**
 * rfc4543(gcm): GMAC in the IPsec form. The text is associated data too, and is not encrypted.
 *
 * What the conversion removed: the associated data is not copied to the destination, and the text only
 * because the caller wants it there. The tag is over two lists, one behind the other.
 * C: crypto/gcm.c crypto_rfc4543_* (6.1)
 * @module
 */

import { GCM_IV_SIZE } from '../../src/crypto/catalogue.ts';
import { cryptoIpsecCheckAssoclen } from '../../src/crypto/gcm.ts';
import { instanceNames, likeAead } from '../../src/crypto/instance.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { callAead, childSetauthsize, childSetkey } from '../child.ts';
import { bvecWalkDone, bvecWalkNext, bvecWalkStart } from '../lower/walk.ts';
import { NO_LIST } from '../op.ts';
import { parts } from '../parts.ts';
import { stepContext } from '../steps.ts';
import { type AeadTemplateOp, aeadTemplate, type CryptoTemplate } from '../template.ts';

const GCM = 0;
const IV_SIZE = 8;
const NONCE_SIZE = 4;
const TAG_SIZE = 16;

/** @kernel crypto_rfc4543_tmpl */
export const rfc4543: CryptoTemplate = aeadTemplate({
  names: [{ name: 'rfc4543', params: 1 }],
  children: [{ kind: 'aead', ivsize: GCM_IV_SIZE, blocksize: 1 }],
  instance: ([gcm], template) => ({
    ...instanceNames(template, [gcm]),
    ...likeAead(gcm),
    ivsize: IV_SIZE,
  }),
  setkey: (tfm, key) => {
    const keylen = key.length - NONCE_SIZE;
    if (keylen < 0) return -EINVAL;
    tfm.ctx.salt = key.slice(keylen);
    return childSetkey(tfm, GCM, key.slice(0, keylen));
  },
  setauthsize: (tfm, authsize) =>
    authsize === TAG_SIZE ? childSetauthsize(tfm, GCM, authsize) : -EINVAL,
  encrypt: [copyText, mac],
  decrypt: [copyText, mac],
});

function copyText({ ad, src, dst, len, walk }: AeadTemplateOp): Errno {
  const err = cryptoIpsecCheckAssoclen(ad.size) || bvecWalkStart(walk, src, dst, len);
  if (err !== 0) return err;
  while (bvecWalkNext(walk, 1)) {
    if (walk.srcAt !== walk.dstAt) walk.mem.copy(walk.dstAt, walk.srcAt, walk.nbytes);
    bvecWalkDone(walk);
  }
  return 0;
}

function mac(op: AeadTemplateOp): Errno {
  const { iv } = stepContext(op);
  iv.set(op.tfm.ctx.salt);
  iv.set(ivBytes(op, IV_SIZE), NONCE_SIZE);
  return callAead(op, GCM, parts(op, op.ad, op.src), NO_LIST, NO_LIST, 0, iv);
}
