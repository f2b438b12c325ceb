/**
 * Cases as KUnit: a runner in C that is the same for all, and a header with the cases as data. Bytes are
 * seeds of the kernel's own generator; what must come out is errnos and digests.
 *
 * Verified by the runner: see the heads of `kunit/sg2iter_requests.c` and `sg2iter_iterators.c`. Not exported: that memory is slab, user
 * or vmalloc memory (each is pages with the same offsets), atomic contexts, injected faults, a request
 * before on the same transform, bytes of one gathered step.
 * @module
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CRYPTO_TFM_REQ_MAY_BACKLOG,
  CRYPTO_TFM_REQ_MAY_SLEEP,
} from '../../src/crypto/algorithm.ts';
import { algorithmOf } from '../algorithms.ts';
import { encodeToken } from '../campaign/replay.ts';
import { type Bytes, bytesLength, type Case, sourceLength, targetLength } from '../case/case.ts';
import { describeLayout, layoutClass } from '../case/layout.ts';
import { isPartlyInPlace, partsOf } from '../case/shared.ts';
import { caseInput, expectation } from '../subjects/reference.ts';
import { updateLengths } from '../subjects/submit.ts';
import { comment, fnv1a } from './c-text.ts';
import { type Entry, entriesOf, resplitEntries } from './entries.ts';
import { walksOf } from './walk-answers.ts';
import { omittedWalks, walksHeader } from './walks.ts';

/** Modes that hand an IV on in every kernel. */
const CHAINS = /^(cbc|ctr|essiv)\(/;
const HEX_LINE = 12;

/**
 * Writes the suite: runner, cases, Kconfig, Makefile.
 * @returns the names of the files, how many cases they have for KUnit (a walk is one for each type of
 *   iterators), and how many types are left out, by the reason
 */
export function writeKunit(
  cases: readonly Case[],
  folder: string,
): {
  readonly files: readonly string[];
  readonly tests: number;
  readonly omitted: Readonly<Record<string, number>>;
} {
  mkdirSync(folder, { recursive: true });
  const written: string[] = [];
  const write = (name: string, text: string): void => {
    writeFileSync(join(folder, name), text);
    written.push(name);
  };
  for (const name of readdirSync(ownFolder()).sort()) {
    write(name, readFileSync(join(ownFolder(), name), 'utf8'));
  }
  const walks = cases.filter(({ iterator }) => iterator !== undefined);
  const requests = cases.filter(({ iterator }) => iterator === undefined);
  write('sg2iter_cases.h', casesHeader(requests));
  write('sg2iter_walks.h', walksHeader(walks));
  const tests = requests.length + walks.flatMap((c) => walksOf(c).walks).length;
  return { files: written, tests, omitted: omittedWalks(walks) };
}

/** The files that are the same for all cases lie beside the sources; compiled code looks there. */
function ownFolder(): string {
  const beside = fileURLToPath(new URL('kunit/', import.meta.url));
  const source = fileURLToPath(new URL('../../../conformance/export/kunit/', import.meta.url));
  return existsSync(beside) ? beside : source;
}

/** The header with all cases. */
export function casesHeader(cases: readonly Case[]): string {
  return [
    '/* SPDX-License-Identifier: GPL-2.0-only OR MIT */',
    '/* Written by "sg2iter export kunit": each case has the word that replays it. */',
    ...cases.flatMap((c, i) => dataOf(c, i)),
    '',
    'static const struct sg2iter_case sg2iter_cases[] = {',
    ...cases.flatMap((c, i) => rowOf(c, i)),
    '};',
    '',
  ].join('\n');
}

/** The arrays that a case points to. */
function dataOf(c: Case, i: number): string[] {
  const { regions, src, dst } = memoryOf(c);
  const lines = ['', ...comment([`replay ${encodeToken(c)}`, describeLayout(c.layout)])];
  lines.push(`static const u32 region_${i}[] = { ${regions.join(', ')} };`);
  lines.push(...entryArray(`src_${i}`, src));
  if (dst.length > 0) lines.push(...entryArray(`dst_${i}`, dst));
  const updates = updatesOf(c);
  if (updates.length > 0) {
    lines.push(`static const u32 update_${i}[] = { ${updates.join(', ')} };`);
  }
  for (const [name, bytes] of Object.entries(bytesOf(c))) {
    if (typeof bytes === 'string' && bytes !== '') lines.push(...hexArray(`${name}_${i}`, bytes));
  }
  return lines;
}

function bytesOf({ key, iv, ad, text, tag }: Case): Record<string, Bytes> {
  return { key: key ?? '', iv, ad, text, tag: tag ?? '' };
}

function rowOf(c: Case, i: number): string[] {
  const input = caseInput(c);
  const { setkey, setauthsize, result, output, iv } = expectation(c, input);
  const { regions, src, dst } = memoryOf(c);
  const hasIv = chains(c) && iv !== null && result === 0;
  const fields: (string | null)[] = [
    `.name = "${nameOf(c, i)}"`,
    `.alg = "${c.alg}"`,
    `.kind = SG2ITER_${c.kind.toUpperCase()}`,
    c.op === 'encrypt' ? '.encrypt = true' : null,
    c.key === null ? null : '.has_key = true',
    c.context.forbidWeak ? '.forbid_weak = true' : null,
    `.flags = ${flagsOf(c)}`,
    ...Object.entries(bytesOf(c)).map(([name, bytes]) => bytesField(name, bytes, i)),
    c.kind === 'aead' ? `.authsize = ${c.authsize}` : null,
    ...tamperFields(c),
    `.region = region_${i}, .nr_regions = ${regions.length}`,
    `.seed = ${c.seed}ULL`,
    `.place = SG2ITER_${{ no: 'APART', same: 'SAME', twin: 'TWIN' }[c.layout.inplace]}`,
    c.layout.chain === 0 ? null : `.chain = ${c.layout.chain}`,
    `.src = { src_${i}, ${src.length} }`,
    dst.length === 0 ? null : `.dst = { dst_${i}, ${dst.length} }`,
    `.room = ${roomOf(c)}`,
    ...hashFields(c, i),
    ...[`.setkey = ${setkey}`, `.setauthsize = ${setauthsize}`, `.result = ${result}`],
    output === null || result !== 0 ? null : `.digest = ${fnv1a(output)}ULL`,
    hasIv ? `.has_iv = true, .iv_digest = ${fnv1a(iv)}ULL` : null,
  ];
  const given = fields.filter((field) => field !== null);
  return ['\t{', ...given.map((field) => `\t\t${field},`), '\t},'];
}

/** Whether the IV that a kernel hands on is known: the scatterlist API may show another than its own. */
export function chains({ kind, alg }: Case): boolean {
  const shown = algorithmOf(alg)?.leaks.some(({ part }) => part === 'iv') ?? true;
  return kind === 'skcipher' && CHAINS.test(alg) && !shown;
}

/** Letters and digits only: KTAP gives a meaning to "#". */
function nameOf(c: Case, i: number): string {
  const lengths = c.kind === 'aead' ? `${bytesLength(c.ad)}+` : '';
  return `${i} ${c.alg} ${c.op} ${lengths}${bytesLength(c.text)} ${layoutClass(c.layout)}`;
}

/** The requests wait, so that one that is queued must not be refused. */
function flagsOf({ context }: Case): number {
  return CRYPTO_TFM_REQ_MAY_BACKLOG | (context.sleep ? CRYPTO_TFM_REQ_MAY_SLEEP : 0);
}

/** Where the operation may write. In place, the tag that is decrypted lies there too. */
function roomOf(c: Case): number {
  if (c.kind === 'ahash') return 0;
  return c.layout.inplace === 'no' ? targetLength(c) : Math.max(sourceLength(c), targetLength(c));
}

function tamperFields({ tamper }: Case): string[] {
  if (tamper === null) return [];
  const { part, byte, bit } = tamper;
  return [`.tamper = SG2ITER_${part.toUpperCase()}, .tamper_byte = ${byte}, .tamper_bit = ${bit}`];
}

function hashFields(c: Case, i: number): string[] {
  if (c.kind !== 'ahash') return [];
  const updates = updatesOf(c);
  return [
    `.final = SG2ITER_${c.hash.final.toUpperCase()}`,
    ...(updates.length === 0 ? [] : [`.update = update_${i}, .nr_updates = ${updates.length}`]),
    ...(c.hash.reimport ? ['.reimport = true'] : []),
  ];
}

function updatesOf(c: Case): number[] {
  return c.kind === 'ahash' && c.hash.final !== 'digest'
    ? updateLengths(c, bytesLength(c.text))
    : [];
}

function bytesField(name: string, bytes: Bytes, i: number): string | null {
  const len = bytesLength(bytes);
  if (len === 0) return null;
  return typeof bytes === 'string'
    ? `.${name} = { 0, ${len}, ${name}_${i} }`
    : `.${name} = { ${bytes.seed}, ${len}, NULL }`;
}

/** Regions and lists of a case. */
interface Memory {
  readonly regions: readonly number[];
  readonly src: readonly Entry[];
  readonly dst: readonly Entry[];
}

/** Regions and lists. Two lists over one memory share its regions. */
function memoryOf({ layout }: Case): Memory {
  const first = entriesOf(layout.src, 0);
  const { entries: src } = first;
  if (layout.inplace === 'same' || layout.dst.length === 0) {
    return { regions: first.regions, src, dst: [] };
  }
  if (layout.inplace === 'twin') {
    const lengths = layout.dst.map(({ len }) => len);
    return { regions: first.regions, src, dst: resplitEntries(src, lengths) };
  }
  if (isPartlyInPlace(layout)) return partlyShared(layout, first);
  const second = entriesOf(layout.dst, first.regions.length);
  return { regions: [...first.regions, ...second.regions], src, dst: second.entries };
}

/** A destination of which some segments are in the regions of the source. */
function partlyShared(
  { dst }: Case['layout'],
  { regions, entries: src }: ReturnType<typeof entriesOf>,
): Memory {
  const all = [...regions];
  const entries: Entry[] = [];
  for (const { at, len, own } of partsOf(dst)) {
    if (own === null) {
      const before = resplitEntries(src, [at]);
      entries.push(...resplitEntries(src, [at, len]).slice(before.length));
      continue;
    }
    const placed = entriesOf(own, all.length);
    all.push(...placed.regions);
    entries.push(...placed.entries);
  }
  return { regions: all, src, dst: entries };
}

function entryArray(name: string, entries: readonly Entry[]): string[] {
  return [
    `static const struct sg2iter_entry ${name}[] = {`,
    ...entries.map(({ region, offset, len }) => `\t{ ${region}, ${offset}, ${len} },`),
    '};',
  ];
}

function hexArray(name: string, hex: string): string[] {
  const bytes = [...Buffer.from(hex, 'hex')].map((byte) => `0x${byte.toString(16)}`);
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += HEX_LINE) {
    lines.push(`\t${bytes.slice(at, at + HEX_LINE).join(', ')},`);
  }
  return [`static const u8 ${name}[] = {`, ...lines, '};'];
}
