/**
 * Cases that come of others: a few places of one are changed, mostly to what stands in the same place of
 * another.
 * @module
 */
import type { Prng } from '../../src/prng.ts';
import { type Case, CaseError } from './case.ts';
import { checkCase } from './check.ts';
import { parseCase } from './parse.ts';

/** Values at which fields change their meaning, and what no field has. */
const ODD: readonly unknown[] = [
  ...[-1, 0, 1, 15, 16, 17, 63, 64, 65, 255, 4095, 65535, 65536, 2 ** 20, 2 ** 20 + 1, 2 ** 32],
  ...[1.5, 1e300, null, true, false, '', '0', '00', 'zz', 'ff'.repeat(16), 'x'.repeat(200), {}, []],
  ...[{ seed: 1, len: 0 }, { seed: 1, len: 5 }, { seed: 1, len: 2 ** 20 }, [0], [[]]],
];
/** Most changes are no case. */
const TRIES = 16;

/** A value of JSON that holds others. */
export type Tree = Record<string, unknown> | unknown[];

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null;
}

/** Every place in a tree: its holder and its key. */
function places(tree: Tree): [Tree, string][] {
  return Object.entries(tree).flatMap(([key, value]) => [
    [tree, key] as [Tree, string],
    ...(isTree(value) ? places(value) : []),
  ]);
}

function put(tree: Tree, key: string, value: unknown): void {
  Object.assign(tree, { [key]: structuredClone(value) });
}

/** A case as a tree that may be changed. */
export function treeOf(c: Case): Tree {
  return JSON.parse(JSON.stringify(c));
}

/** Changes one place of `tree`; `other` is a case to take from. What comes of it need not be a case. */
export function change(prng: Prng, tree: Tree, other: Tree): void {
  const [holder, key] = prng.pick(places(tree));
  switch (prng.below(8)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      break;
    case 1:
      put(holder, `${key}s`, 1);
      break;
    case 2:
    case 3:
    case 4:
      put(holder, key, prng.pick(ODD));
      break;
    default: {
      const alike = places(other).filter(([, name]) => name === key);
      const [from, name] = prng.pick(alike.length > 0 ? alike : places(other));
      put(holder, key, Object(from)[name]);
    }
  }
}

/** A case that differs from `c` in one to three places and that is `wanted`; `c` itself where none was found. */
export function mutated(prng: Prng, c: Case, other: Case, wanted: (c: Case) => boolean): Case {
  const from = treeOf(other);
  for (let i = 0; i < TRIES; i++) {
    const tree = treeOf(c);
    for (let places = prng.between(1, 3); places > 0; places--) change(prng, tree, from);
    try {
      const next = parseCase(tree, 'mutated');
      checkCase(next, 'mutated');
      if (wanted(next)) return next;
    } catch (error) {
      if (!(error instanceof CaseError)) throw error;
    }
  }
  return c;
}
