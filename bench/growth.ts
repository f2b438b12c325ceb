/**
 * How the cost grows with segments (to 10^5) and with bytes (to 1 GiB), for one request at a time.
 * @module
 */
import { Machine } from '../src/machine/index.ts';
import type { Job } from './way.ts';
import { waysOf } from './ways/ways.ts';
import { buildWorkload, growthPlan, type Plan } from './workloads.ts';

/** Ways whose growth is of interest. */
const WAYS: readonly string[] = [
  'raw',
  'P1',
  'legacy-built',
  'legacy-kept',
  'converted-built',
  'converted-refilled',
  'converted-kept',
];

const MIB = 1 << 20;
/** A piece of the largest requests; a folio holds one. */
const LARGE_PIECE = 2 * MIB;
const PIECE = 64;

interface Growth {
  readonly plan: Plan;
  readonly jobs: readonly Job[];
}

/** Segments of 64 bytes, then bytes in pieces of 2 MiB. */
export const GROWTH: readonly Growth[] = [
  ...[10, 100, 1000, 10_000, 100_000].map((segments) => growth(growthPlan(segments, PIECE))),
  ...[4096, 64 * 1024, MIB].map((bytes) => growth(growthPlan(1, bytes))),
  ...[16, 128, 512].map((pieces) => growth(growthPlan(pieces, LARGE_PIECE))),
];

function growth(plan: Plan): Growth {
  const jobs = waysOf(plan)
    .filter(({ id }) => WAYS.includes(id))
    .map(({ id, what, kind, make }) => ({
      id,
      what,
      kind,
      make: () => {
        const machine = new Machine({ checks: false, memory: memoryFor(plan.bytes) });
        return make(machine, buildWorkload(machine, plan));
      },
    }));
  return { plan, jobs };
}

/** Room for both sides with gaps, and for what a driver borrows. A power of two, at most 4 GiB. */
function memoryFor(bytes: number): number {
  return Math.min(4096 * MIB, Math.max(64 * MIB, 2 ** Math.ceil(Math.log2(3 * bytes))));
}
