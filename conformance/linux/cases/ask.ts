/**
 * Cases of the harness in the words of the kernel module: the same bytes in the same layout, every
 * segment with its offset in a page and in its kind of memory, empty segments where they are, tables
 * chained where the case chains them, both lists over one memory where the case is in place.
 *
 * What a kernel cannot be given is left out by name: programs of requests, lists that are too short, the
 * devices of the model, and messages longer than the arena. Not asked for: an allocation that fails, and the request that a case lets run before on the same
 * transform.
 * @module
 */
import { isOfEngine } from '../../../src/crypto/dma-engines.ts';
import {
  type Case,
  type Segment as CaseSegment,
  isAead,
  isData,
  isRefused,
  type MemoryKind,
} from '../../case/case.ts';
import type { CaseInput } from '../../judge/observe.ts';
import {
  ARENA_PAGES,
  type Backing,
  type BackingKind,
  type CipherCase,
  type HashCase,
  MOST_BACKINGS,
  MOST_KEY,
  MOST_PUTS,
  MOST_SEGMENTS,
  MOST_TABLES,
  PAGE_SIZE,
  type Part,
  type Put,
  type Segment,
} from '../text/case.ts';

const MAY_SLEEP = 0x200;
const MAY_BACKLOG = 0x400;

/** The case as the module is asked, or why it cannot be asked. */
export type Asked =
  | { readonly text: CipherCase | HashCase; readonly reason: null }
  | { readonly text: null; readonly reason: string };

/** Puts a case into the words of the module. */
export function askKernel(c: Case, input: CaseInput, id: string): Asked {
  if (isData(c)) return refuse('a kind of algorithm that the module does not take');
  if (c.program !== undefined) return refuse('a program of requests');
  if (isRefused(c)) return refuse('lists that are refused');
  if (isOfEngine(c.driver)) return refuse('a device that no kernel has');
  if (input.key !== null && input.key.length > MOST_KEY) {
    return refuse('longer key than the module takes');
  }
  const arena = new ArenaPlan();
  const src = arena.place(c.layout.src);
  const dst = targetOf(c, src, arena);
  if (arena.full) return refuse('longer than the arena');
  const bytes = Buffer.concat([input.ad, input.text, input.tag]);
  const puts = putBytes(src, bytes);
  const lists = [chained(src, c.layout.chain), dst === null ? [] : chained(dst, c.layout.chain)];
  if (puts.length > MOST_PUTS || arena.backings.length > MOST_BACKINGS || lists.some(isTooLong))
    return refuse('more segments than the module takes');
  const common = {
    id,
    pages: arena.pages,
    seed: c.seed % 1000,
    puts,
    backings: arena.backings,
    algorithm: c.alg,
    key: input.key === null ? null : Buffer.from(input.key).toString('hex'),
    flags: (c.context.sleep ? MAY_SLEEP : 0) | (c.context.backlog ? MAY_BACKLOG : 0),
    async: c.async,
    atomic: c.context.atomic,
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
    requests: 1,
    remainder: null,
    errorAt: null,
    dst: dst === null ? null : lists[1],
  };
  return { text, reason: null };
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
  if (layout.inplace === 'no') return arena.place(layout.dst);
  return cut(
    src,
    layout.dst.map(({ len }) => len),
  );
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
    for (let i = 0; i < segments.length; ) {
      let end = i + 1;
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
