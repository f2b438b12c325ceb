/**
 * The front door against what else encrypts scattered data in JavaScript: what each offers, and what a
 * request costs, from 64 bytes to 16 MiB.
 * @module
 */
import { getCiphers, getHashes } from 'node:crypto';
import { ALGORITHMS } from '../conformance/algorithms.ts';
import { table } from '../conformance/terminal/table.ts';
import { COMPARED, COMPARED_WAYS } from './compared.ts';
import type { Results } from './figures.ts';

/** What the front door has of the table of algorithms. */
const KINDS: readonly string[] = ['skcipher', 'aead', 'ahash'];

/** What the libraries offer, in the order of `COMPARED_WAYS`, as of the versions that are installed. */
export function offers(): string[][] {
  const own = ALGORITHMS.filter(
    ({ kind, isLibraryOnly }) => KINDS.includes(kind) && isLibraryOnly !== true,
  ).length;
  const nodes = getCiphers().length + getHashes().length;
  return [
    ['scattered input', 'yes', 'piece by piece', 'no', 'no'],
    ['scattered output', 'yes', 'no', 'no', 'no'],
    ['in place', 'yes', 'no', 'no', 'one piece, not GCM'],
    ['streams', 'yes', 'yes', 'no', 'no'],
    ['sectors, one call', 'yes', 'no', 'no', 'no'],
    ['text of an AEAD held until verified', 'yes', 'no', 'yes', 'yes'],
    ['abort', 'AbortSignal', 'streams', 'no', 'no'],
    ['more requests than memory', 'wait', 'streams wait', 'no', 'synchronous'],
    ['batches', 'Promise.all', 'no', 'Promise.all', 'no'],
    ['dispose, keys zeroed', 'yes', 'streams, not keys', 'no', 'clean(bytes)'],
    ['drivers of your own', 'yes', "OpenSSL's", 'no', 'no'],
    ['names of algorithms', String(own), String(nodes), 'AES, SHA, HMAC', 'AES, ChaCha, Salsa'],
    ['errors', 'errno, lengths', 'ERR_ codes, none for a tag', 'DOMException', 'Error'],
    ['browsers', 'no', 'no', 'yes', 'yes'],
  ];
}

/** Both tables. */
export function comparisonLines(results: Results): string[] {
  const names = Object.values(COMPARED_WAYS);
  const cells = COMPARED.flatMap(({ plan }) => {
    const result = results.get(plan.id);
    if (result === undefined) return [];
    const times = Object.keys(COMPARED_WAYS).map((way) => {
      const row = result.rows.find((one) => one.way === way);
      return row === undefined ? '' : (row.cpuNs / 1000).toFixed(1);
    });
    return [[result.what, ...times]];
  });
  return [
    ...table(['offered', ...names], offers()),
    '',
    ...table(['AES-256-GCM, CPU us a request, all copies included', ...names], cells),
  ];
}
