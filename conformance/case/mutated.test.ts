/**
 * Goal: what people hand in is either refused in one line that names the source and a field, or it is a
 * case, and then both APIs and the reference agree on it. No stack trace, no endless run, no case whose
 * fields contradict each other.
 * Method: cases of the generator with one to three places changed, at random and with what stands in the
 * same place of another case; as JSON, as text with bytes changed, and as tokens. SG2ITER_MUTATED asks for
 * more of them, and SG2ITER_SEED for others.
 */
import { expect, test } from 'vitest';
import { Prng } from '../../src/prng.ts';
import { Harness } from '../campaign/harness.ts';
import { decodeToken, encodeToken } from '../campaign/replay.ts';
import { bothSides } from '../subjects/sides.ts';
import { type Case, CaseError } from './case.ts';
import { checkCase } from './check.ts';
import { change, type Tree, treeOf } from './mutate.ts';
import { parseCaseJson } from './parse.ts';
import { CampaignCases, campaignNames } from './scenarios.ts';

const { SG2ITER_MUTATED = '300', SG2ITER_SEED = '2026' } = process.env;
const COUNT = Number(SG2ITER_MUTATED);

function withBytesChanged(prng: Prng, text: string): string {
  const bytes = Buffer.from(text);
  for (let i = prng.between(1, 3); i > 0; i--) bytes[prng.below(bytes.length)] = prng.below(256);
  const cut = prng.oneIn(4) ? prng.below(bytes.length) : bytes.length;
  return bytes.toString('utf8', 0, cut);
}

/** The case that comes of it. @throws CaseError */
function handedIn(prng: Prng, generator: CampaignCases, index: number): Case {
  const draw = (): Tree => treeOf(generator.at(prng.u32(), index).c);
  const tree = draw();
  const other = draw();
  for (let i = prng.between(1, 3); i > 0; i--) change(prng, tree, other);
  const text = JSON.stringify(tree);
  if (prng.oneIn(8))
    return decodeToken(withBytesChanged(prng, encodeToken(generator.at(1, index).c)));
  if (prng.oneIn(8)) return parseCaseJson(withBytesChanged(prng, text), 'f');
  // A token is made of anything that is JSON.
  return prng.oneIn(2)
    ? parseCaseJson(text, 'f')
    : decodeToken(encodeToken(tree as unknown as Case));
}

test(`${COUNT} mutated cases are refused by field, or are cases`, () => {
  const prng = new Prng(Number(SG2ITER_SEED));
  const generator = new CampaignCases(campaignNames());
  const harness = new Harness(bothSides);
  let accepted = 0;
  for (let i = 0; i < COUNT; i++) {
    let c: Case;
    try {
      c = handedIn(prng, generator, i);
      checkCase(c, 'f');
    } catch (error) {
      expect(error).toBeInstanceOf(CaseError);
      expect((error as Error).message).toMatch(/^(f|replay token): [^\n]{1,300}$/);
      continue;
    }
    accepted++;
    expect({ i, c, violations: harness.judge(c) }).toMatchObject({ violations: [] });
  }
  expect(accepted).toBeGreaterThan(COUNT / 20);
});
