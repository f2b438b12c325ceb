/**
 * A block of LZ4 read as its format says, with the limits that a decoder of 6.1 sets at both ends.
 * Source: lz4_Block_format.md (1.9); LZ4_decompress_safe of lib/lz4 (6.1)
 * @module
 */

/** @returns null for what is no block, and for one of more than `room` bytes. */
export function unpackLz4(block: Uint8Array, room: number): Uint8Array | null {
  const out: number[] = [];
  let rest = Array.from(block);
  /** A length that begins with four bits, and how many bytes it takes besides. */
  const lengthOf = (short: number, from: readonly number[]): readonly [number, number] => {
    if (short < 15) return [short, 0];
    const end = from.findIndex((byte) => byte !== 255);
    return end < 0 ? [Number.POSITIVE_INFINITY, 0] : [15 + 255 * end + from[end], end + 1];
  };
  while (rest.length > 0) {
    const [token, ...behind] = rest;
    const [literals, bytes] = lengthOf(token >>> 4, behind);
    const text = behind.slice(bytes);
    if (literals > text.length || out.length + literals > room) return null;
    out.push(...text.slice(0, literals));
    const copy = text.slice(literals);
    if (copy.length === 0) return Uint8Array.from(out);
    // Where so little is left, the literals must be the last ones.
    if (copy.length < 8 || out.length > room - 12) return null;
    const distance = copy[0] + 256 * copy[1];
    const [more, extra] = lengthOf(token & 15, copy.slice(2));
    rest = copy.slice(2 + extra);
    if (extra > 0 && rest.length < 5) return null;
    if (distance === 0 || distance > out.length || out.length + more + 4 > room - 5) return null;
    for (let i = 0; i < more + 4; i++) out.push(out[out.length - distance]);
  }
  return null;
}
