/**
 * Lists that share memory: a destination of which some segments are the source's and others are not, and a
 * source in which one page of zeros stands several times.
 * C: drivers/md/dm-crypt.c crypt_convert_block_aead, net/ipv4/esp4.c esp_output_tail, net/tls/tls_sw.c,
 * drivers/crypto/ccp/ccp-ops.c, net/mac80211/aes_gmac.c, net/ceph/messenger_v2.c (6.1)
 * @module
 */
import { PAGE_SIZE } from '../../src/units.ts';
import {
  bytesLength,
  type Case,
  isRefused,
  type Layout,
  listLength,
  materialise,
  type Segment,
} from './case.ts';

/** True for a destination that shares some of its segments with the source. */
export function isPartlyInPlace({ dst = [] }: Partial<Pick<Layout, 'dst'>>): boolean {
  return dst.some(({ shares }) => shares === 'source');
}

/** A part of a destination: bytes that the source has, or neighbours of its own. */
interface Part {
  /** Its place in the message. */
  readonly at: number;
  readonly len: number;
  /** null: the source has them. */
  readonly own: readonly Segment[] | null;
}

/** A destination part by part, in order. */
export function partsOf(dst: readonly Segment[]): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const segment of dst) {
    const { shares, len } = segment;
    const last = parts.at(-1);
    if (shares === 'source') parts.push({ at, len, own: null });
    else if (last === undefined || last.own === null) parts.push({ at, len, own: [segment] });
    else parts[parts.length - 1] = { ...last, len: last.len + len, own: [...last.own, segment] };
    at += len;
  }
  return parts;
}

/** @returns the field and why, or null. */
export function sharedContradiction(c: Case): string | null {
  const { src, dst, inplace } = c.layout;
  const total = listLength(src);
  let at = 0;
  for (const [i, { shares, len, kind, offset }] of src.entries()) {
    if (shares !== undefined) {
      const where = `layout.src.${i}.shares`;
      if (shares === 'source') return `${where}: the source itself`;
      if (kind !== 'page' || offset !== 0 || len > PAGE_SIZE) return `${where}: the page of zeros`;
      if (isWritten(c, at, len)) return `${where}: a segment that is written to`;
      if (!isZero(c, at, len)) return `${where}: the bytes of the message there are not zero`;
    }
    at += len;
  }
  at = 0;
  for (const [i, { shares, len, kind, offset }] of dst.entries()) {
    if (shares !== undefined) {
      const where = `layout.dst.${i}.shares`;
      if (shares === 'zero') return `${where}: zeros are not written to`;
      if (inplace !== 'no') return `${where}: all of the destination is the source`;
      if (c.kind !== 'skcipher' && c.kind !== 'aead') return `${where}: not of an ${c.kind}`;
      if (isRefused(c)) return `${where}: of lists that are taken`;
      if (kind !== 'page' || offset !== 0) return `${where}: of kind page, at offset 0`;
      if (len === 0 || at + len > total) return `${where}: not within the source`;
      if (meetsZeros(src, at, len)) return `${where}: zeros are not written to`;
    }
    at += len;
  }
  return null;
}

/** The layout as its lengths allow: what can share no more is memory of its own. */
export function withoutLost(c: Case): Case {
  const { layout } = c;
  const { src, dst } = layout;
  if (![...src, ...dst].some(({ shares }) => shares !== undefined)) return c;
  const mayShare = layout.inplace === 'no' && (c.kind === 'skcipher' || c.kind === 'aead');
  const from = kept(src, (at, { len }) => !isWritten(c, at, len) && isZero(c, at, len));
  const total = listLength(from);
  const fits = (at: number, { len }: Segment): boolean =>
    mayShare && len > 0 && at + len <= total && !meetsZeros(from, at, len);
  return { ...c, layout: { ...layout, src: from, dst: kept(dst, fits) } };
}

function kept(
  segments: readonly Segment[],
  may: (at: number, segment: Segment) => boolean,
): Segment[] {
  let at = 0;
  return segments.map((segment) => {
    const { shares, ...own } = segment;
    const isKept = shares !== undefined && may(at, segment);
    at += segment.len;
    return isKept ? segment : own;
  });
}

/** In place a list is written to behind its AD. */
function isWritten({ layout, ad, kind }: Case, at: number, len: number): boolean {
  if (layout.inplace === 'no' || len === 0) return false;
  return kind !== 'aead' || layout.inplace === 'twin' || at + len > bytesLength(ad);
}

/** True where the message has zeros, and no tampering makes one of them something else. */
function isZero({ ad, text, op, tag, tamper }: Case, at: number, len: number): boolean {
  const isPlain = op !== 'decrypt' || tag !== null;
  const message = [...materialise(ad), ...(isPlain ? materialise(text) : [])];
  if (tamper?.part === 'ad') message[tamper.byte % bytesLength(ad)] ^= 1 << tamper.bit;
  if (tamper?.part === 'text' && isPlain) {
    message[bytesLength(ad) + (tamper.byte % bytesLength(text))] ^= 1 << tamper.bit;
  }
  return at + len <= message.length && message.slice(at, at + len).every((byte) => byte === 0);
}

/** True where some of these bytes are those of the page of zeros. */
function meetsZeros(src: readonly Segment[], from: number, len: number): boolean {
  let at = 0;
  return src.some((segment) => {
    const start = at;
    at += segment.len;
    return segment.shares === 'zero' && start < from + len && at > from;
  });
}
