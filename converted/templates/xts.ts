/**
 * xts(ecb(cipher)): tweaks are added in front of the blocks and behind them, around one call of the ecb
 * child. A partial block borrows from the whole one before it, in a call of its own.
 *
 * What the conversion removed: finding the last blocks in the caller's list (two more private tables), and
 * walking the child's request under the parent's alignment.
 * C: crypto/xts.c, include/crypto/xts.h (6.1)
 * @module
 */

import {
  CRYPTO_TFM_REQ_FORBID_WEAK_KEYS,
  CRYPTO_TFM_REQ_MAY_BACKLOG,
} from '../../src/crypto/algorithm.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { advanceTweak } from '../../src/provider/soft/xts-tweak.ts';
import { callSkcipher, childCipher, childSetkey } from '../child.ts';
import { cipherKernel } from '../cipher.ts';
import { bvecRead, bvecWrite } from '../lower/copy.ts';
import type { OpList } from '../lower/list.ts';
import { own, ownRead, ownWrite } from '../parts.ts';
import { stepContext } from '../steps.ts';
import { type CryptoTemplate, type SkcipherTemplateOp, skcipherTemplate } from '../template.ts';
import type { CryptoTfm } from '../tfm.ts';
import { ECB, ecbChild, overEcb, tweakedEcb, XTS_BLOCK_SIZE } from '../tweaked-ecb.ts';
import { changeBlocks, cryptoXor } from './simple.ts';

const TWEAK = 1;

/** @kernel xts_tmpl */
export const xts: CryptoTemplate = skcipherTemplate({
  names: [{ name: 'xts', params: 1 }],
  children: [ecbChild, { kind: 'cipher', inside: ECB }],
  instance: ([ecb], template) => ({
    ...overEcb(template, ecb),
    minKeysize: ecb.minKeysize * 2,
    maxKeysize: ecb.maxKeysize * 2,
  }),
  own: XTS_BLOCK_SIZE,
  keeps: CRYPTO_TFM_REQ_MAY_BACKLOG,
  setkey: (tfm, key) => {
    const half = key.length / 2;
    return (
      xtsVerifyKey(tfm, key) ||
      childSetkey(tfm, TWEAK, key.slice(half)) ||
      childSetkey(tfm, ECB, key.slice(0, half))
    );
  },
  encrypt: [begin, ...tweakedEcb(addTweaks), borrow, lastBlock, giveBack],
  decrypt: [begin, ...tweakedEcb(addTweaks), borrow, lastBlock, giveBack],
});

/**
 * What every XTS driver checks first.
 * @returns -EINVAL for an odd length, and for equal halves when weak keys are forbidden.
 * @kernel xts_verify_key
 */
export function xtsVerifyKey({ flags }: CryptoTfm, key: Uint8Array): Errno {
  if (key.length % 2 !== 0) return -EINVAL;
  if ((flags & CRYPTO_TFM_REQ_FORBID_WEAK_KEYS) === 0) return 0;
  const half = key.length / 2;
  return key.subarray(0, half).every((byte, i) => byte === key[half + i]) ? -EINVAL : 0;
}

/** The first tweak is the encrypted IV; the caller's IV stays as it is. */
function begin(op: SkcipherTemplateOp): Errno {
  if (op.len < XTS_BLOCK_SIZE) return -EINVAL;
  const { iv } = stepContext(op);
  iv.set(ivBytes(op, XTS_BLOCK_SIZE));
  cipherKernel(childCipher(op.tfm, TWEAK)).encryptBlock(iv.subarray(0, XTS_BLOCK_SIZE));
  return 0;
}

/**
 * One tweak a block, and in the upper half of the IV buffer the one of the partial block. A decryption
 * that has one takes the last two in reverse order.
 */
function addTweaks(op: SkcipherTemplateOp, src: OpList): Errno {
  const { iv } = stepContext(op);
  const tweak = iv.slice(0, XTS_BLOCK_SIZE);
  const stolen = iv.subarray(XTS_BLOCK_SIZE);
  const end = op.len - tailOf(op);
  const lastAt = op.enc || end === op.len ? end : end - XTS_BLOCK_SIZE;
  const err = changeBlocks(op, src, end, XTS_BLOCK_SIZE, (block, at) => {
    if (at === lastAt) {
      stolen.set(tweak);
      advanceTweak(tweak, 1);
    }
    cryptoXor(block, tweak);
    advanceTweak(tweak, 1);
  });
  if (op.enc) stolen.set(tweak);
  return err;
}

/** The partial block, filled up from the last whole one, which gives its head to the end. @kernel xts_cts_final */
function borrow(op: SkcipherTemplateOp): Errno {
  const tail = tailOf(op);
  if (tail === 0) return 0;
  const { mem } = op.walk;
  const end = op.len - tail;
  const block = new Uint8Array(XTS_BLOCK_SIZE);
  const rest = new Uint8Array(tail);
  bvecRead(mem, op.dst, end - XTS_BLOCK_SIZE, block);
  bvecRead(mem, op.src, end, rest);
  bvecWrite(mem, op.dst, end, block.subarray(0, tail));
  block.set(rest);
  cryptoXor(block, stepContext(op).iv.subarray(XTS_BLOCK_SIZE));
  ownWrite(op, 0, block);
  return 0;
}

function lastBlock(op: SkcipherTemplateOp): Errno {
  if (tailOf(op) === 0) return 0;
  const block = own(op, 0, XTS_BLOCK_SIZE);
  return callSkcipher(op, ECB, block, block, XTS_BLOCK_SIZE);
}

/** @kernel xts_cts_done */
function giveBack(op: SkcipherTemplateOp): Errno {
  const tail = tailOf(op);
  if (tail === 0) return 0;
  const block = ownRead(op, 0, XTS_BLOCK_SIZE);
  cryptoXor(block, stepContext(op).iv.subarray(XTS_BLOCK_SIZE));
  bvecWrite(op.walk.mem, op.dst, op.len - tail - XTS_BLOCK_SIZE, block);
  return 0;
}

function tailOf({ len }: SkcipherTemplateOp): number {
  return len % XTS_BLOCK_SIZE;
}
