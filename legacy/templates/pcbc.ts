/**
 * pcbc(cipher): the chaining value is plaintext xor ciphertext.
 * C: crypto/pcbc.c (6.1)
 * @module
 */
import type { Errno } from '../../src/errno.ts';
import { physAddr } from '../../src/units.ts';
import type { CipherKernel } from '../cipher.ts';
import type { TemplateRequest } from '../internal.ts';
import type { SkcipherAlg } from '../skcipher.ts';
import type { SkcipherWalk } from '../walk/skcipher-walk.ts';
import { BlockTransform, skcipherAllocInstanceSimple } from './simple.ts';

/** @kernel crypto_pcbc_create */
export function cryptoPcbcCreate(request: TemplateRequest): SkcipherAlg | Errno {
  return skcipherAllocInstanceSimple(request, 'pcbc', (cipher) => ({
    ivsize: cipher.blocksize,
    blocksize: cipher.blocksize,
    init: (tfm) => new PcbcTransform(tfm, cipher),
  }));
}

class PcbcTransform extends BlockTransform {
  protected blocks(key: CipherKernel, walk: SkcipherWalk, len: number, enc: boolean): void {
    const { machine, src, dst, iv } = walk;
    const bsize = this.cipher.blocksize;
    const block = new Uint8Array(bsize);
    const before = new Uint8Array(bsize);
    for (let at = 0; at < len; at += bsize) {
      before.set(machine.load(physAddr(src + at), bsize));
      block.set(before);
      if (enc) {
        xorInto(block, iv);
        key.encryptBlock(block);
      } else {
        key.decryptBlock(block);
        xorInto(block, iv);
      }
      for (let i = 0; i < bsize; i++) iv[i] = before[i] ^ block[i];
      machine.store(physAddr(dst + at), block);
    }
  }
}

function xorInto(block: Uint8Array, mask: Uint8Array): void {
  for (let i = 0; i < block.length; i++) block[i] ^= mask[i];
}
