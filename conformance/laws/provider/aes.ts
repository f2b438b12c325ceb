/**
 * Laws of AES kernels, against one-shot node:crypto and noble on contiguous bytes.
 *
 * Verified: bytes and chaining values of every mode for all lengths 0 to 257 and some to 200 KiB, all
 * key sizes, in place and out of place, whole and cut into runs. Not verified, because nothing here
 * can see it: that a kernel is fast, or constant-time.
 * @module
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { cbc, ctr, ecb } from '@noble/ciphers/aes.js';
import type { AesKernel, Provider } from '../../../src/provider/provider.ts';
import { physAddr } from '../../../src/units.ts';
import {
  cutRuns,
  type Law,
  LawMemory,
  type RunStep,
  same,
  sampleBytes,
  throughRuns,
} from './laws.ts';

const KEY_SIZES = [16, 24, 32];
const LARGE = [512, 1024, 1520, 1536, 1552, 3072, 4096, 65520, 65536, 65552, 200 * 1024];

/** One mode of one direction: our kernel, and what node and noble say. */
interface Mode {
  readonly name: string;
  readonly unit: number;
  readonly ours: (aes: AesKernel, chain: Uint8Array) => RunStep;
  readonly node: (key: Uint8Array, iv: Uint8Array, text: Uint8Array) => Uint8Array;
  readonly noble: (key: Uint8Array, iv: Uint8Array, text: Uint8Array) => Uint8Array;
  /** The chaining value after the message. */
  readonly chainOut: (iv: Uint8Array, text: Uint8Array, out: Uint8Array) => Uint8Array;
}

const lastBlock = (iv: Uint8Array, ciphertext: Uint8Array): Uint8Array =>
  ciphertext.length === 0 ? iv : ciphertext.subarray(-16);

const unpadded = { disablePadding: true };

const MODES: readonly Mode[] = [
  {
    name: 'ecb encryption',
    unit: 16,
    ours: (aes) => (mem, src, dst, len) => aes.ecbEncrypt(mem, src, dst, len),
    node: (key, _iv, text) => nodeCrypt(`aes-${key.length * 8}-ecb`, true, key, null, text),
    noble: (key, _iv, text) => ecb(key, unpadded).encrypt(text),
    chainOut: (iv) => iv,
  },
  {
    name: 'ecb decryption',
    unit: 16,
    ours: (aes) => (mem, src, dst, len) => aes.ecbDecrypt(mem, src, dst, len),
    node: (key, _iv, text) => nodeCrypt(`aes-${key.length * 8}-ecb`, false, key, null, text),
    noble: (key, _iv, text) => ecb(key, unpadded).decrypt(text),
    chainOut: (iv) => iv,
  },
  {
    name: 'cbc encryption',
    unit: 16,
    ours: (aes, iv) => (mem, src, dst, len) => aes.cbcEncrypt(mem, src, dst, len, iv),
    node: (key, iv, text) => nodeCrypt(`aes-${key.length * 8}-cbc`, true, key, iv, text),
    noble: (key, iv, text) => cbc(key, iv, unpadded).encrypt(text),
    chainOut: (iv, _text, out) => lastBlock(iv, out),
  },
  {
    name: 'cbc decryption',
    unit: 16,
    ours: (aes, iv) => (mem, src, dst, len) => aes.cbcDecrypt(mem, src, dst, len, iv),
    node: (key, iv, text) => nodeCrypt(`aes-${key.length * 8}-cbc`, false, key, iv, text),
    noble: (key, iv, text) => cbc(key, iv, unpadded).decrypt(text),
    chainOut: (iv, text) => lastBlock(iv, text),
  },
  {
    name: 'ctr',
    unit: 1,
    ours: (aes, counter) => (mem, src, dst, len) => aes.ctrCrypt(mem, src, dst, len, counter),
    node: (key, iv, text) => nodeCrypt(`aes-${key.length * 8}-ctr`, true, key, iv, text),
    noble: (key, iv, text) => ctr(key, iv).encrypt(text),
    chainOut: (iv, text) => counterPlus(iv, Math.ceil(text.length / 16)),
  },
];

/** The laws of the AES kernels that `aes` makes. */
export function aesLaws(aes: Provider['aes']): Law[] {
  const laws: Law[] = [];
  for (const mode of MODES) {
    laws.push({
      name: `${mode.name} equals one-shot node and noble at every length`,
      check: () => checkMode(aes, mode),
    });
    laws.push({
      name: `${mode.name} does not depend on how the message is cut into runs`,
      check: () => checkRuns(aes, mode),
    });
  }
  laws.push(
    {
      name: 'the 128-bit counter wraps at 32, 64 and 128 bits',
      check: () => checkCounterWrap(aes),
    },
    { name: 'xts equals one-shot node at every length', check: () => checkXts(aes) },
    { name: 'the xts tweak is multiplied by x once per block', check: () => checkTweak(aes) },
    { name: 'xts under a 24-byte key equals its definition', check: () => checkXts192(aes) },
    { name: 'single blocks equal one-shot node', check: () => checkBlocks(aes) },
    {
      name: 'interleaved messages under one key do not disturb each other',
      check: () => interleave(aes),
    },
  );
  return laws;
}

/** A whole message through a cipher object of node:crypto, without padding. */
export function nodeCrypt(
  name: string,
  encrypt: boolean,
  key: Uint8Array,
  iv: Uint8Array | null,
  text: Uint8Array,
): Uint8Array {
  const cipher = encrypt ? createCipheriv(name, key, iv) : createDecipheriv(name, key, iv);
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(text), cipher.final()]);
}

function counterPlus(counter: Uint8Array, blocks: number): Uint8Array {
  const sum = BigInt(`0x${Buffer.from(counter).toString('hex')}`) + BigInt(blocks);
  const hex = (sum % (1n << 128n)).toString(16).padStart(32, '0');
  return Buffer.from(hex, 'hex');
}

function lengths(unit: number): number[] {
  const small = Array.from({ length: Math.floor(257 / unit) + 1 }, (_, i) => i * unit);
  return [...small, ...LARGE, ...(unit === 1 ? [1535, 1537, 65537, 150001] : [])];
}

function checkMode(aes: Provider['aes'], mode: Mode): void {
  for (const keySize of KEY_SIZES) {
    const key = sampleBytes(keySize, keySize);
    const kernel = aes(key);
    for (const len of lengths(mode.unit)) {
      const text = sampleBytes(len, len + 1);
      const iv = sampleBytes(16, len + 2);
      const expected = mode.node(key, iv, text);
      // noble is slow and refuses empty ECB and CBC input.
      if (len > 0 && len < 5000)
        same(mode.noble(key, iv, text), expected, `noble ${mode.name} ${len}`);
      for (const inPlace of [false, true]) {
        const chain = iv.slice();
        const what = `${mode.name}, key ${keySize}, ${len} bytes, in place ${inPlace}`;
        const out = throughRuns(text, [len], inPlace, mode.ours(kernel, chain));
        same(out, expected, what);
        same(chain, mode.chainOut(iv, text, expected), `${what}, chaining value`);
      }
    }
  }
}

function checkRuns(aes: Provider['aes'], mode: Mode): void {
  const key = sampleBytes(32, 77);
  const kernel = aes(key);
  for (let seed = 0; seed < 60; seed++) {
    const len = seed < 50 ? 16 * (1 + seed * 7) : 40960 + 16 * seed;
    // Only the last run of a counter message may end inside a block.
    const partial = mode.unit === 1 ? seed % 16 : 0;
    const text = sampleBytes(len + partial, seed);
    const iv = sampleBytes(16, seed + 1000);
    const chain = iv.slice();
    const runs = cutRuns(text.length, 16, seed);
    const out = throughRuns(text, runs, seed % 2 === 0, mode.ours(kernel, chain));
    const expected = mode.node(key, iv, text);
    same(out, expected, `${mode.name} in runs ${runs}`);
    same(chain, mode.chainOut(iv, text, expected), `${mode.name} chaining value in runs ${runs}`);
  }
}

function checkCounterWrap(aes: Provider['aes']): void {
  const key = sampleBytes(16, 5);
  const kernel = aes(key);
  for (const ones of [4, 8, 12, 16]) {
    for (const len of [16, 17, 80, 4096, 70000]) {
      const counter = sampleBytes(16, ones);
      counter.fill(0xff, 16 - ones);
      counter[15] = 0xfe;
      const chain = counter.slice();
      const text = sampleBytes(len, len);
      const step: RunStep = (mem, src, dst, size) => kernel.ctrCrypt(mem, src, dst, size, chain);
      const expected = nodeCrypt('aes-128-ctr', true, key, counter, text);
      same(throughRuns(text, [len], true, step), expected, `wrap ${ones}, ${len} bytes`);
      same(chain, counterPlus(counter, Math.ceil(len / 16)), `counter ${ones}, ${len} bytes`);
    }
  }
}

function checkXts(aes: Provider['aes']): void {
  for (const keySize of [16, 32]) {
    const keys = sampleBytes(2 * keySize, keySize);
    const kernel = aes(keys.subarray(0, keySize));
    const tweakKernel = aes(keys.subarray(keySize));
    for (const len of lengths(16).slice(1)) {
      for (const encrypt of [true, false]) {
        const text = sampleBytes(len, len);
        const iv = sampleBytes(16, len + 9);
        const tweak = iv.slice();
        tweakKernel.encryptBlock(tweak);
        const runs = len % 32 === 0 ? [len] : cutRuns(len, 16, len);
        const out = throughRuns(text, runs, len % 64 === 0, xtsStep(kernel, encrypt, tweak));
        const expected = nodeCrypt(`aes-${keySize * 8}-xts`, encrypt, keys, iv, text);
        same(out, expected, `xts ${encrypt}, key ${keySize}, ${len} bytes in runs ${runs}`);
      }
    }
  }
}

function xtsStep(kernel: AesKernel, encrypt: boolean, tweak: Uint8Array): RunStep {
  return encrypt
    ? (mem, src, dst, len) => kernel.xtsEncrypt(mem, src, dst, len, tweak)
    : (mem, src, dst, len) => kernel.xtsDecrypt(mem, src, dst, len, tweak);
}

/** The tweak times x^blocks, by the definition with big integers. */
function tweakTimes(tweak: Uint8Array, blocks: number): Uint8Array {
  let value = BigInt(`0x${Buffer.from(tweak).reverse().toString('hex')}`);
  for (let i = 0; i < blocks; i++) {
    value <<= 1n;
    if (value >> 128n) value = (value & ((1n << 128n) - 1n)) ^ 0x87n;
  }
  return Buffer.from(value.toString(16).padStart(32, '0'), 'hex').reverse();
}

function checkTweak(aes: Provider['aes']): void {
  const kernel = aes(sampleBytes(32, 3));
  for (const len of [0, 16, 32, 496, 512, 1520, 1536, 4096, 4112, 65536, 65536 * 2 + 48]) {
    for (const encrypt of [true, false]) {
      const start = sampleBytes(16, len + 4);
      const tweak = start.slice();
      throughRuns(sampleBytes(len, 1), [len], false, xtsStep(kernel, encrypt, tweak));
      same(tweak, tweakTimes(start, len / 16), `tweak after ${len} bytes`);
    }
  }
}

function checkXts192(aes: Provider['aes']): void {
  const key = sampleBytes(24, 24);
  const kernel = aes(key);
  for (const len of [16, 160, 4096, 70000 - (70000 % 16)]) {
    const start = sampleBytes(16, len);
    const text = sampleBytes(len, len);
    const mask = Buffer.concat(
      Array.from({ length: len / 16 }, (_, i) =>
        i < 300 ? tweakTimes(start, i) : new Uint8Array(16),
      ),
    );
    const masked = text.map((byte, i) => byte ^ mask[i]);
    const expected = nodeCrypt('aes-192-ecb', true, key, null, masked).map((b, i) => b ^ mask[i]);
    const tweak = start.slice();
    const out = throughRuns(text, [len], true, xtsStep(kernel, true, tweak));
    const shown = Math.min(len, 300 * 16);
    same(out.subarray(0, shown), expected.subarray(0, shown), `xts 192, ${len} bytes`);
    const back = start.slice();
    same(throughRuns(out, [len], false, xtsStep(kernel, false, back)), text, 'xts 192 back');
  }
}

function checkBlocks(aes: Provider['aes']): void {
  for (const keySize of KEY_SIZES) {
    const key = sampleBytes(keySize, 1);
    const kernel = aes(key);
    for (let seed = 0; seed < 20; seed++) {
      // A view at an odd offset: the caller's blocks need not be aligned.
      const block = sampleBytes(19, seed).subarray(3);
      const text = block.slice();
      kernel.encryptBlock(block);
      same(block, nodeCrypt(`aes-${keySize * 8}-ecb`, true, key, null, text), 'block');
      kernel.decryptBlock(block);
      same(block, text, 'block back');
    }
  }
}

function interleave(aes: Provider['aes']): void {
  const key = sampleBytes(16, 8);
  const kernel = aes(key);
  const mem = new LawMemory(4096);
  const at = physAddr(16);
  for (let seed = 0; seed < 40; seed++) {
    const len = 16 * (1 + (seed % 5));
    for (const mode of MODES) {
      const text = sampleBytes(len, seed);
      const iv = sampleBytes(16, seed);
      mem.put(at, text);
      mode.ours(kernel, iv.slice())(mem, at, at, len);
      same(mem.bytes.subarray(at, at + len), mode.node(key, iv, text), `${mode.name} interleaved`);
    }
  }
}
