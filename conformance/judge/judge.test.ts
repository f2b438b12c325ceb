/**
 * Goal: every oracle rings. A check that has never been seen failing proves nothing.
 * Method: one canary for each check: an otherwise correct API does one forbidden thing after its
 * operation, and exactly that check must name it. The same cases without canary must be silent.
 */
import { describe, expect, test, vi } from 'vitest';
import { EBADMSG, EINPROGRESS } from '../../src/errno.ts';
import { must } from '../../src/machine/access.ts';
import { physAddr } from '../../src/units.ts';
import { algorithmOf } from '../algorithms.ts';
import { Harness } from '../campaign/harness.ts';
import { bytesLength, type Case } from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import { sliceRuns } from '../case/placed.ts';
import type { Operation } from '../subjects/machine-subject.ts';
import { caseInput, expectation } from '../subjects/reference.ts';
import { bothSides } from '../subjects/sides.ts';
import { CHECKS, type Check, RULES } from './judge.ts';
import { Canary, type Harm, spoil, spoilLast } from './testing.ts';

/** The first undisturbed case of an algorithm that has something. */
function caseOf(alg: string, has: (c: Case) => boolean): Case {
  const generator = new CaseGenerator([alg]);
  for (let i = 0; ; i++) {
    const c = generator.at(1, i);
    if (c.context.fault > 0 || c.context.reuse || c.program !== undefined) continue;
    if (bytesLength(c.text) < 40 || !has(c)) continue;
    const { result } = expectation(c, caseInput(c));
    if (result === (c.tamper === null ? 0 : -EBADMSG)) return c;
  }
}

/** An encryption with IV that is not in place and succeeds. */
const CASE: Case = caseOf(
  'cbc(aes)',
  ({ op, layout }) => op === 'encrypt' && layout.inplace === 'no',
);

function canaryHarness(harm: Harm): Harness {
  return new Harness((machine) => {
    const [legacy, converted] = bothSides(machine);
    return [legacy, new Canary(converted, harm)];
  });
}

/** What needs a canary of another make: a reference that fails, and programs of requests. */
const UNTOLD = ['SELF', 'ORDER', 'CALLER'] as const;
type Untold = (typeof UNTOLD)[number];

function isTold(check: Check): check is Exclude<Check, Untold> {
  return !UNTOLD.some((untold) => untold === check);
}

const CANARIES: Readonly<Record<Exclude<Check, Untold>, Harm>> = {
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
  LIVE: (_op, outcome) => ({ ...outcome, ret: -EINPROGRESS, completions: [], async: true }),
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

const OUT_OF_PLACE_AD = ({ op, ad, layout }: Case): boolean =>
  op === 'encrypt' && layout.inplace === 'no' && bytesLength(ad) > 0;

/** Spoils a byte of a list, counted from its beginning. */
function spoilAt(list: 'src' | 'dst', at: (op: Operation) => number): Harm {
  return (op, outcome) => {
    spoil(op, sliceRuns(op[list], at(op), 1)[0].phys);
    return outcome;
  };
}

/** Behind the last byte that was written, in a segment that ends there. */
const spoilBehind: Harm = (op, outcome) => {
  const [run] = sliceRuns(op.dst, op.input.text.length - 1, 1);
  spoil(op, run.phys + 1);
  return outcome;
};

/** Each thing that is compared, spoiled where a comparison that stops too early does not look. */
const LAST_BYTES: readonly {
  readonly name: string;
  readonly check: Check;
  readonly c: Case;
  readonly harm: Harm;
}[] = [
  { name: 'text', check: 'OUT', c: CASE, harm: spoilLast },
  {
    name: 'tag',
    check: 'OUT',
    c: caseOf('gcm(aes)', ({ op }) => op === 'encrypt'),
    harm: spoilLast,
  },
  { name: 'digest', check: 'OUT', c: caseOf('sha256', () => true), harm: spoilLast },
  {
    name: 'what a failure leaves',
    check: 'OUT',
    c: caseOf('gcm(aes)', ({ tamper }) => tamper?.part === 'tag'),
    harm: spoilLast,
  },
  {
    name: 'IV',
    check: 'IV',
    c: CASE,
    harm: (_op, outcome) => ({
      ...outcome,
      iv: outcome.iv.map((byte, i) => (i < outcome.iv.length - 1 ? byte : ~byte)),
    }),
  },
  {
    name: 'source',
    check: 'SRC',
    c: CASE,
    harm: spoilAt('src', ({ input }) => input.text.length - 1),
  },
  {
    name: 'associated data of the destination',
    check: 'GUARD',
    c: caseOf('gcm(aes)', OUT_OF_PLACE_AD),
    harm: spoilAt('dst', ({ input }) => input.ad.length - 1),
  },
  {
    name: 'the tag that was read in place',
    check: 'GUARD',
    c: caseOf('gcm(aes)', ({ op, layout, tamper }) => {
      return op === 'decrypt' && layout.inplace === 'same' && tamper === null;
    }),
    harm: spoilAt('dst', ({ c, input }) => {
      return input.ad.length + input.text.length + c.authsize - 1;
    }),
  },
  {
    name: 'behind the destination',
    check: 'GUARD',
    c: caseOf('cbc(aes)', ({ op, layout, text }) => {
      const [only, ...more] = layout.dst;
      const isExact = only?.len === bytesLength(text) && more.length === 0;
      return op === 'encrypt' && layout.inplace === 'no' && isExact;
    }),
    harm: spoilBehind,
  },
];

describe('every check rings', () => {
  test('the case is silent without canary', () => {
    expect(new Harness(bothSides).judge(CASE)).toEqual([]);
  });

  test.each(CHECKS.filter(isTold))('%s', (check) => {
    const rung = canaryHarness(CANARIES[check]).judge(CASE);
    expect(rung.map((violation) => violation.check)).toEqual([check]);
    expect(rung[0]?.subject).toBe('canary');
    expect(rung[0]?.detail).not.toBe('');
  });

  test('-ENOMEM is a result only where an allocation was made to fail', () => {
    const harness = canaryHarness((_op, outcome) => ({ ...outcome, ret: -12, completions: [] }));
    const failing = { ...CASE, context: { ...CASE.context, fault: 64 } };
    expect(harness.judge(CASE).map(({ check }) => check)).toEqual(['RET']);
    expect(harness.judge(failing)).toEqual([]);
  });

  test('SELF: a reference that fails is a finding, and the APIs are still compared', () => {
    const c = caseOf('xts(aes)', ({ op, layout }) => op === 'encrypt' && layout.inplace === 'no');
    const row = algorithmOf(c.alg);
    expect.assert(row?.kind === 'skcipher');
    vi.spyOn(row, 'crypt').mockImplementation(() => {
      throw new Error('canary');
    });
    const checksOf = (harm: Harm): string[] =>
      canaryHarness(harm)
        .judge(c)
        .map(({ check, subject }) => `${check} ${subject}`);
    expect(checksOf((_op, outcome) => outcome)).toEqual(['SELF reference']);
    expect(checksOf(spoilLast)).toEqual(['OUT canary', 'SELF reference']);
    expect(checksOf(CANARIES.RET)).toEqual(['RET canary', 'SELF reference']);
    expect(checksOf(CANARIES.IV)).toEqual(['IV canary', 'SELF reference']);
    vi.restoreAllMocks();
  });

  test.each(LAST_BYTES)('$name: the last byte counts', ({ c, check, harm }) => {
    expect(canaryHarness((_op, outcome) => outcome).judge(c)).toEqual([]);
    const rung = canaryHarness(harm).judge(c);
    expect(rung.map((violation) => `${violation.check} ${violation.subject}`)).toEqual([
      `${check} canary`,
    ]);
  });

  test('what the joined layout leaks is excused on its side alone, and a copy must be one', () => {
    const harm = spoilAt('dst', ({ input }) => input.ad.length - 1);
    for (const [alg, onJoined] of [
      ['authencesn(hmac(sha256),cbc(aes))', []],
      ['authenc(hmac(sha256),cbc(aes))', ['GUARD']],
      ['gcm(aes)', ['GUARD']],
    ] as const) {
      const c = caseOf(alg, OUT_OF_PLACE_AD);
      expect(
        canaryHarness(harm)
          .judge(c)
          .map(({ check }) => check),
      ).toEqual(['GUARD']);
      const joined = new Harness((machine) => [new Canary(bothSides(machine)[0], harm)]);
      expect(joined.judge(c).map(({ check }) => check)).toEqual(onJoined);
    }
  });

  test('a final callback of a synchronous transform is one too many', () => {
    const synchronous = caseOf('cbc(aes)', ({ async }) => !async);
    const pretends: Harm = (_op, outcome) => ({ ...outcome, ret: -EINPROGRESS, completions: [0] });
    expect(
      canaryHarness(pretends)
        .judge(synchronous)
        .map(({ check }) => check),
    ).toEqual(['CB']);
    const really: Harm = (op, outcome) => ({ ...pretends(op, outcome), async: true });
    expect(canaryHarness(really).judge(synchronous)).toEqual([]);
  });

  test('every rule says what it verifies and what it omits', () => {
    expect(RULES.map(({ check }) => check)).toEqual([...CHECKS]);
    for (const { verifies, omits } of RULES)
      expect(verifies.length * omits.length).toBeGreaterThan(0);
  });
});
