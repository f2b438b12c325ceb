/**
 * lrw(ecb(cipher)): tweaks are products in GF(2^128) of the tweak key and a counter.
 * C: crypto/lrw.c (6.1)
 * @module
 */

import { instanceNames, likeSkcipher } from '../../src/crypto/instance.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import type { Errno } from '../../src/errno.ts';
import { physAddr } from '../../src/units.ts';
import {
  callSkcipher,
  childSetkey,
  childSkcipher,
  skcipherSubreq,
  TemplateCtx,
  templateCtx,
} from '../child.ts';
import type { CryptoSkcipher, SkcipherRequest } from '../skcipher.ts';
import { KEEP_ALL_BUT_SLEEP, StepContext, stepContext } from '../steps.ts';
import { type CryptoTemplate, type SkcipherTemplateReq, skcipherTemplate } from '../template.ts';
import { SkcipherWalk, skcipherWalkDone, skcipherWalkVirt } from '../walk/skcipher-walk.ts';

const ECB = 0;
const LRW_BLOCK_SIZE = 16;
/** x^128 modulo the polynomial. */
const LRW_POLY = 0x87;

class LrwTfmCtx extends TemplateCtx {
  /** The tweak key times x^i. */
  powers: Uint8Array[] = [];
  /** The tweak key times 2^(i+1) - 1: the step from one counter value to the next. */
  mulinc: Uint8Array[] = [];
}

class LrwRequestCtx extends StepContext<SkcipherTemplateReq> {
  /** The first tweak. */
  readonly t: Uint8Array = new Uint8Array(LRW_BLOCK_SIZE);
}

/** `lrw(name)`: over the skcipher `name` when it is an ecb, else over `ecb(name)`. @kernel lrw_tmpl */
export const lrw: CryptoTemplate = skcipherTemplate({
  names: [{ name: 'lrw', params: 1 }],
  children: [{ kind: 'skcipher', or: 'ecb', name: 'ecb(', ivsize: 0, blocksize: LRW_BLOCK_SIZE }],
  instance: ([ecb], template) => ({
    ...instanceNames(template, [ecb]),
    ...likeSkcipher(ecb),
    name: `lrw(${ecb.name.slice(4)}`,
    alignmask: ecb.alignmask | 7,
    ivsize: LRW_BLOCK_SIZE,
    minKeysize: ecb.minKeysize + LRW_BLOCK_SIZE,
    maxKeysize: ecb.maxKeysize + LRW_BLOCK_SIZE,
  }),
  own: LRW_BLOCK_SIZE,
  keeps: KEEP_ALL_BUT_SLEEP,
  ctx: LrwTfmCtx,
  rctx: LrwRequestCtx,
  setkey,
  encrypt: [firstPass, crypt, secondPass],
  decrypt: [firstPass, crypt, secondPass],
});

/** @kernel lrw_setkey */
function setkey(tfm: CryptoSkcipher, key: Uint8Array): Errno {
  const keylen = key.length - LRW_BLOCK_SIZE;
  const err = childSetkey(tfm, ECB, key.slice(0, keylen));
  if (err !== 0) return err;
  const ctx = templateCtx(tfm, LrwTfmCtx);
  const power = key.slice(keylen);
  const sum = new Uint8Array(LRW_BLOCK_SIZE);
  ctx.powers = [];
  ctx.mulinc = [];
  for (let i = 0; i < 128; i++) {
    ctx.powers.push(power.slice());
    xorInto(sum, power);
    ctx.mulinc.push(sum.slice());
    doubleBbe(power);
  }
  return 0;
}

/** XORs the tweaks from src to dst. @kernel lrw_xor_tweak_pre */
function firstPass(req: SkcipherTemplateReq): Errno {
  multiply(
    stepContext(req, LrwRequestCtx).t,
    templateCtx(req.tfm, LrwTfmCtx).powers,
    ivBytes(req, LRW_BLOCK_SIZE),
  );
  return xorTweak(req, req, /* secondPass */ false);
}

/** The ecb child ignores the IV; the second pass reads it from the child's request. */
function crypt(req: SkcipherTemplateReq): Errno {
  skcipherSubreq(req, ECB).tfm = childSkcipher(req.tfm, ECB);
  return callSkcipher(req, ECB, req.dst, req.dst, req.cryptlen, req.iv);
}

/** XORs the tweaks over dst, which is walked by the child's request. @kernel lrw_xor_tweak_post */
function secondPass(req: SkcipherTemplateReq): Errno {
  const subreq = skcipherSubreq(req, ECB);
  subreq.tfm = req.tfm;
  // A continuation runs in the child's completion, where nothing may sleep.
  subreq.flags = stepContext(req, LrwRequestCtx).flags;
  return xorTweak(req, subreq, /* secondPass */ true);
}

/** @kernel lrw_xor_tweak */
function xorTweak(req: SkcipherTemplateReq, walked: SkcipherRequest, secondPass: boolean): Errno {
  const { machine, recorder } = req.tfm.api;
  const { mulinc } = templateCtx(req.tfm, LrwTfmCtx);
  const walk = new SkcipherWalk(machine, recorder);
  let err = skcipherWalkVirt(walk, walked, /* atomic */ false);
  if (err !== 0) return err;
  const t = stepContext(req, LrwRequestCtx).t.slice();
  const counter = walk.iv.slice(0, LRW_BLOCK_SIZE);
  const block = new Uint8Array(LRW_BLOCK_SIZE);
  while (walk.nbytes > 0) {
    let avail = walk.nbytes;
    let at = 0;
    do {
      block.set(machine.load(physAddr(walk.src + at), LRW_BLOCK_SIZE));
      xorInto(block, t);
      machine.store(physAddr(walk.dst + at), block);
      xorInto(t, mulinc[lrwNextIndex(counter)]);
      at += LRW_BLOCK_SIZE;
      avail -= LRW_BLOCK_SIZE;
    } while (avail >= LRW_BLOCK_SIZE);
    if (secondPass && walk.nbytes === walk.total) walk.iv.set(counter);
    err = skcipherWalkDone(walk, avail);
  }
  return err;
}

/** The tweak key times a 128-bit big-endian factor. */
function multiply(out: Uint8Array, powers: readonly Uint8Array[], factor: Uint8Array): void {
  out.fill(0);
  for (let i = 0; i < 128; i++) {
    const bit = (factor[15 - (i >>> 3)] >>> (i & 7)) & 1;
    if (bit !== 0) xorInto(out, powers[i]);
  }
}

/** Adds 1 to the counter. @returns how many low bits were ones: the index of the step. @kernel lrw_next_index */
function lrwNextIndex(counter: Uint8Array): number {
  let ones = 0;
  for (let i = LRW_BLOCK_SIZE - 1; i >= 0; i--) {
    const byte = counter[i];
    counter[i] = byte + 1;
    if (byte !== 0xff) return ones + 31 - Math.clz32(~byte & -~byte);
    ones += 8;
  }
  return 127;
}

/** Multiplies by x in place: 128 bits, big endian. */
function doubleBbe(value: Uint8Array): void {
  let carry = 0;
  for (let i = LRW_BLOCK_SIZE - 1; i >= 0; i--) {
    const byte = value[i];
    value[i] = (byte << 1) | carry;
    carry = byte >>> 7;
  }
  if (carry !== 0) value[LRW_BLOCK_SIZE - 1] ^= LRW_POLY;
}

function xorInto(block: Uint8Array, mask: Uint8Array): void {
  for (let i = 0; i < LRW_BLOCK_SIZE; i++) block[i] ^= mask[i];
}
