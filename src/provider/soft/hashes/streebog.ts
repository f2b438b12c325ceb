/**
 * Streebog.
 * Source: RFC 6986.
 * @module
 */
import { bytesOfHex } from '../ciphers/block-kernel.ts';
import { feedState, type StateHash } from './state-hash.ts';

const BLOCK = 64;
const ROUNDS = 12;
/** `struct streebog_state`: buffer, result, chaining value, length, checksum, bytes that wait. */
const H_AT = 128;
const LENGTH_AT = 192;
const SUM_AT = 256;
const FILL_AT = 320;
const STATE_SIZE = 328;

/** The substitution pi. */
const PI: Uint8Array = bytesOfHex(
  'fceedd11cf6e3116fbc4fada23c5044de977f0db932e99ba1736f1bb14cd5fc1' +
    'f918655ae25cef21811c3c428b018e4f058402aee36a8fa0060bed987fd4d31f' +
    'eb342c51eac848abf22a68a2fd3aceccb5700e56080c7612bf7213479cb75d87' +
    '15a19629107b9ac7f391786f9d9eb2b13275193dff358a7e6d54c680c3bd0d57' +
    'dff524a93ea843c9d779d6f67c22b903e00fecde7a94b0bcdce828504e330a4a' +
    'a79760731e0062441ab83882649f2641ad454692275e552f8ca3a57d69d5953b' +
    '0758b34086ac1df730376be488d9e789e11b83494c3ff8fe8d53aa90cad88561' +
    '207167a42d2b095bcb9b25d0bee56c5259a674d2e6f4b4c0d166afc2394b63b6',
);
/** The 64 rows of the matrix A of the transformation L, the one of the most significant bit first. */
const A =
  '8e20faa72ba0b47047107ddd9b505a38ad08b0e0c3282d1cd8045870ef14980e' +
  '6c022c38f90a4c073601161cf205268d1b8e0b0e798c13c883478b07b2468764' +
  'a011d380818e8f405086e740ce47c9202843fd2067adea1014aff010bdd87508' +
  '0ad97808d06cb40405e23c0468365a028c711e02341b2d0146b60f011a83988e' +
  '90dab52a387ae76f486dd4151c3dfdb924b86a840e90f0d2125c354207487869' +
  '092e94218d243cba8a174a9ec8121e5d4585254f64090fa0accc9ca9328a8950' +
  '9d4df05d5f661451c0a878a0a1330aa660543c50de970553302a1e286fc58ca7' +
  '18150f14b9ec46dd0c84890ad27623e00642ca05693b9f700321658cba93c138' +
  '86275df09ce8aaa8439da0784e745554afc0503c273aa42ad960281e9d1d5215' +
  'e230140fc080298471180a8960409a42b60c05ca30204d215b068c651810a89e' +
  '456c34887a3805b9ac361a443d1c8cd2561b0d22900e46692b838811480723ba' +
  '9bcf4486248d9f5dc3e9224312c8c1a0effa11af0964ee50f97d86d98a327728' +
  'e4fa2054a80b329c727d102a548b194e39b008152acb82279258048415eb419d' +
  '492c024284fbaec0aa16012142f35760550b8e9e21f7a530a48b474f9ef5dc18' +
  '70a6a56e2440598e3853dc371220a2471ca76e95091051ad0edd37c48a08a6d8' +
  '07e095624504536c8d70c431ac02a736c83862965601dd1b641c314b2b8ee083';
/** The iteration constants C1 to C12, most significant byte first. */
const C: readonly Uint32Array[] = [
  constant(
    'b1085bda1ecadae9ebcb2f81c0657c1f2f6a76432e45d016714eb88d7585c4fc' +
      '4b7ce09192676901a2422a08a460d31505767436cc744d23dd806559f2a64507',
  ),
  constant(
    '6fa3b58aa99d2f1a4fe39d460f70b5d7f3feea720a232b9861d55e0f16b50131' +
      '9ab5176b12d699585cb561c2db0aa7ca55dda21bd7cbcd56e679047021b19bb7',
  ),
  constant(
    'f574dcac2bce2fc70a39fc286a3d843506f15e5f529c1f8bf2ea7514b1297b7b' +
      'd3e20fe490359eb1c1c93a376062db09c2b6f443867adb31991e96f50aba0ab2',
  ),
  constant(
    'ef1fdfb3e81566d2f948e1a05d71e4dd488e857e335c3c7d9d721cad685e353f' +
      'a9d72c82ed03d675d8b71333935203be3453eaa193e837f1220cbebc84e3d12e',
  ),
  constant(
    '4bea6bacad4747999a3f410c6ca923637f151c1f1686104a359e35d7800fffbd' +
      'bfcd1747253af5a3dfff00b723271a167a56a27ea9ea63f5601758fd7c6cfe57',
  ),
  constant(
    'ae4faeae1d3ad3d96fa4c33b7a3039c02d66c4f95142a46c187f9ab49af08ec6' +
      'cffaa6b71c9ab7b40af21f66c2bec6b6bf71c57236904f35fa68407a46647d6e',
  ),
  constant(
    'f4c70e16eeaac5ec51ac86febf240954399ec6c7e6bf87c9d3473e33197a93c9' +
      '0992abc52d822c3706476983284a05043517454ca23c4af38886564d3a14d493',
  ),
  constant(
    '9b1f5b424d93c9a703e7aa020c6e41414eb7f8719c36de1e89b4443b4ddbc49a' +
      'f4892bcb929b069069d18d2bd1a5c42f36acc2355951a8d9a47f0dd4bf02e71e',
  ),
  constant(
    '378f5a541631229b944c9ad8ec165fde3a7d3a1b258942243cd955b7e00d0984' +
      '800a440bdbb2ceb17b2b8a9aa6079c540e38dc92cb1f2a607261445183235adb',
  ),
  constant(
    'abbedea680056f52382ae548b2e4f3f38941e71cff8a78db1fffe18a1b336103' +
      '9fe76702af69334b7a1e6c303b7652f43698fad1153bb6c374b4c7fb98459ced',
  ),
  constant(
    '7bcd9ed0efc889fb3002c6cd635afe94d8fa6bbbebab07612001802114846679' +
      '8a1d71efea48b9caefbacd1d7d476e98dea2594ac06fd85d6bcaa4cd81f32d1b',
  ),
  constant(
    '378ee767f11631bad21380b00449b17acda43c32bcdf1d77f82012d430219f9b' +
      '5d80ef9d1891cc86e71da4aa88e12852faf417d5d9b21b9948bc924af11bd720',
  ),
];

/** Two words, low first, at 2 * (256 * i + byte): L of a substituted byte i of a vector of eight. */
const TABLES: Uint32Array = buildTables();

const key = new Uint32Array(16);
const text = new Uint32Array(16);
const message = new Uint32Array(16);
const next = new Uint32Array(16);
const NONE = new Uint32Array(16);

/** Streebog with a digest of 32 or 64 bytes. */
export function streebogHash(digestSize: 32 | 64): StateHash {
  return {
    stateSize: STATE_SIZE,
    start: ({ bytes }) => {
      if (digestSize === 32) bytes.fill(1, H_AT, H_AT + BLOCK);
    },
    update: (state, input) => {
      const { view } = state;
      const fill = view.getUint32(FILL_AT, true);
      const waits = feedState(state, 0, BLOCK, fill, input, (from, begin, end) => {
        for (let at = begin; at < end; at += BLOCK) {
          loadMessage(from, at);
          absorb(state.words, 8 * BLOCK);
        }
      });
      view.setUint32(FILL_AT, waits, true);
    },
    finish: (state, out) => {
      const { bytes, view, words } = state;
      const fill = view.getUint32(FILL_AT, true);
      bytes.fill(0, fill, BLOCK);
      bytes[fill] = 1;
      loadMessage(view, 0);
      absorb(words, 8 * fill);
      for (const at of [LENGTH_AT, SUM_AT]) {
        loadMessage(view, at);
        compress(words, NONE);
      }
      out.set(bytes.subarray(H_AT + BLOCK - digestSize, H_AT + BLOCK));
    },
  };
}

function loadMessage(from: DataView, at: number): void {
  for (let i = 0; i < 16; i++) message[i] = from.getUint32(at + 4 * i, true);
}

/** Compresses the message block of `bits` bits, and adds to length and checksum. */
function absorb(words: Uint32Array, bits: number): void {
  compress(words, words.subarray(LENGTH_AT / 4, LENGTH_AT / 4 + 16));
  next.fill(0);
  next[0] = bits;
  addInto(words, LENGTH_AT / 4, next);
  addInto(words, SUM_AT / 4, message);
}

/** The compression function with `length` as its counter. */
function compress(words: Uint32Array, length: Uint32Array): void {
  const h = words.subarray(H_AT / 4, H_AT / 4 + 16);
  for (let i = 0; i < 16; i++) {
    key[i] = h[i] ^ length[i];
    h[i] ^= message[i];
    text[i] = message[i];
  }
  transform(key);
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < 16; i++) text[i] ^= key[i];
    transform(text);
    for (let i = 0; i < 16; i++) key[i] ^= C[round][i];
    transform(key);
  }
  for (let i = 0; i < 16; i++) h[i] ^= text[i] ^ key[i];
}

/** The transformations S, P and L together. */
function transform(vector: Uint32Array): void {
  next.fill(0);
  for (let row = 0; row < 8; row++) {
    const shift = 8 * (row & 3);
    for (let i = 0; i < 8; i++) {
      const entry = 2 * (256 * i + ((vector[2 * i + (row >>> 2)] >>> shift) & 255));
      next[2 * row] ^= TABLES[entry];
      next[2 * row + 1] ^= TABLES[entry + 1];
    }
  }
  vector.set(next);
}

/** Adds `amount` to the 512-bit number at word `at`, modulo 2^512. */
function addInto(words: Uint32Array, at: number, amount: Uint32Array): void {
  let carry = 0;
  for (let i = 0; i < 16; i++) {
    const sum = words[at + i] + amount[i] + carry;
    words[at + i] = sum;
    carry = sum >= 0x100000000 ? 1 : 0;
  }
}

function constant(hex: string): Uint32Array {
  return new Uint32Array(bytesOfHex(hex).reverse().buffer);
}

function buildTables(): Uint32Array {
  const rows = new DataView(bytesOfHex(A).buffer);
  const tables = new Uint32Array(8 * 512);
  for (let i = 0; i < 8; i++) {
    for (let byte = 0; byte < 256; byte++) {
      for (let bit = 0; bit < 8; bit++) {
        if (((PI[byte] >>> bit) & 1) === 0) continue;
        const row = 8 * (63 - (8 * i + bit));
        tables[2 * (256 * i + byte)] ^= rows.getUint32(row + 4);
        tables[2 * (256 * i + byte) + 1] ^= rows.getUint32(row);
      }
    }
  }
  return tables;
}
