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
import { type Case, MEMORY_KINDS, materialise, walkCase } from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import type { IteratorProgram } from '../case/iterator-case.ts';
import { caseInput, expectation } from '../subjects/reference.ts';
import { fnv1a } from './c-text.ts';
import { entriesOf, resplitEntries } from './entries.ts';
import { casesHeader, writeKunit } from './kunit.ts';
import { SUITES, unexportable } from './suite.ts';
import { LINUX_TYPES, walksOf } from './walk-answers.ts';
import { omittedWalks, walksHeader } from './walks.ts';

const PAGE = 4096;
const COMPILER = 'gcc';
const scratch = mkdtempSync(join(tmpdir(), 'sg2iter-kunit-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Made once: it takes a second on a busy machine. */
const ALL = SUITES.get('smoke')?.() ?? [];
const SMOKE = ALL.filter(({ iterator }) => iterator === undefined);
const WALKS = ALL.filter(({ iterator }) => iterator !== undefined);
const PROGRAMS = ALL.filter(({ program }) => program !== undefined);

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
  expect(new Set(cases.map(({ kind }) => kind)).size).toBe(6);
  expect(new Set(cases.map(({ layout }) => layout.inplace)).size).toBe(3);
  expect(cases.filter(({ tamper }) => tamper !== null).length).toBeGreaterThan(3);
  for (const { alg } of cases) expect(algorithmOf(alg)).not.toBeNull();
  const header = casesHeader(cases);
  const words = [...header.matchAll(/^ \* replay (\S+)$/gm)].map(([, word]) => word);
  expect(words.map(decodeToken)).toEqual(cases);
});

test('the smoke suite has every call of a walk, every type, and words that replay each program', () => {
  const walks = WALKS.flatMap((c) => walksOf(c).walks);
  expect(new Set(walks.map(({ type }) => type)).size).toBe(LINUX_TYPES.length);
  expect(new Set(walks.flatMap(({ steps }) => steps.map(({ op }) => op))).size).toBe(17);
  expect(new Set(WALKS.map(({ iterator }) => iterator?.direction)).size).toBe(2);
  const words = [...walksHeader(WALKS).matchAll(/^ \* replay (\S+)$/gm)].map(([, word]) => word);
  expect(words.map(decodeToken)).toEqual(WALKS);
});

const PROGRAM: IteratorProgram = {
  direction: 'source',
  ...{ folios: [0, 0], first: 0, hole: null, locked: null, slots: 1, before: 0 },
  commands: [
    { name: 'copy', a: 5, b: 0 },
    { name: 'extract', a: 100, b: 1 },
    { name: 'advance', a: 9999, b: 0 },
  ],
};
const ACROSS = [
  { offset: 4090, len: 6 },
  { offset: 4096, len: 50 },
];

test('a program becomes calls with the answers of each type', () => {
  const { walks, reasons } = walksOf(walkCase(PROGRAM, ACROSS, 7));
  expect(reasons).toEqual([]);
  const shown = walks.map(({ type, steps }) => [
    type,
    ...steps.map(({ want, left, pages, ahead }) => [want, left, pages.join(), ahead]),
  ]);
  const behind = [
    [5, 51, '', 24],
    [1, 50, '0', 24],
    [0, 0, '', 0],
  ] as const;
  // A range is left at its end, an array in its next segment; both give the one byte of the first page.
  const types = ['kvec', 'bvec', 'iovec', 'ubuf', 'xarray', 'folioq'];
  expect(shown).toEqual(types.map((type) => [type, ...behind]));
  const file = materialise({ seed: 7, len: 8192 });
  expect(new Set(walks.map(({ digest }) => digest))).toEqual(new Set([fnv1a(file)]));
  expect(walks[0].steps[0].digest).toBe(fnv1a(file.subarray(4090, 4095)));
});

test.each([
  ['lower', 'source', /^lower: is of the converted API/],
  ['copyFault', 'source', /^copyFault: an access that fails needs/],
  ['restore', 'source', /^restore: .* exported to no module/],
  ['copyFull', 'dest', /^copyFull: copy_to_iter_full is newer/],
] as const)('%s of a %s is refused by name', (name, direction, reason) => {
  const program = { ...PROGRAM, direction, commands: [{ name, a: 4, b: 0 }] };
  expect(unexportable(walkCase(program, ACROSS, 7))).toMatch(reason);
});

test('a type that cannot be asked is counted, and the others are written', () => {
  const locked = { ...PROGRAM, direction: 'dest' as const, locked: 1, commands: [] };
  expect(omittedWalks([walkCase(locked, ACROSS, 7)])).toEqual({
    'a type of iterator: a page that may only be read': 2,
  });
});

test('the smoke suite has programs of each moment, in parts, on several transforms, and with keys', () => {
  const programs = PROGRAMS.flatMap(({ program }) => (program === undefined ? [] : [program]));
  const requests = programs.flatMap((program) => program.requests);
  expect(new Set(requests.map(({ when }) => when)).size).toBe(3);
  expect(requests.some(({ reuse }) => reuse)).toBe(true);
  expect(requests.some(({ hash }) => hash.final !== 'digest')).toBe(true);
  const kinds = programs.flatMap(({ transforms }) => transforms.map(({ kind }) => kind));
  expect(new Set(kinds).size).toBeGreaterThan(3);
  expect(programs.some(({ freeEarly }) => freeEarly)).toBe(true);
});

test('a program becomes its requests, and when each is submitted', () => {
  const [one] = SMOKE.filter(({ alg, program }) => alg === 'sha256' && program === undefined);
  const request = { ...REQUEST, hash: one.hash, layout: one.layout, text: one.text };
  const requests = [
    { ...request, when: 'callback' as const },
    { ...request, when: 'settled' as const, of: 1, reuse: true },
  ];
  const program = { queue: 0, freeEarly: true, misuse: null, transforms: [], requests };
  const header = casesHeader([{ ...one, program }]);
  expect(header).toContain(
    'turn_0[] = {\n\t{ SG2ITER_NOW, 0, false, 0 },\n\t{ SG2ITER_CALLBACK, 0, false, 0 },\n' +
      '\t{ SG2ITER_SETTLED, 1, true, 0 },\n};',
  );
  expect(header).toContain('.name = "0 program of 3 on sha256"');
  expect(header.match(/\.name = "p0_\d sha256 digest/g)).toHaveLength(3);
  expect(header).toContain('.free_early = true');
  const empty = { ...one.layout, src: [{ kind: 'page', offset: 9, len: 0 }, ...one.layout.src] };
  const { tests, omitted } = writeKunit([{ ...one, layout: empty as Case['layout'] }], scratch);
  expect(tests).toBe(1);
  expect(Object.values(omitted)).toEqual([1]);
});

const REQUEST = {
  ...{ tfm: 0, steps: 0, of: 0, reuse: false, cpu: 0, backlog: true, op: 'digest' as const },
  ...{ iv: '', ad: '', tag: null, room: 0, tamper: null },
};

/** A case of the suite, changed. */
function changed(alg: string, op: Case['op'], by: (c: Case) => Partial<Case>): Case {
  const [c] = SMOKE.filter((one) => one.alg === alg && one.op === op);
  return { ...c, ...by(c) };
}
const LONG = [{ kind: 'page', offset: 0, len: 9000 }] as const;
const twice = ({ layout: { src } }: Case): Case['layout'] => ({
  ...{ inplace: 'no', src, chain: 0 },
  dst: [
    { kind: 'page', offset: 0, len: 100 },
    { kind: 'page', offset: 0, len: 9000 },
  ],
});

test.each([
  [
    changed('sha256', 'digest', () => ({
      program: {
        ...{ queue: 0, freeEarly: false, misuse: { what: 'free', after: 0 } },
        ...{ transforms: [], requests: [] },
      },
    })),
    'a caller at fault: no kernel promises what comes of it',
  ],
  [
    changed('gcm(aes)', 'encrypt', () => ({
      authsize: 3,
      program: { queue: 0, freeEarly: false, misuse: null, transforms: [], requests: [] },
    })),
    'request 0: a tag length that is refused',
  ],
  [
    changed('deflate', 'compress', (c) => ({
      layout: { ...twice(c), inplace: 'same', src: LONG },
    })),
    'a compressor in place: kernels from 6.12 on overwrite it',
  ],
  [
    changed('deflate', 'compress', () => ({ room: 1 })),
    'a compressor without enough room: what kernels answer differs between versions',
  ],
  [
    changed('lz4', 'compress', (c) => ({ layout: twice(c), room: 9100 })),
    'lz4: kernels from 7.2 on write into one entry and no other',
  ],
  [
    changed('dh', 'generate', () => ({ key: '01004000'.padEnd(40, '0') })),
    'a secret that is shorter than it says: kernels read on',
  ],
])('what no kernel or not every kernel answers has one line why: %#', (c, reason) => {
  expect(unexportable(c)).toBe(reason);
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
typedef uint64_t u64; typedef int64_t s64; typedef uint32_t u32; typedef uint8_t u8;
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
	for (size_t i = 0; i < sizeof(sg2iter_programs) / sizeof(*sg2iter_programs); i++) {
		const struct sg2iter_program *q = &sg2iter_programs[i];

		for (unsigned int k = 1; k < q->nr; k++)
			if (q->turn[k].of >= k || q->turn[k].tfm >= SG2ITER_MAX_TFMS)
				return 1;
	}
	for (size_t i = 0; i < sizeof(sg2iter_walks) / sizeof(*sg2iter_walks); i++) {
		static u8 file[1 << 16];
		const struct sg2iter_walk *w = &sg2iter_walks[i];
		u64 digest = 0xcbf29ce484222325ULL;

		fill_seeded(file, w->pages * 4096, w->seed);
		for (int page = 0; page < (int)w->pages; page++)
			if (page != w->hole || w->type == SG2ITER_KVEC)
				digest = digest_more(digest, file + page * 4096, 4096);
		if (w->source)
			printf("%s|%u|%llx|%llx\\n", w->name, w->nr_steps,
			       (unsigned long long)digest,
			       (unsigned long long)w->digest);
	}
	return 0;
}
`;

/** What the C has of each case. */
function compiled(cases: readonly Case[]): string[] {
  writeKunit(cases, scratch);
  const read = (name: string): string => readFileSync(join(scratch, name), 'utf8');
  const plain = (name: string): string => read(name).replace(/#include [<"](linux|sg2iter).*/g, '');
  const names = ['kunit.h', 'iterators.h', 'cases.h', 'walks.h'];
  const parts = [SHIM, ...names.map((name) => plain(`sg2iter_${name}`)), PRINT];
  writeFileSync(join(scratch, 'print.c'), parts.join('\n'));
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
  const cases = SMOKE.filter(({ program }, i) => i % 3 === 0 && program === undefined);
  const wanted = cases.map((c) => {
    const { result, output } = expectation(c, caseInput(c));
    const text = fnv1a(materialise(c.text)).slice(2);
    const made = c.op === 'compress' ? caseInput(c).text : output;
    const digest = made === null || result !== 0 ? '0' : fnv1a(made).slice(2);
    return `${c.alg}|${result}|${text}|${digest}`;
  });
  const lines = compiled([...cases, ...PROGRAMS, ...WALKS.slice(0, 4)]);
  expect(lines.slice(0, wanted.length)).toEqual(wanted);
  const walks = lines.slice(wanted.length).map((line) => line.split('|'));
  expect(walks.length).toBeGreaterThan(3);
  for (const [name, steps, made, meant] of walks) {
    if (/kvec/.test(name)) expect([name, made]).toEqual([name, meant]);
    expect(Number(steps)).toBeGreaterThan(0);
  }
});
