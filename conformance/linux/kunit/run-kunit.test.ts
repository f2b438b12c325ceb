/**
 * Goal: only what this machine lacks is an environment that is missing; what is wrong with a suite is a finding.
 * Method: makefiles that play a kernel's, and boots that ended in each way.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findProgram } from '../kernel/run-program.ts';
import { buildSuite, reportOf } from './run-kunit.ts';

const folder = mkdtempSync(join(tmpdir(), 'sg2iter-kunit-'));
afterAll(() => rmSync(folder, { recursive: true }));
const suite = join(folder, 'suite');
mkdirSync(suite);
writeFileSync(join(suite, 'case.c'), 'one line\n');

/** A built kernel whose rule for modules is `recipe`. */
function kernelWith(recipe: string): string {
  const kernel = mkdtempSync(join(folder, 'kernel-'));
  mkdirSync(join(kernel, 'output'));
  writeFileSync(join(kernel, 'output/Makefile'), `modules:\n\t@${recipe}\n`);
  return kernel;
}

test.skipIf(findProgram('make') === null)('a suite that does not compile', async () => {
  const kernel = kernelWith('echo "case.c:1: error: unknown type name" >&2; exit 2');
  await expect(buildSuite(kernel, suite)).rejects.toMatchObject({
    exitCode: 1,
    message: 'the suite does not compile: make -s: case.c:1: error: unknown type name',
  });
  const good = kernelWith('test "$(KCFLAGS)" = -Werror && cp $(M)/case.c $(M)/built');
  expect(await buildSuite(good, suite)).toBe(join(good, 'kunit'));
});

const KTAP = '        ok 1 0 cbc(aes) encrypt 64 no+whole\n';

test.each([
  ['a kernel that does not boot', '', 'exit code 1: no memory', 3],
  ['a suite that the kernel does not load', 'start\n', 'loading the module: Exec format', 1],
  ['a suite without a case', 'start\n\ndone 1\n', null, 1],
])('%s', (_, text, failure, exitCode) => {
  expect(() => reportOf('tree:x', { text, failure, console: '' })).toThrow(
    expect.objectContaining({ exitCode, message: expect.stringContaining('tree:x') }),
  );
});

test('a suite that ran', () => {
  const text = `start\n${KTAP}\ndone 1\n`;
  expect(reportOf('tree:x', { text, failure: null, console: '' }).passed).toHaveLength(1);
});

test('a suite that takes the kernel down', () => {
  const console = `${KTAP}    # sg2iter_run: runs 1 sha1 digest 3 no+whole\n`;
  const { passed, failed, death } = reportOf('tree:x', {
    text: 'start\n',
    failure: 'Oops',
    console,
  });
  expect([passed.length, failed.length, death?.reason]).toEqual([1, 1, 'Oops']);
});
