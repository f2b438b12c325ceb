/**
 * The known-answer vectors that come with the program.
 *
 * What was left out of the files is counted in the omissions of each source. Not here because the package
 * has no such files: the Monte Carlo tests of AES, and NIST's own HMAC tests with their shortened tags. All
 * lengths of HMAC are the subject of the checksums.
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { parseVectors, type Vector, type VectorSource } from './vector.ts';

const GCM = 'NIST CAVP AES-GCM';
const GCM_AS_CTR = 'NIST CAVP AES-GCM as AES-CTR';
/** The counter of the first block of text behind a 96-bit IV; block 1 is for the tag. */
const FIRST_TEXT_COUNTER = '00000002';

/** `data/sources.json`: where the text is from, and the SHA-256 of it. */
export interface ImportedData {
  readonly sha256: string;
  readonly origin: string;
  readonly licence: string;
  readonly sources: readonly VectorSource[];
}

/** Vectors, and where each is from. */
export interface Loaded {
  readonly vectors: readonly Vector[];
  readonly sources: readonly VectorSource[];
}

let loaded: Loaded | undefined;

/** All vectors, in a stable order; read at the first call. Ids are unique. */
export function loadVectors(): readonly Vector[] {
  loaded ??= load();
  return loaded.vectors;
}

const added: Vector[] = [];
let sampled: readonly Vector[] | undefined;

/** Known answers of somebody's own, for this run. */
export function addVectors(vectors: readonly Vector[]): void {
  added.push(...vectors);
  sampled = undefined;
}

/**
 * Every tenth of {@link loadVectors}, and all that were added: what a run does that has random cases to do as
 * well.
 */
export function sampledVectors(): readonly Vector[] {
  sampled ??= [...loadVectors().filter((_, i) => i % 10 === 0), ...added];
  return sampled;
}

/** The sources of {@link loadVectors}, with what was left out of each and why. */
export function vectorSources(): readonly VectorSource[] {
  loaded ??= load();
  return loaded.sources;
}

/** The text of the imported vectors, for the check against its digest. */
export function importedText(name: 'vectors' | 'wycheproof' = 'vectors'): string {
  return gunzipSync(readFileSync(dataFile(`${name}.txt.gz`))).toString('latin1');
}

export function importedData(name: 'sources' | 'wycheproof-sources' = 'sources'): ImportedData {
  return JSON.parse(readFileSync(dataFile(`${name}.json`), 'utf8'));
}

let wycheproof: Loaded | undefined;

/**
 * Vectors of Project Wycheproof, which look for known attacks: wrong tags in every bit, counters that wrap,
 * points of low order and of other curves. What they say of MACs is compared here and by no judge.
 */
export function wycheproofVectors(): Loaded {
  if (wycheproof === undefined) {
    const { sources } = importedData('wycheproof-sources');
    const vectors = parseVectors({ sources, text: importedText('wycheproof') });
    wycheproof = { vectors, sources };
  }
  return wycheproof;
}

/** The data lie beside the source, which a built program finds from `dist`. */
function dataFile(name: string): string {
  const beside = fileURLToPath(new URL(`./data/${name}`, import.meta.url));
  const source = new URL(`../../../conformance/vectors/data/${name}`, import.meta.url);
  return existsSync(beside) ? beside : fileURLToPath(source);
}

function load(): Loaded {
  const { sources } = importedData();
  const imported = parseVectors({ sources, text: importedText() });
  const gcm = imported.filter((v) => v.source === GCM);
  const ctr = gcm.filter((v) => v.expect === 'valid' && v.input !== '' && v.tag.length === 32);
  const derived: VectorSource = {
    ...sources.filter((s) => s.name === GCM)[0],
    name: GCM_AS_CTR,
    count: ctr.length,
    read: gcm.length,
    omitted: [{ reason: 'no text, a failure, or a shorter tag', count: gcm.length - ctr.length }],
  };
  return { vectors: [...imported, ...ctr.map(asCtr)], sources: [...sources, derived] };
}

/** The text of GCM is counter mode (SP 800-38D 7.1), which has few vectors of its own. */
function asCtr(gcm: Vector): Vector {
  return {
    ...gcm,
    id: `${gcm.id}/ctr`,
    source: GCM_AS_CTR,
    alg: 'ctr(aes)',
    kind: 'skcipher',
    iv: `${gcm.iv}${FIRST_TEXT_COUNTER}`,
    ad: '',
    tag: '',
  };
}
