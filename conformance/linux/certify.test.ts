/**
 * Goal: a certificate never stands for a kernel that did not run.
 * Method: the front with a machine that lacks its tools, with golden data asked for, and with names that
 * nobody has.
 */
import { afterEach, expect, test } from 'vitest';
import { EXIT_ENVIRONMENT, EXIT_USAGE } from '../terminal/exit.ts';
import { type CertifyRequest, certify, renewGolden } from './certify.ts';

const REQUEST: CertifyRequest = {
  kernel: null,
  cases: 5,
  seed: 1,
  campaign: 0,
  shard: { index: 1, count: 1 },
  file: null,
  golden: false,
  kasan: false,
};

const HOOKS = { note: () => {}, progress: () => {}, signal: new AbortController().signal };

const { PATH } = process.env;
afterEach(() => {
  Object.assign(process.env, { PATH });
});

async function exitCode(request: Partial<CertifyRequest>): Promise<readonly [unknown, string]> {
  try {
    await certify({ ...REQUEST, ...request }, HOOKS);
    return [0, ''];
  } catch (error) {
    if (!(error instanceof Error && 'exitCode' in error)) throw error;
    return [error.exitCode, error.message];
  }
}

test.each(['6.1', 'source:9.9'])('%s on a machine without tools is exit 3', async (kernel) => {
  Object.assign(process.env, { PATH: '/nonexistent' });
  const [code, message] = await exitCode({ kernel });
  expect(code).toBe(EXIT_ENVIRONMENT);
  expect(message).toMatch(/^missing .*gcc.*: install .*gcc/);
});

test('golden data need no tools, and stand for their own series only', async () => {
  Object.assign(process.env, { PATH: '/nonexistent' });
  const [code, message] = await exitCode({ kernel: 'source:9.9', golden: true });
  expect(code).toBe(EXIT_ENVIRONMENT);
  expect(message).toMatch(/no golden data of source:9\.9, only of 7\.3/);
});

test.each<[string, Partial<CertifyRequest>, RegExp]>([
  ['an unknown kernel', { kernel: '5.4' }, /^--kernel: unknown kernel '5\.4'; known: 6\.1 /],
  ['a folder that is no tree', { kernel: 'tree:/tmp' }, /^--kernel: \/tmp is not a kernel tree/],
  ['memory checks of a prebuilt kernel', { kasan: true }, /^--kasan: only with/],
  ['a file that is not there', { file: '/nonexistent' }, /^\/nonexistent: cannot be read/],
])('%s is refused with its option', async (_, request, message) => {
  const [code, text] = await exitCode(request);
  expect(code).toBe(EXIT_USAGE);
  expect(text).toMatch(message);
});

test('golden data are not renewed from golden data', async () => {
  await expect(renewGolden({ ...REQUEST, golden: true }, HOOKS)).rejects.toThrow(
    /^--update-golden/,
  );
});
