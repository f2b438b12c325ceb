/**
 * Goal: an iterator handed to old code as a scatterlist loses no byte and no pin, and what four kernels
 * answered to `extract_iter_to_sg` comes out.
 * Method: the recorded call; then the memory of generated cases of every kind through extraction and
 * bridge, compared byte by byte, with the ledger empty afterwards.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type PinnedVecs, pinUserMemory } from '../converted/front/user-memory.ts';
import { ITER_DEST, ITER_SOURCE, iovIterBvec, iovIterUbuf } from '../converted/iter/iov-iter.ts';
import { iovIterLower } from '../converted/lower/lower.ts';
import { sgIsLast, sgMarkEnd } from '../legacy/lists/scatterlist.ts';
import {
  type ExtractedRun,
  extractIterToSg,
  sgReleaseExtracted,
  sgToBvec,
} from '../legacy/lists/sg-bridge.ts';
import { sgCopyToBuffer } from '../legacy/lists/sg-mapping-iter.ts';
import { SgTable, sgAllocTable, sgFreeTable } from '../legacy/lists/sg-table.ts';
import { BvecList, bvecLen, bvecPhys } from '../src/bvec.ts';
import { must } from '../src/machine/access.ts';
import { Machine, pageAddress } from '../src/machine/machine.ts';
import { physToPfn } from '../src/machine/phys-mem.ts';
import { offsetInPage } from '../src/units.ts';
import { CaseGenerator } from './case/generate.ts';
import { CaseMemory } from './case/memory.ts';
import type { Placed } from './case/placed.ts';

const FILES = ['uml-6.12.101.txt', 'uml-7.2.7.txt', 'uml-7.3.4.txt'] as const;
/** bv_offset and length of the recorded iterator's entries, all on one page. */
const RECORDED = [
  [0, 0],
  [100, 0],
  [200, 50],
  [300, 0],
  [400, 5000],
  [500, 7],
] as const;

function runsOf(list: BvecList): ExtractedRun[] {
  return Array.from({ length: list.nr }, (_, i) => {
    const at = bvecPhys(list, i);
    return { page: physToPfn(at), offset: offsetInPage(at), len: bvecLen(list, i) };
  });
}

function tableFor(machine: Machine, entries: number): SgTable {
  const table = new SgTable();
  expect(sgAllocTable(machine, table, entries)).toBe(0);
  table.nents = 0;
  return table;
}

test.each(FILES)('%s: extract_iter_to_sg over a BVEC iterator', (file) => {
  const text = readFileSync(new URL(`./golden/legacy/${file}`, import.meta.url), 'utf8');
  const recorded = text.split('\n').filter((line) => /^(extract_iter_to_sg| {2}sg off)/.test(line));
  const machine = new Machine({ memory: 1 << 20 });
  const page = must(machine.allocPages(1, 'test'));
  const bvecs = RECORDED.map(([offset, len]) => ({
    phys: pageAddress(page, offset),
    len,
    flags: 0,
  }));
  const iter = iovIterBvec(machine, ITER_SOURCE, bvecs, bvecs.length, 5057);
  const list = new BvecList();
  expect(iovIterLower(list, iter, 5057)).toBe(0);
  const table = tableFor(machine, 8);
  const sgl = must(table.sgl);
  // A fresh table ends at its last slot; the function itself sets no mark.
  const got = extractIterToSg(runsOf(list), 5057, table, 8);
  const lines = [`extract_iter_to_sg bvec = ${got} nents ${table.nents}`];
  for (let i = 0; i < table.nents; i++) {
    const { offset, length } = sgl.table[i];
    lines.push(`  sg off ${offset} len ${length} last ${sgIsLast(sgl.table[i]) ? 1 : 0}`);
  }
  expect(lines).toEqual(recorded);
  expect(recorded).toHaveLength(4);
});

/** Extracts a segment as its owner would; user pages stay pinned until they are released. */
function extract(memory: CaseMemory, placed: Placed): ExtractedRun[] {
  const { machine, mm } = memory;
  if (placed.user === null) {
    return placed.runs.map(({ phys, len }) => ({
      page: physToPfn(phys),
      offset: offsetInPage(phys),
      len,
    }));
  }
  const pinned: PinnedVecs = { bvec: [], pages: [] };
  expect(pinUserMemory(iovIterUbuf(machine, mm, ITER_DEST, placed.user, placed.len), pinned)).toBe(
    0,
  );
  return pinned.bvec.map(({ phys, len }) => ({
    page: physToPfn(phys),
    offset: offsetInPage(phys),
    len,
  }));
}

test('memory of every kind survives the way to a scatterlist and on to bio_vecs', () => {
  const memory = new CaseMemory(new Machine({ memory: 4 << 20 }));
  const { machine } = memory;
  const generator = new CaseGenerator();
  let userBytes = 0;
  for (let i = 0; i < 300; i++) {
    const c = generator.at(12, i);
    memory.reset(c.seed);
    const placed = memory.place(c.layout.src);
    const total = placed.reduce((sum, { len }) => sum + len, 0);
    const bytes = new Uint8Array(total).map((_, k) => k * 31 + i);
    memory.write(placed, 0, bytes);
    const users = placed.filter(({ user, len }) => user !== null && len > 0);
    userBytes += users.reduce((sum, { len }) => sum + len, 0);
    // One table for user memory, which is released by unpinning, one for the rest.
    for (const [group, pins] of [
      [users, true],
      [placed.filter(({ user }) => user === null), false],
    ] as const) {
      const runs = group.flatMap((segment) => extract(memory, segment));
      const len = runs.reduce((sum, run) => sum + run.len, 0);
      if (len === 0) continue;
      const table = tableFor(machine, runs.length + 1);
      expect(extractIterToSg(runs, len, table, runs.length)).toBe(len);
      const sgl = must(table.sgl);
      sgMarkEnd(sgl.table[table.nents - 1]);
      const read = new Uint8Array(len);
      expect(sgCopyToBuffer(machine, sgl, table.nents, read)).toBe(len);
      expect(Buffer.compare(read, memory.read(group, 0, len))).toBe(0);
      const list = new BvecList();
      expect(sgToBvec(sgl, len, list)).toBe(0);
      expect(list.size).toBe(len);
      if (pins) sgReleaseExtracted(machine, table, table.nents, false);
      sgFreeTable(machine, table);
    }
    expect(machine.ledger.count('pin')).toBe(0);
  }
  expect(userBytes).toBeGreaterThan(1000);
});
