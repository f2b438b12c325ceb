/**
 * Canaries: an otherwise correct API that does one forbidden thing after its operation.
 * @module
 */
import { must } from '../../src/machine/access.ts';
import { PHYS_BASE } from '../../src/machine/phys-mem.ts';
import { isData, type Program } from '../case/case.ts';
import type { CaseMemory } from '../case/memory.ts';
import { sliceRuns } from '../case/placed.ts';
import type { Side } from '../subjects/machine-subject.ts';
import type { Operation } from '../subjects/operation.ts';
import type { Outcome, ProgramOutcome } from '../subjects/outcome.ts';

/** What a canary does to the memory and the outcome of a correct operation. */
export type Harm = (op: Operation, outcome: Outcome) => Outcome;

/** What a canary does to what was seen of a program as a whole. */
export type ProgramHarm = (outcome: ProgramOutcome, ops: readonly Operation[]) => ProgramOutcome;

/** No harm at all. */
export const unharmed: Harm = (_op, outcome) => outcome;
export const unharmedProgram: ProgramHarm = (outcome) => outcome;

/** A correct API, and harm behind each of its operations. */
export class Canary implements Side {
  readonly name = 'canary';
  readonly joined: boolean;
  readonly mapsPages: boolean;
  private readonly side: Side;
  private readonly harm: Harm;
  private readonly programHarm: ProgramHarm;

  constructor(side: Side, harm: Harm, programHarm: ProgramHarm = unharmedProgram) {
    this.joined = side.joined;
    this.mapsPages = side.mapsPages === true;
    this.side = side;
    this.harm = harm;
    this.programHarm = programHarm;
  }

  run(op: Operation): Outcome {
    return this.harm(op, this.side.run(op));
  }

  /** Harm behind the request of the case itself. */
  runProgram(ops: readonly Operation[], program: Program): ProgramOutcome {
    const outcome = must(this.side.runProgram?.(ops, program) ?? null);
    const [first, ...further] = outcome.outcomes;
    const spoilt = { ...outcome, outcomes: [this.harm(ops[0], first), ...further] };
    return this.programHarm(spoilt, ops);
  }

  renew(): void {
    this.side.renew();
  }
}

/** Changes one byte of memory behind everybody's back, as a stray write would. */
export function spoilByte({ machine }: CaseMemory, at: number): void {
  machine.mem.u8[at - PHYS_BASE] ^= 0xff;
  machine.mem.markDirty(at - PHYS_BASE, 1);
}

/** The same in the memory of an operation. */
export function spoil({ memory }: Operation, at: number): void {
  spoilByte(memory, at);
}

/** Changes the last byte of what an operation produced, in memory or as a digest. */
export const spoilLast: Harm = (op, outcome) => {
  const { c, input, dst } = op;
  const { digest } = outcome;
  if (c.kind === 'ahash') {
    return { ...outcome, digest: digest.map((byte, i) => (i < digest.length - 1 ? byte : ~byte)) };
  }
  const produced = isData(c)
    ? Math.min(outcome.length, c.room)
    : input.text.length + (c.op === 'encrypt' ? c.authsize : 0);
  if (produced > 0) spoil(op, sliceRuns(dst, input.ad.length + produced - 1, 1)[0].phys);
  return outcome;
};
