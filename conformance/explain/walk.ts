/**
 * A case about iterators, command by command: where the iterator of each type stands, and where the row of
 * bytes and the index stand that it is compared with.
 * @module
 */
import { Harness } from '../campaign/harness.ts';
import type { Case } from '../case/case.ts';
import type { IteratorProgram } from '../case/iterator-case.ts';
import { subjectOf, type WalkStep, walkTrial } from '../iterators/walk.ts';
import { judgeTrial, type Violation } from '../judge/judge.ts';
import { drawCase } from '../report/picture.ts';

/** Steps of each type that was run, and what was wrong. */
export interface WalkExplanation {
  readonly c: Case;
  readonly steps: readonly WalkStep[];
  readonly violations: readonly Violation[];
}

/** Runs a case about iterators, and keeps where each stands behind each command. */
export function explainWalk(c: Case, program: IteratorProgram): WalkExplanation {
  const steps: WalkStep[] = [];
  const { memory } = new Harness(() => []);
  const trial = walkTrial(memory, c, program, undefined, (step) => steps.push(step));
  return { c, steps, violations: judgeTrial(trial) };
}

/**
 * The lines of it: the types that are wrong, or the first where none is; with `all` every type.
 * @param type the one that is shown; null for those
 */
export function walkText(
  { c, steps, violations }: WalkExplanation,
  all: boolean,
  type: string | null,
): string[] {
  const types = [...new Set(steps.map((step) => step.type))];
  const bad = types.filter((name) => violations.some(({ subject }) => subject === subjectOf(name)));
  const shown = type === null ? (all ? types : bad.length > 0 ? bad : types.slice(0, 1)) : [type];
  const [violation = null] = violations;
  return [
    ...drawCase(c, violation),
    ...types
      .filter((name) => shown.includes(name))
      .flatMap((name) => ['', ...typeText(name, steps)]),
    '',
    ...violations.map(({ check, subject, detail }) => `${check} ${subject}: ${detail}`),
    violations.length === 0
      ? `${types.length} types stand where they must, behind every command`
      : `${bad.length} of ${types.length} types are wrong`,
  ];
}

/** Where an iterator of a type stands behind each command. */
export function typeText(type: string, steps: readonly WalkStep[]): string[] {
  const own = steps.filter((step) => step.type === type);
  return [
    `${subjectOf(type)}: bytes left behind each command`,
    ...own.map(({ number, command, left, expected, wrong }) => {
      const name = `${number < 0 ? ' ' : String(number)}  ${command}`.padEnd(44);
      const is = left === expected ? `${left}` : `${left}, expected ${expected}`;
      return `  ${name} ${is}${wrong === null ? '' : `  <- ${wrong}`}`;
    }),
  ];
}
