/**
 * The keys of DES and Triple-DES that the kernel calls weak.
 * C: lib/crypto/des.c, include/crypto/internal/des.h (6.1)
 * @module
 */

/** The weak and the semi-weak keys, without their parity bits (FIPS 74). */
const WEAK_KEYS: ReadonlySet<string> = new Set(
  [
    '0101010101010101',
    'fefefefefefefefe',
    'e0e0e0e0f1f1f1f1',
    '1f1f1f1f0e0e0e0e',
    '011f011f010e010e',
    '1f011f010e010e01',
    '01e001e001f101f1',
    'e001e001f101f101',
    '01fe01fe01fe01fe',
    'fe01fe01fe01fe01',
    '1fe01fe00ef10ef1',
    'e01fe01ff10ef10e',
    '1ffe1ffe0efe0efe',
    'fe1ffe1ffe0efe0e',
    'e0fee0fef1fef1fe',
    'fee0fee0fef1fef1',
  ].map((hex) => withoutParity(Buffer.from(hex, 'hex'))),
);

/** True for a weak or semi-weak key of 8 bytes. */
export function isWeakDesKey(key: Uint8Array): boolean {
  return WEAK_KEYS.has(withoutParity(key));
}

/** True when two neighbouring keys of the three are equal, which leaves a single DES. */
export function isWeakDes3Key(key: Uint8Array): boolean {
  const part = (i: number) => withoutParity(key.subarray(8 * i, 8 * i + 8));
  return part(0) === part(1) || part(1) === part(2);
}

function withoutParity(key: Uint8Array): string {
  return Buffer.from(key.map((byte) => byte & 0xfe)).toString('hex');
}
