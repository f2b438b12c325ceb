/**
 * ofb(cipher): the keystream is the IV, encrypted again and again.
 * C: crypto/ofb.c (6.1)
 * @module
 */
import type { Errno } from '../../src/errno.ts';
import type { CipherKernel } from '../cipher.ts';
import type { CryptoTemplate, SkcipherTemplateReq } from '../template.ts';
import type { SkcipherWalk } from '../walk/skcipher-walk.ts';
import { cryptoXor, eachBlock, skcipherAllocInstanceSimple, walkStream } from './simple.ts';

/** @kernel crypto_ofb_tmpl */
export const ofb: CryptoTemplate = skcipherAllocInstanceSimple('ofb', crypt, crypt, () => ({
  blocksize: 1,
}));

function crypt(req: SkcipherTemplateReq): Errno {
  return walkStream(req, ofbCrypt);
}

function ofbCrypt(key: CipherKernel, walk: SkcipherWalk, len: number): void {
  const { iv } = walk;
  eachBlock(walk, len, (block) => {
    key.encryptBlock(iv);
    cryptoXor(block, iv);
  });
}
