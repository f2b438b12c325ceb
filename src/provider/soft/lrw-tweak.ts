/**
 * Arithmetic on LRW tweaks: GF(2^128) in the big-endian bit order of the narrow-block draft of IEEE 1619.
 * C: crypto/gf128mul.c (6.1), gf128mul_init_64k_bbe and what it is used for
 * @module
 */

const BLOCK = 16;
/** x^128 modulo the field's polynomial. */
const POLY = 0x87;
/** Rows of the tables that stand for the tweak key: times x^i, and times 2^(i+1) - 1. */
const ROWS = 128;

/** What stands for a tweak key. */
export function tweakTables(key: Uint8Array): Uint8Array {
  const tables = new Uint8Array(2 * ROWS * BLOCK);
  const power = key.slice();
  const sum = new Uint8Array(BLOCK);
  for (let i = 0; i < ROWS; i++) {
    add(sum, power);
    rowOf(tables, i).set(power);
    rowOf(tables, ROWS + i).set(sum);
    double(power);
  }
  return tables;
}

/** The tweak key times the counter. */
export function firstTweak(tables: Uint8Array, counter: Uint8Array): Uint8Array {
  const product = new Uint8Array(BLOCK);
  for (let i = 0; i < ROWS; i++) {
    const bit = (counter[BLOCK - 1 - (i >>> 3)] >>> (i & 7)) & 1;
    if (bit !== 0) add(product, rowOf(tables, i));
  }
  return product;
}

/** Counts up, and makes the tweak that of the new counter. */
export function nextTweak(tables: Uint8Array, tweak: Uint8Array, counter: Uint8Array): void {
  add(tweak, rowOf(tables, ROWS + increment(counter)));
}

/** Adds 1 to the counter. @returns how many low bits were ones: the row of the step; all of them are the last. */
function increment(counter: Uint8Array): number {
  let ones = 0;
  for (let i = BLOCK - 1; i >= 0; i--) {
    const byte = counter[i];
    counter[i] = byte + 1;
    if (byte !== 0xff) return ones + 31 - Math.clz32(~byte & -~byte);
    ones += 8;
  }
  return ROWS - 1;
}

function rowOf(tables: Uint8Array, row: number): Uint8Array {
  return tables.subarray(BLOCK * row, BLOCK * (row + 1));
}

/** Multiplies by x in place. */
function double(value: Uint8Array): void {
  let carry = 0;
  for (let i = BLOCK - 1; i >= 0; i--) {
    const byte = value[i];
    value[i] = (byte << 1) | carry;
    carry = byte >>> 7;
  }
  if (carry !== 0) value[BLOCK - 1] ^= POLY;
}

function add(value: Uint8Array, other: Uint8Array): void {
  for (let i = 0; i < BLOCK; i++) value[i] ^= other[i];
}
