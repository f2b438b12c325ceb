/**
 * pcbc(cipher): the chaining value is plaintext xor ciphertext.
 * C: crypto/pcbc.c (6.1)
 * @module
 */
import { physAddr } from '../../src/units.ts';
import type { CipherKernel } from '../cipher.ts';
import type { CryptoTemplate } from '../template.ts';
import type { SkcipherWalk } from '../walk/skcipher-walk.ts';
import { skcipherAllocInstanceSimple, walkBlocks } from './simple.ts';

/** @kernel crypto_pcbc_tmpl */
export const pcbc: CryptoTemplate = skcipherAllocInstanceSimple(
  'pcbc',
  (req) => walkBlocks(req, encrypt),
  (req) => walkBlocks(req, decrypt),
);

function encrypt(key: CipherKernel, walk: SkcipherWalk, len: number): void {
  eachBlock(walk, len, (block, iv) => {
    xorInto(block, iv);
    key.encryptBlock(block);
  });
}

function decrypt(key: CipherKernel, walk: SkcipherWalk, len: number): void {
  eachBlock(walk, len, (block, iv) => {
    key.decryptBlock(block);
    xorInto(block, iv);
  });
}

function eachBlock(
  { machine, src, dst, iv }: SkcipherWalk,
  len: number,
  crypt: (block: Uint8Array, iv: Uint8Array) => void,
): void {
  const bsize = iv.length;
  const block = new Uint8Array(bsize);
  const before = new Uint8Array(bsize);
  for (let at = 0; at < len; at += bsize) {
    before.set(machine.load(physAddr(src + at), bsize));
    block.set(before);
    crypt(block, iv);
    for (let i = 0; i < bsize; i++) iv[i] = before[i] ^ block[i];
    machine.store(physAddr(dst + at), block);
  }
}

function xorInto(block: Uint8Array, mask: Uint8Array): void {
  for (let i = 0; i < block.length; i++) block[i] ^= mask[i];
}
