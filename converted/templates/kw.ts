/**
 * kw(cipher): key wrap. The IV is made by the encryption, and checked by the decryption.
 *
 * What the conversion removed: six passes over the caller's lists, and for each half block of the way back
 * finding its place from the head of the list. A message is read once and written once, and what is not
 * authentic is not written.
 * C: crypto/keywrap.c (6.1)
 * @module
 */

import { ivBytes } from '../../src/crypto/iv.ts';
import { EBADMSG, EINVAL, type Errno } from '../../src/errno.ts';
import { unwrapKey, wrapKey } from '../../src/provider/soft/key-wrap.ts';
import { childCipher } from '../child.ts';
import { cipherKernel } from '../cipher.ts';
import { bvecRead, bvecWrite } from '../lower/copy.ts';
import { type CryptoTemplate, type SkcipherTemplateOp, skcipherTemplate } from '../template.ts';

const CIPHER = 0;
const BLOCK = 16;
const SEMIBSIZE = 8;

/** @kernel crypto_kw_tmpl */
export const kw: CryptoTemplate = skcipherTemplate({
  names: [{ name: 'kw', params: 1 }],
  children: [{ kind: 'cipher', blocksize: BLOCK }],
  instance: ([cipher]) => ({
    blocksize: SEMIBSIZE,
    alignmask: 0,
    ivsize: SEMIBSIZE,
    chunksize: SEMIBSIZE,
    walksize: SEMIBSIZE,
    minKeysize: cipher.minKeysize,
    maxKeysize: cipher.maxKeysize,
  }),
  encrypt: [(op) => crypt(op, wrapKey)],
  decrypt: [(op) => crypt(op, unwrapKey)],
});

/** @param pass wraps or unwraps in place; false for what is not authentic */
function crypt(op: SkcipherTemplateOp, pass: typeof unwrapKey): Errno {
  const { len, src, dst, walk, tfm } = op;
  if (len < 2 * SEMIBSIZE || len % SEMIBSIZE !== 0) return -EINVAL;
  const text = new Uint8Array(len);
  bvecRead(walk.mem, src, 0, text);
  const kernel = cipherKernel(childCipher(tfm, CIPHER));
  if (!pass(kernel, ivBytes(op, SEMIBSIZE), text)) return -EBADMSG;
  bvecWrite(walk.mem, dst, 0, text);
  return 0;
}
