/**
 * The conformance kit, for those who bring an API of their own: cases, layouts, the generator, the
 * harness and the judge.
 * @module
 */

export { Harness, type SidesOf } from './campaign/harness.ts';
export { decodeToken, encodeToken } from './campaign/replay.ts';
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
export { CaseGenerator, coverLayout, drawnAlgorithms } from './case/generate.ts';
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
export { drawCase } from './report/picture.ts';
export { Iterators } from './subjects/iterators.ts';
export { type Outcome, refused, type Side } from './subjects/machine-subject.ts';
export type { Operation } from './subjects/operation.ts';
export { bothSides } from './subjects/sides.ts';
export { Submission } from './subjects/submit.ts';
