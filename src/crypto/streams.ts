/**
 * The stream ciphers that have no IV, as data: what was encrypted before says where the stream goes on.
 * C: crypto/arc4.c, crypto/crypto_null.c (6.1)
 * @module
 */
import type { ByteMemory } from '../provider/provider.ts';
import { Arc4 } from '../provider/soft/arc4.ts';
import type { MemAddr } from '../units.ts';
import {
  CRYPTO_ALG_TESTED,
  CRYPTO_ALG_TYPE_SKCIPHER,
  type CryptoAlg,
  type SkcipherProperties,
} from './algorithm.ts';

/** A key and its position. Encryption and decryption are one; any length, in place or between two runs. */
export interface StreamRun {
  crypt(mem: ByteMemory, src: MemAddr, dst: MemAddr, len: number): void;
}

/** One driver. */
export interface StreamDriver extends CryptoAlg, SkcipherProperties {
  readonly kind: 'skcipher';
  /** Expands a key; the core has checked its length. */
  readonly start: (key: Uint8Array) => StreamRun;
}

const COMMON = {
  kind: 'skcipher',
  priority: 100,
  flags: CRYPTO_ALG_TYPE_SKCIPHER | CRYPTO_ALG_TESTED,
  ...{ blocksize: 1, alignmask: 0, ivsize: 0, chunksize: 1, walksize: 1 },
} as const;

const NULL_RUN: StreamRun = {
  crypt: (mem, src, dst, len) => {
    if (src !== dst && len > 0) mem.store(dst, mem.load(src, len));
  },
};

export const STREAMS: readonly StreamDriver[] = [
  {
    ...COMMON,
    name: 'ecb(arc4)',
    driverName: 'ecb(arc4)-generic',
    minKeysize: 1,
    maxKeysize: 256,
    start: (key) => new Arc4(key),
  },
  {
    ...COMMON,
    name: 'ecb(cipher_null)',
    driverName: 'ecb-cipher_null',
    minKeysize: 0,
    maxKeysize: 0,
    start: () => NULL_RUN,
  },
];
