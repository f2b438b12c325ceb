/**
 * Models of the kernel as subjects of text cases: whatever can answer one case can be certified.
 * A model answers as a release does, so that what changed between releases is modelled, not excused.
 * @module
 */
import { KernelBug } from '../../../src/assert.ts';
import type { TextCase } from '../text/case.ts';
import { emptyResult, type TextResult } from '../text/result.ts';

/** A series of releases, `6.1`, as two numbers. */
export type Series = readonly [major: number, minor: number];

/** The series of `6.1.176`. */
export function seriesOf(release: string): Series {
  const [major, minor] = release.split('.').map(Number);
  return [major, minor];
}

/** Is a series `first` or a later one? */
export function since(series: Series, first: Series): boolean {
  return series[0] > first[0] || (series[0] === first[0] && series[1] >= first[1]);
}

/** Answers text cases, as the kernel module does. */
export interface ModelSubject {
  /** For the certificate: `legacy`. */
  readonly name: string;
  /** Is a case one that this model is about? What it is not offered is not counted. */
  readonly takes: (c: TextCase) => boolean;
  /** Equal for releases as which it answers this case alike. */
  readonly variant: (c: TextCase, series: Series) => string;
  /** Never throws: a broken contract is a `crash`. */
  readonly run: (c: TextCase, series: Series) => TextResult;
}

/** A model that answers each case once per variant, for several kernels over one list of cases. */
export function remembering(model: ModelSubject): ModelSubject {
  const answers = new Map<string, TextResult>();
  return {
    ...model,
    takes: (c) => model.takes(c),
    variant: (c, series) => model.variant(c, series),
    run: (c, series) => {
      const key = `${c.id} ${model.variant(c, series)}`;
      const answer = answers.get(key) ?? model.run(c, series);
      answers.set(key, answer);
      return answer;
    },
  };
}

/** What `run` answers to a case; a broken contract is a crash, after which the model begins anew. */
export function answered(c: TextCase, run: () => TextResult, renew: () => void): TextResult {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof KernelBug)) throw error;
    renew();
    return emptyResult(c.id, 'crash', error.message);
  }
}
