/**
 * Goal: a mutant is exactly the edit that it says, and what the campaign of its copy did is told apart.
 * Method: edits against texts; data files with faults; the real tool on the compiled tree.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test, vi } from 'vitest';
import { applyEdit } from './apply.ts';
import { spread } from './mutants.ts';
import { mutantsList } from './report.ts';
import { bugOf, readMutants } from './schema.ts';
import { runMutant } from './trial.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DIST = join(ROOT, 'dist');
const DATA = fileURLToPath(new URL('./data/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sg2iter-mutants-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const toy = {
  id: 'toy',
  class: 'V',
  source: 'none',
  side: 'converted',
  edits: [{ file: 'converted/templates/gcm.js', from: '0, 0, 0, 1', to: '0, 0, 0, 2' }],
  expect: ['OUT', 'RET'],
  effect: 'The counter begins at 2.',
} as const;

test('a sample is spread over the whole list', () => {
  const list = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  expect(spread(list, 3)).toEqual([4, 7, 10]);
  expect(spread(list, 10)).toEqual(list);
  expect(spread(list, 99)).toEqual(list);
});

test('an edit matches exactly once', () => {
  const edit = { file: 'src/a.js', from: 'one', to: 'two' };
  expect(applyEdit('a one b', edit)).toBe('a two b');
  expect(() => applyEdit('a b', edit)).toThrow("src/a.js: 'one' is not there");
  expect(() => applyEdit('one one', edit)).toThrow('twice');
});

test('a file with a fault is named with its field', () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [{ mutants: [{ ...toy, edits: [] }], impossible: [] }, 'mutants.0.edits'],
    [{ mutants: [{ ...toy, side: 'left' }], impossible: [] }, 'mutants.0.side'],
    [{ mutants: [{ ...toy, more: 1 }], impossible: [] }, 'mutants.0'],
    [{ mutants: [toy, toy], impossible: [] }, 'two mutants'],
  ];
  for (const [value, message] of cases) {
    writeFileSync(join(folder, 'x.json'), JSON.stringify(value));
    expect(() => readMutants(folder)).toThrow(message);
  }
  writeFileSync(join(folder, 'x.json'), '{');
  expect(() => readMutants(folder)).toThrow('x.json');
  expect(() => readMutants(join(folder, 'none'))).toThrow('no folder');
});

test('every mutant of the project still matches the compiled tree, and names checks', () => {
  const { mutants } = readMutants(DATA);
  expect(mutants.length).toBeGreaterThan(0);
  for (const { id, edits } of mutants) {
    const texts = new Map<string, string>();
    for (const edit of edits) {
      const text = texts.get(edit.file) ?? readFileSync(join(DIST, edit.file), 'utf8');
      expect(() => texts.set(edit.file, applyEdit(text, edit)), id).not.toThrow();
    }
  }
});

test('each of the 154 bugs has a mutant or a reason on each side, and not both', () => {
  const { mutants, impossible } = readMutants(DATA);
  const bugs = new Map<string, string[]>();
  const add = (bug: string, side: string): void => {
    const sides = side === 'both' ? ['legacy', 'converted'] : [side];
    bugs.set(bug, [...(bugs.get(bug) ?? []), ...sides]);
  };
  const written = mutants.filter(({ id }) => /^[A-Z][0-9]{3}-/.test(id));
  const places = new Set(written.map((mutant) => `${bugOf(mutant)} ${mutant.side}`));
  for (const place of places) add(place.slice(0, 4), place.slice(5));
  for (const { bug, side } of impossible) {
    const sides = side === 'both' ? ['legacy', 'converted'] : [side];
    expect(
      sides.filter((each) => places.has(`${bug} ${each}`)),
      bug,
    ).toEqual([]);
    add(bug, side);
  }
  expect(bugs.size).toBe(154);
  for (const [bug, sides] of bugs) {
    const needed = sides.includes('harness') ? ['harness'] : ['converted', 'legacy'];
    expect([...new Set(sides)].sort(), bug).toEqual(needed);
  }
});

test('the list names mutants, what cannot be written and what is not modelled', () => {
  const lines = mutantsList({
    mutants: [{ ...toy, id: 'A001-legacy' }],
    impossible: [
      { bug: 'A001', side: 'converted', why: 'by design', reason: 'no place.' },
      { bug: 'D001', side: 'both', why: 'not modelled', reason: 'no device.' },
    ],
  });
  expect(lines).toContain('A001-legacy: The counter begins at 2.');
  expect(lines).toContain('  A001 converted: no place.');
  expect(lines).toContain('  D001 both, no mutant at all: no device.');
  expect(lines.at(-1)).toContain('1 mutants of 1 bugs');
});

test('killed, killed by another check, broken: each is told, and no copy stays behind', async () => {
  const options = { dist: DIST, root: ROOT, seconds: 30, seed: 1 };
  const short = { ...options, seconds: 2 };
  // A temporary folder of the test's own: another run on the machine may be making copies too.
  vi.stubEnv('TMPDIR', folder);
  const killed = await runMutant({ ...toy, alg: ['gcm(aes)'] }, options);
  expect(killed).toMatchObject({ outcome: 'killed' });
  expect(killed.checks.length).toBeGreaterThan(0);
  const other = await runMutant({ ...toy, alg: ['gcm(aes)'], expect: ['WARN'] }, short);
  expect(other.outcome).toBe('other');
  const syntax = [{ ...toy.edits[0], to: '0, 0, 0, 1 +' }];
  expect((await runMutant({ ...toy, edits: syntax }, options)).outcome).toBe('broken');
  expect(readFileSync(join(DIST, toy.edits[0].file), 'utf8')).toContain(toy.edits[0].from);
  const nowhere = [{ ...toy.edits[0], from: 'no such text' }];
  const gone = await runMutant({ ...toy, edits: nowhere }, options);
  expect(gone).toMatchObject({ outcome: 'broken', detail: expect.stringContaining('not there') });
  expect(readdirSync(folder).filter((name) => name.startsWith('sg2iter-mutant-'))).toEqual([]);
  vi.unstubAllEnvs();
});
