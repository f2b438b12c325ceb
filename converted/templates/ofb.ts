/**
 * ofb(cipher): the keystream is the IV, encrypted again and again.
 * C: crypto/ofb.c (6.1)
 * @module
 */
import type { CryptoTemplate } from '../template.ts';
import { cryptoXor, eachBlock, simpleTemplate } from './simple.ts';

/** @kernel crypto_ofb_tmpl */
export const ofb: CryptoTemplate = simpleTemplate({
  name: 'ofb',
  stream: true,
  run: (kernel, run, iv) => {
    eachBlock(run, iv.length, (block) => {
      kernel.encryptBlock(iv);
      cryptoXor(block, iv);
    });
  },
});
