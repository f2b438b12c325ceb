/**
 * Cases of the harness in the words of the kernel module: the same bytes in the same layout, every
 * segment with its offset in a page and in its kind of memory, empty segments where they are, tables
 * chained where the case chains them, both lists over one memory where the case is in place.
 *
 * What a kernel cannot be given is left out by name: lists that are too short, the devices of the model, and
 * messages longer than the arena. Not asked for: an allocation that fails, and the request that a case lets
 * run before on the same transform.
 * @module
 */
import { KernelBug } from '../../../src/assert.ts';
import { isOfEngine } from '../../../src/crypto/dma-engines.ts';
import {
  type Case,
  type Segment as CaseSegment,
  isAead,
  isRefused,
  type MemoryKind,
  type Program,
  requestCase,
} from '../../case/case.ts';
import { isPartlyInPlace, partsOf as sharedPartsOf } from '../../case/shared.ts';
import type { CaseInput } from '../../judge/observe.ts';
import { isCutSecret, isPrivateKey } from '../../subjects/data.ts';
import {
  ARENA_PAGES,
  type Backing,
  type BackingKind,
  type CipherCase,
  DATA_OPERATIONS,
  type DataCase,
  type HashCase,
  isCryptCase,
  MOST_BACKINGS,
  MOST_KEY,
  MOST_PUTS,
  MOST_SEGMENTS,
  MOST_TABLES,
  PAGE_SIZE,
  type Part,
  type ProgramCase,
  type Put,
  type Segment,
} from '../text/case.ts';

const MAY_SLEEP = 0x200;
const MAY_BACKLOG = 0x400;

/** What the module is asked in the campaign. */
export type AskedCase = CipherCase | HashCase | DataCase | ProgramCase;

/** The case as the module is asked, or why it cannot be asked. */
export type Asked =
  | { readonly text: AskedCase; readonly reason: null }
  | { readonly text: null; readonly reason: string };

/** Puts a case into the words of the module; a program has an input for each of its requests. */
export function askKernel(c: Case, inputs: readonly CaseInput[], id: string): Asked {
  if (isRefused(c)) return refuse('lists that are refused: undefined to a kernel');
  if (isOfEngine(c.driver)) return refuse('a device that no kernel has');
  const [{ key }] = inputs;
  if (key !== null && key.length > MOST_KEY) return refuse('longer key than the module takes');
  if (isCutSecret(c, key)) return refuse('a secret that is shorter than it says');
  if (isUncheckedRoom(c)) return refuse('a room of one byte, which lzo-rle writes beyond');
  const arena = new ArenaPlan();
  const placed = inputs.map((input, i) => place(requestCase(c, i), input, arena));
  if (arena.full) return refuse('longer than the arena');
  const puts = placed.flatMap((one) => one.puts);
  const lists = placed.flatMap(({ src, dst }) => (dst === null ? [src] : [src, dst]));
  if (puts.length > MOST_PUTS || arena.backings.length > MOST_BACKINGS || lists.some(isTooLong))
    return refuse('more segments than the module takes');
  const memory = { id, pages: arena.pages, seed: c.seed % 1000, puts, backings: arena.backings };
  const texts = placed.map((one, i) => requestText(requestCase(c, i), inputs[i], one, memory));
  const [first] = texts;
  if (c.program === undefined) return { text: first, reason: null };
  const requests = texts.filter(isCryptCase);
  if (requests.length < texts.length) return refuse('a program of a compressor or a key');
  return { text: programText(c.program, requests), reason: null };
}

/** Does an encoder write behind the room of this request (FINDINGS.md, section 10)? */
function isUncheckedRoom({ alg, op, room }: Case): boolean {
  return alg === 'lzo-rle' && op === 'compress' && room === 1;
}

/** Where the lists of one request lie, and the bytes in them. */
interface PlacedRequest {
  readonly src: readonly Segment[];
  readonly dst: readonly Segment[] | null;
  readonly puts: readonly Put[];
}

function place(c: Case, { ad, text, tag }: CaseInput, arena: ArenaPlan): PlacedRequest {
  const src = arena.place(c.layout.src);
  const dst = targetOf(c, src, arena);
  const { chain } = c.layout;
  return {
    src: chained(src, chain),
    dst: dst === null ? null : chained(dst, chain),
    puts: putBytes(src, Buffer.concat([ad, text, tag])),
  };
}

type Memory = Pick<CipherCase, 'id' | 'pages' | 'seed' | 'puts' | 'backings'>;

function requestText(
  c: Case,
  input: CaseInput,
  { src, dst }: PlacedRequest,
  memory: Memory,
): CipherCase | HashCase | DataCase {
  const common = {
    ...memory,
    algorithm: c.alg,
    key: input.key === null ? null : Buffer.from(input.key).toString('hex'),
    flags: (c.context.sleep ? MAY_SLEEP : 0) | (c.context.backlog ? MAY_BACKLOG : 0),
    async: c.async,
    atomic: c.context.atomic,
    src,
  };
  const { length } = input.text;
  if (c.kind === 'acomp' || c.kind === 'akcipher' || c.kind === 'kpp')
    return { ...common, ...dataFields(c, c.kind, input), length, dst };
  if (c.op === 'digest') {
    const parts = partsOf(c, length);
    return { ...common, op: 'hash', length, finish: c.hash.final, parts };
  }
  const tag = isAead(c) && c.op === 'decrypt' ? c.authsize : 0;
  return {
    ...common,
    op: isAead(c) ? 'aead' : 'skcipher',
    geometry: null,
    iv: Buffer.from(input.iv).toString('hex'),
    ivOffset: 0,
    direction: c.op === 'encrypt' ? 'encrypt' : 'decrypt',
    flip: null,
    length: length + tag,
    assoc: input.ad.length,
    authSize: isAead(c) ? c.authsize : null,
    requests: 1,
    remainder: null,
    errorAt: null,
    dst,
  };
}

function dataFields(
  c: Case,
  op: DataCase['op'],
  { key }: CaseInput,
): Pick<DataCase, 'op' | 'what' | 'isPrivate' | 'room' | 'async'> {
  const what = DATA_OPERATIONS.find((name) => name === c.op);
  if (what === undefined) throw new KernelBug(`${c.op} of ${c.alg}`);
  return {
    op,
    what,
    isPrivate: op === 'akcipher' && key !== null && isPrivateKey(key),
    room: what === 'verify' ? c.authsize : c.room,
    async: false,
  };
}

function programText(program: Program, requests: readonly (CipherCase | HashCase)[]): ProgramCase {
  const [{ op: kind, id, pages, seed, puts, backings, algorithm, async, src }] = requests;
  const memory = { id, pages, seed, puts, backings };
  const following = program.requests.map(({ when, of, reuse }) => ({ when, of, reuse }));
  return { ...memory, op: 'program', kind, algorithm, async, src, dst: null, requests, following };
}

function isTooLong(list: readonly Segment[]): boolean {
  const links = list.filter(({ newTable }) => newTable === true).length;
  return list.length > MOST_SEGMENTS || links >= MOST_TABLES;
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
  if (layout.inplace === 'no') return apartOf(layout.dst, src, arena);
  return cut(
    src,
    layout.dst.map(({ len }) => len),
  );
}

/** Memory of its own, but for what it shares with the source. */
function apartOf(
  dst: readonly CaseSegment[],
  src: readonly Segment[],
  arena: ArenaPlan,
): Segment[] {
  if (!isPartlyInPlace({ dst })) return arena.place(dst);
  return sharedPartsOf(dst).flatMap(({ at, len, own }) =>
    own === null ? sliced(src, at, len) : arena.place(own),
  );
}

/** The bytes of some segments from a byte on. */
function sliced(src: readonly Segment[], skip: number, len: number): Segment[] {
  const out: Segment[] = [];
  let at = 0;
  for (const { page, offset, length } of src) {
    const from = Math.max(skip - at, 0);
    const to = Math.min(skip + len - at, length);
    if (to > from) out.push(segmentAt(page * PAGE_SIZE + offset + from, to - from));
    at += length;
  }
  return out;
}

/** What the module calls a kind of memory; pages of the arena have no name. */
const BACKING_OF: Readonly<Record<Exclude<MemoryKind, 'page' | 'next'>, BackingKind>> = {
  slab: 'kmalloc',
  cache: 'cache',
  vmalloc: 'vmalloc',
  user: 'user',
};

/** Hands out the arena from its start; each allocation of the case begins on a page of its own. */
class ArenaPlan {
  readonly backings: Backing[] = [];
  private at = 0;

  /** Pages in use. */
  get pages(): number {
    return Math.min(ARENA_PAGES, Math.ceil((this.at + 1) / PAGE_SIZE));
  }

  get full(): boolean {
    return this.at > ARENA_PAGES * PAGE_SIZE;
  }

  place(segments: readonly CaseSegment[]): Segment[] {
    const placed: Segment[] = [];
    let zeros = -1;
    for (let i = 0; i < segments.length; ) {
      let end = i + 1;
      if (segments[i].shares === 'zero') {
        if (zeros < 0) {
          zeros = (Math.floor(this.at / PAGE_SIZE) + 1) * PAGE_SIZE;
          this.at = zeros + PAGE_SIZE - 1;
        }
        placed.push(segmentAt(zeros, segments[i].len));
        i = end;
        continue;
      }
      while (end < segments.length && segments[end].kind === 'next') end++;
      this.placeGroup(segments.slice(i, end), placed);
      i = end;
    }
    return placed.length > 0 ? placed : [segmentAt(0, 0)];
  }

  private placeGroup(group: readonly CaseSegment[], placed: Segment[]): void {
    const first = Math.floor(this.at / PAGE_SIZE) + 1;
    this.at = first * PAGE_SIZE + (group[0].offset % PAGE_SIZE);
    for (const [i, { offset, len }] of group.entries()) {
      if (i > 0) this.at += offset;
      placed.push(segmentAt(this.at, len));
      this.at += len;
    }
    const { kind } = group[0];
    if (kind === 'page' || kind === 'next') return;
    const count = Math.floor(Math.max(this.at - 1, 0) / PAGE_SIZE) + 1 - first;
    if (count > 0) this.backings.push({ kind: BACKING_OF[kind], first, count });
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
    do {
      while (index < src.length - 1 && used === src[index].length) {
        index++;
        used = 0;
      }
      const { page, offset, length: whole } = src[index];
      const take = Math.min(left, whole - used);
      if (take > 0 || left === 0) out.push(segmentAt(page * PAGE_SIZE + offset + used, take));
      if (take === 0) break;
      left -= take;
      used += take;
    } while (left > 0);
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
    if (part.length === 0) continue;
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
