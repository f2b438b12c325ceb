/**
 * The iov_iter of the converted API as a model of Linux 7.3, as `module/iter.c` and `iter-kinds.c`.
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
  FolioQueue,
  folioqAppend,
  folioqLink,
  folioqNrSlots,
} from '../../../converted/iter/folio-queue.ts';
import {
  type IovIter,
  ITER_DEST,
  ITER_SOURCE,
  iovIterBvec,
  iovIterCount,
  iovIterDiscard,
  iovIterFolioQueue,
  iovIterInit,
  iovIterKvec,
  iovIterReexpand,
  iovIterTruncate,
  iovIterUbuf,
  iovIterXarray,
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
import { KernelBug } from '../../../src/assert.ts';
import { must } from '../../../src/machine/access.ts';
import { Machine } from '../../../src/machine/machine.ts';
import { PageCache } from '../../../src/machine/page-cache.ts';
import { AddressSpace } from '../../../src/machine/user.ts';
import { type Pfn, pfn, physAddr, type UserAddr, userAddr } from '../../../src/units.ts';
import { hasEmptyEntry } from '../contract/contract.ts';
import {
  ARENA_PAGES,
  type IterCase,
  type IterKind,
  PAGE_SIZE,
  segmentStart,
  type TextCase,
  totalLength,
} from '../text/case.ts';
import { emptyResult, type TextResult } from '../text/result.ts';
import { Arena } from './arena.ts';
import { type ModelDivergence, type ModelSubject, NOT_MODELLED } from './model.ts';

const MACHINE_MEMORY = 4 << 20;
const ARENA_ORDER = 5;
const MAX_GOT_PAGES = 64;
const SCRATCH_SIZE = ARENA_PAGES * PAGE_SIZE;
/** As in the kernel: misuse warns and goes on. */
const LENIENT = false;
const RENEW_AFTER = 500;

/** A machine with the arena, the same pages as page cache, and a process. */
class World {
  readonly machine: Machine = new Machine({ memory: MACHINE_MEMORY });
  readonly cache: PageCache = new PageCache(this.machine);
  readonly arena: Arena = new Arena(
    this.machine,
    must(this.cache.add(0, ARENA_ORDER, /* readonly */ false)).page,
  );
  readonly mm: AddressSpace = new AddressSpace(this.machine);
}

/** An iterator and what was taken from it, as `struct subject` of the module. */
interface Subject {
  readonly world: World;
  readonly iter: IovIter;
  readonly kind: IterKind;
  consumed: number;
  hidden: number;
}

type Builder = (world: World, c: IterCase, user: UserAddr) => IovIter;

function direction(c: IterCase): 'source' | 'dest' {
  return c.source ? ITER_SOURCE : ITER_DEST;
}

function folioQueue(world: World): FolioQueue[] {
  const nodes = [new FolioQueue()];
  for (let i = 0; i < ARENA_PAGES; i++) {
    let node = nodes[nodes.length - 1];
    if (node.nr === folioqNrSlots(node)) {
      node = folioqLink(node);
      nodes.push(node);
    }
    folioqAppend(node, { page: pfn(world.arena.page + i), order: 0 });
  }
  return nodes;
}

const BUILDERS: Readonly<Record<IterKind, Builder>> = {
  bvec: ({ machine, arena }, c) => {
    const bvec = c.src.map((s) => ({
      phys: physAddr(arena.start + segmentStart(s)),
      len: s.length,
      flags: 0,
    }));
    return iovIterBvec(machine, direction(c), bvec, bvec.length, totalLength(c.src), LENIENT);
  },
  kvec: ({ machine, arena }, c) => {
    const kvec = c.src.map((s) => ({ base: arena.address(segmentStart(s)), len: s.length }));
    return iovIterKvec(machine, direction(c), kvec, kvec.length, totalLength(c.src), LENIENT);
  },
  iovec: ({ machine, mm }, c, user) => {
    const iov = c.src.map((s) => ({ base: userAddr(user + segmentStart(s)), len: s.length }));
    return iovIterInit(machine, mm, direction(c), iov, iov.length, totalLength(c.src), LENIENT);
  },
  ubuf: ({ machine, mm }, c, user) => {
    const [s] = c.src;
    const at = userAddr(user + segmentStart(s));
    return iovIterUbuf(machine, mm, direction(c), at, s.length, LENIENT);
  },
  xarray: ({ machine, cache }, c) => {
    const [s] = c.src;
    return iovIterXarray(machine, direction(c), cache, segmentStart(s), s.length, LENIENT);
  },
  folioq: (world, c) => {
    const [s] = c.src;
    const nodes = folioQueue(world);
    const slots = folioqNrSlots(nodes[0]);
    const start = segmentStart(s);
    const first = Math.floor(start / PAGE_SIZE);
    const node = nodes[Math.floor(first / slots)];
    const at = { slot: first % slots, offset: start % PAGE_SIZE };
    const { machine } = world;
    return iovIterFolioQueue(machine, direction(c), node, at.slot, at.offset, s.length, LENIENT);
  },
  discard: ({ machine }, c) => iovIterDiscard(machine, ITER_DEST, totalLength(c.src), LENIENT),
};

/** The direction is the case's: a wrong one is what some cases are about. */
function asSource(iter: IovIter): IovIter<'source'> {
  return iter as IovIter<'source'>;
}

function asDest(iter: IovIter): IovIter<'dest'> {
  return iter as IovIter<'dest'>;
}

function isUser(kind: IterKind): boolean {
  return kind === 'iovec' || kind === 'ubuf';
}

function stateText({ iter, kind }: Subject): string {
  const vector = kind === 'bvec' || kind === 'kvec' || kind === 'iovec';
  const [n, passed] = vector ? [iter.nrSegs, iter.seg] : [0, 0];
  return ` [c${iovIterCount(iter)} o${iter.iovOffset} n${n} i${passed}]`;
}

function pagesText(s: Subject, bytes: number, { pages, offset0 }: ExtractedPages): string {
  if (bytes <= 0) return ' off0 pg';
  const count = Math.ceil((offset0 + bytes) / PAGE_SIZE);
  const names = pages
    .slice(0, count)
    .map((page) => (isUser(s.kind) ? 'u' : `${s.world.arena.pageIndex(page)}`));
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
  const out: ExtractedPages = { pages: [], offset0: 0 };
  const pins = iovIterExtractWillPin(s.iter);
  const bytes = iovIterExtractPages(s.iter, out, maxSize, Math.min(maxPages, MAX_GOT_PAGES));
  if (!pins) return ` = ${bytes}${pagesText(s, bytes, out)}`;
  if (bytes > 0) for (const page of out.pages) s.world.machine.unpinPage(page);
  return ` = ${bytes} off${bytes > 0 ? out.offset0 : 0} pinned`;
}

function read(s: Subject, length: number): string {
  const bytes = new Uint8Array(length);
  const n = copyFromIter(bytes, length, asSource(s.iter));
  return ` = ${n} ${Buffer.from(bytes.subarray(0, n)).toString('hex')}`;
}

function readFull(s: Subject, length: number): string {
  const bytes = new Uint8Array(length);
  const ok = copyFromIterFull(bytes, length, asSource(s.iter));
  return ok ? ` = 1 ${Buffer.from(bytes).toString('hex')}` : ' = 0 ';
}

function pageTo(s: Subject, length: number, at: number): string {
  const offset = Math.min(at, PAGE_SIZE - 1);
  const last: Pfn = pfn(s.world.arena.page + ARENA_PAGES - 1);
  const n = Math.min(length, PAGE_SIZE - offset);
  return ` = ${copyPageToIter(last, offset, n, asDest(s.iter))}`;
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

function write(s: Subject, length: number, first: number): string {
  const bytes = Uint8Array.from({ length }, (_, i) => i * 7 + first);
  return ` = ${copyToIter(bytes, length, asDest(s.iter))}`;
}

const COMMANDS: Readonly<Record<string, (s: Subject, a: number, b: number) => string>> = {
  advance,
  revert,
  truncate,
  reexpand,
  npages: (s, a) => ` = ${iovIterNpages(s.iter, a)}`,
  alignment: (s) => ` = ${iovIterAlignment(s.iter) % PAGE_SIZE}`,
  gap: (s) =>
    s.kind === 'iovec' ? ` = ${iovIterGapAlignment(s.iter) % PAGE_SIZE}` : ' = unsupported',
  seg: (s) => ` = ${iovIterSingleSegCount(s.iter)}`,
  copyto: write,
  copyfrom: read,
  copyfromfull: readFull,
  zero: (s, a) => ` = ${iovIterZero(a, s.iter)}`,
  pageto: pageTo,
  getpages: getPages,
  extract,
};

function runCommand(s: Subject, name: string, args: readonly number[]): string {
  const text = [name, ...args].join(' ');
  const run = COMMANDS[name];
  if (run === undefined) return text + NOT_MODELLED;
  const before = iovIterCount(s.iter);
  const line = text + run(s, Math.min(args[0] ?? 0, SCRATCH_SIZE), args[1] ?? 0);
  const after = iovIterCount(s.iter);
  const resizes = name === 'truncate' || name === 'revert' || name === 'reexpand';
  if (!resizes) s.consumed = after <= before ? s.consumed + before - after : 0;
  return line + stateText(s);
}

function mapUser({ mm, arena }: World, c: IterCase): UserAddr {
  if (!isUser(c.kind)) return userAddr(0);
  const pages = Array.from({ length: ARENA_PAGES }, (_, i) => pfn(arena.page + i));
  const user = mm.mapPages(pages, /* write */ true);
  if (c.hole !== null) mm.munmap(userAddr(user + c.hole * PAGE_SIZE), PAGE_SIZE);
  return user;
}

function runIter(world: World, c: IterCase): TextResult {
  const { arena, mm } = world;
  arena.fill(c);
  const iter = BUILDERS[c.kind](world, c, mapUser(world, c));
  const s: Subject = { world, iter, kind: c.kind, consumed: 0, hidden: 0 };
  if (c.limit > 0) truncate(s, c.limit);
  const trace = [`init${stateText(s)}`];
  for (const { name, args } of c.commands) trace.push(runCommand(s, name, args));
  mm.exit();
  const out = arena.read(c.src);
  const stray = arena.stray(c.src);
  return { ...emptyResult(c.id, 'done', ''), trace, out, stray };
}

const DIVERGENCES: readonly ModelDivergence[] = [
  {
    fields: ['trace'],
    applies: (c) =>
      c.op === 'iter' &&
      c.kind === 'bvec' &&
      hasEmptyEntry(c) &&
      c.commands.some(({ name }) => name === 'extract'),
    reason: 'the converted API skips empty segments; 7.2 and 7.3 stop at them and answer 0',
  },
];

/** The iterators of the converted API. */
export class IterModel implements ModelSubject {
  readonly name = 'converted iov_iter';
  readonly release = '7.3';
  readonly divergences: readonly ModelDivergence[] = DIVERGENCES;
  private world = new World();
  private age = 0;

  run(c: TextCase): TextResult {
    if (c.op !== 'iter') return emptyResult(c.id, 'skip', 'no iov_iter');
    if (this.age++ >= RENEW_AFTER) this.renew();
    try {
      return runIter(this.world, c);
    } catch (error) {
      if (!(error instanceof KernelBug)) throw error;
      this.renew();
      return emptyResult(c.id, 'crash', error.message);
    }
  }

  private renew(): void {
    this.world = new World();
    this.age = 0;
  }
}
