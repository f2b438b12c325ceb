/**
 * Laws of authenticated encryption.
 * @module
 */
import { EINPROGRESS, EINVAL, ENOKEY, type Errno, errnoName } from '../../src/errno.ts';
import type { AeadResult, AeadRow } from '../algorithms/row.ts';
import type { Layout } from '../case/case.ts';
import type { AeadSubject, Prepared } from '../subjects/api.ts';
import { misaligned } from '../subjects/beside.ts';
import {
  type AeadShown,
  type AeadTrial,
  begin,
  describe,
  equal,
  messageFor,
  open,
  opening,
  promised,
  run,
  type Step,
  sealing,
  spans,
  tagSize,
} from './aead-trial.ts';
import { badKeys, goodKey, isFastKernel, type Lab, type Law } from './lab.ts';
import { leavesNothing } from './residue.ts';
import { LONG, randomLayout, sampleLayouts, withEmpties } from './shapes.ts';
import { everyByte } from './tamper.ts';

export const AEAD_LAWS: readonly Law<AeadRow>[] = [
  { name: 'text, tag and IV are those of the definition', check: byDefinition },
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
  { name: 'every byte of tag, text and associated data matters', check: everyByte },
  { name: 'a request leaves nothing behind for the next', check: independent },
  { name: 'the last key counts', check: lastKey },
  { name: 'a refused key leaves none, a refused tag size the one before', check: refusedKey },
  { name: 'without a key nothing happens', check: withoutKey },
  { name: 'refused associated data or text leave no tag', check: refusedLength },
  { name: 'what was freed is zero', check: residue },
];

/** A short text, one of some blocks, and one of a few hundred bytes, in both directions. */
function overLayouts<P extends Prepared>(
  lab: Lab<P>,
  trial: AeadTrial,
  sizes: readonly number[],
  of: (source: number, target: number) => readonly Layout[],
): void {
  const { key, tfm } = begin(lab, trial);
  for (const size of sizes) {
    const message = messageFor(trial.row, key, lab.prng, size);
    const sealed = run(lab, trial, tfm, sealing(message));
    lab.result(sealed.err, 0, `encrypt ${size} bytes`);
    const opened = run(lab, trial, tfm, opening(message, sealed.out));
    lab.result(opened.err, 0, `decrypt ${size} bytes`);
    for (const step of [sealing(message), opening(message, sealed.out)]) {
      for (const layout of of(...spans(trial, step))) {
        if (!promised(lab, trial, key, step, layout)) continue;
        const shown = run(lab, trial, tfm, step, layout);
        equal(lab, shown, step.enc ? sealed : opened, describe(step, layout));
      }
    }
  }
  tfm.free();
}

function byDefinition<P extends Prepared>(lab: Lab<P>, trial: AeadTrial): void {
  const { row } = trial;
  const { key, tfm } = begin(lab, trial);
  const authsize = tagSize(row);
  const hidden = lab.api.joined && row.leaks.some(({ part }) => part === 'iv');
  for (const size of [0, lab.prng.between(1, 40), lab.prng.between(40, 300)]) {
    const message = messageFor(row, key, lab.prng, size);
    const there = run(lab, trial, tfm, sealing(message));
    // What a generator makes up is its own secret: it is taken from what it made.
    const made = there.out.subarray(0, row.generated);
    const text = concat(made, message.text.subarray(row.generated));
    const sealed = defined(row.seal({ ...message, text, key, authsize }));
    lab.same(there.out, concat(sealed.text, sealed.tag), `encrypt ${size} bytes`);
    const back = opening(message, there.out);
    const opened = defined(row.open({ ...back, key, authsize }, back.tag));
    const shown = run(lab, trial, tfm, back);
    lab.result(shown.err, 0, `decrypt ${size} bytes`);
    if (hidden) continue;
    lab.same(there.iv, sealed.iv, 'IV after encryption');
    lab.same(shown.iv, opened.iv, 'IV after decryption');
  }
  tfm.free();
}

function defined(result: AeadResult | Errno): AeadResult {
  if (typeof result !== 'number') return result;
  throw new Error(`the definition refuses it: ${errnoName(result)}`);
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

function anySplit<P extends Prepared>(lab: Lab<P>, trial: AeadTrial): void {
  const sizes = [lab.prng.below(40), lab.prng.between(40, 300)];
  overLayouts(lab, trial, sizes, (source, target) => sampleLayouts(lab.prng, source, target, 1));
}

function longSplit<P extends Prepared>(lab: Lab<P>, trial: AeadTrial): void {
  overLayouts(lab, trial, [LONG + lab.prng.between(1, 5000)], (source, target) =>
    sampleLayouts(lab.prng, source, target, 0),
  );
}

function emptySegments<P extends Prepared>(lab: Lab<P>, trial: AeadTrial): void {
  const { prng } = lab;
  overLayouts(lab, trial, [0, prng.between(17, 70)], (source, target) =>
    (['no', 'same', 'twin'] as const).map((way) =>
      withEmpties(prng, randomLayout(prng, way, source, target)),
    ),
  );
}

function asyncSame<P extends Prepared>(lab: Lab<P>, trial: AeadTrial): void {
  const { row } = trial;
  const { key, tfm } = begin(lab, trial);
  const queued = open(lab, { ...trial, driver: `cryptd(${trial.driver})` }, key);
  for (const size of [0, lab.prng.between(1, 80)]) {
    const message = messageFor(row, key, lab.prng, size);
    const sealed = run(lab, trial, tfm, sealing(message));
    const good = opening(message, sealed.out);
    const bad = { ...good, tag: good.tag.map((byte, i) => (i === 0 ? byte ^ 1 : byte)) };
    // A generator has a secret of its own in each transform.
    const steps = row.generated > 0 ? [good, bad] : [sealing(message), good, bad];
    for (const step of steps) {
      const [layout] = sampleLayouts(lab.prng, ...spans(trial, step), 1);
      const direct = run(lab, trial, tfm, step, layout);
      const later = run(lab, trial, queued, step, layout);
      lab.result(later.ret, -EINPROGRESS, 'submission');
      lab.holds(later.completions.length === 1, `${later.completions.length} completions`);
      lab.result(later.err, direct.err, describe(step, layout));
      if (direct.err === 0) equal(lab, later, direct, describe(step, layout));
    }
  }
  tfm.free();
  queued.free();
}

function roundTrip<P extends Prepared>(lab: Lab<P>, trial: AeadTrial): void {
  const { row } = trial;
  const { key, tfm } = begin(lab, trial);
  for (const size of [0, lab.prng.between(1, 300)]) {
    const message = messageFor(row, key, lab.prng, size);
    const there = sealing(message);
    const sealed = run(
      lab,
      trial,
      tfm,
      there,
      randomLayout(lab.prng, 'no', ...spans(trial, there)),
    );
    const back = opening(message, sealed.out);
    const opened = run(lab, trial, tfm, back, randomLayout(lab.prng, 'no', ...spans(trial, back)));
    lab.result(opened.err, 0, `${size} bytes`);
    lab.same(opened.out, message.text.subarray(row.generated), `${size} bytes`);
  }
  tfm.free();
}

/** Whatever came of one request, the next gives what it gives on a transform of its own. */
function independent<P extends Prepared>(lab: Lab<P>, trial: AeadTrial): void {
  const { row } = trial;
  const { key, tfm } = begin(lab, trial);
  const fresh = open(lab, trial, key);
  const [first, second] = [70, 33].map((size) => messageFor(row, key, lab.prng, size));
  const sealed = run(lab, trial, fresh, sealing(second));
  const good = opening(second, sealed.out);
  const expected = run(lab, trial, fresh, good);
  const earlier = run(lab, trial, tfm, sealing(first));
  const bad = opening(
    first,
    earlier.out.map((byte) => byte ^ 1),
  );
  for (const before of [sealing(first), bad, opening(first, earlier.out)]) {
    run(lab, trial, tfm, before);
    if (row.generated === 0) equal(lab, run(lab, trial, tfm, sealing(second)), sealed, 'encrypt');
    run(lab, trial, tfm, before);
    equal(lab, run(lab, trial, tfm, good), expected, 'decrypt');
  }
  tfm.free();
  fresh.free();
}

function lastKey<P extends Prepared>(lab: Lab<P>, trial: AeadTrial): void {
  const { row } = trial;
  const { key: first, tfm } = begin(lab, trial);
  const second = goodKey(row, lab.prng);
  const fresh = open(lab, trial, second);
  const message = messageFor(row, second, lab.prng, 50);
  const sealed = run(lab, trial, fresh, sealing(message));
  const good = opening(message, sealed.out);
  run(lab, trial, tfm, sealing(messageFor(row, first, lab.prng, 20)));
  lab.result(tfm.setkey(second, false), 0, 'second setkey');
  if (row.generated === 0) equal(lab, run(lab, trial, tfm, sealing(message)), sealed, 'encrypt');
  equal(lab, run(lab, trial, tfm, good), run(lab, trial, fresh, good), 'decrypt');
  tfm.free();
  fresh.free();
}

function refusedKey<P extends Prepared>(lab: Lab<P>, trial: AeadTrial): void {
  const { row } = trial;
  const { key, tfm } = begin(lab, trial);
  const step = sealing(messageFor(row, key, lab.prng, 40));
  const before = run(lab, trial, tfm, step);
  for (const size of [0, 1, 2, 3, 5, 7, tagSize(row) + 1]) {
    const err = row.tags.check(size);
    if (err === 0) continue;
    lab.result(tfm.setauthsize(size), err, `tag of ${size}`);
    equal(lab, run(lab, trial, tfm, step), before, `after a tag of ${size}`);
  }
  for (const bad of badKeys(row, key)) {
    lab.result(tfm.setkey(bad, false), -EINVAL, `key of ${bad.length}`);
    refused(lab, run(lab, trial, tfm, step), -ENOKEY, step, `after a key of ${bad.length}`);
    lab.result(tfm.setkey(key, false), 0, 'setkey');
    equal(lab, run(lab, trial, tfm, step), before, 'with a key again');
  }
  tfm.free();
}

function withoutKey<P extends Prepared>(lab: Lab<P>, trial: AeadTrial): void {
  const { row } = trial;
  const tfm = lab.aead(trial.driver);
  lab.result(tfm.setauthsize(tagSize(row)), 0, 'setauthsize');
  const message = messageFor(row, goodKey(row, lab.prng), lab.prng, 30);
  const sealed = lab.bytes(message.text.length + tagSize(row));
  for (const step of [sealing(message), opening(message, sealed)]) {
    refused(lab, run(lab, trial, tfm, step), -ENOKEY, step, 'no key');
  }
  tfm.free();
}

function refused<P extends Prepared>(
  lab: Lab<P>,
  shown: AeadShown,
  err: Errno,
  { iv }: Step,
  what: string,
): void {
  lab.result(shown.err, err, what);
  lab.holds(shown.untouched(), `${what}: something was written`);
  lab.same(shown.iv, iv, `${what}: IV`);
}

/**
 * Associated data of a length that the algorithm does not take are found out before anything is
 * written. A text that is no multiple of the unit may be found out by the cipher, at its end.
 */
function refusedLength<P extends Prepared>(lab: Lab<P>, trial: AeadTrial): void {
  const { row } = trial;
  const { key, tfm } = begin(lab, trial);
  const authsize = tagSize(row);
  const message = messageFor(row, key, lab.prng, 3 * row.unit);
  const late = lab.api.joined && row.leaks.some(({ part }) => part === 'failed');
  for (const len of [0, 4, 7, 8, 12, 15, 17, 19, 24]) {
    const step = sealing({ ...message, ad: lab.bytes(len) });
    const expected = row.seal({ ...step, key, authsize });
    if (typeof expected !== 'number') continue;
    const shown = run(lab, trial, tfm, step);
    lab.result(shown.err, expected, `associated data of ${len}`);
    if (!late) refused(lab, shown, expected, step, `associated data of ${len}`);
  }
  for (const len of [row.generated - 1, row.generated + row.unit + 1]) {
    if (len < 0) continue;
    const step = sealing({ ...message, text: lab.bytes(len) });
    const expected = row.seal({ ...step, key, authsize });
    if (typeof expected !== 'number') continue;
    tagless(lab, trial, tfm, step, expected);
  }
  lab.result(run(lab, trial, tfm, sealing(message)).err, 0, 'a message that is taken');
  tfm.free();
}

/**
 * Runs an encryption that is refused. Nothing may be written where its tag would go, but by those who
 * authenticate the plaintext: their tag is there before the cipher sees the text.
 */
function tagless<P extends Prepared>(
  lab: Lab<P>,
  trial: AeadTrial,
  tfm: AeadSubject<P>,
  { iv, ad, text }: Step,
  expected: Errno,
): void {
  const [source, target] = [ad.length + text.length, ad.length + text.length + tagSize(trial.row)];
  const { err } = lab.operate({
    layout: randomLayout(lab.prng, 'no', source, target),
    content: Buffer.concat([ad, text]),
    from: 0,
    to: trial.row.decryptsFirst === true ? target : source,
    call: (at, submission) => tfm.crypt(true, at, ad.length, text.length, iv.slice(), submission),
  });
  lab.result(err, expected, `text of ${text.length}`);
}

function residue<P extends Prepared>(lab: Lab<P>, trial: AeadTrial): void {
  const { row } = trial;
  const key = goodKey(row, lab.prng);
  leavesNothing(lab, () => {
    const tfm = open(lab, trial, misaligned(key));
    for (const size of [0, lab.prng.between(1, 200)]) {
      const message = messageFor(row, key, lab.prng, size);
      const sealed = run(lab, trial, tfm, sealing(message));
      const good = opening(message, sealed.out);
      const bad = { ...good, tag: good.tag.map((byte) => byte ^ 1) };
      for (const step of [sealing(message), good, bad]) {
        const [layout] = sampleLayouts(lab.prng, ...spans(trial, step), 0);
        run(lab, trial, tfm, step, layout);
      }
    }
    tfm.free();
  });
}
