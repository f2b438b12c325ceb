/**
 * Goal: the score of a sample counts what is missed and what is wrong, so that it can fail.
 * Method: a tiny tree with verdicts that are right, too many, and too few.
 */
import { beforeAll, expect, test } from 'vitest';
import { extractFile } from './extract/file.ts';
import type { FileFacts } from './facts.ts';
import { loadGrammar } from './grammar.ts';
import { drawSample, parseVerdicts, type SampleLine, scoreSample } from './sample.ts';
import { renderSelfCheck } from './self-check.ts';

const TEXT =
  'void f(struct scatterlist *sg, struct aead_request *req)\n{\n' +
  '\tsg_init_table(sg, 1);\n\tx = sg_next(req->src);\n\t/* sg_next(x) */\n}\n';

let facts: Map<string, FileFacts>;
let lines: SampleLine[];

beforeAll(async () => {
  const grammar = await loadGrammar();
  facts = new Map([['crypto/x.c', extractFile(grammar, 'crypto/x.c', TEXT, Buffer.from(TEXT))]]);
  lines = drawSample([['crypto/x.c', TEXT]], 'seed', 10);
});

function verdicts(of: (line: number) => string): ReturnType<typeof parseVerdicts> {
  return parseVerdicts(lines.map((l) => `${l.key} ${l.path} ${of(l.line)}`).join('\n'));
}

const TRUE: Readonly<Record<number, string>> = {
  1: 't scatterlist',
  3: 'c sg_init_table',
  4: 'c sg_next m1',
  5: '-',
};

test('the frame holds every line with a suspicious word, comments too', () => {
  expect(lines.map((l) => l.line).sort()).toEqual([1, 3, 4, 5]);
});

test('the same seed draws the same lines, another seed another order', () => {
  expect(drawSample([['crypto/x.c', TEXT]], 'seed', 2)).toEqual(lines.slice(0, 2));
  const keys = drawSample([['crypto/x.c', TEXT]], 'other', 10).map((l) => l.key);
  expect(keys).not.toEqual(lines.map((l) => l.key));
});

test('true verdicts score clean', () => {
  const score = scoreSample(
    lines,
    verdicts((line) => TRUE[line]),
    facts,
  );
  expect(score).toMatchObject({ right: 4, missed: 0, wrong: 0 });
  expect(score.lines.map((l) => [l.line, l.agrees]).sort()).toEqual(
    lines.map((l) => [l.line, true]).sort(),
  );
});

test('evidence that was seen and not reported is missed; the reverse is wrong', () => {
  const more = verdicts((line) => (line === 5 ? 'c sg_next' : TRUE[line]));
  expect(scoreSample(lines, more, facts)).toMatchObject({ right: 4, missed: 1, wrong: 0 });
  const less = verdicts((line) => (line === 3 ? '-' : TRUE[line]));
  const score = scoreSample(lines, less, facts);
  expect(score).toMatchObject({ right: 3, missed: 0, wrong: 1 });
  expect(score.lines.filter((l) => !l.agrees)).toEqual([
    { path: 'crypto/x.c', line: 3, read: [], said: ['call sg_init_table'], agrees: false },
  ]);
});

test('the self-check names every line of the sample, and what differs on it', () => {
  const wrong = verdicts((line) => (line === 3 ? '-' : TRUE[line]));
  const text = renderSelfCheck({
    calls: 2,
    mismatches: [],
    sample: scoreSample(lines, wrong, facts),
  });
  expect(text).toContain('4 lines, 3 right, 0 missed, 1 wrong; precision 75.0 %, recall 100.0 %');
  expect(text).toContain('  ok crypto/x.c:4: call sg_next, member\n');
  expect(text).toContain('  ok crypto/x.c:5: nothing\n');
  expect(text).toContain('  -- crypto/x.c:3: nothing, but the survey says call sg_init_table\n');
  expect(text.split('\n').filter((l) => l.startsWith('  '))).toHaveLength(4);
});

test('a key of another tree is an error, not a miss', () => {
  expect(() =>
    scoreSample(
      [],
      verdicts((line) => TRUE[line]),
      facts,
    ),
  ).toThrow(/not in this tree/);
});
