/**
 * Goal: a case becomes the same operation in C, with the same bytes and the same answer.
 * Method: entries against the lengths they come from; digests against published values; the header of
 * cases through a C compiler, together with the runner's own generator and digest, where there is one.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { algorithmOf } from '../algorithms.ts';
import { decodeToken } from '../campaign/replay.ts';
import { type Case, MEMORY_KINDS, materialise } from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import { caseInput, expectation } from '../subjects/reference.ts';
import { entriesOf, resplitEntries } from './entries.ts';
import { casesHeader, fnv1a, writeKunit } from './kunit.ts';
import { SUITES, unexportable } from './suite.ts';

const PAGE = 4096;
const COMPILER = 'gcc';
const scratch = mkdtempSync(join(tmpdir(), 'sg2iter-kunit-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Made once: it takes a second on a busy machine. */
const SMOKE = SUITES.get('smoke')?.() ?? [];

function total(lengths: readonly number[]): number {
  return lengths.reduce((sum, len) => sum + len, 0);
}

const segments = fc
  .array(
    fc.record({
      kind: fc.constantFrom(...MEMORY_KINDS),
      offset: fc.nat(5000),
      len: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constant(9000)),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map(([first, ...rest]) => [
    { ...first, kind: first.kind === 'next' ? ('page' as const) : first.kind },
    ...rest,
  ]);

describe('entries', () => {
  test('cover every segment, inside their regions, and never overlap', () => {
    fc.assert(
      fc.property(segments, (layout) => {
        const { regions, entries } = entriesOf(layout, 3);
        expect(total(entries.map(({ len }) => len))).toBe(total(layout.map(({ len }) => len)));
        for (const [i, { region, offset, len }] of entries.entries()) {
          expect(offset + len).toBeLessThanOrEqual(regions[region - 3] * PAGE);
          const later = entries.slice(i + 1).filter((other) => other.region === region);
          for (const other of later) expect(other.offset).toBeGreaterThanOrEqual(offset + len);
        }
      }),
    );
  });

  test('a second list over the same memory has the same bytes in the same order', () => {
    fc.assert(
      fc.property(segments, fc.array(fc.integer({ min: 1, max: 300 })), (layout, cuts) => {
        const { entries } = entriesOf(layout, 0);
        const bytes = entries.flatMap(({ region, offset, len }) =>
          Array.from({ length: len }, (_, i) => region * 1e6 + offset + i),
        );
        const lengths = cuts.filter((_, i) => total(cuts.slice(0, i + 1)) <= bytes.length);
        const again = resplitEntries(entries, lengths).flatMap(({ region, offset, len }) =>
          Array.from({ length: len }, (_, i) => region * 1e6 + offset + i),
        );
        expect(again).toEqual(bytes.slice(0, again.length));
      }),
      { numRuns: 20 },
    );
  });
});

test('the digest is FNV-1a', () => {
  expect(fnv1a(new Uint8Array(0))).toBe('0xcbf29ce484222325');
  expect(fnv1a(new TextEncoder().encode('foobar'))).toBe('0x85944171f73967e8');
});

test('the smoke suite is many cases of every kind, and every word in it replays its case', () => {
  const cases = SMOKE;
  expect(cases.length).toBeGreaterThan(100);
  expect(new Set(cases.map(({ kind }) => kind)).size).toBe(3);
  expect(new Set(cases.map(({ layout }) => layout.inplace)).size).toBe(3);
  expect(cases.filter(({ tamper }) => tamper !== null).length).toBeGreaterThan(3);
  for (const { alg } of cases) expect(algorithmOf(alg)).not.toBeNull();
  const header = casesHeader(cases);
  const words = [...header.matchAll(/^ \* replay (\S+)$/gm)].map(([, word]) => word);
  expect(words.map(decodeToken)).toEqual(cases);
});

test.each([
  ['kw(aes)', /IV that encryption has made/],
  ['ecb(arc4)', /stream goes on/],
  ['seqiv(rfc4106(gcm(aes)))', /made up by the kernel/],
])('%s is not exported, with the reason', (alg, reason) => {
  expect(unexportable(new CaseGenerator([alg]).at(1, 0))).toMatch(reason);
});

/** What the header needs of a kernel, and a program that prints inputs and answers. */
const SHIM = `
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
typedef uint64_t u64; typedef uint32_t u32; typedef uint8_t u8;
`;
const PRINT = `
int main(void)
{
	for (size_t i = 0; i < sizeof(sg2iter_cases) / sizeof(*sg2iter_cases); i++) {
		static u8 text[1 << 20];
		const struct sg2iter_case *c = &sg2iter_cases[i];

		if (c->text.raw)
			for (u32 k = 0; k < c->text.len; k++)
				text[k] = c->text.raw[k];
		else
			fill_seeded(text, c->text.len, c->text.seed);
		printf("%s|%d|%llx|%llx\\n", c->alg, c->result,
		       (unsigned long long)digest_of(text, c->text.len),
		       (unsigned long long)c->digest);
	}
	return 0;
}
`;

/** What the C has of each case. */
function compiled(cases: readonly Case[]): string[] {
  writeKunit(cases, scratch);
  const read = (name: string): string => readFileSync(join(scratch, name), 'utf8');
  const own = (name: string): string => {
    const found = new RegExp(`static [^;{]*\\b${name}\\([^{]*{[\\s\\S]*?\\n}\\n`).exec(
      read('sg2iter_kunit.c'),
    );
    return found?.[0] ?? `#error no ${name}`;
  };
  const plain = (name: string): string => read(name).replace(/#include <linux.*/g, '');
  const parts = [SHIM, plain('sg2iter_kunit.h'), plain('sg2iter_cases.h')];
  writeFileSync(
    join(scratch, 'print.c'),
    [...parts, own('fill_seeded'), own('digest_of'), PRINT].join('\n'),
  );
  const program = join(scratch, 'print');
  execFileSync(COMPILER, ['-Wall', '-Wextra', '-Werror', '-o', program, join(scratch, 'print.c')]);
  return execFileSync(program, { encoding: 'utf8' }).trim().split('\n');
}

function hasCompiler(): boolean {
  try {
    execFileSync(COMPILER, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test.skipIf(!hasCompiler())('C makes the same text of each seed, and has the same answers', () => {
  const cases = SMOKE.filter((_, i) => i % 3 === 0);
  const wanted = cases.map((c) => {
    const { result, output } = expectation(c, caseInput(c));
    const text = fnv1a(materialise(c.text)).slice(2);
    const digest = output === null || result !== 0 ? '0' : fnv1a(output).slice(2);
    return `${c.alg}|${result}|${text}|${digest}`;
  });
  expect(compiled(cases)).toEqual(wanted);
});
