/**
 * Laws of hashes and MACs.
 * @module
 */
import { EINPROGRESS, EINVAL, ENOKEY, ENOSYS, type Errno } from '../../src/errno.ts';
import { PHYS_BASE } from '../../src/machine/phys-mem.ts';
import type { Prng } from '../../src/prng.ts';
import type { HashRow } from '../algorithms/row.ts';
import type { Layout } from '../case/case.ts';
import type { AhashSubject, MessageSubject, Prepared } from '../subjects/api.ts';
import { misaligned } from '../subjects/beside.ts';
import { badKeys, goodKey, type Lab, type Law, type Shown, type Trial } from './lab.ts';
import { leavesNothing } from './residue.ts';
import { plainLayout, randomLayout, sampleLayouts, withEmpties } from './shapes.ts';

type HashTrial = Trial<HashRow>;

interface HashShown extends Shown {
  readonly digest: Uint8Array;
}

/** What a message is made to do between being allocated and freed. */
type Feed<P extends Prepared> = (message: MessageSubject<P>, at: P, result: Uint8Array) => Errno;

/** What a result buffer holds before, and behind the digest. */
const POISON = 0xa5;
const BEHIND = 8;
/** The shortest message that every hash digests: poly1305 takes its key from the first 32 bytes. */
const SHORTEST = 32;
/** A message that lies in several pages. */
const PAGES = 9000;

export const HASH_LAWS: readonly Law<HashRow>[] = [
  { name: 'the digest is that of the definition', check: byDefinition },
  { name: 'however the message is split in memory, the digest is the same', check: anySplit },
  { name: 'empty segments anywhere change nothing', check: emptySegments },
  { name: 'update, finup and final give the digest, whatever the parts', check: anyParts },
  {
    name: 'behind cryptd it completes once, with the same',
    about: ({ queued }) => queued,
    check: asyncSame,
  },
  { name: 'an exported state goes on as often as it is imported', check: exported },
  { name: 'a digest may be written over its own message', check: overItself },
  { name: 'the last key counts', check: lastKey, about: isKeyed },
  { name: 'a refused key leaves none, or changes nothing where none is needed', check: refusedKey },
  { name: 'what was freed is zero', check: residue },
];

function isKeyed({ row }: HashTrial): boolean {
  return row.key.draw !== null;
}

function lengthsOf(prng: Prng): number[] {
  return [SHORTEST, prng.between(SHORTEST, 130), prng.between(130, 400)];
}

function open<P extends Prepared>(lab: Lab<P>, trial: HashTrial, key: Uint8Array): AhashSubject<P> {
  const tfm = lab.ahash(trial.driver);
  if (isKeyed(trial)) lab.result(tfm.setkey(key, false), 0, 'setkey');
  return tfm;
}

/** Bytes that begin as a message of this hash must: some take a nonce from there. */
function textFor<P extends Prepared>(
  lab: Lab<P>,
  row: HashRow,
  key: Uint8Array,
  len: number,
): Uint8Array {
  for (;;) {
    const text = lab.bytes(len);
    if (typeof row.digest(key, text.subarray(0, SHORTEST)) !== 'number') return text;
  }
}

/** Runs `feed` over a message in memory. The result buffer is longer than the digest. */
function run<P extends Prepared>(
  lab: Lab<P>,
  tfm: AhashSubject<P>,
  text: Uint8Array,
  feed: Feed<P>,
  layout: Layout = plainLayout(text.length, null),
): HashShown {
  const { digestsize } = tfm;
  const result = new Uint8Array(digestsize + BEHIND).fill(POISON);
  const shown = lab.operate({
    layout,
    content: text,
    from: 0,
    to: 0,
    call: (at, submission) => {
      const message = tfm.request(submission);
      const err = feed(message, at, result);
      message.free();
      return err;
    },
  });
  const behind = result.subarray(digestsize);
  lab.holds(
    behind.every((byte) => byte === POISON),
    'bytes behind the digest',
  );
  return { ...shown, digest: result.slice(0, digestsize) };
}

function digestOf<P extends Prepared>(text: Uint8Array): Feed<P> {
  return (message, at, result) => message.digest(at, text.length, result);
}

/** The digest of a text in one piece. */
function plainDigest<P extends Prepared>(
  lab: Lab<P>,
  tfm: AhashSubject<P>,
  text: Uint8Array,
): Uint8Array {
  const { err, digest } = run(lab, tfm, text, digestOf(text));
  lab.result(err, 0, `${text.length} bytes`);
  return digest;
}

function overLayouts<P extends Prepared>(
  lab: Lab<P>,
  trial: HashTrial,
  lengths: readonly number[],
  of: (len: number) => readonly Layout[],
): void {
  const key = goodKey(trial.row, lab.prng);
  const tfm = open(lab, trial, key);
  for (const len of lengths) {
    const text = textFor(lab, trial.row, key, len);
    const plain = plainDigest(lab, tfm, text);
    for (const layout of of(len)) {
      const { err, digest } = run(lab, tfm, text, digestOf(text), layout);
      const what = `${len} bytes as ${layout.src.map((segment) => segment.len).join('+')}`;
      lab.result(err, 0, what);
      lab.same(digest, plain, what);
    }
  }
  tfm.free();
}

/** Also of messages so short that a hash may refuse to end them; the result then stays as it was. */
function byDefinition<P extends Prepared>(lab: Lab<P>, trial: HashTrial): void {
  const { row } = trial;
  const key = goodKey(row, lab.prng);
  const tfm = open(lab, trial, key);
  for (const len of [0, 1, SHORTEST - 1, ...lengthsOf(lab.prng)]) {
    const text = lab.bytes(len);
    const expected = row.digest(key, text);
    for (const feed of [digestOf<P>(text), feedParts<P>([len], 'final')]) {
      const { err, digest } = run(lab, tfm, text, feed);
      lab.result(err, typeof expected === 'number' ? expected : 0, `${len} bytes`);
      const unwritten = new Uint8Array(digest.length).fill(POISON);
      lab.same(digest, typeof expected === 'number' ? unwritten : expected, `${len} bytes`);
    }
  }
  tfm.free();
}

function anySplit<P extends Prepared>(lab: Lab<P>, trial: HashTrial): void {
  overLayouts(lab, trial, [lab.prng.between(SHORTEST, 300), PAGES], (len) => [
    ...sampleLayouts(lab.prng, len, null, 2),
    randomLayout(lab.prng, 'no', len, null),
  ]);
}

function emptySegments<P extends Prepared>(lab: Lab<P>, trial: HashTrial): void {
  overLayouts(lab, trial, lengthsOf(lab.prng), (len) =>
    [1, 2, 3].map(() => withEmpties(lab.prng, randomLayout(lab.prng, 'no', len, null))),
  );
}

/** Lengths that add up to `total`; some are 0. */
function partsOf(prng: Prng, total: number): number[] {
  const parts: number[] = [];
  for (let left = total; left > 0; ) {
    const part = prng.oneIn(4) ? 0 : prng.between(1, Math.min(left, 100));
    parts.push(part);
    left -= part;
  }
  return [...parts, 0];
}

/** Updates, then the end of the message, in one of three ways. */
function feedParts<P extends Prepared>(parts: readonly number[], way: 'final' | 'finup'): Feed<P> {
  return (message, at, result) => {
    let err = message.init();
    let done = 0;
    const last = way === 'final' ? parts.length : parts.length - 1;
    for (const part of parts.slice(0, last)) {
      err ||= message.update(at, done, part);
      done += part;
    }
    if (err !== 0) return err;
    return way === 'final' ? message.final(result) : message.finup(at, done, parts[last], result);
  };
}

function anyParts<P extends Prepared>(lab: Lab<P>, trial: HashTrial): void {
  const key = goodKey(trial.row, lab.prng);
  const tfm = open(lab, trial, key);
  for (const len of lengthsOf(lab.prng)) {
    const text = textFor(lab, trial.row, key, len);
    const plain = plainDigest(lab, tfm, text);
    for (const way of ['final', 'finup'] as const) {
      const parts = partsOf(lab.prng, len);
      // finup with data is what mostly follows the updates; with none it is final.
      if (way === 'finup' && lab.prng.oneIn(2)) parts.pop();
      const [layout] = sampleLayouts(lab.prng, len, null, 1);
      const { err, digest } = run(lab, tfm, text, feedParts(parts, way), layout);
      lab.result(err, 0, `${way} after ${parts.join('+')}`);
      lab.same(digest, plain, `${way} after ${parts.join('+')}`);
    }
  }
  tfm.free();
}

function asyncSame<P extends Prepared>(lab: Lab<P>, trial: HashTrial): void {
  const key = goodKey(trial.row, lab.prng);
  const tfm = open(lab, trial, key);
  const queued = open(lab, { ...trial, driver: `cryptd(${trial.driver})` }, key);
  for (const len of lengthsOf(lab.prng)) {
    const text = textFor(lab, trial.row, key, len);
    const plain = plainDigest(lab, tfm, text);
    const feeds: readonly Feed<P>[] = [
      digestOf(text),
      feedParts(partsOf(lab.prng, len), 'final'),
      feedParts([len], 'finup'),
    ];
    for (const feed of feeds) {
      const later = run(lab, queued, text, feed, randomLayout(lab.prng, 'no', len, null));
      lab.result(later.ret, -EINPROGRESS, 'submission');
      lab.holds(later.completions.length === 1, `${later.completions.length} completions`);
      lab.result(later.err, 0, `${len} bytes`);
      lab.same(later.digest, plain, `${len} bytes`);
    }
  }
  tfm.free();
  queued.free();
}

/** The original, and two requests into which its state is imported, go on side by side. */
function exported<P extends Prepared>(lab: Lab<P>, trial: HashTrial): void {
  const key = goodKey(trial.row, lab.prng);
  const tfm = open(lab, trial, key);
  const head = lab.prng.between(SHORTEST, 200);
  const tail = lab.prng.between(1, 150);
  const text = textFor(lab, trial.row, key, head + 2 * tail);
  const [whole, other] = [text.subarray(0, head + tail), concat(text, head, tail)];
  const wanted = [whole, other, whole].map((message) => plainDigest(lab, tfm, message));
  const short = plainDigest(lab, tfm, text.subarray(0, head));
  const digests = wanted.map(() => new Uint8Array(tfm.digestsize));
  const again = new Uint8Array(tfm.digestsize);
  lab.operate({
    layout: randomLayout(lab.prng, 'no', text.length, null),
    content: text,
    from: 0,
    to: 0,
    call: (at, submission) => {
      const requests = wanted.map(() => tfm.request(submission));
      const [original, ...copies] = requests;
      lab.result(original.init() || original.update(at, 0, head), 0, 'head');
      const { err, state } = original.export();
      const exports = err !== -ENOSYS || !trial.fast;
      if (exports) lab.result(err, 0, 'export');
      // Where OpenSSL hides the state, a message goes on as if nothing had been asked.
      const going = exports ? requests : [original];
      if (exports) {
        for (const copy of copies) lab.result(copy.import(state), 0, 'import');
      }
      for (const [i, request] of going.entries()) {
        lab.result(request.update(at, head + (i === 1 ? tail : 0), tail), 0, 'tail');
      }
      for (const [i, request] of going.entries()) {
        lab.result(request.final(digests[i]), 0, 'final');
        lab.same(digests[i], wanted[i], i === 0 ? 'the original' : `copy ${i}`);
      }
      if (exports) {
        lab.result(original.import(state) || original.final(again), 0, 'imported after final');
        lab.same(again, short, 'imported after final');
      }
      for (const request of requests) request.free();
      return 0;
    },
  });
  tfm.free();
}

/** The first `head` bytes of a text, and those behind the next `tail`. */
function concat(text: Uint8Array, head: number, tail: number): Uint8Array {
  return Buffer.concat([text.subarray(0, head), text.subarray(head + tail)]);
}

/** The result lies in the memory of the message: at its start, at its end, and across both. */
function overItself<P extends Prepared>(lab: Lab<P>, trial: HashTrial): void {
  const key = goodKey(trial.row, lab.prng);
  const tfm = open(lab, trial, key);
  const { machine } = lab.memory;
  const { digestsize } = tfm;
  for (const len of [Math.max(SHORTEST, digestsize), lab.prng.between(100, 300)]) {
    const text = textFor(lab, trial.row, key, len);
    const plain = plainDigest(lab, tfm, text);
    for (const from of [0, 5, len - digestsize]) {
      if (from < 0 || from + digestsize > len) continue;
      const layout = plainLayout(len, null);
      const src = lab.memory.place([{ kind: 'page', offset: 24, len }]);
      lab.memory.write(src, 0, text);
      const { u8 } = machine.mem;
      const start = src[0].runs[0].phys - PHYS_BASE + from;
      const result = u8.subarray(start, start + digestsize);
      const { err } = lab.watch(
        {
          layout,
          from: 0,
          to: 0,
          call: (at, submission) => {
            const message = tfm.request(submission);
            const ret = message.digest(at, len, result);
            message.free();
            return ret;
          },
        },
        src,
        [],
      );
      lab.result(err, 0, `over byte ${from}`);
      lab.same(result, plain, `over byte ${from}`);
      const rest = [text.subarray(0, from), plain, text.subarray(from + digestsize)];
      lab.same(lab.memory.read(src, 0, len), Buffer.concat(rest), 'the rest of the message');
    }
  }
  tfm.free();
}

function lastKey<P extends Prepared>(lab: Lab<P>, trial: HashTrial): void {
  const [first, second] = [goodKey(trial.row, lab.prng), goodKey(trial.row, lab.prng)];
  const tfm = open(lab, trial, first);
  const fresh = open(lab, trial, second);
  const text = textFor(lab, trial.row, second, 100);
  run(lab, tfm, text, digestOf(text));
  lab.result(tfm.setkey(second, false), 0, 'second setkey');
  const expected = plainDigest(lab, fresh, text);
  lab.same(run(lab, tfm, text, digestOf(text)).digest, expected, 'digest after two keys');
  const { digest } = run(lab, tfm, text, feedParts([40, 60], 'final'));
  lab.same(digest, expected, 'message after two keys');
  tfm.free();
  fresh.free();
}

/** A hash that has no key says so; one that needs a key does nothing without. */
function refusedKey<P extends Prepared>(lab: Lab<P>, trial: HashTrial): void {
  const { row } = trial;
  const key = goodKey(row, lab.prng);
  const text = textFor(lab, row, key, 50);
  const tfm = lab.ahash(trial.driver);
  if (!isKeyed(trial)) {
    lab.result(tfm.setkey(lab.bytes(16), false), -ENOSYS, 'setkey');
    plainDigest(lab, tfm, text);
    tfm.free();
    return;
  }
  if (row.key.optional) plainDigest(lab, tfm, text);
  else nothingWithout(lab, tfm, text, 'no key');
  for (const bad of badKeys(row, key)) {
    lab.result(tfm.setkey(key, false), 0, 'setkey');
    const before = plainDigest(lab, tfm, text);
    lab.result(tfm.setkey(bad, false), -EINVAL, `key of ${bad.length}`);
    if (row.key.optional) lab.same(plainDigest(lab, tfm, text), before, 'as if not given');
    else nothingWithout(lab, tfm, text, `after a key of ${bad.length}`);
    lab.result(tfm.setkey(key, false), 0, 'setkey');
    lab.same(plainDigest(lab, tfm, text), before, 'with a key again');
  }
  tfm.free();
}

function nothingWithout<P extends Prepared>(
  lab: Lab<P>,
  tfm: AhashSubject<P>,
  text: Uint8Array,
  what: string,
): void {
  for (const feed of [digestOf<P>(text), feedParts<P>([text.length], 'finup')]) {
    const { err, digest } = run(lab, tfm, text, feed);
    lab.result(err, -ENOKEY, what);
    lab.holds(
      digest.every((byte) => byte === POISON),
      `${what}: a result was written`,
    );
  }
}

function residue<P extends Prepared>(lab: Lab<P>, trial: HashTrial): void {
  const { row } = trial;
  leavesNothing(lab, () => {
    const key = goodKey(row, lab.prng);
    const tfm = open(lab, trial, misaligned(key));
    for (const len of lengthsOf(lab.prng)) {
      const text = textFor(lab, row, key, len);
      const parts = partsOf(lab.prng, len);
      for (const feed of [digestOf<P>(text), feedParts<P>(parts, 'final')]) {
        run(lab, tfm, text, feed, randomLayout(lab.prng, 'no', len, null));
      }
    }
    tfm.free();
  });
}
