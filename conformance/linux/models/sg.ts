/**
 * Scatterlist helper cases on the legacy model, as `module/sg.c`.
 * @module
 */
import {
  type Scatterlist,
  sgAlloc,
  sgIsLast,
  sgLast,
  sgNents,
  sgNentsForLen,
  sgNext,
  sgPage,
} from '../../../legacy/lists/scatterlist.ts';
import {
  SG_MITER_ATOMIC,
  SG_MITER_FROM_SG,
  sgMiterNext,
  sgMiterSkip,
  sgMiterStart,
  sgMiterStop,
  sgPcopyFromBuffer,
  sgPcopyToBuffer,
  sgZeroBuffer,
} from '../../../legacy/lists/sg-mapping-iter.ts';
import {
  SgTable,
  sgAllocTable,
  sgAllocTableFromPages,
  sgFreeTable,
} from '../../../legacy/lists/sg-table.ts';
import {
  memcpySglist,
  SCATTERWALK_FROM_SG,
  SCATTERWALK_TO_SG,
  scatterwalkFfwd,
  scatterwalkMapAndCopy,
} from '../../../legacy/walk/scatterwalk.ts';
import { EINVAL } from '../../../src/errno.ts';
import { pfn } from '../../../src/units.ts';
import { ARENA_PAGES, PAGE_SIZE, type SgCase } from '../text/case.ts';
import { buildList } from './arena.ts';
import { since } from './model.ts';
import { refuse } from './request.ts';
import type { Answer, World } from './world.ts';

/** The module's own answer to page tables that its caller may not ask for. */
const ERANGE = 34;
const MAX_SHOWN = 200;

interface Context {
  readonly world: World;
  readonly c: SgCase;
  readonly src: Scatterlist;
  readonly dst: Scatterlist | null;
  readonly a: number;
  readonly b: number;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** `length` bytes that grow by `step`. */
function ramp(length: number, step: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i * step);
}

function entryText(world: World, sg: Scatterlist): string {
  return ` ${world.arena.pageIndex(sgPage(sg))}+${sg.offset}:${sg.length}`;
}

function listText(world: World, first: Scatterlist | null): string {
  let text = ' =';
  let sg = first;
  for (let n = 0; sg !== null && n < MAX_SHOWN; n++, sg = sgNext(sg)) text += entryText(world, sg);
  return text;
}

function miterText({ world, src, a, b }: Context): string {
  const { machine, arena } = world;
  const miter = sgMiterStart(machine, src, sgNents(src), SG_MITER_ATOMIC | SG_MITER_FROM_SG);
  let text = a > 0 ? ` skip${sgMiterSkip(miter, a) ? 1 : 0} =` : ' =';
  for (let n = 0; n < MAX_SHOWN && sgMiterNext(miter); n++) {
    text += ` ${arena.location(miter.addr)}:${miter.length}`;
    if (b > 0 && miter.length > b) miter.consumed = b;
  }
  sgMiterStop(miter);
  return text;
}

function pcopyText({ world, src, a, b }: Context): string {
  const buffer = new Uint8Array(b);
  const n = sgPcopyToBuffer(world.machine, src, sgNents(src), buffer, a);
  return ` = ${n} ${hex(buffer.subarray(0, n))}`;
}

function mapAndCopyText({ world, src, a, b }: Context): string {
  const buffer = new Uint8Array(b);
  scatterwalkMapAndCopy(world.machine, buffer, src, a, b, SCATTERWALK_FROM_SG);
  return ` = ${hex(buffer)}`;
}

function allocTableText({ world, a }: Context): string {
  const table = new SgTable();
  const err = sgAllocTable(world.machine, table, a);
  if (err !== 0) return ` = ${err}`;
  let last = 0;
  let at = 0;
  for (let sg = table.sgl; sg !== null; sg = sgNext(sg)) if (++at && sgIsLast(sg)) last = at;
  sgFreeTable(world.machine, table);
  return ` = 0 nents${table.nents} orig${table.origNents} last${last}`;
}

function fromPagesText({ world, c, a, b }: Context): string {
  const { arena } = world;
  const pages = c.src.map((s) => arena.backings.page(s.page) ?? pfn(arena.page + s.page));
  if (a >= PAGE_SIZE || b === 0 || a + b > pages.length * PAGE_SIZE) return ` = -${ERANGE}`;
  const table = new SgTable();
  const needed = pages.slice(0, Math.ceil((a + b) / PAGE_SIZE));
  const err = sgAllocTableFromPages(world.machine, table, needed, a, b);
  const text = err === 0 ? ` = 0${listText(world, table.sgl)}` : ` = ${err}`;
  if (err === 0) sgFreeTable(world.machine, table);
  return text;
}

/** The pages of every entry, from page `a` of the list on. @kernel for_each_sg_page */
function pagesText({ world, src, a }: Context): string {
  const pages: number[] = [];
  let skip = a;
  for (let sg: Scatterlist | null = src; sg !== null; sg = sgNext(sg)) {
    const count = Math.ceil((sg.offset + sg.length) / PAGE_SIZE);
    for (let i = skip; i < count && pages.length < MAX_SHOWN; i++)
      pages.push(world.arena.pageIndex(pfn(sgPage(sg) + i)));
    skip = Math.max(0, skip - count);
  }
  return [' =', ...pages].join(' ');
}

/** The function exists for callers since 6.18, and the module asks for it only with two lists. */
function memcpyText({ world, src, dst, a }: Context): string {
  if (dst === null || !since(world.series, [6, 18])) return ' = unsupported';
  memcpySglist(world.machine, dst, src, a);
  return '';
}

/** Each command with what its line says. */
const COMMANDS: Readonly<Record<string, (x: Context) => string>> = {
  nents: ({ src }) => ` = ${sgNents(src)}`,
  nents_for_len: ({ src, a }) => ` = ${sgNentsForLen(src, a)}`,
  list: ({ world, src }) => listText(world, src),
  last: ({ world, src }) => ` =${entryText(world, sgLast(src, sgNents(src)))}`,
  pcopy_to: pcopyText,
  pcopy_from: ({ world, src, a, b }) =>
    ` = ${sgPcopyFromBuffer(world.machine, src, sgNents(src), ramp(b, 7), a)}`,
  zero: ({ world, src, a, b }) => ` = ${sgZeroBuffer(world.machine, src, sgNents(src), b, a)}`,
  ffwd: ({ world, src, a }) => listText(world, scatterwalkFfwd(sgAlloc(2)[0], src, a)),
  map_and_copy_from: mapAndCopyText,
  map_and_copy_to: ({ world, src, a, b }) => {
    scatterwalkMapAndCopy(world.machine, ramp(b, 11), src, a, b, SCATTERWALK_TO_SG);
    return '';
  },
  miter: miterText,
  alloc_table: allocTableText,
  from_pages: fromPagesText,
  memcpy_sglist: memcpyText,
  pages: pagesText,
};

/** Runs one case. */
export function runSg(world: World, c: SgCase, answer: Answer): void {
  const src = buildList(world.arena, c.src).first;
  const dst = c.dst === null ? null : buildList(world.arena, c.dst).first;
  if (src === null) {
    refuse(answer, 'list', -EINVAL);
    return;
  }
  const limit = PAGE_SIZE * ARENA_PAGES;
  answer.trace = c.commands.map(({ name, args }) => {
    const [a, b] = [args[0] ?? 0, args[1] ?? 0].map((n) => Math.min(n, limit));
    const run = COMMANDS[name] ?? (() => ' = unsupported');
    return [name, ...args].join(' ') + run({ world, c, src, dst, a, b });
  });
  answer.out = world.arena.read(c.dst ?? c.src);
  answer.stray = world.arena.stray(c.dst ?? c.src);
}
