/**
 * Goal: a comparison shows what was converted and nothing else.
 * Method: copies of the fixture tree, each changed in one way.
 */
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { burnDownRows, renderBurnDown } from './burn-down.ts';
import type { Census } from './census.ts';
import { diffCensus, newFindings, renderDiff } from './diff.ts';
import { copyTree, FIXTURE_TREE, surveyQuietly, type TreeCopy } from './fixtures/copy.ts';

let before: Census;
let copy: TreeCopy | null = null;

beforeAll(async () => {
  before = await surveyQuietly(FIXTURE_TREE);
});

afterEach(() => {
  copy?.remove();
  copy = null;
});

async function after(change: (tree: TreeCopy) => void): Promise<Census> {
  copy = copyTree();
  change(copy);
  return surveyQuietly(copy.root);
}

function convertWaiting(tree: TreeCopy): void {
  tree.edit('net/demo/waiting.c', (text) =>
    text
      .replace('\tstruct scatterlist sg;\n', '')
      .replace('\tsg_init_one(&sg, buf, len);\n', '')
      .replace('ahash_request_set_crypt(req, &sg, out', 'ahash_request_set_virt(req, buf, out'),
  );
}

test('two surveys of one tree do not differ', async () => {
  const diff = diffCensus(before, await after(() => undefined));
  expect(diff.files).toEqual([]);
  expect(renderDiff(diff)).toContain('no difference');
});

test('a converted file is the only one shown', async () => {
  const diff = diffCensus(before, await after(convertWaiting));
  expect(diff.files.map((f) => f.path)).toEqual(['net/demo/waiting.c']);
  expect(diff.files[0].sitesGone.map((s) => s.name)).toEqual([
    'sg_init_one',
    'ahash_request_set_crypt',
  ]);
  expect(diff.files[0].sitesNew.map((s) => s.name)).toEqual(['ahash_request_set_virt']);
  expect(renderDiff(diff)).toMatch(/DEMO NETWORKING +2 +1 +0/);
});

test('code that only moved inside its file is moved, not new', async () => {
  const census = await after((tree) => tree.edit('crypto/walker.c', (t) => `/* more */\n\n${t}`));
  const diff = diffCensus(before, census);
  expect(diff.files).toHaveLength(1);
  expect(diff.files[0]).toMatchObject({ moved: 2, sitesGone: [], sitesNew: [] });
  expect(newFindings(diff, [])).toEqual([]);
});

test('a renamed file keeps its sites', async () => {
  const census = await after((tree) =>
    renameSync(join(tree.root, 'crypto/walker.c'), join(tree.root, 'crypto/renamed.c')),
  );
  const diff = diffCensus(before, census);
  expect(diff.files).toHaveLength(1);
  expect(diff.files[0]).toMatchObject({
    path: 'crypto/renamed.c',
    renamedFrom: 'crypto/walker.c',
    sitesGone: [],
    sitesNew: [],
  });
});

test('the gate names what is new, by name, group, hazard or anything', async () => {
  const census = await after((tree) =>
    tree.edit('net/demo/sync.c', (t) => t.replace('sg_init_table(sg, 1);', 'sg_chain(sg, 1, x);')),
  );
  const diff = diffCensus(before, census);
  expect(newFindings(diff, ['sg_chain'])).toEqual(['net/demo/sync.c:7: new sg_chain in sync_run']);
  expect(newFindings(diff, ['chain'])).toEqual(['net/demo/sync.c:7: new hazard chain in sync_run']);
  expect(newFindings(diff, ['sg-build'])).toHaveLength(1);
  expect(newFindings(diff, ['sg_next'])).toEqual([]);
  expect(newFindings(diff, [])).toHaveLength(2);
});

test('reports of different catalogues are not compared', () => {
  const other = { ...before, tool: { ...before.tool, catalogueHash: '0' } };
  expect(() => diffCensus(before, other)).toThrow(/catalogueHash differs/);
});

test('the burn-down counts down, and names callers that went', async () => {
  const done = await after((tree) => {
    convertWaiting(tree);
    tree.edit('net/demo/own-wait.c', () => null);
  });
  const rows = burnDownRows([before, done]);
  expect(rows[1].sites).toBe(before.totals.sites - 3);
  expect(rows[0]).toMatchObject({ waits: '2/1/1', names: { sg_chain: 1, skb_to_sgvec: 1 } });
  expect(rows[0].version).not.toBe(rows[1].version);
  expect(renderBurnDown(rows)).toContain('  - net/demo/own-wait.c');
});
