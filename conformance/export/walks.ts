/**
 * Cases about iterators as C: a header of walks, one for each type of iterator that Linux has.
 *
 * Not exported: folios of more than a page, queues of bio_vecs and chains, which Linux does not have.
 * @module
 */
import { assert } from '../../src/assert.ts';
import { encodeToken } from '../campaign/replay.ts';
import type { Case } from '../case/case.ts';
import { describeCommand, filePages, type IteratorProgram } from '../case/iterator-case.ts';
import { comment } from './c-text.ts';
import { type WalkAnswers, type WalkStep, walksOf } from './walk-answers.ts';

/** The header with all walks. */
export function walksHeader(cases: readonly Case[]): string {
  const made = cases.map((c, i) => ({ c, i, program: programOf(c), walks: walksOf(c).walks }));
  return [
    '/* SPDX-License-Identifier: GPL-2.0-only OR MIT */',
    '/* Written by "sg2iter export kunit": each walk has the word that replays it. */',
    ...made.flatMap(({ c, i, program, walks }) => [
      '',
      ...comment([`replay ${encodeToken(c)}`, ...program.commands.map(describeCommand)]),
      `static const struct sg2iter_entry segment_${i}[] = {`,
      ...c.layout.src.map(({ offset, len }) => `\t{ 0, ${offset}, ${len} },`),
      '};',
      ...walks.flatMap(({ type, steps }) => stepsOf(`${i}_${type}`, steps)),
    ]),
    '',
    'static const struct sg2iter_walk sg2iter_walks[] = {',
    ...made.flatMap(({ c, i, program, walks }) =>
      walks.flatMap((walk) => row(c, i, program, walk)),
    ),
    '};',
    '',
  ].join('\n');
}

/** How many types of iterators are left out, by the reason. */
export function omittedWalks(cases: readonly Case[]): Readonly<Record<string, number>> {
  const omitted: Record<string, number> = {};
  for (const reason of cases.flatMap((c) => walksOf(c).reasons)) {
    omitted[`a type of iterator: ${reason}`] = (omitted[`a type of iterator: ${reason}`] ?? 0) + 1;
  }
  return omitted;
}

function programOf({ iterator }: Case): IteratorProgram {
  assert(iterator !== undefined, 'a case about iterators');
  return iterator;
}

function stepsOf(name: string, steps: readonly WalkStep[]): string[] {
  if (steps.length === 0) return [];
  const pages = steps.flatMap((step, k) =>
    step.pages.length === 0
      ? []
      : [`static const u8 page_${name}_${k}[] = { ${step.pages.join(', ')} };`],
  );
  const rows = steps.map((step, k) => {
    const { op, a, b, want, left, digest, offset, ahead, aheadDigest } = step;
    const given = step.pages.length === 0 ? 'NULL, 0' : `page_${name}_${k}, ${step.pages.length}`;
    return [
      `\t{ SG2ITER_${op}, ${a}, ${b}, ${want}, ${left},`,
      `\t  ${digest}ULL, ${given}, ${offset},`,
      `\t  ${ahead}, ${aheadDigest}ULL },`,
    ];
  });
  return [...pages, `static const struct sg2iter_step step_${name}[] = {`, ...rows.flat(), '};'];
}

function row(
  { seed, layout }: Case,
  i: number,
  program: IteratorProgram,
  { type, steps, digest }: WalkAnswers,
): string[] {
  const { direction, first, hole, before, commands } = program;
  const fields = [
    `.name = "${i} iov_iter ${type} ${direction} of ${layout.src.length}: ${commands.length}"`,
    `.type = SG2ITER_${type.toUpperCase()}`,
    ...(direction === 'source' ? ['.source = true'] : []),
    `.pages = ${filePages(program)}, .first = ${first}ULL`,
    `.seed = ${seed}ULL, .hole = ${hole ?? -1}, .before = ${before}`,
    `.segment = segment_${i}, .nr_segments = ${layout.src.length}`,
    ...(steps.length === 0 ? [] : [`.step = step_${i}_${type}, .nr_steps = ${steps.length}`]),
    `.digest = ${digest}ULL`,
  ];
  return ['\t{', ...fields.map((field) => `\t\t${field},`), '\t},'];
}
