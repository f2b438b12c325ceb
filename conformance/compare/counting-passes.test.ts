/**
 * Goal: what is counted of a list that is walked is what happens to it.
 * Method: a write of 64 pages in four requests, by both ways, against what each step must come to.
 */
import { expect, test } from 'vitest';
import { countPasses, passLines } from './counting-passes.ts';

test('netfs walks for both; who has no scatterlist counts no entries and fills none', () => {
  const passes = countPasses();
  const { requests, entries, rows } = passes;
  expect([requests, entries]).toEqual([4, 64]);
  const [limit, advance, npages, extract, crypto] = rows;
  expect([limit.scatterlist, limit.iov_iter]).toEqual([entries, entries]);
  // Where it ends is seen at the entry behind, but at the last.
  expect([advance.scatterlist, advance.iov_iter]).toEqual([entries + 3, entries + 3]);
  expect([npages.scatterlist, npages.iov_iter]).toEqual([entries, 0]);
  // Every bio_vec, every entry of the table, and the iterator moved behind them.
  expect([extract.scatterlist, extract.iov_iter]).toEqual([3 * entries + 3, 0]);
  // Source and destination are lowered; a scatterlist is walked for each of cipher and hash.
  expect(crypto.iov_iter).toBe(2 * entries);
  expect(crypto.scatterlist).toBeGreaterThan(2 * entries);
  const [, old, now] = passLines(passes).at(-1) ?? [];
  const sum = (of: 'scatterlist' | 'iov_iter'): number => rows.reduce((n, row) => n + row[of], 0);
  expect([old, now]).toEqual(
    (['scatterlist', 'iov_iter'] as const).map(
      (of) => `${sum(of)} (${(sum(of) / entries).toFixed(1)})`,
    ),
  );
});
