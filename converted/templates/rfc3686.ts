/**
 * rfc3686(ctr): CTR with a nonce at the end of the key, an IV of 8 bytes, and a counter that begins at 1.
 * C: crypto/ctr.c crypto_rfc3686_* (6.1)
 * @module
 */

import { likeSkcipher } from '../../src/crypto/instance.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import type { Errno } from '../../src/errno.ts';
import { callSkcipher, nonceSetkey } from '../child.ts';
import { childIv } from '../steps.ts';
import { type CryptoTemplate, type SkcipherTemplateOp, skcipherTemplate } from '../template.ts';

const CTR = 0;
const NONCE_SIZE = 4;
const IV_SIZE = 8;
const BLOCK = 16;
const FIRST_COUNTER = Uint8Array.of(0, 0, 0, 1);

/** @kernel crypto_rfc3686_tmpl */
export const rfc3686: CryptoTemplate = skcipherTemplate({
  names: [{ name: 'rfc3686', params: 1 }],
  children: [{ kind: 'skcipher', ivsize: BLOCK, blocksize: 1 }],
  instance: ([ctr]) => ({
    ...likeSkcipher(ctr),
    ivsize: IV_SIZE,
    walksize: ctr.chunksize,
    minKeysize: ctr.minKeysize + NONCE_SIZE,
    maxKeysize: ctr.maxKeysize + NONCE_SIZE,
  }),
  setkey: (tfm, key) => nonceSetkey(tfm, key, NONCE_SIZE),
  encrypt: [crypt],
  decrypt: [crypt],
});

function crypt(op: SkcipherTemplateOp): Errno {
  const iv = childIv(op, op.tfm.ctx.salt, ivBytes(op, IV_SIZE), FIRST_COUNTER);
  return callSkcipher(op, CTR, op.src, op.dst, op.len, iv);
}
