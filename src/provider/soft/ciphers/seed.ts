/**
 * SEED.
 * Source: RFC 4269.
 * @module
 */
import { type BlockCipher, bytesOfHex, wordsOfKey } from './block-kernel.ts';

const S1: Uint8Array = bytesOfHex(
  'a985d6d3541dac255d43181e51fcca632844209de0e2c817a58f037bbb13d2ee' +
    '708c3fa832ddf674ec950b575c5bbd01241c739810ccf2d92ce772839bd186c9' +
    '6050a3eb0db69e4fb75ac678a612afd561c3b441527d8d081f9900190453f7e1' +
    'fd762f27b08b0eaba26e934d697c090abfeff3c58714fe64de2e4b1a06216b66' +
    '02f5928a0cb37ed07a4796e52680addfa13037ae36152238f4a7454c81e98497' +
    '35cbce3c7111c78975fbdaf8945982c4ff493967c0cfd7b80f8e4223916cdba4' +
    '34f148c26f3d2d40be3ebcc1aaba4e553bdc687f9cd84a5677a0ed46b52b65fa' +
    'e3b9b19f5ef9e6b231ea6d5fe4f0cd88163a58d462290733e81b0579906a2a9a',
);
const S2: Uint8Array = bytesOfHex(
  '38e82da6cfdeb3b8af6055c7446f6b5bc36233b529a0e2a7d39111061cbc364b' +
    'ef886ca817c416f4c245e1d63f3d8e98284ef63ea5f90ddfd82b667a272ff172' +
    '42d441c07367ac8bf7ad801fca2caa34d20beee95d9418f857ae08c513cd86b9' +
    'ff7dc131f58a6ab1d120d7022204687107db9d9961bee659dd5190dc9aa3abd0' +
    '810f471ae3ec8dbf967b5ca2a163234dc89e9c3a0c2eba6e9f5af292f34978cc' +
    '15fb70757f351003646dc674d5b4ea097619fe4012e0bd05fa01f02a5ea95643' +
    '8514899bb0e5487997fc1e82218c1b5f7754b21d254f0046ed5852eb7edac9fd' +
    '3095653cb6e4bb7c0e5039263284699337e724a4cb530a87d94c838fce3b4ab7',
);
const ROUNDS = 16;
/** The golden ratio, rotated by one more for each round. */
const KC = 0x9e3779b9;
/** The masks m0 to m3. */
const MASKS: readonly number[] = [0xfc, 0xf3, 0xcf, 0x3f];

/** Table k at 256 * k: what byte k of the argument of G gives, least significant first. */
const SS: Uint32Array = buildTables();

class Seed implements BlockCipher {
  readonly blockSize: number = 16;
  readonly #forward: Uint32Array;
  readonly #backward: Uint32Array;

  constructor(schedule: Uint32Array) {
    this.#forward = schedule;
    // Rounds from the last to the first, the two words of a round in their order.
    this.#backward = schedule.map((_, i) => schedule[schedule.length - 2 - i + 2 * (i & 1)]);
  }

  encrypt(text: DataView, at: number): void {
    cryptBlock(this.#forward, text, at);
  }

  decrypt(text: DataView, at: number): void {
    cryptBlock(this.#backward, text, at);
  }
}

/** SEED under a key of 16 bytes. */
export function seed(key: Uint8Array): BlockCipher {
  let [a, b, c, d] = wordsOfKey(key);
  const schedule = new Uint32Array(2 * ROUNDS);
  for (let i = 0; i < ROUNDS; i++) {
    const constant = (KC << i) | (i === 0 ? 0 : KC >>> (32 - i));
    schedule[2 * i] = g(a + c - constant);
    schedule[2 * i + 1] = g(b - d + constant);
    if (i % 2 === 0) [a, b] = [(a >>> 8) | (b << 24), (b >>> 8) | (a << 24)];
    else [c, d] = [(c << 8) | (d >>> 24), (d << 8) | (c >>> 24)];
  }
  return new Seed(schedule);
}

function cryptBlock(schedule: Uint32Array, text: DataView, at: number): void {
  let l0 = text.getUint32(at);
  let l1 = text.getUint32(at + 4);
  let r0 = text.getUint32(at + 8);
  let r1 = text.getUint32(at + 12);
  for (let k = 0; k < 2 * ROUNDS; k += 2) {
    const c = r0 ^ schedule[k];
    const inner = g(c ^ r1 ^ schedule[k + 1]);
    const middle = g(inner + c);
    const outer = g(middle + inner);
    const f0 = l0 ^ (outer + middle);
    const f1 = l1 ^ outer;
    l0 = r0;
    l1 = r1;
    r0 = f0;
    r1 = f1;
  }
  text.setUint32(at, r0);
  text.setUint32(at + 4, r1);
  text.setUint32(at + 8, l0);
  text.setUint32(at + 12, l1);
}

function g(x: number): number {
  return (
    SS[x & 255] ^ SS[256 + ((x >>> 8) & 255)] ^ SS[512 + ((x >>> 16) & 255)] ^ SS[768 + (x >>> 24)]
  );
}

function buildTables(): Uint32Array {
  const tables = new Uint32Array(4 * 256);
  for (let k = 0; k < 4; k++) {
    for (let byte = 0; byte < 256; byte++) {
      const y = (k % 2 === 0 ? S1 : S2)[byte];
      for (let z = 0; z < 4; z++) tables[256 * k + byte] |= (y & MASKS[(k + z) % 4]) << (8 * z);
    }
  }
  return tables;
}
