/**
 * Goal: the lifetimes table says what happens, the same for one seed, and can say the opposite.
 * Method: the whole report for several seeds against what the three representations know; canaries
 * for the comparison, for the program without a bug, and for a driver that works too little.
 */
import { Command } from 'commander';
import { afterEach, expect, test, vi } from 'vitest';
import { Machine } from '../../src/machine/machine.ts';
import { Prng } from '../../src/prng.ts';
import { describeLifetimes, registerLifetimes } from '../commands/lifetimes.ts';
import { UsageError } from '../terminal/exit.ts';
import { BUGS, NO_BUG } from './bugs.ts';
import { type LifetimesCell, lateCatchesMore, runLifetimes } from './lifetimes.ts';
import { REPRESENTATIONS, type RepresentationName } from './representation.ts';
import { Rig } from './rig.ts';

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

const report = runLifetimes(1);

function caughtBy(name: RepresentationName): string[] {
  return report.verdicts.filter((v) => v.representation === name && v.caught).map((v) => v.bug);
}

test.each([1, 2, 3, 0xffffffff])('late iterators catch strictly more (seed %i)', (seed) => {
  const own = runLifetimes(seed, 14);
  expect(own.falseAlarms).toEqual([]);
  expect(lateCatchesMore(own)).toBe(true);
});

test('what only the late iterator shows is the use of memory that has another owner', () => {
  const list = new Set(caughtBy('scatterlist'));
  expect(caughtBy('bio_vec, early')).toEqual([...list]);
  expect(caughtBy('iov_iter, late').filter((bug) => !list.has(bug))).toEqual([
    'page with a new owner',
    'out of bounds by 64',
    'use after realloc',
    'use after realloc, in flight',
    'stale iterator',
    'double free of a reused block',
  ]);
});

test('a bug is in every column, with the message of its detector where it was caught', () => {
  const paths = BUGS.reduce((sum, bug) => sum + bug.paths.length, 0);
  expect(report.cells.length).toBe(paths * 2 * REPRESENTATIONS.length);
  expect(report.verdicts.length).toBe(BUGS.length * REPRESENTATIONS.length);
  for (const verdict of report.verdicts) {
    expect(verdict.message !== null && verdict.detector !== null).toBe(verdict.caught);
  }
  for (const cell of report.cells) {
    expect(cell.caught + cell.harnessOnly).toBeLessThanOrEqual(cell.runs);
    if (cell.detector === 'tags') expect(cell.message).toMatch(/^KASAN: .*pointerTag=\d+/);
    if (cell.build === 'generic') expect(cell.detector).not.toBe('tags');
  }
});

test('without tags the representations are equal, and nobody sees a device go on', () => {
  const outcome = (cell: LifetimesCell): unknown => [cell.bug, cell.path, cell.caught];
  const generic = (name: RepresentationName): unknown[] =>
    report.cells
      .filter((cell) => cell.build === 'generic' && cell.representation === name)
      .map(outcome);
  expect(generic('bio_vec, early')).toEqual(generic('scatterlist'));
  expect(generic('iov_iter, late')).toEqual(generic('scatterlist'));
  const mapped = report.cells.filter((cell) => cell.bug === 'use after free, mapped');
  expect(mapped.length).toBe(6);
  expect(mapped.every((cell) => cell.caught === 0)).toBe(true);
  expect(mapped.filter((cell) => cell.harnessOnly > 0).length).toBe(3);
});

test('one seed gives one report', () => {
  expect(runLifetimes(1)).toEqual(report);
});

test('the comparison fails when the late iterator shows no more, or less somewhere', () => {
  const swap = (pick: (list: LifetimesCell, late: LifetimesCell) => number): boolean => {
    const lists = report.cells.filter((cell) => cell.representation === 'scatterlist');
    const lates = report.cells.filter((cell) => cell.representation === 'iov_iter, late');
    const changed = lates.map((late, i) => ({ ...late, caught: pick(lists[i], late) }));
    return lateCatchesMore({ ...report, cells: [...lists, ...changed] });
  };
  expect(swap((_, late) => late.caught)).toBe(true);
  expect(swap((list) => list.caught)).toBe(false);
  expect(swap((list, late) => (list.caught > 0 ? list.caught - 1 : late.caught))).toBe(false);
});

test('a driver that does not do all its work, and a script that breaks a rule, are no sighting', () => {
  const machine = new Machine({ memory: 1 << 20 });
  const [list] = REPRESENTATIONS;
  const short = {
    ...list,
    describe: (...[m, buffer, len]: Parameters<typeof list.describe>) =>
      list.describe(m, buffer, len - 1),
  };
  const rig = new Rig(machine, new Prng(4), 'software', short);
  expect(() => rig.sight(NO_BUG.script)).toThrow('the driver missed some bytes');
  const twice = new Rig(machine, new Prng(1), 'software', list);
  expect(() =>
    twice.sight((own) => {
      const object = own.kmalloc(8);
      own.kfree(object);
      own.kfree(object);
    }),
  ).toThrow('double free');
});

test('the text has a line for every bug on every path, and the counts', () => {
  const lines = describeLifetimes(report);
  // A table wider than a terminal comes in parts, each with a head of its own.
  const paths = new Set(BUGS.flatMap((bug) => bug.paths));
  const parts = lines.filter((line) => /^bug {2}/.test(line)).length / paths.size;
  for (const bug of BUGS) {
    const rows = lines.filter((line) => line === bug.name || line.startsWith(`${bug.name}  `));
    expect(rows.length).toBe(bug.paths.length * parts);
  }
  expect(lines.slice(-3)).toEqual([
    'scatterlist: 6 of 13 bugs caught',
    'bio_vec, early: 6 of 13 bugs caught',
    'iov_iter, late: 12 of 13 bugs caught',
  ]);
});

test('the command prints one JSON object and refuses a seed that is none', () => {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  const program = new Command().exitOverride();
  registerLifetimes(program);
  program.parse(['lifetimes', '--json', '--seed', '1'], { from: 'user' });
  const printed: unknown = JSON.parse(String(log.mock.calls[0][0]));
  expect(printed).toEqual({ schemaVersion: 1, ...JSON.parse(JSON.stringify(report)) });
  expect(process.exitCode).toBeUndefined();
  expect(() => program.parse(['lifetimes', '--seed', 'x'], { from: 'user' })).toThrow(UsageError);
});
