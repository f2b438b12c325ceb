/**
 * cbc(cipher).
 * C: crypto/cbc.c (6.1)
 * @module
 */
import type { CipherKernel } from '../cipher.ts';
import type { CryptoTemplate } from '../template.ts';
import type { SkcipherWalk } from '../walk/skcipher-walk.ts';
import { skcipherAllocInstanceSimple, walkBlocks } from './simple.ts';

/** @kernel crypto_cbc_tmpl */
export const cbc: CryptoTemplate = skcipherAllocInstanceSimple(
  'cbc',
  (req) => walkBlocks(req, encrypt),
  (req) => walkBlocks(req, decrypt),
);

function encrypt(key: CipherKernel, { machine, src, dst, iv }: SkcipherWalk, len: number): void {
  key.cbcEncrypt(machine, src, dst, len, iv);
}

function decrypt(key: CipherKernel, { machine, src, dst, iv }: SkcipherWalk, len: number): void {
  key.cbcDecrypt(machine, src, dst, len, iv);
}
