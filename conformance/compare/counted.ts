/**
 * What an operation does to a machine.
 * @module
 */
import type { Machine } from '../../src/machine/machine.ts';

export interface Costs {
  /** Objects of the slab and runs of pages that were taken. */
  readonly allocations: number;
  /** Bytes that byte kernels and copies have read. */
  readonly bytesRead: number;
  /** Bytes that were moved without being worked on: what is gathered, bounced, scattered. */
  readonly bytesCopied: number;
  /** How often: each copy into a buffer on the way, and each out of it. */
  readonly bounces: number;
}

/** Counts during `run`. The machine must check: one that does not has ways round its own methods. */
export function counted(machine: Machine, run: () => void): Costs {
  let allocations = 0;
  let bytesRead = 0;
  let bytesCopied = 0;
  let bounces = 0;
  const { load, copy } = machine;
  machine.ledger.recorder = (kind) => {
    if (kind === 'slab' || kind === 'page') allocations++;
  };
  machine.load = (at, len) => {
    bytesRead += len;
    return load.call(machine, at, len);
  };
  machine.copy = (dst, src, len) => {
    bytesRead += len;
    bytesCopied += len;
    bounces++;
    copy.call(machine, dst, src, len);
  };
  try {
    run();
  } finally {
    machine.ledger.recorder = null;
    machine.load = load;
    machine.copy = copy;
  }
  return { allocations, bytesRead, bytesCopied, bounces };
}
