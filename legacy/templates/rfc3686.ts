/**
 * rfc3686(ctr(cipher)): counter mode with a nonce at the end of the key and an 8-byte IV.
 * C: crypto/ctr.c crypto_rfc3686_* (6.1)
 * @module
 */

import { instanceNames, likeSkcipher } from '../../src/crypto/instance.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { callSkcipher, childSetkey } from '../child.ts';
import { StepContext, stepContext } from '../steps.ts';
import { type CryptoTemplate, type SkcipherTemplateReq, skcipherTemplate } from '../template.ts';

const CTR = 0;
const NONCE_SIZE = 4;
const IV_SIZE = 8;
const BLOCK = 16;
const FIRST_COUNTER = Uint8Array.of(0, 0, 0, 1);

class Rfc3686Ctx extends StepContext<SkcipherTemplateReq> {
  readonly iv: Uint8Array = new Uint8Array(BLOCK);
}

/** @kernel crypto_rfc3686_tmpl */
export const rfc3686: CryptoTemplate = skcipherTemplate({
  names: [{ name: 'rfc3686', params: 1 }],
  children: [{ kind: 'skcipher', ivsize: BLOCK, blocksize: 1 }],
  instance: ([ctr], template) => ({
    ...instanceNames(template, [ctr]),
    ...likeSkcipher(ctr),
    ivsize: IV_SIZE,
    walksize: ctr.chunksize,
    minKeysize: ctr.minKeysize + NONCE_SIZE,
    maxKeysize: ctr.maxKeysize + NONCE_SIZE,
  }),
  own: BLOCK,
  rctx: Rfc3686Ctx,
  setkey: (tfm, key) => {
    const keylen = key.length - NONCE_SIZE;
    if (keylen < 0) return -EINVAL;
    tfm.ctx.salt = key.slice(keylen);
    return childSetkey(tfm, CTR, key.slice(0, keylen));
  },
  encrypt: [crypt],
  decrypt: [crypt],
});

function crypt(req: SkcipherTemplateReq): Errno {
  const { iv } = stepContext(req, Rfc3686Ctx);
  iv.set(req.tfm.ctx.salt);
  iv.set(ivBytes(req, IV_SIZE), NONCE_SIZE);
  iv.set(FIRST_COUNTER, NONCE_SIZE + IV_SIZE);
  return callSkcipher(req, CTR, req.src, req.dst, req.cryptlen, iv);
}
