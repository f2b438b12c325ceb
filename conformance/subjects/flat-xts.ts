/**
 * XTS over single-block ECB, block by block: the slow and obvious form. OpenSSL has no XTS with
 * AES-192, which the kernel takes.
 * IEEE 1619-2018, 5.3 and 5.4
 * @module
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';

const BLOCK = 16;

/** @param text at least 16 bytes; @param key two AES keys of equal length. */
export function flatXts(
  encrypt: boolean,
  key: Uint8Array,
  iv: Uint8Array,
  text: Uint8Array,
): Uint8Array {
  const half = key.length / 2;
  const name = `aes-${half * 8}-ecb`;
  const make = encrypt ? createCipheriv : createDecipheriv;
  const data = make(name, key.subarray(0, half), null).setAutoPadding(false);
  const tweaks = createCipheriv(name, key.subarray(half), null).setAutoPadding(false);
  const block = (input: Uint8Array, tweak: Uint8Array): Uint8Array =>
    xor(data.update(xor(input, tweak)), tweak);
  const tail = text.length % BLOCK;
  const whole = text.length - tail;
  const out = Uint8Array.from(text);
  let tweak: Uint8Array = tweaks.update(iv);
  for (let at = 0; at < whole; at += BLOCK) {
    const last = tail > 0 && at === whole - BLOCK;
    const next = double(tweak);
    // Ciphertext stealing: when decrypting, the last whole block takes the tweak of the partial one.
    const used = last && !encrypt ? next : tweak;
    out.set(block(text.subarray(at, at + BLOCK), used), at);
    if (last) {
      const stolen = out.slice(at, at + BLOCK);
      const mixed = stolen.slice();
      mixed.set(text.subarray(whole));
      out.set(block(mixed, encrypt ? next : tweak), at);
      out.set(stolen.subarray(0, tail), whole);
    }
    tweak = next;
  }
  return out;
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(BLOCK);
  for (let i = 0; i < BLOCK; i++) out[i] = a[i] ^ b[i];
  return out;
}

/** Multiplication by x in GF(2^128), little-endian. */
function double(tweak: Uint8Array): Uint8Array {
  const out = new Uint8Array(BLOCK);
  let carry = 0;
  for (let i = 0; i < BLOCK; i++) {
    const byte = tweak[i];
    out[i] = ((byte << 1) | carry) & 0xff;
    carry = byte >> 7;
  }
  if (carry !== 0) out[0] ^= 0x87;
  return out;
}
