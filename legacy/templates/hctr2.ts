/**
 * hctr2(cipher) and hctr2_base(xctr, polyval): a wide-block mode. The first block is added to a hash of the
 * rest, encrypted and makes the IV of XCTR for the rest; a hash of that is added to it.
 * C: crypto/hctr2.c (6.1)
 * @module
 */
import { ivBytes } from '../../src/crypto/iv.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { HashState } from '../../src/provider/provider.ts';
import {
  callSkcipher,
  childCipher,
  childSetkey,
  childShash,
  TemplateCtx,
  templateCtx,
} from '../child.ts';
import { cipherKernel } from '../cipher.ts';
import { type Scatterlist, sgAlloc } from '../lists/scatterlist.ts';
import { hashList } from '../parts.ts';
import { cryptoShashInit } from '../shash.ts';
import type { CryptoSkcipher } from '../skcipher.ts';
import { StepContext, stepContext } from '../steps.ts';
import { type CryptoTemplate, type SkcipherTemplateReq, skcipherTemplate } from '../template.ts';
import { scatterwalkFfwd, scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';
import { cryptoXor } from './simple.ts';

const XCTR = 0;
const CIPHER = 1;
const POLYVAL = 2;
const BLOCK = 16;
const TWEAK_SIZE = 32;
/** Two blocks, two pointers and four list entries; behind the child's request a hash state. */
const REQUEST_HEAD = 176;
const PADDING = Uint8Array.of(1, ...new Uint8Array(BLOCK - 1));

/** @kernel hctr2_tfm_ctx */
class Hctr2TfmCtx extends TemplateCtx {
  readonly mask: Uint8Array = new Uint8Array(BLOCK);
  /** Hashes of the length of the tweak, for messages of whole blocks and for others. */
  tweaklen: readonly HashState[] = [];
}

/** @kernel hctr2_request_ctx */
class Hctr2RequestCtx extends StepContext<SkcipherTemplateReq> {
  readonly firstBlock: Uint8Array = new Uint8Array(BLOCK);
  readonly xctrIv: Uint8Array = new Uint8Array(BLOCK);
  bulkPartSrc: Scatterlist | null = null;
  bulkPartDst: Scatterlist | null = null;
  readonly sgSrc: Scatterlist[] = sgAlloc(2);
  readonly sgDst: Scatterlist[] = sgAlloc(2);
  /** The state behind the tweak, from which both hashes go on. */
  hashedTweak: HashState | null = null;
}

/** @kernel none: hctr2_tmpls */
export const hctr2: CryptoTemplate = skcipherTemplate({
  names: [
    { name: 'hctr2', params: 1, children: ([cipher]) => [`xctr(${cipher})`, '', 'polyval'] },
    { name: 'hctr2_base', params: 2, children: ([xctr, polyval]) => [xctr, '', polyval] },
  ],
  children: [
    { kind: 'skcipher', name: 'xctr(' },
    { kind: 'cipher', inside: XCTR, blocksize: BLOCK },
    { kind: 'shash', name: 'polyval' },
  ],
  instance: ([xctr, cipher, polyval]) => ({
    name: `hctr2(${cipher.name})`,
    driverName: `hctr2_base(${xctr.driverName},${polyval.driverName})`,
    // The hash is called twice.
    priority: Math.floor((2 * xctr.priority + 4 * polyval.priority + cipher.priority) / 7),
    blocksize: BLOCK,
    alignmask: xctr.alignmask | polyval.alignmask,
    ivsize: TWEAK_SIZE,
    chunksize: BLOCK,
    walksize: BLOCK,
    minKeysize: xctr.minKeysize,
    maxKeysize: xctr.maxKeysize,
  }),
  own: ([, , polyval]) => REQUEST_HEAD + polyval.statesize,
  ctx: Hctr2TfmCtx,
  rctx: Hctr2RequestCtx,
  setkey,
  encrypt: [begin, xctr, finish],
  decrypt: [begin, xctr, finish],
});

/** The hash key and the mask of the IV are the blocks 0 and 1, encrypted. @kernel hctr2_setkey */
function setkey(tfm: CryptoSkcipher, key: Uint8Array): Errno {
  const err = childSetkey(tfm, CIPHER, key) || childSetkey(tfm, XCTR, key);
  if (err !== 0) return err;
  const ctx = templateCtx(tfm, Hctr2TfmCtx);
  const kernel = cipherKernel(childCipher(tfm, CIPHER));
  const hbar = new Uint8Array(BLOCK);
  kernel.encryptBlock(hbar);
  ctx.mask.fill(0).set([1]);
  kernel.encryptBlock(ctx.mask);
  const hashErr = childSetkey(tfm, POLYVAL, hbar);
  if (hashErr !== 0) return hashErr;
  ctx.tweaklen = [0, 1].map((remainder) => hashTweaklen(tfm, remainder));
  return 0;
}

/** @kernel hctr2_hash_tweaklen */
function hashTweaklen(tfm: CryptoSkcipher, remainder: number): HashState {
  const block = new Uint8Array(BLOCK);
  new DataView(block.buffer).setUint32(0, TWEAK_SIZE * 8 * 2 + 2 + remainder, true);
  const state = cryptoShashInit(childShash(tfm, POLYVAL));
  state.updateBytes(block);
  return state;
}

/** @kernel hctr2_crypt */
function begin(req: SkcipherTemplateReq): Errno {
  const { tfm, src, dst, cryptlen } = req;
  if (cryptlen < BLOCK) return -EINVAL;
  const rctx = stepContext(req, Hctr2RequestCtx);
  const { firstBlock, xctrIv } = rctx;
  const { mask, tweaklen } = templateCtx(tfm, Hctr2TfmCtx);
  scatterwalkMapAndCopy(tfm.api.machine, firstBlock, src, 0, BLOCK, 0);
  rctx.bulkPartSrc = scatterwalkFfwd(rctx.sgSrc[0], src, BLOCK);
  rctx.bulkPartDst = scatterwalkFfwd(rctx.sgDst[0], dst, BLOCK);
  const hashed = tweaklen[cryptlen % BLOCK === 0 ? 0 : 1].clone();
  hashed.updateBytes(ivBytes(req, TWEAK_SIZE));
  rctx.hashedTweak = hashed;
  cryptoXor(firstBlock, hashMessage(req, hashed.clone(), rctx.bulkPartSrc));
  xctrIv.set(firstBlock);
  const kernel = cipherKernel(childCipher(tfm, CIPHER));
  if (rctx.enc) kernel.encryptBlock(firstBlock);
  else kernel.decryptBlock(firstBlock);
  cryptoXor(xctrIv, firstBlock);
  cryptoXor(xctrIv, mask);
  return 0;
}

function xctr(req: SkcipherTemplateReq): Errno {
  const { bulkPartSrc, bulkPartDst, xctrIv } = stepContext(req, Hctr2RequestCtx);
  return callSkcipher(req, XCTR, bulkPartSrc, bulkPartDst, req.cryptlen - BLOCK, xctrIv);
}

/** @kernel hctr2_finish */
function finish(req: SkcipherTemplateReq): Errno {
  const { firstBlock, hashedTweak, bulkPartDst } = stepContext(req, Hctr2RequestCtx);
  if (hashedTweak !== null) cryptoXor(firstBlock, hashMessage(req, hashedTweak, bulkPartDst));
  scatterwalkMapAndCopy(req.tfm.api.machine, firstBlock, req.dst, 0, BLOCK, 1);
  return 0;
}

/** Goes on with all of a list but the first block, which is not in it. @kernel hctr2_hash_message */
function hashMessage(
  { tfm, cryptlen }: SkcipherTemplateReq,
  state: HashState,
  sgl: Scatterlist | null,
): Uint8Array {
  const remainder = cryptlen % BLOCK;
  const digest = new Uint8Array(BLOCK);
  hashList(tfm.api.machine, state, sgl, cryptlen - BLOCK);
  if (remainder !== 0) state.updateBytes(PADDING.subarray(0, BLOCK - remainder));
  state.digest(digest);
  return digest;
}
