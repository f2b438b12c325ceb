/**
 * krb5enc(hash, cipher): a MAC over associated data and plaintext, which is not encrypted itself.
 *
 * What the conversion removed: the associated data is hashed where the caller has it. The old API reads it
 * from the destination when it decrypts, where only a caller who works in place has it.
 * C: crypto/krb5enc.c (6.15)
 * @module
 */
import type { Errno } from '../../src/errno.ts';
import { ahashDigest } from '../ahash.ts';
import { callAhash } from '../child.ts';
import { parts, plainText, tagDiffers, tagWrite } from '../parts.ts';
import type { AeadTemplateOp, CryptoTemplate } from '../template.ts';
import { AUTH, authencTemplate, crypt } from './authenc.ts';

/** @kernel crypto_krb5enc_tmpl */
export const krb5enc: CryptoTemplate = authencTemplate('krb5enc', {
  encrypt: [mac, tagWrite, crypt],
  decrypt: [crypt, mac, tagDiffers],
});

function mac(op: AeadTemplateOp): Errno {
  return callAhash(op, AUTH, ahashDigest, parts(op, op.ad, plainText(op)), op.hash);
}
