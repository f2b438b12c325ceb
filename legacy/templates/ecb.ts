/**
 * ecb(cipher).
 * C: crypto/ecb.c (6.1)
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import type { Errno } from '../../src/errno.ts';
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

/** @kernel crypto_ecb_create */
export function cryptoEcbCreate(request: TemplateRequest): SkcipherAlg | Errno {
  return skcipherAllocInstanceSimple(request, 'ecb', (cipher) => ({
    ivsize: 0,
    blocksize: cipher.blocksize,
    init: (tfm) => new EcbTransform(tfm, cipher),
  }));
}

class EcbTransform implements SkcipherTransform {
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
    const walk = new SkcipherWalk(api.machine, api.recorder);
    let err = skcipherWalkVirt(walk, req, /* atomic */ false);
    while (walk.nbytes > 0) {
      const rest = walk.nbytes % bsize;
      const len = walk.nbytes - rest;
      if (enc) key.ecbEncrypt(api.machine, walk.src, walk.dst, len);
      else key.ecbDecrypt(api.machine, walk.src, walk.dst, len);
      err = skcipherWalkDone(walk, rest);
    }
    return err;
  }
}
