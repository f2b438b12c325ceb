/**
 * Goal: every byte round a segment is watched, in every kind of memory.
 * Method: place segments of all kinds, write one byte at a time, and see whether it is reported.
 */
import { expect, test } from 'vitest';
import { Machine } from '../../src/machine/machine.ts';
import { PHYS_BASE } from '../../src/machine/phys-mem.ts';
import { physAddr } from '../../src/units.ts';
import type { MemoryKind } from './case.ts';
import { CaseMemory } from './memory.ts';
import { resplit, sliceRuns } from './placed.ts';

const KINDS: readonly MemoryKind[] = ['page', 'slab', 'cache', 'vmalloc', 'user'];

function memoryWith(kind: MemoryKind, offset: number, len: number) {
  const memory = new CaseMemory(new Machine({ memory: 1 << 20 }));
  memory.reset(1);
  const placed = memory.place([{ kind, offset, len }]);
  memory.sync();
  return { memory, placed };
}

test.each(KINDS)('%s memory: what is written is read, through the runs', (kind) => {
  const { memory, placed } = memoryWith(kind, 4090, 5000);
  const bytes = new Uint8Array(5000).map((_, i) => i * 3);
  memory.write(placed, 0, bytes);
  expect(memory.read(placed, 0, 5000)).toEqual(bytes);
  expect(memory.read(placed, 100, 7)).toEqual(bytes.slice(100, 107));
});

test.each(KINDS)('%s memory: the bytes on both sides are red zone and watched', (kind) => {
  const { memory, placed } = memoryWith(kind, 100, 300);
  const { machine } = memory;
  const [run] = placed[0].runs;
  for (const outside of [run.phys - 1, run.phys + 300]) {
    const at = outside - PHYS_BASE;
    expect(() => machine.store(physAddr(outside), Uint8Array.of(1))).toThrow();
    machine.mem.u8[at] ^= 0xff;
    machine.mem.markDirty(at, 1);
    expect(memory.strayWrites(placed[0].runs)).toEqual([at]);
    machine.mem.u8[at] ^= 0xff;
  }
  expect(memory.strayWrites(placed[0].runs)).toEqual([]);
});

test('a write into the middle of what is permitted is silent, one byte before is not', () => {
  const { memory, placed } = memoryWith('page', 0, 1000);
  const permitted = sliceRuns(placed, 10, 20);
  const start = permitted[0].phys - PHYS_BASE;
  memory.machine.mem.u8[start] ^= 1;
  memory.machine.mem.markDirty(start, 1);
  expect(memory.strayWrites(permitted)).toEqual([]);
  memory.machine.mem.u8[start - 1] ^= 1;
  expect(memory.strayWrites(permitted)).toEqual([start - 1]);
});

test('a write that marks nothing dirty is found by the whole comparison', () => {
  const { memory } = memoryWith('page', 0, 16);
  expect(memory.silentWrite()).toBe(-1);
  memory.machine.mem.u8[777] ^= 1;
  expect(memory.silentWrite()).toBe(777);
});

test('neighbours share one allocation, with the gap that was asked for', () => {
  const memory = new CaseMemory(new Machine({ memory: 1 << 20 }));
  memory.reset(1);
  const placed = memory.place([
    { kind: 'page', offset: 8, len: 10 },
    { kind: 'next', offset: 0, len: 20 },
    { kind: 'next', offset: 5, len: 3 },
  ]);
  const [a, b, c] = placed.map(({ runs }) => runs[0].phys);
  expect(b - a).toBe(10);
  expect(c - b).toBe(25);
});

test('a seed gives the same memory again', () => {
  const memory = new CaseMemory(new Machine({ memory: 1 << 20 }));
  const picture = (): [number, Uint8Array] => {
    memory.reset(42);
    const placed = memory.place([{ kind: 'vmalloc', offset: 3, len: 9000 }]);
    return [placed[0].runs[0].phys, memory.read(placed, 0, 9000)];
  };
  const first = picture();
  memory.reset(43);
  memory.place([{ kind: 'page', offset: 0, len: 20000 }]);
  expect(picture()).toEqual(first);
});

test('an empty segment at a page boundary of a folio is told from the page in which it lies', () => {
  const memory = new CaseMemory(new Machine({ memory: 1 << 20 }));
  memory.reset(1);
  const placed = memory.place([
    { kind: 'page', offset: 4000, len: 96 },
    { kind: 'next', offset: 0, len: 0 },
    { kind: 'next', offset: 0, len: 20 },
  ]);
  const empties = [placed[1], ...resplit(placed, [97, 0, 19]).filter(({ len }) => len === 0)];
  const head = placed[0].page ?? 0;
  expect(empties.map(({ page, offset }) => [page, offset])).toEqual([
    [head + 1, 0],
    [head + 1, 0],
  ]);
  expect(placed[2]).toMatchObject({ page: head, offset: 4096 });
});
