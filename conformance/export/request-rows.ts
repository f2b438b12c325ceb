/**
 * Requests as C: the arrays of one, and the row that points to them.
 * @module
 */
import {
  CRYPTO_TFM_REQ_MAY_BACKLOG,
  CRYPTO_TFM_REQ_MAY_SLEEP,
} from '../../src/crypto/algorithm.ts';
import { algorithmOf } from '../algorithms.ts';
import {
  type Bytes,
  bytesLength,
  type Case,
  isData,
  materialise,
  sourceLength,
  targetLength,
} from '../case/case.ts';
import { layoutClass } from '../case/layout.ts';
import { isPartlyInPlace, partsOf } from '../case/shared.ts';
import { isPrivateKey } from '../subjects/data.ts';
import { caseInput, expectation } from '../subjects/reference.ts';
import { updateLengths } from '../subjects/submit.ts';
import { fnv1a } from './c-text.ts';
import { type Entry, entriesOf, resplitEntries } from './entries.ts';

/** Modes that hand an IV on in every kernel. */
const CHAINS = /^(cbc|ctr|essiv)\(/;
const HEX_LINE = 12;

/** The arrays that a request points to, which have its identifier in their names. */
export function arraysOf(c: Case, id: string): string[] {
  const { regions, src, dst } = memoryOf(c);
  const lines: string[] = [];
  if (regions.length > 0) {
    lines.push(`static const u32 region_${id}[] = { ${regions.join(', ')} };`);
  }
  if (src.length > 0) lines.push(...entryArray(`src_${id}`, src));
  if (dst.length > 0) lines.push(...entryArray(`dst_${id}`, dst));
  const updates = updatesOf(c);
  if (updates.length > 0) {
    lines.push(`static const u32 update_${id}[] = { ${updates.join(', ')} };`);
  }
  for (const [name, bytes] of Object.entries(bytesOf(c))) {
    if (typeof bytes === 'string' && bytes !== '') lines.push(...hexArray(`${name}_${id}`, bytes));
  }
  return lines;
}

function bytesOf({ key, iv, ad, text, tag }: Case): Record<string, Bytes> {
  return { key: key ?? '', iv, ad, text, tag: tag ?? '' };
}

/** The row of a request. */
export function rowOf(c: Case, id: string): string[] {
  const { regions, src, dst } = memoryOf(c);
  const fields: (string | null)[] = [
    `.name = "${nameOf(c, id)}"`,
    `.alg = "${c.alg}"`,
    `.kind = SG2ITER_${c.kind.toUpperCase()}`,
    `.work = SG2ITER_DO_${c.op.toUpperCase()}`,
    c.async && !isData(c) ? '.queued = true' : null,
    c.kind === 'akcipher' && isPrivate(c) ? '.private_key = true' : null,
    c.kind === 'aead' && c.tag !== null ? '.sealed = true' : null,
    c.key === null ? null : '.has_key = true',
    c.context.forbidWeak ? '.forbid_weak = true' : null,
    `.flags = ${flagsOf(c)}`,
    ...Object.entries(bytesOf(c)).map(([name, bytes]) => bytesField(name, bytes, id)),
    c.kind === 'aead' ? `.authsize = ${c.authsize}` : null,
    ...tamperFields(c),
    regions.length === 0 ? null : `.region = region_${id}, .nr_regions = ${regions.length}`,
    `.seed = ${c.seed}ULL`,
    `.place = SG2ITER_${{ no: 'APART', same: 'SAME', twin: 'TWIN' }[c.layout.inplace]}`,
    c.layout.chain === 0 ? null : `.chain = ${c.layout.chain}`,
    src.length === 0 ? null : `.src = { src_${id}, ${src.length} }`,
    dst.length === 0 ? null : `.dst = { dst_${id}, ${dst.length} }`,
    `.room = ${roomOf(c)}`,
    ...hashFields(c, id),
    ...answerFields(c),
  ];
  const given = fields.filter((field) => field !== null);
  return ['\t{', ...given.map((field) => `\t\t${field},`), '\t},'];
}

/** What must come out. What is compressed must become the text again. */
function answerFields(c: Case): (string | null)[] {
  const input = caseInput(c);
  const { setkey, setauthsize, result, output, iv, length } = expectation(c, input);
  const hasIv = chains(c) && iv !== null && result === 0;
  const made = c.op === 'compress' ? input.text : output;
  const hasLength = isData(c) && setkey === 0 && length !== null && c.op !== 'verify';
  return [
    ...[`.setkey = ${setkey}`, `.setauthsize = ${setauthsize}`, `.result = ${result}`],
    made === null || result !== 0 ? null : `.digest = ${fnv1a(made)}ULL`,
    hasIv ? `.has_iv = true, .iv_digest = ${fnv1a(iv)}ULL` : null,
    hasLength ? `.has_length = true, .length = ${length}` : null,
    isData(c) && output !== null ? `.made = ${output.length}` : null,
  ];
}

function isPrivate({ key }: Case): boolean {
  return key !== null && isPrivateKey(materialise(key));
}

/** Whether the IV that a kernel hands on is known: the scatterlist API may show another than its own. */
export function chains({ kind, alg }: Case): boolean {
  const shown = algorithmOf(alg)?.leaks.some(({ part }) => part === 'iv') ?? true;
  return kind === 'skcipher' && CHAINS.test(alg) && !shown;
}

/** Letters and digits only: KTAP gives a meaning to "#". */
function nameOf(c: Case, id: string): string {
  const lengths = c.kind === 'aead' ? `${bytesLength(c.ad)}+` : '';
  return `${id} ${c.alg} ${c.op} ${lengths}${bytesLength(c.text)} ${layoutClass(c.layout)}`;
}

/** The requests wait, so that one that is queued must not be refused. */
function flagsOf({ context }: Case): number {
  return CRYPTO_TFM_REQ_MAY_BACKLOG | (context.sleep ? CRYPTO_TFM_REQ_MAY_SLEEP : 0);
}

/** Where the operation may write. In place, the tag that is decrypted lies there too. */
function roomOf(c: Case): number {
  if (c.kind === 'ahash' || c.op === 'verify') return 0;
  if (isData(c)) return c.room;
  return c.layout.inplace === 'no' ? targetLength(c) : Math.max(sourceLength(c), targetLength(c));
}

function tamperFields({ tamper }: Case): string[] {
  if (tamper === null) return [];
  const { part, byte, bit } = tamper;
  return [`.tamper = SG2ITER_${part.toUpperCase()}, .tamper_byte = ${byte}, .tamper_bit = ${bit}`];
}

function hashFields(c: Case, id: string): string[] {
  if (c.kind !== 'ahash') return [];
  const updates = updatesOf(c);
  return [
    `.final = SG2ITER_${c.hash.final.toUpperCase()}`,
    ...(updates.length === 0 ? [] : [`.update = update_${id}, .nr_updates = ${updates.length}`]),
    ...(c.hash.reimport ? ['.reimport = true'] : []),
  ];
}

function updatesOf(c: Case): number[] {
  return c.kind === 'ahash' && c.hash.final !== 'digest'
    ? updateLengths(c, bytesLength(c.text))
    : [];
}

function bytesField(name: string, bytes: Bytes, id: string): string | null {
  const len = bytesLength(bytes);
  if (len === 0) return null;
  return typeof bytes === 'string'
    ? `.${name} = { 0, ${len}, ${name}_${id} }`
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
  const first = sourceOf(layout);
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

/** A source of no bytes is a byte that nobody reads: some templates of a kernel take a list for granted. */
function sourceOf({ src }: Case['layout']): ReturnType<typeof entriesOf> {
  const found = entriesOf(src, 0);
  if (found.entries.length > 0) return found;
  return { regions: [1], entries: [{ region: 0, offset: 0, len: 1 }] };
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
