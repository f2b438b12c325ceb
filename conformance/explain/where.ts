/**
 * Where a finding arose, for whoever reads it without running anything: the step of its first divergence, the
 * function that made it, what was done to memory before it, and who took the memory that a trap is about.
 * @module
 */
import { PHYS_BASE, physToPfn } from '../../src/machine/phys-mem.ts';
import { PAGE_SIZE, physAddr } from '../../src/units.ts';
import { driverOf } from '../algorithms/drivers.ts';
import type { Case } from '../case/case.ts';
import { subjectOf } from '../iterators/walk.ts';
import type { Violation } from '../judge/judge.ts';
import { firstDivergence, type SideTrace } from './divergence.ts';
import { explainCase, type TracedSidesOf } from './explain.ts';
import type { Frame } from './frames.ts';
import { stepText } from './rows.ts';
import type { Step } from './step.ts';
import { divergenceText, frameText } from './text.ts';
import { explainWalk, typeText } from './walk.ts';

/** Accesses to memory that are told of what came before. */
const BEFORE = 2;
/** Pages that one taking has at most: those of a walk's scratch memory. */
const MOST_PAGES = 16;

/**
 * The lines of it; none where no step of an API of ours shows it.
 * @param violation as the case breaks a rule: of one API, or of one iterator type
 */
export function whereOf(c: Case, violation: Violation, sidesOf?: TracedSidesOf): string[] {
  if (c.iterator !== undefined) {
    const { steps } = explainWalk(c, c.iterator);
    const type = steps.find((step) => subjectOf(step.type) === violation.subject)?.type;
    return type === undefined ? [] : typeText(type, steps);
  }
  const driver = driverOf(c.alg, c.driver);
  // Of an algorithm that somebody else brings, neither API has a driver.
  if (driver === null || !(driver.legacy || driver.converted)) return [];
  const { trial, sides, violations } = explainCase(c, sidesOf);
  const own = violations.filter(
    ({ check, subject }) => check === violation.check && subject === violation.subject,
  );
  const divergence = firstDivergence(trial, own, sides);
  if (divergence === null || divergence.side === null || divergence.step < 0) return [];
  const { side, step, words } = divergence;
  // What the finding says is not said again.
  const isSaid = violation.detail.split('\n')[0].endsWith(words);
  const [first, ...rest] = divergenceText(divergence);
  return [
    isSaid ? first.slice(0, first.length - words.length).replace(/: $/, '') : first,
    ...rest,
    ...takenBy(side, step),
    ...beforeOf(side, step).map((line) => `  before it: ${line}`),
  ];
}

/** The last accesses to memory in front of a step, the nearest first. */
function beforeOf({ steps }: SideTrace, at: number): string[] {
  const lines: string[] = [];
  for (let i = at - 1; i >= 0 && lines.length < BEFORE; i--) {
    if (isTold(steps[i])) lines.push(lineOf(steps[i]));
  }
  return lines;
}

/** An access for the request, or for the one before it, to memory that has a name. */
function isTold({ phase, read, write }: Step): boolean {
  const touch = read ?? write;
  const isOfRequest = phase === 'operation' || phase === 'earlier';
  return isOfRequest && touch !== null && !/^[0-9a-f]+\+/.test(touch.name);
}

function lineOf(step: Step): string {
  return `${stepText(step).join(' ')}${by(step.stack.api.at(-1))}`;
}

function by(frame: Frame | undefined): string {
  return frame === undefined ? '' : `, by ${frameText({ ...frame, symbol: null, origin: null })}`;
}

/** Who took the memory that a trap is about, and who gave it back. */
function takenBy({ steps }: SideTrace, at: number): string[] {
  const { kind, read } = steps[at];
  const isOfCase = read === null || /\b(src|dst)\[/.test(read.name);
  if (kind !== 'trap' || isOfCase) return [];
  const key = keyOf(steps.slice(0, at), read.at);
  return steps
    .slice(0, at)
    .filter((step) => step.key === key)
    .slice(-2)
    .map((step) => {
      const verb = step.kind === 'take' ? 'taken' : 'given back';
      return `  ${verb}: ${step.words}${by(step.stack.api.at(-1))}`;
    });
}

/** The last taking that an offset of memory can be of: the object that begins nearest before it, or its page. */
function keyOf(steps: readonly Step[], offset: number): string | null {
  const phys = physAddr(PHYS_BASE + offset);
  const distance = ({ kind, key }: Step): number => {
    const [what, id = ''] = key.split(':');
    if (kind !== 'take') return Number.POSITIVE_INFINITY;
    const from = what === 'slab' ? phys - Number(id) : -1;
    if (from >= 0 && from < PAGE_SIZE) return from;
    const pages = what === 'page' ? physToPfn(phys) - Number(id) : -1;
    return pages >= 0 && pages < MOST_PAGES ? PAGE_SIZE * (1 + pages) : Number.POSITIVE_INFINITY;
  };
  let nearest: Step | null = null;
  for (const step of steps) {
    if (distance(step) === Number.POSITIVE_INFINITY) continue;
    if (nearest === null || distance(step) <= distance(nearest)) nearest = step;
  }
  return nearest?.key ?? null;
}
