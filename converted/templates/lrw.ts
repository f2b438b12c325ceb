/**
 * lrw(ecb(cipher)): a tweak is added in front of each block and behind it, around one call of the ecb
 * child. The tweak is the IV, counted up, times the end of the key.
 *
 * What the conversion removed: walking the child's request under the parent's alignment.
 * C: crypto/lrw.c, crypto/gf128mul.c (6.1)
 * @module
 */

import { instanceNames, likeSkcipher } from '../../src/crypto/instance.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { callSkcipher, childSetkey } from '../child.ts';
import type { OpList } from '../lower/list.ts';
import { bvecWalkDone, bvecWalkNext, bvecWalkStart } from '../lower/walk.ts';
import { KEEP_ALL_BUT_SLEEP, stepContext } from '../steps.ts';
import { type CryptoTemplate, type SkcipherTemplateOp, skcipherTemplate } from '../template.ts';
import { cryptoXor, eachBlock } from './simple.ts';

const ECB = 0;
const LRW_BLOCK_SIZE = 16;
/** x^128 modulo the polynomial. */
const LRW_POLY = 0x87;
/** Rows of the tables that stand for the tweak key: times x^i, and times 2^(i+1) - 1. */
const ROWS = 128;

/** @kernel lrw_tmpl */
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
  keeps: KEEP_ALL_BUT_SLEEP,
  setkey: (tfm, key) => {
    const keylen = key.length - LRW_BLOCK_SIZE;
    tfm.ctx.salt = tablesOf(key.slice(keylen));
    return childSetkey(tfm, ECB, key.slice(0, keylen));
  },
  encrypt: [whiten, blocks, whitenBack],
  decrypt: [whiten, blocks, whitenBack],
});

function whiten(op: SkcipherTemplateOp): Errno {
  // Both passes count from here, and leave where they end behind it.
  stepContext(op).iv.set(ivBytes(op, LRW_BLOCK_SIZE));
  return addTweaks(op, op.src);
}

function blocks(op: SkcipherTemplateOp): Errno {
  return callSkcipher(op, ECB, op.dst, op.dst, op.len);
}

function whitenBack(op: SkcipherTemplateOp): Errno {
  const err = addTweaks(op, op.dst);
  if (err === 0) ivBytes(op, LRW_BLOCK_SIZE).set(stepContext(op).iv.subarray(LRW_BLOCK_SIZE));
  return err;
}

/** As in 6.1, whole blocks are processed before a length that is no multiple of them is refused. @kernel lrw_xor_tweak */
function addTweaks(op: SkcipherTemplateOp, src: OpList): Errno {
  const { walk, len } = op;
  const { salt } = op.tfm.ctx;
  const tail = len % LRW_BLOCK_SIZE;
  const err = bvecWalkStart(walk, src, op.dst, len - tail);
  if (err !== 0) return err;
  const iv = stepContext(op).iv.slice(0, LRW_BLOCK_SIZE);
  const tweak = firstTweak(salt, iv);
  const { mem } = walk;
  while (bvecWalkNext(walk, LRW_BLOCK_SIZE)) {
    const run = { mem, src: walk.srcAt, dst: walk.dstAt, len: walk.nbytes };
    eachBlock(run, LRW_BLOCK_SIZE, (block) => {
      cryptoXor(block, tweak);
      cryptoXor(tweak, rowOf(salt, ROWS + lrwNextIndex(iv)));
    });
    bvecWalkDone(walk);
  }
  stepContext(op).iv.set(iv, LRW_BLOCK_SIZE);
  return tail === 0 ? 0 : -EINVAL;
}

function rowOf(tables: Uint8Array, row: number): Uint8Array {
  return tables.subarray(LRW_BLOCK_SIZE * row, LRW_BLOCK_SIZE * (row + 1));
}

function tablesOf(key: Uint8Array): Uint8Array {
  const tables = new Uint8Array(2 * ROWS * LRW_BLOCK_SIZE);
  const power = key.slice();
  const sum = new Uint8Array(LRW_BLOCK_SIZE);
  for (let i = 0; i < ROWS; i++) {
    cryptoXor(sum, power);
    rowOf(tables, i).set(power);
    rowOf(tables, ROWS + i).set(sum);
    doubleBbe(power);
  }
  return tables;
}

/** The tweak key times a 128-bit big-endian factor. */
function firstTweak(tables: Uint8Array, factor: Uint8Array): Uint8Array {
  const product = new Uint8Array(LRW_BLOCK_SIZE);
  for (let i = 0; i < ROWS; i++) {
    const bit = (factor[LRW_BLOCK_SIZE - 1 - (i >>> 3)] >>> (i & 7)) & 1;
    if (bit !== 0) cryptoXor(product, rowOf(tables, i));
  }
  return product;
}

/** Adds 1 to the counter. @returns how many low bits were ones: the row of the step. @kernel lrw_next_index */
function lrwNextIndex(counter: Uint8Array): number {
  let ones = 0;
  for (let i = LRW_BLOCK_SIZE - 1; i >= 0; i--) {
    const byte = counter[i];
    counter[i] = byte + 1;
    if (byte !== 0xff) return ones + 31 - Math.clz32(~byte & -~byte);
    ones += 8;
  }
  return ROWS - 1;
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
