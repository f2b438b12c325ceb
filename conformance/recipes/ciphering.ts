/**
 * AES-CTR in place, the four ends of the recipe for it.
 * @module
 */
import { cryptoApiInit } from '../../converted/init.ts';
import type { IovIter } from '../../converted/iter/iov-iter.ts';
import { aesCtr } from '../../converted/lib/aes-modes.ts';
import { cryptPieces } from '../../converted/lib/pieces.ts';
import {
  cryptoAllocSkcipher,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from '../../converted/skcipher.ts';
import { cryptoApiInit as legacyInit } from '../../legacy/init.ts';
import type { Scatterlist } from '../../legacy/lists/scatterlist.ts';
import {
  cryptoAllocSkcipher as legacyAlloc,
  cryptoSkcipherEncrypt as legacyEncrypt,
  skcipherRequestAlloc as legacyRequestAlloc,
  skcipherRequestFree as legacyRequestFree,
  skcipherRequestSetCallback as legacySetCallback,
  skcipherRequestSetCrypt as legacySetCrypt,
  cryptoSkcipherSetkey as legacySetkey,
} from '../../legacy/skcipher.ts';
import { must } from '../../src/machine/access.ts';
import { KernelMemory } from '../../src/machine/kernel-memory.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { nobleProvider } from '../../src/provider/noble/noble.ts';
import { done, found } from './recipe.ts';

/** Key and counter of the recipes. */
export const KEY: Uint8Array = new Uint8Array(16).fill(5);
const BLOCK = 16;

/** Source and destination are one list: that is how the API is told. */
export function encryptList(machine: Machine, sgl: Scatterlist, len: number): void {
  const tfm = found(legacyAlloc(legacyInit(machine), 'ctr(aes)', 0, 0));
  done(legacySetkey(tfm, KEY));
  const req = must(legacyRequestAlloc(tfm));
  legacySetCallback(req, 0, () => undefined, null);
  legacySetCrypt(req, sgl, sgl, len, new Uint8Array(BLOCK));
  done(legacyEncrypt(req));
  legacyRequestFree(req);
}

/** Two iterators over one memory, one for each direction. */
export function encryptIters(
  machine: Machine,
  src: IovIter<'source'>,
  dst: IovIter<'dest'>,
  len: number,
): void {
  const tfm = found(cryptoAllocSkcipher(cryptoApiInit(machine), 'ctr(aes)', 0, 0));
  done(cryptoSkcipherSetkey(tfm, KEY));
  const req = must(skcipherRequestAlloc(tfm));
  skcipherRequestSetCallback(req, 0, () => undefined, null);
  skcipherRequestSetCrypt(req, src, dst, len, new Uint8Array(BLOCK));
  done(cryptoSkcipherEncrypt(req));
  skcipherRequestFree(req);
}

/** A call for each piece, `dst` and `src` equal. A block that lies in two pieces goes through the stack. */
export function encryptPieces(
  machine: Machine,
  src: IovIter<'source'>,
  dst: IovIter<'dest'>,
  len: number,
): void {
  const key = nobleProvider.aes(KEY);
  const ctr = new Uint8Array(BLOCK);
  const ends = { unit: BLOCK, tail: true };
  cryptPieces(
    null,
    new KernelMemory(machine),
    dst,
    src,
    len,
    (_, mem, to, from, part) => aesCtr(mem, to, from, part, ctr, key),
    ends,
  );
}
