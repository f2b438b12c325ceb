/**
 * lrw(ecb(cipher)): a tweak is added in front of each block and behind it, around one call of the ecb
 * child. The tweak is the IV, counted up, times the end of the key.
 *
 * What the conversion removed: walking the child's request under the parent's alignment.
 * C: crypto/lrw.c (6.1)
 * @module
 */

import { ivBytes } from '../../src/crypto/iv.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { firstTweak, nextTweak, tweakTables } from '../../src/provider/soft/lrw-tweak.ts';
import { childSetkey } from '../child.ts';
import type { OpList } from '../lower/list.ts';
import { KEEP_ALL_BUT_SLEEP, stepContext } from '../steps.ts';
import { type CryptoTemplate, type SkcipherTemplateOp, skcipherTemplate } from '../template.ts';
import { ECB, ecbChild, overEcb, tweakedEcb, XTS_BLOCK_SIZE } from '../tweaked-ecb.ts';
import { changeBlocks, cryptoXor } from './simple.ts';

/** @kernel lrw_tmpl */
export const lrw: CryptoTemplate = skcipherTemplate({
  names: [{ name: 'lrw', params: 1 }],
  children: [ecbChild],
  instance: ([ecb], template) => ({
    ...overEcb(template, ecb),
    minKeysize: ecb.minKeysize + XTS_BLOCK_SIZE,
    maxKeysize: ecb.maxKeysize + XTS_BLOCK_SIZE,
  }),
  keeps: KEEP_ALL_BUT_SLEEP,
  setkey: (tfm, key) => {
    const keylen = key.length - XTS_BLOCK_SIZE;
    tfm.ctx.salt = tweakTables(key.slice(keylen));
    return childSetkey(tfm, ECB, key.slice(0, keylen));
  },
  encrypt: [begin, ...tweakedEcb(addTweaks), end],
  decrypt: [begin, ...tweakedEcb(addTweaks), end],
});

/** Both passes count from here, and leave where they end behind it. */
function begin(op: SkcipherTemplateOp): Errno {
  stepContext(op).iv.set(ivBytes(op, XTS_BLOCK_SIZE));
  return 0;
}

function end(op: SkcipherTemplateOp): Errno {
  ivBytes(op, XTS_BLOCK_SIZE).set(stepContext(op).iv.subarray(XTS_BLOCK_SIZE));
  return 0;
}

/** As in 6.1, whole blocks are processed before a length that is no multiple of them is refused. @kernel lrw_xor_tweak */
function addTweaks(op: SkcipherTemplateOp, src: OpList): Errno {
  const { salt } = op.tfm.ctx;
  const { iv } = stepContext(op);
  const counter = iv.slice(0, XTS_BLOCK_SIZE);
  const tweak = firstTweak(salt, counter);
  const tail = op.len % XTS_BLOCK_SIZE;
  const err = changeBlocks(op, src, op.len - tail, XTS_BLOCK_SIZE, (block) => {
    cryptoXor(block, tweak);
    nextTweak(salt, tweak, counter);
  });
  iv.set(counter, XTS_BLOCK_SIZE);
  return err !== 0 || tail === 0 ? err : -EINVAL;
}
