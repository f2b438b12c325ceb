/**
 * Laws of exported hash states.
 *
 * The chaining words are checked without a second implementation: after the one block that a padded
 * "abc" is, they are the digest of "abc".
 * @module
 */
import { createHash } from 'node:crypto';
import type { HashState } from '../../../src/provider/provider.ts';
import { type Law, same, sampleBytes } from './laws.ts';

/** A hash, where its exported state has what, and the size of its words. */
export interface StateSubject {
  readonly name: 'sha1' | 'sha256' | 'sha512';
  readonly start: () => HashState;
  readonly stateSize: number;
  readonly countAt: number;
  readonly bufferAt: number;
  readonly wordSize: 4 | 8;
}

export function stateLaws(subject: StateSubject): Law[] {
  return [
    { name: `a ${subject.name} state has the kernel's layout`, check: () => layout(subject) },
    { name: `a ${subject.name} goes on from an exported state`, check: () => goesOn(subject) },
  ];
}

/** The exported state after `message`. */
export function exported(state: HashState, message: Uint8Array): Uint8Array {
  state.updateBytes(message);
  const out = new Uint8Array(state.stateSize ?? 0).fill(0xa5);
  state.exportState?.(out);
  return out;
}

function layout(subject: StateSubject): void {
  const { name, start, stateSize, countAt, bufferAt, wordSize } = subject;
  const blockSize = stateSize - bufferAt;
  const message = Buffer.from('abc');
  const waiting = exported(start(), message);
  if (waiting.length !== stateSize) throw new Error(`a state of ${waiting.length} bytes`);
  const tail = new Uint8Array(stateSize - countAt);
  tail[0] = 3;
  tail.set(message, bufferAt - countAt);
  same(waiting.subarray(countAt), tail, `${name}: count and buffer after "abc"`);

  const later = exported(start(), Buffer.concat([new Uint8Array(blockSize).fill(1), message]));
  tail[0] += blockSize;
  same(later.subarray(countAt), tail, `${name}: no stale byte behind "abc"`);

  const block = new Uint8Array(blockSize);
  block.set(message);
  block[3] = 0x80;
  block[blockSize - 1] = 24;
  const words = exported(start(), block).subarray(0, countAt);
  const digest = createHash(name).update(message).digest();
  for (let at = 0; at < digest.length; at += wordSize) {
    const word = digest.subarray(at, at + wordSize).reverse();
    same(words.subarray(at, at + wordSize), word, `${name}: word at ${at}`);
  }
}

function goesOn({ name, start }: StateSubject): void {
  for (const len of [0, 1, 55, 63, 64, 65, 127, 128, 129, 1000]) {
    const head = sampleBytes(len, len);
    const state = exported(start(), head);
    for (const tailSize of [0, 1, 63, 64, 200]) {
      const tail = sampleBytes(tailSize, tailSize);
      const resumed = start();
      resumed.updateBytes(sampleBytes(77, 1));
      resumed.importState?.(state);
      resumed.updateBytes(tail);
      const expected = createHash(name).update(head).update(tail).digest();
      const out = new Uint8Array(expected.length);
      resumed.digest(out);
      same(out, expected, `${name} resumed at ${len}`);
    }
  }
}
