/**
 * Arrays of a caller: pieces of one buffer with guards round it, cut as the lists of a case are.
 * @module
 */
import { fillSeeded } from '../../../src/prng.ts';

/** Bytes in front of a buffer and behind it. */
const GUARD = 16;

/** Some bytes of a caller, in memory of their own. */
export class CallerBuffer {
  readonly bytes: Uint8Array;
  private readonly whole: Uint8Array;
  private readonly before: Uint8Array;

  /** @param given what is in it; absent: what `seed` draws */
  constructor(len: number, seed: number, given?: Uint8Array) {
    this.whole = new Uint8Array(len + 2 * GUARD);
    fillSeeded(this.whole, seed);
    this.bytes = this.whole.subarray(GUARD, GUARD + len);
    if (given !== undefined) this.bytes.set(given);
    this.before = this.whole.slice();
  }

  /** The first byte that was changed, counted from the first of the buffer; null where all is as it was. */
  changed(isOutput: boolean): number | null {
    const end = GUARD + this.bytes.length;
    const at = this.whole.findIndex(
      (byte, i) => byte !== this.before[i] && !(isOutput && i >= GUARD && i < end),
    );
    return at < 0 ? null : at - GUARD;
  }

  /** Pieces of the buffer, one behind the other. */
  cut(lengths: readonly number[], from: number = 0): Uint8Array[] {
    let at = from;
    return lengths.map((len) => {
      const piece = this.bytes.subarray(at, at + len);
      at += len;
      return piece;
    });
  }
}

/** Lengths of the pieces of bytes `from` to `from + len` of a list. */
export function lengthsWithin(list: readonly number[], from: number, len: number): number[] {
  let at = 0;
  return list.flatMap((size) => {
    const first = Math.max(at, from);
    at += size;
    const end = Math.min(at, from + len);
    // An empty segment between two others is an empty array.
    return first < end || (size === 0 && first > from && first < from + len) ? [end - first] : [];
  });
}
