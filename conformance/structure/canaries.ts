/**
 * Canaries of the structural tier: cases of which the model is told something else. A check that does not
 * hear its own says nothing when it is silent.
 * @module
 */
import { type Difference, STRUCTURE_CHECKS, StructureChecker } from './check.ts';
import type { StructureCase } from './draw.ts';

/** Two pages apart, of which the second is an empty entry and a piece behind it. */
const PLAIN: StructureCase = {
  src: [
    { offset: 100, len: 50 },
    { offset: 9000, len: 0 },
    { offset: 9000, len: 70 },
  ],
  dst: [{ offset: 20_000, len: 120 }],
  chunk: 2,
  part: 2,
  skip: 10,
  len: 90,
  moves: [
    { what: 'advance', amount: 60 },
    { what: 'revert', amount: 20 },
  ],
};

const FURTHER: StructureCase['src'] = PLAIN.src.map(({ offset, len }) => ({
  offset: offset + 1,
  len,
}));

/** By check: what is done, and what the model is told. */
const CANARIES: Readonly<
  Record<Difference['check'], readonly [c: StructureCase, model: StructureCase]>
> = {
  RANGE: [PLAIN, { ...PLAIN, src: FURTHER }],
  COUNT: [PLAIN, { ...PLAIN, src: [...PLAIN.src, { offset: 0, len: 0 }] }],
  POSITION: [PLAIN, { ...PLAIN, src: FURTHER }],
  OVERLAP: [PLAIN, { ...PLAIN, dst: [{ offset: 99, len: 120 }] }],
  SHORT: [
    { ...PLAIN, len: 111 },
    { ...PLAIN, src: [{ offset: 100, len: 200 }] },
  ],
  TRAP: [{ ...PLAIN, src: [{ offset: 100, len: -1 }] }, PLAIN],
};

/** The checks that do not hear their canary. */
export function deafChecks(checker: StructureChecker = new StructureChecker()): readonly string[] {
  return STRUCTURE_CHECKS.filter((check) => {
    const [c, model] = CANARIES[check];
    return !checker.check(c, model).some((difference) => difference.check === check);
  });
}
