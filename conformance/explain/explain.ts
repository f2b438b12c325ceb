/**
 * A case step by step: what each side did, in order, and where they part.
 * @module
 */
import { assert } from '../../src/assert.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { Harness } from '../campaign/harness.ts';
import { type Case, overlapOf } from '../case/case.ts';
import { type Run, sliceRuns } from '../case/placed.ts';
import { judgeTrial, type Trial, type Violation } from '../judge/judge.ts';
import { ConvertedApi } from '../subjects/converted.ts';
import { LegacyApi } from '../subjects/legacy.ts';
import { LibApi } from '../subjects/lib.ts';
import { producedLength } from '../subjects/machine-subject.ts';
import type { Operation } from '../subjects/operation.ts';
import type { Outcome } from '../subjects/outcome.ts';
import { type Changes, type Divergence, firstDivergence, type SideTrace } from './divergence.ts';
import { TracedSide } from './traced-api.ts';

/** A case that was run, with everything that was seen on the way. */
export interface Explanation {
  readonly trial: Trial;
  readonly violations: readonly Violation[];
  /** In the order of the observations. */
  readonly sides: readonly SideTrace[];
  /** null where nothing is wrong. */
  readonly divergence: Divergence | null;
}

/** Builds traced sides over one machine. */
export type TracedSidesOf = (machine: Machine) => readonly TracedSide[];

/** Both APIs, and the library behind them. */
export function tracedSides(machine: Machine): readonly TracedSide[] {
  return [
    TracedSide.over(machine, new LegacyApi(machine)),
    TracedSide.over(machine, new ConvertedApi(machine)),
    TracedSide.over(machine, new LibApi(machine)),
  ];
}

/** Runs a case of requests once on every side that has its driver, and keeps every step. */
export function explainCase(c: Case, sidesOf: TracedSidesOf = tracedSides): Explanation {
  const traces: SideTrace[] = [];
  const harness = new Harness((machine) =>
    sidesOf(machine).map((side) => {
      side.ended = (ops, map, outcomes) => {
        const { steps, dropped } = side.tracer;
        traces.push({
          name: side.name,
          steps: [...steps],
          dropped,
          ops,
          map,
          ...changesOf(ops, outcomes),
        });
      };
      return side;
    }),
  );
  const trial = harness.run(c);
  assert(traces.length === trial.observations.length, 'one trace for each side that ran');
  const violations = judgeTrial(trial);
  return {
    trial,
    violations,
    sides: traces,
    divergence: firstDivergence(trial, violations, traces),
  };
}

/** Changed bytes that are none of the request's. Must be asked while the memory of the run still stands. */
function changesOf(ops: readonly Operation[], outcomes: readonly Outcome[]): Changes {
  const [{ memory }] = ops;
  const parts = ops.map((op, i) => ownBytes(op, outcomes[i] ?? null));
  const read = parts.flatMap((runs) => runs.slice(0, 2));
  return {
    stray: memory.strayWrites(parts.flat(2)),
    kept: read.map((runs) => memory.changedIn(runs)).filter((at) => at >= 0),
  };
}

/** Bytes of an operation: AD of the destination, where the tag is read, what is written, an earlier one's. */
function ownBytes(
  { c, input, dst, earlier }: Operation,
  outcome: Outcome | null,
): readonly (readonly Run[])[] {
  const isHash = c.kind === 'ahash';
  const ad = isHash ? 0 : input.ad.length;
  const produced = producedLength(c, input, outcome);
  const isTagInDst = c.op === 'decrypt' && c.layout.inplace !== 'no' && overlapOf(c) === 0;
  return [
    sliceRuns(dst, 0, ad),
    sliceRuns(dst, ad + produced, isTagInDst ? c.authsize : 0),
    sliceRuns(dst, ad, produced),
    earlier === null ? [] : earlier.dst.flatMap(({ runs }) => runs),
  ];
}
