/**
 * Goal: where a kernel stumbles, both of its answers are compared whole, and a wrong one rings.
 * Method: the legacy model speaks for the kernel, honestly and with a lie about the case or about its equal.
 */
import { expect, test } from 'vitest';
import { ConvertedModel } from '../models/converted.ts';
import { LegacyModel } from '../models/legacy.ts';
import type { Series } from '../models/model.ts';
import { arenaBytes, bytesOf, formatCase, type TextCase } from '../text/case.ts';
import { parseCases } from '../text/parse.ts';
import { compareModel } from './compare.ts';
import { type View, viewOf } from './contract.ts';
import { askedAs, equalCases, STUMBLES } from './equals.ts';
import { isUnqueued } from './required.ts';
import { overflowsScratch } from './scomp.ts';

const LEGACY = new LegacyModel();
const CONVERTED = new ConvertedModel();
const SERIES: Series = [6, 1];
const RELEASE = '6.1.176';

function caseOf(lines: string): TextCase {
  return parseCases(`case a\n${lines}\nend\n`, 'test')[0];
}

const EXAMPLES: Readonly<Record<string, TextCase>> = {
  'without-empty-entries': caseOf('op hash\nalg sha256\nlen 64\nsrc 0+0:16 0+64:0 0+128:48'),
  'without-lost-entry': caseOf(
    `op skcipher\nalg adiantum(xchacha12,aes)\nkey ${'0b'.repeat(32)}\niv ${'0c'.repeat(32)}\nlen 40\nsrc 0+0:20 0+4096:0 0+20:20 0+64:40\ndst =`,
  ),
  'by-one-list': caseOf(
    `op aead\nalg authencesn(hmac(sha256),cbc(aes))\nkey 0800010000000010${'0d'.repeat(48)}\niv ${'0e'.repeat(16)}\ndir d\nassoc 16\nlen 48\nauth 32\nsrc 0+0:64\ndst 0+0:64`,
  ),
  'in-other-memory': caseOf(
    `op aead\nalg authencesn(hmac(sha256),cbc(aes))\nkey 0800010000000010${'0d'.repeat(48)}\niv ${'0e'.repeat(16)}\ndir d\nassoc 16\nlen 48\nauth 32\nsrc 0+0:64\ndst 1+0:20 0+20:44`,
  ),
};

/** What the scatterlist API says of a case and of its equal cases. */
function views(c: TextCase): Map<string, View> {
  const all = [c, ...equalCases([c], SERIES)];
  return new Map(all.map((one) => [one.id, viewOf(one, LEGACY.run(one, SERIES))]));
}

function lied(view: View): View {
  return { ...view, errno: '-5 crypt' };
}

/** Those that a model of ciphers and hashes has an answer to. */
const MODELLED = STUMBLES.filter(({ models }) => models.includes('converted'));

test.each(MODELLED.map(({ id }) => [id]))('%s', (id) => {
  const c = EXAMPLES[id];
  expect(c, 'an example of each').toBeDefined();
  const compare = (
    answers: ReadonlyMap<string, View>,
    model = CONVERTED as typeof CONVERTED | typeof LEGACY,
  ) => compareModel([c], model, { release: RELEASE, views: answers });
  const said = views(c);
  const { c: equal, by } = askedAs(c, 'converted', SERIES);
  expect(by).toEqual([id]);
  expect(said.get(equal.id)).toBeDefined();
  const honest = compare(said);
  expect(honest.findings).toEqual([]);
  expect(honest.cases).toMatchObject({ whole: 1, part: 0 });
  expect(honest.asked).toEqual({ [id]: 1 });
  const lie = (name: string) => new Map(said).set(name, lied(said.get(name) ?? {}));
  expect(compare(lie(equal.id)).cases.different).toBe(1);
  // What the kernel says of the case itself is compared with the model that stumbles alike.
  expect(compare(said, LEGACY).cases.different).toBe(0);
  expect(compare(lie('a'), LEGACY).cases.different).toBe(1);
  const silent = new Map(said);
  silent.delete(equal.id);
  expect(compare(silent).left).toEqual({ 'its equal case was not put': 1 });
});

test('the equal case holds the same bytes, and the case itself stumbles', () => {
  const c = EXAMPLES['without-empty-entries'];
  const said = views(c);
  expect(said.get('a')?.digest).not.toBe(said.get('a~e')?.digest);
  expect(askedAs(c, 'legacy', SERIES)).toEqual({ c, by: [] });
  expect(askedAs(EXAMPLES['without-lost-entry'], 'converted', [7, 2]).by).toEqual([]);
});

test('from 7.2 on zstd is compared in one piece: the same bytes, and the same room', () => {
  const c = caseOf(
    'op acomp\nalg zstd\nwhat decompress\nlen 9\nroom 5000\npages 5\nput 30 616263\nsrc 0+28:6 0+100:0 1+0:3\ndst 2+4000:4500 0+0:500',
  );
  for (const model of ['campaign reference', 'campaign legacy', 'campaign converted']) {
    const { c: equal, by } = askedAs(c, model, [7, 2]);
    expect(by).toEqual(['in-one-piece']);
    if (equal.op !== 'acomp' || c.op !== 'acomp') throw new Error('another case');
    expect(equal.id).toBe('a~p');
    expect([equal.src.length, equal.dst?.length, equal.dst?.[0].length]).toEqual([1, 1, 5000]);
    expect(bytesOf(arenaBytes(equal), equal.src)).toEqual(bytesOf(arenaBytes(c), c.src));
    expect(parseCases(formatCase(equal), 'test')).toEqual([equal]);
    expect(askedAs(c, model, [6, 12]).by).toEqual([]);
  }
});

test('from 7.2 on a source that is copied behind a page goes to the kernel in one piece alone', () => {
  const asked = (source: string, rest = 'dst 8+0:9000') => {
    const c = caseOf(
      `op acomp\nalg lzo\nwhat compress\npages 16\nlen 4097\nroom 9000\nsrc ${source}\n${rest}`,
    );
    return [overflowsScratch(c, [7, 2]), askedAs(c, 'campaign legacy', [7, 2]).by.join()];
  };
  expect(asked('0+0:4000 2+0:97')).toEqual([true, 'in-one-piece']);
  // In its first entry, of a page, or refused for its destination before anything is copied.
  expect(asked('0+0:4097')).toEqual([false, '']);
  expect(asked('0+0:4000 2+0:97', 'dst 8+0:8999 12+0:1')).toEqual([false, '']);
  const page = caseOf(
    'op acomp\nalg lzo\nwhat compress\npages 16\nlen 4096\nroom 9000\nsrc 0+0:4000 2+0:96\ndst 8+0:9000',
  );
  expect(overflowsScratch(page, [7, 2])).toBe(false);
  expect(overflowsScratch({ ...page, length: 4097 } as TextCase, [6, 12])).toBe(false);
  // Pages of a vmalloc area are no neighbours: a list has an entry for each.
  expect(asked('0+0:4097', 'mem vmalloc 0 2\ndst 8+0:9000')).toEqual([true, 'in-one-piece']);
});

test('no example is left over', () => {
  expect(Object.keys(EXAMPLES).sort()).toEqual(MODELLED.map(({ id }) => id).sort());
});

test('a queue that is refused is that of cryptd over an hmac template, from 7.2 on', () => {
  const c = caseOf('op hash\nalg hmac(rmd160)\nkey aa\nlen 16\nasync\nsrc 0+0:16');
  expect(isUnqueued(c, { errno: '-17 alloc' }, [7, 2])).toBe(true);
  expect(isUnqueued(c, { errno: '-17 alloc' }, [6, 12])).toBe(false);
  expect(isUnqueued(c, { errno: '-22 alloc' }, [7, 2])).toBe(false);
  expect(isUnqueued({ ...c, async: false } as TextCase, { errno: '-17 alloc' }, [7, 2])).toBe(
    false,
  );
});
