/**
 * What the project wants to reach, as data. Ratios only: a shared machine moves absolute times.
 *
 * `sg2iter bench --targets` measures each bench that is named here three times, takes the best of the
 * three medians of every figure, and says which targets are met. It never fails: a slow neighbour is not
 * a mistake in the program.
 * @module
 */

/** What a way is compared with. */
export type Against = 'bestPeer' | 'rawNode' | 'legacy';

/** A figure that can be read off a set of results. */
export type Metric =
  /** How many times faster `way` is than the other. `legacy` is the old API in the same shape. */
  | {
      readonly kind: 'ratio';
      readonly bench: string;
      readonly way: string;
      readonly against: Against;
    }
  /** How many times slower a decryption is than an encryption. */
  | { readonly kind: 'decrypt'; readonly bench: string; readonly way: string }
  /** What a request costs the API alone, in R. */
  | { readonly kind: 'front'; readonly bench: string; readonly way: string }
  /** Bytes that a request allocates in the heap of the language. */
  | { readonly kind: 'heap'; readonly bench: string; readonly way: string }
  /** Nanoseconds that one more segment costs, on both lists together. */
  | { readonly kind: 'segment'; readonly way: string }
  /** How many times dearer the dearest iterator type is than a plain loop. */
  | { readonly kind: 'walk'; readonly bench: string };

export interface Target {
  readonly metric: Metric;
  readonly bound: 'at least' | 'at most';
  readonly value: number;
  /** What would be better still. */
  readonly goal?: number;
}

/** @see module */
export const TARGETS: readonly Target[] = [
  faster('w1', 'converted-built', 'bestPeer', 1.8),
  faster('w1', 'converted-refilled', 'bestPeer', 2),
  faster('w1', 'converted-refilled', 'rawNode', 1.4),
  faster('w1', 'converted-batch', 'bestPeer', 2.8, 3.2),
  faster('w2', 'converted-refilled', 'bestPeer', 1.5),
  faster('w2s', 'converted-refilled', 'bestPeer', 1.5),
  faster('w3', 'converted-refilled', 'bestPeer', 12),
  faster('w4', 'converted-refilled', 'bestPeer', 1.08),
  faster('w5', 'converted-refilled', 'bestPeer', 1.8),
  faster('w6', 'converted-kept', 'bestPeer', 5),
  faster('w6', 'converted-refilled', 'bestPeer', 4),
  faster('w7', 'converted-refilled', 'bestPeer', 3.5, 4),
  faster('w7', 'converted-batch', 'bestPeer', 11, 15),
  faster('w1', 'front', 'bestPeer', 1.2),
  faster('w1', 'converted-built', 'legacy', 3),
  faster('w5', 'converted-built', 'legacy', 3),
  faster('w6', 'converted-built', 'legacy', 3),
  ...['w1', 'w2', 'w3', 'w5', 'w7'].map(
    (bench): Target => ({
      metric: { kind: 'decrypt', bench, way: 'converted-refilled' },
      bound: 'at most',
      value: 1.15,
    }),
  ),
  { metric: { kind: 'front', bench: 'front-w1', way: 'null-kept' }, bound: 'at most', value: 0.06 },
  { metric: { kind: 'front', bench: 'front-w7', way: 'null-kept' }, bound: 'at most', value: 0.03 },
  { metric: { kind: 'heap', bench: 'front-w1', way: 'null-kept' }, bound: 'at most', value: 1 },
  { metric: { kind: 'heap', bench: 'front-w7', way: 'null-kept' }, bound: 'at most', value: 1 },
  { metric: { kind: 'segment', way: 'converted-kept' }, bound: 'at most', value: 25 },
  { metric: { kind: 'segment', way: 'converted-refilled' }, bound: 'at most', value: 60 },
  { metric: { kind: 'walk', bench: 'walk-position' }, bound: 'at most', value: 3 },
  { metric: { kind: 'walk', bench: 'walk-lower' }, bound: 'at most', value: 3 },
];

function faster(
  bench: string,
  way: string,
  against: Against,
  value: number,
  goal?: number,
): Target {
  const metric: Metric = { kind: 'ratio', bench, way, against };
  return { metric, bound: 'at least', value, ...(goal === undefined ? {} : { goal }) };
}
