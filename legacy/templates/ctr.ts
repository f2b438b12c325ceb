/**
 * ctr(cipher).
 * C: crypto/ctr.c (6.1)
 * @module
 */
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { CipherKernel } from '../cipher.ts';
import type { CryptoTemplate, SkcipherTemplateReq } from '../template.ts';
import type { SkcipherWalk } from '../walk/skcipher-walk.ts';
import { skcipherAllocInstanceSimple, walkStream } from './simple.ts';

/** @kernel crypto_ctr_tmpl */
export const ctr: CryptoTemplate = skcipherAllocInstanceSimple('ctr', crypt, crypt, (blocksize) =>
  // A stream cipher for the rest of the world.
  blocksize < 4 || blocksize % 4 !== 0 ? -EINVAL : { blocksize: 1 },
);

function crypt(req: SkcipherTemplateReq): Errno {
  return walkStream(req, ctrCrypt);
}

function ctrCrypt(key: CipherKernel, walk: SkcipherWalk, len: number): void {
  const { machine, src, dst, iv } = walk;
  if (key.ctrCrypt !== undefined) key.ctrCrypt(machine, src, dst, len, iv);
  else ctrBlocks(key, walk, len);
}

/** Counter mode block by block, for a cipher that brings none. */
function ctrBlocks(key: CipherKernel, { machine, src, dst, iv }: SkcipherWalk, len: number): void {
  const bsize = iv.length;
  const text = machine.load(src, len).slice();
  const keystream = new Uint8Array(bsize);
  for (let at = 0; at < len; at += bsize) {
    keystream.set(iv);
    key.encryptBlock(keystream);
    const end = Math.min(at + bsize, len);
    for (let i = at; i < end; i++) text[i] ^= keystream[i - at];
    cryptoInc(iv);
  }
  machine.store(dst, text);
}

/** Adds 1 to a big-endian counter that fills the buffer. @kernel crypto_inc */
function cryptoInc(counter: Uint8Array): void {
  for (let i = counter.length - 1; i >= 0; i--) {
    counter[i]++;
    if (counter[i] !== 0) return;
  }
}
