/**
 * The law that every byte of a message matters.
 *
 * Verified: a flipped bit in each byte (of an asynchronous driver: in each third) of tag and text gives -EBADMSG, and so does one in each byte of
 * the associated data but for those that the definition leaves out, which change nothing; the
 * destination then holds what the algorithm is documented to leave there. Not verified: all eight bits
 * of a byte, and tags so short that another message may have the same.
 * C: lib/crypto/tests/aead-test-template.h (7.3), the idea
 * @module
 */
import { EBADMSG } from '../../src/errno.ts';
import type { AeadRow } from '../algorithms/row.ts';
import type { Layout } from '../case/case.ts';

import type { AeadSubject, Prepared } from '../subjects/api.ts';
import { placeTarget } from '../subjects/machine-subject.ts';
import {
  type AeadTrial,
  begin,
  contentOf,
  messageFor,
  opening,
  run,
  type Step,
  sealing,
  spans,
  writable,
} from './aead-trial.ts';
import type { Flipped, Lab } from './lab.ts';
import { randomLayout } from './shapes.ts';

/** What the destination held before. */
const BEFORE = 0xee;

/** Associated data of so many bytes at most; every length that IPsec has is below. */
const MOST_AD = 24;

/** Draws after which there are none. */
const TRIES = 32;

/** Bytes of text: more than one block of every cipher. */
const SIZE = 20;

export function everyByte<P extends Prepared>(lab: Lab<P>, trial: AeadTrial): void {
  const { row } = trial;
  const { key, tfm } = begin(lab, trial);
  let message = messageFor(row, key, lab.prng, SIZE);
  // One algorithm has associated data of no length but zero.
  for (
    let tries = 0;
    message.ad.length > MOST_AD || (message.ad.length === 0 && tries < TRIES);
    tries++
  )
    message = messageFor(row, key, lab.prng, SIZE);
  const sealed = run(lab, trial, tfm, sealing(message));
  lab.result(sealed.err, 0, 'encrypt');
  const step = opening(message, sealed.out);
  const plain = message.text.subarray(row.generated);
  const { ad } = message;
  const ignored = ignoredBytes(row, key, step);
  // Every other byte in place, the rest between two lists.
  const flips = (['same', 'no'] as const).map((way) => {
    const layout = randomLayout(lab.prng, way, ...spans(trial, step));
    return new Flips(lab, trial, tfm, step, layout);
  });
  const count = countOf(lab, trial);
  for (let at = 0; at < contentOf(step).length; at++) {
    // Layouts treat these bytes differently: the row says so.
    if (at >= ad.length - row.adTail && at < ad.length) {
      count.omitted++;
      continue;
    }
    // What differs from the driver below is the queue.
    if (trial.async && at % 3 !== 0) continue;
    flips[at % 2].expect(at, 1 << lab.prng.below(8), ignored.has(at), plain);
    if (ignored.has(at)) count.taken++;
    else if (at < ad.length) count.refused.ad++;
    else count.refused[at < ad.length + step.text.length ? 'text' : 'tag']++;
  }
  tfm.free();
}

function countOf<P extends Prepared>({ flips }: Lab<P>, { row, async }: AeadTrial): Flipped {
  const none = { drivers: 0, whole: 0, taken: 0, omitted: 0 };
  const count = flips.get(row.name) ?? { ...none, refused: { ad: 0, text: 0, tag: 0 } };
  count.drivers++;
  if (!async) count.whole++;
  flips.set(row.name, count);
  return count;
}

/** The bytes of the associated data that the definition does not look at. */
function ignoredBytes(row: AeadRow, key: Uint8Array, step: Step): ReadonlySet<number> {
  const { ad, tag } = step;
  const indices = [...ad.keys()].filter((at) => {
    const changed = ad.map((byte, i) => (i === at ? byte ^ 1 : byte));
    return row.open({ ...step, key, ad: changed, authsize: tag.length }, tag) !== -EBADMSG;
  });
  return new Set(indices);
}

/** One message in memory, presented over and over with one bit changed. */
class Flips<P extends Prepared> {
  private readonly lab: Lab<P>;
  private readonly trial: AeadTrial;
  private readonly tfm: AeadSubject<P>;
  private readonly step: Step;
  private readonly layout: Layout;
  private readonly content: Uint8Array;
  private readonly src;
  private readonly dst;

  constructor(lab: Lab<P>, trial: AeadTrial, tfm: AeadSubject<P>, step: Step, layout: Layout) {
    this.lab = lab;
    this.trial = trial;
    this.tfm = tfm;
    this.step = step;
    this.layout = layout;
    this.content = contentOf(step);
    this.src = lab.memory.place(layout.src);
    this.dst = placeTarget(lab.memory, layout, this.src);
  }

  /** Flips a bit, decrypts, and looks at the result and at the destination. */
  expect(at: number, bit: number, ignored: boolean, plain: Uint8Array): void {
    const { lab, trial, tfm, step, layout, src, dst } = this;
    const { memory } = lab;
    const { ad, text, iv } = step;
    const inPlace = layout.inplace !== 'no';
    const content = this.content.slice();
    content[at] ^= bit;
    if (!inPlace) memory.write(dst, 0, new Uint8Array(ad.length + text.length).fill(BEFORE));
    memory.write(src, 0, content);
    const what = `byte ${at} of ${ad.length}+${text.length}+${step.tag.length}`;
    const { err } = lab.watch(
      {
        layout,
        ...writable(lab, trial, step, layout),
        call: (prepared, submission) =>
          tfm.crypt(false, prepared, ad.length, text.length, iv.slice(), submission),
      },
      src,
      dst,
    );
    lab.result(err, ignored ? 0 : -EBADMSG, what);
    if (ignored)
      lab.same(memory.read(dst, ad.length + trial.row.generated, plain.length), plain, what);
    else this.left(at, content, plain, what);
  }

  /** The text of the destination: as it was, or decrypted before the tag was compared. */
  private left(at: number, content: Uint8Array, plain: Uint8Array, what: string): void {
    const { lab, trial, step, layout, dst } = this;
    const { row } = trial;
    if (lab.api.joined && row.leaks.some(({ part }) => part === 'failed')) return;
    const from = step.ad.length + row.generated;
    const found = lab.memory.read(dst, from, plain.length);
    const before =
      layout.inplace === 'no'
        ? plain.map(() => BEFORE)
        : content.subarray(from, from + plain.length);
    const expected = { given: plain, kept: before, wiped: new Uint8Array(plain.length) };
    // What a changed text is decrypted to does not follow. A generator's IV stands in front of it.
    const inText = at >= step.ad.length && at < from + plain.length;
    if (row.unverified === 'given' && inText) return;
    lab.same(found, expected[row.unverified], `${what}: the destination`);
  }
}
