/**
 * The library as a model: the requests of text cases as calls for each piece of their memory. It answers
 * as the kernel's API does, because its callers must see no difference.
 *
 * Not offered: recorded walks and scatterlist helpers, which it does not have. Not run, by reason: what
 * has no library, asynchronous drivers, several requests in flight.
 * @module
 */
import { assert } from '../../../src/assert.ts';
import { EINVAL, type Errno } from '../../../src/errno.ts';
import type { Machine } from '../../../src/machine/machine.ts';
import { algorithmOf } from '../../algorithms.ts';
import type { AhashSubject, MessageSubject } from '../../subjects/api.ts';
import type { IterPair } from '../../subjects/iterators.ts';
import { LIBRARY, LibApi, type Library } from '../../subjects/lib.ts';
import { Submission } from '../../subjects/submit.ts';
import {
  type CipherCase,
  type HashCase,
  isCryptCase,
  type Segment,
  type TextCase,
} from '../text/case.ts';
import { emptyResult, type TextResult } from '../text/result.ts';
import type { Arena } from './arena.ts';
import { buildIter } from './converted-lists.ts';
import { type ConvertedWorld, newConvertedWorld } from './converted-world.ts';
import { answered, type ModelSubject, type Series, since } from './model.ts';
import { keyBytes, POISON, placeIv, refuse, reportHalf, secondHalf } from './request.ts';
import type { Answer } from './world.ts';

const RENEW_AFTER = 500;
/** From here on XCBC is library code in the kernel too, and takes keys of 16 bytes only. */
const LIBRARY_XCBC: Series = [7, 2];
/** Tags that a transform has before anybody asks for others. */
const DEFAULT_TAG = 16;

/** From here on the kernel has calls for every algorithm that the library has here. */
const LIBRARY_CALLS: Series = [7, 3];

interface LibWorld extends ConvertedWorld {
  readonly lib: LibApi;
}

/** The library, called for each piece. */
export class LibModel implements ModelSubject {
  readonly name = 'lib';
  private readonly library: Library;
  private world: LibWorld;
  private age = 0;

  constructor(library: Library = LIBRARY) {
    this.library = library;
    this.world = newLibWorld(library);
  }

  readonly takes = (c: TextCase): boolean =>
    c.op === 'hash' || ((c.op === 'skcipher' || c.op === 'aead') && c.geometry === null);

  readonly variant = (c: TextCase, series: Series): string =>
    c.op === 'hash' && c.algorithm === 'xcbc(aes)' && since(series, LIBRARY_XCBC) ? '7.2' : '';

  readonly run = (c: TextCase, series: Series): TextResult => {
    const reason = this.whyNot(c, series);
    if (reason !== null) return emptyResult(c.id, 'skip', reason);
    if (this.age++ >= RENEW_AFTER) this.renew();
    const { world } = this;
    const answer: Answer = { ...emptyResult(c.id, 'done', '') };
    const run = (): TextResult => {
      world.arena.fill(c);
      if (c.op === 'hash') runHash(world, c, answer);
      else if (c.op === 'aead') runAead(world, c, answer);
      else if (c.op === 'skcipher') runSkcipher(world, c, answer);
      answer.refs = world.arena.release();
      return answer;
    };
    return answered(c, run, () => this.renew());
  };

  /** Why there is no answer to a case. */
  readonly whyNot = (c: TextCase, series: Series): string | null => {
    if (!isCryptCase(c)) return 'no request';
    const { ciphers, aeads, hashes } = this.library;
    const has = { skcipher: ciphers, aead: aeads, hash: hashes }[c.op].has(c.algorithm);
    if (!has) return 'no library for the algorithm';
    if (c.async) return 'asynchronous driver: a call of a library is done when it returns';
    if (c.op !== 'hash' && c.requests > 1) return 'requests in flight: a library has none';
    const early = c.op === 'hash' && c.algorithm === 'xcbc(aes)' && !since(series, LIBRARY_XCBC);
    return early && c.key?.length !== 32 ? 'XCBC: a key that is not of 128 bits' : null;
  };

  private renew(): void {
    this.world = newLibWorld(this.library);
    this.age = 0;
  }
}

/** Is a case answered by the kernel's own library? */
export function isLibraryCase(c: TextCase): boolean {
  return isCryptCase(c) && c.library === true;
}

/** The model of those cases: the same calls, under the name of what it is compared with. */
export function libraryCalls(model: ModelSubject): ModelSubject {
  return { ...model, name: 'lib/crypto' };
}

/** Cases that the library can answer once more, by the kernel's own: none where a release has no calls. */
export function libraryCases(cases: readonly TextCase[], series: Series): readonly TextCase[] {
  if (!since(series, LIBRARY_CALLS)) return [];
  const model = new LibModel();
  return cases.flatMap((c) =>
    isCryptCase(c) && model.takes(c) && model.whyNot(c, series) === null
      ? [{ ...c, id: `${c.id}-lib`, library: true } as const]
      : [],
  );
}

function newLibWorld(library: Library): LibWorld {
  const world = newConvertedWorld();
  return { ...world, lib: new LibApi(world.machine, library) };
}

/** A call in the context of a case. */
function submission(machine: Machine, { atomic }: CipherCase | HashCase): Submission {
  const sleep = !atomic;
  const undisturbed = { fault: 0, gather: 0, reuse: false, backlog: false, forbidWeak: false };
  return new Submission(machine, { context: { ...undisturbed, sleep, atomic } });
}

/** Iterators over the lists of a case, and what to look at afterwards. */
function pairOf(arena: Arena, from: readonly Segment[], to: readonly Segment[]): IterPair {
  const [src, dst] = [buildIter(arena, 'source', from), buildIter(arena, 'dest', to)];
  return {
    src: src.iter,
    dst: dst.iter,
    release: () => {},
    changes: () => (src.changed() || dst.changed() ? ['list'] : []),
    moved: () => [],
  };
}

/** One direction of a case. @returns the errno. */
type Crypt = (enc: boolean, at: IterPair, iv: Uint8Array) => Errno;

/** The halves of a case as `module/skcipher.c` and `aead.c` run them. */
function runHalves({ arena }: LibWorld, c: CipherCase, answer: Answer, crypt: Crypt): void {
  const row = algorithmOf(c.algorithm);
  assert(row?.kind === c.op, 'the library has what the table has');
  const target = c.dst ?? c.src;
  const half = (enc: boolean, from: readonly Segment[]): Errno => {
    const iv = placeIv(c, row.ivsize);
    const at = pairOf(arena, from, target);
    const err = crypt(enc, at, iv);
    answer.changed = [...answer.changed, ...at.changes()];
    reportHalf(arena, target, answer, err, iv);
    return err;
  };
  if (half(c.direction !== 'decrypt', c.src) !== 0 || c.direction !== 'both') return;
  secondHalf(arena, c);
  half(false, target);
}

/** A transform with the key of the case, or the answer says why there is none. */
function isReady<T extends Pick<AhashSubject<IterPair>, 'setkey'>>(
  tfm: T | Errno,
  c: CipherCase | HashCase,
  answer: Answer,
): tfm is T {
  if (typeof tfm === 'number') {
    refuse(answer, 'alloc', tfm);
    return false;
  }
  const err = c.key === null ? 0 : tfm.setkey(keyBytes(c.key), false);
  if (err !== 0) refuse(answer, 'setkey', err);
  return err === 0;
}

function runSkcipher(world: LibWorld, c: CipherCase, answer: Answer): void {
  const tfm = world.lib.skcipher(c.algorithm);
  if (!isReady(tfm, c, answer)) return;
  runHalves(world, c, answer, (enc, at, iv) =>
    tfm.crypt(enc, at, c.length, iv, submission(world.machine, c)),
  );
}

function runAead(world: LibWorld, c: CipherCase, answer: Answer): void {
  const tfm = world.lib.aead(c.algorithm);
  if (!isReady(tfm, c, answer)) return;
  const authErr = c.authSize === null ? 0 : tfm.setauthsize(c.authSize);
  if (authErr !== 0) {
    refuse(answer, 'setauthsize', authErr);
    return;
  }
  const tag = c.authSize ?? DEFAULT_TAG;
  runHalves(world, c, answer, (enc, at, iv) => {
    // In the second half the text is what was encrypted; a case that only decrypts counts its tag, too.
    const len = enc || c.direction === 'both' ? c.length : c.length - tag;
    if (len < 0) {
      answer.replaced = ['message-without-tag'];
      return -EINVAL;
    }
    return tfm.crypt(enc, at, c.assoc, len, iv, submission(world.machine, c));
  });
}

function runHash(world: LibWorld, c: HashCase, answer: Answer): void {
  const tfm = world.lib.ahash(c.algorithm);
  if (!isReady(tfm, c, answer)) return;
  const at = pairOf(world.arena, c.src, []);
  const digest = new Uint8Array(tfm.digestsize).fill(POISON);
  const message = (): MessageSubject<IterPair> => tfm.request(submission(world.machine, c));
  const err =
    c.finish === 'digest'
      ? message().digest(at, c.length, digest)
      : inParts(c, message, at, digest);
  answer.stage = 'hash';
  answer.err = err;
  answer.stray = world.arena.stray([]);
  answer.changed = at.changes();
  if (err === 0) answer.digest = Buffer.from(digest).toString('hex');
}

/** Updates, of which each may be followed by a state that goes to another message. */
function inParts(
  c: HashCase,
  message: () => MessageSubject<IterPair>,
  at: IterPair,
  digest: Uint8Array,
): Errno {
  let state = message();
  let err = state.init();
  let done = 0;
  for (const [i, { length, reimport }] of c.parts.entries()) {
    if (err !== 0) return err;
    if (c.finish === 'finup' && i === c.parts.length - 1)
      return state.finup(at, done, length, digest);
    err = state.update(at, done, length);
    done += length;
    if (err !== 0 || !reimport) continue;
    const saved = state.export();
    state = message();
    err = saved.err || state.import(saved.state);
  }
  return err || state.final(digest);
}
