/**
 * AEGIS-128: five AES blocks of state that every block of text goes through.
 * Source: H. Wu and B. Preneel, "AEGIS: A Fast Authenticated Encryption Algorithm (v1.1)", 2016.
 * @module
 */
import { type PhysAddr, physAddr } from '../../units.ts';
import type { ByteMemory, GcmKernel, GcmState } from '../provider.ts';
import { bytesOfHex } from './ciphers/block-kernel.ts';
import { gfMultiply } from './ciphers/field.ts';
import { CHUNK, dataBytes, load32, store32 } from './scratch.ts';

const BLOCK = 16;
/** Words of the state, of which a block has four. */
const WORDS = 20;
const AES_POLY = 0x11b;
/** The Fibonacci numbers modulo 256. */
const CONSTANTS: readonly Uint8Array[] = [
  bytesOfHex('000101020305080d1522375990e97962'),
  bytesOfHex('db3d18556dc22ff12011314273b528dd'),
];
/** Of the key and the masked key in turn. */
const INITIAL_PAIRS = 5;
const FINAL_UPDATES = 7;

/** Table r at 256 * r: what a byte of row r of a column becomes in a round, little-endian. */
const ROUND: Uint32Array = buildRound();

const next = new Uint32Array(WORDS);
const block = new Uint8Array(BLOCK);

class Aegis128State implements GcmState {
  readonly #encrypt: boolean;
  readonly #s = new Uint32Array(WORDS);
  /** Associated data or text of a block that is not complete, and how much of it there is. */
  readonly #partial = new Uint8Array(BLOCK);
  #fill = 0;
  #adSize = 0;
  #textSize = 0;

  constructor(encrypt: boolean, key: Uint8Array, nonce: Uint8Array) {
    this.#encrypt = encrypt;
    const mixed = key.map((byte, i) => byte ^ nonce[i]);
    const [c0, c1] = CONSTANTS;
    const start = [mixed, c1, c0, key.map((b, i) => b ^ c0[i]), key.map((b, i) => b ^ c1[i])];
    start.forEach((bytes, i) => {
      for (let w = 0; w < 4; w++) this.#s[4 * i + w] = load32(bytes, 4 * w);
    });
    for (let i = 0; i < INITIAL_PAIRS; i++) {
      update(this.#s, key, 0);
      update(this.#s, mixed, 0);
    }
  }

  aad(mem: ByteMemory, at: PhysAddr, len: number): void {
    if (len === 0) return;
    const bytes = mem.load(at, len);
    for (const byte of bytes) {
      this.#partial[this.#fill++] = byte;
      if (this.#fill === BLOCK) this.#flush();
    }
    this.#adSize += len;
  }

  crypt(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number): void {
    if (len === 0) return;
    // The associated data ends with the first text.
    if (this.#textSize === 0) this.#flush();
    for (let off = 0; off < len; off += CHUNK) {
      const size = Math.min(CHUNK, len - off);
      dataBytes.set(mem.load(physAddr(src + off), size));
      for (let i = 0; i < size; i++) this.#cryptByte(i);
      mem.store(physAddr(dst + off), dataBytes.subarray(0, size));
      this.#textSize += size;
    }
  }

  tag(out: Uint8Array): void {
    this.#flush();
    const lengths = new DataView(block.buffer);
    lengths.setBigUint64(0, BigInt(8 * this.#adSize), true);
    lengths.setBigUint64(8, BigInt(8 * this.#textSize), true);
    for (let w = 0; w < 4; w++) store32(block, 4 * w, load32(block, 4 * w) ^ this.#s[12 + w]);
    for (let i = 0; i < FINAL_UPDATES; i++) update(this.#s, block, 0);
    for (let w = 0; w < 4; w++) {
      let sum = 0;
      for (let i = w; i < WORDS; i += 4) sum ^= this.#s[i];
      store32(block, 4 * w, sum);
    }
    out.set(block.subarray(0, out.length));
  }

  verify(tag: Uint8Array): boolean {
    const mine = new Uint8Array(tag.length);
    this.tag(mine);
    let difference = 0;
    for (let i = 0; i < tag.length; i++) difference |= mine[i] ^ tag[i];
    return difference === 0;
  }

  #cryptByte(i: number): void {
    const s = this.#s;
    const at = this.#fill;
    const w = at >>> 2;
    const stream = s[4 + w] ^ s[16 + w] ^ (s[8 + w] & s[12 + w]);
    const input = dataBytes[i];
    dataBytes[i] ^= stream >>> (8 * (at & 3));
    this.#partial[at] = this.#encrypt ? input : dataBytes[i];
    this.#fill++;
    if (this.#fill === BLOCK) this.#flush();
  }

  /** Absorbs what waits, padded with zeros. */
  #flush(): void {
    if (this.#fill === 0) return;
    this.#partial.fill(0, this.#fill);
    update(this.#s, this.#partial, 0);
    this.#fill = 0;
  }
}

/** AEGIS-128 under a key of 16 bytes; nonces have 16 bytes, tags 8 to 16. */
export function aegis128(key: Uint8Array): GcmKernel {
  const kept = Uint8Array.from(key);
  return { start: (encrypt, nonce) => new Aegis128State(encrypt, kept, nonce) };
}

/** One AES round from each block to its neighbour; the text at `at` goes into the first. */
function update(s: Uint32Array, text: Uint8Array, at: number): void {
  for (let i = 0; i < WORDS; i += 4) {
    const from = (i + WORDS - 4) % WORDS;
    for (let w = 0; w < 4; w++) {
      next[i + w] =
        s[i + w] ^
        ROUND[s[from + w] & 255] ^
        ROUND[256 + ((s[from + ((w + 1) & 3)] >>> 8) & 255)] ^
        ROUND[512 + ((s[from + ((w + 2) & 3)] >>> 16) & 255)] ^
        ROUND[768 + (s[from + ((w + 3) & 3)] >>> 24)];
    }
  }
  for (let w = 0; w < 4; w++) next[w] ^= load32(text, at + 4 * w);
  s.set(next);
}

/** SubBytes and MixColumns of FIPS 197; the S-box from its definition. */
function buildRound(): Uint32Array {
  const table = new Uint32Array(4 * 256);
  for (let byte = 0; byte < 256; byte++) {
    const s = substitute(byte);
    const double = gfMultiply(s, 2, AES_POLY);
    const word = double | (s << 8) | (s << 16) | ((double ^ s) << 24);
    for (let row = 0; row < 4; row++) {
      table[256 * row + byte] = row === 0 ? word : (word << (8 * row)) | (word >>> (32 - 8 * row));
    }
  }
  return table;
}

function substitute(byte: number): number {
  let inverse = 0;
  for (let x = 1; x < 256; x++) if (gfMultiply(byte, x, AES_POLY) === 1) inverse = x;
  let out = 0x63;
  for (let i = 0; i < 5; i++) out ^= ((inverse << i) | (inverse >>> (8 - i))) & 255;
  return out;
}
