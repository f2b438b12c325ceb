/**
 * ecb(cipher).
 * C: crypto/ecb.c (6.1)
 * @module
 */
import type { CryptoTemplate } from '../template.ts';
import { simpleTemplate } from './simple.ts';

/** @kernel crypto_ecb_tmpl */
export const ecb: CryptoTemplate = simpleTemplate({
  name: 'ecb',
  chains: false,
  run: (kernel, { mem, src, dst, len }, _iv, enc) =>
    enc ? kernel.ecbEncrypt(mem, src, dst, len) : kernel.ecbDecrypt(mem, src, dst, len),
});
