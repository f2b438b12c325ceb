/**
 * Goal: a comparison tells what was converted from what was rewritten, removed or only moved.
 * Method: copies of the fixture tree, each changed in one way.
 */
import { mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { Census } from '../census.ts';
import { copyTree, FIXTURE_TREE, surveyQuietly, type TreeCopy } from '../fixtures/copy.ts';
import { renderDiff } from '../output/diff.ts';
import { burnDownRows, renderBurnDown } from './burn-down.ts';
import { type CensusDiff, diffCensus, type FileDiff } from './diff.ts';
import { newFindings } from './gate.ts';
import { NOTHING_OUTSIDE, readOutside } from './outside.ts';

let before: Census;
let copy: TreeCopy | null = null;
const copies: TreeCopy[] = [];

beforeAll(async () => {
  before = await surveyQuietly(FIXTURE_TREE);
});

afterEach(() => {
  for (const tree of copies.splice(0)) tree.remove();
  copy = null;
});

async function after(change: (tree: TreeCopy) => void): Promise<Census> {
  copy = copyTree();
  copies.push(copy);
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

function compare(to: Census): CensusDiff {
  return diffCensus(before, to, NOTHING_OUTSIDE);
}

/** The comparison with the fixture tree after one change. */
async function changed(change: (tree: TreeCopy) => void): Promise<CensusDiff> {
  return compare(await after(change));
}

/** What became of the sites of one file, as `name outcome by`. */
function fates(diff: CensusDiff, path: string): string[] {
  const file = diff.files.find((f) => f.path === path);
  return (file?.sitesGone ?? []).map((s) => [s.name, s.outcome, ...s.by].join(' '));
}

function only(diff: CensusDiff): FileDiff {
  expect(diff.files).toHaveLength(1);
  return diff.files[0];
}

test('two surveys of one tree do not differ', async () => {
  const diff = await changed(() => undefined);
  expect(diff.files).toEqual([]);
  expect(renderDiff(diff)).toContain('no difference');
});

test('a converted file is the only one shown, with the calls that show it', async () => {
  const diff = await changed(convertWaiting);
  const file = only(diff);
  expect(file.path).toBe('net/demo/waiting.c');
  expect(fates(diff, file.path)).toEqual([
    'sg_init_one converted ahash_request_set_virt',
    'ahash_request_set_crypt converted ahash_request_set_virt',
  ]);
  expect(file.sitesNew.map((s) => s.name)).toEqual(['ahash_request_set_virt']);
  expect(renderDiff(diff)).toMatch(/DEMO NETWORKING +2 +0 +0 +0 +0 +0 +1/);
});

test('a function that a library call made shorter is converted', async () => {
  const diff = await changed((tree) =>
    tree.edit('net/demo/sync.c', (t) =>
      t.replace('sg_init_table(sg, 1);', 'sha256(buf, len, iv);'),
    ),
  );
  expect(fates(diff, 'net/demo/sync.c')).toEqual(['sg_init_table converted sha256']);
});

test('one list call for another is rewritten, also when a plain call comes with it', async () => {
  const diff = await changed((tree) =>
    tree.edit('net/demo/sync.c', (t) =>
      t.replace('sg_init_table(sg, 1);', 'iov_iter_revert(it, 1);\n\tsg_chain(sg, 1, x);'),
    ),
  );
  expect(fates(diff, 'net/demo/sync.c')).toEqual(['sg_init_table rewritten sg_chain']);
});

test('a call that went without anything in its place is dropped', async () => {
  const diff = await changed((tree) =>
    tree.edit('net/demo/sync.c', (t) => t.replace('sg_init_table(sg, 1);', 'clear(sg);')),
  );
  expect(fates(diff, 'net/demo/sync.c')).toEqual(['sg_init_table dropped']);
});

test('a function that is gone was removed, and so was a driver file', async () => {
  const diff = await changed((tree) => {
    tree.edit('crypto/wrap.c', (t) => t.replace('wrap_fill', 'wrap_other').replace('sg_virt', 'x'));
    tree.edit('drivers/crypto/slow-aes.c', () => null);
  });
  expect(fates(diff, 'crypto/wrap.c')).toEqual(['sg_virt removed']);
  expect(fates(diff, 'drivers/crypto/slow-aes.c')).toEqual([
    'skcipher_walk_virt removed',
    'skcipher_walk_done removed',
  ]);
});

test('the call that went is named, not its neighbour of the same name', async () => {
  const three = (tree: TreeCopy): void =>
    tree.edit('net/demo/sync.c', (t) =>
      t.replace('sg_init_table(sg, 1);', 'sg_mark_end(a);\n\tsg_mark_end(b);\n\tsg_mark_end(c);'),
    );
  const from = await after(three);
  copy?.edit('net/demo/sync.c', (t) => t.replace('sg_mark_end(a);', '/* gone */'));
  const to = await surveyQuietly(copy?.root ?? '');
  const [file] = diffCensus(from, to, NOTHING_OUTSIDE).files;
  expect(file.sitesGone.map((s) => s.args)).toEqual([['a']]);
  expect(file.sitesNew).toEqual([]);
});

test('code that only moved inside its file is moved, not new', async () => {
  const diff = await changed((tree) => tree.edit('crypto/walker.c', (t) => `/* more */\n\n${t}`));
  expect(only(diff).sitesMoved).toHaveLength(2);
  expect(only(diff)).toMatchObject({ sitesGone: [], sitesNew: [] });
  expect(newFindings(diff, [])).toEqual([]);
});

test('code that moved to another function, or with its function to another file, is moved', async () => {
  const diff = await changed((tree) => {
    tree.edit('crypto/wrap.c', (t) => t.replace('wrap_fill', 'wrap_other'));
    let whole = '';
    tree.edit('net/demo/own-wait.c', (t) => {
      whole = t;
      return null;
    });
    tree.edit('net/demo/waiting.c', (t) => `${t}\n${whole}`);
  });
  const moves = diff.files.flatMap((f) =>
    f.sitesMoved.map(({ from, to }) => `${to.name} ${from.path} ${from.fn} > ${to.path} ${to.fn}`),
  );
  expect(moves).toEqual([
    'sg_virt crypto/wrap.c wrap_fill > crypto/wrap.c wrap_other',
    'sg_init_one net/demo/own-wait.c own_run > net/demo/waiting.c own_run',
    'kpp_request_set_input net/demo/own-wait.c own_run > net/demo/waiting.c own_run',
  ]);
  expect(diff.files.flatMap((f) => [...f.sitesGone, ...f.sitesNew])).toEqual([]);
  expect(renderDiff(diff)).toContain('  > wrap_other: sg_virt, from crypto/wrap.c wrap_fill');
});

test('a function of the same name in another file is another function', async () => {
  const diff = await changed((tree) => {
    tree.edit('crypto/wrap.c', (t) => t.replace('sg_init_table(ctx->tail, 2);', ''));
    tree.edit('net/demo/waiting.c', (t) =>
      t.replace('demo_hash(', 'wrap_crypt(').replace('sg_init_one', 'sg_init_table(ctx->tail, 2);'),
    );
  });
  expect(fates(diff, 'crypto/wrap.c')).toEqual(['sg_init_table dropped']);
  const moves = diff.files.flatMap((f) => f.sitesMoved.map(({ from, to }) => [from.path, to.path]));
  expect(moves.filter(([from, to]) => from !== to)).toEqual([]);
});

test('a renamed file keeps its sites, also when it was edited on the way', async () => {
  const rename = (to: string, edit: (text: string) => string) => (tree: TreeCopy) => {
    tree.edit('crypto/walker.c', edit);
    mkdirSync(join(tree.root, dirname(to)), { recursive: true });
    renameSync(join(tree.root, 'crypto/walker.c'), join(tree.root, to));
  };
  for (const change of [
    rename('crypto/renamed.c', (t) => t),
    rename('crypto/sub/walker.c', (t) => `${t}\nint more(void) { return 1; }\n`),
  ]) {
    const file = only(await changed(change));
    expect(file).toMatchObject({ renamedFrom: 'crypto/walker.c', sitesGone: [], sitesNew: [] });
  }
});

test('a file that left the scope is undecided without its tree, and told apart with it', async () => {
  const to = await after((tree) => {
    tree.edit('net/demo/sync.c', (t) =>
      t
        .replace(/SYNC_SKC.*\n/, '')
        .replaceAll(/(?:sk)?c(?:ipher|rypto_skcipher)_\w+\(.*\);/g, 'sha256(a, b, c);'),
    );
    tree.edit('net/demo/own-wait.c', () => null);
  });
  const gone = ['net/demo/sync.c', 'net/demo/own-wait.c'];
  const blind = compare(to);
  const blindly = gone.flatMap((path) => fates(blind, path));
  expect(new Set(blindly.map((fate) => fate.replace(/^\w+ /, '')))).toEqual(
    new Set(['left undecided']),
  );
  const outside = await readOutside(before, to, copy?.root ?? '');
  const diff = diffCensus(before, to, outside);
  expect(fates(diff, 'net/demo/sync.c')).toEqual([
    'sg_init_table left still called',
    'sg_set_page left still called',
    'skcipher_request_set_crypt converted sha256',
    'sg_init_one left still called',
  ]);
  expect(fates(diff, 'net/demo/own-wait.c')).toEqual([
    'sg_init_one removed',
    'kpp_request_set_input removed',
  ]);
});

test('the tree of another release is refused', async () => {
  const to = await after((tree) => tree.edit('Makefile', (t) => t.replace('= 1', '= 2')));
  await expect(readOutside(before, to, FIXTURE_TREE)).rejects.toThrow(
    /^--tree .*linux: Linux 6\.1\.0, but the newer report is of 6\.2\.0$/,
  );
});

test('the gate names what is new, by name, group, hazard or anything', async () => {
  const census = await after((tree) =>
    tree.edit('net/demo/sync.c', (t) => t.replace('sg_init_table(sg, 1);', 'sg_chain(sg, 1, x);')),
  );
  const diff = compare(census);
  expect(newFindings(diff, ['sg_chain'])).toEqual(['net/demo/sync.c:7: new sg_chain in sync_run']);
  expect(newFindings(diff, ['chain'])).toEqual(['net/demo/sync.c:7: new hazard chain in sync_run']);
  expect(newFindings(diff, ['sg-build'])).toHaveLength(1);
  expect(newFindings(diff, ['sg_next'])).toEqual([]);
  expect(newFindings(diff, [])).toHaveLength(2);
});

test('reports of different catalogues are not compared', () => {
  const other = { ...before, tool: { ...before.tool, catalogueHash: '0' } };
  expect(() => compare(other)).toThrow(/catalogueHash differs/);
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
