/**
 * The iov_iter of the converted API as a model, as `module/iter.c`. It is the API of 7.3; what was
 * different before, and where the kernels stop at empty segments, is answered by replicas that the
 * answer names.
 * @module
 */
import {
  copyFromIter,
  copyFromIterFull,
  copyPageToIter,
  copyToIter,
  iovIterZero,
} from '../../../converted/iter/copy.ts';
import { type ExtractedPages, iovIterExtractPages } from '../../../converted/iter/extract.ts';
import {
  type IovIter,
  ITER_DEST,
  ITER_SOURCE,
  iovIterCopy,
  iovIterCount,
  iovIterReexpand,
  iovIterTruncate,
} from '../../../converted/iter/iov-iter.ts';
import { iovIterGetPages2 } from '../../../converted/iter/pages.ts';
import { iovIterAdvance, iovIterRevert } from '../../../converted/iter/position.ts';
import {
  iovIterAlignment,
  iovIterExtractWillPin,
  iovIterGapAlignment,
  iovIterNpages,
  iovIterSingleSegCount,
} from '../../../converted/iter/query.ts';

import { EOPNOTSUPP } from '../../../src/errno.ts';
import { type Pfn, pfn } from '../../../src/units.ts';
import { ARENA_PAGES, type IterCase, PAGE_SIZE, type TextCase } from '../text/case.ts';
import { emptyResult, type TextResult } from '../text/result.ts';
import { buildIterator, IterWorld, isUser } from './iter-kinds.ts';
import { alignmentOfNothing, extractStopping } from './iter-releases.ts';
import { toSgText } from './iter-sg.ts';
import { answered, type ModelSubject, type Series, since } from './model.ts';
import { POISON } from './request.ts';

const MAX_GOT_PAGES = 64;
const SCRATCH_SIZE = ARENA_PAGES * PAGE_SIZE;
const RENEW_AFTER = 500;

/** First releases of what the module can ask. */
const HAS_FOLIOQ: Series = [6, 12];
const HAS_EXTRACT: Series = [6, 5];
const REFUSES_DIRECTION: Series = [6, 2];
const ADVANCES_XARRAY: Series = [7, 2];
const STOPS_AT_EMPTY: Series = [7, 2];
const NOTHING_IS_ALIGNED: Series = [7, 3];

/** An iterator and what was taken from it, as `struct subject` of the module. */
interface Subject {
  readonly world: IterWorld;
  readonly iter: IovIter;
  readonly c: IterCase;
  readonly series: Series;
  /** Names of the replicas that answered otherwise than the API: on purpose, and as a release did. */
  readonly replaced: Set<string>;
  readonly released: Set<string>;
  consumed: number;
  hidden: number;
}

/**
 * The iterator as one of the direction that a copy needs. Up to 6.1 the copy works against the
 * direction, which the API refuses: then it gets an iterator of the other direction.
 */
function turned<D extends 'source' | 'dest', T extends number | boolean>(
  s: Subject,
  direction: D,
  copy: (iter: IovIter<D>) => T,
): T {
  const iter = s.iter as IovIter<D>;
  if (iter.direction === direction || since(s.series, REFUSES_DIRECTION)) return copy(iter);
  const other = Object.assign(iovIterCopy(iter), { direction });
  const result = copy(other);
  if (Number(result) !== 0) s.released.add('copy-against-direction');
  const { iovOffset, count, nrSegs, seg } = other;
  Object.assign(iter, { iovOffset, count, nrSegs, seg });
  return result;
}

function stateText({ iter, c: { kind } }: Subject): string {
  const vector = kind === 'bvec' || kind === 'kvec' || kind === 'iovec';
  const [n, passed] = vector ? [iter.nrSegs, iter.seg] : [0, 0];
  // extract_folioq_to_sg takes more than there is: the kernel's count is unsigned.
  const count = BigInt.asUintN(64, BigInt(iovIterCount(iter)));
  return ` [c${count} o${iter.iovOffset} n${n} i${passed}]`;
}

function pagesText(s: Subject, bytes: number, { pages, offset0 }: ExtractedPages): string {
  if (bytes <= 0) return ' off0 pg';
  const count = Math.ceil((offset0 + bytes) / PAGE_SIZE);
  const names = pages
    .slice(0, count)
    .map((page) => (isUser(s.c.kind) ? 'u' : `${s.world.arena.pageIndex(page)}`));
  return ` off${offset0} pg:${names.join(',')}`;
}

function getPages(s: Subject, maxSize: number, maxPages: number): string {
  const out: ExtractedPages = { pages: [], offset0: 0 };
  const bytes = iovIterGetPages2(s.iter, out, maxSize, Math.min(maxPages, MAX_GOT_PAGES));
  const text = ` = ${bytes}${pagesText(s, bytes, out)}`;
  if (bytes > 0) for (const page of out.pages) s.world.machine.putPage(page);
  return text;
}

function extract(s: Subject, maxSize: number, maxPages: number): string {
  if (!since(s.series, HAS_EXTRACT)) return ' = unsupported';
  const out: ExtractedPages = { pages: [], offset0: 0 };
  const pins = iovIterExtractWillPin(s.iter);
  const most = Math.min(maxPages, MAX_GOT_PAGES);
  const stops = s.c.kind === 'bvec' && since(s.series, STOPS_AT_EMPTY);
  const bytes = stops
    ? stopping(s, out, maxSize, most)
    : iovIterExtractPages(s.iter, out, maxSize, most);
  if (!pins) return ` = ${bytes}${pagesText(s, bytes, out)}`;
  if (bytes > 0) for (const page of out.pages) s.world.machine.unpinPage(page);
  return ` = ${bytes} off${bytes > 0 ? out.offset0 : 0} pinned`;
}

/** As the kernel; a bvec iterator pins nothing, so that the API can be asked beside it. */
function stopping(s: Subject, out: ExtractedPages, maxSize: number, most: number): number {
  const own: ExtractedPages = { pages: [], offset0: 0 };
  const whole = iovIterExtractPages(iovIterCopy(s.iter), own, maxSize, most);
  const bytes = extractStopping(s.iter, out, maxSize, most);
  if (pagesText(s, whole, own) !== pagesText(s, bytes, out) || whole !== bytes)
    s.replaced.add('extract-stops-at-empty');
  return bytes;
}

function toSg(s: Subject, maxSize: number, entries: number): string {
  if (!since(s.series, HAS_EXTRACT)) return ' = unsupported';
  const { iter, c, world } = s;
  const standing = c.kind === 'xarray' && !since(s.series, ADVANCES_XARRAY);
  const { kind, src: segments } = c;
  const from = { iter, kind, segments, arena: world.arena };
  if (!standing) return toSgText({ ...from, standing }, maxSize, entries);
  const own = toSgText({ ...from, iter: iovIterCopy(iter), standing: false }, maxSize, entries);
  const theirs = toSgText({ ...from, standing }, maxSize, entries);
  if (own !== theirs) s.released.add('xarray-does-not-advance');
  return theirs;
}

function alignment(s: Subject): string {
  const own = iovIterAlignment(s.iter) % PAGE_SIZE;
  if (iovIterCount(s.iter) !== 0 || since(s.series, NOTHING_IS_ALIGNED)) return ` = ${own}`;
  const theirs = alignmentOfNothing(s.iter) % PAGE_SIZE;
  if (theirs !== own) s.released.add('alignment-of-nothing');
  return ` = ${theirs}`;
}

function read(s: Subject, length: number): string {
  // A discarded byte is not written.
  const bytes = new Uint8Array(length).fill(POISON);
  const n = turned(s, ITER_SOURCE, (iter) => copyFromIter(bytes, length, iter));
  return ` = ${n} ${Buffer.from(bytes.subarray(0, n)).toString('hex')}`;
}

function readFull(s: Subject, length: number): string {
  const bytes = new Uint8Array(length).fill(POISON);
  const ok = turned(s, ITER_SOURCE, (iter) => copyFromIterFull(bytes, length, iter));
  return ok ? ` = 1 ${Buffer.from(bytes).toString('hex')}` : ' = 0 ';
}

function pageTo(s: Subject, length: number, at: number): string {
  const offset = Math.min(at, PAGE_SIZE - 1);
  const last: Pfn = pfn(s.world.arena.page + ARENA_PAGES - 1);
  const n = Math.min(length, PAGE_SIZE - offset);
  return ` = ${turned(s, ITER_DEST, (iter) => copyPageToIter(last, offset, n, iter))}`;
}

function write(s: Subject, length: number, first: number): string {
  const bytes = Uint8Array.from({ length }, (_, i) => i * 7 + first);
  return ` = ${turned(s, ITER_DEST, (iter) => copyToIter(bytes, length, iter))}`;
}

function revert(s: Subject, wanted: number): string {
  const n = Math.min(wanted, s.consumed);
  iovIterRevert(s.iter, n);
  s.consumed -= n;
  return ` = ${n}`;
}

function truncate(s: Subject, count: number): string {
  const before = iovIterCount(s.iter);
  iovIterTruncate(s.iter, count);
  s.hidden += before - iovIterCount(s.iter);
  return '';
}

function reexpand(s: Subject, wanted: number): string {
  const n = Math.min(wanted, s.hidden);
  iovIterReexpand(s.iter, iovIterCount(s.iter) + n);
  s.hidden -= n;
  return ` = ${n}`;
}

function advance(s: Subject, n: number): string {
  iovIterAdvance(s.iter, n);
  return '';
}

const COMMANDS: Readonly<Record<string, (s: Subject, a: number, b: number) => string>> = {
  advance,
  revert,
  truncate,
  reexpand,
  npages: (s, a) => ` = ${iovIterNpages(s.iter, a)}`,
  alignment,
  gap: (s) =>
    s.c.kind === 'iovec' ? ` = ${iovIterGapAlignment(s.iter) % PAGE_SIZE}` : ' = unsupported',
  seg: (s) => ` = ${iovIterSingleSegCount(s.iter)}`,
  copyto: write,
  copyfrom: read,
  copyfromfull: readFull,
  zero: (s, a) => ` = ${iovIterZero(a, s.iter)}`,
  pageto: pageTo,
  getpages: getPages,
  extract,
  tosg: toSg,
};

function runCommand(s: Subject, name: string, args: readonly number[]): string {
  const run = COMMANDS[name] ?? (() => ' = unsupported');
  const before = iovIterCount(s.iter);
  const line =
    [name, ...args].join(' ') + run(s, Math.min(args[0] ?? 0, SCRATCH_SIZE), args[1] ?? 0);
  const after = iovIterCount(s.iter);
  const resizes = name === 'truncate' || name === 'revert' || name === 'reexpand';
  if (!resizes) s.consumed = after <= before ? s.consumed + before - after : 0;
  return line + stateText(s);
}

function runIter(world: IterWorld, c: IterCase, series: Series): TextResult {
  const { arena, mm } = world;
  const result = emptyResult(c.id, 'done', '');
  arena.fill(c);
  if (c.kind === 'folioq' && !since(series, HAS_FOLIOQ)) {
    arena.release();
    return { ...result, stage: 'iter', err: -EOPNOTSUPP };
  }
  const iter = buildIterator(world, c);
  const [replaced, released] = [new Set<string>(), new Set<string>()];
  const s: Subject = { world, iter, c, series, replaced, released, consumed: 0, hidden: 0 };
  if (c.limit > 0) truncate(s, c.limit);
  const trace = [`init${stateText(s)}`];
  for (const { name, args } of c.commands) trace.push(runCommand(s, name, args));
  mm.exit();
  const out = arena.read(c.src);
  const stray = arena.stray(c.src);
  const refs = arena.release();
  return { ...result, trace, out, stray, refs, replaced: [...replaced], released: [...released] };
}

/** The iterators of the converted API. */
export class IterModel implements ModelSubject {
  readonly name = 'converted iov_iter';
  private world = new IterWorld();
  private age = 0;

  readonly takes = (c: TextCase): boolean => c.op === 'iter';

  readonly variant = (_c: TextCase, series: Series): string => series.join('.');

  readonly run = (c: TextCase, series: Series): TextResult => {
    if (c.op !== 'iter') return emptyResult(c.id, 'skip', 'no iov_iter');
    if (this.age++ >= RENEW_AFTER) this.renew();
    return answered(
      c,
      () => runIter(this.world, c, series),
      () => this.renew(),
    );
  };

  private renew(): void {
    this.world = new IterWorld();
    this.age = 0;
  }
}
