/**
 * Laws of symmetric ciphers.
 * @module
 */
import { EINPROGRESS, EINVAL, ENOKEY } from '../../src/errno.ts';
import { Prng } from '../../src/prng.ts';
import type { SkcipherRow } from '../algorithms/row.ts';
import type { Layout } from '../case/case.ts';
import type { Prepared } from '../subjects/api.ts';
import { misaligned } from '../subjects/beside.ts';
import { badKeys, goodKey, isFastKernel, type Lab, type Law, refusesKeys } from './lab.ts';
import { leavesNothing } from './residue.ts';
import { LONG, randomLayout, sampleLayouts, withEmpties } from './shapes.ts';
import {
  Cipher,
  type CipherTrial,
  describe,
  equal,
  highest,
  ivOf,
  lengthsOf,
  refused,
  type Step,
} from './skcipher-trial.ts';

export const SKCIPHER_LAWS: readonly Law<SkcipherRow>[] = [
  { name: 'text and IV are those of the definition', check: byDefinition },
  { name: 'in place, in two lists or apart, however split, is the same', check: anySplit },
  {
    name: 'more than 64 KiB, however split, is the same',
    about: isFastKernel,
    check: longSplit,
  },
  { name: 'empty segments anywhere change nothing', check: emptySegments },
  {
    name: 'behind cryptd it completes once, with the same',
    about: ({ queued }) => queued,
    check: asyncSame,
  },
  { name: 'decryption undoes encryption', check: roundTrip },
  {
    name: 'consecutive requests carry a message on in the IV',
    about: ({ row }) => chains(row),
    check: ivCarried,
  },
  { name: 'the last key counts', check: lastKey },
  {
    name: 'a refused key leaves the one before, or none',
    about: refusesKeys,
    check: refusedKey,
  },
  {
    name: 'without a key nothing happens',
    about: ({ row }) => !row.key.optional,
    check: withoutKey,
  },
  { name: 'a refused length leaves what its whole units leave', check: refusedLength },
  { name: 'what was freed is zero', check: residue },
];

function byDefinition<P extends Prepared>(lab: Lab<P>, trial: CipherTrial): void {
  const { row } = trial;
  const key = goodKey(row, lab.prng);
  const cipher = new Cipher(lab, trial, key);
  const hidden = lab.api.joined && row.leaks.some(({ part }) => part === 'iv');
  for (const len of lengthsOf(row, lab.prng)) {
    for (const start of [ivOf(row, lab.prng), highest(row)]) {
      for (const step of cipher.both(lab.bytes(len), start)) {
        const { enc, text, iv } = step;
        const shown = cipher.run(step);
        const output = row.crypt(enc, key, iv, text);
        lab.result(shown.err, 0, `${len} bytes`);
        // That decryption is the inverse is a law of its own.
        if (enc) lab.same(shown.out, output, `${len} bytes`);
        if (hidden) continue;
        lab.same(shown.iv, row.ivAfter({ enc, key, iv, input: text, output }), 'IV');
      }
    }
  }
  cipher.free();
}

/** Every sampled text in both directions, over the layouts that `of` makes. */
function overLayouts<P extends Prepared>(
  lab: Lab<P>,
  trial: CipherTrial,
  lengths: readonly number[],
  of: (len: number) => readonly Layout[],
): void {
  const { row } = trial;
  const cipher = new Cipher(lab, trial, goodKey(row, lab.prng));
  for (const len of lengths) {
    for (const step of cipher.both(lab.bytes(len), ivOf(row, lab.prng))) {
      const plain = cipher.run(step);
      lab.result(plain.err, 0, `${len} bytes`);
      for (const layout of of(len)) {
        equal(lab, cipher.run(step, layout), plain, describe(step, layout));
      }
    }
  }
  cipher.free();
}

function anySplit<P extends Prepared>(lab: Lab<P>, trial: CipherTrial): void {
  overLayouts(lab, trial, lengthsOf(trial.row, lab.prng).slice(1), (len) =>
    sampleLayouts(lab.prng, len, len, 1),
  );
}

function longSplit<P extends Prepared>(lab: Lab<P>, trial: CipherTrial): void {
  const { unit } = trial.row;
  const len = LONG + unit * lab.prng.between(1, Math.ceil(5000 / unit));
  overLayouts(lab, trial, [len], () => sampleLayouts(lab.prng, len, len, 0));
}

/** A text of no bytes is one too, where the algorithm takes it. */
function emptySegments<P extends Prepared>(lab: Lab<P>, trial: CipherTrial): void {
  const { prng } = lab;
  const lengths = lengthsOf(trial.row, prng).slice(1);
  if (trial.row.least === 0) lengths.push(0);
  overLayouts(lab, trial, lengths, (len) =>
    (['no', 'same', 'twin'] as const).map((way) =>
      withEmpties(prng, randomLayout(prng, way, len, len)),
    ),
  );
}

function asyncSame<P extends Prepared>(lab: Lab<P>, trial: CipherTrial): void {
  const { prng } = lab;
  const { row } = trial;
  const key = goodKey(row, prng);
  const cipher = new Cipher(lab, trial, key);
  const queued = new Cipher(lab, { ...trial, driver: `cryptd(${trial.driver})` }, key);
  const compare = (step: Step, to: number): void => {
    const len = step.text.length;
    const [layout] = sampleLayouts(prng, len, len, 1);
    const direct = cipher.run(step, layout, to);
    const later = queued.run(step, layout, to);
    lab.result(later.ret, -EINPROGRESS, 'submission');
    lab.holds(later.completions.length === 1, `${later.completions.length} completions`);
    equal(lab, later, direct, describe(step, layout));
  };
  for (const len of lengthsOf(row, prng)) {
    compare(cipher.either(lab.bytes(len), ivOf(row, prng)), len);
  }
  const odd = { enc: prng.oneIn(2), text: lab.bytes(row.unit + 1), iv: ivOf(row, prng) };
  if (row.unit > 1) compare(odd, row.unit < row.least ? 0 : row.unit);
  cipher.free();
  queued.free();
}

function roundTrip<P extends Prepared>(lab: Lab<P>, trial: CipherTrial): void {
  const { row } = trial;
  const cipher = new Cipher(lab, trial, goodKey(row, lab.prng));
  for (const len of lengthsOf(row, lab.prng)) {
    const [text, iv] = [lab.bytes(len), ivOf(row, lab.prng)];
    const apart = (): Layout => randomLayout(lab.prng, 'no', len, len);
    const sealed = cipher.run({ enc: true, text, iv }, apart());
    // A wrapped key comes with an IV of its own.
    const back = { enc: false, text: sealed.out, iv: row.unwraps === undefined ? iv : sealed.iv };
    const opened = cipher.run(back, apart());
    lab.result(opened.err, 0, `${len} bytes`);
    lab.same(opened.out, text, `${len} bytes`);
  }
  cipher.free();
}

/** A multiple of every unit and block, and where it is cut. */
const WHOLE = 112;
const CUTS: readonly number[] = [0, 32, 80, WHOLE];

function ivCarried<P extends Prepared>(lab: Lab<P>, trial: CipherTrial): void {
  const { row } = trial;
  const cipher = new Cipher(lab, trial, goodKey(row, lab.prng));
  for (const iv of [ivOf(row, lab.prng), highest(row)]) {
    for (const step of cipher.both(lab.bytes(WHOLE), iv)) {
      const whole = cipher.run(step);
      const parts = inParts(cipher, step);
      lab.same(parts.out, whole.out, 'in three requests');
      lab.same(parts.iv, whole.iv, 'IV after three requests');
    }
  }
  cipher.free();
}

function inParts<P extends Prepared>(
  cipher: Cipher<P>,
  { enc, text, iv }: Step,
): { readonly out: Uint8Array; readonly iv: Uint8Array } {
  const out = new Uint8Array(text.length);
  let carried = iv;
  for (const [i, from] of CUTS.slice(0, -1).entries()) {
    const part = cipher.run({ enc, text: text.subarray(from, CUTS[i + 1]), iv: carried });
    out.set(part.out, from);
    carried = part.iv;
  }
  return { out, iv: carried };
}

/** Whether the definition of the algorithm lets the next request go on with the IV of the last. */
function chains(row: SkcipherRow): boolean {
  const prng = new Prng(1);
  const [key, iv] = [goodKey(row, prng), ivOf(row, prng)];
  const text = new Uint8Array(WHOLE);
  const [, cut] = CUTS;
  const input = text.subarray(0, cut);
  const output = row.crypt(true, key, iv, input);
  const next = row.ivAfter({ enc: true, key, iv, input, output });
  const rest = row.crypt(true, key, next, text.subarray(cut));
  return row.ivsize > 0 && Buffer.concat([output, rest]).equals(row.crypt(true, key, iv, text));
}

function lastKey<P extends Prepared>(lab: Lab<P>, trial: CipherTrial): void {
  const { row } = trial;
  const [first, second] = [goodKey(row, lab.prng), goodKey(row, lab.prng)];
  const cipher = new Cipher(lab, trial, first);
  const fresh = new Cipher(lab, trial, second);
  const [, len] = lengthsOf(row, lab.prng);
  for (const step of fresh.both(lab.bytes(len), ivOf(row, lab.prng))) {
    lab.result(cipher.setkey(first), 0, 'setkey');
    cipher.run(step);
    lab.result(cipher.setkey(second), 0, 'second setkey');
    equal(lab, cipher.run(step), fresh.run(step), 'after two keys');
  }
  cipher.free();
  fresh.free();
}

/**
 * A key shorter than the least or longer than the most is refused before the driver sees it, and the
 * key before stays; one that the driver refuses leaves none (6.1).
 */
function refusedKey<P extends Prepared>(lab: Lab<P>, trial: CipherTrial): void {
  const { row } = trial;
  const key = goodKey(row, lab.prng);
  const [, len] = lengthsOf(row, lab.prng);
  const step = { enc: true, text: lab.bytes(len), iv: ivOf(row, lab.prng) };
  const sizes = keySizes(row);
  for (const bad of badKeys(row, key)) {
    const cipher = new Cipher(lab, trial, key);
    const before = cipher.run(step);
    lab.result(cipher.setkey(bad), -EINVAL, `key of ${bad.length}`);
    const after = cipher.run(step);
    const inside = bad.length >= sizes[0] && bad.length <= sizes[sizes.length - 1];
    if (inside) refused(lab, after, -ENOKEY, step, `after a key of ${bad.length}`);
    else equal(lab, after, before, `after a key of ${bad.length}`);
    cipher.free();
  }
}

/** The sizes that are taken, in order. */
function keySizes({ key }: SkcipherRow): number[] {
  const sizes = Array.from({ length: 300 }, (_, size) => size);
  return sizes.filter((size) => key.check(new Uint8Array(size)) === 0);
}

function withoutKey<P extends Prepared>(lab: Lab<P>, trial: CipherTrial): void {
  const cipher = new Cipher(lab, trial, null);
  for (const len of [0, ...lengthsOf(trial.row, lab.prng)]) {
    const step = { enc: lab.prng.oneIn(2), text: lab.bytes(len), iv: ivOf(trial.row, lab.prng) };
    refused(lab, cipher.run(step), -ENOKEY, step, `${len} bytes`);
  }
  cipher.free();
}

/**
 * A text that is too short leaves everything as it was. One that is no multiple of the unit leaves what
 * a text of its whole units would have left, and nothing behind that: 6.1 finds out at the end.
 */
function refusedLength<P extends Prepared>(lab: Lab<P>, trial: CipherTrial): void {
  const { row } = trial;
  const { least, unit, ivRefused } = row;
  const cipher = new Cipher(lab, trial, goodKey(row, lab.prng));
  for (const enc of [true, false]) {
    for (const len of [0, 1, unit - 1, unit + 1, 5 * unit - 1]) {
      const step = { enc, text: lab.bytes(len), iv: ivOf(row, lab.prng) };
      const rest = len % unit;
      if (len < least) refused(lab, cipher.run(step), -EINVAL, step, `${len} bytes`);
      if (len < least || rest === 0) continue;
      const whole = cipher.run({ ...step, text: step.text.subarray(0, len - rest) });
      const [layout] = sampleLayouts(lab.prng, len, len, 1);
      const shown = cipher.run(step, layout, len - rest);
      lab.result(shown.err, -EINVAL, `${len} bytes`);
      if (ivRefused === 'blocks') lab.same(shown.out, whole.out, `whole units of ${len} bytes`);
      lab.same(shown.iv, ivRefused === 'kept' ? step.iv : whole.iv, `IV of ${len} bytes`);
    }
  }
  for (const step of cipher.both(lab.bytes(Math.max(least, unit)), ivOf(row, lab.prng))) {
    lab.result(cipher.run(step).err, 0, 'the shortest text');
  }
  cipher.free();
}

function residue<P extends Prepared>(lab: Lab<P>, trial: CipherTrial): void {
  const { row } = trial;
  leavesNothing(lab, () => {
    const cipher = new Cipher(lab, trial, misaligned(goodKey(row, lab.prng)));
    for (const len of lengthsOf(row, lab.prng)) {
      for (const step of cipher.both(lab.bytes(len), ivOf(row, lab.prng))) {
        for (const layout of sampleLayouts(lab.prng, len, len, 0)) cipher.run(step, layout);
      }
    }
    cipher.free();
  });
}
