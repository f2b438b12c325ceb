/**
 * Cases that are exported: what a kernel of any version can be asked, and a named suite of them.
 * @module
 */
import { Prng } from '../../src/prng.ts';
import { algorithmOf } from '../algorithms.ts';
import { bytesLength, type Case, isRefused } from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import { randomWalk } from '../case/generate-walk.ts';
import { layoutFits } from '../case/layout.ts';
import { caseInput, expectation } from '../subjects/reference.ts';
import { walksOf } from './walk-answers.ts';

/** Algorithms of the smoke suite: what a small configuration of a kernel has. */
const SMOKE_ALGORITHMS: readonly string[] = [
  ...['ecb(aes)', 'cbc(aes)', 'ctr(aes)', 'xts(aes)', 'cts(cbc(aes))', 'chacha20'],
  ...['essiv(cbc(aes),sha256)', 'adiantum(xchacha12,aes)', 'gcm(aes)', 'ccm(aes)'],
  ...['rfc4106(gcm(aes))', 'rfc7539(chacha20,poly1305)', 'authenc(hmac(sha256),cbc(aes))'],
  ...['sha1', 'sha256', 'sha512', 'hmac(sha256)', 'cmac(aes)'],
];
const SMOKE_SEED = 1;
/** Cases of each algorithm, how many of them may be like most others, and the longest message. */
const SMOKE_EACH = 8;
const SMOKE_COMMON = 6;
const SMOKE_LENGTH = 8192;
/** So many are looked at for them; more than enough. */
const SMOKE_TRIED = 400;
/** Programs of iterators, the last of them only with a call that none before had; how many are looked at. */
const SMOKE_WALKS = 24;
const SMOKE_WALKS_NEW = 8;
const SMOKE_WALKS_TRIED = 4000;

/** Suites by name. */
export const SUITES: ReadonlyMap<string, () => readonly Case[]> = new Map([
  ['smoke', () => [...smokeSuite(), ...smokeWalks()]],
]);

/** The same cases on every machine and at every time. */
function smokeSuite(): readonly Case[] {
  return SMOKE_ALGORITHMS.flatMap((alg) => {
    const generator = new CaseGenerator([alg]);
    const found: Case[] = [];
    for (let i = 0; i < SMOKE_TRIED && found.length < SMOKE_EACH; i++) {
      const c = generator.at(SMOKE_SEED, i);
      const long = bytesLength(c.text) > SMOKE_LENGTH || bytesLength(c.text) === 0;
      const lacks = c.kind === 'aead' && !found.some(({ tamper }) => tamper !== null);
      const isLast = found.length === SMOKE_EACH - 1;
      const isWanted = isLast && lacks ? c.tamper !== null : isRare(c);
      const wanted = found.length < SMOKE_COMMON || isWanted;
      if (!long && wanted && unexportable(c) === null) found.push(c);
    }
    return found;
  });
}

/**
 * Programs that every type of Linux which holds their segments can be asked: ranges, which all types hold,
 * and others, until each call has come that is not refused by name.
 */
function smokeWalks(): readonly Case[] {
  const prng = new Prng(SMOKE_SEED);
  const found: Case[] = [];
  const met = new Set<string>();
  for (let i = 0; i < SMOKE_WALKS_TRIED && found.length < SMOKE_WALKS; i++) {
    const c = randomWalk(prng);
    const names = c.iterator?.commands.map(({ name }) => name) ?? [];
    const isNew = names.some((name) => !met.has(name));
    if (found.length >= SMOKE_WALKS - SMOKE_WALKS_NEW && !isNew) continue;
    const { walks, reasons } = walksOf(c);
    if (walks.length < 2 || reasons.length > 0) continue;
    for (const name of names) met.add(name);
    found.push(c);
  }
  return found;
}

/** What every suite must have and few cases are: tampered with, two lists in place, a state that travels. */
function isRare({ tamper, layout, hash }: Case): boolean {
  return tamper !== null || layout.inplace === 'twin' || hash.reimport;
}

/** Why a case cannot be asked of a kernel as KUnit, or null. */
export function unexportable(c: Case): string | null {
  if (c.program !== undefined) return 'a program of requests';
  if (c.iterator !== undefined) {
    const { walks, reasons } = walksOf(c);
    return walks.length > 0 ? null : (reasons.at(0) ?? 'no type of Linux holds the segments');
  }
  if (isRefused(c)) return 'lists that are refused';
  if (c.kind !== 'skcipher' && c.kind !== 'aead' && c.kind !== 'ahash') {
    return `${c.alg}: the runner has ciphers, AEADs and hashes`;
  }
  const row = algorithmOf(c.alg);
  if (row === null || row.kind !== c.kind) return `${c.alg} is not in the table of algorithms`;
  if (row.kind === 'skcipher' && row.unwraps !== undefined) {
    return `${c.alg}: its decryption starts from an IV that encryption has made`;
  }
  if (row.kind === 'skcipher' && row.streams)
    return `${c.alg}: its stream goes on between requests`;
  if (row.kind === 'aead' && row.generated > 0) return `${c.alg}: its IV is made up by the kernel`;
  if ([...c.layout.src, ...c.layout.dst].some(({ len }) => len === 0)) {
    return 'an entry of no bytes: what kernels make of it differs between versions';
  }
  if (c.layout.src.length === 0) return 'a source without entries';
  if (!layoutFits(c)) return 'lists that do not hold what the operation reads and writes';
  const input = caseInput(c);
  const shown = row.leaks.some(({ part, when }) => part === 'result' && (when?.(c, input) ?? true));
  if (shown) return `${c.alg}: what lists in this layout answer is their own`;
  const { refusal, result, output } = expectation(c, input);
  if (refusal !== null) return `the reference has no answer: ${refusal}`;
  return result === 0 && output === null ? 'nothing is promised about the output' : null;
}
