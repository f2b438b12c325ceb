/**
 * Cases as KUnit: a runner in C that is the same for all, and a header with the cases as data. Bytes are
 * seeds of the kernel's own generator; what must come out is errnos and digests.
 *
 * Verified by the runner: see the heads of `kunit/sg2iter_requests.c` and `sg2iter_iterators.c`. Not exported: that memory is slab, user
 * or vmalloc memory (each is pages with the same offsets), atomic contexts, injected faults, a request
 * before on the same transform, bytes of one gathered step; of a program batches, steps of work between two
 * requests, processors, and how many requests a queue holds.
 * @module
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeToken } from '../campaign/replay.ts';
import { type Case, type Program, requestCase, requestCount } from '../case/case.ts';
import { describeLayout } from '../case/layout.ts';
import { makeFolder } from '../terminal/folders.ts';
import { comment } from './c-text.ts';
import { arraysOf, rowOf } from './request-rows.ts';
import { walksOf } from './walk-answers.ts';
import { omittedWalks, walksHeader } from './walks.ts';

const EMPTY = 'entries of no bytes: what kernels make of them differs between versions';

/**
 * Writes the suite: runner, cases, Kconfig, Makefile.
 * @returns the names of the files, how many cases they have for KUnit (a walk is one for each type of
 *   iterators), and how many types and entries are left out, by the reason
 */
export function writeKunit(
  cases: readonly Case[],
  folder: string,
): {
  readonly files: readonly string[];
  readonly tests: number;
  readonly omitted: Readonly<Record<string, number>>;
} {
  makeFolder(folder);
  const written: string[] = [];
  const write = (name: string, text: string): void => {
    writeFileSync(join(folder, name), text);
    written.push(name);
  };
  for (const name of readdirSync(ownFolder()).sort()) {
    write(name, readFileSync(join(ownFolder(), name), 'utf8'));
  }
  const walks = cases.filter(({ iterator }) => iterator !== undefined);
  const requests = cases.filter(({ iterator }) => iterator === undefined);
  write('sg2iter_cases.h', casesHeader(requests));
  write('sg2iter_walks.h', walksHeader(walks));
  const tests = requests.length + walks.flatMap((c) => walksOf(c).walks).length;
  const omitted = { ...emptyEntries(requests), ...omittedWalks(walks) };
  return { files: written, tests, omitted };
}

/** The files that are the same for all cases lie beside the sources; compiled code looks there. */
function ownFolder(): string {
  const beside = fileURLToPath(new URL('kunit/', import.meta.url));
  const source = fileURLToPath(new URL('../../../conformance/export/kunit/', import.meta.url));
  return existsSync(beside) ? beside : source;
}

/** The header with all cases and programs. */
export function casesHeader(cases: readonly Case[]): string {
  const alone = cases.filter(({ program }) => program === undefined);
  const programs = cases.flatMap((c) => (c.program === undefined ? [] : [[c, c.program] as const]));
  return [
    '/* SPDX-License-Identifier: GPL-2.0-only OR MIT */',
    '/* Written by "sg2iter export kunit": each case has the word that replays it. */',
    ...alone.flatMap((c, i) => [...wordOf(c), ...arraysOf(c, `${i}`)]),
    '',
    'static const struct sg2iter_case sg2iter_cases[] = {',
    ...alone.flatMap((c, i) => rowOf(c, `${i}`)),
    '};',
    ...programs.flatMap(([c, program], i) => programArrays(c, program, i)),
    '',
    'static const struct sg2iter_program sg2iter_programs[] = {',
    ...programs.flatMap(([c, program], i) => programRow(c, program, i)),
    '};',
    '',
  ].join('\n');
}

/** Entries that are left out of the lists. */
function emptyEntries(cases: readonly Case[]): Readonly<Record<string, number>> {
  const empty = cases
    .flatMap((c) => Array.from({ length: requestCount(c) }, (_, k) => requestCase(c, k).layout))
    .flatMap(({ src, dst }) => [...src, ...dst])
    .filter(({ len }) => len === 0);
  return empty.length === 0 ? {} : { [EMPTY]: empty.length };
}

function wordOf(c: Case): string[] {
  return ['', ...comment([`replay ${encodeToken(c)}`, describeLayout(c.layout)])];
}

/** Requests of a program, and when each is submitted. */
function programArrays(c: Case, { requests }: Program, i: number): string[] {
  const each = Array.from({ length: requestCount(c) }, (_, k) => requestCase(c, k));
  return [
    ...wordOf(c),
    ...each.flatMap((request, k) => arraysOf(request, `p${i}_${k}`)),
    `static const struct sg2iter_case request_${i}[] = {`,
    ...each.flatMap((request, k) => rowOf(request, `p${i}_${k}`)),
    '};',
    `static const struct sg2iter_turn turn_${i}[] = {`,
    '\t{ SG2ITER_NOW, 0, false, 0 },',
    ...requests.map(
      ({ when, of, reuse, tfm }) => `\t{ SG2ITER_${when.toUpperCase()}, ${of}, ${reuse}, ${tfm} },`,
    ),
    '};',
  ];
}

function programRow(c: Case, { transforms, freeEarly }: Program, i: number): string[] {
  const on = transforms.length === 0 ? '' : ` and ${transforms.length} others`;
  const fields = [
    `.name = "${i} program of ${requestCount(c)} on ${c.alg}${on}"`,
    `.turn = turn_${i}, .request = request_${i}, .nr = ${requestCount(c)}`,
    ...(freeEarly ? ['.free_early = true'] : []),
  ];
  return ['\t{', ...fields.map((field) => `\t\t${field},`), '\t},'];
}
