/**
 * authenc(hash, cipher): encrypt, then a MAC over associated data and ciphertext.
 * C: crypto/authenc.c, include/crypto/authenc.h (6.1)
 * @module
 */
import { instanceNames } from '../../src/crypto/instance.ts';
import { cryptoAuthencExtractkeys } from '../../src/crypto/keys.ts';
import type { Errno } from '../../src/errno.ts';
import type { VirtAddr } from '../../src/units.ts';
import type { CryptoAead } from '../aead.ts';
import { cryptoAhashDigest } from '../ahash.ts';
import { callAhash, callSkcipher, childSetkey } from '../child.ts';
import { type Scatterlist, sgAlloc } from '../lists/scatterlist.ts';
import { behindAd, tagDiffers, tagWrite } from '../parts.ts';
import { StepContext, stepContext } from '../steps.ts';
import {
  type AeadSpec,
  type AeadTemplateReq,
  aeadTemplate,
  type CryptoTemplate,
} from '../template.ts';
import { memcpySglist } from '../walk/scatterwalk.ts';

const AUTH = 0;
const ENC = 1;

/** @kernel authenc_request_ctx */
export class AuthencRequestCtx extends StepContext<AeadTemplateReq> {
  readonly src: Scatterlist[] = sgAlloc(2);
  readonly dst: Scatterlist[] = sgAlloc(2);
  readonly hash: Uint8Array;
  /** The tag of the request. */
  readonly ihash: Uint8Array;

  constructor(req: AeadTemplateReq, own: VirtAddr, keeps: number) {
    super(req, own, keeps);
    this.hash = new Uint8Array(req.tfm.alg.maxauthsize);
    this.ihash = new Uint8Array(req.tfm.alg.maxauthsize);
  }
}

/** @kernel crypto_authenc_tmpl */
export const authenc: CryptoTemplate = authencTemplate('authenc', {
  encrypt: [copyAssoc, cryptText, hashDst, writeTag],
  decrypt: [hashSrc, verify, cryptText],
  swallows: (step, enc) => step === (enc ? cryptText : hashSrc),
});

/** What both authenc templates have in common. @kernel none: crypto_authenc_create and crypto_authenc_esn_create */
export function authencTemplate(
  name: string,
  operations: Pick<
    AeadSpec<['ahash', 'skcipher']>,
    'encrypt' | 'decrypt' | 'setauthsize' | 'keeps' | 'swallows'
  >,
): CryptoTemplate {
  return aeadTemplate({
    names: [{ name, params: 2 }],
    children: [{ kind: 'ahash' }, { kind: 'skcipher' }],
    instance: ([auth, enc]) => ({
      ...instanceNames(name, [auth, enc]),
      priority: enc.priority * 10 + auth.priority,
      blocksize: enc.blocksize,
      ivsize: enc.ivsize,
      maxauthsize: auth.digestsize,
      chunksize: enc.chunksize,
    }),
    keeps: 0,
    rctx: AuthencRequestCtx,
    setkey,
    ...operations,
  });
}

/** The associated data is copied to a destination of its own. @kernel none: crypto_authenc_copy_assoc, crypto_authenc_esn_copy */
export function copyAssoc({ tfm, src, dst, assoclen }: AeadTemplateReq): Errno {
  if (src !== dst) memcpySglist(tfm.api.machine, dst, src, assoclen);
  return 0;
}

/** Runs the cipher over the text behind the associated data. @kernel none: the skcipher_request of all authenc templates */
export function cryptText(req: AeadTemplateReq): Errno {
  const rctx = stepContext(req, AuthencRequestCtx);
  const text = behindAd(req, rctx);
  const cryptlen = req.cryptlen - (rctx.enc ? 0 : req.tfm.authsize);
  return callSkcipher(req, ENC, text.src, text.dst, cryptlen, req.iv);
}

/** The digest of the first bytes of a list, into `hash`. @kernel none: the ahash_request of both templates */
export function digest(req: AeadTemplateReq, sg: Scatterlist | null, nbytes: number): Errno {
  const { hash } = stepContext(req, AuthencRequestCtx);
  return callAhash(req, AUTH, cryptoAhashDigest, sg, nbytes, hash);
}

function hashDst(req: AeadTemplateReq): Errno {
  return digest(req, req.dst, req.assoclen + req.cryptlen);
}

function writeTag(req: AeadTemplateReq): Errno {
  const { hash } = stepContext(req, AuthencRequestCtx);
  return tagWrite(req, hash, req.assoclen + req.cryptlen);
}

function hashSrc(req: AeadTemplateReq): Errno {
  return digest(req, req.src, req.assoclen + req.cryptlen - req.tfm.authsize);
}

function verify(req: AeadTemplateReq): Errno {
  const { hash } = stepContext(req, AuthencRequestCtx);
  return tagDiffers(req, hash, req.assoclen + req.cryptlen - req.tfm.authsize);
}

/** @kernel crypto_authenc_setkey */
function setkey(tfm: CryptoAead, key: Uint8Array): Errno {
  const keys = cryptoAuthencExtractkeys(key);
  if (typeof keys === 'number') return keys;
  return childSetkey(tfm, AUTH, keys.authkey) || childSetkey(tfm, ENC, keys.enckey);
}
