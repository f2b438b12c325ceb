/**
 * authencesn(hash, cipher): authenc with extended sequence numbers. The high half of the sequence
 * number, bytes 4 to 8 of the associated data, is hashed behind the ciphertext; for that, bytes are
 * moved inside the caller's destination list.
 * C: crypto/authencesn.c (6.1, with the two corrections of 2026)
 * @module
 */
import { EBADMSG, EINVAL, type Errno } from '../../src/errno.ts';
import { cryptoMemneq, tagWrite } from '../parts.ts';
import { stepContext } from '../steps.ts';
import type { AeadTemplateReq, CryptoTemplate } from '../template.ts';
import { memcpySglist, scatterwalkFfwd, scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';
import { AuthencRequestCtx, authencTemplate, copyAssoc, cryptText, digest } from './authenc.ts';

/** SPI and the high half of the sequence number. */
const HEAD = 8;

/** @kernel crypto_authenc_esn_tmpl */
export const authencesn: CryptoTemplate = authencTemplate('authencesn', {
  // The tag's place holds 4 bytes of the sequence number for a while.
  setauthsize: (_tfm, authsize) => (authsize > 0 && authsize < 4 ? -EINVAL : 0),
  encrypt: [check, copyAssoc, cryptText, hashInPlace, moveBack, writeTag],
  decrypt: [check, takeTag, hashForDecrypt, restoreAd, verify, cryptText],
  swallows: (step, enc) => step === (enc ? cryptText : hashForDecrypt),
});

function check(req: AeadTemplateReq): Errno {
  return req.assoclen < HEAD ? -EINVAL : 0;
}

/** Where the ciphertext ends. */
function endOf(req: AeadTemplateReq): number {
  const { enc } = stepContext(req, AuthencRequestCtx);
  return req.assoclen + req.cryptlen - (enc ? 0 : req.tfm.authsize);
}

/** Moves the high half to the end and hashes from byte 4 on. @kernel crypto_authenc_esn_genicv */
function hashInPlace(req: AeadTemplateReq): Errno {
  const { machine } = req.tfm.api;
  const { dst } = stepContext(req, AuthencRequestCtx);
  const end = endOf(req);
  const head = new Uint8Array(HEAD);
  scatterwalkMapAndCopy(machine, head, req.dst, 0, HEAD, 0);
  scatterwalkMapAndCopy(machine, head, req.dst, 4, 4, 1);
  scatterwalkMapAndCopy(machine, head.subarray(4), req.dst, end, 4, 1);
  return digest(req, scatterwalkFfwd(dst[0], req.dst, 4), end);
}

/** Puts the head back; what stood at the end is lost. @kernel crypto_authenc_esn_genicv_tail */
function moveBack(req: AeadTemplateReq): Errno {
  const { machine } = req.tfm.api;
  const head = new Uint8Array(HEAD);
  scatterwalkMapAndCopy(machine, head, req.dst, 4, 4, 0);
  scatterwalkMapAndCopy(machine, head.subarray(4), req.dst, endOf(req), 4, 0);
  scatterwalkMapAndCopy(machine, head, req.dst, 0, HEAD, 1);
  return 0;
}

function writeTag(req: AeadTemplateReq): Errno {
  return tagWrite(req, stepContext(req, AuthencRequestCtx).hash, endOf(req));
}

/** @kernel crypto_authenc_esn_decrypt */
function takeTag(req: AeadTemplateReq): Errno {
  const { api, authsize } = req.tfm;
  const { ihash } = stepContext(req, AuthencRequestCtx);
  scatterwalkMapAndCopy(api.machine, ihash, req.src, endOf(req), authsize, 0);
  return 0;
}

function hashForDecrypt(req: AeadTemplateReq): Errno {
  return req.src === req.dst ? hashInPlace(req) : hashAssembled(req);
}

/**
 * Two lists: the whole input of the hash is written to dst, which has room for no more than it.
 * The head is written before the text is copied, so two lists over one memory lose the end of the
 * ciphertext: a valid message is -EBADMSG, in every kernel from 6.1.170 to 7.3.4.
 */
function hashAssembled(req: AeadTemplateReq): Errno {
  const { machine } = req.tfm.api;
  const rctx = stepContext(req, AuthencRequestCtx);
  const end = endOf(req);
  const head = new Uint8Array(HEAD);
  const src = scatterwalkFfwd(rctx.src[0], req.src, HEAD);
  const dst = scatterwalkFfwd(rctx.dst[0], req.dst, 4);
  scatterwalkMapAndCopy(machine, head, req.src, 0, HEAD, 0);
  scatterwalkMapAndCopy(machine, head, req.dst, 0, 4, 1);
  scatterwalkMapAndCopy(machine, head.subarray(4), req.dst, end - 4, 4, 1);
  memcpySglist(machine, dst, src, end - HEAD);
  return digest(req, req.dst, end);
}

function restoreAd(req: AeadTemplateReq): Errno {
  if (req.src === req.dst) return moveBack(req);
  memcpySglist(req.tfm.api.machine, req.dst, req.src, req.assoclen);
  return 0;
}

/** @kernel crypto_authenc_esn_decrypt_tail */
function verify(req: AeadTemplateReq): Errno {
  const { hash, ihash } = stepContext(req, AuthencRequestCtx);
  return cryptoMemneq(ihash, hash, req.tfm.authsize) ? -EBADMSG : 0;
}
