/**
 * The work at which the front door is compared with what else encrypts scattered data in JavaScript.
 * @module
 */
import { Machine } from '../src/machine/index.ts';
import type { Job } from './way.ts';
import { waysOf } from './ways/ways.ts';
import { buildWorkload, COMPARED_PLANS, type Plan } from './workloads.ts';

/** Ways that are compared, each a call after the other, and the library of each. */
export const COMPARED_WAYS: Readonly<Record<string, string>> = {
  front: 'sg2iter',
  P1: 'node:crypto',
  P4: 'WebCrypto',
  P3: 'noble-ciphers',
};

/** Both sides of the largest work with gaps, and what a driver borrows. */
const MEMORY = 2 ** 27;

/** @see module */
export const COMPARED: readonly { readonly plan: Plan; readonly jobs: readonly Job[] }[] =
  COMPARED_PLANS.map((plan) => ({
    plan,
    jobs: waysOf(plan)
      .filter(({ id }) => id in COMPARED_WAYS)
      .map(({ id, what, kind, make }) => ({
        id,
        what,
        kind,
        make: () => {
          const machine = new Machine({ checks: false, memory: MEMORY });
          return make(machine, buildWorkload(machine, plan));
        },
      })),
  }));
