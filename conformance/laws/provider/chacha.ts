/**
 * Laws of ChaCha kernels, against noble (20 and 12 rounds) and node:crypto (20 rounds).
 * @module
 */
import { createCipheriv } from 'node:crypto';
import { chacha12, chacha20, xchacha20 } from '@noble/ciphers/chacha.js';
import type { ChachaRounds, Provider } from '../../../src/provider/provider.ts';
import { xchachaParts } from '../../../src/provider/soft/chacha.ts';
import { cutRuns, type Law, same, sampleBytes, throughRuns } from './laws.ts';

const LENGTHS: readonly number[] = [
  ...Array.from({ length: 258 }, (_, i) => i),
  1000,
  4096,
  65535,
  65536,
  65600,
  200 * 1024,
];

type Chacha = Provider['chacha'];

export function chachaLaws(provider: Provider): Law[] {
  const { chacha } = provider;
  const rounds: ChachaRounds[] = [20, 12];
  return rounds
    .flatMap((n) => [
      { name: `chacha${n} equals noble at every length`, check: () => checkLengths(chacha, n) },
      { name: `chacha${n} does not depend on the cut`, check: () => checkRuns(chacha, n) },
      { name: `the counter of chacha${n} wraps without carry`, check: () => checkWrap(chacha, n) },
    ])
    .concat([
      { name: 'chacha20 equals one-shot node', check: () => checkNode(chacha) },
      { name: 'xchacha20 is hchacha20 and chacha20', check: () => checkXchacha(chacha) },
    ]);
}

function ivOf(counter: number, nonce: Uint8Array): Uint8Array {
  const iv = new Uint8Array(16);
  new DataView(iv.buffer).setUint32(0, counter, true);
  iv.set(nonce, 4);
  return iv;
}

function crypt(
  chacha: Chacha,
  key: Uint8Array,
  rounds: ChachaRounds,
  iv: Uint8Array,
  text: Uint8Array,
  runs: readonly number[],
): Uint8Array {
  const kernel = chacha(key, rounds);
  return throughRuns(text, runs, text.length % 2 === 0, (mem, src, dst, len) =>
    kernel.crypt(mem, src, dst, len, iv),
  );
}

function noble(
  rounds: ChachaRounds,
  key: Uint8Array,
  nonce: Uint8Array,
  text: Uint8Array,
  counter: number,
): Uint8Array {
  return (rounds === 20 ? chacha20 : chacha12)(key, nonce, text, undefined, counter);
}

function checkLengths(chacha: Chacha, rounds: ChachaRounds): void {
  const key = sampleBytes(32, rounds);
  for (const len of LENGTHS) {
    const nonce = sampleBytes(12, len);
    const text = sampleBytes(len, len + 1);
    const iv = ivOf(len, nonce);
    const out = crypt(chacha, key, rounds, iv, text, [len]);
    same(out, noble(rounds, key, nonce, text, len), `chacha${rounds}, ${len} bytes`);
    same(iv, ivOf(len + Math.ceil(len / 64), nonce), `counter after ${len} bytes`);
  }
}

function checkRuns(chacha: Chacha, rounds: ChachaRounds): void {
  const key = sampleBytes(32, 4);
  for (let seed = 0; seed < 40; seed++) {
    const text = sampleBytes(64 * seed * 3 + (seed % 64), seed);
    const nonce = sampleBytes(12, seed);
    const iv = ivOf(7, nonce);
    const runs = cutRuns(text.length, 64, seed);
    const out = crypt(chacha, key, rounds, iv, text, runs);
    same(out, noble(rounds, key, nonce, text, 7), `chacha${rounds} in runs ${runs}`);
    same(iv, ivOf(7 + Math.ceil(text.length / 64), nonce), `counter after runs ${runs}`);
  }
}

function checkWrap(chacha: Chacha, rounds: ChachaRounds): void {
  const key = sampleBytes(32, 5);
  const nonce = sampleBytes(12, 6);
  for (const len of [64, 65, 128, 129, 300, 5000]) {
    const text = sampleBytes(len, len);
    const iv = ivOf(0xfffffffe, nonce);
    const out = crypt(chacha, key, rounds, iv, text, [len]);
    // noble refuses to start at the last counter: one block of it is taken from a run before.
    const head = noble(rounds, key, nonce, text.subarray(0, 64), 0xfffffffe);
    same(out.subarray(0, 64), head, `chacha${rounds} before the wrap`);
    const tail = noble(rounds, key, nonce, text.slice(128), 0);
    same(out.slice(128), tail, `chacha${rounds} after the wrap, ${len} bytes`);
    same(iv, ivOf(0xfffffffe + Math.ceil(len / 64), nonce), `counter after ${len} bytes`);
  }
}

function checkNode(chacha: Chacha): void {
  const key = sampleBytes(32, 7);
  for (const len of [1, 64, 319, 320, 1000, 70000]) {
    for (const counter of [0, 1, 0xfffffff0 - Math.ceil(len / 64)]) {
      const iv = ivOf(counter, sampleBytes(12, len));
      const text = sampleBytes(len, counter);
      const expected = createCipheriv('chacha20', key, iv.slice()).update(text);
      same(crypt(chacha, key, 20, iv, text, [len]), expected, `node chacha20, ${len} bytes`);
    }
  }
}

function checkXchacha(chacha: Chacha): void {
  const key = sampleBytes(32, 8);
  for (const len of [1, 100, 1000]) {
    const nonce = sampleBytes(24, len);
    const text = sampleBytes(len, len);
    const iv = new Uint8Array(32);
    iv.set(nonce);
    const parts = xchachaParts(key, iv, 20);
    const out = crypt(chacha, parts.key, 20, parts.iv.slice(), text, [len]);
    same(out, xchacha20(key, nonce, text), `xchacha20, ${len} bytes`);
  }
}
