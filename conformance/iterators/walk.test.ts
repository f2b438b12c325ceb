/**
 * Goal: iterators of every type are compared with a row of bytes and an index, and whoever differs is seen.
 * Method: cases of the generator on all types, all right; iterators that are built wrong in one thing
 * each, which each check must see; a finding made small, its token, and its replay.
 */
import { expect, test, vi } from 'vitest';
import { iovIterCopy, iovIterReexpand } from '../../converted/iter/iov-iter.ts';
import { Machine } from '../../src/machine/machine.ts';
import { decodeToken, encodeToken } from '../campaign/replay.ts';
import { type Case, walkCase } from '../case/case.ts';
import type { IteratorCommand, IteratorProgram } from '../case/iterator-case.ts';
import { CaseMemory } from '../case/memory.ts';
import { CampaignCases } from '../case/scenarios.ts';
import { shrinkCase } from '../case/shrink.ts';
import { judgeTrial, type Violation } from '../judge/judge.ts';
import { drawCase } from '../report/picture.ts';
import {
  CANARY_CASE,
  CANARY_PROGRAM,
  CANARY_SPANS,
  deafIterators,
  spoilt,
  WALK_CANARIES,
} from './canaries.ts';
import { buildIterator, ITERATOR_TYPES } from './types.ts';
import { type BuildIterator, walkTrial } from './walk.ts';

const memory = new CaseMemory(new Machine({ memory: 4 << 20 }));

function judge(c: Case, build: BuildIterator = buildIterator): Violation[] {
  if (c.iterator === undefined) throw new Error('not about iterators');
  return judgeTrial(walkTrial(memory, c, c.iterator, build));
}

function walkOf(less: Partial<IteratorProgram>): Case {
  return walkCase({ ...CANARY_PROGRAM, ...less }, CANARY_SPANS, 7);
}

function command(name: IteratorCommand['name'], a = 0, b = 0): IteratorCommand {
  return { name, a, b };
}

test('150 cases on every type that can hold them: nobody differs', () => {
  const cases = new CampaignCases(['iov_iter']);
  const ran = new Map<string, number>();
  for (let i = 0; i < 150; i++) {
    const { c } = cases.at(5, i);
    expect([i, judge(c)]).toEqual([i, []]);
    const { observations } = walkTrial(memory, c, c.iterator ?? CANARY_PROGRAM);
    for (const { subject } of observations) ran.set(subject, (ran.get(subject) ?? 0) + 1);
  }
  expect([...ran.values()].every((n) => n > 50)).toBe(true);
  expect(ran.size).toBe(ITERATOR_TYPES.length);
});

test('a lowering that does not ask who owns a page is seen, and ranges that share bytes are told', () => {
  const shared = walkOf({ direction: 'dest', commands: [command('lowerShared', 300, 0)] });
  const others = walkOf({
    commands: [command('conflict', 100, 1), command('lowerFlagged', 300, 1)],
  });
  expect(judge(shared)).toEqual([]);
  expect(judge(others)).toEqual([]);
  const blind = (['writable', 'allWritable'] as const).map((name) =>
    vi.spyOn(memory.machine, name).mockReturnValue(true),
  );
  const checks = new Set(judge(shared).map(({ check }) => check));
  for (const spy of blind) spy.mockRestore();
  expect([...checks]).toEqual(['ITER']);
});

test.each(WALK_CANARIES)('$name is seen on every type', ({ build, check, detail }) => {
  expect(judge(CANARY_CASE)).toEqual([]);
  const found = judge(CANARY_CASE, build).filter((violation) => violation.check === check);
  expect(found.length).toBe(ITERATOR_TYPES.length - 1);
  for (const violation of found) expect(violation.detail).toMatch(detail);
});

test('a model that hears nothing is a fault of the harness', () => {
  expect(deafIterators()).toEqual([]);
  const mute = { ...WALK_CANARIES[0], build: buildIterator };
  expect(deafIterators([mute])).toEqual([`${mute.check} does not ring: iterators, ${mute.name}`]);
});

test('a hole and a page that may not be written stop user memory, and nothing else', () => {
  const dest = {
    direction: 'dest',
    commands: [command('copy', 4700), command('zero', 99)],
  } as const;
  for (const wall of [{ hole: 1 }, { locked: 1 }]) {
    expect(judge(walkOf({ ...dest, ...wall }))).toEqual([]);
    const deaf = judge(walkOf({ ...dest, ...wall }), (type, file) => {
      file.memory.mm.mprotect(file.user, 4 * 4096, true);
      return buildIterator(type, file);
    });
    const isUser = ({ subject }: Violation): boolean => /ubuf|iovec/.test(subject);
    expect(deaf.some(isUser)).toBe('locked' in wall);
    expect(deaf.every((violation) => isUser(violation) || /chain/.test(violation.subject))).toBe(
      true,
    );
  }
});

test('what goes wrong is made small, and its token is the case', () => {
  const commands = [
    command('copy', 77),
    command('save'),
    command('step', 900, 1),
    command('truncate', 1500),
    command('npages', 3),
    command('advance', 600),
  ];
  const build = spoilt((built) => {
    const { iter } = built;
    // Loses a byte when something was cut off before.
    const copy = iovIterCopy(iter);
    Object.defineProperty(iter, 'count', {
      get: () => copy.count - (copy.count < 1500 && copy.count > 700 ? 1 : 0),
      set: (count: number) => iovIterReexpand(copy, count),
    });
    return built;
  });
  const c = walkOf({ commands });
  const [first] = judge(c, build);
  expect(first).toMatchObject({ check: 'ITER' });
  const small = shrinkCase(c, first, (smaller) => judge(smaller, build));
  expect(small.iterator?.commands.length).toBeLessThanOrEqual(1);
  expect(small.layout.src.length).toBe(1);
  expect(small.iterator).toMatchObject({ first: 0, before: 0 });
  expect(judge(small, build)).toContainEqual(expect.objectContaining({ check: 'ITER' }));
  expect(decodeToken(encodeToken(small))).toEqual(small);
  expect(drawCase(walkOf({ hole: 1, commands })).join('\n')).toMatch(
    /^source over a file: folios of 1, 1, 2 pages .*page 1 not mapped.*command 5: advance 600 0$/s,
  );
});
