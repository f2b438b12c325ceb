/**
 * Which files of the package become vectors.
 *
 * The choice is a rule, not a list: of the records of one class (same file, direction, lengths, outcome)
 * the first few or every n-th is kept, so every class of every file is there. A source that is small, or
 * that compresses well, is kept whole.
 * @module
 */
import { aeadSources } from './aeads.ts';
import { cipherSources } from './ciphers.ts';
import { hashSources } from './hashes.ts';
import type { ImportSource } from './record.ts';

/** Every source of the package that the kernel has an algorithm for. */
export function importSources(): readonly ImportSource[] {
  return [...cipherSources(), ...aeadSources(), ...hashSources()];
}
