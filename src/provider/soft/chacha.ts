/**
 * ChaCha of the generic provider, with the counter rules of the kernel.
 *
 * noble and node:crypto treat the end of the 32-bit counter in ways of their own (refuse it, carry
 * into the nonce); the kernel lets it wrap. Source: RFC 8439, 2.3; lib/crypto/chacha.c (6.1).
 * @module
 */
import { type PhysAddr, physAddr } from '../../units.ts';
import type { ByteMemory, ChachaRounds, StreamKernel } from '../provider.ts';
import { CHUNK, dataBytes, load32, maskWords, store32, xorMask } from './scratch.ts';

const BLOCK = 64;

/** Input of the block function: constants, key, counter, nonce; and its output. */
const input = new Uint32Array(16);
const state = new Uint32Array(16);

class Chacha implements StreamKernel {
  readonly #key: Uint8Array;
  readonly #rounds: ChachaRounds;

  constructor(key: Uint8Array, rounds: ChachaRounds) {
    this.#key = Uint8Array.from(key);
    this.#rounds = rounds;
  }

  crypt(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number, iv: Uint8Array): void {
    setInput(this.#key, iv);
    for (let off = 0; off < len; off += CHUNK) {
      const size = Math.min(CHUNK, len - off);
      const text = dataBytes.subarray(0, size);
      text.set(mem.load(physAddr(src + off), size));
      fillStream(Math.ceil(size / BLOCK), this.#rounds);
      xorMask(size);
      mem.store(physAddr(dst + off), text);
    }
    store32(iv, 0, input[12]);
  }
}

/** ChaCha under a key of 32 bytes. */
export function chacha(key: Uint8Array, rounds: ChachaRounds): StreamKernel {
  return new Chacha(key, rounds);
}

/** HChaCha: 32 bytes of key from 32 bytes of key and 16 bytes of nonce. */
export function hchacha(key: Uint8Array, nonce: Uint8Array, rounds: ChachaRounds): Uint8Array {
  setInput(key, nonce);
  permute(rounds);
  const out = new Uint8Array(32);
  for (let i = 0; i < 4; i++) {
    store32(out, 4 * i, state[i]);
    store32(out, 16 + 4 * i, state[12 + i]);
  }
  return out;
}

/**
 * Key and IV of the ChaCha that an XChaCha with a 32-byte IV stands for, in the kernel's order: 24
 * bytes of nonce, then the 64-bit stream position (crypto/chacha_generic.c crypto_xchacha_crypt).
 */
export function xchachaParts(
  key: Uint8Array,
  iv: Uint8Array,
  rounds: ChachaRounds,
): { readonly key: Uint8Array; readonly iv: Uint8Array } {
  const inner = new Uint8Array(16);
  inner.set(iv.subarray(24, 32), 0);
  inner.set(iv.subarray(16, 24), 8);
  return { key: hchacha(key, iv.subarray(0, 16), rounds), iv: inner };
}

function setInput(key: Uint8Array, iv: Uint8Array): void {
  // "expand 32-byte k"
  input[0] = 0x61707865;
  input[1] = 0x3320646e;
  input[2] = 0x79622d32;
  input[3] = 0x6b206574;
  for (let i = 0; i < 8; i++) input[4 + i] = load32(key, 4 * i);
  for (let i = 0; i < 4; i++) input[12 + i] = load32(iv, 4 * i);
}

/** Writes `blocks` blocks of key stream into the mask and counts them. */
function fillStream(blocks: number, rounds: ChachaRounds): void {
  for (let block = 0; block < blocks; block++) {
    permute(rounds);
    for (let i = 0; i < 16; i++) maskWords[16 * block + i] = state[i] + input[i];
    input[12]++;
  }
}

function permute(rounds: ChachaRounds): void {
  state.set(input);
  for (let round = 0; round < rounds; round += 2) {
    quarter(0, 4, 8, 12);
    quarter(1, 5, 9, 13);
    quarter(2, 6, 10, 14);
    quarter(3, 7, 11, 15);
    quarter(0, 5, 10, 15);
    quarter(1, 6, 11, 12);
    quarter(2, 7, 8, 13);
    quarter(3, 4, 9, 14);
  }
}

function quarter(a: number, b: number, c: number, d: number): void {
  let x = (state[a] + state[b]) | 0;
  let w = state[d] ^ x;
  w = (w << 16) | (w >>> 16);
  let z = (state[c] + w) | 0;
  let y = state[b] ^ z;
  y = (y << 12) | (y >>> 20);
  x = (x + y) | 0;
  w ^= x;
  w = (w << 8) | (w >>> 24);
  z = (z + w) | 0;
  y ^= z;
  state[a] = x;
  state[b] = (y << 7) | (y >>> 25);
  state[c] = z;
  state[d] = w;
}
