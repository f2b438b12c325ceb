/**
 * xctr(cipher): a counter mode whose counter is little endian, begins at 1 and is added (xor) to the IV,
 * which stays as it is.
 * C: crypto/xctr.c (6.1)
 * @module
 */
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { CipherKernel } from '../cipher.ts';
import type { CryptoTemplate, SkcipherTemplateReq } from '../template.ts';
import type { SkcipherWalk } from '../walk/skcipher-walk.ts';
import { cryptoXor, eachBlock, skcipherAllocInstanceSimple, walkStream } from './simple.ts';

const XCTR_BLOCKSIZE = 16;

/** @kernel crypto_xctr_tmpl */
export const xctr: CryptoTemplate = skcipherAllocInstanceSimple(
  'xctr',
  crypt,
  crypt,
  (blocksize) => (blocksize === XCTR_BLOCKSIZE ? { blocksize: 1 } : -EINVAL),
);

function crypt(req: SkcipherTemplateReq): Errno {
  return walkStream(req, xctrCrypt);
}

function xctrCrypt(key: CipherKernel, walk: SkcipherWalk, len: number, at: number): void {
  let counter = at / XCTR_BLOCKSIZE;
  eachBlock(walk, len, (block) => {
    const keystream = walk.iv.slice();
    const view = new DataView(keystream.buffer);
    view.setUint32(0, view.getUint32(0, true) ^ ++counter, true);
    key.encryptBlock(keystream);
    cryptoXor(block, keystream);
  });
}
