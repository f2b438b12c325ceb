/**
 * How bytes are told in a view.
 * @module
 */
import { createHash } from 'node:crypto';

/** First 8 bytes of SHA-256, as hex. */
export function shortHash(hex: string): string {
  return createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex').slice(0, 16);
}
