/**
 * The checksums that the kernel offers as hashes: CRC-32, CRC-32C, CRC-T10DIF, CRC-64 of Rocksoft.
 * Source: R. Williams, "A Painless Guide to CRC Error Detection Algorithms", 1993, for the algorithm;
 * crypto/crc32_generic.c, crc32c_generic.c, crct10dif_generic.c, crc64_rocksoft_generic.c for values
 * before and after it (6.1).
 * @module
 */
import { load32 } from '../scratch.ts';
import type { StateHash } from './state-hash.ts';

const CRC32: Uint32Array = reflectedTable(0xedb88320);
const CRC32C: Uint32Array = reflectedTable(0x82f63b78);
const T10DIF: Uint16Array = t10difTable(0x8bb7);
/** The reflected polynomial of CRC-64, high and low word. */
const CRC64: Uint32Array = reflectedTable64(0x9a6c9329, 0xac4bc9b5);

/** CRC-32 from the value of a key of four bytes, 0 without one; not inverted at the end. */
export function crc32Hash(key: Uint8Array): StateHash {
  return crcHash(CRC32, key.length === 0 ? 0 : load32(key, 0), 0);
}

/** CRC-32C from the value of a key of four bytes, all ones without one; inverted at the end. */
export function crc32cHash(key: Uint8Array): StateHash {
  return crcHash(CRC32C, key.length === 0 ? -1 : load32(key, 0), -1);
}

/** CRC-T10DIF, most significant bit first, as a little-endian digest. */
export const crct10difHash: StateHash = {
  stateSize: 2,
  start: () => undefined,
  update: ({ view }, bytes) => {
    let crc = view.getUint16(0, true);
    for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ T10DIF[(crc >>> 8) ^ byte];
    view.setUint16(0, crc, true);
  },
  finish: ({ bytes }, out) => out.set(bytes.subarray(0, 2)),
};

/** CRC-64 of Rocksoft, which inverts its value around every update. */
export const crc64RocksoftHash: StateHash = {
  stateSize: 8,
  start: () => undefined,
  update: ({ words }, bytes) => {
    let low = ~words[0];
    let high = ~words[1];
    for (const byte of bytes) {
      const at = 2 * ((low ^ byte) & 255);
      low = ((low >>> 8) | (high << 24)) ^ CRC64[at];
      high = (high >>> 8) ^ CRC64[at + 1];
    }
    words[0] = ~low;
    words[1] = ~high;
  },
  finish: ({ bytes }, out) => out.set(bytes.subarray(0, 8)),
};

function crcHash(table: Uint32Array, seed: number, mask: number): StateHash {
  return {
    stateSize: 4,
    start: ({ words }) => {
      words[0] = seed;
    },
    update: ({ words }, bytes) => {
      let crc = words[0];
      for (const byte of bytes) crc = (crc >>> 8) ^ table[(crc ^ byte) & 255];
      words[0] = crc;
    },
    finish: ({ bytes, words }, out) => {
      words[0] ^= mask;
      out.set(bytes.subarray(0, 4));
    },
  };
}

function reflectedTable(poly: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ poly : crc >>> 1;
    return crc;
  });
}

function t10difTable(poly: number): Uint16Array {
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << 8;
    for (let i = 0; i < 8; i++) crc = crc & 0x8000 ? (crc << 1) ^ poly : crc << 1;
    return crc;
  });
}

/** Low and high word of each entry. */
function reflectedTable64(polyHigh: number, polyLow: number): Uint32Array {
  const table = new Uint32Array(512);
  for (let byte = 0; byte < 256; byte++) {
    let low = byte;
    let high = 0;
    for (let i = 0; i < 8; i++) {
      const odd = low & 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (odd) {
        low ^= polyLow;
        high ^= polyHigh;
      }
    }
    table[2 * byte] = low;
    table[2 * byte + 1] = high;
  }
  return table;
}
