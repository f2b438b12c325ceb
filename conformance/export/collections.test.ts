/**
 * Goal: cases that are exported as known answers are the same questions with the same answers.
 * Method: the smoke suite, and a forged decryption, written and read again by the commands that import; a
 * changed answer is seen; the form of testmgr through a C compiler with its structs, where there is one.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bytesLength, type Case } from '../case/case.ts';
import { packageVersion } from '../terminal/version.ts';
import { runFolder } from '../vectors/foreign/foreign.ts';
import { publicName, targetOf } from '../vectors/foreign/target.ts';
import { runSuites } from '../vectors/testmgr/run.ts';
import { readSource } from '../vectors/testmgr/source.ts';
import { readSuites } from '../vectors/testmgr/suite.ts';
import { answeredCases } from './answered.ts';
import { SUITES } from './suite.ts';
import { writeTestmgr } from './testmgr.ts';
import { writeVectors } from './vectors.ts';

const MONITOR = { progress: () => undefined, stopped: () => false };
const COMPILER = 'gcc';
const scratch = mkdtempSync(join(tmpdir(), 'sg2iter-export-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const ALL = SUITES.get('smoke')?.() ?? [];
const SMOKE = ALL.filter(
  ({ kind, program }) => ['skcipher', 'aead', 'ahash'].includes(kind) && program === undefined,
);
/** Short ones, and one that must fail: each is run in every layout, on every side. */
const SHORT = SMOKE.filter(({ text }) => bytesLength(text) < 300);
const FORGED = SHORT.filter(({ op, tamper }) => op === 'decrypt' && tamper !== null).slice(0, 1);
const of = (...algs: readonly string[]): Case[] => [
  ...new Map(SHORT.filter(({ alg }) => algs.includes(alg)).map((c) => [c.alg, c])).values(),
  ...FORGED,
];

const folder = (name: string): string => join(scratch, name);

test('most of the suite are known answers, with some that must fail', () => {
  const { answers, omitted } = answeredCases(SMOKE);
  const left = Object.values(omitted).reduce((sum, n) => sum + n, 0);
  expect(answers.length + left).toBe(SMOKE.length);
  expect(answers.length).toBeGreaterThan(100);
  expect(answers.filter(({ valid }) => !valid).length).toBeGreaterThan(2);
});

test('programs, keys, compression and iterators are no known answers, and are counted', () => {
  const { answers, omitted } = answeredCases(ALL.filter((c) => !SMOKE.includes(c)));
  expect(answers).toEqual([]);
  expect(Object.keys(omitted).sort()).toEqual([
    'a case about iterators',
    'a program of requests',
    'compression, a public key or key agreement',
  ]);
});

describe('in the schema of Wycheproof', () => {
  test('all are read again and pass on every side', async () => {
    const { tests, files } = writeVectors(
      of('gcm(aes)', 'ccm(aes)', 'xts(aes)', 'hmac(sha256)', 'adiantum(xchacha12,aes)'),
      folder('wycheproof'),
    );
    expect(files).toContain('gcm_aes_test.json');
    const result = await runFolder(folder('wycheproof'), null, MONITOR);
    expect(result.failures).toEqual([]);
    const left = result.files.map(({ omitted }) => omitted);
    expect(result.files.reduce((sum, { passed }) => sum + passed, 0)).toBe(tests);
    expect(left.every((omitted) => Object.keys(omitted).length === 0)).toBe(true);
    expect(result.flags.length).toBeGreaterThan(1);
  });

  test('a file has the fields of the schema, and another answer is seen', async () => {
    writeVectors(SHORT.filter(({ alg }) => alg === 'gcm(aes)').slice(0, 2), folder('one'));
    const file = join(folder('one'), 'gcm_aes_test.json');
    const whole = JSON.parse(readFileSync(file, 'utf8'));
    const { algorithm, schema, testGroups } = whole;
    expect([algorithm, schema]).toEqual(['AES-GCM', 'aead_test_schema_v1.json']);
    expect(Object.keys(testGroups[0]).toSorted()).toEqual(
      ['type', 'source', 'ivSize', 'keySize', 'tagSize', 'tests'].toSorted(),
    );
    expect(testGroups[0]).toMatchObject({
      type: 'AeadTest',
      source: { name: 'sg2iter', version: packageVersion() },
      ivSize: 96,
    });
    expect(testGroups[0].tests[0]).toMatchObject({ tcId: 1, flags: [expect.any(String)] });
    const [{ tests }] = whole.testGroups;
    const valid = tests.find(({ result }: { result: string }) => result === 'valid');
    valid.tag = valid.tag.replace(/^./, (digit: string) => (digit === '0' ? '1' : '0'));
    writeFileSync(file, JSON.stringify(whole));
    const { failures } = await runFolder(folder('one'), null, MONITOR);
    expect(failures.length).toBe(1);
  });

  test.each(SMOKE.map(({ alg }) => alg).filter((alg, i, all) => all.indexOf(alg) === i))(
    'the name of %s is found again',
    (alg) => expect(targetOf(publicName(alg))?.alg).toBe(alg),
  );
});

describe('in the form of testmgr', () => {
  test('all are read again and pass on every side', async () => {
    const { tests } = writeTestmgr(
      of('rfc4106(gcm(aes))', 'cts(cbc(aes))', 'sha256', 'cmac(aes)'),
      folder('tree'),
    );
    const { rows } = await runSuites(readSuites(readSource(folder('tree'))), MONITOR);
    const failures = rows.flatMap(({ legacy, converted, lib }) =>
      [legacy, converted, lib].flatMap((side) => side.failures),
    );
    expect(failures).toEqual([]);
    expect(rows.reduce((sum, { legacy }) => sum + legacy.passed, 0)).toBe(tests);
    expect(rows.map(({ name }) => name)).toEqual(rows.map(({ name }) => name).toSorted());
  });

  test('a layout divides its own message where the case was cut', () => {
    const table = (c: Case): string => {
      writeTestmgr([c], folder('layout'));
      return readFileSync(join(folder('layout'), 'crypto/testmgr.c'), 'utf8');
    };
    const [c] = SMOKE.filter(({ alg, op }) => alg === 'ecb(aes)' && op === 'encrypt');
    const list = (len: number) =>
      [
        { kind: 'page', offset: 5, len: 16 },
        { kind: 'page', offset: 0, len },
      ] as const;
    const cut = {
      ...c,
      text: 'ab'.repeat(64),
      layout: { ...c.layout, inplace: 'same' as const, src: list(48), dst: [], chain: 0 },
    };
    expect(table(cut)).toContain(
      '.src_divs = { { .proportion_of_total = 2500, .offset = 5 }, { .proportion_of_total = 7500 } }',
    );
    expect(table(cut)).toContain('.inplace_mode = INPLACE_ONE_SGLIST');
    const long = {
      ...cut,
      text: { seed: 1, len: 16_000 },
      layout: { ...cut.layout, src: list(15_984) },
    };
    expect(writeTestmgr([long], folder('long')).omitted).toEqual({
      'a layout without a configuration': 1,
    });
  });

  test.skipIf(!hasCompiler())('it compiles without a warning', () => {
    writeTestmgr(SMOKE, folder('c'));
    const main = join(folder('c'), 'main.c');
    writeFileSync(main, STRUCTS);
    const args = ['-std=gnu11', '-O1', '-Wall', '-Wextra', '-Werror', '-I', folder('c')];
    const out = execFileSync(COMPILER, [...args, main, '-o', join(folder('c'), 'main')], {
      encoding: 'utf8',
    });
    expect(out).toBe('');
    const ran = execFileSync(join(folder('c'), 'main'), { encoding: 'utf8' });
    const [entries, configs] = ran.trim().split(' ').map(Number);
    expect(entries).toBe(new Set(answeredCases(SMOKE).answers.map(({ c }) => c.alg)).size);
    expect(configs).toBeGreaterThan(80);
  });
});

function hasCompiler(): boolean {
  try {
    execFileSync(COMPILER, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The fields of the kernel's structs that are used, and a program that checks every division. */
const STRUCTS = `
#include <stdbool.h>
#include <stdio.h>
#define CRYPTO_TFM_REQ_MAY_SLEEP 0x200
#define XBUFSIZE 8
typedef unsigned int u32;
struct hash_testvec { const char *key, *plaintext, *digest; unsigned int psize; unsigned short ksize; int setkey_error, digest_error; };
struct cipher_testvec { const char *key, *iv, *iv_out, *ptext, *ctext; unsigned char wk; unsigned short klen; unsigned int len; int setkey_error, crypt_error; };
struct aead_testvec { const char *key, *iv, *ptext, *assoc, *ctext; unsigned char novrfy, wk, klen; unsigned int plen, clen, alen; int setkey_error, setauthsize_error, crypt_error; };
enum inplace_mode { OUT_OF_PLACE, INPLACE_ONE_SGLIST, INPLACE_TWO_SGLISTS };
enum finalization_type { FINALIZATION_TYPE_FINAL, FINALIZATION_TYPE_FINUP, FINALIZATION_TYPE_DIGEST };
struct test_sg_division { unsigned int proportion_of_total, offset; };
struct testvec_config { const char *name; enum inplace_mode inplace_mode; u32 req_flags; struct test_sg_division src_divs[XBUFSIZE], dst_divs[XBUFSIZE]; enum finalization_type finalization_type; };
struct alg_test_desc { const char *alg; int (*test)(void); union { struct { const struct hash_testvec *vecs; unsigned int count; } hash; struct { const struct cipher_testvec *vecs; unsigned int count; } cipher; struct { const struct aead_testvec *vecs; unsigned int count; } aead; } suite; };
#define __VECS(tv) { .vecs = tv, .count = sizeof(tv) / sizeof(tv[0]) }
static int alg_test_hash(void) { return 0; }
static int alg_test_skcipher(void) { return 0; }
static int alg_test_aead(void) { return 0; }
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#include "crypto/testmgr.h"
#include "crypto/testmgr.c"
int main(void)
{
	unsigned int n = sizeof(sg2iter_testvec_configs) / sizeof(sg2iter_testvec_configs[0]);
	for (unsigned int i = 0; i < n; i++) {
		unsigned int sum = 0;
		for (int k = 0; k < XBUFSIZE; k++) {
			sum += sg2iter_testvec_configs[i].src_divs[k].proportion_of_total;
			if (sg2iter_testvec_configs[i].src_divs[k].offset >= 8192) return 1;
		}
		if (sum != 10000) return 2;
	}
	for (unsigned int i = 0; i < sizeof(alg_test_descs) / sizeof(alg_test_descs[0]); i++)
		if (alg_test_descs[i].test() != 0) return 3;
	printf("%zu %u\\n", sizeof(alg_test_descs) / sizeof(alg_test_descs[0]), n);
	return 0;
}
`;
