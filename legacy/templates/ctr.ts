/**
 * ctr(cipher).
 * C: crypto/ctr.c (6.1)
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { BlockKernel, CipherAlg } from '../cipher.ts';
import type { TemplateRequest } from '../internal.ts';
import type {
  CryptoSkcipher,
  SkcipherAlg,
  SkcipherRequest,
  SkcipherTransform,
} from '../skcipher.ts';
import { SkcipherWalk, skcipherWalkDone, skcipherWalkVirt } from '../skcipher-walk.ts';
import { skcipherAllocInstanceSimple } from './simple.ts';

/** @returns -EINVAL for a block of less than 4 bytes or no multiple of 4. @kernel crypto_ctr_create */
export function cryptoCtrCreate(request: TemplateRequest): SkcipherAlg | Errno {
  return skcipherAllocInstanceSimple(request, 'ctr', (cipher) => {
    if (cipher.blocksize < 4 || cipher.blocksize % 4 !== 0) return -EINVAL;
    return {
      ivsize: cipher.blocksize,
      blocksize: 1, // a stream cipher for the rest of the world
      init: (tfm) => new CtrTransform(tfm, cipher),
    };
  });
}

class CtrTransform implements SkcipherTransform {
  private readonly tfm: CryptoSkcipher;
  private readonly cipher: CipherAlg;
  private key: BlockKernel | null = null;

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
    const { api } = this.tfm;
    const { key } = this;
    if (key === null) throw new KernelBug('cipher without key');
    const bsize = this.cipher.blocksize;
    const walk = new SkcipherWalk(api.machine, api.recorder);
    let err = skcipherWalkVirt(walk, req, /* atomic */ false);
    while (walk.nbytes >= bsize) {
      const rest = walk.nbytes % bsize;
      key.ctrCrypt(api.machine, walk.src, walk.dst, walk.nbytes - rest, walk.iv);
      err = skcipherWalkDone(walk, rest);
    }
    if (walk.nbytes > 0) {
      key.ctrCrypt(api.machine, walk.src, walk.dst, walk.nbytes, walk.iv);
      err = skcipherWalkDone(walk, 0);
    }
    return err;
  }

  decrypt(req: SkcipherRequest): Errno {
    return this.encrypt(req);
  }
}
