/**
 * Pieces that the lists of callers are made of: packets, rings, page vectors.
 * @module
 */
import type { Prng } from '../../src/prng.ts';
import { PAGE_SIZE } from '../../src/units.ts';
import type { MemoryKind, Segment } from './case.ts';

/** MAX_SKB_FRAGS of a kernel with pages of 4 KiB. C: include/linux/skbuff.h (6.1) */
const MOST_FRAGS = 17;
/** Bytes that one frag is filled with at most. */
const FRAG = 1500;

export function page(len: number, offset: number): Segment {
  return { kind: 'page', offset: offset % PAGE_SIZE, len };
}

export function slab(len: number, offset: number): Segment {
  return { kind: 'slab', offset, len };
}

/** The memory of the source at the same place of the message. */
export function ofSource({ len }: Pick<Segment, 'len'>): Segment {
  return { kind: 'page', offset: 0, len, shares: 'source' };
}

/** Some of the one page of zeros. */
export function zeros(len: number): Segment {
  return { kind: 'page', offset: 0, len, shares: 'zero' };
}

/** One entry for each page, as a page vector, user memory or vmalloc memory is described. */
export function pages(prng: Prng, kind: MemoryKind, total: number, offset: number): Segment[] {
  const segments: Segment[] = [];
  let at = offset % PAGE_SIZE;
  let left = total;
  while (left > 0) {
    const len = Math.min(left, PAGE_SIZE - at);
    segments.push({ kind, offset: at, len });
    left -= len;
    at = kind === 'page' && prng.oneIn(8) ? prng.below(PAGE_SIZE) : 0;
  }
  return segments;
}

/** A packet: a linear head of `head` bytes at least, then frags in pages. C: net/core/skbuff.c skb_to_sgvec */
export function skb(prng: Prng, head: number, total: number): Segment[] {
  if (total <= 0) return [];
  const linear = Math.min(total, head + (prng.oneIn(2) ? 0 : prng.below(128)));
  const segments = [slab(linear, 4 * prng.below(32))];
  return [...segments, ...frags(prng, total - linear, MOST_FRAGS)];
}

/** A packet of up to `most` pieces that may be cut anywhere. */
export function dgram(prng: Prng, total: number, most: number): Segment[] {
  if (most === 1 || total === 0) return [slab(total, 4 * prng.below(32))];
  const head = Math.min(total, prng.between(1, 64));
  return [slab(head, 4 * prng.below(32)), ...frags(prng, total - head, most - 1)];
}

/** Entries of a ring of messages. C: include/linux/skmsg.h struct sk_msg_sg */
export function ring(prng: Prng, total: number): Segment[] {
  return frags(prng, total, MOST_FRAGS - 1);
}

/** Pieces in pages; the last one takes what is left. */
function frags(prng: Prng, total: number, most: number): Segment[] {
  const segments: Segment[] = [];
  let left = total;
  while (left > 0) {
    const isLast = segments.length >= most - 1;
    const len = isLast ? left : Math.min(left, prng.between(1, FRAG));
    segments.push(page(len, prng.below(PAGE_SIZE)));
    left -= len;
  }
  return segments;
}
