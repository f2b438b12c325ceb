/**
 * Goal: every oracle rings. A check that has never been seen failing proves nothing.
 * Method: one canary for each check: an otherwise correct API does one forbidden thing after its
 * operation, and exactly that check must name it. The same cases without canary must be silent.
 */
import { describe, expect, test, vi } from 'vitest';
import { EINPROGRESS, ENOENT } from '../../src/errno.ts';
import { algorithmOf } from '../algorithms.ts';
import {
  CANARIES,
  CanaryCage,
  caseOf,
  crossingCase,
  deafChecks,
  isTold,
  lastBytes,
  OUT_OF_PLACE_AD,
  plainCase,
  spoilAt,
} from '../campaign/canaries.ts';
import { Canary, type Harm, spoilLast, unharmed } from '../campaign/canary.ts';
import { keptPointer, lateTouch, TOUCHES } from '../campaign/canary-late.ts';
import { Harness } from '../campaign/harness.ts';
import type { Case } from '../case/case.ts';
import { ConvertedApi } from '../subjects/converted.ts';
import { bothSides } from '../subjects/sides.ts';
import { CHECKS, judgeTrial, RULES, type Violation } from './judge.ts';

const CASE = plainCase();
const cage = new CanaryCage();

function judge(c: Case, harm: Harm = unharmed): Violation[] {
  return cage.judge({ c, harm });
}

describe('every check rings', () => {
  test('the case is silent without canary', () => {
    expect(new Harness(bothSides).judge(CASE)).toEqual([]);
  });

  test.each(CHECKS.filter(isTold))('%s', (check) => {
    const rung = judge(CASE, CANARIES[check]);
    expect(rung.map((violation) => violation.check)).toEqual([check]);
    expect(rung[0]?.subject).toBe('canary');
    expect(rung[0]?.detail).not.toBe('');
  });

  test('-ENOMEM is a result only where an allocation was made to fail', () => {
    const harm: Harm = (_op, outcome) => ({ ...outcome, ret: -12, completions: [] });
    const failing = { ...CASE, context: { ...CASE.context, fault: 64 } };
    expect(judge(CASE, harm).map(({ check }) => check)).toEqual(['RET']);
    expect(judge(failing, harm)).toEqual([]);
  });

  test('SELF: a reference that fails is a finding, and the APIs are still compared', () => {
    const c = caseOf('xts(aes)', ({ op, layout }) => op === 'encrypt' && layout.inplace === 'no');
    const row = algorithmOf(c.alg);
    expect.assert(row?.kind === 'skcipher');
    vi.spyOn(row, 'crypt').mockImplementation(() => {
      throw new Error('canary');
    });
    const checksOf = (harm: Harm): string[] =>
      judge(c, harm).map(({ check, subject }) => `${check} ${subject}`);
    expect(checksOf(unharmed)).toEqual(['SELF reference']);
    expect(checksOf(spoilLast)).toEqual(['OUT canary', 'SELF reference']);
    expect(checksOf(CANARIES.RET)).toEqual(['RET canary', 'SELF reference']);
    expect(checksOf(CANARIES.IV)).toEqual(['IV canary', 'SELF reference']);
    vi.restoreAllMocks();
  });

  test.each(lastBytes(CASE))('$name: the last byte counts', ({ c, check, harm }) => {
    expect(judge(c)).toEqual([]);
    const rung = judge(c, harm);
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
      expect(judge(c, harm).map(({ check }) => check)).toEqual(['GUARD']);
      const joined = new Harness((machine) => [new Canary(bothSides(machine)[0], harm)]);
      expect(joined.judge(c).map(({ check }) => check)).toEqual(onJoined);
    }
  });

  test('a final callback of a synchronous transform is one too many', () => {
    const synchronous = caseOf('cbc(aes)', ({ async }) => !async);
    const pretends: Harm = (_op, outcome) => ({ ...outcome, ret: -EINPROGRESS, completions: [0] });
    expect(judge(synchronous, pretends).map(({ check }) => check)).toEqual(['CB']);
    const really: Harm = (op, outcome) => ({ ...pretends(op, outcome), async: true });
    expect(judge(synchronous, really)).toEqual([]);
  });

  test('what an encryption makes up is compared, unless a call that failed changed who asked first', () => {
    const c = caseOf('pkcs1pad(rsa)', ({ op }) => op === 'encrypt');
    const [one, other] = [1, 2].map((seed) => new Harness(bothSides).run({ ...c, seed }));
    const [first] = one.observations;
    const second = other.observations[1];
    const rung = (struck: number): string[] =>
      judgeTrial({ ...one, observations: [first, { ...second, struck }] }).map(
        ({ check }) => check,
      );
    expect([rung(0), rung(1)]).toEqual([['OUT'], []]);
  });

  test('an IV on the stack of a caller who has returned must not be touched', () => {
    expect([lateTouch(CASE, true), lateTouch(CASE, false)]).toEqual([['TRAP'], []]);
    expect(lateTouch(CASE, true, TOUCHES.write)).toEqual(['TRAP']);
    expect(lateTouch(CASE, false, TOUCHES.overread)).toEqual(['TRAP']);
  });

  test('a pointer to a page of highmem must not be used for the next', () => {
    const c = crossingCase();
    for (const side of [0, 1] as const) {
      expect([keptPointer(c, true, side), keptPointer(c, false, side)]).toEqual([['TRAP'], []]);
    }
  });

  test('an IV is called the IV buffer, and one that nobody wrote is said to be as it was given', () => {
    const detailOf = (harm: Harm): string => judge(CASE, harm)[0].detail;
    expect(detailOf(CANARIES.IV)).toMatch(
      /^the IV buffer afterwards, byte 0 of 16: \w+ instead of \w+$/,
    );
    const stale: Harm = ({ input }, outcome) => ({ ...outcome, iv: input.iv });
    expect(detailOf(stale)).toMatch(/: it is as it was given$/);
  });

  test('an API that is wrong by itself is for the campaign to find, and makes no check deaf', () => {
    const broken = vi.spyOn(ConvertedApi.prototype, 'skcipher').mockReturnValue(-ENOENT);
    expect(deafChecks()).toEqual([]);
    broken.mockRestore();
  });

  test('none of them is deaf', () => {
    expect(deafChecks()).toEqual([]);
  });

  test('every rule says what it verifies and what it omits', () => {
    expect(RULES.map(({ check }) => check)).toEqual([...CHECKS]);
    for (const { verifies, omits } of RULES)
      expect(verifies.length * omits.length).toBeGreaterThan(0);
  });
});
