/**
 * What a caller does wrong to a request in flight, in words for a finding.
 * @module
 */
import type { Case, MISUSES } from '../case/case.ts';

const MISUSE_WORDS: Readonly<Record<(typeof MISUSES)[number], string>> = {
  rekey: 'the key was set',
  free: 'the transform was freed',
  release: 'the request was freed, and no check of the free of a request met it',
  refill: 'the request was filled in anew',
  source: 'a byte of the source was changed',
  target: 'a byte of the target was changed',
  iv: 'a byte of the IV was changed',
};

/** What it is, and behind which request. */
export function misuseOf({ program }: Case): string {
  const misuse = program?.misuse ?? null;
  return misuse === null ? 'none' : `${MISUSE_WORDS[misuse.what]}, behind request ${misuse.after}`;
}
