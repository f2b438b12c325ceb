/**
 * Laws of AES-GCM kernels, against one-shot node:crypto and noble on contiguous bytes.
 * @module
 */
import { createCipheriv } from 'node:crypto';
import { gcm } from '@noble/ciphers/aes.js';
import { KernelBug } from '../../../src/assert.ts';
import type { GcmKernel, Provider } from '../../../src/provider/provider.ts';
import { physAddr } from '../../../src/units.ts';
import { cutRuns, type Law, LawMemory, same, sampleBytes, throughRuns } from './laws.ts';

const TAG_SIZES = [4, 8, 12, 13, 14, 15, 16];

/** A message and what node makes of it. */
interface Sealed {
  readonly nonce: Uint8Array;
  readonly aad: Uint8Array;
  readonly text: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/** The laws of the AES-GCM kernels that `aesGcm` makes. */
export function gcmLaws(aesGcm: Provider['aesGcm']): Law[] {
  return [
    { name: 'gcm equals one-shot node at every length', check: () => checkLengths(aesGcm) },
    { name: 'gcm equals noble', check: () => checkNoble(aesGcm) },
    { name: 'gcm does not depend on how data and text are cut', check: () => checkRuns(aesGcm) },
    {
      name: 'gcm accepts a tag of every size and rejects each flipped byte',
      check: () => checkTags(aesGcm),
    },
    {
      name: 'messages under one gcm key do not disturb each other',
      check: () => interleave(aesGcm),
    },
  ];
}

function seal(key: Uint8Array, aadSize: number, size: number, seed: number): Sealed {
  const nonce = sampleBytes(12, seed);
  const aad = sampleBytes(aadSize, seed + 1);
  const text = sampleBytes(size, seed + 2);
  const cipher = createCipheriv(gcmName(key), key, nonce);
  cipher.setAAD(aad);
  const ciphertext = Buffer.concat([cipher.update(text), cipher.final()]);
  return { nonce, aad, text, ciphertext, tag: Uint8Array.from(cipher.getAuthTag()) };
}

function gcmName(key: Uint8Array): 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm' {
  if (key.length === 16) return 'aes-128-gcm';
  return key.length === 24 ? 'aes-192-gcm' : 'aes-256-gcm';
}

/** Encrypts and decrypts `message` in runs and checks text and tag both ways. */
function roundTrip(
  kernel: GcmKernel,
  message: Sealed,
  aadRuns: readonly number[],
  textRuns: readonly number[],
  inPlace: boolean,
  what: string,
): void {
  for (const encrypt of [true, false]) {
    const state = kernel.start(encrypt, message.nonce);
    throughRuns(message.aad, aadRuns, true, (mem, src, _dst, len) => state.aad(mem, src, len));
    const from = encrypt ? message.text : message.ciphertext;
    const to = encrypt ? message.ciphertext : message.text;
    const out = throughRuns(from, textRuns, inPlace, (mem, src, dst, len) =>
      state.crypt(mem, src, dst, len),
    );
    same(out, to, `${what}, encrypt ${encrypt}`);
    if (encrypt) {
      const tag = new Uint8Array(16);
      state.tag(tag);
      same(tag, message.tag, `${what}, tag`);
    } else if (!state.verify(message.tag)) {
      throw new Error(`${what}: good tag rejected`);
    }
  }
}

function checkLengths(aesGcm: Provider['aesGcm']): void {
  for (const keySize of [16, 24, 32]) {
    const key = sampleBytes(keySize, keySize);
    const kernel = aesGcm(key);
    const small = Array.from({ length: 258 }, (_, i) => i);
    for (const size of [...small, 1420, 4096, 65536, 65537, 200 * 1024]) {
      const aadSize = (size * 7) % 50;
      const message = seal(key, aadSize, size, size);
      roundTrip(kernel, message, [aadSize], [size], size % 2 === 0, `gcm ${keySize}, ${size}`);
    }
    for (const aadSize of [0, 1, 15, 16, 17, 70000]) {
      roundTrip(kernel, seal(key, aadSize, 0, 5), [aadSize], [0], true, `gcm aad ${aadSize}`);
    }
  }
}

function checkNoble(aesGcm: Provider['aesGcm']): void {
  const key = sampleBytes(32, 6);
  for (const size of [0, 1, 16, 100, 1000]) {
    const message = seal(key, size % 33, size, size);
    const sealed = gcm(key, message.nonce, message.aad).encrypt(message.text);
    same(sealed.subarray(0, size), message.ciphertext, 'node and noble, text');
    same(sealed.subarray(size), message.tag, 'node and noble, tag');
    roundTrip(aesGcm(key), message, [size % 33], [size], false, `gcm ${size}`);
  }
}

function checkRuns(aesGcm: Provider['aesGcm']): void {
  const key = sampleBytes(16, 2);
  const kernel = aesGcm(key);
  for (let seed = 0; seed < 60; seed++) {
    const message = seal(key, (seed * 11) % 97, seed * seed * 5 + seed, seed);
    const aadRuns = cutRuns(message.aad.length, 1, seed);
    const textRuns = cutRuns(message.text.length, 1, seed + 7);
    const what = `gcm in runs ${aadRuns} and ${textRuns}`;
    roundTrip(kernel, message, aadRuns, textRuns, seed % 2 === 0, what);
  }
}

function opens(kernel: GcmKernel, message: Sealed, tag: Uint8Array): boolean {
  const mem = new LawMemory(256);
  const at = physAddr(1);
  const state = kernel.start(false, message.nonce, tag.length);
  mem.put(at, message.aad);
  state.aad(mem, at, message.aad.length);
  mem.put(at, message.ciphertext);
  state.crypt(mem, at, at, message.ciphertext.length);
  return state.verify(tag);
}

function checkTags(aesGcm: Provider['aesGcm']): void {
  const key = sampleBytes(16, 3);
  const kernel = aesGcm(key);
  for (const size of [0, 40]) {
    const message = seal(key, 20, size, size);
    for (const tagSize of TAG_SIZES) {
      const tag = message.tag.slice(0, tagSize);
      if (!opens(kernel, message, tag)) throw new Error(`good tag of ${tagSize} rejected`);
      for (let i = 0; i < tagSize; i++) {
        const bad = tag.slice();
        bad[i] ^= 1 << (i % 8);
        if (opens(kernel, message, bad))
          throw new Error(`bad tag of ${tagSize} accepted, byte ${i}`);
      }
    }
    for (const size of [0, 3, 5, 11]) refusesTagSize(kernel, message, size);
    const short = { ...message, aad: message.aad.slice(1) };
    if (opens(kernel, short, message.tag)) throw new Error('shorter associated data accepted');
  }
}

function refusesTagSize(kernel: GcmKernel, message: Sealed, size: number): void {
  try {
    opens(kernel, message, message.tag.slice(0, size));
  } catch (error) {
    if (error instanceof KernelBug) return;
    throw error;
  }
  throw new Error(`a tag of ${size} bytes was looked at`);
}

function interleave(aesGcm: Provider['aesGcm']): void {
  const key = sampleBytes(32, 4);
  const kernel = aesGcm(key);
  const messages = [seal(key, 5, 50, 1), seal(key, 0, 33, 2), seal(key, 16, 64, 3)];
  const states = messages.map((message) => kernel.start(true, message.nonce));
  const mem = new LawMemory(256);
  const at = physAddr(7);
  messages.forEach((message, i) => {
    mem.put(at, message.aad);
    states[i].aad(mem, at, message.aad.length);
  });
  const outputs = messages.map(() => new Uint8Array(64));
  for (let off = 0; off < 64; off += 11) {
    messages.forEach(({ text }, i) => {
      const part = text.subarray(off, off + 11);
      mem.put(at, part);
      states[i].crypt(mem, at, at, part.length);
      outputs[i].set(mem.bytes.subarray(at, at + part.length), off);
    });
  }
  messages.forEach((message, i) => {
    const tag = new Uint8Array(16);
    states[i].tag(tag);
    same(tag, message.tag, `tag of message ${i}`);
    same(outputs[i].subarray(0, message.text.length), message.ciphertext, `message ${i}`);
  });
}
