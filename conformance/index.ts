/**
 * The conformance kit, for those who bring an API of their own: cases, layouts, the generator, the
 * harness and the judge.
 * @module
 */
export {
  type Bytes,
  type Case,
  CaseError,
  type Layout,
  MEMORY_KINDS,
  type MemoryKind,
  parseCase,
  parseCaseJson,
  type Segment,
} from './case.ts';
export { ALGORITHMS, CaseGenerator, coverLayout } from './generate.ts';
export { Harness, type SidesOf } from './harness.ts';
export {
  CHECKS,
  type Check,
  judgeTrial,
  RULES,
  type Trial,
  type Violation,
} from './judge/judge.ts';
export { describeLayout, fitLayout, LAYOUTS, type LayoutTemplate } from './layout.ts';
export { CaseMemory } from './memory.ts';
export type { CaseInput, Expectation, Observation } from './observe.ts';
export type { Placed, Run } from './placed.ts';
export { decodeToken, encodeToken } from './replay.ts';
export { drawCase } from './report/picture.ts';
export { shrinkCase } from './shrink.ts';
export { Iterators } from './subjects/iterators.ts';
export { type Operation, type Outcome, refused, type Side } from './subjects/machine-subject.ts';
export { bothSides } from './subjects/sides.ts';
export { Submission } from './subjects/submit.ts';
