/**
 * What came of a job, and of all jobs together: counts that can be added up in any order, and failures
 * that keep the order of the campaign.
 * @module
 */
import { SCENARIOS } from '../case/scenarios.ts';
import type { Failure, Small } from '../judge/findings.ts';
import type { Violation } from '../judge/judge.ts';
import type { Observation } from '../judge/observe.ts';
import { Tally, type TallyCounts } from '../judge/tally.ts';
import { AxisMeter } from './axes.ts';

export interface SourceCounts {
  vectors: number;
  trials: number;
  failed: number;
  /** Vectors of algorithms that are not modelled, or that nobody asked for. */
  skipped: number;
}

/** One case as every side showed it, and what it broke. */
export interface Replayed {
  readonly observations: readonly Observation[];
  readonly violations: readonly Violation[];
}

/** Everything that is counted. Plain data and maps: it crosses from one thread to another. */
export class Answer {
  /** Cases of the self-check, and what it found: deaf checks, and two runs of one API that differed. */
  selfChecked = 0;
  readonly differences: string[] = [];
  readonly bySource: Map<string, SourceCounts> = new Map();
  /** Trials of vectors and checksums. */
  readonly vectors: Tally = new Tally();
  /** Random cases. */
  readonly cases: Tally = new Tally();
  readonly axes: AxisMeter = new AxisMeter(SCENARIOS.map(({ name }) => name));
  readonly failures: Failure[] = [];
  /** The smallest case that a shrinking job found, and the rule as that case breaks it. */
  small: Small | null = null;
  /** True when the job was ended before its last unit. */
  isCut = false;
  /** What a replay saw. */
  replayed: Replayed | null = null;

  source(name: string): SourceCounts {
    let counts = this.bySource.get(name);
    if (counts === undefined) {
      counts = { vectors: 0, trials: 0, failed: 0, skipped: 0 };
      this.bySource.set(name, counts);
    }
    return counts;
  }

  /** Adds what another answer counted; failures are not counts. */
  add(other: Counted): void {
    this.selfChecked += other.selfChecked;
    this.differences.push(...other.differences);
    for (const [name, { vectors, trials, failed, skipped }] of other.bySource) {
      const counts = this.source(name);
      counts.vectors += vectors;
      counts.trials += trials;
      counts.failed += failed;
      counts.skipped += skipped;
    }
    this.vectors.merge(other.vectors);
    this.cases.merge(other.cases);
    this.axes.merge(other.axes);
  }
}

/** What of an answer can be added up. */
export type Counted = Pick<
  AnswerData,
  'selfChecked' | 'differences' | 'bySource' | 'vectors' | 'cases' | 'axes'
>;

/** An answer as another thread gives it: its data, without its methods. */
export type AnswerData = Pick<
  Answer,
  'selfChecked' | 'differences' | 'bySource' | 'failures' | 'small' | 'isCut' | 'replayed'
> & {
  readonly vectors: TallyCounts;
  readonly cases: TallyCounts;
  readonly axes: Pick<AxisMeter, 'hits'>;
};
