/**
 * Big numbers as bytes: what public keys and key agreement compute with.
 * C: lib/crypto/mpi (6.1), what is done and not how
 * @module
 */
import { Kept } from '../../kept.ts';

/** Bytes of a word of a number. */
const LIMB = 8;

/** A big-endian number; of no bytes: 0. @kernel mpi_read_raw_data */
export function mpiReadRawData(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

/** The number in `len` bytes, zeros in front. @returns null when its words do not fit. @kernel none: mpi_write_to_sgl */
export function mpiWrite(value: bigint, len: number): Uint8Array | null {
  const size = mpiGetSize(value);
  if (size > len) return null;
  const bytes = new Uint8Array(len);
  const hex = value.toString(16).padStart(2 * size, '0');
  bytes.set(Buffer.from(hex, 'hex'), len - size);
  return bytes;
}

/** Bytes of the words that the number takes; none for 0. @kernel mpi_get_size */
export function mpiGetSize(value: bigint): number {
  return value === 0n ? 0 : Math.ceil(value.toString(16).length / (2 * LIMB)) * LIMB;
}

/** A power of 8,192 bits takes more than a second. */
const powers = new Kept<bigint>();

/** base ^ exp mod `mod`. The last results are kept. @kernel mpi_powm */
export function mpiPowm(base: bigint, exp: bigint, mod: bigint): bigint {
  return powers.of([base, exp, mod], () => powm(base, exp, mod));
}

/** Four bits of the exponent a step. */
function powm(base: bigint, exp: bigint, mod: bigint): bigint {
  const powers = [1n % mod];
  for (let i = 1; i < 16; i++) powers.push((powers[i - 1] * base) % mod);
  let result = powers[0];
  for (const digit of exp.toString(16)) {
    for (let i = 0; i < 4; i++) result = (result * result) % mod;
    result = (result * powers[Number.parseInt(digit, 16)]) % mod;
  }
  return result;
}
