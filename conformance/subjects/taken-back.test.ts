/**
 * Goal: a caller who takes its lists, segment arrays and IV back sees who touches them later, and what was
 * changed before.
 * Method: lists and iterators over one segment; the IV of a caller in each of its places.
 */
import { expect, test } from 'vitest';
import { Machine } from '../../src/machine/machine.ts';
import { CaseMemory } from '../case/memory.ts';
import { CallerIv } from './caller-iv.ts';
import { Iterators } from './iterators.ts';
import { Lists } from './lists.ts';

const MEMORY = 1 << 21;
const LAYOUT = { inplace: 'same', chain: 0 } as const;

test('lists and segment arrays trap when they were taken back, and remember what was changed', () => {
  const memory = new CaseMemory(new Machine({ memory: MEMORY }));
  memory.reset(1);
  const src = memory.place([{ kind: 'page', offset: 0, len: 16 }]);
  const lists = new Lists({ memory, layout: LAYOUT, src, dst: src });
  const entry = lists.src;
  if (entry === null) throw new Error('a list of one entry');
  entry.length = 8;
  lists.takeBack();
  expect(() => entry.length).toThrow('scatterlist of a caller touched after it was freed');
  expect(lists.changes()).toEqual(["entry 0 of the caller's lists was changed"]);
  const iterators = new Iterators({ memory, layout: LAYOUT, src, dst: src });
  const { bvec, kvec } = iterators.src;
  iterators.takeBack();
  const [seg] = [...(bvec ?? []), ...(kvec ?? [])];
  expect(() => seg.len).toThrow('segment array of a caller touched after it was freed');
  expect([iterators.changes(), iterators.moved()]).toEqual([[], []]);
});

test('an IV is exactly its bytes, stays on the heap, and is poison elsewhere when its request is over', () => {
  const machine = new Machine({ memory: MEMORY });
  const bytes = Uint8Array.from({ length: 12 }, (_, i) => i);
  for (const place of ['heap', 'stack', 'request'] as const) {
    const iv = new CallerIv(machine, bytes, place);
    machine.checkLent(iv.bytes, 12);
    expect(() => machine.checkLent(iv.bytes, 13)).toThrow();
    iv.leave();
    expect([...iv.value]).toEqual([...bytes]);
    if (place === 'heap') machine.checkLent(iv.bytes, 12);
    else expect(() => machine.checkLent(iv.bytes, 12)).toThrow();
    if (place === 'stack') iv.bytes[11] = 0;
    if (place === 'stack') expect(() => iv.end()).toThrow('was written');
    else iv.end();
  }
  expect(machine.ledger.holdings()).toEqual([]);
});
