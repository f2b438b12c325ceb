/**
 * Everything that can be measured, by name: a bench, and the ways in it.
 * @module
 */
import { Machine } from '../src/machine/index.ts';
import { COMPARED } from './compared.ts';
import { FRONT_ENDS } from './front-end.ts';
import { GROWTH } from './growth.ts';
import { WALKS_OF_ITERATORS } from './walk.ts';
import type { Job, WaySpec } from './way.ts';
import { waysOf } from './ways/ways.ts';
import { buildWorkload, PLANS, type Plan } from './workloads.ts';

/** Ways that are measured against each other. */
export interface Bench {
  readonly id: string;
  readonly what: string;
  readonly group: 'workload' | 'front' | 'growth' | 'walk' | 'compared';
  /** Bytes of a request, 0 for a walk. */
  readonly bytes: number;
  readonly jobs: readonly Job[];
}

/** @see module */
export const BENCHES: readonly Bench[] = [
  ...PLANS.map((plan): Bench => {
    const { id, what, bytes } = plan;
    return { id, what, group: 'workload', bytes, jobs: waysOf(plan).map((way) => job(plan, way)) };
  }),
  ...FRONT_ENDS.map(({ id, what, jobs }): Bench => ({ id, what, group: 'front', bytes: 0, jobs })),
  ...GROWTH.map(({ plan, jobs }): Bench => {
    const { id, what, bytes } = plan;
    return { id, what, group: 'growth', bytes, jobs };
  }),
  ...COMPARED.map(({ plan, jobs }): Bench => {
    const { id, what, bytes } = plan;
    return { id, what, group: 'compared', bytes, jobs };
  }),
  ...WALKS_OF_ITERATORS.map(
    ({ id, what, jobs }): Bench => ({ id, what, group: 'walk', bytes: 0, jobs }),
  ),
];

/** @throws Error for names that do not exist. */
export function findJob(bench: string, way: string): Job {
  const found = BENCHES.find(({ id }) => id === bench)?.jobs.find(({ id }) => id === way);
  if (found === undefined) throw new Error(`no way '${way}' in '${bench}'`);
  return found;
}

function job(plan: Plan, { id, what, kind, make }: WaySpec): Job {
  return {
    id,
    what,
    kind,
    make: () => {
      const machine = new Machine({ checks: false });
      return make(machine, buildWorkload(machine, plan));
    },
  };
}
