/**
 * Legal sizes of a GCM tag.
 * @module
 */
import { assert } from '../../assert.ts';

/** NIST SP 800-38D, 5.2.1.2, as crypto/gcm.c checks it. An empty tag would verify anything. */
export function assertTagSize(size: number): void {
  assert(size === 4 || size === 8 || (size >= 12 && size <= 16), 'a legal GCM tag size');
}
