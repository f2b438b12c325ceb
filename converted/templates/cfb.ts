/**
 * cfb(cipher): the keystream is the last block of ciphertext, encrypted.
 * C: crypto/cfb.c (6.1)
 * @module
 */
import type { CryptoTemplate } from '../template.ts';
import { cryptoXor, eachBlock, simpleTemplate } from './simple.ts';

/** @kernel crypto_cfb_tmpl */
export const cfb: CryptoTemplate = simpleTemplate({
  name: 'cfb',
  stream: true,
  run: (kernel, run, iv, enc) => {
    eachBlock(run, iv.length, (block) => {
      const before = block.slice();
      const keystream = iv.slice();
      kernel.encryptBlock(keystream);
      cryptoXor(block, keystream);
      // A partial block ends the message and is nobody's IV.
      if (block.length === iv.length) iv.set(enc ? block : before);
    });
  },
});
