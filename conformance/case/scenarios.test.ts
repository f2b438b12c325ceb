/**
 * Goal: each scenario is what its caller hands out, runs on every side without a finding, and is a case that
 * a bug can be seen in.
 * Method: a table of what each caller's lists look like, over cases of every algorithm of the scenario;
 * the judge over both APIs and over one with a wrong last byte.
 */
import { expect, test } from 'vitest';
import { Canary, spoilLast } from '../campaign/canary.ts';
import { Harness } from '../campaign/harness.ts';
import { allSides, bothSides } from '../subjects/sides.ts';
import { bytesLength, type Case, type Segment } from './case.ts';
import { checkCase } from './check.ts';
import { CaseGenerator, drawnAlgorithms } from './generate.ts';
import { parseCase } from './parse.ts';
import { CampaignCases, SCENARIOS } from './scenarios.ts';

const SEED = 11;
/** Each scenario has cases of each of its algorithms in them. */
const CASES: readonly { c: Case; scenario: string }[] = SCENARIOS.flatMap(({ name, algs }) =>
  algs.flatMap((alg) => {
    const cases = new CampaignCases([alg]);
    const all = Array.from({ length: 112 }, (_, i) => cases.at(SEED, i));
    return all.filter(({ scenario }) => scenario === name);
  }),
);

const of = (name: string): Case[] =>
  CASES.filter(({ scenario }) => scenario === name).map(({ c }) => c);

const lens = (segments: readonly Segment[]): number[] => segments.map(({ len }) => len);
const all = ({ layout }: Case): readonly Segment[] => [...layout.src, ...layout.dst];
/** Numbers of the segments that are the source's. */
const shared = (segments: readonly Segment[]): number[] =>
  segments.flatMap(({ shares }, i) => (shares === 'source' ? [i] : []));
const isOne = ({ layout: { src } }: Case): boolean => src.length === 1;
const packet = ({ layout: { src } }: Case): boolean => src.length <= 20 && src[0].kind === 'slab';
const inPlace = ({ layout }: Case): boolean => layout.inplace === 'same';
const apart = ({ layout }: Case): boolean => layout.inplace === 'no';
const adIs =
  (...sizes: readonly number[]) =>
  ({ ad }: Case): boolean =>
    sizes.includes(bytesLength(ad));

/** What must hold for every case of a scenario. */
const SHAPES: Readonly<Record<string, readonly ((c: Case) => boolean)[]>> = {
  'dm-crypt': [
    isOne,
    ({ context }) => context.backlog && !context.sleep,
    ({ layout: { src } }) => src[0].offset % 512 === 0 && src[0].offset + src[0].len <= 4096,
    ({ op, layout }) => layout.inplace === (op === 'encrypt' ? 'no' : 'twin'),
  ],
  'dm-crypt integrity': [
    ({ layout: { src }, iv, authsize }) =>
      `${lens(src)}` === `${[8, bytesLength(iv), src[2].len, authsize]}`,
    ({ op, layout }) => layout.inplace === (op === 'encrypt' ? 'no' : 'twin'),
    ({ op, layout }) => op === 'decrypt' || `${shared(layout.dst)}` === '0,1,3',
  ],
  'fscrypt contents': [isOne, (c) => bytesLength(c.text) % 16 === 0 && bytesLength(c.text) <= 4096],
  'fscrypt names': [
    isOne,
    (c) => bytesLength(c.text) >= 16 && bytesLength(c.text) <= 255,
    ({ op, layout }) => layout.inplace === (op === 'encrypt' ? 'same' : 'no'),
  ],
  'blk-crypto fallback': [
    isOne,
    ({ layout: { src } }) => src[0].offset % src[0].len === 0,
    ({ program }) => program?.requests.every(({ reuse }) => reuse) ?? true,
  ],
  zswap: [
    apart,
    ({ op, text }) => op === 'decompress' || bytesLength(text) === 4096,
    ({ room, op, layout: { dst } }) =>
      room === 4096 && `${lens(dst)}` === `${op === 'compress' ? 8192 : 4096}`,
  ],
  'ccp, the first entry alone is shared': [
    apart,
    ({ layout: { src, dst } }) => `${shared(dst)}` === '0' && src[0].len === dst[0].len,
    ({ layout: { dst } }) => dst.length > 1,
  ],
  'esp, linear': [isOne, inPlace, ({ context, op }) => context.atomic && op === 'encrypt'],
  'esp, page frags': [
    apart,
    ({ layout }) => layout.dst.length === 2 && layout.src.length > 1,
    ({ layout: { src, dst } }) => `${shared(dst)}` === '0' && src[0].len === dst[0].len,
  ],
  'esp, input': [packet, inPlace, ({ op }) => op === 'decrypt'],
  'esp, extended sequence numbers': [packet, ({ alg }) => alg.startsWith('authencesn')],
  ah: [packet, ({ op, context }) => op === 'digest' && context.atomic],
  'macsec, authentication only': [packet, inPlace, ({ text }) => bytesLength(text) === 0],
  'macsec, encryption': [packet, inPlace, adIs(20, 28)],
  tipc: [packet, adIs(16, 28), ({ text }) => bytesLength(text) % 4 === 0],
  wireguard: [inPlace, adIs(0), ({ layout, async }) => layout.src.length <= 25 && !async],
  mac80211: [
    inPlace,
    adIs(22, 24, 28, 30),
    ({ layout, async }) => layout.src.length === 3 && !async,
  ],
  'tls, send': [
    apart,
    adIs(5, 13),
    ({ layout, ad }) => layout.chain > 0 && layout.src[0].len === bytesLength(ad),
    ({ layout, ad }) => shared(layout.dst)[0] === 0 && layout.dst[0].len === bytesLength(ad),
  ],
  'tls, device fallback': [
    apart,
    adIs(13),
    ({ layout: { dst }, async }) => `${shared(dst)}` === '0' && dst.length === 3 && !async,
  ],
  'tls, receive': [
    apart,
    adIs(5, 13),
    ({ layout: { dst } }) => dst.slice(1, -1).every(({ kind }) => kind === 'user'),
  ],
  'mac80211, gmac': [
    inPlace,
    ({ text, ad }) => bytesLength(text) === 0 && bytesLength(ad) > 50,
    ({ layout: { src } }) => [1, 2].includes(src.filter(({ shares }) => shares === 'zero').length),
    ({ layout, async }) => lens(layout.src).at(-1) === 16 && !async,
  ],
  smb3: [inPlace, adIs(32), ({ layout: { src } }) => src[0].len === 32 && src.length > 2],
  krb5: [
    ({ layout: { src } }) => src.length <= 4,
    ({ op, layout }) => layout.inplace === (op === 'encrypt' ? 'no' : 'same'),
    ({ op, layout: { dst } }) =>
      op === 'decrypt' ||
      shared(dst).length === Math.min(dst.length, 2) - (dst.length === 1 ? 1 : 0),
  ],
  rxkad: [inPlace, ({ layout: { src } }) => src[0].len === 8],
  ceph: [apart, adIs(0), ({ text }) => bytesLength(text) % 16 === 0],
  'af_alg, aead': [apart, ({ layout: { dst } }) => dst.every(({ kind }) => kind === 'user')],
  'af_alg, cipher': [apart, ({ layout: { dst } }) => dst.every(({ kind }) => kind === 'user')],
  'digest of a command': [({ hash }) => hash.final === 'final' && hash.updates.length > 0],
};

test.each(SCENARIOS)('$name hands out what its caller hands out', ({ name, algs }) => {
  const cases = of(name);
  expect(new Set(cases.map(({ alg }) => alg))).toEqual(new Set(algs));
  expect(algs.filter((alg) => !drawnAlgorithms().includes(alg))).toEqual([]);
  const shapes = SHAPES[name] ?? [];
  expect(shapes.length).toBeGreaterThan(0);
  for (const c of cases) {
    expect(parseCase(JSON.parse(JSON.stringify(c)), name)).toEqual(c);
    checkCase(c, name);
    for (const [i, holds] of shapes.entries()) {
      expect(holds(c), `${name}, ${i}: ${JSON.stringify(c)}`).toBe(true);
    }
    expect(all(c).every(({ len }) => len >= 0)).toBe(true);
  }
});

test('every side runs every scenario without a finding, and a wrong last byte is seen in each', () => {
  const sound = new Harness(allSides);
  const spoiled = new Harness((machine) => {
    const [legacy, converted] = bothSides(machine);
    return [legacy, new Canary(converted, spoilLast)];
  });
  for (const { name, algs } of SCENARIOS) {
    const cases = of(name).filter(
      (_, i, { length }) => i % Math.ceil(length / (2 * algs.length)) === 0,
    );
    expect(cases.length, name).toBeGreaterThan(1);
    for (const c of cases) expect(sound.judge(c), JSON.stringify(c)).toEqual([]);
    const seen = cases.filter((c) => spoiled.judge(c).some(({ check }) => check === 'OUT'));
    expect(seen.length, name).toBeGreaterThan(0);
  }
});

test('three of four rounds are random cases, and a case does not depend on those before', () => {
  const algs = ['gcm(aes)', 'kw(aes)'];
  const cases = new CampaignCases(algs);
  const drawn = Array.from({ length: 32 }, (_, i) => cases.at(SEED, i));
  expect(drawn.filter(({ scenario }) => scenario !== '').map(({ c }) => c.alg)).toEqual(
    Array.from({ length: 4 }, () => 'gcm(aes)'),
  );
  for (const i of [31, 6, 0]) expect(new CampaignCases(algs).at(SEED, i)).toEqual(drawn[i]);
});

test('public keys come in every fourth round, one case after the other; other cases stay what they are', () => {
  const generator = new CaseGenerator();
  const { algs } = generator;
  const campaign = new CampaignCases(algs);
  const places = [...algs.keys()];
  const isKey = ({ kind }: Case): boolean => kind === 'akcipher' || kind === 'kpp';
  const keys = places.filter((place) => isKey(generator.at(SEED, place)));
  expect(keys.length).toBeGreaterThan(10);
  const seeds: number[] = [];
  const standIns: Case[] = [];
  for (let index = 0; index < 9 * algs.length; index++) {
    const [round, place] = [Math.floor(index / algs.length), index % algs.length];
    const { c, scenario } = campaign.at(SEED, index);
    seeds.push(c.seed);
    if (keys.includes(place) && round % 4 > 0) standIns.push(c);
    else if (keys.includes(place)) {
      expect(c).toEqual(generator.at(SEED, (round / 4) * algs.length + place));
    } else if (scenario === '') expect(c).toEqual(generator.at(SEED, index));
  }
  expect(standIns.filter(isKey)).toEqual([]);
  expect(new Set(standIns.map(({ alg }) => alg)).size).toBeGreaterThan(keys.length);
  // Nor is any case drawn twice.
  expect(new Set(seeds).size).toBe(seeds.length);
});

test('who asks for public keys gets them in every round', () => {
  const campaign = new CampaignCases(['rsa', 'ecb(aes)']);
  const algs = Array.from({ length: 8 }, (_, i) => campaign.at(SEED, i).c.alg);
  expect(algs.filter((alg) => alg === 'rsa')).toHaveLength(4);
});
