/**
 * The flat model: what lists and positions are, without lists and positions of either API.
 * @module
 */
import { PAGE_SIZE } from '../../src/units.ts';
import type { Move, Piece } from './draw.ts';

/** Offsets and lengths in turn, adjacent ranges as one, empty ones left out. */
export type Ranges = readonly number[];

/** Appends a range. */
export function join(ranges: number[], offset: number, len: number): void {
  if (len === 0) return;
  const end = ranges.length;
  if (end > 0 && ranges[end - 2] + ranges[end - 1] === offset) ranges[end - 1] += len;
  else ranges.push(offset, len);
}

/** The `len` bytes behind the first `skip` of a list, which has them. */
export function rangesOf(list: readonly Piece[], skip: number, len: number): number[] {
  const out: number[] = [];
  const end = skip + len;
  let at = 0;
  for (const piece of list) {
    const from = Math.max(skip, at);
    const to = Math.min(end, at + piece.len);
    if (from < to) join(out, piece.offset + from - at, to - from);
    at += piece.len;
  }
  return out;
}

/** Entries of a list up to the one that holds byte `len - 1`, empty ones included; none for no bytes. */
export function entriesFor(list: readonly Piece[], len: number): number {
  let at = 0;
  for (let k = 0; k < list.length; k++) {
    if (at >= len) return k;
    at += list[k].len;
  }
  return list.length;
}

/** Pages that ranges touch, each counted for itself. */
export function pagesOf(ranges: Ranges): number {
  let pages = 0;
  for (let k = 0; k < ranges.length; k += 2) {
    const last = ranges[k] + ranges[k + 1] - 1;
    pages += Math.floor(last / PAGE_SIZE) - Math.floor(ranges[k] / PAGE_SIZE) + 1;
  }
  return pages;
}

/** True when two lists have a byte in common; `moved` when it stands at another position in each. */
export function meet(a: Ranges, b: Ranges, moved: boolean): boolean {
  let x = 0;
  for (let i = 0; i < a.length; x += a[i + 1], i += 2) {
    let y = 0;
    for (let j = 0; j < b.length; y += b[j + 1], j += 2) {
      const apart = a[i] + a[i + 1] <= b[j] || b[j] + b[j + 1] <= a[i];
      if (!apart && (!moved || a[i] - x !== b[j] - y)) return true;
    }
  }
  return false;
}

/** A position in a list of `total` bytes, and the end of what may be used. */
export class Position {
  at = 0;
  end: number;
  private saved: readonly [at: number, end: number];
  private readonly total: number;

  constructor(total: number) {
    this.total = total;
    this.end = total;
    this.saved = [0, total];
  }

  /** Moves. @returns by how much, where a move has an amount */
  move({ what, amount }: Move): number {
    switch (what) {
      case 'advance':
        this.at = Math.min(this.at + amount, this.end);
        return amount;
      case 'revert': {
        const back = Math.min(amount, this.at);
        this.at -= back;
        return back;
      }
      case 'truncate':
        this.end = Math.min(this.end, this.at + amount);
        return amount;
      case 'reexpand': {
        const count = Math.min(amount, this.total - this.at);
        this.end = this.at + count;
        return count;
      }
      case 'save':
        this.saved = [this.at, this.end];
        return 0;
      case 'restore':
        [this.at, this.end] = this.saved;
        return 0;
    }
  }
}
