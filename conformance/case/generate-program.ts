/**
 * Programs: what else happens on the transform of a case. Everything is drawn so that the protocol of
 * asynchronous requests is met whole: queues that are full after one request, objects that are used
 * again after whatever came of them, requests that are made by completions.
 * @module
 */
import { NR_CPUS } from '../../src/machine/context.ts';
import type { Prng } from '../../src/prng.ts';
import { type Case, type FurtherRequest, MISUSES, MOST_FURTHER } from './case.ts';

/** Counts of further requests; short programs come most often. */
const COUNTS: readonly number[] = [1, 2, 2, 3, 3, 4, 6, 9, MOST_FURTHER];
/** One program in so many has a caller who breaks the contract. */
const MISUSE_RARITY = 8;
/** Steps that run at most between two submissions. */
const MOST_STEPS = 3;

/** Draws another message, with its layout, for the algorithm of a case. */
export type DrawMessage = () => Pick<Case, 'op' | 'iv' | 'ad' | 'text' | 'tamper' | 'layout'>;

/** The case with requests beside its own. */
export function withProgram(prng: Prng, c: Case, draw: DrawMessage): Case {
  const count = prng.pick(COUNTS);
  const requests: FurtherRequest[] = [];
  const reusers = new Set<number>();
  const cpus = prng.oneIn(2) ? 1 : NR_CPUS;
  for (let i = 0; i < count; i++) {
    const of = prng.oneIn(3) ? prng.below(i + 1) : i;
    const when = prng.pick(['now', 'now', 'now', 'settled', 'callback'] as const);
    const isTaken = when === 'callback' && reusers.has(of);
    const reuse = when !== 'now' && !isTaken && prng.oneIn(2);
    if (reuse && when === 'callback') reusers.add(of);
    const { op, iv, ad, text, tamper, layout } = draw();
    requests.push({
      when,
      steps: when === 'now' && prng.oneIn(3) ? prng.between(1, MOST_STEPS) : 0,
      of,
      reuse,
      cpu: prng.below(cpus),
      backlog: prng.oneIn(2),
      op,
      iv,
      ad,
      text,
      tamper,
      layout,
    });
  }
  const misuse = prng.oneIn(MISUSE_RARITY)
    ? { what: prng.pick(MISUSES), after: prng.below(count + 1) }
    : null;
  return {
    ...c,
    hash: { final: 'digest', updates: [], reimport: false },
    context: { ...c.context, reuse: false },
    program: {
      queue: prng.oneIn(3) ? 0 : prng.between(1, 3),
      freeEarly: prng.oneIn(2),
      misuse,
      requests,
    },
  };
}
