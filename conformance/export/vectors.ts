/**
 * Cases in the schema of Project Wycheproof: a file for each algorithm, which `vectors --dir` reads again.
 * Flags say how the memory of the case lay; the comment is the word that replays it.
 * @module
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeToken } from '../campaign/replay.ts';
import type { Case } from '../case/case.ts';
import { layoutClass } from '../case/layout.ts';
import { makeFolder } from '../terminal/folders.ts';
import { packageVersion } from '../terminal/version.ts';
import { publicName } from '../vectors/foreign/target.ts';
import { type Answered, answeredCases, byAlgorithm } from './answered.ts';

/** What was written, and what was not. */
export interface Written {
  readonly files: readonly string[];
  readonly tests: number;
  readonly omitted: Readonly<Record<string, number>>;
}

const TYPES = {
  aead: ['AeadTest', 'aead_test_schema_v1.json'],
  skcipher: ['IndCpaTest', 'ind_cpa_test_schema_v1.json'],
  ahash: ['MacTest', 'mac_test_schema_v1.json'],
} as const;

const HEADER = ['Cases of sg2iter with the answers of its reference.'];

/** Writes the files; the folder is made if it is not there. */
export function writeVectors(cases: readonly Case[], folder: string): Written {
  makeFolder(folder);
  const { answers, omitted } = answeredCases(cases);
  const files = byAlgorithm(answers).map(([alg, of]) => {
    const name = `${alg.replaceAll(/[^a-z0-9]+/g, '_').replace(/_$/, '')}_test.json`;
    writeFileSync(join(folder, name), `${JSON.stringify(fileOf(alg, of), null, 1)}\n`);
    return name;
  });
  return { files, tests: answers.length, omitted };
}

/** One file. Sizes are in bits. */
function fileOf(alg: string, answers: readonly Answered[]): object {
  const groups = new Map<string, { sizes: object; tests: object[] }>();
  const [type, schema] = TYPES[kindOf(answers[0].c)];
  for (const [i, answer] of answers.entries()) {
    const sizes = sizesOf(answer);
    const group = groups.get(JSON.stringify(sizes)) ?? { sizes, tests: [] };
    group.tests.push(testOf(answer, i + 1));
    groups.set(JSON.stringify(sizes), group);
  }
  const source = { name: 'sg2iter', version: packageVersion() };
  const flags = [...new Set(answers.map(({ c }) => layoutClass(c.layout)))].sort();
  const notes = flags.map((flag) => [flag, { bugType: 'BASIC', description: `memory: ${flag}` }]);
  return {
    ...{ algorithm: publicName(alg), schema, numberOfTests: answers.length, header: HEADER },
    notes: Object.fromEntries(notes),
    testGroups: [...groups.values()].map(({ sizes, tests }) => ({ type, source, ...sizes, tests })),
  };
}

function testOf({ c, key, iv, ad, plain, cipher, tag, valid }: Answered, tcId: number): object {
  const about = {
    tcId,
    comment: `sg2iter replay ${encodeToken(c)}`,
    flags: [layoutClass(c.layout)],
  };
  const aead = {
    iv: hex(nonceOf(c, iv)),
    aad: hex(ad),
    msg: hex(plain),
    ct: hex(cipher),
    tag: hex(tag),
  };
  const bytes = {
    aead: { key: hex(key), ...aead },
    skcipher: { key: hex(key), iv: hex(iv), msg: hex(plain), ct: hex(cipher) },
    ahash: { key: hex(key), msg: hex(plain), tag: hex(tag) },
  }[kindOf(c)];
  return { ...about, ...bytes, result: valid ? 'valid' : 'invalid' };
}

function sizesOf({ c, key, iv, tag }: Answered): object {
  const keySize = 8 * key.length;
  if (c.kind === 'skcipher') return { ivSize: 8 * iv.length, keySize };
  if (c.kind === 'ahash') return { keySize, tagSize: 8 * tag.length };
  return { ivSize: 8 * nonceOf(c, iv).length, keySize, tagSize: 8 * tag.length };
}

/** The kernel's IV of CCM says in front how long the nonce is. */
function nonceOf({ alg }: Case, iv: Uint8Array): Uint8Array {
  return alg.startsWith('ccm(') ? iv.subarray(1, 15 - iv[0]) : iv;
}

function kindOf({ kind }: Case): 'aead' | 'skcipher' | 'ahash' {
  return kind === 'aead' || kind === 'skcipher' ? kind : 'ahash';
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
