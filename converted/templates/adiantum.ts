/**
 * adiantum(stream cipher, block cipher, hash): a wide-block mode. The last block is added to a hash of the
 * rest and encrypted, becomes the nonce of the stream cipher for the rest, and a hash of that is taken off.
 *
 * What the conversion removed: mapping the caller's list entry by entry for the hash, which reads a slice.
 * C: crypto/adiantum.c (6.1)
 * @module
 */

import { CRYPTO_TFM_REQ_MAY_BACKLOG } from '../../src/crypto/algorithm.ts';
import { likeSkcipher } from '../../src/crypto/instance.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { poly1305 } from '../../src/provider/soft/poly1305.ts';
import { ahashDigest } from '../ahash.ts';
import { callAhash, callSkcipher, childCipher, childSetkey, type TemplateCtx } from '../child.ts';
import { cipherKernel } from '../cipher.ts';
import { bvecRead, bvecWrite } from '../lower/copy.ts';
import type { OpList } from '../lower/list.ts';
import { slice } from '../parts.ts';
import type { CryptoSkcipher } from '../skcipher.ts';
import { stepContext } from '../steps.ts';
import { type CryptoTemplate, type SkcipherTemplateOp, skcipherTemplate } from '../template.ts';
import { childKeystream } from './keystream.ts';

const STREAM = 0;
const CIPHER = 1;
const HASH = 2;
const BLOCK = 16;
const BLOCKCIPHER_KEY_SIZE = 32;
const NHPOLY1305_KEY_SIZE = 1088;
const TWEAK_SIZE = 32;

/** @kernel adiantum_tmpl */
export const adiantum: CryptoTemplate = skcipherTemplate({
  names: [
    {
      name: 'adiantum',
      params: 2,
      children: ([stream, cipher, hash = 'nhpoly1305']) => [stream, cipher, hash],
    },
  ],
  children: [
    { kind: 'skcipher' },
    { kind: 'cipher', blocksize: BLOCK },
    { kind: 'ahash', name: 'nhpoly1305', sync: true },
  ],
  instance: ([stream, cipher, hash]) =>
    !/^xchacha(12|20)$/.test(stream.name) || cipher.maxKeysize < BLOCKCIPHER_KEY_SIZE
      ? -EINVAL
      : {
          ...likeSkcipher(stream),
          name: `adiantum(${stream.name},${cipher.name})`,
          // The stream cipher does most of the work, then the hash.
          priority: Math.floor((4 * stream.priority + 2 * hash.priority + cipher.priority) / 7),
          blocksize: BLOCK,
          alignmask: stream.alignmask,
          ivsize: TWEAK_SIZE,
          chunksize: BLOCK,
          walksize: BLOCK,
        },
  keeps: CRYPTO_TFM_REQ_MAY_BACKLOG,
  setkey,
  encrypt: [nonce, stream, lastBlock],
  decrypt: [nonce, stream, lastBlock],
});

/** The keystream of nonce 1 is the keys of the parts. @kernel adiantum_setkey */
function setkey(tfm: CryptoSkcipher<TemplateCtx>, key: Uint8Array): Errno {
  const err = childSetkey(tfm, STREAM, key);
  if (err !== 0) return err;
  const iv = new Uint8Array(TWEAK_SIZE);
  iv[0] = 1;
  const header = BLOCKCIPHER_KEY_SIZE + BLOCK;
  const keys = childKeystream(tfm, STREAM, header + NHPOLY1305_KEY_SIZE, iv);
  if (typeof keys === 'number') return keys;
  // Poly1305 adds the second half of its key at the end: nothing.
  tfm.ctx.salt = new Uint8Array(2 * BLOCK);
  tfm.ctx.salt.set(keys.subarray(BLOCKCIPHER_KEY_SIZE, header));
  return (
    childSetkey(tfm, CIPHER, keys.slice(0, BLOCKCIPHER_KEY_SIZE)) ||
    childSetkey(tfm, HASH, keys.slice(header))
  );
}

/** The nonce of the stream cipher: the last block with the hash of the rest, and a one. */
function nonce(op: SkcipherTemplateOp): Errno {
  const { iv } = stepContext(op);
  const bulk = op.len - BLOCK;
  if (bulk < 0) return -EINVAL;
  iv.fill(0).set([1], BLOCK);
  const right = iv.subarray(0, BLOCK);
  bvecRead(op.walk.mem, op.src, bulk, right);
  const err = addHash(op, op.src, right, 1);
  if (err !== 0) return err;
  if (op.enc) cipherKernel(childCipher(op.tfm, CIPHER)).encryptBlock(right);
  return 0;
}

function stream(op: SkcipherTemplateOp): Errno {
  const { iv } = stepContext(op);
  return callSkcipher(op, STREAM, op.src, op.dst, op.len - BLOCK, iv, /* enc */ true);
}

/** @kernel adiantum_finish */
function lastBlock(op: SkcipherTemplateOp): Errno {
  const right = stepContext(op).iv.subarray(0, BLOCK);
  if (!op.enc) cipherKernel(childCipher(op.tfm, CIPHER)).decryptBlock(right);
  const err = addHash(op, op.dst, right, -1);
  if (err !== 0) return err;
  bvecWrite(op.walk.mem, op.dst, op.len - BLOCK, right);
  return 0;
}

/** Adds or takes off the hash of tweak, length and all of the text but its last block. */
function addHash(op: SkcipherTemplateOp, text: OpList, right: Uint8Array, sign: 1 | -1): Errno {
  const bulk = op.len - BLOCK;
  const header = new Uint8Array(BLOCK + TWEAK_SIZE);
  const view = new DataView(header.buffer);
  view.setUint32(0, (bulk * 8) >>> 0, true);
  view.setUint32(4, Math.floor(bulk / 0x20000000), true);
  header.set(ivBytes(op, TWEAK_SIZE), BLOCK);
  const digest = new Uint8Array(BLOCK);
  const state = poly1305(op.tfm.ctx.salt);
  state.updateBytes(header);
  state.digest(digest);
  addLe128(right, digest, sign);
  const err = callAhash(op, HASH, ahashDigest, slice(op, text, 0, bulk), digest);
  addLe128(right, digest, sign);
  return err;
}

/** Adds or subtracts 128-bit little-endian numbers, modulo 2^128. */
function addLe128(value: Uint8Array, operand: Uint8Array, sign: 1 | -1): void {
  let carry = 0;
  for (let i = 0; i < BLOCK; i++) {
    const sum = value[i] + sign * operand[i] + carry;
    value[i] = sum;
    carry = sum >> 8;
  }
}
