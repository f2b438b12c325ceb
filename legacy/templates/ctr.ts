/**
 * ctr(cipher).
 * C: crypto/ctr.c (6.1)
 * @module
 */
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { CipherKernel } from '../cipher.ts';
import type { CryptoTemplate, SkcipherTemplateReq } from '../template.ts';
import type { SkcipherWalk } from '../walk/skcipher-walk.ts';
import {
  cryptoInc,
  cryptoXor,
  eachBlock,
  skcipherAllocInstanceSimple,
  walkStream,
} from './simple.ts';

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
function ctrBlocks(key: CipherKernel, walk: SkcipherWalk, len: number): void {
  const { iv } = walk;
  eachBlock(walk, len, (block) => {
    const keystream = iv.slice();
    key.encryptBlock(keystream);
    cryptoXor(block, keystream);
    cryptoInc(iv);
  });
}
