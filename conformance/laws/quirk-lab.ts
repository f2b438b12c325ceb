/**
 * What the tests of quirks do on either side: one operation, and what it shows.
 * @module
 */
import { expect } from 'vitest';
import type { Errno } from '../../src/errno.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { driversOf } from '../algorithms/drivers.ts';
import type { AnyApi, Prepared } from '../subjects/api.ts';
import { ConvertedApi } from '../subjects/converted.ts';
import type { Iterators } from '../subjects/iterators.ts';
import { LegacyApi } from '../subjects/legacy.ts';
import type { Lists } from '../subjects/lists.ts';
import { Lab } from './lab.ts';
import { plainLayout } from './shapes.ts';

/** What stands in front of a key of authenc, with an encryption key of 16 bytes. */
export const RTA: readonly number[] = [8, 0, 1, 0, 0, 0, 0, 16];

export interface Ciphered {
  readonly err: Errno;
  readonly iv: Uint8Array;
  readonly out: Uint8Array;
  readonly untouched: boolean;
}

/** What an attempt to open a message has written, and what it was given. */
export interface Opened extends Ciphered {
  readonly text: Uint8Array;
  readonly content: Uint8Array;
}

/** How a message is sealed, with the longest tag. */
export interface Sealing {
  readonly alg: string;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  readonly tag: number;
}

export function counting(len: number): Uint8Array {
  return new Uint8Array(len).map((_, i) => i);
}

export function driverOf(alg: string): string {
  const driver = driversOf(alg).find(({ async }) => !async);
  if (driver === undefined) throw new Error(`no driver of ${alg}`);
  return driver.driver;
}

/** One API, and operations on it with keys and texts that count up. */
export class Quirks<P extends Prepared> {
  readonly lab: Lab<P>;
  readonly old: boolean;

  constructor(make: (machine: Machine) => AnyApi<P>) {
    this.lab = new Lab(make);
    this.old = this.lab.api.joined;
  }

  /** An empty machine. */
  fresh(): this {
    this.lab.memory.reset(1);
    return this;
  }

  /** @param keys set one after the other, whatever comes of it */
  cipher(
    alg: string,
    keys: readonly number[],
    len: number,
    iv: Uint8Array,
    enc: boolean = true,
  ): Ciphered {
    const tfm = this.lab.skcipher(driverOf(alg));
    for (const size of keys) tfm.setkey(counting(size), /* forbidWeak */ false);
    const own = iv.slice();
    const { untouched, ...shown } = this.lab.operate({
      ...{ layout: plainLayout(len, len), content: counting(len), from: 0, to: len },
      call: (at, submission) => tfm.crypt(enc, at, len, own, submission),
    });
    const wasUntouched = untouched();
    tfm.free();
    return { ...shown, iv: own, untouched: wasUntouched };
  }

  /** Seals `len` bytes behind associated data; all of the destination is shown. */
  seal(alg: string, key: Uint8Array, assoc: number, len: number, iv: Uint8Array): Ciphered {
    const tfm = this.lab.aead(driverOf(alg));
    expect(tfm.setkey(key, /* forbidWeak */ false)).toBe(0);
    const own = iv.slice();
    const to = assoc + len + 32;
    const { untouched, ...shown } = this.lab.operate({
      ...{ layout: plainLayout(assoc + len, to), content: counting(assoc + len), from: 0, to },
      call: (at, submission) => tfm.crypt(/* enc */ true, at, assoc, len, own, submission),
    });
    const wasUntouched = untouched();
    tfm.free();
    return { ...shown, iv: own, untouched: wasUntouched };
  }

  /** Opens what `seal` gave with one bit of its tag changed; the memory that was written is shown. */
  forged(sealing: Sealing, assoc: number, len: number, inplace: 'no' | 'same'): Opened {
    return this.opened(sealing, assoc, len, inplace, /* changed */ 1);
  }

  /** Opens what `seal` gave. @param changed bits of the last byte of the tag */
  opened(
    { alg, key, iv, tag }: Sealing,
    assoc: number,
    len: number,
    inplace: 'no' | 'same',
    changed = 0,
  ): Opened {
    const sealed = this.seal(alg, key, assoc, len, iv).out;
    const content = Uint8Array.from([
      ...counting(assoc),
      ...sealed.subarray(assoc, assoc + len + tag),
    ]);
    content[content.length - 1] ^= changed;
    const tfm = this.lab.aead(driverOf(alg));
    expect(tfm.setkey(key, /* forbidWeak */ false)).toBe(0);
    const own = iv.slice();
    const to = inplace === 'no' ? assoc + len : content.length;
    const { untouched, ...shown } = this.lab.operate({
      ...{ layout: { ...plainLayout(content.length, to), inplace }, content, from: 0, to },
      call: (at, submission) => tfm.crypt(/* enc */ false, at, assoc, len, own, submission),
    });
    const wasUntouched = untouched();
    tfm.free();
    const text = shown.out.subarray(assoc, assoc + len);
    return { ...shown, iv: own, untouched: wasUntouched, text, content };
  }

  /** What one operation answers, whatever it writes. */
  verdict(alg: string, key: Uint8Array | null, enc: boolean, len: number, assoc = 0): Errno {
    const tfm = this.lab.aead(driverOf(alg));
    if (key !== null) expect(tfm.setkey(key, /* forbidWeak */ false)).toBe(0);
    const all = assoc + len + 16;
    const { err } = this.lab.operate({
      ...{ layout: plainLayout(all, all), content: counting(all), from: 0, to: all },
      call: (at, submission) => tfm.crypt(enc, at, assoc, len, counting(16), submission),
    });
    tfm.free();
    return err;
  }

  /** What keys are answered, set one after the other, and what the encryption of 16 bytes is then. */
  afterKeys(
    kind: 'skcipher' | 'aead',
    alg: string,
    ...keys: readonly (readonly [key: Uint8Array, forbidWeak: boolean])[]
  ): readonly Errno[] {
    const { lab } = this;
    const cipher = kind === 'skcipher' ? lab.skcipher(driverOf(alg)) : null;
    const aead = kind === 'aead' ? lab.aead(driverOf(alg)) : null;
    const answers = keys.map(([key, forbid]) => (aead ?? cipher)?.setkey(key, forbid) ?? 0);
    const { err } = lab.operate({
      ...{ layout: plainLayout(16, 32), content: counting(16), from: 0, to: 32 },
      call: (at, submission) =>
        aead?.crypt(true, at, 0, 16, counting(16), submission) ??
        cipher?.crypt(true, at, 16, counting(16), submission) ??
        0,
    });
    (aead ?? cipher)?.free();
    return [...answers, err];
  }

  digestWithoutKey(alg: string): Errno {
    const tfm = this.lab.ahash(driverOf(alg));
    const { err } = this.lab.operate({
      ...{ layout: plainLayout(4, null), content: counting(4), from: 0, to: 0 },
      call: (at, submission) => {
        const message = tfm.request(submission);
        const refused = message.digest(at, 4, new Uint8Array(tfm.digestsize));
        message.free();
        return refused;
      },
    });
    tfm.free();
    return err;
  }
}

export function keyOfAuthenc(authkey: number): Uint8Array {
  return Uint8Array.from([...RTA, ...counting(authkey + 16)]);
}

const LEGACY = new Quirks((machine) => new LegacyApi(machine));
const CONVERTED = new Quirks((machine) => new ConvertedApi(machine));

/** The sides, each with an empty machine. */
export const LABS: readonly (readonly [
  side: string,
  make: () => Quirks<Lists> | Quirks<Iterators>,
])[] = [
  ['legacy', () => LEGACY.fresh()],
  ['converted', () => CONVERTED.fresh()],
];
