/**
 * xctr(cipher): a counter mode whose counter is little endian, begins at 1 and is added (xor) to the IV,
 * which stays as it is.
 * C: crypto/xctr.c (6.1)
 * @module
 */
import type { CryptoTemplate } from '../template.ts';
import { cryptoXor, eachBlock, simpleTemplate } from './simple.ts';

const XCTR_BLOCKSIZE = 16;

/** @kernel crypto_xctr_tmpl */
export const xctr: CryptoTemplate = simpleTemplate({
  name: 'xctr',
  stream: true,
  takes: ({ blocksize }) => blocksize === XCTR_BLOCKSIZE,
  run: (kernel, run, iv) => {
    eachBlock(run, XCTR_BLOCKSIZE, (block, at) => {
      const keystream = iv.slice();
      const view = new DataView(keystream.buffer);
      const counter = at / XCTR_BLOCKSIZE + 1;
      view.setUint32(0, view.getUint32(0, true) ^ counter, true);
      kernel.encryptBlock(keystream);
      cryptoXor(block, keystream);
    });
  },
});
