/**
 * A short soak of every engine against node:crypto. The long one is `sg2iter bench --soak 1000000`.
 */
import { expect, test } from 'vitest';
import { SOAK_ENGINES, soak } from './soak.ts';

test('a short soak of every engine finds no difference', () => {
  const rows = SOAK_ENGINES.map((engine) => soak(engine, 640, 5));
  expect(rows.map(({ engine, differences }) => ({ engine, differences }))).toEqual(
    SOAK_ENGINES.map((engine) => ({ engine, differences: 0 })),
  );
  expect(rows.length).toBe(11);
});
