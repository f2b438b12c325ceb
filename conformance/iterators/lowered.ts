/**
 * Commands that lower an iterator to physical ranges: where they lead, whose pages may be written, what
 * marks they carry, and when two of them share memory at different places.
 * @module
 */
import {
  type IovIter,
  ITER_DEST,
  ITER_SOURCE,
  iovIterBvec,
  iovIterCopy,
} from '../../converted/iter/iov-iter.ts';
import { iovIterAdvance } from '../../converted/iter/position.ts';
import { iovIterLower } from '../../converted/lower/lower.ts';
import { bvecConflict } from '../../converted/lower/overlap.ts';
import { BVEC_READONLY, BvecList, bvecClear, bvecEntries } from '../../src/bvec.ts';
import { EFAULT, EINVAL, type Errno, errnoName } from '../../src/errno.ts';
import { PG_READONLY } from '../../src/machine/page.ts';
import { PAGE_SIZE } from '../../src/units.ts';
import type { Flat } from './flat.ts';
import { rowsWrong, type Walked } from './walked.ts';

/** Bytes of which `conflict` compares every one. */
const MOST_COMPARED = 256;

export function lower(w: Walked, a: number): string | null {
  return lowered(w, a, null);
}

/** While page `b` of the file belongs to somebody else: a destination over it is refused. */
export function lowerShared(w: Walked, a: number, b: number): string | null {
  const { pages, machine } = w.file;
  const shared = b % pages.length;
  machine.pages.set(pages[shared], PG_READONLY);
  const wrong = lowered(w, a, shared);
  machine.pages.clear(pages[shared], PG_READONLY);
  machine.pages.anyReadonly = false;
  return wrong;
}

/** The same bytes by bio_vecs of which every `b + 1`th says that it may only be read. */
export function lowerFlagged(w: Walked, a: number, b: number): string | null {
  const { iter, flat, list } = w;
  if (a === 0 || a > flat.count || meetsUser(flat, a)) return null;
  const plain = new BvecList();
  if (lowerTo(plain, iter, a) !== 0) return null;
  const given = bvecEntries(plain).map((bv, k) => ({
    ...bv,
    flags: k % (b + 1) === 0 ? BVEC_READONLY : 0,
  }));
  const { machine } = w.file;
  bvecClear(list);
  const source = iovIterBvec(machine, ITER_SOURCE, given, given.length, a);
  if (iovIterLower(list, source, a) !== 0) return 'a source that may be read is refused';
  const got = bvecEntries(list);
  const marked = (rows: typeof got): number =>
    rows.reduce((sum, { len, flags }) => sum + (flags === BVEC_READONLY ? len : 0), 0);
  if (marked(got) !== marked(given)) {
    return `${marked(got)} bytes are marked, and ${marked(given)} were`;
  }
  bvecClear(list);
  const err = iovIterLower(list, iovIterBvec(machine, ITER_DEST, given, given.length, a), a);
  return err === -EFAULT ? null : `a destination that may only be read is lowered with ${err}`;
}

/** Whether the next `a` bytes, and those `b` bytes further on, share memory at different places. */
export function conflict({ iter, flat, file }: Walked, a: number, b: number): string | null {
  const n = Math.min(a, MOST_COMPARED);
  if (n === 0 || n + b > flat.count || meetsUser(flat, n + b)) return null;
  const [first, second] = [new BvecList(), new BvecList()];
  const behind = iovIterCopy(iter);
  iovIterAdvance(behind, b);
  if (lowerTo(first, iter, n) !== 0 || lowerTo(second, behind, n) !== 0) return null;
  const places = (from: number): number[] =>
    Array.from({ length: n }, (_, k) => flat.place(flat.at + from + k));
  const [src, dst] = [places(0), places(b)];
  const want = dst.some((place, y) => src.some((other, x) => other === place && x !== y));
  const got = bvecConflict(first, second);
  const pages = file.pages.length;
  return got === want ? null : `conflict is ${got}, expected ${want}, in a file of ${pages} pages`;
}

function lowered(w: Walked, a: number, shared: number | null): string | null {
  const { iter, flat, list } = w;
  bvecClear(list);
  const err = lowerTo(list, iter, a);
  const isWrong = a > flat.count || (a > 0 && meetsUser(flat, a));
  const isShared =
    shared !== null && iter.direction === ITER_DEST && !isWrong && touches(flat, a, shared);
  if (a === 0 && err !== 0 && (flat.isUser || flat.isDiscard)) return null;
  if (isWrong && shared !== null && err === -EFAULT) return null;
  const want = isWrong ? -EINVAL : isShared ? -EFAULT : 0;
  if (err !== want) return `lowering answers ${errnoName(err)}, expected ${errnoName(want)}`;
  if (err !== 0) return null;
  const rows = bvecEntries(list);
  const marked = rows.find(({ flags }) => flags !== 0);
  return marked === undefined ? rowsWrong(w, a, rows) : 'a row has a mark that nobody gave';
}

function lowerTo(list: BvecList, iter: IovIter, n: number): Errno {
  const { context } = iter.machine;
  context.rcuReadLock();
  const err = iovIterLower(list, iter, n);
  context.rcuReadUnlock();
  return err;
}

/** True where one of the next `n` bytes lies in a page of the file. */
function touches(flat: Flat, n: number, page: number): boolean {
  let met = false;
  flat.forEachRun(n, (offset, len) => {
    met ||= len > 0 && offset < (page + 1) * PAGE_SIZE && offset + len > page * PAGE_SIZE;
  });
  return met;
}

/** True where one of the next `n` bytes is a process's, or nobody's. */
function meetsUser(flat: Flat, n: number): boolean {
  return flat.typesOf(n).some((type) => type === 'ubuf' || type === 'iovec' || type === 'discard');
}
