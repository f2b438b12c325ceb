/**
 * pcbc(cipher): the chaining value is plaintext xor ciphertext.
 * C: crypto/pcbc.c (6.1)
 * @module
 */
import type { CipherKernel } from '../cipher.ts';
import type { CryptoTemplate } from '../template.ts';
import type { SkcipherWalk } from '../walk/skcipher-walk.ts';
import { cryptoXor, eachBlock, skcipherAllocInstanceSimple, walkBlocks } from './simple.ts';

/** @kernel crypto_pcbc_tmpl */
export const pcbc: CryptoTemplate = skcipherAllocInstanceSimple(
  'pcbc',
  (req) => walkBlocks(req, encrypt),
  (req) => walkBlocks(req, decrypt),
);

function encrypt(key: CipherKernel, walk: SkcipherWalk, len: number): void {
  const { iv } = walk;
  eachBlock(walk, len, (block) => {
    const before = block.slice();
    cryptoXor(block, iv);
    key.encryptBlock(block);
    iv.set(before);
    cryptoXor(iv, block);
  });
}

function decrypt(key: CipherKernel, walk: SkcipherWalk, len: number): void {
  const { iv } = walk;
  eachBlock(walk, len, (block) => {
    const before = block.slice();
    key.decryptBlock(block);
    cryptoXor(block, iv);
    iv.set(before);
    cryptoXor(iv, block);
  });
}
