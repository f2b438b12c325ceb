/**
 * cts(cbc): ciphertext stealing. An encryption is one call, whose lists have zeros behind the text and the
 * last two blocks in the other order. A decryption needs the last block first: whole blocks at once, then one
 * out of memory of the operation's own.
 *
 * What the conversion removed: finding the last blocks in the caller's list, the second call of an
 * encryption, and putting the input of the other second call into the caller's list.
 * C: crypto/cts.c (6.1)
 * @module
 */

import { CRYPTO_TFM_REQ_MAY_BACKLOG } from '../../src/crypto/algorithm.ts';
import { likeSkcipher } from '../../src/crypto/instance.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { callSkcipher } from '../child.ts';
import { bvecRead, bvecWrite } from '../lower/copy.ts';
import { own, ownRead, ownWrite, padded, parts, slice } from '../parts.ts';
import { stepContext } from '../steps.ts';
import { type CryptoTemplate, type SkcipherTemplateOp, skcipherTemplate } from '../template.ts';
import { cryptoXor } from './simple.ts';

const CBC = 0;
const BLOCK_MAX = 16;

/** @kernel crypto_cts_tmpl */
export const cts: CryptoTemplate = skcipherTemplate({
  names: [{ name: 'cts', params: 1 }],
  children: [{ kind: 'skcipher', name: 'cbc(' }],
  instance: ([cbc]) =>
    cbc.ivsize !== cbc.blocksize ? -EINVAL : { ...likeSkcipher(cbc), walksize: cbc.chunksize },
  own: BLOCK_MAX,
  keeps: CRYPTO_TFM_REQ_MAY_BACKLOG,
  encrypt: [encrypt, giveHead],
  decrypt: [saveChain, wholeBlocks, stealDecrypt],
});

/** The message with zeros behind it, in one call. The last block and the one before it change places. @kernel cts_cbc_encrypt */
function encrypt(op: SkcipherTemplateOp): Errno {
  const { blocksize } = op.tfm.alg;
  const end = endOf(op);
  if (end === op.len || op.len < blocksize) return wholeBlocks(op);
  const src = padded(op, slice(op, op.src, 0, op.len), blocksize);
  const front = slice(op, op.dst, 0, end - blocksize);
  const last = slice(op, op.dst, end - blocksize, blocksize);
  const dst = parts(op, front, own(op, 0, blocksize), last);
  return callSkcipher(op, CBC, src, dst, end + blocksize, op.iv);
}

/** Of the block before the last one, as much as there is room for. */
function giveHead(op: SkcipherTemplateOp): Errno {
  const end = endOf(op);
  bvecWrite(op.walk.mem, op.dst, end, ownRead(op, 0, op.len - end));
  return 0;
}

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

/** The rest is the head of the true last block, whose tail the cipher has just shown. @kernel cts_cbc_decrypt */
function stealDecrypt(op: SkcipherTemplateOp): Errno {
  const { blocksize } = op.tfm.alg;
  const end = endOf(op);
  if (end === op.len) return 0;
  const { mem } = op.walk;
  const chain = stepContext(op).iv.subarray(0, blocksize);
  const last = new Uint8Array(blocksize);
  const rest = new Uint8Array(op.len - end);
  bvecRead(mem, op.dst, end - blocksize, last);
  bvecRead(mem, op.src, end, rest);
  cryptoXor(last, chain);
  const text = last.slice(0, rest.length);
  cryptoXor(text, rest);
  bvecWrite(mem, op.dst, end, text);
  last.set(rest);
  ownWrite(op, 0, last);
  const dst = slice(op, op.dst, end - blocksize, blocksize);
  return callSkcipher(op, CBC, own(op, 0, blocksize), dst, blocksize, chain);
}
