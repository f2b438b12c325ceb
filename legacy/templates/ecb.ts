/**
 * ecb(cipher).
 * C: crypto/ecb.c (6.1)
 * @module
 */
import type { CipherKernel } from '../cipher.ts';
import type { CryptoTemplate } from '../template.ts';
import type { SkcipherWalk } from '../walk/skcipher-walk.ts';
import { skcipherAllocInstanceSimple, walkBlocks } from './simple.ts';

/** @kernel crypto_ecb_tmpl */
export const ecb: CryptoTemplate = skcipherAllocInstanceSimple(
  'ecb',
  (req) => walkBlocks(req, encrypt),
  (req) => walkBlocks(req, decrypt),
  () => ({ ivsize: 0 }),
);

function encrypt(key: CipherKernel, { machine, src, dst }: SkcipherWalk, len: number): void {
  key.ecbEncrypt(machine, src, dst, len);
}

function decrypt(key: CipherKernel, { machine, src, dst }: SkcipherWalk, len: number): void {
  key.ecbDecrypt(machine, src, dst, len);
}
