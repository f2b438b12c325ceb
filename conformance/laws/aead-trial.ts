/**
 * What the laws of authenticated encryption have in common: messages, and operations on them.
 * @module
 */
import type { Prng } from '../../src/prng.ts';
import type { AeadRow } from '../algorithms/row.ts';
import { type Layout, materialise } from '../case/case.ts';
import type { AeadSubject, Prepared } from '../subjects/api.ts';
import { goodKey, type Lab, type Shown, type Trial } from './lab.ts';
import { plainLayout } from './shapes.ts';

export type AeadTrial = Trial<AeadRow>;

/** One message in the clear. */
export interface Message {
  readonly iv: Uint8Array;
  readonly ad: Uint8Array;
  readonly text: Uint8Array;
}

/** A message as one operation gets it; the tag only counts for decryption. */
export interface Step extends Message {
  readonly enc: boolean;
  readonly tag: Uint8Array;
}

export interface AeadShown extends Shown {
  readonly iv: Uint8Array;
}

const NOTHING: Uint8Array = new Uint8Array(0);

/** A transform with a key and the largest tag. */
export function open<P extends Prepared>(
  lab: Lab<P>,
  { row, driver }: AeadTrial,
  key: Uint8Array,
): AeadSubject<P> {
  const tfm = lab.aead(driver);
  lab.result(tfm.setkey(key, false), 0, 'setkey');
  lab.result(tfm.setauthsize(tagSize(row)), 0, 'setauthsize');
  return tfm;
}

export function tagSize({ tags }: AeadRow): number {
  return Math.max(...tags.sizes);
}

/** A multiple of every unit, and more than the least text of any algorithm. */
const HEAD = 48;
/** Draws until the text is longer: associated data are refused now and then, too short a text always. */
const TRIES = 32;

/** A message that the algorithm takes, with a text of about `size` bytes. */
export function messageFor(row: AeadRow, key: Uint8Array, prng: Prng, size: number): Message {
  let len = row.generated + row.unit * Math.ceil(size / row.unit);
  for (let tries = 1; ; tries++) {
    const text = materialise({ seed: prng.u32(), len });
    const iv = materialise(row.drawIv?.(prng) ?? { seed: prng.u32(), len: row.ivsize });
    const ad = materialise(row.drawAd(prng, key, iv));
    // A definition is slow: whether it takes the message shows with the beginning of the text.
    const head = text.subarray(0, row.generated + HEAD);
    const sealed = row.seal({ key, iv, ad, text: head, authsize: tagSize(row) });
    if (typeof sealed !== 'number') return { iv, ad, text };
    if (tries % TRIES === 0) len += row.unit;
  }
}

/** Encryption of a message. */
export function sealing(message: Message): Step {
  return { ...message, enc: true, tag: NOTHING };
}

/** Decryption of what an encryption of `message` has given. */
export function opening({ iv, ad, text }: Message, sealed: Uint8Array): Step {
  const at = text.length;
  return { iv, ad, enc: false, text: sealed.slice(0, at), tag: sealed.slice(at) };
}

/** Bytes that source and destination of an operation must hold. */
export function spans({ row }: AeadTrial, { enc, ad, text }: Step): readonly [number, number] {
  const [bare, full] = [ad.length + text.length, ad.length + text.length + tagSize(row)];
  return enc ? [bare, full] : [full, bare];
}

export function contentOf({ ad, text, tag }: Step): Uint8Array {
  return Uint8Array.from(Buffer.concat([ad, text, tag]));
}

/** Runs one operation with the largest tag. `out` is the text, with the tag after an encryption. */
export function run<P extends Prepared>(
  lab: Lab<P>,
  trial: AeadTrial,
  tfm: AeadSubject<P>,
  step: Step,
  layout?: Layout,
): AeadShown {
  const { enc, ad, text } = step;
  const own = step.iv.slice();
  const [source, target] = spans(trial, step);
  const range = writable(lab, trial, step, layout);
  const shown = lab.operate({
    layout: layout ?? plainLayout(source, target),
    content: contentOf(step),
    ...range,
    call: (at, submission) => tfm.crypt(enc, at, ad.length, text.length, own, submission),
  });
  // What a generator has put in front of the text is given to the caller by an encryption only.
  const first = ad.length - range.from + (enc ? 0 : trial.row.generated);
  return { ...shown, out: shown.out.subarray(first, target - range.from), iv: own };
}

/** Text and tag, and what a joined list lets be seen: `row.leaks`. */
export function writable<P extends Prepared>(
  lab: Lab<P>,
  { row }: AeadTrial,
  { enc, ad, text, tag }: Step,
  layout?: Layout,
): { readonly from: number; readonly to: number } {
  const leaks = (wanted: string): boolean =>
    lab.api.joined && row.leaks.some(({ part }) => part === wanted);
  const made = ad.length + text.length + (enc ? tagSize(row) : 0);
  const inPlace = layout !== undefined && layout.inplace !== 'no';
  return {
    from: leaks('ad') ? 0 : ad.length,
    to: !enc && inPlace && leaks('tag') ? made + tag.length : made,
  };
}

/** False where a joined list is known to give another result: `row.leaks`. */
export function promised<P extends Prepared>(
  { api }: Lab<P>,
  { row }: AeadTrial,
  key: Uint8Array,
  { enc, iv, ad }: Step,
  { inplace }: Layout,
): boolean {
  const op = enc ? 'encrypt' : 'decrypt';
  return !(
    api.joined &&
    row.leaks.some(
      ({ part, when }) =>
        part === 'result' &&
        (when?.({ op, layout: { inplace }, context: { fault: 0 } }, { key, iv, ad }) ?? true),
    )
  );
}

export function equal<P extends Prepared>(
  lab: Lab<P>,
  shown: AeadShown,
  expected: AeadShown,
  what: string,
): void {
  lab.result(shown.err, expected.err, what);
  lab.same(shown.out, expected.out, what);
  lab.same(shown.iv, expected.iv, `${what}: IV`);
}

/** A step on a fresh key: what most laws begin with. */
export function begin<P extends Prepared>(
  lab: Lab<P>,
  trial: AeadTrial,
): { readonly key: Uint8Array; readonly tfm: AeadSubject<P> } {
  const key = goodKey(trial.row, lab.prng);
  return { key, tfm: open(lab, trial, key) };
}

export function describe({ enc, ad, text }: Step, { inplace, src, dst }: Layout): string {
  const cut = (segments: Layout['src']): string => segments.map(({ len }) => len).join('+');
  const word = enc ? 'encrypt' : 'decrypt';
  return `${word} ${ad.length}+${text.length} (${inplace}: ${cut(src)} to ${cut(dst)})`;
}
