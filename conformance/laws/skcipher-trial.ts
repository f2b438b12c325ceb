/**
 * What the laws of ciphers have in common: texts, and operations on them.
 * @module
 */
import type { Errno } from '../../src/errno.ts';
import type { Prng } from '../../src/prng.ts';
import type { SkcipherRow } from '../algorithms/row.ts';
import { type Layout, materialise } from '../case/case.ts';
import type { Prepared, SkcipherSubject } from '../subjects/api.ts';
import type { Lab, Shown, Trial } from './lab.ts';
import { plainLayout } from './shapes.ts';

export type CipherTrial = Trial<SkcipherRow>;

/** One operation of a law. */
export interface Step {
  readonly enc: boolean;
  readonly text: Uint8Array;
  readonly iv: Uint8Array;
}

export interface CipherShown extends Shown {
  readonly iv: Uint8Array;
}

/** A transform of a driver, with a key or without. */
export class Cipher<P extends Prepared> {
  readonly row: SkcipherRow;
  private readonly lab: Lab<P>;
  private readonly tfm: SkcipherSubject<P>;
  private key: Uint8Array | null = null;

  /** @param key null: none is set. */
  constructor(lab: Lab<P>, { row, driver }: CipherTrial, key: Uint8Array | null) {
    this.lab = lab;
    this.row = row;
    this.tfm = lab.skcipher(driver);
    if (key !== null) lab.result(this.setkey(key), 0, 'setkey');
  }

  setkey(key: Uint8Array): Errno {
    const err = this.tfm.setkey(key, /* forbidWeak */ false);
    if (err === 0) this.key = key;
    return err;
  }

  /** @param to bytes of the destination that may be written. */
  run(
    { enc, text, iv }: Step,
    layout: Layout = plainLayout(text.length, text.length),
    to: number = text.length,
  ): CipherShown {
    // Otherwise the stream would go on where the last operation has left it.
    if (this.row.streams === true && this.key !== null) this.setkey(this.key);
    const own = iv.slice();
    const shown = this.lab.operate({
      layout,
      content: text,
      from: 0,
      to,
      call: (at, submission) => this.tfm.crypt(enc, at, text.length, own, submission),
    });
    return { ...shown, iv: own };
  }

  /** Encryption of a text, and decryption of it, or of what it is encrypted to if only that is taken. */
  both(text: Uint8Array, iv: Uint8Array): readonly [Step, Step] {
    const there = { enc: true, text, iv };
    if (this.row.unwraps === undefined) return [there, { enc: false, text, iv }];
    const sealed = this.run(there);
    return [there, { enc: false, text: sealed.out, iv: sealed.iv }];
  }

  /** A step in one of the directions. */
  either(text: Uint8Array, iv: Uint8Array): Step {
    return this.lab.prng.pick(this.both(text, iv));
  }

  free(): void {
    this.tfm.free();
  }
}

/** Texts that the algorithm takes: the shortest, a short one, one of a few hundred bytes. */
export function lengthsOf({ least, unit }: SkcipherRow, prng: Prng): number[] {
  const shortest = Math.max(least, unit);
  const grown = (most: number): number => shortest + unit * prng.below(1 + Math.floor(most / unit));
  return [shortest, grown(60), grown(300)];
}

export function ivOf(row: SkcipherRow, prng: Prng): Uint8Array {
  return materialise(row.drawIv?.(prng) ?? { seed: prng.u32(), len: row.ivsize });
}

/** An IV of ones, less one: counters wrap on the way. */
export function highest({ ivsize }: SkcipherRow): Uint8Array {
  return Uint8Array.from({ length: ivsize }, (_, i) => (i < ivsize - 1 ? 0xff : 0xfe));
}

export function equal<P extends Prepared>(
  lab: Lab<P>,
  shown: CipherShown,
  expected: CipherShown,
  what: string,
): void {
  lab.result(shown.err, expected.err, what);
  lab.same(shown.out, expected.out, what);
  lab.same(shown.iv, expected.iv, `${what}: IV`);
}

/** @throws Error unless nothing has happened but for the refusal. */
export function refused<P extends Prepared>(
  lab: Lab<P>,
  shown: CipherShown,
  err: Errno,
  { iv }: Step,
  what: string,
): void {
  lab.result(shown.err, err, what);
  lab.holds(shown.untouched(), `${what}: something was written`);
  lab.same(shown.iv, iv, `${what}: IV`);
}

export function describe({ enc, text }: Step, { inplace, src, dst }: Layout): string {
  const cut = (segments: Layout['src']): string => segments.map(({ len }) => len).join('+');
  return `${enc ? 'encrypt' : 'decrypt'} ${text.length} (${inplace}: ${cut(src)} to ${cut(dst)})`;
}
