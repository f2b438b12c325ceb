/**
 * rfc4543(gcm): GMAC in the IPsec form. The text is associated data and is copied, not encrypted.
 * C: crypto/gcm.c crypto_rfc4543_* (6.1)
 * @module
 */

import { GCM_IV_SIZE } from '../../src/crypto/catalogue.ts';
import { cryptoIpsecCheckAssoclen } from '../../src/crypto/gcm.ts';
import { instanceNames, likeAead } from '../../src/crypto/instance.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { callAead, childSetauthsize, childSetkey } from '../child.ts';
import { StepContext, stepContext } from '../steps.ts';
import { type AeadTemplateReq, aeadTemplate, type CryptoTemplate } from '../template.ts';
import { memcpySglist } from '../walk/scatterwalk.ts';

const CHILD = 0;
const IV_SIZE = 8;
const NONCE_SIZE = 4;

class Rfc4543RequestCtx extends StepContext<AeadTemplateReq> {
  readonly iv: Uint8Array = new Uint8Array(GCM_IV_SIZE);
}

/** @kernel crypto_rfc4543_tmpl */
export const rfc4543: CryptoTemplate = aeadTemplate({
  names: [{ name: 'rfc4543', params: 1 }],
  children: [{ kind: 'aead', ivsize: GCM_IV_SIZE, blocksize: 1 }],
  instance: ([gcm], template) => ({
    ...instanceNames(template, [gcm]),
    ...likeAead(gcm),
    ivsize: IV_SIZE,
  }),
  rctx: Rfc4543RequestCtx,
  setkey: (tfm, key) => {
    const keylen = key.length - NONCE_SIZE;
    if (keylen < 0) return -EINVAL;
    tfm.ctx.salt = key.slice(keylen);
    return childSetkey(tfm, CHILD, key.slice(0, keylen));
  },
  setauthsize: (tfm, authsize) =>
    authsize === 16 ? childSetauthsize(tfm, CHILD, authsize) : -EINVAL,
  encrypt: [crypt],
  decrypt: [crypt],
});

/** @kernel crypto_rfc4543_crypt */
function crypt(req: AeadTemplateReq): Errno {
  const { tfm, src, dst } = req;
  const err = cryptoIpsecCheckAssoclen(req.assoclen);
  if (err !== 0) return err;
  const { iv, enc } = stepContext(req, Rfc4543RequestCtx);
  // What the child takes for text is the tag of a decryption.
  const cryptlen = enc ? 0 : tfm.authsize;
  const assoclen = req.assoclen + req.cryptlen - cryptlen;
  if (src !== dst) memcpySglist(tfm.api.machine, dst, src, assoclen);
  iv.set(tfm.ctx.salt);
  iv.set(ivBytes(req, IV_SIZE), NONCE_SIZE);
  return callAead(req, CHILD, src, dst, assoclen, cryptlen, iv);
}
