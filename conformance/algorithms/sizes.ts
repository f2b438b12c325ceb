/**
 * Sizes: what the descriptor of a driver says of itself, and which keys an algorithm takes.
 * @module
 */
import type {
  AeadProperties,
  CryptoAlg,
  HashProperties,
  SkcipherProperties,
} from '../../src/crypto/algorithm.ts';
import { Prng } from '../../src/prng.ts';
import { materialise } from '../case/case.ts';
import { type Algorithm, isDataRow } from './row.ts';

/** Bytes; null for what a driver of the kind does not say. */
export interface Sizes {
  readonly block: number;
  readonly iv: number | null;
  /** A digest, or the longest tag. */
  readonly result: number | null;
  readonly chunk: number | null;
  /** The alignmask and one: offsets that are a multiple of it are on the fast path. */
  readonly align: number;
}

/** The sizes of a descriptor. */
export function sizesOf(
  alg: CryptoAlg & Partial<SkcipherProperties & AeadProperties & HashProperties>,
): Sizes {
  const { blocksize, alignmask, ivsize, chunksize, digestsize, maxauthsize } = alg;
  const isCipher = alg.kind === 'skcipher' || alg.kind === 'aead';
  return {
    block: blocksize,
    iv: isCipher ? (ivsize ?? 0) : null,
    result: digestsize ?? maxauthsize ?? null,
    chunk: chunksize ?? null,
    align: alignmask + 1,
  };
}

/** Lengths of keys that are taken; `most` is null where none is too long. */
export interface KeySizes {
  readonly least: number;
  readonly most: number | null;
}

/** Lengths that are tried. The longest sized key is that of nhpoly1305, 1,088 bytes. */
const TRIED = 1200;
/** Drawn keys that are cut and continued: some rules ask what is in the key. */
const DRAWN = 8;

/** The keys of an algorithm, found by asking its rule; null: it has none, or they are packed numbers. */
export function keySizes(row: Algorithm): KeySizes | null {
  const { draw, check } = row.key;
  if (draw === null || isDataRow(row)) return null;
  const prng = new Prng(1);
  const taken = new Set<number>();
  for (let i = 0; i < DRAWN; i++) {
    const key = materialise(draw(prng));
    const long = Uint8Array.from({ length: TRIED }, (_, at) => key[at % key.length] ?? 0);
    for (let len = 0; len <= TRIED; len++) {
      if (check(long.subarray(0, len)) === 0) taken.add(len);
    }
  }
  const lengths = [...taken];
  const most = Math.max(...lengths);
  return { least: Math.min(...lengths), most: most === TRIED ? null : most };
}
