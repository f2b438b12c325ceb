/**
 * A real kernel as a subject of the cases that all other subjects take.
 *
 * The kernel gets the same bytes in the same layout: every segment with its offset in a page, tables
 * chained where the case chains them, both lists over one memory where the case is in place. What it
 * cannot be given is left out by name: the kind of memory (its arena is one run of pages), empty keys,
 * programs of requests, atomic context, failing allocations, and messages longer than its arena.
 * @module
 */
import { errnoName } from '../../../src/errno.ts';
import { algorithmOf } from '../../algorithms.ts';
import { type Case, type Segment as CaseSegment, isAead, isData } from '../../case/case.ts';
import type { Trial } from '../../judge/judge.ts';
import type { CaseInput, Expectation, Leak } from '../../judge/observe.ts';
import { OUTPUT_IV } from '../contract/contract.ts';
import {
  ARENA_PAGES,
  type CipherCase,
  type HashCase,
  PAGE_SIZE,
  type Part,
  type Put,
  type Segment,
} from '../text/case.ts';
import type { TextResult } from '../text/result.ts';

const MAY_SLEEP = 0x200;
const MAY_BACKLOG = 0x400;
/** Lines of bytes that one text case may have. */
const MOST_PUTS = 16;

/** Bytes of a key in a line of the module's language. */
const MOST_KEY = 256;
/** Segments and chained tables of one list that the module takes. */
const MOST_SEGMENTS = 128;
const MOST_TABLES = 16;

/** The case as the module is asked, or why it cannot be asked. */
export type Asked =
  | { readonly text: CipherCase | HashCase; readonly reason: null }
  | { readonly text: null; readonly reason: string };

/** Whether the answer has an IV that each transform of a kernel makes of random bytes of its own. */
function isGenerated(c: Case): boolean {
  return c.op === 'encrypt' && generatedBytes(c) > 0;
}

function isTooLong(list: readonly Segment[]): boolean {
  const links = list.filter(({ newTable }) => newTable === true).length;
  return list.length > MOST_SEGMENTS || links >= MOST_TABLES;
}

/** Puts a case into the words of the module. */
export function askKernel(c: Case, input: CaseInput, id: string): Asked {
  if (isData(c)) return refuse('a kind of algorithm that the module does not take');
  if (c.program !== undefined) return refuse('a program of requests');
  if (c.context.atomic) return refuse('atomic context');
  if (c.context.fault > 0) return refuse('failing allocation');
  if (isGenerated(c)) return refuse('an IV that hangs on a random salt');
  // The module takes an empty key for none and does not call setkey.
  if (input.key?.length === 0) return refuse('empty key');
  if (input.key !== null && input.key.length > MOST_KEY) {
    return refuse('longer key than the module takes');
  }
  const arena = new ArenaPlan();
  const src = arena.place(c.layout.src);
  const dst = targetOf(c, src, arena);
  if (arena.full) return refuse('longer than the arena');
  const bytes = Buffer.concat([input.ad, input.text, input.tag]);
  const puts = putBytes(src, bytes);
  if (puts.length > MOST_PUTS) return refuse('more segments than the module takes');
  const lists = [chained(src, c.layout.chain), dst === null ? [] : chained(dst, c.layout.chain)];
  if (lists.some(isTooLong)) return refuse('more segments than the module takes');
  const common = {
    id,
    pages: ARENA_PAGES,
    seed: c.seed % 1000,
    puts,
    algorithm: c.alg,
    key: Buffer.from(input.key ?? []).toString('hex'),
    flags: (c.context.sleep ? MAY_SLEEP : 0) | (c.context.backlog ? MAY_BACKLOG : 0),
    async: c.async,
    src: lists[0],
  };
  if (c.op === 'digest') {
    const parts = partsOf(c, input.text.length);
    const text: HashCase = {
      ...common,
      op: 'hash',
      length: input.text.length,
      finish: c.hash.final,
      parts,
    };
    return { text, reason: null };
  }
  const tag = isAead(c) && c.op === 'decrypt' ? c.authsize : 0;
  const text: CipherCase = {
    ...common,
    op: isAead(c) ? 'aead' : 'skcipher',
    geometry: null,
    iv: Buffer.from(input.iv).toString('hex'),
    ivOffset: 0,
    direction: c.op === 'encrypt' ? 'encrypt' : 'decrypt',
    flip: null,
    length: input.text.length + tag,
    assoc: input.ad.length,
    authSize: isAead(c) ? c.authsize : null,
    remainder: null,
    errorAt: null,
    dst: dst === null ? null : lists[1],
  };
  return { text, reason: null };
}

/**
 * What the kernel says against what the reference and another subject say; empty when they agree. Where
 * the joined layout of the scatterlist API shows something of its own, only what has it is compared.
 */
export function disagreements(input: CaseInput, answer: TextResult, trial: Trial): string[] {
  const { c, expected, observations } = trial;
  if (answer.ending !== 'done') return [`the kernel ended with ${answer.ending}: ${answer.reason}`];
  const alike = observations.filter(({ joined }) => joined || !shows(trial, 'result'));
  const lines: string[] = [];
  const err = answer.err ?? 0;
  const wanted = resultAt(answer.stage, expected);
  if (err !== wanted && !shows(trial, 'result')) {
    lines.push(`kernel ${errnoName(err)}, reference ${errnoName(wanted)}`);
  }
  for (const o of alike) {
    const same = resultAt(answer.stage, { ...expected, ...o });
    if (err !== same) lines.push(`kernel ${errnoName(err)}, ${o.subject} ${errnoName(same)}`);
  }
  if (answer.stray !== null) lines.push(`kernel wrote elsewhere: ${answer.stray}`);
  if (err !== 0 || lines.length > 0) return lines;
  const made = generatedBytes(c);
  const output = c.op === 'digest' ? answer.digest : producedBytes(c, input, made, answer.out);
  const iv = OUTPUT_IV.has(c.alg) && expected.iv !== null ? answer.iv : null;
  for (const o of alike) {
    const theirs = Buffer.from(o.output.subarray(made)).toString('hex');
    if (output !== null && output !== theirs) lines.push(`output differs from ${o.subject}`);
    const hasIv = o.joined || !shows(trial, 'iv');
    if (iv !== null && hasIv && iv !== Buffer.from(o.iv).toString('hex')) {
      lines.push(`IV differs from ${o.subject}`);
    }
  }
  return lines;
}

function shows({ leaks }: Trial, part: Leak['part']): boolean {
  return leaks.some((leak) => leak.part === part);
}

/** First bytes of a text that encryption makes up: decryption leaves what was in their place. */
function generatedBytes({ alg }: Case): number {
  const row = algorithmOf(alg);
  return row?.kind === 'aead' ? row.generated : 0;
}

/** The result that belongs to the stage at which the kernel stopped. */
function resultAt(
  stage: string | null,
  { setkey, setauthsize, result }: Pick<Expectation, 'setkey' | 'setauthsize' | 'result'>,
): number {
  if (stage === 'setkey') return setkey;
  return stage === 'setauthsize' ? setauthsize : result;
}

function producedBytes(c: Case, input: CaseInput, made: number, out: string | null): string | null {
  if (out === null) return null;
  const tag = isAead(c) && c.op === 'encrypt' ? c.authsize : 0;
  const end = input.ad.length + input.text.length + tag;
  return out.slice(2 * Math.min(input.ad.length + made, end), 2 * end);
}

function refuse(reason: string): Asked {
  return { text: null, reason };
}

/** The second list of a case: none in place, other splits of the same memory, or memory of its own. */
function targetOf(
  { layout, op }: Case,
  src: readonly Segment[],
  arena: ArenaPlan,
): Segment[] | null {
  if (op === 'digest' || layout.inplace === 'same') return null;
  if (layout.inplace === 'no') return arena.place(layout.dst);
  return cut(
    src,
    layout.dst.map(({ len }) => len),
  );
}

/**
 * Hands out the arena from its start. Empty segments are dropped: what a kernel makes of them is a
 * class of its own in the contract.
 */
class ArenaPlan {
  full = false;
  private at = 0;

  place(segments: readonly CaseSegment[]): Segment[] {
    const placed: Segment[] = [];
    for (const { kind, offset, len } of segments) {
      if (kind === 'next') this.at += offset;
      else this.at = (Math.floor(this.at / PAGE_SIZE) + 1) * PAGE_SIZE + (offset % PAGE_SIZE);
      if (len === 0) continue;
      placed.push(segmentAt(this.at, len));
      this.at += len;
    }
    this.full = this.full || this.at > ARENA_PAGES * PAGE_SIZE;
    return placed.length > 0 ? placed : [segmentAt(this.at % (ARENA_PAGES * PAGE_SIZE), 0)];
  }
}

function segmentAt(at: number, length: number): Segment {
  return { page: Math.floor(at / PAGE_SIZE), offset: at % PAGE_SIZE, length };
}

/** The memory of some segments, cut at other places. */
function cut(src: readonly Segment[], lengths: readonly number[]): Segment[] {
  const out: Segment[] = [];
  let index = 0;
  let used = 0;
  for (const length of lengths) {
    let left = length;
    while (left > 0 && index < src.length) {
      const { page, offset, length: whole } = src[index];
      const take = Math.min(left, whole - used);
      if (take > 0) out.push(segmentAt(page * PAGE_SIZE + offset + used, take));
      left -= take;
      used += take;
      if (used === whole) {
        index++;
        used = 0;
      }
    }
  }
  return out.length > 0 ? out : [...src];
}

/** Tables of `chunk` slots, the last of which is the link. */
function chained(segments: readonly Segment[], chunk: number): Segment[] {
  if (chunk < 2 || segments.length <= chunk) return [...segments];
  return segments.map((segment, i) =>
    i > 0 && i % (chunk - 1) === 0 ? { ...segment, newTable: true } : segment,
  );
}

function putBytes(segments: readonly Segment[], bytes: Uint8Array): Put[] {
  const puts: Put[] = [];
  let done = 0;
  for (const { page, offset, length } of segments) {
    const part = bytes.subarray(done, done + length);
    if (part.length === 0) break;
    puts.push({ offset: page * PAGE_SIZE + offset, hex: Buffer.from(part).toString('hex') });
    done += part.length;
  }
  return puts;
}

/** The updates of a hash; the rest of the message is the last one. */
function partsOf({ hash }: Case, total: number): Part[] {
  if (hash.final === 'digest') return [];
  const parts: Part[] = [];
  let left = total;
  for (const [i, wanted] of hash.updates.entries()) {
    const length = Math.min(wanted, left);
    parts.push({ length, reimport: i === 0 && hash.reimport });
    left -= length;
  }
  parts.push({ length: left, reimport: false });
  return parts;
}
