/**
 * Cases in the form of the kernel's own test table: vectors for `crypto/testmgr.h`, their entries for
 * `alg_test_descs`, and each layout as a `struct testvec_config`. `vectors --testmgr` reads the folder again.
 * C: crypto/testmgr.h, crypto/testmgr.c build_test_sglist (6.1)
 *
 * A configuration divides any message in proportion, to a ten-thousandth: it cuts the message of its own case
 * where the case was cut, up to eight pieces of messages of less than 10,000 bytes. Others have none, and
 * that is counted. Which update a piece of a hash belongs to is not in it.
 * @module
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeToken } from '../campaign/replay.ts';
import type { Case, Segment } from '../case/case.ts';
import { layoutClass } from '../case/layout.ts';
import { isPartlyInPlace } from '../case/shared.ts';
import { makeFolder } from '../terminal/folders.ts';
import { type Answered, answeredCases, byAlgorithm } from './answered.ts';
import { entriesOf } from './entries.ts';
import { chains } from './request-rows.ts';
import type { Written } from './vectors.ts';

const LICENCE = 'SPDX-License-Identifier: GPL-2.0-only OR MIT';
/** Of 10,000. @kernel TEST_SG_TOTAL */
const SG_TOTAL = 10_000;
/** @kernel XBUFSIZE */
const MOST_DIVISIONS = 8;
/** Offsets are into two pages. */
const BUFFER = 8192;
const HEX_LINE = 16;

const TESTS = { aead: 'aead', skcipher: 'cipher', ahash: 'hash' } as const;
const NO_CONFIG = 'a layout without a configuration';

/** Writes `crypto/testmgr.h` and `crypto/testmgr.c` below the folder, which is made if it is not there. */
export function writeTestmgr(cases: readonly Case[], folder: string): Written {
  const { answers, omitted } = answeredCases(cases);
  const configs = answers.map(configOf);
  const bare = configs.filter((config) => config === null).length;
  makeFolder(join(folder, 'crypto'));
  const files = ['crypto/testmgr.h', 'crypto/testmgr.c'];
  const groups = byAlgorithm(answers);
  const texts = [
    headerOf(groups),
    tableOf(
      groups,
      configs.filter((config) => config !== null),
    ),
  ];
  for (const [i, file] of files.entries()) writeFileSync(join(folder, file), texts[i]);
  const left = bare === 0 ? omitted : { ...omitted, [NO_CONFIG]: bare };
  return { files, tests: answers.length, omitted: left };
}

type Groups = readonly (readonly [alg: string, of: readonly Answered[]])[];

function headerOf(groups: Groups): string {
  const templates = groups.flatMap(([alg, of]) => [
    '',
    `static const struct ${testOf(of)}_testvec ${templateOf(alg)}[] = {`,
    ...of.flatMap(vectorOf),
    '};',
  ]);
  return `${[`/* ${LICENCE} */`, '/* Vectors for crypto/testmgr.h. */', ...templates].join('\n')}\n`;
}

function tableOf(groups: Groups, configs: readonly string[][]): string {
  const entries = groups.flatMap(([alg, of]) => [
    '\t{',
    `\t\t.alg = "${alg}",`,
    `\t\t.test = alg_test_${of[0].c.kind === 'ahash' ? 'hash' : of[0].c.kind},`,
    `\t\t.suite = { .${testOf(of)} = __VECS(${templateOf(alg)}) },`,
    '\t},',
  ]);
  return `${[
    `// ${LICENCE}`,
    '/* Layouts and entries for crypto/testmgr.c. Entries are in the order of their names. */',
    'static const struct testvec_config sg2iter_testvec_configs[] = {',
    ...configs.flat(),
    '};',
    '',
    'static const struct alg_test_desc alg_test_descs[] = {',
    ...entries,
    '};',
  ].join('\n')}\n`;
}

function testOf([{ c }]: readonly Answered[]): 'aead' | 'cipher' | 'hash' {
  return c.kind === 'aead' || c.kind === 'skcipher' ? TESTS[c.kind] : TESTS.ahash;
}

function templateOf(alg: string): string {
  return `sg2iter_${alg.replaceAll(/[^a-z0-9]+/g, '_').replace(/_$/, '')}_tv_template`;
}

function vectorOf(answer: Answered): string[] {
  const { c, key, iv, ad, plain, cipher, tag, valid, ivOut } = answer;
  const sealed = Uint8Array.of(...cipher, ...tag);
  const weak = c.context.forbidWeak ? ['.wk = 1'] : [];
  const fields = {
    aead: () => [
      ...[...bytes('key', key), `.klen = ${key.length}`, ...bytes('iv', iv), ...weak],
      ...[...bytes('assoc', ad), `.alen = ${ad.length}`],
      ...[...bytes('ptext', valid ? plain : new Uint8Array(cipher.length))],
      `.plen = ${cipher.length}`,
      ...[...bytes('ctext', sealed), `.clen = ${sealed.length}`],
      ...(valid ? [] : ['.novrfy = 1']),
    ],
    cipher: () => [
      ...[...bytes('key', key), `.klen = ${key.length}`, ...bytes('iv', iv), ...weak],
      ...(chains(c) && ivOut !== null ? bytes('iv_out', ivOut) : []),
      ...[...bytes('ptext', plain), ...bytes('ctext', cipher), `.len = ${plain.length}`],
    ],
    hash: () => [
      ...bytes('key', key),
      ...(key.length === 0 ? [] : [`.ksize = ${key.length}`]),
      ...[...bytes('plaintext', plain), `.psize = ${plain.length}`, ...bytes('digest', tag)],
    ],
  }[testOf([answer])]();
  return [
    `\t/* replay ${encodeToken(c)} */`,
    ...['\t{', ...fields.map((field) => `\t\t${field},`), '\t},'],
  ];
}

/** A string literal of one line for 16 bytes. */
function bytes(name: string, of: Uint8Array): string[] {
  if (of.length === 0) return name === 'ptext' || name === 'plaintext' ? [`.${name} = ""`] : [];
  const lines: string[] = [];
  for (let at = 0; at < of.length; at += HEX_LINE) {
    const escapes = [...of.subarray(at, at + HEX_LINE)].map(
      (byte) => `\\x${byte.toString(16).padStart(2, '0')}`,
    );
    lines.push(`"${escapes.join('')}"`);
  }
  return [`.${name} = ${lines.join('\n\t\t\t')}`];
}

/** The layout of a case, or null where no configuration divides its message as it was. */
function configOf({ c }: Answered, i: number): string[] | null {
  const { layout, context, hash } = c;
  const src = divisionsOf(layout.src);
  const dst = layout.inplace === 'same' ? [] : divisionsOf(layout.dst);
  if (src === null || dst === null || isPartlyInPlace(layout)) return null;
  const place = { no: 'OUT_OF_PLACE', same: 'INPLACE_ONE_SGLIST', twin: 'INPLACE_TWO_SGLISTS' };
  const fields = [
    `.name = "sg2iter ${i} ${c.alg} ${layoutClass(layout)}"`,
    ...(c.kind === 'ahash' ? [] : [`.inplace_mode = ${place[layout.inplace]}`]),
    ...(context.sleep ? ['.req_flags = CRYPTO_TFM_REQ_MAY_SLEEP'] : []),
    `.src_divs = { ${src.join(', ')} }`,
    ...(c.kind === 'ahash' || dst.length === 0 || layout.inplace !== 'no'
      ? []
      : [`.dst_divs = { ${dst.join(', ')} }`]),
    ...(c.kind === 'ahash'
      ? [`.finalization_type = FINALIZATION_TYPE_${hash.final.toUpperCase()}`]
      : []),
  ];
  return ['\t{', ...fields.map((field) => `\t\t${field},`), '\t},'];
}

/** Pieces of a list in proportion to its length; the rest of the division goes to the last. */
function divisionsOf(segments: readonly Segment[]): string[] | null {
  const { entries } = entriesOf(segments, 0);
  const total = entries.reduce((sum, { len }) => sum + len, 0);
  if (entries.length > MOST_DIVISIONS || total >= SG_TOTAL || total === 0) return null;
  const shares = entries.map(({ len }) => Math.round((len * SG_TOTAL) / total));
  shares[shares.length - 1] += SG_TOTAL - shares.reduce((sum, share) => sum + share, 0);
  if (shares.some((share) => share <= 0)) return null;
  return entries.map(({ offset }, i) => {
    const at = offset % BUFFER === 0 ? '' : `, .offset = ${offset % BUFFER}`;
    return `{ .proportion_of_total = ${shares[i]}${at} }`;
  });
}
