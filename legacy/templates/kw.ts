/**
 * kw(cipher): key wrap. The IV is made by the encryption, and checked by the decryption. Six passes over
 * the caller's lists, half a block at a time; the first reads the source, the others the destination. On
 * the way back each half block is looked for from the head of the list, and what is not authentic has
 * been written.
 * C: crypto/keywrap.c (6.1)
 * @module
 */
import { ivBytes } from '../../src/crypto/iv.ts';
import { EBADMSG, EINVAL, type Errno } from '../../src/errno.ts';
import { childCipher } from '../child.ts';
import { cipherKernel } from '../cipher.ts';
import { type Scatterlist, sgNext } from '../lists/scatterlist.ts';
import type { CryptoTemplate, SkcipherTemplateReq } from '../template.ts';
import {
  SCATTERWALK_FROM_SG,
  SCATTERWALK_TO_SG,
  ScatterWalk,
  scatterwalkAdvance,
  scatterwalkCopychunks,
  scatterwalkStart,
} from '../walk/scatterwalk.ts';
import { skcipherAllocInstanceSimple } from './simple.ts';

const BLOCK = 16;
const SEMIBSIZE = 8;
const ROUNDS = 6;
/** What stands in front of a key that was wrapped. */
const MAGIC = 0xa6;

/** @kernel crypto_kw_tmpl */
export const kw: CryptoTemplate = skcipherAllocInstanceSimple(
  'kw',
  encrypt,
  decrypt,
  (blocksize) =>
    blocksize !== BLOCK
      ? -EINVAL
      : {
          blocksize: SEMIBSIZE,
          alignmask: 0,
          ivsize: SEMIBSIZE,
          chunksize: SEMIBSIZE,
          walksize: SEMIBSIZE,
        },
);

/** Gives the IV to the caller. @kernel crypto_kw_encrypt */
function encrypt(req: SkcipherTemplateReq): Errno {
  const { tfm, src, dst, cryptlen } = req;
  if (cryptlen < 2 * SEMIBSIZE || cryptlen % SEMIBSIZE !== 0) return -EINVAL;
  const { machine } = tfm.api;
  const kernel = cipherKernel(childCipher(tfm, 0));
  const block = new Uint8Array(BLOCK).fill(MAGIC, 0, SEMIBSIZE);
  const right = block.subarray(SEMIBSIZE);
  const [from, to] = [new ScatterWalk(), new ScatterWalk()];
  let step = 0;
  for (let round = 0; round < ROUNDS; round++) {
    scatterwalkStart(from, round === 0 ? src : dst);
    scatterwalkStart(to, dst);
    for (let nbytes = cryptlen; nbytes > 0; nbytes -= SEMIBSIZE) {
      scatterwalkCopychunks(machine, right, from, SEMIBSIZE, SCATTERWALK_FROM_SG);
      kernel.encryptBlock(block);
      count(block, ++step);
      scatterwalkCopychunks(machine, right, to, SEMIBSIZE, SCATTERWALK_TO_SG);
    }
  }
  ivBytes(req, SEMIBSIZE).set(block.subarray(0, SEMIBSIZE));
  return 0;
}

/** @kernel crypto_kw_decrypt */
function decrypt(req: SkcipherTemplateReq): Errno {
  const { tfm, src, dst, cryptlen } = req;
  if (cryptlen < 2 * SEMIBSIZE || cryptlen % SEMIBSIZE !== 0) return -EINVAL;
  const { machine } = tfm.api;
  const kernel = cipherKernel(childCipher(tfm, 0));
  const block = new Uint8Array(BLOCK);
  const right = block.subarray(SEMIBSIZE);
  block.set(ivBytes(req, SEMIBSIZE));
  let step = (ROUNDS * cryptlen) / SEMIBSIZE;
  for (let round = 0; round < ROUNDS; round++) {
    for (let nbytes = cryptlen; nbytes > 0; nbytes -= SEMIBSIZE) {
      const from = walkEndingAt(round === 0 ? src : dst, nbytes);
      scatterwalkCopychunks(machine, right, from, SEMIBSIZE, SCATTERWALK_FROM_SG);
      count(block, step--);
      kernel.decryptBlock(block);
      const to = walkEndingAt(dst, nbytes);
      scatterwalkCopychunks(machine, right, to, SEMIBSIZE, SCATTERWALK_TO_SG);
    }
  }
  return block.subarray(0, SEMIBSIZE).every((byte) => byte === MAGIC) ? 0 : -EBADMSG;
}

/** A walk that is half a block in front of `end`. @kernel crypto_kw_scatterlist_ff */
function walkEndingAt(list: Scatterlist | null, end: number): ScatterWalk {
  const walk = new ScatterWalk();
  let skip = end - SEMIBSIZE;
  for (let sg = list; sg !== null; sg = sgNext(sg)) {
    if (sg.length > skip) {
      scatterwalkStart(walk, sg);
      scatterwalkAdvance(walk, skip);
      break;
    }
    skip -= sg.length;
  }
  return walk;
}

/** Adds (xor) the number of the step to the left half, big endian. */
function count(block: Uint8Array, step: number): void {
  const view = new DataView(block.buffer);
  view.setUint32(4, view.getUint32(4) ^ step);
}
