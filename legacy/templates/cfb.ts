/**
 * cfb(cipher): the keystream is the last block of ciphertext, encrypted.
 * C: crypto/cfb.c (6.1)
 * @module
 */
import type { CipherKernel } from '../cipher.ts';
import type { CryptoTemplate } from '../template.ts';
import type { SkcipherWalk } from '../walk/skcipher-walk.ts';
import { cryptoXor, eachBlock, skcipherAllocInstanceSimple, walkStream } from './simple.ts';

/** @kernel crypto_cfb_tmpl */
export const cfb: CryptoTemplate = skcipherAllocInstanceSimple(
  'cfb',
  (req) => walkStream(req, encrypt),
  (req) => walkStream(req, decrypt),
  () => ({ blocksize: 1 }),
);

function encrypt(key: CipherKernel, walk: SkcipherWalk, len: number): void {
  const { iv } = walk;
  eachBlock(walk, len, (block) => {
    addKeystream(key, iv, block);
    // A partial block ends the message and is nobody's IV.
    if (block.length === iv.length) iv.set(block);
  });
}

function decrypt(key: CipherKernel, walk: SkcipherWalk, len: number): void {
  const { iv } = walk;
  eachBlock(walk, len, (block) => {
    const before = block.slice();
    addKeystream(key, iv, block);
    if (block.length === iv.length) iv.set(before);
  });
}

function addKeystream(key: CipherKernel, iv: Uint8Array, block: Uint8Array): void {
  const keystream = iv.slice();
  key.encryptBlock(keystream);
  cryptoXor(block, keystream);
}
