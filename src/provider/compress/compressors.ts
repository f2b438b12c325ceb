/**
 * Compressors as byte kernels: one call for a whole message, from bytes to bytes.
 * @module
 */
import { deflateRawSync, deflateSync, inflateRawSync, inflateSync } from 'node:zlib';
import { EINVAL, type Errno } from '../../errno.ts';
import { lz4Compress, lz4Decompress, lz4hcCompress } from './lz4.ts';
import { lzoCompress, lzoDecompress, lzoRleCompress } from './lzo.ts';
import { compress842, decompress842, strays842 } from './sw842.ts';
import { zstdCompress, zstdDecompress } from './zstd.ts';

/**
 * One algorithm. Both directions answer -EINVAL for what does not fit into `room` bytes, but for `842`, which says
 * -ENOSPC or does not see it, and `lzo-rle` with room for one: a driver looks at the length of the result, too.
 */
export interface Compressor {
  compress(bytes: Uint8Array, room: number): Uint8Array | Errno;
  /** @returns -EINVAL for what is no compressed message, too. */
  decompress(bytes: Uint8Array, room: number): Uint8Array | Errno;
  /** The length of the result is 0 before it begins, and is left so by what fails. */
  readonly clearsLength?: true;
  /** Where the decoder of 6.1 leaves its buffers with such a message; null where it does not. */
  readonly strays?: (bytes: Uint8Array, room: number) => string | null;
}

/** The compressors that are here, by the kernel's names. */
export type CompressorName =
  | '842'
  | 'deflate'
  | 'lz4'
  | 'lz4hc'
  | 'lzo'
  | 'lzo-rle'
  | 'zlib-deflate'
  | 'zstd';

/** Window, memory and level of crypto/deflate.c (6.1); the other form has the greatest window. */
const RAW = { windowBits: 11, memLevel: 8 };
const ZLIB = { level: 3 };
/** Smallest buffer that zlib takes, bytes. */
const CHUNK_MIN = 64;

export const COMPRESSORS: Readonly<Record<CompressorName, Compressor>> = {
  '842': {
    compress: compress842,
    decompress: decompress842,
    clearsLength: true,
    strays: strays842,
  },
  deflate: {
    compress: (bytes, room) => fitting(room, () => deflateRawSync(bytes, RAW)),
    decompress: (bytes, room) =>
      fitting(room, () => inflateRawSync(bytes, { ...RAW, ...inOnePiece(room) })),
  },
  lz4: { compress: lz4Compress, decompress: lz4Decompress },
  lz4hc: { compress: lz4hcCompress, decompress: lz4Decompress },
  lzo: { compress: lzoCompress, decompress: lzoDecompress },
  'lzo-rle': { compress: lzoRleCompress, decompress: lzoDecompress },
  'zlib-deflate': {
    compress: (bytes, room) => fitting(room, () => deflateSync(bytes, ZLIB)),
    decompress: (bytes, room) => fitting(room, () => inflateSync(bytes, inOnePiece(room))),
  },
  zstd: { compress: zstdCompress, decompress: zstdDecompress },
};

/** As in the kernel, all output is one buffer: copies may come from anywhere in it, not only from the window. */
function inOnePiece(room: number): {
  readonly maxOutputLength: number;
  readonly chunkSize: number;
} {
  return { maxOutputLength: room, chunkSize: Math.max(CHUNK_MIN, room + 1) };
}

/** zlib throws for broken input, and for more output than it may give. */
function fitting(room: number, run: () => Uint8Array): Uint8Array | Errno {
  try {
    const out = run();
    return out.length <= room ? out : -EINVAL;
  } catch {
    return -EINVAL;
  }
}
