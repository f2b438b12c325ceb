/**
 * krb5enc(hash, cipher): a MAC over associated data and plaintext, which is not encrypted itself. A
 * decryption reads the associated data from the destination, where only a caller who works in place, or
 * who put it there, has it.
 * C: crypto/krb5enc.c (6.15)
 *
 * Not modelled: there, an asynchronous cipher completes the request of a decryption before its MAC is
 * looked at. Here every decryption is verified.
 * @module
 */
import type { Errno } from '../../src/errno.ts';
import { tagDiffers, tagWrite } from '../parts.ts';
import { KEEP_ALL_BUT_SLEEP, stepContext } from '../steps.ts';
import type { AeadTemplateReq, CryptoTemplate } from '../template.ts';
import { AuthencRequestCtx, authencTemplate, cryptText, digest } from './authenc.ts';

/** @kernel crypto_krb5enc_tmpl */
export const krb5enc: CryptoTemplate = authencTemplate('krb5enc', {
  keeps: KEEP_ALL_BUT_SLEEP,
  encrypt: [hashSrc, insertChecksum, cryptText],
  decrypt: [cryptText, hashDst, verifyHash],
});

/** Associated data and plaintext. @kernel krb5enc_dispatch_encrypt_hash */
function hashSrc(req: AeadTemplateReq): Errno {
  return digest(req, req.src, req.assoclen + req.cryptlen);
}

/** @kernel krb5enc_insert_checksum */
function insertChecksum(req: AeadTemplateReq): Errno {
  const { hash } = stepContext(req, AuthencRequestCtx);
  return tagWrite(req, hash, req.assoclen + req.cryptlen);
}

/** @kernel krb5enc_dispatch_decrypt_hash */
function hashDst(req: AeadTemplateReq): Errno {
  return digest(req, req.dst, req.assoclen + req.cryptlen - req.tfm.authsize);
}

/** @kernel krb5enc_verify_hash */
function verifyHash(req: AeadTemplateReq): Errno {
  const { hash } = stepContext(req, AuthencRequestCtx);
  return tagDiffers(req, hash, req.assoclen + req.cryptlen - req.tfm.authsize);
}
