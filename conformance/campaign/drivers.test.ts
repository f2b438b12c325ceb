/**
 * Goal: each driver is compared with the generic one of its algorithm, and one that answers otherwise is
 * found, also where nothing but that comparison can see it.
 * Method: drivers of a few algorithms as they are; a side that spoils what one driver writes; then
 * answers of a case that differ in one part, beside what no reference promises.
 */
import { expect, test } from 'vitest';
import { CaseGenerator } from '../case/generate.ts';
import { bothSides } from '../subjects/sides.ts';
import { Canary, spoilLast } from './canary.ts';
import { compareDrivers, type Group, unlike } from './drivers.ts';
import { Harness } from './harness.ts';

const MONITOR = { progress: () => undefined, stopped: () => false };

test('accelerated, asynchronous and mixed drivers answer as the generic one, on both sides', async () => {
  const algs = ['gcm(aes)', 'cbc(aes)', 'iov_iter'];
  const { drivers, findings } = await compareDrivers(
    bothSides,
    algs,
    { seed: 1, cases: 8 },
    MONITOR,
  );
  expect(findings).toEqual([]);
  const names = (wanted: Group) =>
    drivers.filter(({ group }) => group === wanted).map(({ driver }) => driver);
  expect(names('accelerated')).toEqual([
    'gcm_base(ctr-aes-accel,ghash-generic)',
    'gcm-aes-accel',
    'cbc-aes-accel',
  ]);
  expect(names('over children behind cryptd')).toEqual([
    'gcm_base(cryptd(ctr(aes-generic)),cryptd(ghash-generic))',
    'gcm_base(cryptd(ctr(aes-generic)),ghash-generic)',
    'gcm_base(ctr(aes-generic),cryptd(ghash-generic))',
  ]);
  expect(names('device')).toContain('cbc-aes-sgdma');
  for (const { driver, group, cases, compared } of drivers) {
    expect(cases, driver).toBe(8);
    // Two sides are compared; lists that are refused are put to the new API alone.
    expect(compared, driver).toBeGreaterThanOrEqual(group === 'generic' ? 0 : 12);
    expect(compared, driver).toBeLessThanOrEqual(group === 'generic' ? 0 : 16);
  }
});

test('a driver that writes another byte is found, and no other', async () => {
  const { drivers, findings } = await compareDrivers(
    (machine) => [
      new Canary(bothSides(machine)[1], (op, outcome) =>
        op.c.driver === 'ctr-aes-accel' ? spoilLast(op, outcome) : outcome,
      ),
    ],
    ['ctr(aes)'],
    { seed: 1, cases: 4 },
    MONITOR,
  );
  expect(drivers.filter(({ failed }) => failed > 0).map(({ driver }) => driver)).toEqual([
    'ctr-aes-accel',
  ]);
  expect(findings[0]?.check).toBe('OUT');
  expect(findings[0]?.token).toMatch(/^sg2iter2\./);
});

test('another result, byte or IV than that of the first driver is named, but for what is made up', () => {
  const harness = new Harness(bothSides);
  const generator = new CaseGenerator(['cbc(aes)']);
  const trial = Array.from({ length: 50 }, (_, i) => harness.run(generator.at(1, 6 * i))).find(
    ({ observations: [{ result, output }] }) => result === 0 && output.length > 0,
  );
  const [first] = trial?.observations ?? [];
  if (trial === undefined || first === undefined) throw new Error('no case that succeeds');
  expect(unlike(trial, first, first)).toBe(null);
  const other = (bytes: Uint8Array) =>
    bytes.map((byte, i) => (i === bytes.length - 1 ? ~byte : byte));
  for (const [check, change] of [
    ['RET', { result: -22 }],
    ['RET', { setkey: -22 }],
    ['OUT', { output: other(first.output) }],
    ['IV', { iv: other(first.iv) }],
  ] as const) {
    expect(unlike(trial, { ...first, ...change }, first)?.check).toBe(check);
  }
  const expected = { ...trial.expected, completed: (found: Uint8Array) => found };
  expect(unlike({ ...trial, expected }, { ...first, output: other(first.output) }, first)).toBe(
    undefined,
  );
});
