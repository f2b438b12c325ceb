/**
 * cts(cbc): ciphertext stealing. Whole blocks go through the child at once; the last one goes through it
 * again, out of memory of the operation's own.
 *
 * What the conversion removed: finding the last blocks in the caller's list, and putting the input of the
 * second call there.
 * C: crypto/cts.c (6.1)
 * @module
 */

import { CRYPTO_TFM_REQ_MAY_BACKLOG } from '../../src/crypto/algorithm.ts';
import { instanceNames, likeSkcipher } from '../../src/crypto/instance.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { callSkcipher } from '../child.ts';
import { bvecRead, bvecWrite } from '../lower/copy.ts';
import { own, ownWrite, slice } from '../parts.ts';
import { stepContext } from '../steps.ts';
import { type CryptoTemplate, type SkcipherTemplateOp, skcipherTemplate } from '../template.ts';
import { cryptoXor } from './simple.ts';

const CBC = 0;
const BLOCK_MAX = 16;

/** @kernel crypto_cts_tmpl */
export const cts: CryptoTemplate = skcipherTemplate({
  names: [{ name: 'cts', params: 1 }],
  children: [{ kind: 'skcipher', name: 'cbc(' }],
  instance: ([cbc], template) =>
    cbc.ivsize !== cbc.blocksize
      ? -EINVAL
      : { ...instanceNames(template, [cbc]), ...likeSkcipher(cbc), walksize: cbc.chunksize },
  own: BLOCK_MAX,
  keeps: CRYPTO_TFM_REQ_MAY_BACKLOG,
  encrypt: [wholeBlocks, stealEncrypt],
  decrypt: [saveChain, wholeBlocks, stealDecrypt],
});

function wholeBlocks(op: SkcipherTemplateOp): Errno {
  if (op.len < op.tfm.alg.blocksize) return -EINVAL;
  return callSkcipher(op, CBC, op.src, op.dst, endOf(op), op.iv);
}

/** Where whole blocks end. The last block counts as a partial one, unless it is the only one. */
function endOf({ len, tfm }: SkcipherTemplateOp): number {
  const { blocksize } = tfm.alg;
  return len === blocksize ? len : len - 1 - ((len - 1) % blocksize);
}

/** The ciphertext in front of the last whole block: in place it is gone after the first call. */
function saveChain(op: SkcipherTemplateOp): Errno {
  const { blocksize } = op.tfm.alg;
  if (op.len < blocksize) return -EINVAL;
  const chain = stepContext(op).iv.subarray(0, blocksize);
  const at = endOf(op) - 2 * blocksize;
  if (at < 0) chain.set(ivBytes(op, blocksize));
  else bvecRead(op.walk.mem, op.src, at, chain);
  return 0;
}

/** The last block gives its head to the end and is made again, from the padded rest. @kernel cts_cbc_encrypt */
function stealEncrypt(op: SkcipherTemplateOp): Errno {
  const { last, rest } = lastBlocks(op);
  if (rest.length === 0) return 0;
  bvecWrite(op.walk.mem, op.dst, endOf(op), last.subarray(0, rest.length));
  last.fill(0).set(rest);
  return again(op, last, op.iv);
}

/** The rest is the head of the true last block, whose tail the cipher has just shown. @kernel cts_cbc_decrypt */
function stealDecrypt(op: SkcipherTemplateOp): Errno {
  const { last, rest } = lastBlocks(op);
  if (rest.length === 0) return 0;
  const chain = stepContext(op).iv.subarray(0, last.length);
  cryptoXor(last, chain);
  const text = last.slice(0, rest.length);
  cryptoXor(text, rest);
  bvecWrite(op.walk.mem, op.dst, endOf(op), text);
  last.set(rest);
  return again(op, last, chain);
}

/** The last whole block as the child left it, and what follows it. */
function lastBlocks(op: SkcipherTemplateOp): { last: Uint8Array; rest: Uint8Array } {
  const end = endOf(op);
  const last = new Uint8Array(op.tfm.alg.blocksize);
  const rest = new Uint8Array(op.len - end);
  bvecRead(op.walk.mem, op.dst, end - last.length, last);
  bvecRead(op.walk.mem, op.src, end, rest);
  return { last, rest };
}

function again(op: SkcipherTemplateOp, block: Uint8Array, iv: Uint8Array): Errno {
  const { length } = block;
  ownWrite(op, 0, block);
  const dst = slice(op, op.dst, endOf(op) - length, length);
  return callSkcipher(op, CBC, own(op, 0, length), dst, length, iv);
}
