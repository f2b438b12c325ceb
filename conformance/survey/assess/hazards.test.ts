/**
 * Goal: a hazard is raised for what it says, and not for what only looks like it.
 * Method: pairs of small texts through the real grammar, one of which is the look-alike.
 */
import { beforeAll, expect, test } from 'vitest';
import { extractFile } from '../extract/file.ts';
import { type CGrammar, loadGrammar } from '../grammar.ts';
import type { Role } from '../role.ts';
import { hazardsOf } from './hazards.ts';

let grammar: CGrammar;

beforeAll(async () => {
  grammar = await loadGrammar();
});

/** Flags with their confidence, in line order. */
function flags(source: string, role: Role = 'hw-driver'): string[] {
  const path = role === 'consumer' ? 'net/x.c' : 'drivers/crypto/x.c';
  const facts = extractFile(grammar, path, source, Buffer.from(source));
  return hazardsOf(facts, role, 'async').map((h) => `${h.flag} ${h.confidence}`);
}

function inFunction(body: string): string {
  return `void f(struct aead_request *req, u8 *iv, u8 *tag)\n{\n\t${body}\n}\n`;
}

test.each([
  'scatterwalk_map_and_copy(req->iv, req->dst, req->cryptlen - ivsize, ivsize, 0);',
  'scatterwalk_map_and_copy(iv, req->src, n - AES_BLOCK_SIZE, AES_BLOCK_SIZE, 0);',
  'memcpy_from_sglist(req->iv, req->dst, req->cryptlen - ivsize, ivsize);',
  'scatterwalk_map_and_copy(sreq->iv, sreq->dst, start, ivsize, 0);',
  'sg_pcopy_to_buffer(req->dst, n, iv, ivsize(tfm), (len - crypto_skcipher_ivsize(tfm)));',
])('the last block becomes the IV in %s', (copy) => {
  expect(flags(inFunction(copy))).toEqual(['iv-out medium']);
});

test.each([
  // A driver reuses the buffer of the IV for the tag that it compares.
  'scatterwalk_map_and_copy(orig_iv, req->src, req->cryptlen - authsize, authsize, 0);',
  'memcpy_from_sglist(iv, req->src, req->assoclen + req->cryptlen - authsize, authsize);',
  'scatterwalk_map_and_copy(iv, req->dst, req->cryptlen - ivsize, ivsize, 1);',
  // An IV that comes in, between associated data and text.
  'scatterwalk_map_and_copy(req->iv, req->src, req->assoclen, ivsize, 0);',
  'scatterwalk_map_and_copy(req->iv, req->src, assoclen, ivsize, 0);',
  'scatterwalk_map_and_copy(iv, req->src, req->assoclen - 8, 8 + n, 0);',
  'scatterwalk_map_and_copy(tag, req->src, req->cryptlen - ivsize, ivsize, 0);',
])('no IV comes out of %s', (copy) => {
  expect(flags(inFunction(copy))).toEqual([]);
});

test.each([
  ['scatterwalk_map_and_copy(tmp, dst, assoclen + cryptlen, 4, 1);', ['scratch-beyond-output low']],
  ['memcpy_to_sglist(dst, assoclen + cryptlen, tmp, 4);', ['scratch-beyond-output low']],
  ['memcpy_to_sglist(dst, assoclen + cryptlen - 4, tmp, 4);', []],
  ['memcpy_to_sglist(dst, assoclen + cryptlen, tag, authsize);', []],
  ['memcpy_from_sglist(tmp, dst, assoclen + cryptlen, 4);', []],
])('%s is scratch behind the output: %j', (copy, expected) => {
  expect(flags(inFunction(copy))).toEqual(expected);
});

test.each([
  ['if (!dma_map_sg(d, sg, n, 0)) return;', ['map-count-tested medium']],
  ['if (dma_map_sg(d, sg, n, 0) != n) return;', ['map-count-tested medium']],
  ['if (!dma_map_sg(d, sg, 1, 0)) return;', []],
  ['n = dma_map_sg(d, sg, n, 0);', []],
  ['dma_map_sg(d, sg, 1, 0);', ['map-count-ignored high']],
])('%s loses the count of mapped entries: %j', (map, expected) => {
  expect(flags(inFunction(map))).toEqual(expected);
});

test('source and destination of one request share memory; of two requests, they do not', () => {
  const source = 'sg_init_one(&src, buf, n);';
  const target = 'sg_init_one(&dst, buf, n);';
  const set = 'acomp_request_set_params(req, &src, &dst, n, n);';
  const shared = ['same-memory-other-list low'];
  expect(flags(inFunction(`${source} ${target} ${set}`))).toEqual(shared);
  expect(flags(inFunction(`${target} ${set} ${source} ${set}`))).toEqual([]);
});

test('vmalloc memory is split where page after page becomes an entry, not where one does', () => {
  const one = 'if (is_vmalloc_addr(b)) p = vmalloc_to_page(b); sg_set_page(sg, p, 4, 0);';
  const all =
    'if (is_vmalloc_addr(b))\n\tfor (i = 0; i < n; i++)\n' +
    '\t\tsg_set_page(&sg[i], vmalloc_to_page(b + i * 4096), 4096, 0);';
  const each = all.replace('for (i = 0; i < n; i++)', 'for_each_sg(sgl, sg, n, i)');
  expect(flags(inFunction(one))).toEqual([]);
  expect(flags(inFunction(each))).toEqual(['split-per-page medium', 'split-per-page medium']);
  expect(flags(inFunction(all))).toEqual(['split-per-page medium', 'split-per-page medium']);
});

const CALLER = ['caller-entry-edited high'];
const OWN = ['own-entry-edited high'];

test.each<[string, string, string[]]>([
  [
    'a request, through two calls',
    'static void cut(struct scatterlist *sg) { sg->length = 4; }\n' +
      'static void map(struct dev *dd, struct scatterlist *src) { cut(src); }\n' +
      'void go(struct dev *dd, struct aead_request *r) { map(dd, r->src); }\n',
    CALLER,
  ],
  [
    'a request, through a member that was set elsewhere',
    'struct dma { struct scatterlist *sg; };\n' +
      'void map(struct dma *dma, struct aead_request *req) { dma->sg = req->dst; }\n' +
      'void undo(struct dma *dma)\n{\n\tstruct scatterlist *sg = dma->sg;\n' +
      '\twhile (sg_more(sg))\n\t\tsg = sg_next(sg);\n\tsg->length += 3;\n}\n',
    CALLER,
  ],
  [
    'a request, entry by entry',
    'void f(struct skcipher_request *req)\n{\n\tstruct scatterlist *sg;\n\tint i;\n' +
      '\tfor_each_sg(req->src, sg, 2, i)\n\t\tsg->offset--;\n}\n',
    CALLER,
  ],
  [
    'either of two, one of them a request',
    'void f(struct aead_request *req, struct ctx *c)\n{\n\tstruct scatterlist own[2], *sg;\n' +
      '\tsg = c->copied ? own : req->src;\n\tsg->length = 1;\n}\n',
    CALLER,
  ],
  [
    'a local array into which an entry of a request is copied',
    'void f(struct aead_request *req)\n{\n\tstruct scatterlist sg[1], *tsg = req->src;\n' +
      '\tsg[0] = *tsg;\n\tsg->length = 4;\n}\n',
    OWN,
  ],
  [
    'an array inside a structure of the driver',
    'struct walk { struct scatterlist cache[8]; };\n' +
      'void f(struct walk *w)\n{\n\tstruct scatterlist *s = &w->cache[3];\n\ts->length = 0;\n}\n',
    OWN,
  ],
  [
    'a parameter that gets a local list from every caller',
    'static void fill(struct scatterlist *sg) { sg[0].length = 4; }\n' +
      'void f(void) { struct scatterlist one[2]; fill(one); fill(&one[1]); }\n',
    OWN,
  ],
  [
    'nobody known',
    'void exported(struct scatterlist *sg) { sg->length = 4; }\n',
    ['caller-entry-edited low'],
  ],
])('an entry of %s is edited', (_, source, expected) => {
  expect(flags(source)).toEqual(expected);
});

test('a caller of crypto edits its own list, wherever it got it', () => {
  const source = 'void f(struct msg *m) { struct scatterlist *sg = elem(m); sg->length += 5; }\n';
  expect(flags(source, 'consumer')).toEqual(OWN);
  expect(flags(source, 'uapi')).toEqual(OWN);
});

test('lists that are assigned in a circle end the search', () => {
  const source =
    'void f(void)\n{\n\tstruct scatterlist *a, *b;\n\ta = b;\n\tb = a;\n\ta->length = 1;\n}\n';
  expect(flags(source)).toEqual(['caller-entry-edited low']);
});
