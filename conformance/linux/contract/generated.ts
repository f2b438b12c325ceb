/**
 * What seqiv and echainiv make of a text hangs on a salt that each transform draws. It is compared all the
 * same: the reference seals the text with the IV that stands in front of the ciphertext.
 * @module
 */
import { algorithmOf } from '../../algorithms.ts';
import { shortHash } from './hash.ts';

/** What an encryption wrote, and from what. */
export interface Sealed {
  readonly key: Uint8Array;
  readonly ad: Uint8Array;
  /** The text that was encrypted, from where the generated IV goes on; null where nobody knows it. */
  readonly plain: Uint8Array | null;
  /** The generated IV and the ciphertext. */
  readonly text: Uint8Array;
  readonly tag: Uint8Array;
  /** The IV buffer of the request afterwards. */
  readonly iv: Uint8Array;
}

/** Text, tag and IV of it, told without the salt; null for a tag that is another one. */
export interface Opened {
  readonly output: string;
  readonly tag: string | null;
  readonly iv: string;
}

/** First bytes of a text that encryption makes up: the IV of a generator. */
export function generatedBytes(algorithm: string): number {
  const row = algorithmOf(algorithm);
  return row?.kind === 'aead' ? row.generated : 0;
}

/**
 * Tells what an IV generator sealed. The ciphertext must be that of the text, under the IV in front of it;
 * a text that nobody knows must open. @returns null where neither is so
 */
export function openGenerated(algorithm: string, sealed: Sealed): Opened | null {
  const row = algorithmOf(algorithm);
  if (row?.kind !== 'aead') return null;
  const { key, ad, plain, text, tag, iv } = sealed;
  const message = { key, iv, ad, text, authsize: tag.length };
  const ivSays = ivText(hex(iv), hex(text), 2 * row.generated);
  if (plain === null) {
    const isOpen = typeof row.open(message, tag) !== 'number';
    return isOpen ? { output: 'sealed', tag: 'sealed', iv: ivSays } : null;
  }
  const begun = Buffer.concat([text.subarray(0, row.generated), plain.subarray(row.generated)]);
  const right = row.seal({ ...message, text: begun });
  if (typeof right === 'number' || hex(right.text) !== hex(text)) return null;
  return {
    output: `sealed:${shortHash(hex(plain.subarray(row.generated)))}`,
    tag: hex(right.tag) === hex(tag) ? 'sealed' : null,
    iv: ivSays,
  };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** An IV buffer: the generated IV itself, the last block of the ciphertext, or bytes that neither explains. */
export function ivText(iv: string, text: string, digits: number): string {
  if (iv === text.slice(0, digits)) return 'generated';
  return iv === text.slice(-digits) ? 'chained' : shortHash(iv);
}
