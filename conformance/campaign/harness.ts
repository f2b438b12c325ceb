/**
 * The harness: one machine, both APIs, the reference and the judge.
 * @module
 */
import { assert, KernelBug } from '../../src/assert.ts';
import { Machine } from '../../src/machine/machine.ts';
import { type Case, requestCount } from '../case/case.ts';
import { CaseMemory } from '../case/memory.ts';
import { uniformCase, uniformRequest } from '../case/uniform.ts';
import { walkTrial } from '../iterators/walk.ts';
import { judgeTrial, type Trial, type Violation } from '../judge/judge.ts';
import type { CaseInput, Expectation, Observation } from '../judge/observe.ts';
import { observeCase, type Side } from '../subjects/machine-subject.ts';
import { caseInput, expectation, plainInput, rowOf, unexpected } from '../subjects/reference.ts';
import { SubjectAbsent, SubjectSilent } from '../subjects/subject-error.ts';

/**
 * Memory of the machine that cases run in: small enough to compare whole, large enough that a folio of
 * 128 KiB is free between the scattered pages of the longest case.
 */
const CASE_MEMORY = 8 << 20;
/** Every how many cases the whole memory is compared, to catch writes that no dirty list shows. */
const WHOLE_COMPARE = 128;

/** What is told to run where the iterators of one API are compared with each other. */
const NO_SIDE = -1;

/** Builds the sides that run over one machine. */
export type SidesOf = (machine: Machine) => readonly Side[];

export class Harness {
  readonly memory: CaseMemory;
  private readonly sides: readonly Side[];
  /** True with a subject from elsewhere: then a case may be one that nobody runs. */
  readonly hasForeign: boolean;
  private count = 0;
  private runs: (side: number) => void = () => {};
  /** The requests of the case that ran last. */
  private latest: Latest | null = null;

  /** @param hasForeign where one is known to be among the sides, though not here */
  constructor(sidesOf: SidesOf, hasForeign: boolean = false) {
    const machine = new Machine({ memory: CASE_MEMORY });
    this.memory = new CaseMemory(machine);
    this.sides = sidesOf(machine);
    this.hasForeign = hasForeign || this.sides.some(({ isForeign }) => isForeign === true);
  }

  /**
   * Begins anew: what follows does not depend on the cases before.
   * @param runs told the number of each side before it runs
   */
  begin(runs: (side: number) => void): void {
    this.count = 0;
    this.runs = runs;
  }

  /** Runs a case on every side that has its driver. `known` replaces the reference where a vector says what must come. */
  run(asked: Case, known: Partial<Expectation> = {}, given: CaseInput | null = null): Trial {
    if (asked.iterator !== undefined) {
      this.runs(NO_SIDE);
      return walkTrial(this.memory, asked, asked.iterator);
    }
    const { c, requests } = this.latestOf(asked, given);
    const inputs = requests.map(({ input }) => input);
    const whole = this.count++ % WHOLE_COMPARE === 0;
    const [sides, absent] = this.split(c);
    assert(sides.length > 0 || this.hasForeign, 'some side has the driver of a case');
    const observations = sides.flatMap((side) => {
      this.runs(this.sides.indexOf(side));
      const observation = this.observe(side, c, inputs);
      if ('reason' in observation) {
        absent.push(observation);
        return [];
      }
      const silent = whole ? this.memory.silentWrite() : -1;
      if (silent < 0) return [observation];
      const words = `a write that no one reported, at offset ${silent}`;
      return [{ ...observation, stray: [{ words, request: 0 }] }];
    });
    const [first, ...further] = requests;
    return {
      c,
      expected: withKnown(first.answer, known),
      leaks: leaksOf(first),
      observations,
      absent,
      queue: c.program?.queue ?? 0,
      further: further.map((request, i) => ({
        c: request.own,
        expected: request.answer,
        leaks: leaksOf(request),
        observations: observations.flatMap(({ program }) => program?.further[i] ?? []),
        absent: [],
        queue: c.program?.queue ?? 0,
        further: [],
      })),
    };
  }

  /** What is asked, and must be answered; the same case again costs nothing. */
  private latestOf(asked: Case, given: CaseInput | null): Latest {
    if (this.latest?.asked === asked && this.latest.given === given) return this.latest;
    const c = uniformCase(asked);
    const requests: Asked[] = [];
    for (let number = 0; number < requestCount(c); number++) {
      requests.push(requestOf(uniformRequest(c, number), number === 0 ? given : null));
    }
    this.latest = { asked, given, c, requests };
    return this.latest;
  }

  /** The sides that would not run a case, and why. */
  absences(c: Case): readonly Absence[] {
    return this.split(c)[1];
  }

  /** The sides that run a case, and why the others do not. */
  private split(c: Case): [sides: readonly Side[], absent: Absence[]] {
    const sides: Side[] = [];
    const absent: Absence[] = [];
    for (const side of this.sides) {
      const reason = whyNot(side, c);
      if (reason === null) sides.push(side);
      else absent.push({ subject: side.name, reason });
    }
    return [sides, absent];
  }

  /** What a side shows, or why it does not. */
  private observe(side: Side, c: Case, inputs: readonly CaseInput[]): Observation | Absence {
    try {
      return observeCase(this.memory, side, c, inputs);
    } catch (error) {
      if (!(error instanceof SubjectAbsent)) throw error;
      return { subject: side.name, reason: error.message };
    }
  }

  /** Runs a case and judges it. */
  judge(c: Case, known: Partial<Expectation> = {}): Violation[] {
    return judgeTrial(this.run(c, known));
  }
}

/** A request of a case, its bytes, and what must come out. */
interface Asked {
  readonly own: Case;
  readonly input: CaseInput;
  readonly answer: Expectation;
}

/** A case as it was asked and in its one form, and its requests. */
interface Latest {
  readonly asked: Case;
  readonly given: CaseInput | null;
  readonly c: Case;
  readonly requests: readonly Asked[];
}

/** A side that did not run a case. */
type Absence = NonNullable<Trial['absent']>[number];

function whyNot(side: Side, c: Case): string | null {
  if (c.program !== undefined && side.runProgram === undefined) return 'a program of requests';
  return side.declines?.(c) ?? ((side.offers?.(c) ?? true) ? null : 'no such driver');
}

/** What a side with joined lists need not answer for in a request. */
function leaksOf({ own, input }: Asked): Trial['leaks'] {
  const { leaks } = rowOf(own);
  return leaks.length === 0 ? leaks : leaks.filter(({ when }) => when?.(own, input) ?? true);
}

/** What must come out, where a vector knows some of it. */
function withKnown(answer: Expectation, known: Partial<Expectation>): Expectation {
  return Object.keys(known).length === 0 ? answer : { ...answer, ...known };
}

/** The bytes of a case and what must come out. A reference that fails is a finding, not the end of a run. */
function requestOf(own: Case, given: CaseInput | null): Asked {
  let input = given;
  try {
    input ??= caseInput(own);
    const answer = expectation(own, input);
    if (rowOf(own).isKnownOnly === true) return { own, input, answer: { ...answer, iv: null } };
    return { own, input, answer };
  } catch (error) {
    if (error instanceof KernelBug) throw error;
    const answer = unexpected(`the reference failed: ${String(error)}`);
    return { own, input: input ?? plainInput(own), answer };
  }
}

/** Runs a case; a subject from elsewhere that does not answer is a case that does not end. */
export function untilSilent<T extends object>(
  run: () => T,
): T | (Violation & { readonly check: 'HANG' }) {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof SubjectSilent)) throw error;
    return { check: 'HANG', subject: error.subject, detail: error.message };
  }
}
