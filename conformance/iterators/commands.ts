/**
 * Commands on an iterator: what the API does, what the model says, and where the two part.
 *
 * Verified: counts, bytes, positions, pages, pins, errnos and bounds of the other answers, behind each
 * command. Not verified: the numbers inside an iterator, which are its own business.
 * @module
 */
import { iovIterExtractBvecs } from '../../converted/iter/bvecs.ts';
import {
  copyFolioFromIterAtomic,
  copyFromIter,
  copyFromIterFull,
  copyMemoryToIter,
  copyPageFromIter,
  copyPageToIter,
  copyPageToIterNofault,
  copyToIter,
  copyToIterFull,
  faultInIovIterReadable,
  faultInIovIterWriteable,
  iovIterZero,
} from '../../converted/iter/copy.ts';
import { type ExtractedPages, iovIterExtractPages } from '../../converted/iter/extract.ts';
import {
  type IovIter,
  ITER_DEST,
  ITER_SOURCE,
  iovIterCopy,
  iovIterReexpand,
  iovIterTruncate,
} from '../../converted/iter/iov-iter.ts';
import { iovIterGetPages2, iovIterGetPagesAlloc2 } from '../../converted/iter/pages.ts';
import {
  dupIter,
  iovIterAdvance,
  iovIterRestore,
  iovIterRevert,
  iovIterSaveState,
} from '../../converted/iter/position.ts';
import {
  iovIterAlignment,
  iovIterExtractWillPin,
  iovIterGapAlignment,
  iovIterNpages,
  iovIterNpagesCap,
  iovIterSingleSegCount,
} from '../../converted/iter/query.ts';
import { KernelBug } from '../../src/assert.ts';
import type { BioVec } from '../../src/bvec.ts';
import { EFAULT } from '../../src/errno.ts';
import { pageToVirt } from '../../src/machine/address.ts';
import { PAGE_SIZE, type Pfn, virtAddr } from '../../src/units.ts';
import type { IteratorCommand } from '../case/iterator-case.ts';
import { physOf } from './file.ts';
import type { Expected } from './flat.ts';
import { conflict, lower, lowerFlagged, lowerShared } from './lowered.ts';
import { stepThrough } from './steps.ts';
import { rowsWrong, type Walked } from './walked.ts';

type Act = (w: Walked, a: number, b: number) => string | null;

/** What each command does. @returns what is wrong, or null */
export const ACTS: Readonly<Record<IteratorCommand['name'], Act>> = {
  advance: ({ iter, flat }, a) => {
    iovIterAdvance(iter, a);
    flat.at += Math.min(a, flat.count);
    return null;
  },
  revert: ({ iter, flat }, a) => {
    const n = Math.min(a, flat.at - flat.floor);
    iovIterRevert(iter, n);
    flat.at -= n;
    return null;
  },
  truncate: ({ iter, flat }, a) => {
    iovIterTruncate(iter, a);
    const cut = Math.max(0, flat.count - a);
    flat.end -= cut;
    flat.hidden += cut;
    return null;
  },
  reexpand: ({ iter, flat }, a) => {
    const n = Math.min(a, flat.hidden);
    iovIterReexpand(iter, flat.count + n);
    flat.end += n;
    flat.hidden -= n;
    return null;
  },
  save: (w) => {
    const { flat } = w;
    w.state = iovIterSaveState(w.iter);
    flat.saved = { at: flat.at, end: flat.end, hidden: flat.hidden };
    return null;
  },
  restore,
  dup,
  clone: (w) => {
    const old = w.iter;
    const count = old.count;
    w.iter = iovIterCopy(old);
    iovIterAdvance(old, 1);
    return w.iter.count === count ? null : 'a copy moved with its original';
  },
  copy: (w, a) => copied(w, a, copyEither),
  copyFull,
  copyFault,
  copyMemory: (w, a) => throughPage(w, Math.min(a, PAGE_SIZE), 0, copyMemory),
  copyPage: (w, a, b) =>
    throughPage(w, Math.min(a, PAGE_SIZE - (b % PAGE_SIZE)), b % PAGE_SIZE, copyPage),
  copyAtomic: (w, a, b) =>
    throughPage(w, Math.min(a, PAGE_SIZE - (b % PAGE_SIZE)), b % PAGE_SIZE, copyAtomic),
  against,
  zero: (w, a) => {
    const want = w.flat.reach(a);
    const got = iovIterZero(a, w.iter);
    written(w, new Uint8Array(want));
    return counted('zeroed', got, want);
  },
  extract: (w, a, b) => {
    const expected = w.flat.extract(a, b);
    return extracted(w, expected, iovIterExtractWillPin(w.iter), (out) =>
      iovIterExtractPages(w.iter, out, a, b),
    );
  },
  extractBvecs,
  getPages: (w, a, b) => {
    // A bio_vec of nothing at the position is a warning, and whether it is there is the API's business.
    if (w.flat.hasEmpty) return null;
    const expected = w.flat.getPages(a, Math.max(1, b));
    return referenced(w, expected, (out) => iovIterGetPages2(w.iter, out, a, Math.max(1, b)));
  },
  getPagesAlloc: (w, a) => {
    if (w.flat.hasEmpty) return null;
    const expected = w.flat.getPages(a, Number.MAX_SAFE_INTEGER);
    return referenced(w, expected, (out) => iovIterGetPagesAlloc2(w.iter, out, a));
  },
  faultIn: ({ iter, flat }, a) => {
    const want = flat.isUser ? a - flat.reach(a) : 0;
    const ask = iter.direction === ITER_DEST ? faultInIovIterWriteable : faultInIovIterReadable;
    return counted('not faulted in', ask(iter, a), want);
  },
  npages: ({ iter, flat }, a, b) => {
    const n = b === 0 ? flat.count : Math.min(b, flat.count);
    const got = b === 0 ? iovIterNpages(iter, a) : iovIterNpagesCap(iter, a, b);
    const [least, most] = flat.npages(n).map((pages) => Math.min(pages, a));
    if (got >= least && got <= most) return null;
    return `${got} pages, expected ${least === most ? least : `${least} to ${most}`}`;
  },
  alignment: ({ iter, flat }) => {
    const got = iovIterAlignment(iter) % PAGE_SIZE;
    const [least, most] = flat.alignment();
    const isRight = (got & least) === least && (got & ~most) === 0;
    return isRight ? null : `alignment ${got}, expected ${least}`;
  },
  gap: ({ iter, flat }) => {
    const [{ type }] = flat.parts.length === 1 ? flat.parts : [{ type: 'bvec' }];
    if (flat.isChain || (type !== 'iovec' && type !== 'ubuf')) return null;
    const want = type === 'ubuf' ? 0 : flat.gap();
    return counted('gap alignment', iovIterGapAlignment(iter) % PAGE_SIZE, want);
  },
  single: ({ iter, flat }) => {
    const got = iovIterSingleSegCount(iter);
    const right = flat.single();
    if (got > flat.count) return `a segment of ${got} bytes, and ${flat.count} are left`;
    if (right.length === 0 || right.includes(got)) return null;
    return `${got} bytes in the segment, expected ${right[0]}`;
  },
  step: ({ file, model, iter, flat }, a, b) => {
    const outcome = stepThrough(file, model, iter, flat, a, b);
    flat.at += outcome.done;
    return outcome.wrong;
  },
  lower,
  lowerShared,
  lowerFlagged,
  conflict,
};

/** What is wrong with the position and the bytes that follow it, or null. */
export function wrongPosition({ file, model, iter, flat }: Walked): string | null {
  if (iter.count !== flat.count) return `count ${iter.count}, expected ${flat.count}`;
  const peek = Math.min(flat.count, MOST_PEEKED);
  const copy = iovIterCopy(iter);
  const { done, wrong } = stepThrough(file, model, copy, flat, peek, 0);
  if (wrong !== null) return `behind it ${wrong}`;
  const want = flat.reach(peek);
  return done === want ? null : `behind it ${done} bytes can be reached, expected ${want}`;
}

const MOST_PEEKED = 24;

function isSource(iter: IovIter): iter is IovIter<'source'> {
  return iter.direction === ITER_SOURCE;
}

function isDest(iter: IovIter): iter is IovIter<'dest'> {
  return iter.direction === ITER_DEST;
}

function counted(what: string, got: number, want: number): string | null {
  return got === want ? null : `${what}: ${got}, expected ${want}`;
}

function restore({ iter, flat, state }: Walked): string | null {
  if (state === null || flat.saved === null || !flat.restores) return null;
  iovIterRestore(iter, state);
  Object.assign(flat, flat.saved);
  const now = iovIterSaveState(iter);
  const same =
    now.count === state.count && now.iovOffset === state.iovOffset && now.nrSegs === state.nrSegs;
  return same ? null : 'restore is not exact';
}

function dup(w: Walked): string | null {
  const { flat } = w;
  const to = iovIterCopy(w.iter);
  iovIterAdvance(to, 1);
  const isNew = dupIter(to, w.iter) !== null;
  const isArray =
    !flat.isChain && flat.parts.every(({ type }) => ['iovec', 'kvec', 'bvec'].includes(type));
  w.iter = to;
  w.state = null;
  flat.saved = null;
  // The new array begins with the segment of the position.
  if (isArray) flat.floor = flat.at;
  return isNew === isArray ? null : `an array of its own: ${isNew}`;
}

/** Bytes that differ from copy to copy. */
function freshBytes(w: Pick<Walked, 'copies'>, len: number): Uint8Array {
  const salt = 31 * ++w.copies;
  const bytes = new Uint8Array(len);
  for (let i = 0; i < len; i++) bytes[i] = 7 * i + (i >> 8) + salt;
  return bytes;
}

/** The next bytes of the row become these, and are passed. */
function written({ flat, model }: Walked, bytes: Uint8Array): void {
  if (!flat.isDiscard) {
    let done = 0;
    flat.forEachRun(bytes.length, (offset, len) => {
      model.set(bytes.subarray(done, done + len), offset);
      done += len;
    });
  }
  flat.at += bytes.length;
}

function differs(got: Uint8Array, want: Uint8Array): string | null {
  if (Buffer.compare(got, want) === 0) return null;
  const at = want.findIndex((byte, i) => byte !== got[i]);
  return at < 0 ? null : `byte ${at} copied is ${got[at]}, expected ${want[at]}`;
}

function copyEither(iter: IovIter, bytes: Uint8Array): number {
  if (isSource(iter)) return copyFromIter(bytes, bytes.length, iter);
  return isDest(iter) ? copyToIter(bytes, bytes.length, iter) : 0;
}

/** A copy of `a` bytes, as far as they can be reached. */
function copied(
  w: Walked,
  a: number,
  copy: (iter: IovIter, bytes: Uint8Array) => number,
): string | null {
  const want = w.flat.reach(a);
  const bytes = freshBytes(w, a);
  const before = bytes.slice();
  const got = copy(w.iter, bytes);
  return accounted(w, { bytes, before }, got, want);
}

/** Moves the model by what should have been copied, and compares. */
function accounted(
  w: Walked,
  { bytes, before }: { readonly bytes: Uint8Array; readonly before: Uint8Array },
  got: number,
  want: number,
): string | null {
  if (w.iter.direction === ITER_DEST) {
    written(w, before.subarray(0, want));
    return counted('copied', got, want);
  }
  const right = before.slice();
  right.set(w.flat.coming(w.model, want));
  w.flat.at += want;
  return counted('copied', got, want) ?? differs(bytes, right);
}

function copyFull(w: Walked, a: number): string | null {
  const isAll = w.flat.reach(a) === a;
  const start = w.flat.at;
  const bytes = freshBytes(w, a);
  const before = bytes.slice();
  const { iter } = w;
  const ok = isSource(iter)
    ? copyFromIterFull(bytes, a, iter)
    : isDest(iter) && copyToIterFull(bytes, a, iter);
  // What was copied in spite of all stays; the position does not.
  const wrong = accounted(w, { bytes, before }, w.flat.reach(a), w.flat.reach(a));
  if (!isAll) w.flat.at = start;
  if (ok !== isAll) return `all copied: ${ok}, expected ${isAll}`;
  return isAll ? wrong : null;
}

/** An access fails that cannot be foreseen: what was copied is a prefix, and kernel memory has no faults. */
function copyFault(w: Walked, a: number, b: number): string | null {
  const { machine } = w.file;
  const most = w.flat.reach(a);
  const bytes = freshBytes(w, a);
  const before = bytes.slice();
  machine.faults.arm([{ point: 'user-copy', nth: 1 + (b % 4) }]);
  const got = copyEither(w.iter, bytes);
  machine.faults.arm([]);
  if (got > most) return `copied ${got}, and ${most} can be`;
  const wrong = accounted(w, { bytes, before }, got, got);
  return wrong ?? (w.flat.isUser ? null : counted('copied', got, most));
}

/** A copy between a page of the kernel and the iterator. */
function throughPage(
  w: Walked,
  len: number,
  offset: number,
  copy: (w: Walked, len: number, offset: number) => number,
): string | null {
  const { machine } = w.file;
  const want = w.flat.reach(len);
  const bytes = freshBytes(w, PAGE_SIZE);
  const at = physOf([w.page], 0);
  machine.store(at, bytes);
  const got = copy(w, len, offset);
  const after = machine.load(at, PAGE_SIZE).slice();
  if (w.iter.direction === ITER_DEST) {
    written(w, bytes.subarray(offset, offset + want));
    return counted('copied', got, want) ?? differs(after, bytes);
  }
  const right = bytes.slice();
  right.set(w.flat.coming(w.model, want), offset);
  w.flat.at += want;
  return counted('copied', got, want) ?? differs(after, right);
}

function copyMemory(w: Walked, len: number, offset: number): number {
  const { iter, page } = w;
  if (isDest(iter)) return copyMemoryToIter(virtAddr(pageToVirt(page) + offset), len, iter);
  return isSource(iter) ? copyPageFromIter(page, offset, len, iter) : 0;
}

function copyPage(w: Walked, len: number, offset: number): number {
  const { iter, page } = w;
  if (isDest(iter)) return copyPageToIter(page, offset, len, iter);
  return isSource(iter) ? copyPageFromIter(page, offset, len, iter) : 0;
}

function copyAtomic(w: Walked, len: number, offset: number): number {
  const { iter, page } = w;
  if (isDest(iter)) return copyPageToIterNofault(page, offset, len, iter);
  return isSource(iter) ? copyFolioFromIterAtomic({ page, order: 0 }, offset, len, iter) : 0;
}

/** The wrong direction is refused before anything moves. */
function against({ iter, ...w }: Walked, a: number): string | null {
  const bytes = freshBytes(w, a);
  try {
    if (iter.direction === ITER_DEST) copyFromIter(bytes, a, iter as IovIter<'source'>);
    else copyToIter(bytes, a, iter as IovIter<'dest'>);
  } catch (error) {
    if (error instanceof KernelBug) return null;
    throw error;
  }
  return 'a copy against the direction was not refused';
}

function pagesWrong({ file }: Walked, expected: Expected, pages: readonly Pfn[]): string | null {
  const want = expected.pages.map((page) => file.pages[page]);
  if (pages.length !== want.length) return `${pages.length} pages, expected ${want.length}`;
  const at = pages.findIndex((page, k) => page !== want[k]);
  return at < 0 ? null : `page ${at} is not page ${expected.pages[at]} of the file`;
}

/** An extraction against what is expected of it; pins are given back. */
function extracted(
  w: Walked,
  expected: Expected,
  pins: boolean,
  extract: (out: ExtractedPages) => number,
): string | null {
  const { machine } = w.file;
  const out: ExtractedPages = { pages: [], offset0: -1 };
  const before = machine.ledger.count('pin');
  const got = extract(out);
  const taken = machine.ledger.count('pin') - before;
  if (pins && got > 0) for (const page of out.pages) machine.unpinPage(page);
  if (got !== expected.bytes) return counted('extracted', got, expected.bytes);
  if (got <= 0) return null;
  w.flat.at += got;
  if (out.offset0 !== expected.offset0) return counted('offset', out.offset0, expected.offset0);
  if (pins !== expected.pins) return `pins: ${pins}, expected ${expected.pins}`;
  const want = expected.pins ? expected.pages.length : 0;
  return counted('pins', taken, want) ?? pagesWrong(w, expected, out.pages);
}

/** The same with references. */
function referenced(
  w: Walked,
  expected: Expected,
  get: (out: ExtractedPages) => number,
): string | null {
  const { machine } = w.file;
  const out: ExtractedPages = { pages: [], offset0: -1 };
  const got = get(out);
  if (got > 0) for (const page of out.pages) machine.putPage(page);
  if (got !== expected.bytes) return counted('got', got, expected.bytes);
  if (got <= 0) return null;
  w.flat.at += got;
  if (out.offset0 !== expected.offset0) return counted('offset', out.offset0, expected.offset0);
  return pagesWrong(w, expected, out.pages);
}

function extractBvecs(w: Walked, a: number, b: number): string | null {
  const { file, flat } = w;
  const { machine } = file;
  const expected = flat.extract(a, b);
  const pins = iovIterExtractWillPin(w.iter);
  const bvec: BioVec[] = [];
  const got = iovIterExtractBvecs(w.iter, bvec, a, b, 0);
  const want = expected.bytes === 0 ? -EFAULT : expected.bytes;
  if (pins && got > 0) {
    for (const page of expected.pages) machine.unpinPage(file.pages[page]);
  }
  if (got !== want) return counted('extracted', got, want);
  if (got <= 0) return null;
  if (bvec.length > b) return `${bvec.length} bio_vecs, and ${b} may be`;
  const wrong = rowsWrong(w, got, bvec);
  flat.at += got;
  return wrong;
}
