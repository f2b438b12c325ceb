/**
 * Goal: the committed vectors of Project Wycheproof are what they say, each runs on both sides, and a wrong
 * one is seen.
 * Method: counts and the digest of the text; one vector of each algorithm and result through the rig, then
 * with another byte; files of our own in the form of the project's. With SG2ITER_WYCHEPROOF set to the
 * folder of the files they are imported again and must be the same.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { problemWith } from '../judge-vectors.ts';
import { importedData, importedText, wycheproofVectors } from '../load.ts';
import { VectorRig } from '../rig.ts';
import type { Vector } from '../vector.ts';
import { importWycheproof, main } from './wycheproof.ts';

const { SG2ITER_WYCHEPROOF: FOLDER = '' } = process.env;
const { vectors, sources } = wycheproofVectors();

/** The first vector of each algorithm and result. */
const SAMPLE = [...new Map(vectors.toReversed().map((v) => [`${v.alg} ${v.expect}`, v])).values()];

test('there are as many as each source says, with the digest that the sources name', () => {
  for (const { name, count, read, omitted } of sources) {
    expect([name, vectors.filter((v) => v.source === name).length]).toEqual([name, count]);
    expect(omitted.reduce((sum, o) => sum + o.count, count)).toBe(read);
  }
  expect(new Set(vectors.map(({ id }) => id)).size).toBe(vectors.length);
  const { sha256, licence } = importedData('wycheproof-sources');
  expect(createHash('sha256').update(importedText('wycheproof')).digest('hex')).toBe(sha256);
  expect(licence).toContain('Apache-2.0');
  expect(sources.length).toBe(19);
  expect(vectors.length).toBeGreaterThan(4000);
});

test('one of each algorithm and result passes on both sides, and fails with another byte', () => {
  const rig = new VectorRig();
  expect(SAMPLE.length).toBeGreaterThan(30);
  for (const vector of SAMPLE) {
    expect([vector.id, problemWith(rig, vector)]).toEqual([vector.id, null]);
    const other = spoilt(vector);
    if (other !== null) expect([vector.id, problemWith(rig, other)]).not.toEqual([vector.id, null]);
  }
});

/** The vector with something wrong in it; what must fail has nothing that could be more wrong. */
function spoilt(vector: Vector): Vector | null {
  if (vector.kind === 'ahash') {
    return { ...vector, expect: vector.expect === 'valid' ? 'invalid' : 'valid' };
  }
  if (vector.expect === 'invalid') return { ...vector, expect: 'valid' };
  if (vector.output === '') return null;
  const first = vector.output.startsWith('0') ? '1' : '0';
  return { ...vector, output: first + vector.output.slice(1) };
}

test('a folder without the files, and a file of another form, are one line that names it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sg2iter-'));
  try {
    expect(main([])).toEqual({ code: 2, lines: [expect.stringMatching(/^usage: wycheproof /)] });
    const run = () => main([folder, folder]);
    expect(run().lines).toEqual([expect.stringMatching(/aes_gcm_test\.json: cannot be read/)]);
    for (const [text, message] of [
      ['# text', 'not a JSON file'],
      ['{}', 'testGroups: '],
      ['{"testGroups":[{"tests":[{"tcId":1,"result":"maybe"}]}]}', 'testGroups.0.tests.0.result: '],
    ]) {
      writeFileSync(join(folder, 'aes_gcm_test.json'), text);
      expect(run()).toEqual({
        code: 2,
        lines: [expect.stringContaining(`wycheproof: aes_gcm_test.json: ${message}`)],
      });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

// Skipped unless SG2ITER_WYCHEPROOF names the folder of the files.
test.skipIf(FOLDER === '')('the folder of SG2ITER_WYCHEPROOF gives the same vectors again', () => {
  const imported = importWycheproof(FOLDER);
  expect(imported.text).toBe(importedText('wycheproof'));
  expect(imported.sources).toEqual(sources);
});
