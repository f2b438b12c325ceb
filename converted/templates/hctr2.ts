/**
 * hctr2(cipher) and hctr2_base(xctr, polyval): a wide-block mode. The first block is added to a hash of the
 * rest, encrypted and makes the IV of XCTR for the rest; a hash of that is added to it.
 *
 * Tweak and text are one POLYVAL message of three lists. What the conversion removed: mapping the caller's
 * list entry by entry for the hash, exporting and importing the state behind the tweak, two private tables.
 * C: crypto/hctr2.c (6.1)
 * @module
 */

import { CRYPTO_TFM_REQ_MAY_BACKLOG } from '../../src/crypto/algorithm.ts';
import { likeSkcipher } from '../../src/crypto/instance.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { ahashDigest } from '../ahash.ts';
import { callAhash, callSkcipher, childCipher, childSetkey, type TemplateCtx } from '../child.ts';
import { cipherKernel } from '../cipher.ts';
import { bvecRead, bvecWrite } from '../lower/copy.ts';
import type { OpList } from '../lower/list.ts';
import { NO_LIST } from '../op.ts';
import { own, ownWrite, parts, slice } from '../parts.ts';
import type { CryptoSkcipher } from '../skcipher.ts';
import { stepContext } from '../steps.ts';
import { type CryptoTemplate, type SkcipherTemplateOp, skcipherTemplate } from '../template.ts';
import { cryptoXor } from './simple.ts';

const XCTR = 0;
const CIPHER = 1;
const POLYVAL = 2;
const BLOCK = 16;
const TWEAK_SIZE = 32;
/** Own bytes of an operation: length block and tweak, padding. */
const PADDING = BLOCK + TWEAK_SIZE;

/** @kernel hctr2_tmpl, hctr2_base_tmpl */
export const hctr2: CryptoTemplate = skcipherTemplate({
  names: [
    { name: 'hctr2', params: 1, children: ([cipher]) => [`xctr(${cipher})`, '', 'polyval'] },
    { name: 'hctr2_base', params: 2, children: ([xctr, polyval]) => [xctr, '', polyval] },
  ],
  children: [
    { kind: 'skcipher', name: 'xctr(' },
    { kind: 'cipher', inside: XCTR, blocksize: BLOCK },
    { kind: 'ahash', name: 'polyval', sync: true },
  ],
  instance: ([xctr, cipher, polyval]) => ({
    ...likeSkcipher(xctr),
    name: `hctr2(${cipher.name})`,
    driverName: `hctr2_base(${xctr.driverName},${polyval.driverName})`,
    // The hash is called twice.
    priority: Math.floor((2 * xctr.priority + 4 * polyval.priority + cipher.priority) / 7),
    blocksize: BLOCK,
    alignmask: xctr.alignmask | polyval.alignmask,
    ivsize: TWEAK_SIZE,
    chunksize: BLOCK,
    walksize: BLOCK,
  }),
  own: PADDING + 1,
  keeps: CRYPTO_TFM_REQ_MAY_BACKLOG,
  setkey,
  encrypt: [first, rest, finish],
  decrypt: [first, rest, finish],
});

/** The hash key and the mask of the IV are the blocks 0 and 1, encrypted. @kernel hctr2_setkey */
function setkey(tfm: CryptoSkcipher<TemplateCtx>, key: Uint8Array): Errno {
  const err = childSetkey(tfm, CIPHER, key) || childSetkey(tfm, XCTR, key);
  if (err !== 0) return err;
  const kernel = cipherKernel(childCipher(tfm, CIPHER));
  const [hashKey, mask] = [0, 1].map((first) => {
    const block = Uint8Array.of(first, ...new Uint8Array(BLOCK - 1));
    kernel.encryptBlock(block);
    return block;
  });
  tfm.ctx.salt = mask;
  return childSetkey(tfm, POLYVAL, hashKey);
}

/** The first block, and with it the IV of the rest, behind it in the IV buffer. @kernel hctr2_crypt */
function first(op: SkcipherTemplateOp): Errno {
  if (op.len < BLOCK) return -EINVAL;
  const { iv } = stepContext(op);
  const [block, xctrIv] = [iv.subarray(0, BLOCK), iv.subarray(BLOCK)];
  bvecRead(op.walk.mem, op.src, 0, block);
  const err = addHash(op, op.src, block);
  if (err !== 0) return err;
  xctrIv.set(block);
  const kernel = cipherKernel(childCipher(op.tfm, CIPHER));
  if (op.enc) kernel.encryptBlock(block);
  else kernel.decryptBlock(block);
  cryptoXor(xctrIv, block);
  cryptoXor(xctrIv, op.tfm.ctx.salt);
  return 0;
}

function rest(op: SkcipherTemplateOp): Errno {
  const bulk = op.len - BLOCK;
  const src = slice(op, op.src, BLOCK, bulk);
  const dst = slice(op, op.dst, BLOCK, bulk);
  return callSkcipher(op, XCTR, src, dst, bulk, stepContext(op).iv.subarray(BLOCK), /* enc */ true);
}

/** @kernel hctr2_finish */
function finish(op: SkcipherTemplateOp): Errno {
  const block = stepContext(op).iv.subarray(0, BLOCK);
  const err = addHash(op, op.dst, block);
  if (err !== 0) return err;
  bvecWrite(op.walk.mem, op.dst, 0, block);
  return 0;
}

/** Adds the hash of the tweak and of all of the text but its first block. @kernel hctr2_hash_tweak, hctr2_hash_message */
function addHash(op: SkcipherTemplateOp, text: OpList, block: Uint8Array): Errno {
  const partial = op.len % BLOCK !== 0;
  const head = new Uint8Array(PADDING + 1);
  new DataView(head.buffer).setUint32(0, TWEAK_SIZE * 8 * 2 + (partial ? 3 : 2), true);
  head.set(ivBytes(op, TWEAK_SIZE), BLOCK);
  head[PADDING] = 1;
  ownWrite(op, 0, head);
  const bulk = slice(op, text, BLOCK, op.len - BLOCK);
  const end = partial ? own(op, PADDING, 1) : NO_LIST;
  const digest = new Uint8Array(BLOCK);
  const message = parts(op, own(op, 0, PADDING), bulk, end);
  const err = callAhash(op, POLYVAL, ahashDigest, message, digest);
  cryptoXor(block, digest);
  return err;
}
