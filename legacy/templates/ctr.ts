/**
 * ctr(cipher).
 * C: crypto/ctr.c (6.1)
 * @module
 */
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { CipherKernel } from '../cipher.ts';
import type { TemplateRequest } from '../internal.ts';
import type { SkcipherAlg, SkcipherRequest } from '../skcipher.ts';
import { SkcipherWalk, skcipherWalkDone, skcipherWalkVirt } from '../walk/skcipher-walk.ts';
import { SimpleTransform, skcipherAllocInstanceSimple } from './simple.ts';

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

class CtrTransform extends SimpleTransform {
  encrypt(req: SkcipherRequest): Errno {
    const { api } = this.tfm;
    const key = this.key();
    const bsize = this.cipher.blocksize;
    const walk = new SkcipherWalk(api.machine, api.recorder);
    let err = skcipherWalkVirt(walk, req, /* atomic */ false);
    while (walk.nbytes >= bsize) {
      const rest = walk.nbytes % bsize;
      ctrCrypt(key, walk, walk.nbytes - rest, bsize);
      err = skcipherWalkDone(walk, rest);
    }
    if (walk.nbytes > 0) {
      ctrCrypt(key, walk, walk.nbytes, bsize);
      err = skcipherWalkDone(walk, 0);
    }
    return err;
  }

  decrypt(req: SkcipherRequest): Errno {
    return this.encrypt(req);
  }
}

function ctrCrypt(key: CipherKernel, walk: SkcipherWalk, len: number, bsize: number): void {
  const { machine, src, dst, iv } = walk;
  if (key.ctrCrypt !== undefined) key.ctrCrypt(machine, src, dst, len, iv);
  else ctrBlocks(key, walk, len, bsize);
}

/** Counter mode block by block, for a cipher that brings none. */
function ctrBlocks(key: CipherKernel, walk: SkcipherWalk, len: number, bsize: number): void {
  const { machine, iv } = walk;
  const text = machine.load(walk.src, len).slice();
  const keystream = new Uint8Array(bsize);
  for (let at = 0; at < len; at += bsize) {
    keystream.set(iv);
    key.encryptBlock(keystream);
    const end = Math.min(at + bsize, len);
    for (let i = at; i < end; i++) text[i] ^= keystream[i - at];
    cryptoInc(iv);
  }
  machine.store(walk.dst, text);
}

/** Adds 1 to a big-endian counter that fills the buffer. @kernel crypto_inc */
function cryptoInc(counter: Uint8Array): void {
  for (let i = counter.length - 1; i >= 0; i--) {
    counter[i]++;
    if (counter[i] !== 0) return;
  }
}
