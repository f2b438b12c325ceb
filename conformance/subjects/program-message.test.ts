/**
 * Goal: each request of a program takes the memory of a process when it is submitted, and gives it back when it is
 * over: after success, out of the backlog, refused by a full queue, and where a call fails in between.
 * Method: three requests over cryptd with a queue of one, by each caller; every call of the caller that may fail,
 * one after the other, in requests that come behind each other.
 */
import { expect, test } from 'vitest';
import { EBUSY, EFAULT, EINPROGRESS, ENOMEM, ENOSPC } from '../../src/errno.ts';
import type { FaultPoint } from '../../src/machine/fault.ts';
import { lentCase } from '../campaign/canary-callers.ts';
import { further, programOf, programs } from '../campaign/canary-programs.ts';
import { Harness } from '../campaign/harness.ts';
import { CALLERS, type Caller, type Case, type FurtherRequest } from '../case/case.ts';
import { judgeTrial, type Trial } from '../judge/judge.ts';
import type { Observation } from '../judge/observe.ts';
import { occurrencesOf } from '../judge/occurrences.ts';
import { allSides } from './sides.ts';

const HARNESS = new Harness(allSides);

/** An encryption over cryptd on memory of a process, and `count` like it. */
function lent(how: Caller, count: number, change: Partial<FurtherRequest>): Case {
  const { program: _program, ...alone } = programs().four;
  const c = lentCase(alone, how, false);
  return programOf(
    c,
    Array.from({ length: count }, () => further(c, change)),
  );
}

/** The requests of a program as each side that ran it shows them. */
function requestsOf({ observations, further: others }: Trial): Observation[][] {
  return observations.map((o, side) => [o, ...others.map((other) => other.observations[side])]);
}

test.each(CALLERS)('%s: in flight, in the backlog and refused, each by itself', (how) => {
  const c = lent(how, 2, {});
  const refused = c.program?.requests.map((request, i) => ({ ...request, backlog: i === 0 }));
  const trial = HARNESS.run(programOf(c, refused ?? []));
  expect(judgeTrial(trial)).toEqual([]);
  expect(trial.observations.length).toBeGreaterThan(1);
  for (const requests of requestsOf(trial)) {
    expect(requests.map(({ ret }) => ret)).toEqual([-EINPROGRESS, -EBUSY, -ENOSPC]);
    const moments = requests.map(({ held }) => held?.moments.map(({ when }) => when));
    const inFlight = ['taken', 'in flight', 'over', 'released'];
    expect(moments).toEqual([inFlight, inFlight, ['taken', 'over', 'released']]);
    for (const { held } of requests) expect(held?.moments.at(-1)?.pages).toBe(0);
  }
  expect(occurrencesOf(trial)).toEqual(
    expect.arrayContaining([
      'program: user memory given back after success',
      'program: user memory given back after an error',
      'program: user memory held in the backlog',
    ]),
  );
});

/** What fails while a caller takes, by its way. */
const FAILING: Readonly<Record<Caller, FaultPoint>> = {
  extract: 'gup',
  map: 'gup',
  copy: 'page-alloc',
};

test.each(CALLERS)('%s: what the second cannot have is no matter of the first', (how) => {
  const c = lent(how, 1, { when: 'settled' });
  const alone = lent(how, 0, {});
  // As many calls as the first makes by itself are not the one that fails.
  const point = FAILING[how];
  const fails = (whole: Case, nth: number): Trial =>
    HARNESS.run({ ...whole, context: { ...whole.context, failing: { point, nth } } });
  let nth = 1;
  while (fails(alone, nth).observations.some(({ struck }) => struck > 0)) nth++;
  const trial = fails(c, nth);
  expect(judgeTrial(trial)).toEqual([]);
  expect(nth).toBeGreaterThan(1);
  for (const [first, second] of requestsOf(trial)) {
    expect([first.result, first.held?.moments.at(-1)?.when]).toEqual([0, 'released']);
    expect([-EFAULT, -ENOMEM]).toContain(second.result);
    expect(second.held).toBeUndefined();
  }
  expect(occurrencesOf(trial)).toContain('program: user memory not to be had');
});

test('a copy that does not come home between two requests is -EFAULT of its request alone', () => {
  const c = lent('copy', 1, { when: 'settled' });
  const results = Array.from({ length: 12 }, (_, i) => {
    const failing = { point: 'user-copy', nth: i + 1 } as const;
    const trial = HARNESS.run({ ...c, context: { ...c.context, failing } });
    expect(judgeTrial(trial)).toEqual([]);
    const results = requestsOf(trial).map((requests) => requests.map((o) => o.result));
    // The API did it; only its caller could not bring it home.
    const met = trial.observations.every(
      ({ result, completions }) => result === -EFAULT && completions.at(-1) === 0,
    );
    return { met, results };
  });
  const lost = results.filter(({ met }) => met);
  expect(lost.length).toBeGreaterThan(0);
  for (const one of lost)
    for (const [first, second] of one.results) {
      expect([first, second]).toEqual([-EFAULT, 0]);
    }
});
