/**
 * Laws of compression, public keys and key agreement: one list in, a list of another length out.
 *
 * Verified besides: in each operation, not one byte behind the length that a request tells is written.
 * Not verified: that something is compressed at all, and that a secret is one; the reference says that.
 * @module
 */
import { EOVERFLOW } from '../../src/errno.ts';
import type { Prng } from '../../src/prng.ts';
import type { DataRow } from '../algorithms/row.ts';
import { type Layout, materialise } from '../case/case.ts';
import type { DataOperation, DataSubject, Prepared } from '../subjects/api.ts';
import { placeTarget } from '../subjects/machine-subject.ts';
import { equal } from '../subjects/reference/bytes.ts';
import { goodKey, type Lab, type Law, type Task, type Trial } from './lab.ts';
import { plainLayout, randomLayout, sampleLayouts, withEmpties } from './shapes.ts';

type DataTrial = Trial<DataRow>;

/** One operation. */
interface Step {
  readonly op: DataOperation;
  readonly text: Uint8Array;
  /** Behind the signature that is verified; empty for all else. */
  readonly digest: Uint8Array;
  readonly room: number;
}

interface DataShown {
  readonly err: number;
  readonly length: number;
  readonly out: Uint8Array;
}

const NOTHING = new Uint8Array(0);
/** More than any compressor adds to a text of the laws. */
const ADDED = 256;
/** What a destination holds before. */
const POISON = 0xa5;
/** Draws until one is accepted: most are. */
const TRIES = 200;
/** Secrets of dh: type, length and three sizes stand in front of the exponent. */
const EXPONENT_AT = 16;

export const DATA_LAWS: readonly Law<DataRow>[] = [
  { name: 'however the bytes lie in memory, the result is the same', check: anySplit },
  { name: 'empty segments anywhere change nothing', check: emptySegments, about: isBytes },
  { name: 'the last key counts', check: lastKey, about: ({ row }) => row.key.draw !== null },
  { name: 'what was compressed is the text again', check: roundTrip, about: isCompression },
  { name: 'a text fits in its length, and not in less', check: exactRoom, about: isCompression },
  { name: 'what was encrypted is the message again', check: messageAgain, about: encrypts },
  { name: 'a signature holds for its digest, and for no other', check: signature, about: isPadded },
  {
    name: 'every bit of a signature on a curve counts',
    check: curveSignature,
    about: ({ row }) => onlyVerifies(row),
  },
  { name: 'too little room is told how much it takes', check: littleRoom, about: isPadded },
  { name: 'both parties agree', check: agreement, about: ({ row }) => row.kind === 'kpp' },
];

/** False where a number is written word by word: an empty segment in it leads 6.1 astray. */
function isBytes({ row }: DataTrial): boolean {
  return row.numbers === undefined;
}

function isCompression({ row }: DataTrial): boolean {
  return row.kind === 'acomp';
}

function encrypts({ row }: DataTrial): boolean {
  return row.kind === 'akcipher' && !onlyVerifies(row);
}

function onlyVerifies({ name }: DataRow): boolean {
  return /^(ecdsa-|sm2$)/.test(name);
}

function isPadded({ row }: DataTrial): boolean {
  return row.name.startsWith('pkcs1pad(');
}

/** A transform with a key, if there are keys. */
function open<P extends Prepared>(
  lab: Lab<P>,
  { row, driver }: DataTrial,
  key: Uint8Array,
): DataSubject<P> {
  const tfm = lab.data(driver, row.kind);
  if (row.key.draw !== null) lab.result(tfm.setkey(key, /* forbidWeak */ false), 0, 'setkey');
  return tfm;
}

/** @param to bytes of the destination that may be written. @param poison what it held before */
function run<P extends Prepared>(
  lab: Lab<P>,
  tfm: DataSubject<P>,
  { op, text, digest, room }: Step,
  layout: Layout = plainLayout(text.length + digest.length, op === 'verify' ? 0 : room),
  to: number = op === 'verify' ? 0 : room,
  poison: number = POISON,
): DataShown {
  const { memory } = lab;
  const src = memory.place(layout.src);
  const dst = placeTarget(memory, layout, src);
  memory.write(dst, 0, new Uint8Array(to).fill(poison));
  memory.write(src, 0, text);
  memory.write(src, text.length, digest);
  let length = 0;
  const call: Task<P>['call'] = (at, submission) => {
    const answer = tfm.run(op, at, text.length, room, submission);
    length = answer.length;
    return answer.err;
  };
  const { err } = lab.watch({ layout, from: 0, to, call }, src, dst);
  return { err, length, out: memory.read(dst, 0, Math.min(length, to)) };
}

/**
 * What an operation makes of a destination, but for bytes at its end that it does not write: a request for
 * key agreement tells the room, and writes the secret.
 */
function written<P extends Prepared>(lab: Lab<P>, tfm: DataSubject<P>, step: Step): DataShown {
  const shown = run(lab, tfm, step);
  if (shown.err !== 0) return shown;
  const { out } = run(lab, tfm, step, undefined, undefined, POISON ^ 0xff);
  const end = out.findLastIndex((byte, i) => byte === shown.out[i]) + 1;
  return { ...shown, out: shown.out.subarray(0, end) };
}

/** An operation that a transform accepts, and what comes of it, always the same. */
function accepted<P extends Prepared>(
  lab: Lab<P>,
  trial: DataTrial,
): { readonly tfm: DataSubject<P>; readonly step: Step; readonly shown: DataShown } {
  const { row } = trial;
  for (let tries = 0; tries < TRIES; tries++) {
    const key = goodKey(row, lab.prng);
    const { op, text, tag, room } = row.draw(lab.prng, key.length === 0 ? null : key);
    // The padding of encryption is random, and a digest is no such operation.
    if (op === 'digest' || (op === 'encrypt' && isPadded(trial))) continue;
    const digest = tag === null ? NOTHING : materialise(tag);
    const step = { op, text: materialise(text), digest, room: tag === null ? room : digest.length };
    const tfm = open(lab, trial, key);
    const shown = written(lab, tfm, step);
    if (shown.err === 0 && (op === 'verify' || shown.out.length > 0)) return { tfm, step, shown };
    tfm.free();
  }
  throw new Error('no operation was accepted');
}

/** The lists of a number have no empty segment. */
function fitted({ row }: DataTrial, layout: Layout): Layout {
  if (row.numbers === undefined) return layout;
  const filled = (segments: Layout['src']): Layout['src'] => {
    const kept = segments.filter(({ len }) => len > 0);
    return kept.length > 0 ? kept : segments.slice(0, 1);
  };
  return { ...layout, src: filled(layout.src), dst: filled(layout.dst) };
}

function sameIn<P extends Prepared>(lab: Lab<P>, trial: DataTrial, shapes: Shapes): void {
  const { tfm, step, shown } = accepted(lab, trial);
  const isVerified = step.op === 'verify';
  const target = isVerified ? 0 : step.room;
  for (const layout of shapes(lab.prng, step.text.length + step.digest.length, target)) {
    // In place nothing is asked of a request that writes nothing.
    if (isVerified && layout.inplace !== 'no') continue;
    const to = shown.out.length;
    const again = run(lab, tfm, step, fitted(trial, layout), to);
    lab.result(again.err, 0, step.op);
    lab.holds(again.length === shown.length, `${step.op}: another length`);
    lab.same(again.out, shown.out, step.op);
  }
  tfm.free();
}

type Shapes = (prng: Prng, source: number, target: number) => readonly Layout[];

function anySplit<P extends Prepared>(lab: Lab<P>, trial: DataTrial): void {
  for (let i = 0; i < 2; i++) sameIn(lab, trial, (prng, s, t) => sampleLayouts(prng, s, t, 3));
}

function emptySegments<P extends Prepared>(lab: Lab<P>, trial: DataTrial): void {
  const shapes: Shapes = (prng, source, target) =>
    [1, 2, 3].map(() => withEmpties(prng, randomLayout(prng, 'no', source, target)));
  for (let i = 0; i < 2; i++) sameIn(lab, trial, shapes);
}

function lastKey<P extends Prepared>(lab: Lab<P>, trial: DataTrial): void {
  for (let tries = 0; tries < TRIES; tries++) {
    const { tfm, step, shown } = accepted(lab, trial);
    const other = goodKey(trial.row, lab.prng);
    const alone = open(lab, trial, other);
    // With more room than a result takes, pkcs1pad of 6.1 writes in front of a buffer of its own.
    const isRoomy = isPadded(trial) && step.op !== 'verify' && step.room > alone.maxSize();
    const expected = isRoomy ? shown : run(lab, alone, step);
    alone.free();
    const before = expected.out.subarray(0, shown.out.length);
    const isOther = expected.err !== shown.err || !equal(before, shown.out);
    if (isOther) {
      lab.result(tfm.setkey(other, /* forbidWeak */ false), 0, 'setkey');
      const found = run(lab, tfm, step);
      lab.result(found.err, expected.err, `${step.op} with the second key`);
      if (expected.err === 0) lab.same(found.out, expected.out, 'the second key');
    }
    tfm.free();
    if (isOther) return;
  }
  throw new Error('no other key gives another result');
}

/** Bytes of which some come again. */
function textOf<P extends Prepared>(lab: Lab<P>, most: number): Uint8Array {
  const part = lab.bytes(lab.prng.between(1, 60));
  const text = new Uint8Array(lab.prng.between(20, most));
  for (let at = 0; at < text.length; at++)
    text[at] = part[at % part.length] ^ (at % 41 === 0 ? 1 : 0);
  return text;
}

function roundTrip<P extends Prepared>(lab: Lab<P>, trial: DataTrial): void {
  const tfm = open(lab, trial, NOTHING);
  for (const most of [60, 600, 6000]) {
    const text = textOf(lab, most);
    const room = text.length + ADDED;
    const packed = run(lab, tfm, { op: 'compress', text, digest: NOTHING, room });
    lab.result(packed.err, 0, 'compress');
    const layout = randomLayout(lab.prng, 'no', packed.length, room);
    const step: Step = { op: 'decompress', text: packed.out, digest: NOTHING, room };
    const again = run(lab, tfm, step, layout, text.length);
    lab.result(again.err, 0, 'decompress');
    lab.same(again.out, text, 'the text');
  }
  tfm.free();
}

function exactRoom<P extends Prepared>(lab: Lab<P>, trial: DataTrial): void {
  const tfm = open(lab, trial, NOTHING);
  const text = textOf(lab, 600);
  const packing: Step = { op: 'compress', text, digest: NOTHING, room: text.length + ADDED };
  const packed = run(lab, tfm, packing);
  lab.holds(
    run(lab, tfm, { ...packing, room: packed.length - 1 }).err !== 0,
    'compressed into less room than it takes',
  );
  const step: Step = { op: 'decompress', text: packed.out, digest: NOTHING, room: text.length };
  const exact = run(lab, tfm, step);
  lab.result(exact.err, 0, 'decompress');
  lab.same(exact.out, text, 'the text');
  lab.holds(run(lab, tfm, { ...step, room: text.length - 1 }).err !== 0, 'a text in less room');
  tfm.free();
}

function messageAgain<P extends Prepared>(lab: Lab<P>, trial: DataTrial): void {
  for (let tries = 0; tries < TRIES; tries++) {
    const tfm = open(lab, trial, goodKey(trial.row, lab.prng));
    const size = tfm.maxSize();
    // A number below the modulus, or a message with room for its padding.
    const text = lab.bytes(isPadded(trial) ? size - 11 : size - 1);
    const step: Step = { op: 'encrypt', text, digest: NOTHING, room: size };
    const sealed = run(lab, tfm, step);
    lab.result(sealed.err, 0, 'encrypt');
    const again = run(lab, tfm, { ...step, op: 'decrypt', text: sealed.out });
    tfm.free();
    // A public key opens nothing.
    if (again.err !== 0) continue;
    lab.same(again.out.subarray(again.length - text.length), text, 'the message');
    lab.holds(
      again.out.subarray(0, again.length - text.length).every((byte) => byte === 0),
      'something in front of the message',
    );
    return;
  }
  throw new Error('no key opened what it had sealed');
}

/** A transform with a private key, and what it signs. */
function signing<P extends Prepared>(lab: Lab<P>, trial: DataTrial) {
  for (let tries = 0; tries < TRIES; tries++) {
    const tfm = open(lab, trial, goodKey(trial.row, lab.prng));
    const size = tfm.maxSize();
    const hash = /sha(\d+)\)$/.exec(trial.row.name)?.[1] ?? '1';
    const digest = lab.bytes(hash === '1' ? 20 : Number(hash) / 8);
    const step: Step = { op: 'sign', text: digest, digest: NOTHING, room: size };
    const signed = run(lab, tfm, step);
    if (signed.err === 0) return { tfm, size, step, digest, signature: signed.out };
    tfm.free();
  }
  throw new Error('nothing was signed');
}

function signature<P extends Prepared>(lab: Lab<P>, trial: DataTrial): void {
  const { tfm, digest, signature: right } = signing(lab, trial);
  const verify = (text: Uint8Array, of: Uint8Array): number =>
    run(lab, tfm, { op: 'verify', text, digest: of, room: of.length }).err;
  lab.result(verify(right, digest), 0, 'verify');
  for (let at = lab.prng.below(5); at < right.length + digest.length; at += 5) {
    const [text, of] = [right.slice(), digest.slice()];
    const bit = 1 << lab.prng.below(8);
    if (at < right.length) text[at] ^= bit;
    else of[at - right.length] ^= bit;
    lab.holds(verify(text, of) !== 0, `verified with byte ${at} changed`);
  }
  tfm.free();
}

/** Of what has no private key: one that was drawn and holds. */
function curveSignature<P extends Prepared>(lab: Lab<P>, trial: DataTrial): void {
  const { tfm, step } = accepted(lab, trial);
  const { text, digest } = step;
  // What stands behind the sequence is not looked at, nor the end of a digest that is too long.
  const signed = Math.min(text.length, text[1] < 0x80 ? text[1] + 2 : text.length);
  const looked = trial.row.name === 'sm2' ? digest.length : Math.min(digest.length, tfm.maxSize());
  // Nor one bit of the first tag.
  for (let at = lab.prng.between(1, 3); at < signed + looked; at += 3) {
    const [changed, of] = [text.slice(), digest.slice()];
    if (at < signed) changed[at] ^= 1 << lab.prng.below(8);
    else of[at - signed] ^= 1 << lab.prng.below(8);
    const shown = run(lab, tfm, { ...step, text: changed, digest: of });
    lab.holds(shown.err !== 0, `verified with byte ${at} changed`);
  }
  tfm.free();
}

function littleRoom<P extends Prepared>(lab: Lab<P>, trial: DataTrial): void {
  const { tfm, step, size, signature: right } = signing(lab, trial);
  for (const room of [0, 1, size - 1]) {
    const refused = run(lab, tfm, { ...step, room });
    lab.result(refused.err, -EOVERFLOW, `sign into ${room} bytes`);
    const again = run(lab, tfm, { ...step, room: refused.length });
    lab.same(again.out, right, 'in the room that was told');
  }
  tfm.free();
}

/** A second secret of the same group. */
function otherSecret<P extends Prepared>(
  lab: Lab<P>,
  { row }: DataTrial,
  key: Uint8Array,
): Uint8Array {
  if (row.name !== 'dh') return goodKey(row, lab.prng);
  const other = key.slice();
  other[EXPONENT_AT] ^= 1 + lab.prng.below(255);
  return other;
}

function agreement<P extends Prepared>(lab: Lab<P>, trial: DataTrial): void {
  for (let tries = 0; tries < TRIES; tries++) {
    const key = goodKey(trial.row, lab.prng);
    const tfms = [key, otherSecret(lab, trial, key)].map((secret) => open(lab, trial, secret));
    const rooms = tfms.map((tfm) => tfm.maxSize());
    const points = tfms.map((tfm, i) =>
      run(lab, tfm, { op: 'generate', text: NOTHING, digest: NOTHING, room: rooms[i] }),
    );
    const secrets = tfms.map((tfm, i) =>
      run(lab, tfm, {
        ...{ op: 'agree', digest: NOTHING, room: rooms[i] },
        text: points[1 - i].out,
      }),
    );
    for (const tfm of tfms) tfm.free();
    if ([...points, ...secrets].some(({ err }) => err !== 0)) continue;
    lab.same(secrets[0].out, secrets[1].out, 'the secret');
    lab.holds(!equal(points[0].out, points[1].out), 'two secrets have one public key');
    return;
  }
  throw new Error('no two secrets were accepted');
}
