/**
 * Goal: the iterator model answers as four booted kernels did, line by line.
 * Method: the calls of the kernel module again, in its order and with its input; each printed line is
 * compared with the recorded one. Differences are data with a reason: one that is not listed fails, one
 * that is listed and does not occur fails too.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { BioVec } from '../../src/bvec.ts';
import { must, writeKernel } from '../../src/machine/access.ts';
import { Machine, pageAddress } from '../../src/machine/machine.ts';
import { pfnToPhys } from '../../src/machine/phys-mem.ts';
import { virtAddr } from '../../src/units.ts';
import {
  type IovIter,
  ITER_DEST,
  ITER_SOURCE,
  iovIterBvec,
  iovIterDiscard,
  iovIterKvec,
  iovIterReexpand,
  iovIterTruncate,
} from '../../converted/iter/iov-iter.ts';
import { copyFromIter, copyFromIterFull, copyToIter } from '../../converted/iter/copy.ts';
import { type ExtractedPages, iovIterExtractPages } from '../../converted/iter/extract.ts';
import { iovIterAdvance, iovIterRevert } from '../../converted/iter/position.ts';
import { iovIterAlignment, iovIterNpages, iovIterSingleSegCount } from '../../converted/iter/query.ts';

interface Difference {
  readonly reason: string;
  readonly kernels: readonly string[];
  readonly lines: readonly (readonly [kernel: string, model: string])[];
}

const DIFFERENCES: readonly Difference[] = JSON.parse(
  readFileSync(new URL('converted/differences.json', import.meta.url), 'utf8'),
);

/** The unchecked mode: warnings are counted, not thrown. */
const KERNEL_MODE = false;

/** Runs the module's calls. @returns what it printed. */
class Module {
  readonly lines: string[] = [];
  readonly machine = new Machine({ memory: 1 << 20 });
  readonly kvec = this.segments();
  readonly bvec = this.bioVecs();
  readonly buffer = new Uint8Array(8192);

  run(extract: boolean): readonly string[] {
    this.positions();
    this.kvecCopies();
    this.bvecCopies();
    this.odd();
    if (extract) this.extractions();
    return this.lines;
  }

  private segments(): { base: ReturnType<typeof virtAddr>; len: number }[] {
    const base = must(this.machine.slab.kmalloc(64, 'module'));
    writeKernel(this.machine, base, new Uint8Array(64));
    const at = (skip: number, len: number) => ({ base: virtAddr(base + skip), len });
    return [at(0, 10), at(10, 0), at(10, 20), at(30, 5)];
  }

  private bioVecs(): BioVec[] {
    const page = must(this.machine.allocPages(5, 'module'));
    this.machine.fill(pfnToPhys(page), 32 * 4096, 0);
    const lengths = [0, 0, 50, 0, 5000, 7];
    return lengths.map((len, k) => ({ phys: pageAddress(page, 100 * k), len, flags: 0 }));
  }

  private print(line: string): void {
    this.lines.push(line);
  }

  private state(label: string, i: IovIter): void {
    this.print(
      `${label}: count ${i.count} off ${i.iovOffset} nr_segs ${i.nrSegs}` +
        ` single ${iovIterSingleSegCount(i)} npages ${iovIterNpages(i, 100)}` +
        ` align-low3 ${iovIterAlignment(i) % 8}`,
    );
  }

  private source(): IovIter<'source'> {
    return iovIterKvec(this.machine, ITER_SOURCE, this.kvec, 4, 35, KERNEL_MODE);
  }

  private bvecSource(skip: number): IovIter<'source'> {
    const bvec = this.bvec.slice(skip);
    return iovIterBvec(this.machine, ITER_SOURCE, bvec, bvec.length, 5057, KERNEL_MODE);
  }

  private positions(): void {
    const i = this.source();
    this.state('kvec init', i);
    for (const [name, bytes] of [
      ['adv', 10],
      ['adv', 20],
      ['revert', 5],
      ['revert', 25],
      ['adv', 35],
      ['revert', 1],
    ] as const) {
      if (name === 'adv') iovIterAdvance(i, bytes);
      else iovIterRevert(i, bytes);
      this.state(`kvec ${name} ${bytes}`, i);
    }
  }

  private kvecCopies(): void {
    let i = this.source();
    copyFromIter(this.buffer, 10, i);
    this.state('kvec copy 10', i);
    this.print(`kvec copy 100 got ${copyFromIter(this.buffer, 100, i)}`);
    this.state('kvec end', i);
    i = this.source();
    this.print(`copy_from_iter_full 36 = ${Number(copyFromIterFull(this.buffer, 36, i))}`);
    this.state('after failed full', i);
    i = this.source();
    iovIterTruncate(i, 12);
    this.print(`truncated copy got ${copyFromIter(this.buffer, 100, i)}`);
    this.state('after', i);
    iovIterReexpand(i, 23);
    this.state('reexpand 23', i);
    this.print(`copy rest ${copyFromIter(this.buffer, 100, i)}`);
  }

  private bvecCopies(): void {
    let i = this.bvecSource(0);
    this.state('bvec init (2 lead zero)', i);
    this.print(`bvec copy50 ${copyFromIter(this.buffer, 50, i)}`);
    this.state('bvec', i);
    this.print(`bvec copy ${copyFromIter(this.buffer, 5000, i)}`);
    this.state('bvec', i);
    this.print(`bvec copy rest ${copyFromIter(this.buffer, 100, i)}`);
    this.state('bvec end', i);
    i = this.bvecSource(0);
    iovIterAdvance(i, 50);
    this.state('bvec adv 50', i);
    iovIterRevert(i, 50);
    this.state('bvec revert 50', i);
  }

  private odd(): void {
    const wrong = iovIterKvec(this.machine, ITER_DEST, this.kvec, 4, 35, KERNEL_MODE);
    // @ts-expect-error the wrong direction does not compile; the kernel has only a flag
    this.print(`copy_from_iter on DEST iter = ${copyFromIter(this.buffer, 5, wrong)}`);
    this.state('', wrong);
    const discard = iovIterDiscard(this.machine, ITER_DEST, 40, KERNEL_MODE);
    this.state('discard', discard);
    this.print(`copy_to discard ${copyToIter(this.buffer, 30, discard)}`);
    this.state('discard', discard);
    iovIterRevert(discard, 20);
    this.state('discard revert 20', discard);
  }

  private extractions(): void {
    const out: ExtractedPages = { pages: [], offset0: 9999 };
    const extract = (i: IovIter): string =>
      `${iovIterExtractPages(i, out, 8192, 8)} off ${out.offset0}`;
    const two = this.bvecSource(0);
    this.print(`extract bvec (2 lead zero) -> ${extract(two)}`);
    this.state('', two);
    for (let k = 0; k < 4; k++) this.print(` again -> ${extract(two)}`);
    this.state('', two);
    const one = this.bvecSource(1);
    for (let k = 0; k < 5; k++) this.print(`extract bvec (1 lead zero) -> ${extract(one)}`);
    const kvec = this.source();
    for (let k = 0; k < 4; k++) {
      this.print(`extract kvec -> ${iovIterExtractPages(kvec, out, 8192, 8)}`);
    }
    const discard = iovIterDiscard(this.machine, ITER_DEST, 40, KERNEL_MODE);
    this.print(`extract discard -> ${iovIterExtractPages(discard, out, 8192, 8)}`);
  }
}

/** Differences per kernel: lines of the files, and how many of them the list explains. */
test.each([
  ['6.1.176', 31, 3],
  ['6.12.101', 48, 1],
  ['7.2.7', 48, 6],
  ['7.3.4', 48, 5],
])('Linux %s: all %i lines replayed, %i explained differences', (kernel, lines, explained) => {
  const url = new URL(`converted/iterators-${kernel}.txt`, import.meta.url);
  const recorded = readFileSync(url, 'utf8').trimEnd().split('\n');
  expect(recorded.length).toBe(lines);
  const module = new Module();
  const replayed = module.run(recorded.some((line) => line.startsWith('extract')));
  expect(replayed.length).toBe(lines);
  const found = recorded.flatMap((line, k) => (line === replayed[k] ? [] : [[line, replayed[k]]]));
  const listed = DIFFERENCES.filter((d) => d.kernels.includes(kernel)).flatMap((d) => d.lines);
  expect(found.sort()).toEqual([...listed].sort());
  expect(found.length).toBe(explained);
  // The wrong direction is the one call that makes a kernel warn.
  expect(module.machine.warnings).toEqual(['WARN_ON_ONCE(!i->data_source)']);
});

test('every listed difference has a reason and a kernel', () => {
  expect(DIFFERENCES.length).toBe(3);
  for (const { reason, kernels } of DIFFERENCES) {
    expect(reason).toMatch(/lib\/iov_iter\.c/);
    expect(kernels.length).toBeGreaterThan(0);
  }
});
