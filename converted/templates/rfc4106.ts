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
import { likeAead } from '../../src/crypto/instance.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import type { Errno } from '../../src/errno.ts';
import { callAead, nonceSetkey } from '../child.ts';
import { slice } from '../parts.ts';
import { childIv, type Step } from '../steps.ts';
import { type AeadTemplateOp, aeadTemplate, type CryptoTemplate } from '../template.ts';

const CHILD = 0;
const IV_SIZE = 8;
/** First byte of the IV of CCM: a length field of 4 bytes. */
const CCM_LENGTH = Uint8Array.of(3);

/** What tells the forms apart: IV of the child, bytes of the nonce, tags, and the lists that it is called with. */
interface Form {
  readonly name: string;
  readonly ivsize: number;
  readonly nonce: number;
  readonly checkAuthsize: (authsize: number) => Errno;
  readonly crypt: readonly Step<AeadTemplateOp>[];
}

/** @kernel crypto_rfc4106_tmpl */
export const rfc4106: CryptoTemplate = ipsecForm({
  name: 'rfc4106',
  ivsize: 12,
  nonce: 4,
  checkAuthsize: cryptoRfc4106CheckAuthsize,
  crypt: [gcmForm],
});
/** @kernel crypto_rfc4309_tmpl */
export const rfc4309: CryptoTemplate = ipsecForm({
  name: 'rfc4309',
  ivsize: 16,
  nonce: 3,
  checkAuthsize: cryptoRfc4106CheckAuthsize,
  crypt: [ccmForm],
});

/** @kernel none: what the functions of the three forms have in common */
export function ipsecForm({ name, ivsize, nonce, checkAuthsize, crypt }: Form): CryptoTemplate {
  return aeadTemplate({
    names: [{ name, params: 1 }],
    children: [{ kind: 'aead', ivsize, blocksize: 1 }],
    instance: ([child]) => ({
      ...likeAead(child),
      ivsize: IV_SIZE,
    }),
    setkey: (tfm, key) => nonceSetkey(tfm, key, nonce),
    checkAuthsize,
    encrypt: [assoclenCheck, ...crypt],
    decrypt: [assoclenCheck, ...crypt],
  });
}

function assoclenCheck({ ad }: AeadTemplateOp): Errno {
  return cryptoIpsecCheckAssoclen(ad.size);
}

/** The IV of GCM: nonce and IV. @kernel none */
export function ipsecIv(op: AeadTemplateOp): Uint8Array {
  return childIv(op, op.tfm.ctx.salt, ivBytes(op, IV_SIZE));
}

function gcmForm(op: AeadTemplateOp): Errno {
  return inner(op, ipsecIv(op));
}

/** Length of the length field, nonce, IV, counter. */
function ccmForm(op: AeadTemplateOp): Errno {
  return inner(op, childIv(op, CCM_LENGTH, op.tfm.ctx.salt, ivBytes(op, IV_SIZE)));
}

function inner(op: AeadTemplateOp, iv: Uint8Array): Errno {
  const ad = slice(op, op.ad, 0, op.ad.size - IV_SIZE);
  return callAead(op, CHILD, ad, op.src, op.dst, op.len, iv);
}
