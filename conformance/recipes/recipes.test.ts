/**
 * Goal: what the recipes say to type instead does the same as what is typed today.
 * Method: every recipe four ways over buffers of several lengths, against node:crypto and the bytes themselves.
 */
import { Buffer as NodeBuffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { must, readKernel, writeKernel } from '../../src/machine/access.ts';
import { Machine } from '../../src/machine/machine.ts';
import { fillSeeded } from '../../src/prng.ts';
import { MAPPING } from '../survey/data/mapping.ts';
import type { Buffer, Given } from './recipe.ts';
import { RECIPES, SKIP, TAG } from './recipes.ts';

const LENGTHS = [
  [40, 1, 100, 33],
  [13, 64, 7],
  [5000, 4096],
] as const;
const WAYS = ['scatterlist', 'iovIter', 'bioVec', 'library'] as const;

function given(lengths: readonly number[]): Given {
  const machine = new Machine({ memory: 1 << 20 });
  const buffers = lengths.map((len, i): Buffer => {
    const base = must(machine.slab.kmalloc(len, 'recipe'));
    const bytes = new Uint8Array(len);
    fillSeeded(bytes, i + 1);
    writeKernel(machine, base, bytes);
    return { base, len };
  });
  return { machine, buffers };
}

function bytesOf({ machine, buffers }: Given): NodeBuffer {
  return NodeBuffer.concat(
    buffers.map(({ base, len }) => {
      const bytes = new Uint8Array(len);
      readKernel(machine, base, bytes);
      return bytes;
    }),
  );
}

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

/** What each recipe wants of its message, said without any of the four ways. */
const WANTED: Readonly<Record<string, (all: Uint8Array, first: number) => Uint8Array>> = {
  'One buffer': (all, first) => sha256(all.subarray(0, first)),
  'All but the first bytes': (all) => sha256(all.subarray(SKIP)),
  'Bytes at a place of the message': (all) => all.subarray(all.length - TAG),
  'Every byte, by the caller itself': (all) => Uint8Array.of(all.reduce((n, byte) => n + byte, 0)),
};

describe.each(RECIPES)('$title', ({ title, ...recipe }) => {
  test.each(WAYS)('by %s', (way) => {
    for (const lengths of LENGTHS) {
      const on = given(lengths);
      const all = bytesOf(on);
      const wanted = WANTED[title]?.(all, lengths[0]) ?? sha256(all);
      expect(NodeBuffer.from(recipe[way](on)).toString('hex')).toBe(
        NodeBuffer.from(wanted).toString('hex'),
      );
      expect(bytesOf(on).equals(all)).toBe(true);
    }
  });
});

test('the keys are those of the survey, each once, and the rows that say so', () => {
  const keys = RECIPES.flatMap((recipe) => recipe.keys);
  expect(new Set(keys).size).toBe(keys.length);
  const rows = MAPPING.filter(({ recipe }) => recipe === true).map(({ key }) => key);
  expect([...keys].sort()).toEqual(rows.sort());
});
