/**
 * Goal: the cache folder is where the user wants it, or the reason why not is one line.
 * Method: the environment variables of one process, and folders that cannot exist.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { cacheFolder, folderHash, freshCopy, scratchFolder } from './cache.ts';
import { EnvironmentError } from './run-program.ts';

const scratch = mkdtempSync(join(tmpdir(), 'sg2iter-cache-'));
afterAll(() => rmSync(scratch, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

test('the own variable wins over the one of the desktop, and folders are made', () => {
  vi.stubEnv('XDG_CACHE_HOME', join(scratch, 'xdg'));
  vi.stubEnv('SG2ITER_CACHE', '');
  expect(cacheFolder()).toBe(join(scratch, 'xdg', 'sg2iter'));
  vi.stubEnv('SG2ITER_CACHE', join(scratch, 'a', 'b'));
  expect(cacheFolder()).toBe(join(scratch, 'a', 'b'));
  expect(existsSync(join(scratch, 'a', 'b'))).toBe(true);
});

test.each(['/proc/x', '/dev/null/x', '/tmp/with blank/x'])('%s is refused in one line', (path) => {
  vi.stubEnv('SG2ITER_CACHE', path);
  expect(() => cacheFolder()).toThrow(EnvironmentError);
});

test('the hash of a folder follows names and contents, and a copy has the same', () => {
  const folder = join(scratch, 'a', 'b');
  writeFileSync(join(folder, 'one'), 'text');
  const first = folderHash(folder);
  freshCopy(folder, join(scratch, 'copy'));
  expect(folderHash(join(scratch, 'copy'))).toBe(first);
  writeFileSync(join(folder, 'one'), 'other');
  expect(folderHash(folder)).not.toBe(first);
});

test('folders of runs that were killed go, those of living ones stay', () => {
  vi.stubEnv('SG2ITER_CACHE', join(scratch, 'runs'));
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  const folders = [`run-${dead}`, `run-${process.ppid}`, 'run-of-mine'];
  for (const name of folders) mkdirSync(join(scratch, 'runs', name), { recursive: true });
  expect(scratchFolder()).toBe(join(scratch, 'runs', `run-${process.pid}`));
  expect(folders.filter((name) => existsSync(join(scratch, 'runs', name)))).toEqual(
    folders.slice(1),
  );
});
