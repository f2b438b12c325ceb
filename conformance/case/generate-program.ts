/**
 * Programs: what else happens on the transform of a case, and on others beside it. Everything is drawn so
 * that the protocol of asynchronous requests is met whole: queues that are full after one request, objects
 * that are used again after whatever came of them, requests that are made by completions, messages in
 * parts, and calls that fail.
 * @module
 */
import { NR_CPUS } from '../../src/machine/context.ts';
import {
  type Case,
  type FurtherRequest,
  type FurtherTransform,
  MISUSES,
  MOST_FURTHER,
  MOST_TRANSFORMS,
  mayJoin,
  type Program,
} from './case.ts';
import type { Dice } from './odds.ts';

/** Counts of further requests; short programs come most often. */
const COUNTS: readonly number[] = [1, 2, 2, 3, 3, 4, 6, 9, MOST_FURTHER];
/** One program in so many has a caller who breaks the contract. */
const MISUSE_RARITY = 4;
/** One program in so many has several transforms. */
const TRANSFORMS_RARITY = 2;
/** In one program of so many, what can be submitted together is. */
const BATCH_RARITY = 4;
/** Steps that run at most between two submissions. */
const MOST_STEPS = 3;
/** What is made to fail. `conform --faults every` does it call by call; here it is the first few. */
export const FAILING = ['kmalloc', 'page-alloc', 'gup', 'dma-map', 'queue', 'device'] as const;
export const MOST_CALLS = 4;

/** Draws what programs are made of. */
export interface Troupe {
  /** True for a case whose transform can be used, so that others may stand beside it. */
  readonly isUsable: (c: Case) => boolean;
  /** A case without a message: a transform with its key. */
  readonly transform: (prng: Dice) => Case;
  /** A message, with its layout, for the transform of a case. */
  readonly message: (prng: Dice, base: Case) => Case;
}

/**
 * The case with requests beside its own.
 * @param failing one in so many has a call that fails, besides those in which an allocation does
 */
export function withProgram(prng: Dice, c: Case, troupe: Troupe, failing: number): Case {
  const bases = [c, ...randomTransforms(prng, c, troupe)];
  const requests = randomRequests(prng, bases, troupe);
  const misuse = prng.oneIn(MISUSE_RARITY)
    ? { what: prng.pick(MISUSES), after: prng.below(requests.length + 1) }
    : null;
  const program = { queue: prng.oneIn(3) ? 0 : prng.between(1, 3), freeEarly: prng.oneIn(2) };
  return {
    ...c,
    context: { ...c.context, reuse: false, ...randomFailing(prng, c, failing) },
    program: { ...program, misuse, ...used(bases, requests) },
  };
}

function randomTransforms(prng: Dice, c: Case, { transform, isUsable }: Troupe): Case[] {
  if (!prng.oneIn(TRANSFORMS_RARITY) || !isUsable(c)) return [];
  return Array.from({ length: prng.between(1, MOST_TRANSFORMS) }, () => transform(prng));
}

function randomRequests(prng: Dice, bases: readonly Case[], { message }: Troupe): FurtherRequest[] {
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
    const before = of === 0 ? 0 : requests[of - 1].tfm;
    const tfm = reuse ? before : prng.below(bases.length);
    const { op, iv, ad, text, tag, room, tamper, layout, hash } = message(prng, bases[tfm]);
    requests.push({
      tfm,
      when,
      steps: when === 'now' && prng.oneIn(3) ? prng.between(1, MOST_STEPS) : 0,
      of,
      reuse,
      cpu: prng.below(cpus),
      backlog: prng.oneIn(2),
      ...{ op, iv, ad, text, tag, room, tamper, layout, hash },
    });
  }
  return requests;
}

/** The case, whose program has batches now and then: what can be submitted with the request before it is. */
export function withBatches(prng: Dice, c: Case): Case {
  const { program } = c;
  if (program === undefined || !prng.oneIn(BATCH_RARITY)) return c;
  const { transforms } = program;
  const requests: FurtherRequest[] = [];
  for (const [i, r] of program.requests.entries()) {
    const cpu = requests.at(-1)?.cpu ?? 0;
    const joined: FurtherRequest = { ...r, when: 'now', steps: 0, reuse: false, cpu };
    const isJoined = mayJoin(c, { transforms, requests: [...requests, joined] }, i + 1);
    requests.push(isJoined ? { ...joined, batch: true } : r);
  }
  return { ...c, program: { ...program, requests } };
}

/** One call fails, now and then; an allocation may fail already. */
function randomFailing(
  prng: Dice,
  { context }: Case,
  rarity: number,
): Pick<Case['context'], 'failing'> {
  if (context.fault > 0 || !prng.oneIn(rarity)) return {};
  return { failing: { point: prng.pick(FAILING), nth: prng.between(1, MOST_CALLS) } };
}

/** The transforms that have requests, and these by their numbers among them. */
function used(
  bases: readonly Case[],
  requests: readonly FurtherRequest[],
): Pick<Program, 'transforms' | 'requests'> {
  const kept = bases.map((_, tfm) => tfm).filter((tfm) => requests.some((r) => r.tfm === tfm));
  const numbers = kept.filter((tfm) => tfm > 0);
  return {
    transforms: numbers.map((tfm) => transformOf(bases[tfm])),
    requests: requests.map((r) => ({ ...r, tfm: numbers.indexOf(r.tfm) + 1 })),
  };
}

function transformOf({ alg, kind, driver, async, key, authsize }: Case): FurtherTransform {
  if (kind === 'iterator') throw new Error('an iterator has no transform');
  return { alg, kind, driver, async, key, authsize };
}
