/**
 * The scatterlist part of the module: list L has entries of 10, 0, 20 and 5 bytes.
 * @module
 */
import { pfn } from '../../../src/units.ts';
import {
  type Scatterlist,
  sgAlloc,
  sgIsChain,
  sgIsLast,
  sgNents,
  sgNentsForLen,
  sgNext,
} from '../../../legacy/lists/scatterlist.ts';
import { scatterwalkFfwd } from '../../../legacy/walk/scatterwalk.ts';
import {
  SG_MITER_FROM_SG,
  sgMiterNext,
  sgMiterStart,
  sgMiterStop,
  sgPcopyToBuffer,
  sgZeroBuffer,
} from '../../../legacy/lists/sg-mapping-iter.ts';
import { type SgSplitOutput, sgSplit, sgSplitFree } from '../../../legacy/lists/sg-split.ts';
import {
  SCATTERLIST_SIZE,
  SG_MAX_SINGLE_ALLOC,
  SgTable,
  sgAllocTable,
  sgAllocTableFromPages,
  sgAllocTableFromPagesSegment,
  sgFreeTable,
} from '../../../legacy/lists/sg-table.ts';
import type { Probe } from './probe.ts';

/** @kernel none: sg_tests of the module */
export function sgLines(probe: Probe): void {
  const list = probe.list([
    [0, 10],
    [10, 0],
    [10, 20],
    [30, 5],
  ]);
  const lens = [0, 10, 11, 30, 31, 35, 36].map((n) => `${n}:${sgNentsForLen(list, n)}`);
  probe.print(`sg_nents=${sgNents(list)} for_len ${lens.join(' ')}`);
  copyLines(probe, list);
  ffwdLines(probe, list);
  splitLines(probe, list);
  const miter = sgMiterStart(probe.machine, list, 4, SG_MITER_FROM_SG);
  for (let i = 0; sgMiterNext(miter); i++) {
    probe.print(`miter step ${i} len ${miter.length} consumed ${miter.consumed}`);
  }
  sgMiterStop(miter);
  tableLines(probe);
  pagesLines(probe);
}

function copyLines({ machine, lines }: Probe, list: Scatterlist): void {
  const buf = new Uint8Array(64);
  for (let skip = 0; skip <= 40; skip += 5) {
    const all = sgPcopyToBuffer(machine, list, 4, buf, skip);
    const two = sgPcopyToBuffer(machine, list, 2, buf, skip);
    const zeroed = sgZeroBuffer(machine, list, 4, 0, skip);
    lines.push(
      `sg_pcopy_to_buffer skip ${skip} len 64 = ${all}; nents=2: ${two}; zero_buffer=${zeroed}`,
    );
  }
}

function ffwdLines(probe: Probe, list: Scatterlist): void {
  for (const n of [0, 9, 10, 11, 29, 30, 34, 35]) {
    const own = sgAlloc(2);
    const at = scatterwalkFfwd(own[0], list, n);
    const kind = at === null ? 'NULL' : at === own[0] ? 'new' : 'orig';
    if (n === 35) probe.print(`ffwd 35 (exact end) -> ${kind}`);
    else if (at !== null) {
      const last = Number(sgIsLast(at));
      probe.print(`ffwd ${n} -> ${kind} len ${at.length} off ${at.offset} last ${last}`);
    }
  }
}

function splitLines(probe: Probe, list: Scatterlist): void {
  const { machine } = probe;
  const parts = outputs(sgSplit(machine, list, 0, [5, 20, 10]));
  const nents = parts.map(({ sgl }) => sgl.length).join(' ');
  const firsts = parts.map(({ sgl }) => sgl[0].length).join(',');
  probe.print(`sg_split 5/20/10 = 0 nents ${nents} lens ${firsts}`);
  for (const [i, { sgl }] of parts.entries()) {
    for (let sg: Scatterlist | null = sgl[0]; sg !== null; sg = sgNext(sg)) {
      probe.print(`  out${i} len ${sg.length} off ${sg.offset}`);
    }
  }
  probe.print(
    `sg_split 5/20/11 (one too many) = ${String(sgSplit(machine, list, 0, [5, 20, 11]))}`,
  );
  const exact = outputs(sgSplit(machine, list, 0, [10, 20, 5]));
  probe.print(`sg_split exact entries = 0 nents ${exact.map(({ sgl }) => sgl.length).join(' ')}`);
  const skipped = outputs(sgSplit(machine, list, 10, [5]));
  const { sgl } = skipped[0];
  probe.print(
    `sg_split skip=10(entry0 len) size 5 = 0 nents ${sgl.length} first len ${sgl[0].length}`,
  );
  for (const output of [...parts, ...exact, ...skipped]) sgSplitFree(machine, output);
}

function outputs(result: SgSplitOutput[] | number): SgSplitOutput[] {
  if (typeof result === 'number') throw new Error(`sg_split: ${result}`);
  return result;
}

function tableLines(probe: Probe): void {
  const { machine } = probe;
  const table = new SgTable();
  probe.print(`sg_alloc_table(0) = ${sgAllocTable(machine, table, 0)}`);
  const err = sgAllocTable(machine, table, 300);
  const sizes = `SG_MAX_SINGLE_ALLOC ${SG_MAX_SINGLE_ALLOC} sizeof(sg) ${SCATTERLIST_SIZE}`;
  probe.print(
    `sg_alloc_table(300)=${err} nents ${table.nents} orig ${table.origNents}; ${sizes}; sg_nents ${sgNents(table.sgl)}`,
  );
  probe.print(` chain at index ${table.sgl?.table.findIndex(sgIsChain)}`);
  sgFreeTable(machine, table);
}

function pagesLines(probe: Probe): void {
  const { machine } = probe;
  const pages = [0, 1, 2, 5, 4, 6].map((i) => pfn(probe.firstPage + i));
  const table = new SgTable();
  const err = sgAllocTableFromPages(machine, table, pages, 100, 5 * 4096 + 77);
  probe.print(`from_pages ret ${err} nents ${table.origNents}`);
  for (let sg = table.sgl; sg !== null; sg = sgNext(sg)) {
    probe.print(`  off ${sg.offset} len ${sg.length}`);
  }
  sgFreeTable(machine, table);
  const three = pages.slice(0, 3);
  const size = 3 * 4096;
  const segment = sgAllocTableFromPagesSegment(machine, table, three, 0, size, 4096 + 5);
  probe.print(`segment max 4101 -> ret ${segment} nents ${table.origNents}`);
  sgFreeTable(machine, table);
  const short = sgAllocTableFromPagesSegment(machine, table, three, 0, size, 4095);
  probe.print(`segment max 4095 -> ret ${short}`);
}
