/**
 * ecb(cipher).
 * C: crypto/ecb.c (6.1)
 * @module
 */
import type { Errno } from '../../src/errno.ts';
import type { CipherKernel } from '../cipher.ts';
import type { TemplateRequest } from '../internal.ts';
import type { SkcipherAlg } from '../skcipher.ts';
import type { SkcipherWalk } from '../walk/skcipher-walk.ts';
import { BlockTransform, skcipherAllocInstanceSimple } from './simple.ts';

/** @kernel crypto_ecb_create */
export function cryptoEcbCreate(request: TemplateRequest): SkcipherAlg | Errno {
  return skcipherAllocInstanceSimple(request, 'ecb', (cipher) => ({
    ivsize: 0,
    blocksize: cipher.blocksize,
    init: (tfm) => new EcbTransform(tfm, cipher),
  }));
}

class EcbTransform extends BlockTransform {
  protected blocks(key: CipherKernel, walk: SkcipherWalk, len: number, enc: boolean): void {
    const { machine, src, dst } = walk;
    if (enc) key.ecbEncrypt(machine, src, dst, len);
    else key.ecbDecrypt(machine, src, dst, len);
  }
}
