/**
 * Models of the kernel as subjects of text cases: whatever can answer one case can be certified.
 * @module
 */
import type { Field } from '../contract/contract.ts';
import type { TextCase } from '../text/case.ts';
import type { TextResult } from '../text/result.ts';

/** End of a trace line whose operation a model lacks: the kernel's line is not compared. */
export const NOT_MODELLED = ' = not modelled';

/** A place where a model is known to differ from the release that it models. */
export interface ModelDivergence {
  readonly fields: readonly Field[];
  readonly applies: (c: TextCase) => boolean;
  readonly reason: string;
}

/** Answers text cases, as the kernel module does. */
export interface ModelSubject {
  /** For the certificate: `legacy`. */
  readonly name: string;
  /** The release that it models; differences to others are those of the contract. */
  readonly release: string;
  /** A test says that each is still needed. */
  readonly divergences: readonly ModelDivergence[];
  /** `skip` for a case that it does not model. Never throws: a broken contract is a `crash`. */
  run(c: TextCase): TextResult;
}

/**
 * A model that answers each case once, for several kernels over one list of cases: what it answers
 * does not depend on the release.
 */
export function remembering(model: ModelSubject): ModelSubject {
  const answers = new Map<string, TextResult>();
  return {
    name: model.name,
    release: model.release,
    divergences: model.divergences,
    run: (c) => {
      const answer = answers.get(c.id) ?? model.run(c);
      answers.set(c.id, answer);
      return answer;
    },
  };
}
