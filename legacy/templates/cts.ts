/**
 * cts(cbc(cipher)): CBC with ciphertext stealing, variant CS3, the last two blocks always swapped.
 * C: crypto/cts.c (6.1)
 * @module
 */

import { instanceNames, likeSkcipher } from '../../src/crypto/instance.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { callSkcipher, childSetkey } from '../child.ts';
import { type Scatterlist, sgAlloc } from '../lists/scatterlist.ts';
import { StepContext, stepContext } from '../steps.ts';
import { type CryptoTemplate, type SkcipherTemplateReq, skcipherTemplate } from '../template.ts';
import { scatterwalkFfwd, scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';

const CBC = 0;
/** Two list entries and the offset in the request; behind them a saved block. */
const REQUEST_HEAD = 56;

class CtsCtx extends StepContext<SkcipherTemplateReq> {
  readonly sg: Scatterlist[] = sgAlloc(2);
  /** Of a decryption: the ciphertext block in front of the last two. */
  space: Uint8Array = new Uint8Array(0);
  /** Where the last block begins. */
  offset = 0;
}

/** @kernel crypto_cts_tmpl */
export const cts: CryptoTemplate = skcipherTemplate({
  names: [{ name: 'cts', params: 1 }],
  children: [{ kind: 'skcipher', name: 'cbc(' }],
  instance: ([cbc], template) =>
    cbc.ivsize !== cbc.blocksize
      ? -EINVAL
      : { ...instanceNames(template, [cbc]), ...likeSkcipher(cbc), walksize: cbc.chunksize },
  own: ([cbc]) => REQUEST_HEAD + cbc.blocksize,
  rctx: CtsCtx,
  setkey: (tfm, key) => childSetkey(tfm, CBC, key),
  encrypt: [begin, cbcEncrypt],
  decrypt: [savePrevious, begin, cbcDecrypt],
});

/** All but the last block, or the only one. @kernel crypto_cts_encrypt */
function begin(req: SkcipherTemplateReq): Errno {
  const { blocksize } = req.tfm.alg;
  const rctx = stepContext(req, CtsCtx);
  if (req.cryptlen < blocksize) return -EINVAL;
  rctx.offset = lastBlock(req);
  return callSkcipher(req, CBC, req.src, req.dst, rctx.offset || blocksize, req.iv);
}

/** @kernel cts_cbc_encrypt */
function cbcEncrypt(req: SkcipherTemplateReq): Errno {
  const { blocksize } = req.tfm.alg;
  const { offset, sg } = stepContext(req, CtsCtx);
  if (offset === 0) return 0;
  const lastn = req.cryptlen - offset;
  const d = new Uint8Array(2 * blocksize);
  const last = scatterwalkFfwd(sg[0], req.dst, offset - blocksize);
  copy(req, d.subarray(blocksize), last, 0, blocksize, 0);
  copy(req, d, req.src, offset, lastn, 0);
  copy(req, d, last, 0, blocksize + lastn, 1);
  return callSkcipher(req, CBC, last, last, blocksize, req.iv);
}

function savePrevious(req: SkcipherTemplateReq): Errno {
  const { blocksize } = req.tfm.alg;
  const rctx = stepContext(req, CtsCtx);
  if (req.cryptlen < blocksize) return -EINVAL;
  const offset = lastBlock(req);
  rctx.space = ivBytes(req, blocksize).slice();
  if (offset > blocksize) copy(req, rctx.space, req.src, offset - 2 * blocksize, blocksize, 0);
  return 0;
}

/** @kernel cts_cbc_decrypt */
function cbcDecrypt(req: SkcipherTemplateReq): Errno {
  const { blocksize } = req.tfm.alg;
  const { offset, sg, space } = stepContext(req, CtsCtx);
  if (offset === 0) return 0;
  const lastn = req.cryptlen - offset;
  const d = new Uint8Array(2 * blocksize);
  const last = scatterwalkFfwd(sg[0], req.dst, offset - blocksize);
  // The block cipher's output for the last full block, without its chaining.
  copy(req, d.subarray(blocksize), last, 0, blocksize, 0);
  for (let i = 0; i < blocksize; i++) d[blocksize + i] ^= space[i];
  copy(req, d, req.src, offset, lastn, 0);
  // The partial block xor that output, and the stolen tail behind the partial block.
  for (let i = 0; i < blocksize; i++) d[blocksize + i] ^= d[i];
  d.copyWithin(lastn, blocksize + lastn, 2 * blocksize);
  copy(req, d, last, 0, blocksize + lastn, 1);
  return callSkcipher(req, CBC, last, last, blocksize, space);
}

/** Where the last block of more than one begins, 0 for a single one. */
function lastBlock(req: SkcipherTemplateReq): number {
  const { blocksize } = req.tfm.alg;
  return req.cryptlen === blocksize ? 0 : Math.floor((req.cryptlen - 1) / blocksize) * blocksize;
}

function copy(
  req: SkcipherTemplateReq,
  buf: Uint8Array,
  sg: Scatterlist | null,
  start: number,
  nbytes: number,
  out: 0 | 1,
): void {
  scatterwalkMapAndCopy(req.tfm.api.machine, buf, sg, start, nbytes, out);
}
