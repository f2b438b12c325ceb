/**
 * xts(ecb(cipher)): the tweak is XORed in two passes around one request to the ecb child, and
 * ciphertext stealing handles the last two blocks through private copies.
 * C: crypto/xts.c, include/crypto/xts.h (6.1)
 * @module
 */

import { CRYPTO_TFM_REQ_FORBID_WEAK_KEYS } from '../../src/crypto/algorithm.ts';
import { instanceNames, likeSkcipher } from '../../src/crypto/instance.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { physAddr } from '../../src/units.ts';
import { callSkcipher, childCipher, childSetkey, childSkcipher, skcipherSubreq } from '../child.ts';
import { cipherKernel } from '../cipher.ts';
import { type Scatterlist, sgAlloc } from '../lists/scatterlist.ts';
import type { CryptoSkcipher, SkcipherRequest } from '../skcipher.ts';
import { StepContext, stepContext } from '../steps.ts';
import { type CryptoTemplate, type SkcipherTemplateReq, skcipherTemplate } from '../template.ts';
import { scatterwalkFfwd, scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';
import { SkcipherWalk, skcipherWalkDone, skcipherWalkVirt } from '../walk/skcipher-walk.ts';

const ECB = 0;
const TWEAK = 1;
const XTS_BLOCK_SIZE = 16;
/** x^128 modulo the polynomial of XTS. */
const XTS_POLY = 0x87;
/** Tweak, tail pointer and two list entries in front of the child's request. */
const REQUEST_HEAD = 16 + 8 + 48;

class XtsRequestCtx extends StepContext<SkcipherTemplateReq> {
  /** First tweak of the message, later that of the stolen block. */
  readonly t: Uint8Array = new Uint8Array(XTS_BLOCK_SIZE);
  readonly b: Uint8Array = new Uint8Array(2 * XTS_BLOCK_SIZE);
  readonly sg: Scatterlist[] = sgAlloc(2);
  tail: Scatterlist | null = null;
}

/** `xts(name)`: over the skcipher `name` when it is an ecb, else over `ecb(name)`. @kernel xts_tmpl */
export const xts: CryptoTemplate = skcipherTemplate({
  names: [{ name: 'xts', params: 1 }],
  children: [
    { kind: 'skcipher', or: 'ecb', name: 'ecb(', ivsize: 0, blocksize: XTS_BLOCK_SIZE },
    { kind: 'cipher', inside: ECB },
  ],
  instance: ([ecb], template) => ({
    ...instanceNames(template, [ecb]),
    ...likeSkcipher(ecb),
    name: `xts(${ecb.name.slice(4)}`,
    alignmask: ecb.alignmask | 7,
    ivsize: XTS_BLOCK_SIZE,
    chunksize: XTS_BLOCK_SIZE,
    walksize: XTS_BLOCK_SIZE,
    minKeysize: ecb.minKeysize * 2,
    maxKeysize: ecb.maxKeysize * 2,
  }),
  own: REQUEST_HEAD,
  rctx: XtsRequestCtx,
  setkey,
  encrypt: [firstTweak, firstPass, crypt, secondPass, stealBegin, stealEnd],
  decrypt: [firstTweak, firstPass, crypt, secondPass, stealBegin, stealEnd],
});

/**
 * What every XTS driver checks first.
 * @returns -EINVAL for an odd length, and for equal halves when weak keys are forbidden.
 * @kernel xts_verify_key
 */
export function xtsVerifyKey(tfm: CryptoSkcipher, key: Uint8Array): Errno {
  if (key.length % 2 !== 0) return -EINVAL;
  if ((tfm.flags & CRYPTO_TFM_REQ_FORBID_WEAK_KEYS) === 0) return 0;
  const half = key.length / 2;
  return key.subarray(0, half).every((byte, i) => byte === key[half + i]) ? -EINVAL : 0;
}

/** Multiplies a tweak by x in place: 128 bits, little endian. @kernel gf128mul_x_ble */
export function gf128mulXBle(tweak: Uint8Array): void {
  let carry = 0;
  for (let i = 0; i < XTS_BLOCK_SIZE; i++) {
    const byte = tweak[i];
    tweak[i] = (byte << 1) | carry;
    carry = byte >>> 7;
  }
  if (carry !== 0) tweak[0] ^= XTS_POLY;
}

/** @kernel xts_setkey */
function setkey(tfm: CryptoSkcipher, key: Uint8Array): Errno {
  const err = xtsVerifyKey(tfm, key);
  if (err !== 0) return err;
  const half = key.length / 2;
  return childSetkey(tfm, TWEAK, key.slice(half)) || childSetkey(tfm, ECB, key.slice(0, half));
}

/** @kernel xts_init_crypt */
function firstTweak(req: SkcipherTemplateReq): Errno {
  if (req.cryptlen < XTS_BLOCK_SIZE) return -EINVAL;
  const { t } = stepContext(req, XtsRequestCtx);
  t.set(ivBytes(req, XTS_BLOCK_SIZE));
  cipherKernel(childCipher(req.tfm, TWEAK)).encryptBlock(t);
  return 0;
}

/** XORs the tweaks from src to dst. @kernel xts_xor_tweak_pre */
function firstPass(req: SkcipherTemplateReq): Errno {
  return xorTweak(req, req, /* secondPass */ false);
}

function crypt(req: SkcipherTemplateReq): Errno {
  const len = req.cryptlen - (req.cryptlen % XTS_BLOCK_SIZE);
  skcipherSubreq(req, ECB).tfm = childSkcipher(req.tfm, ECB);
  return callSkcipher(req, ECB, req.dst, req.dst, len);
}

/** XORs the tweaks over dst: the child's request is walked, with the alignment of the parent. @kernel xts_xor_tweak_post */
function secondPass(req: SkcipherTemplateReq): Errno {
  const subreq = skcipherSubreq(req, ECB);
  subreq.tfm = req.tfm;
  // A continuation runs in the child's completion, where nothing may sleep.
  subreq.flags = stepContext(req, XtsRequestCtx).flags;
  return xorTweak(req, subreq, /* secondPass */ true);
}

/** @kernel xts_xor_tweak */
function xorTweak(req: SkcipherTemplateReq, walked: SkcipherRequest, secondPass: boolean): Errno {
  const { machine, recorder } = req.tfm.api;
  const rctx = stepContext(req, XtsRequestCtx);
  const { enc } = rctx;
  const cts = req.cryptlen % XTS_BLOCK_SIZE !== 0;
  const t = rctx.t.slice();
  const walk = new SkcipherWalk(machine, recorder);
  let err = skcipherWalkVirt(walk, walked, /* atomic */ false);
  while (walk.nbytes > 0) {
    let avail = walk.nbytes;
    let done = 0;
    do {
      if (cts && walk.total - walk.nbytes + avail < 2 * XTS_BLOCK_SIZE) {
        if (!enc) {
          if (secondPass) rctx.t.set(t);
          gf128mulXBle(t);
        }
        xorStep(walk, done, t);
        if (enc && secondPass) {
          rctx.t.set(t);
          gf128mulXBle(rctx.t);
        }
        skcipherWalkDone(walk, avail - XTS_BLOCK_SIZE);
        return 0;
      }
      xorStep(walk, done, t);
      gf128mulXBle(t);
      done += XTS_BLOCK_SIZE;
      avail -= XTS_BLOCK_SIZE;
    } while (avail >= XTS_BLOCK_SIZE);
    err = skcipherWalkDone(walk, avail);
  }
  return err;
}

/** Swaps the partial block with the head of the last full one, and runs the child on it. @kernel xts_cts_final */
function stealBegin(req: SkcipherTemplateReq): Errno {
  const tail = req.cryptlen % XTS_BLOCK_SIZE;
  if (tail === 0) return 0;
  const { machine } = req.tfm.api;
  const rctx = stepContext(req, XtsRequestCtx);
  const { b } = rctx;
  const offset = req.cryptlen - tail;
  rctx.tail = scatterwalkFfwd(rctx.sg[0], req.dst, offset - XTS_BLOCK_SIZE);
  scatterwalkMapAndCopy(machine, b, rctx.tail, 0, XTS_BLOCK_SIZE, 0);
  b.copyWithin(XTS_BLOCK_SIZE, 0, XTS_BLOCK_SIZE);
  scatterwalkMapAndCopy(machine, b, req.src, offset, tail, 0);
  xorBlock(b, rctx.t);
  scatterwalkMapAndCopy(machine, b, rctx.tail, 0, XTS_BLOCK_SIZE + tail, 1);
  skcipherSubreq(req, ECB).tfm = childSkcipher(req.tfm, ECB);
  return callSkcipher(req, ECB, rctx.tail, rctx.tail, XTS_BLOCK_SIZE);
}

/** @kernel xts_cts_done */
function stealEnd(req: SkcipherTemplateReq): Errno {
  if (req.cryptlen % XTS_BLOCK_SIZE === 0) return 0;
  const { machine } = req.tfm.api;
  const { b, t, tail } = stepContext(req, XtsRequestCtx);
  scatterwalkMapAndCopy(machine, b, tail, 0, XTS_BLOCK_SIZE, 0);
  xorBlock(b, t);
  scatterwalkMapAndCopy(machine, b, tail, 0, XTS_BLOCK_SIZE, 1);
  return 0;
}

function xorStep({ machine, src, dst }: SkcipherWalk, at: number, t: Uint8Array): void {
  const block = machine.load(physAddr(src + at), XTS_BLOCK_SIZE).slice();
  xorBlock(block, t);
  machine.store(physAddr(dst + at), block);
}

function xorBlock(bytes: Uint8Array, t: Uint8Array): void {
  for (let i = 0; i < XTS_BLOCK_SIZE; i++) bytes[i] ^= t[i];
}
