/**
 * cbc(cipher).
 * C: crypto/cbc.c (6.1)
 * @module
 */
import type { Errno } from '../../src/errno.ts';
import type { CipherKernel } from '../cipher.ts';
import type { TemplateRequest } from '../internal.ts';
import type { SkcipherAlg } from '../skcipher.ts';
import type { SkcipherWalk } from '../walk/skcipher-walk.ts';
import { BlockTransform, skcipherAllocInstanceSimple } from './simple.ts';

/** @kernel crypto_cbc_create */
export function cryptoCbcCreate(request: TemplateRequest): SkcipherAlg | Errno {
  return skcipherAllocInstanceSimple(request, 'cbc', (cipher) => ({
    ivsize: cipher.blocksize,
    blocksize: cipher.blocksize,
    init: (tfm) => new CbcTransform(tfm, cipher),
  }));
}

class CbcTransform extends BlockTransform {
  protected blocks(key: CipherKernel, walk: SkcipherWalk, len: number, enc: boolean): void {
    const { machine, src, dst, iv } = walk;
    if (enc) key.cbcEncrypt(machine, src, dst, len, iv);
    else key.cbcDecrypt(machine, src, dst, len, iv);
  }
}
