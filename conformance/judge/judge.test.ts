/**
 * Goal: every oracle rings. A check that has never been seen failing proves nothing.
 * Method: one canary for each check: an otherwise correct API does one forbidden thing after its
 * operation, and exactly that check must name it. The same cases without canary must be silent.
 */
import { describe, expect, test } from 'vitest';
import { must } from '../../src/machine/access.ts';
import { PHYS_BASE } from '../../src/machine/phys-mem.ts';
import { physAddr } from '../../src/units.ts';
import { Harness } from '../campaign/harness.ts';
import type { Case } from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import { sliceRuns } from '../case/placed.ts';
import type { Operation, Outcome, Side } from '../subjects/machine-subject.ts';
import { bothSides } from '../subjects/sides.ts';
import { CHECKS, type Check, RULES } from './judge.ts';

/** What a canary does to the memory and the outcome of a correct operation. */
type Harm = (op: Operation, outcome: Outcome) => Outcome;

const CASE: Case = plainCase();

/** An encryption with IV that is not in place and succeeds. */
function plainCase(): Case {
  const generator = new CaseGenerator(['cbc(aes)']);
  for (let i = 0; ; i++) {
    const c = generator.at(1, i);
    const plain = c.op === 'encrypt' && c.layout.inplace === 'no' && c.key !== null;
    if (!plain || c.context.fault > 0 || typeof c.text === 'string') continue;
    if (typeof c.key === 'string') continue;
    if (c.text.len > 32 && c.text.len % 16 === 0 && c.key.len % 8 === 0) return c;
  }
}

class Canary implements Side {
  readonly name = 'canary';
  readonly joined = false;
  private readonly side: Side;
  private readonly harm: Harm;

  constructor(side: Side, harm: Harm) {
    this.side = side;
    this.harm = harm;
  }

  run(op: Operation): Outcome {
    return this.harm(op, this.side.run(op));
  }

  renew(): void {
    this.side.renew();
  }
}

/** Changes one byte of memory behind everybody's back, as a stray write would. */
function spoil({ memory }: Operation, at: number): void {
  memory.machine.mem.u8[at - PHYS_BASE] ^= 0xff;
  memory.machine.mem.markDirty(at - PHYS_BASE, 1);
}

const CANARIES: Readonly<Record<Check, Harm>> = {
  TRAP: ({ memory, dst }, outcome) => {
    const [run] = sliceRuns(dst, 0, 1);
    memory.machine.store(physAddr(run.phys - 1), Uint8Array.of(0));
    return outcome;
  },
  RET: (_op, outcome) => ({ ...outcome, ret: -22, completions: [] }),
  CB: (_op, outcome) => ({ ...outcome, completions: [0, 0] }),
  OUT: (op, outcome) => {
    spoil(op, sliceRuns(op.dst, 0, 1)[0].phys);
    return outcome;
  },
  IV: (_op, outcome) => ({ ...outcome, iv: outcome.iv.map((byte) => byte ^ 1) }),
  GUARD: (op, outcome) => {
    spoil(op, sliceRuns(op.dst, 0, 1)[0].phys - 1);
    return outcome;
  },
  SRC: (op, outcome) => {
    spoil(op, sliceRuns(op.src, 5, 1)[0].phys);
    return outcome;
  },
  REF: ({ memory }, outcome) => {
    must(memory.machine.allocPages(0, 'canary'));
    return outcome;
  },
  ITER: (_op, outcome) => ({ ...outcome, iterators: ['src moved by 16'] }),
  FORM: (_op, outcome) => ({ ...outcome, form: ['entry 0 was changed'] }),
  WARN: ({ memory }, outcome) => {
    memory.machine.warn('canary');
    return outcome;
  },
};

describe('every check rings', () => {
  test('the case is silent without canary', () => {
    expect(new Harness(bothSides).judge(CASE)).toEqual([]);
  });

  test.each(CHECKS)('%s', (check) => {
    const harness = new Harness((machine) => {
      const [legacy, converted] = bothSides(machine);
      return [legacy, new Canary(converted, CANARIES[check])];
    });
    const rung = harness.judge(CASE);
    expect(rung.map((violation) => violation.check)).toEqual([check]);
    expect(rung[0]?.subject).toBe('canary');
    expect(rung[0]?.detail).not.toBe('');
  });

  test('-ENOMEM is a result only where an allocation was made to fail', () => {
    const harness = new Harness((machine) => {
      const [legacy, converted] = bothSides(machine);
      return [
        legacy,
        new Canary(converted, (_op, outcome) => ({ ...outcome, ret: -12, completions: [] })),
      ];
    });
    const failing = { ...CASE, context: { ...CASE.context, fault: 64 } };
    expect(harness.judge(CASE).map(({ check }) => check)).toEqual(['RET']);
    expect(harness.judge(failing)).toEqual([]);
  });

  test('every rule says what it verifies and what it omits', () => {
    expect(RULES.map(({ check }) => check)).toEqual([...CHECKS]);
    for (const { verifies, omits } of RULES)
      expect(verifies.length * omits.length).toBeGreaterThan(0);
  });
});
