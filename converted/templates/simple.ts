/**
 * Templates over one block cipher, whose modes differ in what they do with a run of blocks.
 * What the conversion removed: nothing here knows where a run came from, or that it was gathered.
 * C: crypto/skcipher.c skcipher_alloc_instance_simple (6.1)
 * @module
 */

import { ivBytes } from '../../src/crypto/iv.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { childCipher } from '../child.ts';
import { type CipherAlg, type CipherKernel, cipherKernel } from '../cipher.ts';
import type { OpList } from '../lower/list.ts';
import { bvecRuns, type WalkRun } from '../lower/walk.ts';
import { type CryptoTemplate, type SkcipherTemplateOp, skcipherTemplate } from '../template.ts';

const CIPHER = 0;

/** What tells a mode from others. @kernel none: fields that the create functions set */
export interface SimpleMode {
  readonly name: string;
  /** It chains: the IV is one block. Default true. */
  readonly chains?: false;
  /** Any length; for the rest of the world its blocks are one byte. */
  readonly stream?: true;
  /** @returns false for a cipher that the mode refuses. */
  readonly takes?: (cipher: CipherAlg) => boolean;
  /** Changes a run of whole blocks, but for the last one of a stream; the chaining value moves on. */
  readonly run: (kernel: CipherKernel, run: WalkRun, iv: Uint8Array, enc: boolean) => void;
}

/** The template `name(cipher)`, with the sizes of the cipher. @kernel none: skcipher_alloc_instance_simple */
export function simpleTemplate(mode: SimpleMode): CryptoTemplate {
  const { name, chains = true, stream = false, takes } = mode;
  const steps = [(op: SkcipherTemplateOp) => crypt(op, mode)];
  return skcipherTemplate({
    names: [{ name, params: 1 }],
    children: [{ kind: 'cipher' }],
    instance: ([cipher]) =>
      takes?.(cipher) === false
        ? -EINVAL
        : {
            blocksize: stream ? 1 : cipher.blocksize,
            ivsize: chains ? cipher.blocksize : 0,
            chunksize: cipher.blocksize,
            walksize: cipher.blocksize,
            minKeysize: cipher.minKeysize,
            maxKeysize: cipher.maxKeysize,
          },
    encrypt: steps,
    decrypt: steps,
  });
}

/** As in 6.1, whole blocks are processed before a length that is no multiple of them is refused. */
function crypt(op: SkcipherTemplateOp, { stream, run }: SimpleMode): Errno {
  const { tfm, walk, src, dst, len, enc } = op;
  const cipher = childCipher(tfm, CIPHER);
  const { blocksize } = cipher.alg;
  const kernel = cipherKernel(cipher);
  const tail = stream === true ? 0 : len % blocksize;
  const iv = ivBytes(op, tfm.alg.ivsize);
  const err = bvecRuns(walk, src, dst, len - tail, blocksize, (part) => run(kernel, part, iv, enc));
  return err !== 0 || tail === 0 ? err : -EINVAL;
}

/** Lets `change` have a run block by block, in place; the last one may be short. @kernel none */
export function eachBlock(
  { mem, at, src, dst, len }: WalkRun,
  blocksize: number,
  change: (block: Uint8Array, at: number) => void,
): void {
  const bytes = mem.load(src, len).slice();
  for (let i = 0; i < len; i += blocksize) change(bytes.subarray(i, i + blocksize), at + i);
  mem.store(dst, bytes);
}

/** Lets `change` have all blocks of `src`, on their way to the destination. @returns 0 or -ENOMEM. @kernel none */
export function changeBlocks(
  { walk, dst }: SkcipherTemplateOp,
  src: OpList,
  len: number,
  blocksize: number,
  change: (block: Uint8Array, at: number) => void,
): Errno {
  return bvecRuns(walk, src, dst, len, blocksize, (run) => eachBlock(run, blocksize, change));
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
