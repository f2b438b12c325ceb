/**
 * Goal: show that the committed vectors are what they say, complete, and true.
 * Method: every vector is computed on flat bytes by node:crypto, or by noble or the reference where node has no such
 * algorithm; counts and classes are asserted; with SG2ITER_CAVP set to the unpacked Debian package they are
 * imported again and must be the same.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderFiles } from './import/files.ts';
import { ABOUT, importVectors, main } from './import/import.ts';
import { importedData, importedText, loadVectors, vectorSources } from './load.ts';
import { agreement } from './one-shot.ts';
import { formatVectors, parseVectors, type Vector } from './vector.ts';

const vectors = loadVectors();
const { SG2ITER_CAVP: PACKAGE = '' } = process.env;

/** Distinct values of a property of the vectors of one algorithm, in order. */
function classes(alg: string, of: (v: Vector) => number): number[] {
  const found = vectors.filter((v) => v.alg === alg).map(of);
  return [...new Set(found)].sort((a, b) => a - b);
}

const keyBits = (v: Vector): number => v.key.length * 4;
const textBytes = (v: Vector): number => v.output.length / 2;
const tagBytes = (v: Vector): number => v.tag.length / 2;

/** Ciphers that OpenSSL has in its legacy provider only. */
const LEGACY = /seed|blowfish|cast5/;

describe('the committed vectors', () => {
  test('an implementation that is neither API agrees with every vector', () => {
    const seen = vectors.map((v) => [v, agreement(v)] as const);
    expect(seen.filter(([, agrees]) => agrees === 'no').map(([v]) => v.id)).toEqual([]);
    const unknown = seen.filter(([, agrees]) => agrees === 'unknown').map(([v]) => v);
    expect(unknown.filter(({ alg }) => !LEGACY.test(alg) && alg !== 'cmac(des3_ede)')).toEqual([]);
    expect(unknown.length).toBeLessThan(150);
  });

  test('an altered vector is noticed', () => {
    const flip = (hex: string): string => (hex.startsWith('0') ? '1' : '0') + hex.slice(1);
    const whole = vectors.filter((v) => v.expect === 'valid' && v.input !== '');
    for (const alg of new Set(vectors.map((v) => v.alg))) {
      const [v] = whole.filter((x) => x.alg === alg);
      if (agreement(v) === 'unknown') continue;
      expect([alg, agreement(v)]).toEqual([alg, 'yes']);
      expect([alg, agreement({ ...v, output: flip(v.output) })]).toEqual([alg, 'no']);
      expect([alg, agreement({ ...v, input: flip(v.input) })]).toEqual([alg, 'no']);
    }
    const [gcm] = whole.filter((v) => v.alg === 'gcm(aes)');
    expect(agreement({ ...gcm, expect: 'invalid' })).toBe('no');
    expect(agreement({ ...gcm, expect: 'invalid', tag: flip(gcm.tag) })).toBe('yes');
  });

  test('there are as many as each source says, over 20,000, thousands that must fail', () => {
    for (const { name, count, read, omitted } of vectorSources()) {
      expect([name, vectors.filter((v) => v.source === name).length]).toEqual([name, count]);
      expect(omitted.reduce((sum, o) => sum + o.count, count)).toBe(read);
    }
    expect(vectorSources().length).toBe(62);
    expect(vectors.length).toBe(20_915);
    expect(vectors.filter((v) => v.expect === 'invalid').length).toBe(1660);
    expect(new Set(vectors.map((v) => v.alg)).size).toBe(60);
  });

  test('ids are unique, and every field is lower-case hex of whole bytes', () => {
    expect(new Set(vectors.map((v) => v.id)).size).toBe(vectors.length);
    const fields = (v: Vector): string[] => [v.key, v.iv, v.ad, v.input, v.output, v.tag];
    const isHex = (hex: string): boolean => /^([0-9a-f]{2})*$/.test(hex);
    expect(vectors.filter((v) => !fields(v).every(isHex))).toEqual([]);
    const uneven = vectors.filter(
      (v) => v.kind !== 'ahash' && v.expect === 'valid' && v.input.length !== v.output.length,
    );
    expect(uneven).toEqual([]);
    expect(vectors.filter((v) => v.expect === 'invalid' && v.input !== '')).toEqual([]);
  });

  test('every key size, length and tag length of the origin is there', () => {
    for (const mode of ['ecb', 'cbc', 'ctr', 'cfb', 'ofb', 'gcm', 'ccm', 'kw']) {
      expect([mode, classes(`${mode}(aes)`, keyBits)]).toEqual([mode, [128, 192, 256]]);
    }
    expect(classes('ecb(camellia)', keyBits)).toEqual([128, 192, 256]);
    expect(classes('cbc(aes)', textBytes)).toEqual([16, 32, 48, 64, 80, 96, 112, 128, 144, 160]);
    expect(classes('ctr(aes)', textBytes)).toEqual([13, 16, 32, 36, 51]);
    expect(classes('cbc(des3_ede)', textBytes)).toEqual([8, 16, 24, 32, 40, 48, 56, 64, 72, 80]);
    expect(classes('xts(aes)', keyBits)).toEqual([256, 512]);
    expect(classes('xts(aes)', textBytes)).toEqual([16, 25, 32, 48]);
    expect(classes('gcm(aes)', textBytes)).toEqual([0, 13, 16, 32, 51]);
    expect(classes('gcm(aes)', (v) => v.ad.length / 2)).toEqual([0, 16, 20, 48, 90]);
    expect(classes('gcm(aes)', tagBytes)).toEqual([4, 8, 12, 13, 14, 15, 16]);
    expect(classes('ccm(aes)', tagBytes)).toEqual([4, 6, 8, 10, 12, 14, 16]);
    const nonces = classes('ccm(aes)', (v) => 14 - Number.parseInt(v.iv.slice(0, 2), 16));
    expect(nonces).toEqual([7, 8, 9, 10, 11, 12, 13]);
    for (const hash of ['sha1', 'sha256']) {
      const hashed = classes(hash, (v) => v.input.length / 2);
      expect(hashed.slice(0, 65)).toEqual(Array.from({ length: 65 }, (_, n) => n));
      expect(hashed.at(-1)).toBeGreaterThan(4000);
    }
  });

  test('the text has the digest that the sources name, and survives reading and writing', () => {
    const text = importedText();
    const { sha256, sources } = importedData();
    expect(createHash('sha256').update(text).digest('hex')).toBe(sha256);
    const names = sources.map((s) => s.name);
    expect(formatVectors(parseVectors({ sources, text }), names)).toBe(text);
  });

  test('a text with a missing word is refused with its line', () => {
    const { sources } = importedData();
    const parse = (text: string) => () => parseVectors({ sources, text });
    expect(parse('@ a 0 aead gcm(aes)\n0 - - - - -\n')).toThrow('line 2');
    expect(parse('@ a\n')).toThrow('line 1');
    expect(parse('@ a 0 shash md4\n')).toThrow('line 1: kind shash');
  });
});

// Skipped unless SG2ITER_CAVP names the unpacked package, which is 78 MB.
test.skipIf(PACKAGE === '')('the package of SG2ITER_CAVP gives the committed vectors again', () => {
  const imported = importVectors(PACKAGE);
  expect(imported.text).toBe(importedText());
  expect(imported.sources).toEqual(importedData().sources);
  const { sha256 } = importedData();
  const files = renderFiles(imported, ABOUT);
  expect([...files.keys()]).toEqual(['vectors.txt.gz', 'sources.json']);
  expect(Buffer.from(files.get('sources.json') ?? []).toString()).toContain(sha256);
});

describe('the command of the importer', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sg2iter-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('without a folder it tells its usage and exits 2', () => {
    expect(main([])).toEqual({ code: 2, lines: [expect.stringMatching(/^usage: import /)] });
  });

  test('a folder that is no package is one line that names the missing file, nothing written', () => {
    const { code, lines } = main([folder, folder]);
    expect(code).toBe(2);
    expect(lines).toEqual([expect.stringMatching(/ECBGFSbox128\.rsp: cannot be read: ENOENT$/)]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a file without records is one line that names it', () => {
    const path = 'ciphers/AES/ECB/ECBGFSbox128.rsp';
    mkdirSync(join(folder, 'empty', dirname(path)), { recursive: true });
    writeFileSync(join(folder, 'empty', path), '# nothing\n');
    const { code, lines } = main([join(folder, 'empty'), folder]);
    expect({ code, lines }).toEqual({ code: 2, lines: [`import: ${path}: has no records`] });
  });

  test.skipIf(PACKAGE === '')('an output that cannot be written is one line and exit 2', () => {
    const { code, lines } = main([PACKAGE, join(folder, 'none')]);
    expect(code).toBe(2);
    expect(lines).toEqual([expect.stringMatching(/vectors\.txt\.gz: cannot be written: ENOENT$/)]);
  });

  test.skipIf(PACKAGE === '')('from a package it writes the data and tells every omission', () => {
    const { code, lines } = main([PACKAGE, folder]);
    expect(code).toBe(0);
    expect(lines).toContain('NIST CAVP AES-GCM: 3150 of 47250 records');
    expect(lines).toContain('  31500 not: an IV that is not 96 bits, which gcm(aes) refuses');
    expect(readdirSync(folder)).toEqual(['empty', 'sources.json', 'vectors.txt.gz']);
  });
});
