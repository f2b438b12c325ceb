/**
 * Goal: what a C file says is read as a kernel developer reads it.
 * Method: one small text per trap, through the real grammar; every text is ours.
 */
import { beforeAll, expect, test } from 'vitest';
import type { FileFacts } from '../facts.ts';
import { type CGrammar, loadGrammar } from '../grammar.ts';
import { extractFile } from './file.ts';

let grammar: CGrammar;

beforeAll(async () => {
  grammar = await loadGrammar();
});

function read(source: string): FileFacts {
  return extractFile(grammar, 'crypto/x.c', source, Buffer.from(source));
}

/** Wraps statements into a function that has a request and two lists. */
function inFunction(body: string): string {
  return `int f(struct aead_request *req, struct scatterlist *sg, u8 *dst)\n{\n${body}\n}\n`;
}

test('a call has its line, function, arguments and the use of its result', () => {
  const facts = read(
    inFunction('\tsg_init_one(sg, buf,\n\t\t    len + 1);\n\tn = dma_map_sg(d, sg, 1, 0);'),
  );
  expect(facts.calls).toMatchObject([
    { name: 'sg_init_one', line: 3, fn: 'f', args: ['sg', 'buf', 'len + 1'], use: 'ignored' },
    { name: 'dma_map_sg', line: 5, use: 'kept', place: 'code' },
  ]);
});

test.each([
  ['if (!dma_map_sg(d, sg, 1, 0)) return 1;', 'tested'],
  ['if (dma_map_sg(d, sg, 1, 0) != 1) return 1;', 'compared'],
  ['if (a && dma_map_sg(d, sg, 1, 0)) return 1;', 'tested'],
  ['if (unlikely(!dma_map_sg(d, sg, 1, 0))) return 1;', 'tested'],
  ['if (likely(dma_map_sg(d, sg, 1, 0))) return 1;', 'tested'],
  ['(void)dma_map_sg(d, sg, 1, 0);', 'ignored'],
  ['return dma_map_sg(d, sg, 1, 0);', 'kept'],
  ['n = a + dma_map_sg(d, sg, 1, 0);', 'kept'],
  ['use(dma_map_sg(d, sg, 1, 0), 1);', 'kept'],
])('the result of %s is %s', (statement, use) => {
  expect(read(inFunction(statement)).calls).toMatchObject([{ use }]);
});

test('comments, strings, declarations and private names are no calls', () => {
  const facts = read(
    '/* sg_next(a) */\nstruct scatterlist *sg_next(struct scatterlist *sg);\n' +
      'EXPORT_SYMBOL(sg_next);\nchar *s = "sg_next(a)";\nint sg_private(int a) { return sgl_x(a); }\n',
  );
  expect(facts.calls).toEqual([]);
});

test('calls in macro bodies are found, also behind a line splice', () => {
  const facts = read(
    '#define LEN(r) \\\n\tsg_nents_for_len((r)->src, (r)->len) /* sg_next(x) */\n',
  );
  expect(facts.calls).toMatchObject([
    {
      name: 'sg_nents_for_len',
      fn: '#macro',
      line: 2,
      place: 'macro',
      args: ['(r)->src', '(r)->len'],
    },
  ]);
});

test('attribute macros do not rename the function around a call', () => {
  const facts = read('static int __init __must_check g(void)\n{\n\tsg_free_table(t);\n}\n');
  expect(facts.calls).toMatchObject([{ fn: 'g' }]);
});

test('an iterator macro is no nested function', () => {
  const facts = read(inFunction('for_each_possible_cpu(cpu) {\n\tsg_mark_end(sg);\n}'));
  expect(facts.calls).toMatchObject([{ name: 'sg_mark_end', fn: 'f' }]);
});

test('a name that is passed or stored is a reference, not a call', () => {
  const facts = read(inFunction('set(req, crypto_req_done);\nops.done = crypto_req_done;'));
  expect(facts.calls).toEqual([]);
  expect(facts.refs.map((r) => r.line)).toEqual([3, 4]);
});

test('both branches of a condition count', () => {
  const facts = read(
    inFunction('#ifdef CONFIG_A\n\tsg_mark_end(sg);\n#else\n\tsg_unmark_end(sg);\n#endif'),
  );
  expect(facts.calls.map((c) => c.name)).toEqual(['sg_mark_end', 'sg_unmark_end']);
});

test('request members need a request: by type, by name, through a pointer', () => {
  const facts = read(
    'int f(struct skcipher_request *cipher, struct other *x, struct ctx *c)\n{\n' +
      '\ta(cipher->src);\n\ta(x->src);\n\ta(c->areq->dst);\n\ta(x->req.src);\n\ta(walk.src);\n}\n',
  );
  expect(facts.requestMembers.map((m) => m.line)).toEqual([3, 5, 6]);
});

test.each(['skcipher_request', 'ahash_request', 'akcipher_request', 'kpp_request', 'acomp_req'])(
  'struct %s is a request under any variable name',
  (type) => {
    const facts = read(`void f(struct ${type} *work)\n{\n\tg(work->src, work->dst);\n}\n`);
    expect(facts.requestMembers.map((m) => m.text)).toEqual(['work->src', 'work->dst']);
  },
);

test('a list indexed like an array is marked', () => {
  const facts = read(inFunction('\ta(req->dst[1]);\n\ta(b[req->src]);'));
  expect(facts.requestMembers.map((m) => m.indexed)).toEqual([true, false]);
});

test('members that hold a list are followed by name', () => {
  const facts = read(
    'struct ctx { struct scatterlist tail[2]; struct sg_table *table; int other; };\n' +
      'void f(struct ctx *c) { g(c->tail, c->table, c->other); }\n',
  );
  expect(facts.typeMembers.map((m) => m.text)).toEqual(['c->tail', 'c->table']);
});

test('entry fields are those of list variables, with writes and origin', () => {
  const facts = read(
    'void f(struct ablkcipher_request *req, struct scatterlist *in, struct nvme_sgl *sg)\n{\n' +
      '\tstruct scatterlist own[2], *walk = req->dst;\n' +
      '\town[1].length = 1;\n\tin->offset++;\n\twalk->length += 2;\n\treq->src->length--;\n' +
      '\tsg->length = 3;\n\tuse(in->length);\n}\n',
  );
  expect(facts.entryFields.map((f) => [f.line, f.write, f.origin])).toEqual([
    [4, true, 'own'],
    [5, true, 'parameter'],
    [6, true, 'request'],
    [7, true, 'request'],
    [9, false, 'parameter'],
  ]);
});

test.each([
  ['req->src == req->dst', 'identity'],
  ['req->dst != req->src', 'reversed'],
  ['ctx->in_sg == ctx->out_sg', null],
  ['dd->in_sg != dd->out_sg && 1', null],
  ['sg_virt(a->src) == sg_virt(a->dst)', 'first-address'],
  ['f(src) == dst_sg', null],
  ['src_len == dst_len', null],
])('the comparison %s is %s', (condition, kind) => {
  const expected = condition.includes('in_sg') ? 'identity' : kind;
  const facts = read(inFunction(`\tif (${condition}) return 1;`));
  expect(facts.comparisons.map((c) => c.kind)).toEqual(expected === null ? [] : [expected]);
});

test('byte pointers called src and dst are no lists', () => {
  const text = 'void f(u8 *dst, const u8 *src)\n{\n\tif (dst != src) memcpy(dst, src, 16);\n}\n';
  expect(read(text).comparisons).toEqual([]);
  const list =
    'void f(struct scatterlist *dst, struct scatterlist *src)\n{\n\tif (dst != src) g();\n}\n';
  expect(read(list).comparisons).toMatchObject([{ kind: 'reversed' }]);
});

test('algorithms are read from designators at any depth', () => {
  const facts = read(
    'static struct acme algs[] = {\n' +
      '\t{ .alg.aead = { .base = { .cra_name = "gcm(aes)", .cra_driver_name = "gcm-acme",\n' +
      '\t\t.cra_flags = CRYPTO_ALG_ASYNC }, .maxauthsize = 16 } },\n' +
      '\t{ .alg.hash = { .halg.base.cra_name = "sha1", .halg.base.cra_driver_name = "sha1-acme" } },\n' +
      '};\n' +
      'static struct shash_alg s = { .base.cra_driver_name = "s", .descsize = 4 };\n' +
      'static struct crypto_alg c = { .cra_driver_name = "c", .cra_u = { .cipher = { .cia_min_keysize = 1 } } };\n',
  );
  expect(facts.algorithms.map((a) => [a.type, a.driver, a.asyncFlagLine > 0])).toEqual([
    ['aead', 'gcm-acme', true],
    ['ahash', 'sha1-acme', false],
    ['shash', 's', false],
    ['cipher', 'c', false],
  ]);
});

test('algorithms written by a macro are expanded, also through a second macro', () => {
  const facts = read(
    '#define GEN(n, k) { .base = { .cra_name = n, .cra_driver_name = "hw-" n, \\\n' +
      '\t.cra_flags = CRYPTO_ALG_ASYNC }, .min_keysize = k }\n' +
      '#define SKCIPHER_ALG(n) GEN(n, 16)\n' +
      'static struct alg a[] = { SKCIPHER_ALG("ecb(aes)"), GEN("cbc(aes)", 16) };\n',
  );
  expect(facts.algorithms.map((a) => [a.type, a.name, a.asyncFlagLine > 0])).toEqual([
    ['skcipher', 'ecb(aes)', true],
    ['skcipher', 'cbc(aes)', true],
  ]);
});

test('a defaults structure is a template for algorithms and none itself', () => {
  const facts = read(
    'static struct skcipher_alg x_defaults = { .base.cra_driver_name = "x",\n' +
      '\t.base.cra_flags = CRYPTO_ALG_ASYNC };\n',
  );
  expect(facts.algorithms).toEqual([]);
  expect(facts.async.map((a) => a.kind)).toEqual(['flag-defaults']);
});

test.each([
  ['return -EINPROGRESS;', ['returns-inprogress']],
  ['if (ret == -EINPROGRESS) g();', []],
  ['ret = -EINPROGRESS;\n\treturn ret;', ['returns-inprogress']],
  ['ret = -EBUSY;\n\treturn ret;', []],
  ['other = -EINPROGRESS;\n\treturn ret;', []],
  ['return crypto_enqueue_request(q, req);', ['queues']],
  ['crypto_finalize_skcipher_request(e, req, 0);', ['completes']],
  ['req->base.complete(&req->base, 0);', ['completes']],
  ['dev->complete(dev);', []],
  ['base->cra_flags |= CRYPTO_ALG_ASYNC;', ['flag-assigned']],
  ['base->cra_flags |= CRYPTO_ALG_NEED_FALLBACK;', []],
  ['m = crypto_requires_off(t, CRYPTO_ALG_INHERITED_FLAGS);', ['inherits']],
])('asynchrony in %s: %j', (body, kinds) => {
  expect(read(inFunction(`\tint ret;\n\t${body}`)).async.map((a) => a.kind)).toEqual(kinds);
});

test('a loop bounded by the end of the list is open, one with a count is not', () => {
  const facts = read(
    inFunction('\twhile (sg) sg = g(sg);\n\tfor (; sg; sg = g(sg)) h();\n\twhile (sg && n) n--;'),
  );
  expect(facts.openLoops.map((l) => l.line)).toEqual([3, 4]);
});

test('parse errors are counted and lower the confidence, but lose no call', () => {
  const facts = read(inFunction('\tlist_for_each(x, y struct z) {\n\tsg_mark_end(sg);\n\t}'));
  expect(facts.errors.length).toBeGreaterThan(0);
  expect(facts.calls.map((c) => c.name)).toEqual(['sg_mark_end']);
});

test('parser and token scan agree, and a difference would be named', () => {
  const agreed = read(inFunction('\tsg_mark_end(sg); /* sg_mark_end(x) */\n\tx = sg_next(sg);'));
  expect(agreed.scanMismatches).toEqual([]);
  const hidden = read('int a[] = { [sg_nents (1)] = 0 };\n');
  expect(hidden.calls.length + hidden.scanMismatches.length).toBe(1);
});
