/**
 * The token of a case by its number, for whoever cannot ask the thread that runs it.
 * @module
 */

import { encodeToken } from '../campaign/replay.ts';
import { CaseGenerator } from './generate.ts';

/** @returns the replay token of case `index` of campaign `seed`. */
export function tokenOf(seed: number, index: number, algs: readonly string[]): string {
  return encodeToken(new CaseGenerator(algs).at(seed, index));
}
