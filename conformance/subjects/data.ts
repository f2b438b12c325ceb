/**
 * What compression, public keys and key agreement have in common on both sides.
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import type { Case } from '../case/case.ts';

/** The call for an operation. @throws KernelBug for one of another kind. */
export function operationOf<F>(calls: Readonly<Record<string, F>>, operation: string): F {
  const call = calls[operation];
  if (call === undefined) throw new KernelBug(`no operation ${operation}`);
  return call;
}

/**
 * A private key of PKCS #1 begins with its version, a number of one byte; a public one with its modulus.
 * What is neither is given to the API as a public key, which refuses it.
 */
export function isPrivateKey(key: Uint8Array): boolean {
  const [tag, first = 0] = key;
  const head = first < 0x80 ? 2 : 2 + (first & 0x7f);
  return tag === 0x30 && key[head] === 0x02 && key[head + 1] === 1;
}

/** Is a secret for DH cut off? A kernel does not look, and reads what lies behind it (FINDINGS.md, section 8). */
export function isCutSecret({ kind, alg }: Case, key: Uint8Array | null): boolean {
  return kind === 'kpp' && key !== null && /\bdh\b/.test(alg) && key[2] + 256 * key[3] > key.length;
}
