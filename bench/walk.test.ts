/**
 * Every walk over an iterator can be built and done: a bench that stops in the middle has no figures.
 */
import { expect, test } from 'vitest';
import { WALKS_OF_ITERATORS } from './walk.ts';

test.each(WALKS_OF_ITERATORS)('$id: each type is walked to its end', async ({ jobs }) => {
  for (const { make } of jobs) {
    const way = await make();
    await way.all();
    expect(way.items).toBeGreaterThan(0);
    expect(way.wipe).not.toThrow();
  }
});
