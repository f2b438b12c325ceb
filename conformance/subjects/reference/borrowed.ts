/**
 * Primitives that neither OpenSSL's default provider nor noble has: the byte kernels of our own
 * providers, block by block and message by message. Modes, lists, IVs, keys and errors around them are
 * the reference's.
 *
 * Verified: everything around the primitive. Not verified here: the primitive itself, which both APIs
 * have from the same place; the published vectors of the byte kernels are what stands for it.
 * @module
 */
import { nobleProvider } from '../../../src/provider/noble/noble.ts';
import type { CipherName, HashName } from '../../../src/provider/provider.ts';
import type { Blocks, FlatBlock } from './block.ts';
import { blocksOf, concat } from './bytes.ts';

/** A block cipher of the generic provider. @param keys sizes that it takes, bytes */
function borrowedBlock(name: CipherName, size: number, keys: readonly number[]): FlatBlock {
  const blocks =
    (direction: 'encryptBlock' | 'decryptBlock') =>
    (key: Uint8Array): Blocks => {
      const kernel = nobleProvider.ciphers[name]?.(key);
      return (bytes) =>
        concat(
          ...blocksOf(bytes, size).map((part) => {
            const block = part.slice();
            kernel?.[direction](block);
            return block;
          }),
        );
    };
  return { name, size, keys, encryptor: blocks('encryptBlock'), decryptor: blocks('decryptBlock') };
}

/** Sizes from one to another. */
function range(least: number, most: number, step = 1): number[] {
  return Array.from({ length: (most - least) / step + 1 }, (_, i) => least + i * step);
}

export const ANUBIS: FlatBlock = borrowedBlock('anubis', 16, range(16, 40, 4));
export const BLOWFISH: FlatBlock = borrowedBlock('blowfish', 8, range(4, 56));
export const CAST5: FlatBlock = borrowedBlock('cast5', 8, range(5, 16));
export const CAST6: FlatBlock = borrowedBlock('cast6', 16, range(16, 32, 4));
export const FCRYPT: FlatBlock = borrowedBlock('fcrypt', 8, [8]);
export const KHAZAD: FlatBlock = borrowedBlock('khazad', 8, [16]);
export const SEED: FlatBlock = borrowedBlock('seed', 16, [16]);
export const SERPENT: FlatBlock = borrowedBlock('serpent', 16, range(0, 32));
export const TEA: FlatBlock = borrowedBlock('tea', 8, [16]);
export const TWOFISH: FlatBlock = borrowedBlock('twofish', 16, [16, 24, 32]);
export const XETA: FlatBlock = borrowedBlock('xeta', 8, [16]);
export const XTEA: FlatBlock = borrowedBlock('xtea', 8, [16]);

/** A hash of the generic provider, in one piece. */
export function borrowedHash(name: HashName, size: number, text: Uint8Array): Uint8Array {
  const out = new Uint8Array(size);
  const state = nobleProvider.hashes[name]?.(new Uint8Array(0));
  state?.updateBytes(text);
  state?.digest(out);
  return out;
}
