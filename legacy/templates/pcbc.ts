/**
 * pcbc(cipher): the chaining value is plaintext xor ciphertext.
 * C: crypto/pcbc.c (6.1)
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import type { Errno } from '../../src/errno.ts';
import { physAddr } from '../../src/units.ts';
import type { CipherAlg, CipherKernel } from '../cipher.ts';
import type { TemplateRequest } from '../internal.ts';
import type {
  CryptoSkcipher,
  SkcipherAlg,
  SkcipherRequest,
  SkcipherTransform,
} from '../skcipher.ts';
import { SkcipherWalk, skcipherWalkDone, skcipherWalkVirt } from '../skcipher-walk.ts';
import { skcipherAllocInstanceSimple } from './simple.ts';

/** @kernel crypto_pcbc_create */
export function cryptoPcbcCreate(request: TemplateRequest): SkcipherAlg | Errno {
  return skcipherAllocInstanceSimple(request, 'pcbc', (cipher) => ({
    ivsize: cipher.blocksize,
    blocksize: cipher.blocksize,
    init: (tfm) => new PcbcTransform(tfm, cipher),
  }));
}

class PcbcTransform implements SkcipherTransform {
  private readonly tfm: CryptoSkcipher;
  private readonly cipher: CipherAlg;
  private key: CipherKernel | null = null;

  constructor(tfm: CryptoSkcipher, cipher: CipherAlg) {
    this.tfm = tfm;
    this.cipher = cipher;
  }

  setkey(key: Uint8Array): Errno {
    const kernel = this.cipher.setkey(key, this.tfm.flags);
    if (typeof kernel === 'number') return kernel;
    this.key = kernel;
    return 0;
  }

  encrypt(req: SkcipherRequest): Errno {
    return this.crypt(req, /* enc */ true);
  }

  decrypt(req: SkcipherRequest): Errno {
    return this.crypt(req, /* enc */ false);
  }

  private crypt(req: SkcipherRequest, enc: boolean): Errno {
    const { api } = this.tfm;
    const { key } = this;
    if (key === null) throw new KernelBug('cipher without key');
    const bsize = this.cipher.blocksize;
    const block = new Uint8Array(bsize);
    const before = new Uint8Array(bsize);
    const walk = new SkcipherWalk(api.machine, api.recorder);
    let err = skcipherWalkVirt(walk, req, /* atomic */ false);
    while (walk.nbytes > 0) {
      const rest = walk.nbytes % bsize;
      for (let at = 0; at < walk.nbytes - rest; at += bsize) {
        before.set(api.machine.load(physAddr(walk.src + at), bsize));
        block.set(before);
        if (enc) {
          xorInto(block, walk.iv);
          key.encryptBlock(block);
        } else {
          key.decryptBlock(block);
          xorInto(block, walk.iv);
        }
        for (let i = 0; i < bsize; i++) walk.iv[i] = before[i] ^ block[i];
        api.machine.store(physAddr(walk.dst + at), block);
      }
      err = skcipherWalkDone(walk, rest);
    }
    return err;
  }
}

function xorInto(block: Uint8Array, mask: Uint8Array): void {
  for (let i = 0; i < block.length; i++) block[i] ^= mask[i];
}
