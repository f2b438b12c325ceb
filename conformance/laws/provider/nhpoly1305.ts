/**
 * NHPoly1305 by its definition, with big integers: slow and obvious.
 * Source: Crowley and Biggers, "Adiantum", 2018, 6.3 (NH with 4 passes and a stride of 2).
 * @module
 */

const MASK32 = 0xffffffffn;
const MASK64 = (1n << 64n) - 1n;
const PRIME = (1n << 130n) - 5n;
const CLAMP = 0x0ffffffc0ffffffc0ffffffc0fffffffn;

export function nhpoly1305ByDefinition(key: Uint8Array, message: Uint8Array): Uint8Array {
  const nhKey = wordsOf(key.subarray(16));
  const point = littleEndian(key.subarray(0, 16)) & CLAMP;
  let value = 0n;
  for (let at = 0; at < message.length; at += 1024) {
    for (const half of nhHalves(nhKey, message.subarray(at, at + 1024))) {
      value = ((value + half + (1n << 128n)) * point) % PRIME;
    }
  }
  const out = new Uint8Array(16);
  for (let i = 0; i < 16; i++) out[i] = Number((value >> BigInt(8 * i)) & 0xffn);
  return out;
}

/** The four 64-bit hashes of up to 1024 bytes, as two Poly1305 blocks. */
function nhHalves(key: readonly bigint[], message: Uint8Array): [bigint, bigint] {
  const padded = new Uint8Array(Math.ceil(message.length / 16) * 16);
  padded.set(message);
  const words = wordsOf(padded);
  const hashes = [0, 1, 2, 3].map((pass) => {
    let sum = 0n;
    for (let unit = 0; unit < words.length; unit += 4) {
      for (const i of [unit, unit + 1]) {
        const a = (words[i] + key[4 * pass + i]) & MASK32;
        const b = (words[i + 2] + key[4 * pass + i + 2]) & MASK32;
        sum += a * b;
      }
    }
    return sum & MASK64;
  });
  return [hashes[0] + (hashes[1] << 64n), hashes[2] + (hashes[3] << 64n)];
}

function wordsOf(bytes: Uint8Array): bigint[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length >>> 2 }, (_, i) => BigInt(view.getUint32(4 * i, true)));
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}
