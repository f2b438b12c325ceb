/**
 * Goal: a program in any language can be asked known answers; a wrong one is found, and one that does not
 * play along is one line.
 * Method: programs of node:crypto that answer, answer wrongly, end, and say something else.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadVectors } from './load.ts';
import { judgeByPipe } from './pipe.ts';

const MONITOR = { progress: () => undefined, stopped: () => false };
const scratch = mkdtempSync(join(tmpdir(), 'sg2iter-pipe-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const VECTORS = ['gcm(aes)', 'sha256', 'cbc(aes)', 'ecb(serpent)', 'md5'].flatMap((alg) =>
  loadVectors()
    .filter((v) => v.alg === alg)
    .filter((_, i) => i % 40 === 0),
);

const HONEST = `
const crypto = require('node:crypto');
const hex = (text) => Buffer.from(text, 'hex');
function answer({ alg, op, key, iv, ad, text, tag, authsize }) {
  if (alg === 'sha256') return { output: crypto.createHash('sha256').update(hex(text)).digest('hex') };
  if (alg === 'cbc(aes)') {
    const make = op === 'encrypt' ? crypto.createCipheriv : crypto.createDecipheriv;
    const cipher = make('aes-' + 4 * key.length + '-cbc', hex(key), hex(iv)).setAutoPadding(false);
    return { output: cipher.update(text, 'hex', 'hex') + cipher.final('hex') };
  }
  if (alg !== 'gcm(aes)') return { absent: 'no such algorithm here' };
  const make = op === 'encrypt' ? crypto.createCipheriv : crypto.createDecipheriv;
  const gcm = make('aes-' + 4 * key.length + '-gcm', hex(key), hex(iv), { authTagLength: authsize });
  gcm.setAAD(hex(ad));
  if (op === 'decrypt') gcm.setAuthTag(hex(tag));
  try {
    const output = gcm.update(text, 'hex', 'hex') + gcm.final('hex');
    return { output: op === 'encrypt' ? output + gcm.getAuthTag().toString('hex') : output };
  } catch { return { error: 'EBADMSG' }; }
}
`;
const LOOP = `
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, ...question } = JSON.parse(line);
  console.log(JSON.stringify({ id, ...answer(question) }));
});
`;

function command(code: string): string {
  const file = join(scratch, `${Math.abs(code.length)}.cjs`);
  writeFileSync(file, code);
  return `${process.execPath} ${file}`;
}

async function run(code: string): Promise<{ sides: unknown[]; problems: string[] }> {
  const problems: string[] = [];
  const sides = await judgeByPipe(command(code), VECTORS, MONITOR, ({ alg }, outcome) => {
    if (outcome?.problem) problems.push(`${alg} ${outcome.problem}`);
  });
  return { sides, problems };
}

test('a program that is right passes what it does, and what it does not is counted', async () => {
  const { sides, problems } = await run(HONEST + LOOP);
  const theirs = VECTORS.filter(({ alg }) => alg === 'ecb(serpent)' || alg === 'md5').length;
  expect(problems).toEqual([]);
  expect(theirs).toBeGreaterThan(0);
  expect(sides).toEqual([
    {
      ...{ side: 'subject', passed: VECTORS.length - theirs, failed: 0 },
      absent: { 'no such algorithm here': theirs },
    },
  ]);
});

test('a tag that is never verified, and a byte that is wrong, are found', async () => {
  const lax = HONEST.replace("return { error: 'EBADMSG' };", "return { output: '' };");
  const { problems } = await run(lax + LOOP);
  expect(problems.length).toBeGreaterThan(0);
  expect(problems.every((text) => /^gcm.aes. decrypt: gave .*, not EBADMSG$/.test(text))).toBe(
    true,
  );
  const wrong = HONEST.replace("digest('hex') }", "digest('hex').replace(/^./, '') + '0' }");
  expect((await run(wrong + LOOP)).problems[0]).toMatch(/^sha256 digest: gave /);
});

test.each([
  ['ends', 'process.exit(7)', /^ended with exit code 7$/],
  [
    'says something else',
    "console.log('ready'); setInterval(() => {}, 99)",
    /^not an answer: ready$/,
  ],
  ['is not there', null, /^ended with exit code 127$/],
])('a program that %s is one line', async (_, code, message) => {
  const asked = code === null ? 'sg2iter-is-not-there 2>&-' : command(code);
  await expect(judgeByPipe(asked, VECTORS, MONITOR, () => undefined)).rejects.toThrow(message);
});
