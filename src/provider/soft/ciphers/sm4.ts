/**
 * SM4.
 * Source: GB/T 32907-2016 (draft-ribose-cfrg-sm4).
 * @module
 */
import { type BlockCipher, bytesOfHex, wordsOfKey } from './block-kernel.ts';

const SBOX: Uint8Array = bytesOfHex(
  'd690e9fecce13db716b614c228fb2c052b679a762abe04c3aa44132649860699' +
    '9c4250f491ef987a33540b43edcfac62e4b31ca9c908e89580df94fa758f3fa6' +
    '4707a7fcf37317ba83593c19e6854fa8686b81b27164da8bf8eb0f4b70569d35' +
    '1e240e5e6358d1a225227c3b01217887d40046579fd327524c3602e7a0c4c89e' +
    'eabf8ad240c738b5a3f7f2cef96115a1e0ae5da49b341a55ad933230f58cb1e3' +
    '1df6e22e8266ca60c02923ab0d534e6fd5db3745defd8e2f03ff6a726d6c5b51' +
    '8d1baf92bbddbc7f11d95c411f105ad80ac13188a5cd7bbd2d74d012b8e5b4b0' +
    '8969974a0c96777e65b9f109c56ec68418f07dec3adc4d2079ee5f3ed7cb3948',
);
const FK: readonly number[] = [0xa3b1bac6, 0x56aa3350, 0x677d9197, 0xb27022dc];
const ROUNDS = 32;

/** The S-box of the most significant byte, then the linear map of the rounds. */
const T: Uint32Array = Uint32Array.from(SBOX, (byte) => {
  const x = byte << 24;
  return x ^ rotate(x, 2) ^ rotate(x, 10) ^ rotate(x, 18) ^ rotate(x, 24);
});

class Sm4 implements BlockCipher {
  readonly blockSize: number = 16;
  readonly #forward: Uint32Array;
  readonly #backward: Uint32Array;

  constructor(schedule: Uint32Array) {
    this.#forward = schedule;
    this.#backward = schedule.slice().reverse();
  }

  encrypt(text: DataView, at: number): void {
    cryptBlock(this.#forward, text, at);
  }

  decrypt(text: DataView, at: number): void {
    cryptBlock(this.#backward, text, at);
  }
}

/** SM4 under a key of 16 bytes. */
export function sm4(key: Uint8Array): BlockCipher {
  const k = wordsOfKey(key).map((word, i) => word ^ FK[i]);
  const schedule = new Uint32Array(ROUNDS);
  for (let i = 0; i < ROUNDS; i++) {
    let constant = 0;
    for (let j = 0; j < 4; j++) constant = (constant << 8) | (((4 * i + j) * 7) & 255);
    const x = k[(i + 1) % 4] ^ k[(i + 2) % 4] ^ k[(i + 3) % 4] ^ constant;
    const s =
      (SBOX[x >>> 24] << 24) |
      (SBOX[(x >>> 16) & 255] << 16) |
      (SBOX[(x >>> 8) & 255] << 8) |
      SBOX[x & 255];
    k[i % 4] ^= s ^ rotate(s, 13) ^ rotate(s, 23);
    schedule[i] = k[i % 4];
  }
  return new Sm4(schedule);
}

function cryptBlock(schedule: Uint32Array, text: DataView, at: number): void {
  let a = text.getUint32(at);
  let b = text.getUint32(at + 4);
  let c = text.getUint32(at + 8);
  let d = text.getUint32(at + 12);
  for (let i = 0; i < ROUNDS; i += 4) {
    a ^= mix(b ^ c ^ d ^ schedule[i]);
    b ^= mix(c ^ d ^ a ^ schedule[i + 1]);
    c ^= mix(d ^ a ^ b ^ schedule[i + 2]);
    d ^= mix(a ^ b ^ c ^ schedule[i + 3]);
  }
  text.setUint32(at, d);
  text.setUint32(at + 4, c);
  text.setUint32(at + 8, b);
  text.setUint32(at + 12, a);
}

function mix(x: number): number {
  return (
    T[x >>> 24] ^
    rotate(T[(x >>> 16) & 255], 24) ^
    rotate(T[(x >>> 8) & 255], 16) ^
    rotate(T[x & 255], 8)
  );
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
