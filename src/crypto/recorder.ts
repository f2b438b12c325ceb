/**
 * The record of walk steps: what a walk offered to a driver, for observations.
 * @module
 */

/**
 * How a step exposes its bytes: `I` in place, `D` two places, `B` gathered in a bounce buffer, `C` copied
 * to an aligned page.
 */
export type StepKind = 'I' | 'D' | 'B' | 'C';

/** Gets every finished step of every walk. A recorder costs one comparison when there is none. */
export interface StepRecorder {
  /** `unprocessed` is what the driver gave back: bytes left, or a negative errno. */
  step(nbytes: number, kind: StepKind, unprocessed: number): void;
}
