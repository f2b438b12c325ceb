/**
 * cbc(cipher).
 * C: crypto/cbc.c (6.1)
 * @module
 */
import type { CryptoTemplate } from '../template.ts';
import { simpleTemplate } from './simple.ts';

/** @kernel crypto_cbc_tmpl */
export const cbc: CryptoTemplate = simpleTemplate({
  name: 'cbc',
  run: (kernel, { mem, src, dst, len }, iv, enc) =>
    enc ? kernel.cbcEncrypt(mem, src, dst, len, iv) : kernel.cbcDecrypt(mem, src, dst, len, iv),
});
