/**
 * Templates over one block cipher: what ecb, cbc, ctr and their like have in common.
 * C: crypto/skcipher.c skcipher_alloc_instance_simple (6.1)
 * @module
 */
import { instanceNames } from '../../src/crypto/instance.ts';
import type { Errno } from '../../src/errno.ts';
import { childCipher, childSetkey } from '../child.ts';
import { type CipherKernel, cipherKernel } from '../cipher.ts';
import type { SkcipherAlg } from '../skcipher.ts';
import { type CryptoTemplate, type SkcipherTemplateReq, skcipherTemplate } from '../template.ts';
import { SkcipherWalk, skcipherWalkDone, skcipherWalkVirt } from '../walk/skcipher-walk.ts';

/**
 * Handles the first `len` bytes of a step of the walk, of which `at` bytes are done, and moves its IV on.
 * @kernel none: crypto_cbc_encrypt_segment and its like
 */
export type CryptBytes = (key: CipherKernel, walk: SkcipherWalk, len: number, at: number) => void;

/** What a mode says of itself; default: blocks and IV of the cipher. @kernel none: fields that the create functions set */
type ModeSizes = Partial<
  Pick<SkcipherAlg, 'ivsize' | 'blocksize' | 'chunksize' | 'walksize' | 'alignmask'>
>;

/** `name(cipher)`, a mode that runs `encrypt` or `decrypt` over the walk. @kernel skcipher_alloc_instance_simple */
export function skcipherAllocInstanceSimple(
  name: string,
  encrypt: (req: SkcipherTemplateReq) => Errno,
  decrypt: (req: SkcipherTemplateReq) => Errno,
  sizes: (blocksize: number) => ModeSizes | Errno = () => ({}),
): CryptoTemplate {
  return skcipherTemplate({
    names: [{ name, params: 1 }],
    children: [{ kind: 'cipher' }],
    instance: ([cipher]) => {
      const { blocksize, priority, minKeysize, maxKeysize } = cipher;
      const own = sizes(blocksize);
      if (typeof own === 'number') return own;
      return {
        ...instanceNames(name, [cipher]),
        priority,
        blocksize,
        ivsize: blocksize,
        chunksize: blocksize,
        walksize: blocksize,
        minKeysize,
        maxKeysize,
        ...own,
      };
    },
    setkey: (tfm, key) => childSetkey(tfm, 0, key),
    encrypt: [encrypt],
    decrypt: [decrypt],
  });
}

/** Whole blocks: what a step of the walk holds beyond them goes back to the walk. @kernel none: the loop of crypto_cbc_encrypt and its like */
export function walkBlocks(req: SkcipherTemplateReq, crypt: CryptBytes): Errno {
  const { tfm } = req;
  const { machine, recorder } = tfm.api;
  const key = cipherKernel(childCipher(tfm, 0));
  const walk = new SkcipherWalk(machine, recorder);
  let err = skcipherWalkVirt(walk, req, /* atomic */ false);
  while (walk.nbytes > 0) {
    const rest = walk.nbytes % tfm.alg.chunksize;
    crypt(key, walk, walk.nbytes - rest, req.cryptlen - walk.total);
    err = skcipherWalkDone(walk, rest);
  }
  return err;
}

/** Whole blocks, and one that is not whole at the end of the message. @kernel none: the loop of crypto_ctr_crypt and its like */
export function walkStream(req: SkcipherTemplateReq, crypt: CryptBytes): Errno {
  const { tfm } = req;
  const { machine, recorder } = tfm.api;
  const { chunksize } = tfm.alg;
  const key = cipherKernel(childCipher(tfm, 0));
  const walk = new SkcipherWalk(machine, recorder);
  let err = skcipherWalkVirt(walk, req, /* atomic */ false);
  while (walk.nbytes >= chunksize) {
    const rest = walk.nbytes % chunksize;
    crypt(key, walk, walk.nbytes - rest, req.cryptlen - walk.total);
    err = skcipherWalkDone(walk, rest);
  }
  if (walk.nbytes > 0) {
    crypt(key, walk, walk.nbytes, req.cryptlen - walk.total);
    err = skcipherWalkDone(walk, 0);
  }
  return err;
}

/** Lets `change` have the bytes of a step block by block, in place; the last one may be short. @kernel none: the loop of a segment */
export function eachBlock(
  { machine, src, dst, iv }: SkcipherWalk,
  len: number,
  change: (block: Uint8Array) => void,
): void {
  const bytes = machine.load(src, len).slice();
  for (let at = 0; at < len; at += iv.length) change(bytes.subarray(at, at + iv.length));
  machine.store(dst, bytes);
}

/** Adds (xor) as many bytes of `mask` as `block` has. @kernel crypto_xor */
export function cryptoXor(block: Uint8Array, mask: Uint8Array): void {
  for (let i = 0; i < block.length; i++) block[i] ^= mask[i];
}

/** Adds 1 to a big-endian counter that fills the buffer. @kernel crypto_inc */
export function cryptoInc(counter: Uint8Array): void {
  for (let i = counter.length - 1; i >= 0; i--) {
    counter[i]++;
    if (counter[i] !== 0) return;
  }
}
