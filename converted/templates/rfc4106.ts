/**
 * rfc4106(gcm) and rfc4309(ccm): the IPsec forms, with a nonce at the end of the key. The last 8 bytes
 * of the associated data stand for the IV and are left out of it; they are not compared with the IV of
 * the request, which is the one that is used.
 *
 * What the conversion removed: the copy of the associated data to linear memory, and the two private
 * tables behind it. It is a slice.
 * C: crypto/gcm.c crypto_rfc4106_*, crypto/ccm.c crypto_rfc4309_* (6.1)
 * @module
 */

import { cryptoIpsecCheckAssoclen, cryptoRfc4106CheckAuthsize } from '../../src/crypto/gcm.ts';
import { instanceNames, likeAead } from '../../src/crypto/instance.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { callAead, childSetauthsize, childSetkey } from '../child.ts';
import { slice } from '../parts.ts';
import { stepContext } from '../steps.ts';
import { type AeadTemplateOp, aeadTemplate, type CryptoTemplate } from '../template.ts';

const CHILD = 0;
const IV_SIZE = 8;
/** First byte of the IV of CCM: a length field of 4 bytes. */
const CCM_LENGTH = 3;

/** What tells the two forms apart: IV of the child, bytes of the nonce. */
interface Form {
  readonly name: string;
  readonly ivsize: number;
  readonly nonce: number;
  readonly encrypt: (op: AeadTemplateOp) => Errno;
}

/** @kernel crypto_rfc4106_tmpl */
export const rfc4106: CryptoTemplate = form({
  name: 'rfc4106',
  ivsize: 12,
  nonce: 4,
  encrypt: gcmForm,
});
/** @kernel crypto_rfc4309_tmpl */
export const rfc4309: CryptoTemplate = form({
  name: 'rfc4309',
  ivsize: 16,
  nonce: 3,
  encrypt: ccmForm,
});

function form({ name, ivsize, nonce, encrypt }: Form): CryptoTemplate {
  return aeadTemplate({
    names: [{ name, params: 1 }],
    children: [{ kind: 'aead', ivsize, blocksize: 1 }],
    instance: ([child]) => ({
      ...instanceNames(name, [child]),
      ...likeAead(child),
      ivsize: IV_SIZE,
    }),
    setkey: (tfm, key) => {
      const keylen = key.length - nonce;
      if (keylen < 0) return -EINVAL;
      tfm.ctx.salt = key.slice(keylen);
      return childSetkey(tfm, CHILD, key.slice(0, keylen));
    },
    setauthsize: (tfm, authsize) =>
      cryptoRfc4106CheckAuthsize(authsize) || childSetauthsize(tfm, CHILD, authsize),
    encrypt: [assoclenCheck, encrypt],
    decrypt: [assoclenCheck, encrypt],
  });
}

function assoclenCheck({ ad }: AeadTemplateOp): Errno {
  return cryptoIpsecCheckAssoclen(ad.size);
}

/** Nonce, IV. */
function gcmForm(op: AeadTemplateOp): Errno {
  return inner(op, 0);
}

/** Length of the length field, nonce, IV, counter. */
function ccmForm(op: AeadTemplateOp): Errno {
  stepContext(op).iv.fill(0).set([CCM_LENGTH]);
  return inner(op, 1);
}

function inner(op: AeadTemplateOp, nonceAt: number): Errno {
  const { iv } = stepContext(op);
  const { salt } = op.tfm.ctx;
  iv.set(salt, nonceAt);
  iv.set(ivBytes(op, IV_SIZE), nonceAt + salt.length);
  const ad = slice(op, op.ad, 0, op.ad.size - IV_SIZE);
  return callAead(op, CHILD, ad, op.src, op.dst, op.len, iv);
}
