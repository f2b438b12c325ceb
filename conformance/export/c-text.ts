/**
 * Pieces of C that every exported header has.
 * @module
 */

/** A block of lines. */
export function comment(lines: readonly string[]): string[] {
  return ['/*', ...lines.map((line) => ` * ${line}`), ' */'];
}

/** FNV-1a of 64 bits, in hex with its prefix; `digest_of` of the runner. */
export function fnv1a(bytes: Uint8Array): string {
  let [high, low] = [0xcbf29ce4, 0x84222325];
  for (const byte of bytes) {
    const mixed = (low ^ byte) >>> 0;
    // The prime is 2^40 and 0x1b3.
    const product = mixed * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 2 ** 32) + (mixed << 8)) >>> 0;
    low = product >>> 0;
  }
  return `0x${((BigInt(high) << 32n) | BigInt(low)).toString(16)}`;
}
