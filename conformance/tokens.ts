/**
 * The token of a case by its number, for whoever cannot ask the thread that runs it.
 * @module
 */
import { CaseGenerator } from './generate.ts';
import { encodeToken } from './replay.ts';

/** @returns the replay token of case `index` of campaign `seed`. */
export function tokenOf(seed: number, index: number, algs: readonly string[]): string {
  return encodeToken(new CaseGenerator(algs).at(seed, index));
}
