/**
 * adiantum(stream cipher, block cipher, nhpoly1305): length-preserving encryption of at least 16
 * bytes. Every bit of the result depends on every bit of the message.
 * C: crypto/adiantum.c (6.1)
 * @module
 */

import { instanceNames } from '../../src/crypto/instance.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { poly1305 } from '../../src/provider/soft/poly1305.ts';
import {
  callSkcipher,
  childCipher,
  childSetkey,
  childShash,
  TemplateCtx,
  templateCtx,
} from '../child.ts';
import { cipherKernel } from '../cipher.ts';
import type { Scatterlist } from '../lists/scatterlist.ts';
import { hashList } from '../parts.ts';
import { cryptoShashInit } from '../shash.ts';
import type { CryptoSkcipher } from '../skcipher.ts';
import { StepContext, stepContext } from '../steps.ts';
import { type CryptoTemplate, type SkcipherTemplateReq, skcipherTemplate } from '../template.ts';
import { scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';
import { childKeystream } from './keystream.ts';

const STREAM = 0;
const CIPHER = 1;
const HASH = 2;
const BLOCK = 16;
const BLOCKCIPHER_KEY_SIZE = 32;
const NHPOLY1305_KEY_SIZE = 1088;
const HASH_KEY_SIZE = BLOCK + NHPOLY1305_KEY_SIZE;
const TWEAK_SIZE = 32;
const CHACHA_BLOCK_SIZE = 64;
/** Buffers of the request in front of the stream cipher's. */
const REQUEST_HEAD = 64;

class AdiantumTfmCtx extends TemplateCtx {
  /** Key of the header hash: the clamped point, and zeros that add nothing. */
  readonly headerHashKey: Uint8Array = new Uint8Array(2 * BLOCK);
}

class AdiantumRequestCtx extends StepContext<SkcipherTemplateReq> {
  /** The right-hand block, and behind it the rest of the stream cipher's IV. */
  readonly rbuf: Uint8Array = new Uint8Array(TWEAK_SIZE);
  readonly headerHash: Uint8Array = new Uint8Array(BLOCK);
  readonly digest: Uint8Array = new Uint8Array(BLOCK);
}

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
    { kind: 'shash', name: 'nhpoly1305' },
  ],
  instance: ([stream, cipher, hash], template) =>
    !/^xchacha(12|20)$/.test(stream.name) || cipher.maxKeysize < BLOCKCIPHER_KEY_SIZE
      ? -EINVAL
      : {
          ...instanceNames(template, [stream, cipher, hash]),
          name: `${template}(${stream.name},${cipher.name})`,
          // The stream cipher does most of the work, then the hash.
          priority: Math.floor((4 * stream.priority + 2 * hash.priority + cipher.priority) / 7),
          blocksize: BLOCK,
          alignmask: stream.alignmask,
          ivsize: TWEAK_SIZE,
          chunksize: BLOCK,
          walksize: BLOCK,
          minKeysize: stream.minKeysize,
          maxKeysize: stream.maxKeysize,
        },
  own: REQUEST_HEAD,
  ctx: AdiantumTfmCtx,
  rctx: AdiantumRequestCtx,
  setkey,
  encrypt: [hashSrc, stream, finish],
  decrypt: [hashSrc, stream, finish],
});

/** @kernel adiantum_setkey */
function setkey(tfm: CryptoSkcipher, key: Uint8Array): Errno {
  const err = childSetkey(tfm, STREAM, key);
  if (err !== 0) return err;
  // The keystream of nonce 1 is the keys of the parts.
  const iv = new Uint8Array(TWEAK_SIZE);
  iv[0] = 1;
  const derived = childKeystream(tfm, STREAM, BLOCKCIPHER_KEY_SIZE + HASH_KEY_SIZE, iv);
  if (typeof derived === 'number') return derived;
  const hashKeys = derived.subarray(BLOCKCIPHER_KEY_SIZE);
  templateCtx(tfm, AdiantumTfmCtx).headerHashKey.set(hashKeys.subarray(0, BLOCK));
  return (
    childSetkey(tfm, CIPHER, derived.slice(0, BLOCKCIPHER_KEY_SIZE)) ||
    childSetkey(tfm, HASH, hashKeys.slice(BLOCK))
  );
}

/** @kernel adiantum_crypt */
function hashSrc(req: SkcipherTemplateReq): Errno {
  if (req.cryptlen < BLOCK) return -EINVAL;
  const rctx = stepContext(req, AdiantumRequestCtx);
  const right = rctx.rbuf.subarray(0, BLOCK);
  const bulk = req.cryptlen - BLOCK;
  hashHeader(req, bulk);
  hashMessage(req, req.src, bulk);
  scatterwalkMapAndCopy(req.tfm.api.machine, right, req.src, bulk, BLOCK, 0);
  addLe128(right, rctx.digest, 1);
  if (rctx.enc) cipherKernel(childCipher(req.tfm, CIPHER)).encryptBlock(right);
  return 0;
}

function stream(req: SkcipherTemplateReq): Errno {
  const { rbuf } = stepContext(req, AdiantumRequestCtx);
  const bulk = req.cryptlen - BLOCK;
  rbuf.fill(0, BLOCK);
  rbuf[BLOCK] = 1;
  // Whole blocks of the stream cipher are faster; the bytes behind the bulk are overwritten below.
  const rounded = Math.ceil(bulk / CHACHA_BLOCK_SIZE) * CHACHA_BLOCK_SIZE;
  const len = rounded <= req.cryptlen ? rounded : bulk;
  return callSkcipher(req, STREAM, req.src, req.dst, len, rbuf);
}

/** @kernel adiantum_finish */
function finish(req: SkcipherTemplateReq): Errno {
  const rctx = stepContext(req, AdiantumRequestCtx);
  const right = rctx.rbuf.subarray(0, BLOCK);
  const bulk = req.cryptlen - BLOCK;
  if (!rctx.enc) cipherKernel(childCipher(req.tfm, CIPHER)).decryptBlock(right);
  hashMessage(req, req.dst, bulk);
  addLe128(right, rctx.digest, -1);
  scatterwalkMapAndCopy(req.tfm.api.machine, right, req.dst, bulk, BLOCK, 1);
  return 0;
}

/** Poly1305 without its final addition over (length in bits, tweak). @kernel adiantum_hash_header */
function hashHeader(req: SkcipherTemplateReq, bulk: number): void {
  const header = new Uint8Array(BLOCK);
  const view = new DataView(header.buffer);
  view.setUint32(0, (bulk * 8) >>> 0, true);
  view.setUint32(4, Math.floor(bulk / 0x20000000), true);
  const state = poly1305(templateCtx(req.tfm, AdiantumTfmCtx).headerHashKey);
  state.updateBytes(header);
  state.updateBytes(ivBytes(req, TWEAK_SIZE));
  state.digest(stepContext(req, AdiantumRequestCtx).headerHash);
}

/** Hash of tweak, length and the first `bulk` bytes into `digest`. @kernel adiantum_hash_message */
function hashMessage(req: SkcipherTemplateReq, sgl: Scatterlist | null, bulk: number): void {
  const { machine } = req.tfm.api;
  const { digest, headerHash } = stepContext(req, AdiantumRequestCtx);
  const state = cryptoShashInit(childShash(req.tfm, HASH));
  hashList(machine, state, sgl, bulk);
  state.digest(digest);
  addLe128(digest, headerHash, 1);
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
