/**
 * kw(cipher): key wrap. The IV is made by the encryption, and checked by the decryption.
 *
 * What the conversion removed: six passes over the caller's lists, and for each half block of the way back
 * finding its place from the head of the list. A message is read once and written once, and what is not
 * authentic is not written.
 * C: crypto/keywrap.c (6.1)
 * @module
 */

import { instanceNames } from '../../src/crypto/instance.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { EBADMSG, EINVAL, type Errno } from '../../src/errno.ts';
import { childCipher } from '../child.ts';
import { type CipherKernel, cipherKernel } from '../cipher.ts';
import { bvecRead, bvecWrite } from '../lower/copy.ts';
import { type CryptoTemplate, type SkcipherTemplateOp, skcipherTemplate } from '../template.ts';

const CIPHER = 0;
const BLOCK = 16;
const SEMIBSIZE = 8;
const ROUNDS = 6;
/** What stands in front of a key that was wrapped. */
const MAGIC = 0xa6;

/** @kernel crypto_kw_tmpl */
export const kw: CryptoTemplate = skcipherTemplate({
  names: [{ name: 'kw', params: 1 }],
  children: [{ kind: 'cipher', blocksize: BLOCK }],
  instance: ([cipher], template) => ({
    ...instanceNames(template, [cipher]),
    priority: cipher.priority,
    blocksize: SEMIBSIZE,
    alignmask: 0,
    ivsize: SEMIBSIZE,
    chunksize: SEMIBSIZE,
    walksize: SEMIBSIZE,
    minKeysize: cipher.minKeysize,
    maxKeysize: cipher.maxKeysize,
  }),
  encrypt: [(op) => crypt(op, wrap)],
  decrypt: [(op) => crypt(op, unwrap)],
});

/** Half a block that is carried along, and the rest of the message. */
type Pass = (kernel: CipherKernel, carried: Uint8Array, text: Uint8Array) => Errno;

function crypt(op: SkcipherTemplateOp, pass: Pass): Errno {
  const { len, src, dst, walk, tfm } = op;
  if (len < 2 * SEMIBSIZE || len % SEMIBSIZE !== 0) return -EINVAL;
  const text = new Uint8Array(len);
  bvecRead(walk.mem, src, 0, text);
  const err = pass(cipherKernel(childCipher(tfm, CIPHER)), ivBytes(op, SEMIBSIZE), text);
  if (err === 0) bvecWrite(walk.mem, dst, 0, text);
  return err;
}

/** Gives the IV to the caller. */
function wrap(kernel: CipherKernel, carried: Uint8Array, text: Uint8Array): Errno {
  const block = new Uint8Array(BLOCK).fill(MAGIC, 0, SEMIBSIZE);
  let step = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (let at = 0; at < text.length; at += SEMIBSIZE) {
      block.set(text.subarray(at, at + SEMIBSIZE), SEMIBSIZE);
      kernel.encryptBlock(block);
      count(block, ++step);
      text.set(block.subarray(SEMIBSIZE), at);
    }
  }
  carried.set(block.subarray(0, SEMIBSIZE));
  return 0;
}

function unwrap(kernel: CipherKernel, carried: Uint8Array, text: Uint8Array): Errno {
  const block = new Uint8Array(BLOCK);
  block.set(carried);
  let step = (ROUNDS * text.length) / SEMIBSIZE;
  for (let round = 0; round < ROUNDS; round++) {
    for (let at = text.length - SEMIBSIZE; at >= 0; at -= SEMIBSIZE) {
      block.set(text.subarray(at, at + SEMIBSIZE), SEMIBSIZE);
      count(block, step--);
      kernel.decryptBlock(block);
      text.set(block.subarray(SEMIBSIZE), at);
    }
  }
  return block.subarray(0, SEMIBSIZE).every((byte) => byte === MAGIC) ? 0 : -EBADMSG;
}

/** Adds (xor) the number of the step to the half block, big endian. */
function count(block: Uint8Array, step: number): void {
  const view = new DataView(block.buffer);
  view.setUint32(4, view.getUint32(4) ^ step);
}
