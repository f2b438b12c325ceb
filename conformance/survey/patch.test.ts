/**
 * Goal: semantic patches change what they promise, refuse what they must, and edit only on demand.
 * Method: printed without spatch; with it (where installed) run on a copy of the fixture tree.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PATCHES } from './data/patches.ts';
import { copyTree, type TreeCopy } from './fixtures/copy.ts';
import { runPatches } from './patch.ts';
import { spatchVersion } from './spatch.ts';

const MISSING = spatchVersion() === null;
const WHY = MISSING ? ' (skipped: coccinelle not installed)' : '';

let copy: TreeCopy;

beforeEach(() => {
  copy = copyTree();
});

afterEach(() => {
  copy.remove();
  vi.unstubAllEnvs();
});

async function patch(
  options: { file?: string; only?: string[]; write?: boolean } = {},
): Promise<string> {
  let text = '';
  await runPatches(
    {
      root: copy.root,
      file: options.file ?? null,
      only: options.only ?? [],
      write: options.write ?? false,
    },
    (t) => {
      text += t;
    },
  );
  return text;
}

test('without spatch the patches are printed, each with its command lines', async () => {
  vi.stubEnv('PATH', '/does/not/exist');
  const text = await patch();
  for (const p of PATCHES) expect(text).toContain(p.text);
  expect(text).toContain('spatch --sp-file sp3.cocci --no-includes crypto/wrap.c  (1 edits)');
  expect(text).not.toContain('elsewhere.c');
});

test('--write without spatch is an environment that is missing, exit 3', async () => {
  vi.stubEnv('PATH', '/does/not/exist');
  await expect(patch({ write: true })).rejects.toMatchObject({ exitCode: 3 });
});

test('patches have unique names, a confidence, and something to review', () => {
  expect(new Set(PATCHES.map((p) => p.id)).size).toBe(PATCHES.length);
  for (const p of PATCHES) expect(p.review.length, p.id).toBeGreaterThan(10);
});

test.skipIf(MISSING)(`a dry run prints diffs and changes nothing${WHY}`, async () => {
  const before = readFileSync(join(copy.root, 'net/demo/waiting.c'), 'utf8');
  const text = await patch({ file: 'net/demo/waiting.c' });
  expect(text).toContain('+\tahash_request_set_virt(req, buf, out, len);');
  expect(text).toContain('# SP1: 1 edits in 1 files');
  expect(readFileSync(join(copy.root, 'net/demo/waiting.c'), 'utf8')).toBe(before);
});

test.skipIf(MISSING)(`only a constant direction is rewritten${WHY}`, async () => {
  const text = await patch({ file: 'crypto/wrap.c', only: ['SP3'] });
  expect(text.match(/^\+\t.*crypto_iter_copy/gm)).toHaveLength(1);
  expect(text).toContain('# SP3: 1 edits in 1 files');
});

test.skipIf(MISSING)(`--write edits in place, and only the file asked for${WHY}`, async () => {
  await patch({ file: 'net/demo/sync.c', only: ['SP2'], write: true });
  const text = readFileSync(join(copy.root, 'net/demo/sync.c'), 'utf8');
  expect(text).toContain('bvec_set_page(sg, virt_to_page(buf), len, 0);');
  expect(text).not.toContain('sg_init_table(sg, 1)');
  expect(readFileSync(join(copy.root, 'net/demo/waiting.c'), 'utf8')).toContain('sg_init_one');
});

test(`a refused file is named with the reason`, async () => {
  vi.stubEnv('PATH', '/does/not/exist');
  copy.edit('crypto/wrap.c', () => null);
  const { renameSync, mkdirSync } = await import('node:fs');
  mkdirSync(join(copy.root, 'drivers/md'), { recursive: true });
  renameSync(join(copy.root, 'net/demo/sync.c'), join(copy.root, 'drivers/md/dm-integrity.c'));
  copy.edit('drivers/md/dm-integrity.c', (t) =>
    t
      .replace('sg_init_table(sg, 1);', 'sg_init_one(sg, buf, len);')
      .replace('sg_set_page(sg, virt_to_page(buf), len, 0);', ''),
  );
  expect(await patch({ only: ['SP6'] })).toContain(
    '#   refused: drivers/md/dm-integrity.c (journal',
  );
});
