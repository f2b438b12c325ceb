/**
 * Medians and spreads of samples.
 * @module
 */

/** What the samples of one way say, nanoseconds a request. */
export interface Summary {
  readonly cpuNs: number;
  readonly cpuNsP10: number;
  readonly cpuNsP90: number;
  readonly wallNs: number;
}

/** One sample, nanoseconds a request. */
export interface Sample {
  readonly cpuNs: number;
  readonly wallNs: number;
}

/** Must be given one sample at least. */
export function summarise(samples: readonly Sample[]): Summary {
  const cpu = samples.map(({ cpuNs }) => cpuNs);
  return {
    cpuNs: quantile(cpu, 0.5),
    cpuNsP10: quantile(cpu, 0.1),
    cpuNsP90: quantile(cpu, 0.9),
    wallNs: quantile(
      samples.map(({ wallNs }) => wallNs),
      0.5,
    ),
  };
}

/** True when the spreads of two ways overlap so far that their ratio says nothing. */
export function indistinct(a: Summary, b: Summary): boolean {
  const [low, high] = a.cpuNs < b.cpuNs ? [a, b] : [b, a];
  return low.cpuNsP90 > high.cpuNs && high.cpuNsP10 < low.cpuNs;
}

/** The sample that has a share `q` of all below it. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * q)] ?? Number.NaN;
}
