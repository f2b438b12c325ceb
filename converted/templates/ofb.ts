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
  run: (kernel, run) => {
    eachBlock(run, run.iv.length, (block) => {
      kernel.encryptBlock(run.iv);
      cryptoXor(block, run.iv);
    });
  },
});
