/**
 * pcbc(cipher): the chaining value is plaintext xor ciphertext.
 * C: crypto/pcbc.c (6.1)
 * @module
 */
import type { CryptoTemplate } from '../template.ts';
import { cryptoXor, eachBlock, simpleTemplate } from './simple.ts';

/** @kernel crypto_pcbc_tmpl */
export const pcbc: CryptoTemplate = simpleTemplate({
  name: 'pcbc',
  run: (kernel, run, iv, enc) => {
    eachBlock(run, iv.length, (block) => {
      const before = block.slice();
      if (enc) {
        cryptoXor(block, iv);
        kernel.encryptBlock(block);
      } else {
        kernel.decryptBlock(block);
        cryptoXor(block, iv);
      }
      iv.set(before);
      cryptoXor(iv, block);
    });
  },
});
