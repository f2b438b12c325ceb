/**
 * ctr(cipher).
 * C: crypto/ctr.c (6.1)
 * @module
 */
import type { CipherKernel } from '../cipher.ts';
import type { WalkRun } from '../lower/walk.ts';
import type { CryptoTemplate } from '../template.ts';
import { cryptoInc, cryptoXor, eachBlock, simpleTemplate } from './simple.ts';

/** @kernel crypto_ctr_tmpl */
export const ctr: CryptoTemplate = simpleTemplate({
  name: 'ctr',
  stream: true,
  takes: ({ blocksize }) => blocksize >= 4 && blocksize % 4 === 0,
  run: (kernel, run, iv) => {
    const { mem, src, dst, len } = run;
    if (kernel.ctrCrypt === undefined) blocks(kernel, run, iv);
    else kernel.ctrCrypt(mem, src, dst, len, iv);
  },
});

/** Block by block, for a cipher that brings no counter mode. */
function blocks(kernel: CipherKernel, run: WalkRun, iv: Uint8Array): void {
  eachBlock(run, iv.length, (block) => {
    const keystream = iv.slice();
    kernel.encryptBlock(keystream);
    cryptoXor(block, keystream);
    cryptoInc(iv);
  });
}
