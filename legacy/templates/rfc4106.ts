/**
 * rfc4106(gcm) and rfc4309(ccm): the IPsec forms, with a nonce at the end of the key and the 8-byte IV
 * at the end of the associated data. What is left of the associated data is copied to linear memory.
 *
 * The last 8 bytes of the associated data stand for the IV and are left out of it. They are not compared
 * with the IV of the request, which is the one that is used.
 * C: crypto/gcm.c crypto_rfc4106_*, crypto/ccm.c crypto_rfc4309_* (6.1)
 * @module
 */

import { cryptoIpsecCheckAssoclen, cryptoRfc4106CheckAuthsize } from '../../src/crypto/gcm.ts';
import { instanceNames, likeAead } from '../../src/crypto/instance.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { linearToPhys } from '../../src/machine/address.ts';
import { callAead, childSetauthsize, childSetkey } from '../child.ts';
import { type Scatterlist, sgAlloc } from '../lists/scatterlist.ts';
import { glue } from '../parts.ts';
import { type Step, StepContext, stepContext } from '../steps.ts';
import { type AeadTemplateReq, aeadTemplate, type CryptoTemplate } from '../template.ts';
import { scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';

const CHILD = 0;
const IV_SIZE = 8;
/** Longest associated data behind the IV is cut off: 20 - 8, with room for alignment. */
const AD_SIZE = 16;
/** Longest IV of a child. */
const MAX_IV_SIZE = 16;
/** First byte of the IV of CCM: a length field of 4 bytes. */
const CCM_LENGTH = 3;

class NonceRequestCtx extends StepContext<AeadTemplateReq> {
  readonly iv: Uint8Array = new Uint8Array(MAX_IV_SIZE);
  readonly src: Scatterlist[] = sgAlloc(3);
  readonly dst: Scatterlist[] = sgAlloc(3);
}

/** What tells the two forms apart: IV of the child, bytes of the nonce. */
interface Form {
  readonly name: string;
  readonly ivsize: number;
  readonly nonce: number;
  readonly crypt: Step<AeadTemplateReq>;
}

/** @kernel crypto_rfc4106_tmpl */
export const rfc4106: CryptoTemplate = form({
  name: 'rfc4106',
  ivsize: 12,
  nonce: 4,
  crypt: gcmForm,
});
/** @kernel crypto_rfc4309_tmpl */
export const rfc4309: CryptoTemplate = form({
  name: 'rfc4309',
  ivsize: 16,
  nonce: 3,
  crypt: ccmForm,
});

function form({ name, ivsize, nonce, crypt }: Form): CryptoTemplate {
  return aeadTemplate({
    names: [{ name, params: 1 }],
    children: [{ kind: 'aead', ivsize, blocksize: 1 }],
    instance: ([child]) => ({
      ...instanceNames(name, [child]),
      ...likeAead(child),
      ivsize: IV_SIZE,
    }),
    own: AD_SIZE,
    rctx: NonceRequestCtx,
    setkey: (tfm, key) => {
      const keylen = key.length - nonce;
      if (keylen < 0) return -EINVAL;
      tfm.ctx.salt = key.slice(keylen);
      return childSetkey(tfm, CHILD, key.slice(0, keylen));
    },
    setauthsize: (tfm, authsize) =>
      cryptoRfc4106CheckAuthsize(authsize) || childSetauthsize(tfm, CHILD, authsize),
    encrypt: [assoclenCheck, crypt],
    decrypt: [assoclenCheck, crypt],
  });
}

function assoclenCheck({ assoclen }: AeadTemplateReq): Errno {
  return cryptoIpsecCheckAssoclen(assoclen);
}

/** Nonce, IV. @kernel crypto_rfc4106_crypt */
function gcmForm(req: AeadTemplateReq): Errno {
  return inner(req, 0);
}

/** Length of the length field, nonce, IV, counter. @kernel crypto_rfc4309_crypt */
function ccmForm(req: AeadTemplateReq): Errno {
  stepContext(req, NonceRequestCtx).iv[0] = CCM_LENGTH;
  return inner(req, 1);
}

/** The child on (linear associated data, list behind the associated data of the caller). */
function inner(req: AeadTemplateReq, nonceAt: number): Errno {
  const { tfm, src, dst } = req;
  const { machine } = tfm.api;
  const { salt } = tfm.ctx;
  const rctx = stepContext(req, NonceRequestCtx);
  const { iv, own } = rctx;
  const assoclen = req.assoclen - IV_SIZE;
  iv.set(salt, nonceAt);
  iv.set(ivBytes(req, IV_SIZE), nonceAt + salt.length);
  scatterwalkMapAndCopy(machine, linearToPhys(own), src, 0, assoclen, 0);
  glue(machine, rctx.src, own, assoclen, src, req.assoclen);
  if (src !== dst) glue(machine, rctx.dst, own, assoclen, dst, req.assoclen);
  const to = src === dst ? rctx.src : rctx.dst;
  return callAead(req, CHILD, rctx.src[0], to[0], assoclen, req.cryptlen, iv);
}
