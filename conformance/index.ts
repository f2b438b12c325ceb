/**
 * The conformance kit, for those who bring an API of their own: cases, layouts, the generator, the
 * harness and the judge.
 * @module
 */

export type { Algorithm } from './algorithms/row.ts';
export {
  type ConformOptions,
  type ConformResult,
  conform,
  conformInThreads,
  DEFAULT_CASE_TIME,
  DEFAULT_CASES,
  DEFAULT_SEED,
  type Monitor,
  selectAlgorithms,
} from './campaign/conform.ts';
export { Harness, type SidesOf } from './campaign/harness.ts';
export { decodeToken, encodeToken } from './campaign/replay.ts';
export { replayCase } from './campaign/replay-case.ts';
export {
  type Bytes,
  type Case,
  CaseError,
  type Layout,
  MEMORY_KINDS,
  type MemoryKind,
  type Segment,
} from './case/case.ts';
export { checkCase } from './case/check.ts';
export { CaseGenerator, drawnAlgorithms } from './case/generate.ts';
export { coverLayout } from './case/generate-layout.ts';
export { describeLayout, fitLayout, LAYOUTS, type LayoutTemplate } from './case/layout.ts';
export { CaseMemory } from './case/memory.ts';
export { parseCase, parseCaseJson } from './case/parse.ts';
export type { Placed, Run } from './case/placed.ts';
export { shrinkCase } from './case/shrink.ts';
export {
  CHECKS,
  type Check,
  judgeTrial,
  RULES,
  type Trial,
  type Violation,
} from './judge/judge.ts';
export type { CaseInput, Expectation, Observation } from './judge/observe.ts';
export {
  type Half,
  type HalfOf,
  type PartialApis,
  type PartialOptions,
  partialApis,
  partialNames,
} from './partial/partial.ts';
export { reportOf } from './report/conform-report.ts';
export { drawCase } from './report/picture.ts';
export { REPORTERS, type Reporter } from './report/reporters.ts';
export type { ConformReport, FindingReport } from './report/schema.ts';
export { ApiSide } from './subjects/api-side.ts';
export { ConvertedApi } from './subjects/converted.ts';
export { type DriverModel, driverSides } from './subjects/foreign/driver-model.ts';
export {
  type Admitted,
  admitSubjects,
  type ForeignSubject,
  type SubjectSpec,
} from './subjects/foreign/foreign.ts';
export { Iterators } from './subjects/iterators.ts';
export { LegacyApi } from './subjects/legacy.ts';
export type { Side } from './subjects/machine-subject.ts';
export type { Operation } from './subjects/operation.ts';
export { type Outcome, refused } from './subjects/outcome.ts';
export { partialSides, STAGES, type Stage } from './subjects/partial-sides.ts';
export { allSides, bothSides } from './subjects/sides.ts';
export { SubjectError } from './subjects/subject-error.ts';
export { Submission } from './subjects/submit.ts';
