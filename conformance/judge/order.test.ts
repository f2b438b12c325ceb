/**
 * Goal: what is promised of several requests rings when it is broken: answers of a queue, notices, order of
 * completions, the caller who breaks the contract, and every rule for a request that is not the first.
 * Method: programs over cryptd that are silent; then a canary changes one thing of what was seen of them.
 */
import { expect, test } from 'vitest';
import { EBUSY, EINPROGRESS, ENOSPC } from '../../src/errno.ts';
import { Harness } from '../campaign/harness.ts';
import { decodeToken, encodeToken } from '../campaign/replay.ts';
import { bytesLength, type Case, type FurtherRequest, type Program } from '../case/case.ts';
import { checkCase } from '../case/check.ts';
import { CaseGenerator } from '../case/generate.ts';
import { shrinkCase } from '../case/shrink.ts';
import { bothSides } from '../subjects/sides.ts';
import type { Happening } from './observe.ts';
import { Canary, type ProgramHarm, spoilLast } from './testing.ts';

/** An encryption by cryptd that nothing disturbs. */
const ALONE: Case = (() => {
  const generator = new CaseGenerator(['cbc(aes)']);
  for (let i = 0; ; i++) {
    const c = generator.at(1, i);
    const { context, driver, op, layout, text, program } = c;
    const isPlain = context.fault === 0 && !context.reuse && program === undefined;
    const isFit = op === 'encrypt' && layout.inplace === 'no' && bytesLength(text) % 16 === 0;
    if (isPlain && isFit && bytesLength(text) > 0 && driver.startsWith('cryptd(')) {
      const hash = { final: 'digest', updates: [], reimport: false } as const;
      return { ...c, hash, context: { ...context, backlog: true } };
    }
  }
})();

function further(change: Partial<FurtherRequest>): FurtherRequest {
  const { op, iv, ad, text, tamper, layout } = ALONE;
  const plain = { when: 'now', steps: 0, of: 0, reuse: false, cpu: 0, backlog: true } as const;
  return { ...plain, op, iv, ad, text, tamper, layout, ...change };
}

function programOf(requests: readonly FurtherRequest[], change: Partial<Program> = {}): Case {
  return { ...ALONE, program: { queue: 1, freeEarly: false, misuse: null, requests, ...change } };
}

/** The second waits in the backlog, the third finds no room, the fourth comes from a completion. */
const FOUR: Case = programOf([
  further({}),
  further({ backlog: false }),
  further({ when: 'callback', of: 1, reuse: true }),
]);

const REKEYED: Case = programOf([further({})], { misuse: { what: 'rekey', after: 1 } });
const FREED: Case = programOf([further({})], { misuse: { what: 'free', after: 0 } });

const unharmed: ProgramHarm = (outcome) => outcome;
let now = unharmed;
const harness = new Harness((machine) => {
  const [legacy, converted] = bothSides(machine);
  const canary = new Canary(
    converted,
    (_op, outcome) => outcome,
    (outcome, ops) => now(outcome, ops),
  );
  return [legacy, canary];
});

function broken(harm: ProgramHarm, c: Case = FOUR): string[] {
  now = harm;
  return harness.judge(c).map(({ check, subject, detail }) => `${check} ${subject}: ${detail}`);
}

/** A program that happened otherwise than it did. */
function rewritten(change: (history: Happening[]) => readonly Happening[]): ProgramHarm {
  return (outcome) => ({ ...outcome, history: change([...outcome.history]) });
}

const isFinal = ({ what, err }: Happening): boolean => what === 'call' && err !== -EINPROGRESS;

test.each([FOUR, REKEYED, FREED])('programs are silent by themselves, and cases', (c) => {
  expect(broken(unharmed, c)).toEqual([]);
  checkCase(c, 'case');
  expect(decodeToken(encodeToken(c))).toEqual(c);
});

test('a small queue is met whole: accepted, backlogged, told, refused, used again', () => {
  now = unharmed;
  const { observations } = harness.run(FOUR);
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

test.each<[string, ProgramHarm]>([
  [
    'completed before request 0',
    rewritten((history) => {
      const at = history.findIndex(isFinal);
      const [first] = history.splice(at, 1);
      return history.toSpliced(at + 1, 0, first);
    }),
  ],
  [
    'is not in flight',
    rewritten((history) => [...history, { what: 'call', request: 0, err: 0, cpu: 0 }]),
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

test.each([REKEYED, FREED])('CALLER: a misuse in flight that nobody names', (c) => {
  const silent: ProgramHarm = (outcome) => ({
    ...outcome,
    misuse: { ...outcome.misuse, named: null },
  });
  expect(broken(silent, c)).toEqual(['CALLER canary: a misuse in flight went unnoticed']);
});

test('every request is judged, not the first alone', () => {
  const spoilt: ProgramHarm = (outcome, ops) => ({
    ...outcome,
    outcomes: outcome.outcomes.map((o, i) => (i === 1 ? spoilLast(ops[i], o) : o)),
  });
  const late: ProgramHarm = (outcome) => ({
    ...outcome,
    outcomes: outcome.outcomes.map((o, i) => (i === 3 ? { ...o, completions: [] } : o)),
  });
  expect(broken(spoilt).map((line) => line.slice(0, 23))).toEqual(['OUT canary: request 1: ']);
  expect(broken(late).map((line) => line.slice(0, 24))).toEqual(['LIVE canary: request 3: ']);
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
  const many = programOf([
    ...Array.from({ length: 6 }, (_, i) => further({ cpu: i % 3 })),
    further({ when: 'settled', of: 2, reuse: true }),
    further({ op: 'decrypt' }),
  ]);
  const judge = (c: Case) =>
    (c.program?.requests ?? []).some(({ op }) => op === 'decrypt')
      ? [{ check: 'OUT' as const, subject: 'canary', detail: 'a decryption' }]
      : [];
  const small = shrinkCase(many, judge(many)[0], judge);
  expect(small.program?.requests.map(({ op }) => op)).toEqual(['decrypt']);
  checkCase(small, 'case');
});
