/**
 * Goal: what the recipes say to type instead does the same as what is typed today.
 * Method: every recipe four ways over buffers of several lengths, against node:crypto and the bytes themselves.
 */
import { Buffer as NodeBuffer } from 'node:buffer';
import { createCipheriv, createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { must, readKernel, writeKernel } from '../../src/machine/access.ts';
import { Machine } from '../../src/machine/machine.ts';
import { fillSeeded } from '../../src/prng.ts';
import { MAPPING, OTHER_MAPPING } from '../survey/data/mapping.ts';
import { KEY } from './ciphering.ts';
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
  'Encrypted where it lies': (all) =>
    createCipheriv('aes-128-ctr', KEY, new Uint8Array(16)).update(all),
  'From one list to another': (all) => all,
  'Is there enough memory': () => Uint8Array.of(1, 0),
  'A device reads the message': (all) => all,
  'The checksum of an xdr_buf': (all) => createHmac('sha256', KEY).update(all).digest(),
  'Buffers for a virtqueue': (all) => all,
};

describe.each(RECIPES)('$title', ({ title, ...recipe }) => {
  test.each(WAYS)('by %s', (way) => {
    const caller = recipe[way];
    if (typeof caller !== 'function') {
      expect(caller.cannot).toMatch(/^[a-z].{20,}[a-z]$/);
      return;
    }
    for (const lengths of LENGTHS) {
      const on = given(lengths);
      const all = bytesOf(on);
      const wanted = WANTED[title]?.(all, lengths[0]) ?? sha256(all);
      expect(NodeBuffer.from(caller(on)).toString('hex')).toBe(
        NodeBuffer.from(wanted).toString('hex'),
      );
      expect(bytesOf(on).equals(recipe.writes === true ? wanted : all)).toBe(true);
      expect(on.machine.dma.mappings).toEqual([]);
    }
  });
});

test('the keys are those of the survey, each once, and a key without a recipe says why', () => {
  const keys = RECIPES.flatMap((recipe) => recipe.keys);
  expect(new Set(keys).size).toBe(keys.length);
  const rows = [...MAPPING, ...OTHER_MAPPING];
  const wanted = rows.filter(({ recipe }) => recipe === true).map(({ key }) => key);
  expect([...keys].sort()).toEqual(wanted.sort());
  for (const { recipe } of rows) if (recipe !== true) expect(recipe).toMatch(/^[a-z].{20,}[a-z]$/);
});
