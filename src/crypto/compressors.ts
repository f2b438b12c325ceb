/**
 * The compression drivers, as data: names, and what a list API asks of all of them.
 * C: crypto/842.c, deflate.c, lz4.c, lz4hc.c, lzo.c, lzo-rle.c, zstd.c, scompress.c (6.1)
 * @module
 */
import {
  COMPRESSORS,
  type Compressor,
  type CompressorName,
} from '../provider/compress/compressors.ts';
import { CRYPTO_ALG_TESTED, CRYPTO_ALG_TYPE_ACOMPRESS, type CryptoAlg } from './algorithm.ts';

/** Longest message, and longest output: what is longer is cut off here. @kernel SCOMP_SCRATCH_SIZE */
export const SCOMP_SCRATCH_SIZE = 131072;

/** One driver. */
export interface CompressDriver extends CryptoAlg {
  readonly kind: 'acomp';
  readonly compressor: Compressor;
}

const NAMES: readonly CompressorName[] = [
  '842',
  'deflate',
  'lz4',
  'lz4hc',
  'lzo',
  'lzo-rle',
  'zlib-deflate',
  'zstd',
];

/** The others have none. */
const PRIORITY_842 = 100;

/** The drivers, in the order of their names. */
export const COMPRESS_DRIVERS: readonly CompressDriver[] = NAMES.map((name) => ({
  kind: 'acomp',
  name,
  driverName: `${name}-scomp`,
  priority: name === '842' ? PRIORITY_842 : 0,
  flags: CRYPTO_ALG_TYPE_ACOMPRESS | CRYPTO_ALG_TESTED,
  blocksize: 0,
  alignmask: 0,
  compressor: COMPRESSORS[name],
}));
