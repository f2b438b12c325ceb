/**
 * Iterators that are wrong in one thing each: what compares them must hear every one, before a campaign
 * trusts it.
 * @module
 */
import { iovIterTruncate } from '../../converted/iter/iov-iter.ts';
import { iovIterAdvance } from '../../converted/iter/position.ts';
import { Machine } from '../../src/machine/machine.ts';
import { PHYS_BASE } from '../../src/machine/phys-mem.ts';
import { type Case, walkCase } from '../case/case.ts';
import type { IteratorProgram } from '../case/iterator-case.ts';
import { CaseMemory } from '../case/memory.ts';
import { type Check, judgeTrial, type Trial } from '../judge/judge.ts';
import { physOf } from './file.ts';
import { type Built, buildIterator } from './types.ts';
import { type BuildIterator, walkTrial } from './walk.ts';

/** What the canaries are asked: one range over the ends of pages and folios, with an empty segment. */
export const CANARY_PROGRAM: IteratorProgram = {
  direction: 'source',
  folios: [0, 0, 1],
  first: 2 ** 20,
  hole: null,
  locked: null,
  slots: 2,
  before: 30,
  commands: [{ name: 'copy', a: 12_000, b: 0 }],
};
export const CANARY_SPANS: readonly { readonly offset: number; readonly len: number }[] = [
  { offset: 4000, len: 200 },
  { offset: 4200, len: 0 },
  { offset: 4200, len: 4500 },
];
export const CANARY_CASE: Case = walkCase(CANARY_PROGRAM, CANARY_SPANS, 7);

/** Memory of a machine for them. */
const MEMORY = 1 << 20;
/** A byte of the file that no segment has. */
const OUTSIDE = 9;

/** A wrong iterator, and the check that must name it. */
export interface WalkCanary {
  readonly name: string;
  readonly check: Check;
  readonly build: BuildIterator;
  readonly detail: RegExp;
}

/** Iterators with something done to them behind their making. */
export function spoilt(spoil: (built: Built) => void): BuildIterator {
  return (type, file) => {
    const built = buildIterator(type, file);
    spoil(built);
    return built;
  };
}

export const WALK_CANARIES: readonly WalkCanary[] = [
  {
    name: 'one byte short',
    check: 'ITER',
    build: spoilt(({ iter }) => iovIterTruncate(iter, iter.count - 1)),
    detail: /new: count 4699, expected 4700/,
  },
  {
    name: 'one byte further on',
    check: 'ITER',
    build: spoilt(({ iter }) => {
      iovIterAdvance(iter, 1);
      iter.count++;
    }),
    detail: /new: behind it byte 0 of the steps is another/,
  },
  {
    name: 'more bytes than there are',
    check: 'ITER',
    build: spoilt(({ iter }) => {
      iter.count += 9000;
    }),
    detail: /count 13700, expected 4700/,
  },
  {
    name: 'a byte of the file that changes',
    check: 'SRC',
    build: (type, file) => {
      file.machine.mem.u8[physOf(file.pages, OUTSIDE) - PHYS_BASE] ^= 1;
      return buildIterator(type, file);
    },
    detail: /byte 9 of page 0 of the file, 3991 bytes before segment 0/,
  },
  {
    name: 'a reference that nobody gives back',
    check: 'REF',
    build: (type, file) => {
      file.machine.getPage(file.pages[0], 'canary');
      return buildIterator(type, file);
    },
    detail: /not returned, taken by/,
  },
  {
    name: 'a warning',
    check: 'WARN',
    build: (type, file) => {
      file.machine.warn('WARN_ON(canary)');
      return buildIterator(type, file);
    },
    detail: /canary/,
  },
];

/** Canaries that nobody heard, where nothing is heard without one. */
export function deafIterators(canaries: readonly WalkCanary[] = WALK_CANARIES): string[] {
  const memory = new CaseMemory(new Machine({ memory: MEMORY }));
  const rings = (build?: BuildIterator): Trial =>
    walkTrial(memory, CANARY_CASE, CANARY_PROGRAM, build);
  const isSilent = (): boolean => judgeTrial(rings()).length === 0;
  return canaries.flatMap(({ name, check, build }) => {
    const trial = rings(build);
    const heard = judgeTrial(trial).filter((violation) => violation.check === check);
    // What rings of iterators as they are is a fault of theirs, which will be found.
    const isHeard = heard.length === trial.observations.length || !isSilent();
    return isHeard ? [] : [`${check} does not ring: iterators, ${name}`];
  });
}
