/**
 * Goal: a caller counts as synchronous only where something shows it, and the sighting is named.
 * Method: one small text per sign, and the same text without the sign.
 */
import { beforeAll, expect, test } from 'vitest';
import { extractFile } from '../extract/file.ts';
import { type CGrammar, loadGrammar } from '../grammar.ts';
import { consumerMode } from './consumer-mode.ts';
import { waveOf } from './wave.ts';

let grammar: CGrammar;

beforeAll(async () => {
  grammar = await loadGrammar();
});

/** The mode, and each sighting as `kind text line`. */
function judge(body: string): readonly [string, string[]] {
  const source = `int f(struct aead_request *req, struct scatterlist *sg)\n{\n${body}\n}\n`;
  const facts = extractFile(grammar, 'net/x.c', source, Buffer.from(source));
  const { mode, evidence } = consumerMode(facts);
  return [mode, evidence.map((e) => `${e.kind} ${e.text} ${e.line}`)];
}

const SET = 'aead_request_set_crypt(req, sg, sg, n, iv);';

test.each<[string, string, string[]]>([
  [`aead_request_set_callback(req, 0, NULL, NULL);\n${SET}`, 'sync', ['callback NULL 3']],
  [
    `t = crypto_alloc_aead("gcm(aes)", 0, CRYPTO_ALG_ASYNC);\n${SET}`,
    'sync',
    ['mask crypto_alloc_aead CRYPTO_ALG_ASYNC 3'],
  ],
  [
    `SYNC_SKCIPHER_REQUEST_ON_STACK(r, tfm);\nskcipher_request_set_crypt(r, sg, sg, n, iv);`,
    'sync',
    ['on-stack SYNC_SKCIPHER_REQUEST_ON_STACK 3'],
  ],
  [
    'return crypto_krb5_encrypt(k, a, sg, 1, n, 0, n, 0);',
    'sync',
    ['library crypto_krb5_encrypt 3'],
  ],
  [`${SET}\ncrypto_aead_encrypt(req);`, 'sync', ['result crypto_aead_encrypt ignored 4']],
  [
    `${SET}\nif (crypto_aead_encrypt(req))\n\treturn 1;`,
    'sync',
    ['result crypto_aead_encrypt tested 4'],
  ],
  [
    `${SET}\nreturn crypto_wait_req(crypto_aead_encrypt(req), &w);`,
    'wait',
    ['wait crypto_wait_req 4'],
  ],
  [
    `aead_request_set_callback(req, 0, done_elsewhere, sg);\n${SET}`,
    'pipelined',
    ['callback done_elsewhere 3'],
  ],
])('%s is %s because of %j', (body, mode, evidence) => {
  expect(judge(body)).toEqual([mode, evidence]);
});

test.each([
  `${SET}\nreturn crypto_aead_encrypt(req);`,
  `${SET}\nerr = crypto_aead_encrypt(req);`,
  `${SET}\nif (crypto_aead_encrypt(req) == -EINPROGRESS)\n\treturn 1;`,
  `t = crypto_alloc_aead("gcm(aes)", 0, 0);\n${SET}`,
  `s = crypto_alloc_shash("sha256", 0, CRYPTO_ALG_ASYNC);\n${SET}`,
])('nothing is assumed of %s', (body) => {
  expect(judge(body)).toEqual(['unknown', []]);
});

test('a file that builds no request is none of them', () => {
  expect(judge('t = crypto_alloc_aead("gcm(aes)", 0, 0);')).toEqual(['alloc-only', []]);
  expect(judge('return xdr_buf_to_sg(buf, 0, n, sg, 2);')).toEqual(['alloc-only', []]);
});

test('callers of which nothing is known wait for the last wave of callers, not the first', () => {
  expect(waveOf('consumer', 'builds', 'unknown')).toBe(6);
  expect(waveOf('consumer', 'builds', 'sync')).toBe(4);
  expect(waveOf('consumer', 'builds', 'alloc-only')).toBe(4);
});
