/**
 * A way to do the work of a workload, and what its process measures of it.
 * @module
 */
import { createHash } from 'node:crypto';
import type { Machine } from '../src/machine/index.ts';
import { view, type WorkItem, type Workload } from './workloads.ts';

/** What a way is, for ratios: the limit, what a user would do otherwise, the old API, the new one. */
export type WayKind = 'limit' | 'peer' | 'legacy' | 'converted' | 'front' | 'plain';

/** One way, built in the process that measures it. */
export interface Way {
  /** Does the batch once; results are in memory afterwards. */
  readonly all: () => void | Promise<void>;
  /** Requests in a batch (or segments of a walk): times are given per one of them. */
  readonly items: number;
  /** Digest over all outputs of the batch. */
  readonly digest: () => string;
  /** Makes all outputs wrong. */
  readonly wipe: () => void;
}

/** A way before it is built: the parent knows it by name only. */
export interface WaySpec {
  readonly id: string;
  readonly what: string;
  readonly kind: WayKind;
  readonly make: (machine: Machine, work: Workload) => Way | Promise<Way>;
}

/** One way of one bench, before it is built. */
export interface Job {
  readonly id: string;
  readonly what: string;
  readonly kind: WayKind;
  readonly make: () => Way | Promise<Way>;
}

/** A way of requests one after the other, whose outputs lie in the memory of the workload. */
export function singly(
  machine: Machine,
  work: Workload,
  one: (item: WorkItem, k: number) => void,
): Way {
  const { items } = work;
  const all = (): void => {
    for (let k = 0; k < items.length; k++) one(items[k], k);
  };
  return inMemory(machine, work, all);
}

/** A way of the whole batch. */
export function inMemory(machine: Machine, work: Workload, all: Way['all']): Way {
  return {
    all,
    items: work.items.length,
    digest: () => outputDigest(machine, work),
    wipe: () => wipeOutputs(machine, work),
  };
}

/** Whether `tag` is written: by everything but a decryption. */
export function writesTag({ tagLen, encrypt }: Workload): boolean {
  return tagLen > 0 && encrypt;
}

/** SHA-256 over all destination segments, each item followed by its tag or digest. */
function outputDigest(machine: Machine, work: Workload): string {
  const hash = createHash('sha256');
  for (const { dst, tag } of work.items) {
    for (const segment of dst) hash.update(view(machine, segment));
    if (writesTag(work)) hash.update(view(machine, tag));
  }
  return hash.digest('hex');
}

function wipeOutputs(machine: Machine, work: Workload): void {
  for (const { dst, tag } of work.items) {
    for (const segment of dst) view(machine, segment).fill(0);
    if (writesTag(work)) view(machine, tag).fill(0);
  }
}
