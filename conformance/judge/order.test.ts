/**
 * Goal: what is promised of several requests rings when it is broken: answers of a queue, notices, order of
 * completions, the caller who breaks the contract, and every rule for a request that is not the first.
 * Method: programs over cryptd that are silent; then a canary changes one thing of what was seen of them.
 */
import { expect, test } from 'vitest';
import { EBUSY, EINPROGRESS, ENOSPC, type Errno } from '../../src/errno.ts';
import { physAddr } from '../../src/units.ts';
import { CanaryCage } from '../campaign/canaries.ts';
import { type ProgramHarm, spoil, spoilLast, unharmedProgram } from '../campaign/canary.ts';
import {
  further,
  programOf,
  programs,
  rewritten,
  spoilFurther,
  swapped,
  unnamed,
} from '../campaign/canary-programs.ts';
import { Harness } from '../campaign/harness.ts';
import { decodeToken, encodeToken } from '../campaign/replay.ts';
import type { Case } from '../case/case.ts';
import { checkCase } from '../case/check.ts';
import { sliceRuns } from '../case/placed.ts';
import { shrinkCase } from '../case/shrink.ts';
import { bothSides } from '../subjects/sides.ts';
import { firstOutOfOrder } from './order.ts';

const { four: FOUR, rekeyed: REKEYED, freed: FREED } = programs();
const cage = new CanaryCage();

function broken(harm: ProgramHarm, c: Case = FOUR): string[] {
  return cage
    .judge({ c, programHarm: harm })
    .map(({ check, subject, detail }) => `${check} ${subject}: ${detail}`);
}

test.each([FOUR, REKEYED, FREED])('programs are silent by themselves, and cases', (c) => {
  expect(broken(unharmedProgram, c)).toEqual([]);
  checkCase(c, 'case');
  expect(decodeToken(encodeToken(c))).toEqual(c);
});

test('a small queue is met whole: accepted, backlogged, told, refused, used again', () => {
  const { observations } = new Harness(bothSides).run(FOUR);
  const words = observations.map(({ program }) =>
    program?.history.map(({ what, request, err }) => `${what} ${request} ${err}`),
  );
  expect(words[0]).toEqual([
    `answer 0 ${-EINPROGRESS}`,
    `answer 1 ${-EBUSY}`,
    `answer 2 ${-ENOSPC}`,
    `call 1 ${-EINPROGRESS}`,
    'call 0 0',
    'call 1 0',
    `answer 3 ${-EINPROGRESS}`,
    'call 3 0',
  ]);
  expect(words[1]).toEqual(words[0]);
});

test('a notice that a template of 6.1 swallows may be missing, of whichever transform it is', () => {
  const { program } = FOUR;
  if (program === undefined) throw new Error('a case of four requests');
  const { alg, key, authsize } = FOUR;
  const by = (driver: string): Case => ({
    ...FOUR,
    driver: 'cbc-aes-accel',
    program: {
      ...program,
      transforms: [{ alg, kind: 'skcipher', driver, async: true, key, authsize }],
      requests: program.requests.map((request) => ({ ...request, tfm: 1 })),
    },
  });
  const rest = { request: 1, step: 0, cpu: 0 };
  const history = [
    { what: 'answer' as const, err: -EBUSY as Errno, ...rest },
    { what: 'call' as const, err: 0 as Errno, ...rest },
  ];
  const swallowing = by('authenc(cryptd(hmac(sha1-generic)),cbc-aes-accel)');
  const early = { at: 1, request: 1, detail: 'completed before it left the backlog' };
  expect(firstOutOfOrder(swallowing, history, true)).toBeNull();
  expect(firstOutOfOrder(swallowing, history, false)).toEqual(early);
  expect(firstOutOfOrder(by('xts(cryptd(ecb-aes-accel))'), history, true)).toEqual(early);
});

test.each<[string, ProgramHarm]>([
  ['completed before request 0', swapped],
  [
    'is not in flight',
    rewritten((history) => [...history, { what: 'call', request: 0, step: 0, err: 0, cpu: 0 }]),
  ],
  ['answered twice', rewritten((history) => [...history, history[0]])],
  [
    'before it left the backlog',
    rewritten((history) =>
      history.filter(({ what, err }) => what !== 'call' || err !== -EINPROGRESS),
    ),
  ],
  [
    'in which it is not',
    rewritten((history) => history.toSpliced(1, 0, { ...history[0], what: 'call' })),
  ],
  [
    'answered EINPROGRESS instead of EBUSY',
    rewritten((history) => history.with(1, { ...history[1], err: -EINPROGRESS })),
  ],
  [
    'answered EBUSY instead of ENOSPC',
    rewritten((history) => history.with(2, { ...history[2], err: -EBUSY })),
  ],
])('ORDER: %s', (words, harm) => {
  const rung = broken(harm);
  expect(rung).toHaveLength(1);
  expect(rung[0]).toMatch(/^ORDER canary: request \d: /);
  expect(rung[0]).toContain(words);
});

test.each([
  [REKEYED, 'the key was set, behind request 1'],
  [FREED, 'the transform was freed, behind request 0'],
])('CALLER: a misuse in flight that nobody names is told with what it was', (c, what) => {
  const [finding, ...more] = broken(unnamed, c);
  expect(finding).toBe(`CALLER canary: a misuse in flight went unnoticed: ${what}`);
  expect(more).toEqual([]);
});

test('every request is judged, not the first alone', () => {
  const late: ProgramHarm = (outcome) => ({
    ...outcome,
    outcomes: outcome.outcomes.map((o, i) => (i === 3 ? { ...o, completions: [] } : o)),
  });
  expect(broken(spoilFurther(1)).map((line) => line.slice(0, 23))).toEqual([
    'OUT canary: request 1: ',
  ]);
  expect(broken(late).map((line) => line.slice(0, 24))).toEqual(['LIVE canary: request 3: ']);
});

test('a byte beside the lists of a request names that request, for pictures too', () => {
  const beside: ProgramHarm = (outcome, ops) => {
    spoil(ops[1], sliceRuns(ops[1].dst, 0, 1)[0].phys - 1);
    return outcome;
  };
  const [found, ...more] = cage.judge({ c: FOUR, programHarm: beside });
  expect(more).toEqual([]);
  expect(found).toMatchObject({ check: 'GUARD', request: 1 });
  expect(found.detail).toBe('request 1: 1 byte before dst[0]');
});

test('a trap in the lists of a request names that request', () => {
  const touches: ProgramHarm = (outcome, ops) => {
    const { phys } = sliceRuns(ops[2].src, 0, 1)[0];
    ops[2].memory.machine.load(physAddr(phys - 1), 1);
    return outcome;
  };
  const [found] = cage.judge({ c: FOUR, programHarm: touches });
  expect(found).toMatchObject({ check: 'TRAP', request: 2 });
  expect(found.detail).toMatch(/^request 2: .*, 1 byte before src\[\d\]/);
});

test('a full queue that writes is seen', () => {
  const writes: ProgramHarm = (outcome, ops) => {
    spoilLast(ops[2], outcome.outcomes[2]);
    return outcome;
  };
  expect(broken(writes)).toEqual([
    'OUT canary: request 2: refused by a full queue, and written to',
  ]);
});

test('shrinking drops requests first, and keeps the one that shows it', () => {
  const many = programOf(FOUR, [
    ...Array.from({ length: 6 }, (_, i) => further(FOUR, { cpu: i % 3 })),
    further(FOUR, { when: 'settled', of: 2, reuse: true }),
    further(FOUR, { op: 'decrypt' }),
  ]);
  const judge = (c: Case) =>
    (c.program?.requests ?? []).some(({ op }) => op === 'decrypt')
      ? [{ check: 'OUT' as const, subject: 'canary', detail: 'a decryption' }]
      : [];
  const small = shrinkCase(many, judge(many)[0], judge);
  expect(small.program?.requests.map(({ op }) => op)).toEqual(['decrypt']);
  checkCase(small, 'case');
});
