/**
 * Every way of every workload gives the same bytes: without that, a time means nothing. Two requests of
 * each workload, in one process.
 */
import { expect, test } from 'vitest';
import { Machine } from '../src/machine/index.ts';
import { waysOf } from './ways/ways.ts';
import { buildWorkload, PLANS } from './workloads.ts';

const ITEMS = 2;

for (const plan of PLANS) {
  test(`${plan.id}: all ways compute the same, from wiped memory`, async () => {
    const machine = new Machine({ checks: false });
    const work = buildWorkload(machine, { ...plan, items: ITEMS });
    const digests = new Map<string, string>();
    for (const { id, make } of waysOf(plan)) {
      const way = await make(machine, work);
      way.wipe();
      if (id !== 'raw') digests.set(`${id}, wiped`, way.digest());
      await way.all();
      digests.set(id, way.digest());
    }
    const expected = digests.get('raw');
    const ways = [...digests].filter(([id]) => !id.endsWith(', wiped'));
    expect(ways.length).toBeGreaterThan(4);
    expect(ways.filter(([, digest]) => digest !== expected)).toEqual([]);
    const wiped = [...digests].filter(([id]) => id.endsWith(', wiped'));
    expect(wiped.filter(([, digest]) => digest === expected)).toEqual([]);
  });
}
