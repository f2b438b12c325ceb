/**
 * Laws that every running hash keeps, whatever it computes, given its one-shot function.
 * @module
 */

import type { HashState } from '../../../src/provider/provider.ts';
import { cutRuns, type Law, same, sampleBytes, throughRuns } from './laws.ts';

const LARGE = [511, 512, 1024, 4096, 65535, 65536, 65537, 200 * 1024];

/** A hash under test, by name, with the function that says what the digest is. */
export interface HashSubject {
  readonly name: string;
  readonly digestSize: number;
  readonly start: () => HashState;
  readonly oneShot: (message: Uint8Array) => Uint8Array;
}

export function hashLaws(subject: HashSubject): Law[] {
  const { name } = subject;
  return [
    { name: `${name} equals its one-shot function at every length`, check: () => lengths(subject) },
    { name: `${name} does not depend on how the message is cut`, check: () => cuts(subject) },
    { name: `a copy of ${name} goes its own way`, check: () => copies(subject) },
  ];
}

function digestOf(state: HashState, size: number): Uint8Array {
  // One byte more than the digest: it must stay as it is.
  const out = new Uint8Array(size + 1).fill(0xa5);
  state.digest(out.subarray(0, size));
  same(out.subarray(size), Uint8Array.of(0xa5), 'the byte behind the digest');
  return out.subarray(0, size);
}

function lengths(subject: HashSubject): void {
  for (const len of [...Array.from({ length: 258 }, (_, i) => i), ...LARGE]) {
    const message = sampleBytes(len, len);
    const expected = subject.oneShot(message);
    const state = subject.start();
    throughRuns(message, [len], true, (mem, src, _dst, size) => state.update(mem, src, size));
    same(digestOf(state, subject.digestSize), expected, `${subject.name}, ${len} bytes`);
    const other = subject.start();
    other.updateBytes(message);
    same(digestOf(other, subject.digestSize), expected, `${subject.name}, ${len} bytes at once`);
  }
}

function cuts(subject: HashSubject): void {
  for (let seed = 0; seed < 60; seed++) {
    const message = sampleBytes(seed * seed * 3 + 16 * (seed % 3), seed);
    const runs = cutRuns(message.length, 1, seed);
    const state = subject.start();
    throughRuns(message, runs, true, (mem, src, _dst, size) => state.update(mem, src, size));
    const expected = subject.oneShot(message);
    same(digestOf(state, subject.digestSize), expected, `${subject.name} in runs ${runs}`);
  }
}

function copies(subject: HashSubject): void {
  for (let len = 0; len < 150; len += 7) {
    const head = sampleBytes(len, 1);
    const tails = [sampleBytes(3, 2), sampleBytes(100, 3), new Uint8Array(0)];
    const first = subject.start();
    first.updateBytes(head);
    const states = [first, first.clone(), first.clone()];
    tails.forEach((tail, i) => {
      states[i].updateBytes(tail);
    });
    tails.forEach((tail, i) => {
      const expected = subject.oneShot(Buffer.concat([head, tail]));
      same(
        digestOf(states[i], subject.digestSize),
        expected,
        `${subject.name}, copy ${i} at ${len}`,
      );
    });
  }
}
