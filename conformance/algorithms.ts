/**
 * The table of algorithms: one row each. Generator, reference, known answers, judge and reports are
 * filters of it, and adding an algorithm is adding a row.
 *
 * To add one: find the list of its kind in `algorithms/skciphers.ts`, `aeads.ts`, `hashes.ts`,
 * `compressions.ts`, `public-keys.ts`, `signatures.ts` or `key-agreements.ts` and write a row, mostly a call of a function that is there, as `cbc(ARIA)` or
 * `authenc(hmac(SHA384), cbc(AES))`. A row says (`algorithms/row.ts`):
 * - `name`: the kernel's name. Its drivers are not written down; both registries are asked for them.
 * - `key`, and by kind `ivsize`, `least`, `unit`, `tags`, `drawAd`, `draw`: what is accepted, and how a case is
 *   drawn. What setkey, setauthsize or the operation refuse has the errno that the kernel gives.
 * - `crypt`, `seal` and `open`, `digest`, `answer`: the reference, on flat bytes, made of the functions in
 *   `subjects/reference/`: slow, obvious, and with nothing of either API or its providers in it.
 * - `ivAfter`, `ivRefused`: what the IV buffer holds afterwards.
 * - `leaks`: what the joined layout of the scatterlist API lets be seen and the named parts of the
 *   other do not, each with its reason. A leak is not compared on a side with joined lists; the other
 *   side must leave the place alone.
 * A new block cipher or hash is one constant in `subjects/reference/block.ts` or `hashes.ts`.
 * @module
 */
import { AEADS } from './algorithms/aeads.ts';
import { COMPRESSIONS } from './algorithms/compressions.ts';
import { HASHES } from './algorithms/hashes.ts';
import { KEY_AGREEMENTS } from './algorithms/key-agreements.ts';
import { PUBLIC_KEYS } from './algorithms/public-keys.ts';
import type { Algorithm } from './algorithms/row.ts';
import { SIGNATURES } from './algorithms/signatures.ts';
import { SKCIPHERS } from './algorithms/skciphers.ts';

const TABLE: Algorithm[] = [
  ...SKCIPHERS,
  ...AEADS,
  ...HASHES,
  ...COMPRESSIONS,
  ...PUBLIC_KEYS,
  ...SIGNATURES,
  ...KEY_AGREEMENTS,
];

/** Every row, in a stable order. */
export const ALGORITHMS: readonly Algorithm[] = TABLE;

const BY_NAME = new Map(TABLE.map((row) => [row.name, row]));

/** Rows of somebody's own, for this run; their names are none of the table. */
export function addAlgorithms(rows: readonly Algorithm[]): void {
  for (const row of rows) {
    TABLE.push(row);
    BY_NAME.set(row.name, row);
  }
}

/** The row of a name, or null. */
export function algorithmOf(name: string): Algorithm | null {
  return BY_NAME.get(name) ?? null;
}
