/**
 * Cases that are exported: what a kernel of any version can be asked, and a named suite of them.
 * @module
 */
import { Prng } from '../../src/prng.ts';
import { algorithmOf } from '../algorithms.ts';
import { bytesLength, type Case, isRefused, requestCase, requestCount } from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import { randomWalk } from '../case/generate-walk.ts';
import { layoutFits } from '../case/layout.ts';
import type { Expectation } from '../judge/observe.ts';
import { isCutSecret } from '../subjects/data.ts';
import { caseInput, expectation } from '../subjects/reference.ts';
import { entriesOf } from './entries.ts';
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
/** Compressors, public keys and key agreement, and cases of each. */
const SMOKE_DATA: readonly string[] = ['deflate', 'lz4', 'rsa', 'dh', 'ecdh-nist-p256'];
const SMOKE_DATA_EACH = 3;
/** Programs of requests, and how many are looked at. */
const SMOKE_PROGRAMS = 16;
const SMOKE_PROGRAMS_TRIED = 400;
/** Programs of iterators, the last of them only with a call that none before had; how many are looked at. */
const SMOKE_WALKS = 24;
const SMOKE_WALKS_NEW = 8;
const SMOKE_WALKS_TRIED = 4000;

/** Bytes that DEFLATE of a kernel keeps of what it has unpacked. */
const DEFLATE_WINDOW = 2048;
const XCBC_KEY = 16;

/** Suites by name. */
export const SUITES: ReadonlyMap<string, () => readonly Case[]> = new Map([
  ['smoke', () => [...smokeSuite(), ...smokeData(), ...smokePrograms(), ...smokeWalks()]],
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
      if (!long && wanted && isWhole(c) && unexportable(c) === null) found.push(c);
    }
    return found;
  });
}

/** One request, of which nothing is left out. */
function isWhole({ program, layout }: Case): boolean {
  return program === undefined && [...layout.src, ...layout.dst].every(({ len }) => len > 0);
}

/** Each operation of each algorithm, as often as the others. */
function smokeData(): readonly Case[] {
  return SMOKE_DATA.flatMap((alg) => {
    const generator = new CaseGenerator([alg]);
    const found: Case[] = [];
    for (let i = 0; i < SMOKE_TRIED && found.length < SMOKE_DATA_EACH; i++) {
      const c = generator.at(SMOKE_SEED, i);
      const isNew = found.length === 0 || found.at(-1)?.op !== c.op;
      if (isNew && isWhole(c) && unexportable(c) === null) found.push(c);
    }
    return found;
  });
}

/** Programs of what a small configuration has, as they come. */
function smokePrograms(): readonly Case[] {
  const generator = new CaseGenerator([...SMOKE_ALGORITHMS, ...SMOKE_DATA], true);
  const found: Case[] = [];
  for (let i = 0; i < SMOKE_PROGRAMS_TRIED && found.length < SMOKE_PROGRAMS; i++) {
    const c = generator.at(SMOKE_SEED, i);
    const each = Array.from({ length: requestCount(c) }, (_, k) => requestCase(c, k));
    const isLong = each.some(({ text }) => bytesLength(text) > SMOKE_LENGTH);
    if (!isLong && unexportable(c) === null) found.push(c);
  }
  return found;
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
  if (c.iterator !== undefined) {
    const { walks, reasons } = walksOf(c);
    return walks.length > 0 ? null : (reasons.at(0) ?? 'no type of Linux holds the segments');
  }
  if (c.program === undefined) return withoutAnswer(c);
  if (c.program.misuse !== null) return 'a caller at fault: no kernel promises what comes of it';
  for (let i = 0; i < requestCount(c); i++) {
    const request = requestCase(c, i);
    const reason = withoutAnswer(request) ?? withoutTransform(request);
    if (reason !== null) return `request ${i}: ${reason}`;
  }
  return null;
}

/** A program begins when all of its transforms are there. */
function withoutTransform(c: Case): string | null {
  const { setauthsize } = expectation(c, caseInput(c));
  return setauthsize === 0 ? null : 'a tag length that is refused';
}

/** Why there is no one answer of every kernel to a request, or null. */
function withoutAnswer(c: Case): string | null {
  if (isRefused(c)) return 'lists that are refused';
  const row = algorithmOf(c.alg);
  if (row === null || row.kind !== c.kind) return `${c.alg} is not in the table of algorithms`;
  if (row.isLibraryOnly === true) return `${c.alg} is in the library alone`;
  if (row.kind === 'skcipher' && row.unwraps !== undefined) {
    return `${c.alg}: its decryption starts from an IV that encryption has made`;
  }
  if (row.kind === 'skcipher' && row.streams)
    return `${c.alg}: its stream goes on between requests`;
  if (row.kind === 'aead' && row.generated > 0) return `${c.alg}: its IV is made up by the kernel`;
  if (!layoutFits(c)) return 'lists that do not hold what the operation reads and writes';
  const input = caseInput(c);
  const shown = row.leaks.some(({ part, when }) => part === 'result' && (when?.(c, input) ?? true));
  if (shown) return `${c.alg}: what lists in this layout answer is their own`;
  if (c.alg === 'xcbc(aes)' && input.key !== null && input.key.length !== XCBC_KEY)
    return 'xcbc(aes): kernels from 7.2 on take no key but of 128 bits';
  const expected = expectation(c, input);
  const { refusal, result, output } = expected;
  if (refusal !== null) return `the reference has no answer: ${refusal}`;
  if (c.kind === 'acomp') return withoutOneResult(c, expected);
  if (isCutSecret(c, input.key)) return 'a secret that is shorter than it says: kernels read on';
  return result === 0 && output === null && c.op !== 'verify'
    ? 'nothing is promised about the output'
    : null;
}

/** Compressors differ between kernels in what they say of too little room, and where they write. */
function withoutOneResult(c: Case, expected: Expectation): string | null {
  const { alg, layout, room } = c;
  if (layout.inplace !== 'no') return 'a compressor in place: kernels from 6.12 on overwrite it';
  const { result, alternative, length } = expected;
  if (result !== 0 || alternative !== null)
    return 'a compressor without enough room: what kernels answer differs between versions';
  if (c.op === 'decompress' && length !== null && length > DEFLATE_WINDOW && isDeflate(c.alg))
    return 'more than 2 KiB of DEFLATE: kernels from 7.2 on look no further back across pages';
  const isSplit = entriesOf(layout.dst, 0).entries[0].len < room;
  return isSplit && !isDeflate(alg)
    ? `${alg}: kernels from 7.2 on write into one entry and no other`
    : null;
}

function isDeflate(alg: string): boolean {
  return alg.includes('deflate');
}
