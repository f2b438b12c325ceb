/**
 * Goal: show that the committed vectors are what they say, complete, and true.
 * Method: every vector is computed by node:crypto on flat bytes, in the directions that it speaks of;
 * counts and classes are asserted; with SG2ITER_CAVP set to the unpacked Debian package they are imported
 * again and must be the same.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CAVP_SHA256, CAVP_SOURCES } from './data/cavp.ts';
import { importCavp, main, renderModule } from './import-cavp.ts';
import { importedText, loadVectors, vectorSources } from './load.ts';
import { formatVectors, parseVectors, type Vector } from './vector.ts';

const vectors = loadVectors();
const { SG2ITER_CAVP: PACKAGE = '' } = process.env;

function bytes(hex: string): Buffer {
  return Buffer.from(hex, 'hex');
}

/** `encrypt` gives ciphertext and tag; `decrypt` the plaintext, or throws at a wrong tag. */
function aes(v: Vector, direction: 'encrypt' | 'decrypt'): string {
  const key = bytes(v.key);
  const mode = v.alg.slice(0, 3);
  const bits = (mode === 'xts' ? 4 : 8) * key.length;
  if (mode === 'gcm') return aesGcm(v, direction);
  const create = direction === 'encrypt' ? createCipheriv : createDecipheriv;
  const cipher = create(`aes-${bits}-${mode}`, key, v.alg === 'ecb(aes)' ? null : bytes(v.iv));
  cipher.setAutoPadding(false);
  const text = bytes(direction === 'encrypt' ? v.input : v.output);
  return cipher.update(text, undefined, 'hex') + cipher.final('hex');
}

function aesGcm(v: Vector, direction: 'encrypt' | 'decrypt'): string {
  const name = `aes-${(v.key.length * 4) as 128}-gcm` as const;
  const options = { authTagLength: v.tag.length / 2 };
  if (direction === 'encrypt') {
    const cipher = createCipheriv(name, bytes(v.key), bytes(v.iv), options);
    cipher.setAAD(bytes(v.ad));
    const output = cipher.update(v.input, 'hex', 'hex') + cipher.final('hex');
    return output + cipher.getAuthTag().toString('hex');
  }
  const decipher = createDecipheriv(name, bytes(v.key), bytes(v.iv), options);
  decipher.setAAD(bytes(v.ad));
  decipher.setAuthTag(bytes(v.tag));
  return decipher.update(v.output, 'hex', 'hex') + decipher.final('hex');
}

function digest(v: Vector): string {
  const hash = v.alg === 'sha256' ? createHash('sha256') : createHmac('sha256', bytes(v.key));
  return hash.update(bytes(v.input)).digest('hex');
}

/** What node:crypto thinks of a vector: the directions in which it agrees. */
function agreement(v: Vector): string {
  if (!v.alg.includes('aes')) return digest(v) === v.output ? 'encrypt' : 'none';
  if (v.expect === 'invalid') {
    try {
      aes(v, 'decrypt');
      return 'none';
    } catch (error) {
      return /unable to authenticate/.test(String(error)) ? 'decrypt' : String(error);
    }
  }
  const encrypts = aes(v, 'encrypt') === v.output + v.tag;
  return encrypts && aes(v, 'decrypt') === v.input ? 'both' : 'none';
}

/** Distinct values of a property of the vectors of one algorithm, in order. */
function classes(alg: string, of: (v: Vector) => number): number[] {
  const found = vectors.filter((v) => v.alg === alg).map(of);
  return [...new Set(found)].sort((a, b) => a - b);
}

const keyBits = (v: Vector): number => v.key.length * 4;
const textBytes = (v: Vector): number => v.output.length / 2;

describe('the committed vectors', () => {
  test('node:crypto agrees with every vector in the directions that it names', () => {
    const disagreed = vectors.filter((v) => agreement(v) !== v.direction).map((v) => v.id);
    expect(disagreed).toEqual([]);
  });

  test('an altered vector is noticed', () => {
    const flip = (hex: string): string => (hex.startsWith('0') ? '1' : '0') + hex.slice(1);
    const whole = vectors.filter((v) => v.expect === 'valid' && v.input !== '');
    for (const alg of new Set(vectors.map((v) => v.alg))) {
      const [v] = whole.filter((x) => x.alg === alg);
      expect(agreement(v)).toBe(v.direction);
      expect(agreement({ ...v, output: flip(v.output) })).toBe('none');
      expect(agreement({ ...v, input: flip(v.input) })).toBe('none');
    }
    const [gcm] = whole.filter((v) => v.alg === 'gcm(aes)');
    expect(agreement({ ...gcm, expect: 'invalid' })).toBe('none');
    expect(agreement({ ...gcm, expect: 'invalid', tag: flip(gcm.tag) })).toBe('decrypt');
  });

  test('there are as many as each source says, thousands together, hundreds that must fail', () => {
    const counts = vectorSources().map((s) => [s.name, s.count]);
    expect(counts).toEqual([
      ['NIST CAVP AES-ECB', 1099],
      ['NIST CAVP AES-CBC', 1099],
      ['RFC 3686 AES-CTR', 9],
      ['NIST CAVP AES-XTS', 700],
      ['NIST CAVP AES-GCM', 2100],
      ['NIST CAVP SHA-256', 184],
      ['RFC 4231 HMAC-SHA-256', 6],
      ['NIST CAVP AES-GCM as AES-CTR', 120],
    ]);
    for (const { name, count, read, omitted } of vectorSources()) {
      expect(vectors.filter((v) => v.source === name).length).toBe(count);
      expect(omitted.reduce((sum, o) => sum + o.count, count)).toBe(read);
    }
    expect(vectors.length).toBe(5317);
    expect(vectors.filter((v) => v.expect === 'invalid').length).toBe(1050);
  });

  test('ids are unique, and every field is lower-case hex of whole bytes', () => {
    expect(new Set(vectors.map((v) => v.id)).size).toBe(vectors.length);
    const fields = (v: Vector): string[] => [v.key, v.iv, v.ad, v.input, v.output, v.tag];
    const isHex = (hex: string): boolean => /^([0-9a-f]{2})*$/.test(hex);
    expect(vectors.filter((v) => !fields(v).every(isHex))).toEqual([]);
    const uneven = vectors.filter(
      (v) => v.direction === 'both' && v.input.length !== v.output.length,
    );
    expect(uneven).toEqual([]);
    expect(vectors.filter((v) => v.expect === 'invalid' && v.input !== '')).toEqual([]);
  });

  test('every key size, length and tag length of the origin is there', () => {
    for (const alg of ['ecb(aes)', 'cbc(aes)', 'ctr(aes)', 'gcm(aes)']) {
      expect(classes(alg, keyBits)).toEqual([128, 192, 256]);
    }
    expect(classes('cbc(aes)', textBytes)).toEqual([16, 32, 48, 64, 80, 96, 112, 128, 144, 160]);
    expect(classes('ctr(aes)', textBytes)).toEqual([13, 16, 32, 36, 51]);
    expect(classes('xts(aes)', keyBits)).toEqual([256, 512]);
    expect(classes('xts(aes)', textBytes)).toEqual([16, 25, 32, 48]);
    expect(classes('gcm(aes)', textBytes)).toEqual([0, 13, 16, 32, 51]);
    expect(classes('gcm(aes)', (v) => v.ad.length / 2)).toEqual([0, 16, 20, 48, 90]);
    expect(classes('gcm(aes)', (v) => v.tag.length / 2)).toEqual([4, 8, 12, 13, 14, 15, 16]);
    const hashed = classes('sha256', (v) => v.input.length / 2);
    expect(hashed.slice(0, 65)).toEqual(Array.from({ length: 65 }, (_, n) => n));
    expect(hashed.at(-1)).toBeGreaterThan(4096);
  });

  test('the text has the digest that the module names, and survives reading and writing', () => {
    const text = importedText();
    expect(createHash('sha256').update(text).digest('hex')).toBe(CAVP_SHA256);
    const names = CAVP_SOURCES.map((s) => s.name);
    const parsed = parseVectors({ sources: CAVP_SOURCES, text });
    expect(formatVectors(parsed, names)).toBe(text);
  });

  test('a text with a missing word is refused with its line', () => {
    const text = '@ a 0 gcm(aes)\n0 - - - - -\n';
    expect(() => parseVectors({ sources: CAVP_SOURCES, text })).toThrow('line 2');
    expect(() => parseVectors({ sources: CAVP_SOURCES, text: '@ a\n' })).toThrow('line 1');
  });
});

// Skipped unless SG2ITER_CAVP names the unpacked package, which is 78 MB.
test.skipIf(PACKAGE === '')('the package of SG2ITER_CAVP gives the committed vectors again', () => {
  const imported = importCavp(PACKAGE);
  expect(createHash('sha256').update(imported.text).digest('hex')).toBe(CAVP_SHA256);
  expect(imported.text).toBe(importedText());
  expect(imported.sources).toEqual(CAVP_SOURCES);
  const [header] = renderModule(imported).split('CAVP_GZIP');
  const committed = readFileSync(new URL('./data/cavp.ts', import.meta.url), 'utf8');
  expect(committed.startsWith(header)).toBe(true);
});

describe('the command of the importer', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sg2iter-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('without a folder it tells its usage and exits 2', () => {
    expect(main([])).toEqual({ code: 2, lines: [expect.stringMatching(/^usage: import-cavp/)] });
  });

  test('a folder that is no package is one line that names the missing file, nothing written', () => {
    const { code, lines } = main([folder, join(folder, 'out.ts')]);
    expect(code).toBe(2);
    expect(lines).toEqual([expect.stringMatching(/ECBGFSbox128\.rsp: cannot be read: ENOENT$/)]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a file without records is one line that names it', () => {
    const path = 'ciphers/AES/ECB/ECBGFSbox128.rsp';
    mkdirSync(join(folder, 'empty', dirname(path)), { recursive: true });
    writeFileSync(join(folder, 'empty', path), '# nothing\n');
    const { code, lines } = main([join(folder, 'empty'), join(folder, 'out.ts')]);
    expect({ code, lines }).toEqual({ code: 2, lines: [`import-cavp: ${path}: has no records`] });
  });

  test.skipIf(PACKAGE === '')('an output that cannot be written is one line and exit 2', () => {
    const { code, lines } = main([PACKAGE, join(folder, 'none', 'out.ts')]);
    expect(code).toBe(2);
    expect(lines).toEqual([expect.stringMatching(/out\.ts: cannot be written: ENOENT$/)]);
  });

  test.skipIf(PACKAGE === '')(
    'from a package it writes the module and tells every omission',
    () => {
      const { code, lines } = main([PACKAGE, join(folder, 'out.ts')]);
      expect(code).toBe(0);
      expect(lines).toContain('NIST CAVP AES-GCM: 2100 of 47250 records');
      expect(lines).toContain('  31500 not: an IV that is not 96 bits, which gcm(aes) refuses');
      expect(readFileSync(join(folder, 'out.ts'), 'utf8')).toContain(CAVP_SHA256);
    },
  );
});
