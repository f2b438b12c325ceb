/**
 * What an iterator is: a row of bytes, an index into it, and a limit. Everything that the API answers is
 * worked out here from the places of the bytes alone, without a position in segments.
 *
 * Where empty segments lie, the API may stand on one of them or behind it, and what it says of pages,
 * alignment and the current segment may take them in or not: there the model gives bounds.
 * @module
 */
import { EFAULT, EIO, ENOMEM, type Errno } from '../../src/errno.ts';
import { PAGE_SIZE } from '../../src/units.ts';

/** Types of iterators over one kind of memory; chains have parts of these. */
export type PartType =
  | 'ubuf'
  | 'iovec'
  | 'kvec'
  | 'bvec'
  | 'bvecq'
  | 'folioq'
  | 'xarray'
  | 'discard';

/** One segment as the API was given it. */
export interface Piece {
  /** What alignment is asked of: an address, or an offset. */
  readonly address: number;
  /** Where its first byte is in the file. */
  readonly at: number;
  readonly len: number;
}

/** An iterator that is no chain, or one that is a part of one. */
export interface Part {
  readonly type: PartType;
  readonly pieces: readonly Piece[];
  /** Bytes up to the end of the outermost part that this one belongs to, from its own beginning. */
  readonly inChain: number;
}

/** A piece with the place of its bytes in the row. */
interface Row extends Piece {
  readonly part: Part;
  readonly from: number;
  readonly to: number;
}

/** What there is of a piece from a position on. */
interface Rest {
  readonly from: number;
  readonly to: number;
  readonly address: number;
  /** Bytes of the piece in front. */
  readonly skip: number;
}

/** The pages that one extraction gives. */
export interface Expected {
  /** Bytes covered, or an errno. */
  readonly bytes: number | Errno;
  readonly offset0: number;
  /** Pages of the file. */
  readonly pages: readonly number[];
  readonly pins: boolean;
}

/** Bounds of an answer, both included. */
export type Bounds = readonly [least: number, most: number];

/** Pages of the file that a process cannot reach. */
export interface Unreachable {
  readonly hole: number | null;
  readonly locked: number | null;
}

const RANGES: readonly PartType[] = ['ubuf', 'folioq', 'xarray'];
const ARRAYS: readonly PartType[] = ['iovec', 'kvec', 'bvec'];

export class Flat {
  readonly parts: readonly Part[];
  readonly isChain: boolean;
  private readonly rows: readonly Row[];
  private readonly unreachable: Unreachable;
  private readonly writes: boolean;
  at = 0;
  end: number;
  /** Bytes that truncation has cut off. */
  hidden = 0;
  /** The position before which nobody may go back. */
  floor = 0;
  saved: { readonly at: number; readonly end: number; readonly hidden: number } | null = null;

  constructor(parts: readonly Part[], isChain: boolean, writes: boolean, unreachable: Unreachable) {
    this.parts = parts;
    this.isChain = isChain;
    this.writes = writes;
    this.unreachable = unreachable;
    let from = 0;
    const rows: Row[] = [];
    for (const part of parts) {
      for (const { address, at, len } of part.pieces) {
        rows.push({ address, at, len, part, from, to: from + len });
        from += len;
      }
    }
    this.rows = rows;
    this.end = from;
  }

  get count(): number {
    return this.end - this.at;
  }

  /** Some part leads to user memory, or all of them do. */
  get isUser(): boolean {
    return this.parts.some(({ type }) => isUserType(type));
  }

  get isDiscard(): boolean {
    return this.parts.every(({ type }) => type === 'discard');
  }

  /** True where the position can be put back to one that was saved. */
  get restores(): boolean {
    return this.isChain || this.parts.every(({ type }) => type === 'ubuf' || isArray(type));
  }

  /** True where a bio_vec is empty: what is asked of the current one then has no single answer. */
  get hasEmpty(): boolean {
    return this.parts.some(({ pieces }) => pieces.some(({ len }) => len === 0));
  }

  /** Offset in the file of byte `i` of the row. */
  place(i: number): number {
    const { at, from } = this.rowAt(i);
    return at + i - from;
  }

  /** Calls back for each contiguous part of the next `n` bytes: its offset in the file, and its length. */
  forEachRun(n: number, run: (offset: number, len: number) => void): void {
    for (let i = this.at, left = n; left > 0; ) {
      const row = this.rowAt(i);
      const len = Math.min(left, row.to - i);
      run(row.at + i - row.from, len);
      i += len;
      left -= len;
    }
  }

  /** The next `n` bytes of a file that holds `bytes`. */
  coming(bytes: Uint8Array, n: number): Uint8Array {
    const row = new Uint8Array(n);
    let done = 0;
    this.forEachRun(n, (offset, len) => {
      row.set(bytes.subarray(offset, offset + len), done);
      done += len;
    });
    return row;
  }

  /** How many of the next `n` bytes can be reached, from the first on. */
  reach(n: number): number {
    const most = Math.min(n, this.count);
    for (let i = 0; i < most; ) {
      const row = this.rowAt(this.at + i);
      const offset = row.at + this.at + i - row.from;
      if (isUserType(row.part.type) && this.isBad(offset)) return i;
      const inPage = PAGE_SIZE - (offset % PAGE_SIZE);
      i += Math.min(inPage, row.to - this.at - i);
    }
    return most;
  }

  /** Types of the parts that the next `n` bytes lie in. */
  typesOf(n: number): PartType[] {
    const end = this.at + n;
    const met = this.rows.filter(({ from, to, len }) => len > 0 && to > this.at && from < end);
    return met.map(({ part }) => part.type);
  }

  /** Pages that the next `n` bytes touch. */
  npages(n: number): Bounds {
    if (n === 0) return [0, 0];
    let least = 0;
    let most = 0;
    this.forEachPart(n, (part, rows) => {
      if (part.type === 'discard') return;
      for (const { from, to, address, skip } of rows) {
        const pages = Math.ceil((((address + skip) % PAGE_SIZE) + to - from) / PAGE_SIZE);
        most += pages;
        if (to > from) least += pages;
      }
    });
    return [least, most];
  }

  /** Bits below the page size that the alignment of the rest has at least, and at most. */
  alignment(): Bounds {
    if (this.count === 0) return [0, 0];
    let least = 0;
    let most = 0;
    this.forEachPart(this.count, (part, rows) => {
      if (part.type === 'discard') return;
      for (const { from, to, address, skip } of rows) {
        const bits = lowBits(address + skip) | lowBits(to - from);
        most |= bits;
        if (to > from) least |= bits;
      }
    });
    return [least, most];
  }

  /** What the gaps between the rest of the segments do not allow, below the page size. */
  gap(): number {
    let result = 0;
    let end = 0;
    let size = this.count;
    for (const { address, len, to } of this.rows) {
      if (len === 0 || to <= this.at || size <= 0) continue;
      if (end !== 0) result |= lowBits(address) | lowBits(end);
      end = address + len;
      // The kernel counts the first segment from its beginning, wherever in it the iterator stands.
      size -= len;
    }
    return result;
  }

  /** Bytes of the current segment that are left: what may be answered. */
  single(): readonly number[] {
    if (this.count === 0) return [0];
    const row = this.rowAt(this.at);
    const { type, inChain } = row.part;
    if (type === 'discard' || type === 'ubuf' || type === 'xarray') {
      if (!this.isChain) return [this.count];
    }
    if (this.isChain) {
      const partFrom = this.rows.find(({ part }) => part === row.part)?.from ?? 0;
      const left = partFrom + inChain - this.at;
      return [Math.min(this.count, left), ...this.zeroIfEmptyBefore()];
    }
    if (type === 'folioq') return [];
    // A queue is left standing at the end of a slot: more may be appended to it.
    if (type === 'bvecq' && row.from === this.at) return [row.to - this.at, 0].map(this.limited);
    return [Math.min(this.count, row.to - this.at), ...this.zeroIfEmptyBefore()];
  }

  /** What `iov_iter_extract_pages` gives of at most `n` bytes in `maxpages` pages. */
  extract(n: number, maxpages: number): Expected {
    const size = Math.min(n, this.count);
    if (size === 0) return nothing(0);
    const row = this.rowAt(this.at);
    const { type } = row.part;
    if (type === 'discard') return nothing(-EFAULT);
    if (maxpages === 0) return nothing(-ENOMEM);
    const rest = Math.min(size, this.restOfPart(row));
    if (type === 'bvec' || type === 'bvecq') return this.extractVecs(row.part, rest, maxpages);
    const most = RANGES.includes(type) ? rest : Math.min(rest, row.to - this.at);
    return this.extractRange(most, maxpages, isUserType(type));
  }

  /** What `iov_iter_get_pages2` gives; no pins, but references. */
  getPages(n: number, maxpages: number): Expected {
    const size = Math.min(n, this.count);
    if (size === 0) return nothing(0);
    const row = this.rowAt(this.at);
    const { type } = row.part;
    if (type === 'kvec' || type === 'discard') return nothing(-EFAULT);
    if (type !== 'bvec') return { ...this.extract(n, maxpages), pins: false };
    return this.extractRange(Math.min(size, row.to - this.at), maxpages, false);
  }

  /** True where the next extraction pins. */
  willPin(): boolean {
    if (!this.isChain) return this.isUser;
    return this.at < this.whole && isUserType(this.rowAt(this.at).part.type);
  }

  /** Bytes of all segments, whatever the limit. */
  private get whole(): number {
    return this.rows.at(-1)?.to ?? 0;
  }

  private extractRange(n: number, maxpages: number, user: boolean): Expected {
    const first = this.place(this.at);
    const offset0 = first % PAGE_SIZE;
    const want = Math.min(Math.ceil((offset0 + n) / PAGE_SIZE), maxpages);
    const pages: number[] = [];
    for (let k = 0; k < want; k++) {
      const page = Math.floor(first / PAGE_SIZE) + k;
      if (user && this.isBad(page * PAGE_SIZE)) break;
      pages.push(page);
    }
    if (pages.length === 0) return nothing(user ? -EFAULT : -EIO);
    const bytes = Math.min(n, pages.length * PAGE_SIZE - offset0);
    return { bytes, offset0, pages, pins: user };
  }

  /** Bio_vecs as long as they meet at the ends of pages. */
  private extractVecs(part: Part, n: number, maxpages: number): Expected {
    const pages: number[] = [];
    let bytes = 0;
    while (bytes < n && pages.length < maxpages) {
      const row = this.rowAt(this.at + bytes);
      const offset = this.place(this.at + bytes);
      const inPage = offset % PAGE_SIZE;
      if (row.part !== part || (pages.length > 0 && inPage !== 0)) break;
      const len = Math.min(row.to - this.at - bytes, PAGE_SIZE - inPage, n - bytes);
      pages.push(Math.floor(offset / PAGE_SIZE));
      bytes += len;
      if (inPage + len !== PAGE_SIZE) break;
    }
    return { bytes, offset0: this.place(this.at) % PAGE_SIZE, pages, pins: false };
  }

  private isBad(offset: number): boolean {
    const { hole, locked } = this.unreachable;
    const page = Math.floor(offset / PAGE_SIZE);
    return page === hole || (this.writes && page === locked);
  }

  /** The row of byte `i`, which is no empty one. */
  private rowAt(i: number): Row {
    for (const row of this.rows) if (row.from <= i && i < row.to) return row;
    throw new RangeError(`byte ${i} of an iterator over ${this.whole}`);
  }

  private restOfPart({ part }: Row): number {
    const rows = this.rows.filter((row) => row.part === part);
    return rows[rows.length - 1].to - this.at;
  }

  private readonly limited = (n: number): number => Math.min(n, this.count);

  private zeroIfEmptyBefore(): readonly number[] {
    return this.rows.some(({ from, to }) => from === to && to === this.at) ? [0] : [];
  }

  /** The parts of the next `n` bytes with what there is of each piece, and of empty bio_vecs. */
  private forEachPart(n: number, see: (part: Part, rows: readonly Rest[]) => void): void {
    const end = this.at + n;
    const isSeen = ({ part, from, to, len }: Row): boolean =>
      len === 0
        ? (part.type === 'bvec' || part.type === 'bvecq') && from >= this.at && from <= end
        : to > this.at && from < end;
    for (const part of this.parts) {
      const rows = this.rows
        .filter((row) => row.part === part && isSeen(row))
        .map(({ from, to, address }) => {
          const start = Math.max(from, this.at);
          return { from: start, to: Math.min(to, end), address, skip: start - from };
        });
      see(part, rows);
    }
  }
}

/** Leads the type to memory of a process? */
export function isUserType(type: PartType): boolean {
  return type === 'ubuf' || type === 'iovec';
}

function isArray(type: PartType): boolean {
  return ARRAYS.includes(type);
}

function nothing(bytes: number | Errno): Expected {
  return { bytes, offset0: -1, pages: [], pins: false };
}

/** Bits of a number of up to 53 of them that lie below the page size. */
function lowBits(value: number): number {
  return value % PAGE_SIZE;
}
