/**
 * Goal: what later kernels answer otherwise is said exactly, and by no kernel before them.
 * Method: an answer of the model of 6.1, as each release would give it.
 */
import { getDiffieHellman } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Series } from '../models/model.ts';
import type { TextCase } from '../text/case.ts';
import { parseCases } from '../text/parse.ts';
import type { View } from './contract.ts';
import { shortHash } from './hash.ts';
import { RELEASE_CHANGES } from './releases.ts';
import { asRelease } from './rules.ts';

const SERIES: readonly Series[] = [
  [6, 1],
  [6, 12],
  [7, 2],
  [7, 3],
];

function caseOf(lines: string): TextCase {
  return parseCases(`case a\n${lines}\nend\n`, 'test')[0];
}

function saidBy(view: View, c: TextCase): readonly View[] {
  return SERIES.map(
    (series) => asRelease(view, c, { name: 'campaign reference', series }, RELEASE_CHANGES).view,
  );
}

function little(value: number, size: number): string {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntLE(value, 0, size);
  return bytes.toString('hex');
}

/** A request for the secret that is shared with the owner of a public key. */
function agreement(algorithm: string, key: string, peer: string, room: number): TextCase {
  const length = peer.length / 2;
  const [pages, put] = [`pages 8`, length === 0 ? '' : `\nput 0 ${peer}`];
  return caseOf(
    `op kpp\n${pages}${put}\nalg ${algorithm}\nwhat agree\nkey ${key}\nlen ${length}\nroom ${room}\nsrc 0+0:${length}\ndst 4+0:${room}`,
  );
}

test('from 6.12 on a public key of dh that is out of range is raised to the secret', () => {
  const [p, x] = [getDiffieHellman('modp5').getPrime('hex'), '0123456789ab'];
  const secret = `0100${little(16 + 6 + 192 + 1, 2)}${little(6, 4)}${little(192, 4)}${little(1, 4)}${x}${p}02`;
  // The generator is 2: of p + 2 comes what of 2 does, the public key of x.
  const above = (BigInt(`0x${p}`) + 2n).toString(16);
  let expected = 1n;
  for (const bit of BigInt(`0x${x}`).toString(2))
    expected = (expected * expected * (bit === '1' ? 2n : 1n)) % BigInt(`0x${p}`);
  const [before, ...later] = saidBy(
    { errno: '-22 crypt', length: '192' },
    agreement('dh', secret, above, 192),
  );
  expect(before.errno).toBe('-22 crypt');
  const output = shortHash(expected.toString(16).padStart(384, '0'));
  for (const view of later) expect(view).toEqual({ errno: '0', length: '192', output });
  const small = saidBy({ errno: '-22 crypt', length: '8' }, agreement('dh', secret, above, 8));
  expect(small.map(({ errno }) => errno)).toEqual(['-22 crypt', ...Array(3).fill('-75 crypt')]);
});

test('of 0 comes 0 in a group of RFC 7919, whatever the secret is; a refused secret stays refused', () => {
  const madeUp = `0100${little(16, 2)}${little(0, 4).repeat(3)}`;
  const [, ...later] = saidBy(
    { errno: '-22 crypt', length: '256' },
    agreement('ffdhe2048(dh)', madeUp, '00', 256),
  );
  for (const { errno, output } of later)
    expect([errno, output]).toEqual(['0', shortHash('00'.repeat(256))]);
  const refused = saidBy({ errno: '-22 crypt' }, agreement('dh', '0100', '00', 192));
  expect(refused.map(({ errno }) => errno)).toEqual(Array(4).fill('-22 crypt'));
});

test.each(['', 'next now 0\nlen 16\nsrc 0+64:16'])(
  'from 7.2 on XCBC takes keys of 16 bytes only: %j',
  (further) => {
    const ofKey = (bytes: number): readonly View[] => {
      const one = `op hash\nalg xcbc(aes)\nkey ${'0b'.repeat(bytes)}\nlen 16\nsrc 0+0:16`;
      return saidBy({ errno: '0' }, caseOf(`${one}\n${further}`.trim()));
    };
    expect(ofKey(16).map(({ errno }) => errno)).toEqual(['0', '0', '0', '0']);
    expect(ofKey(24).map(({ errno }) => errno)).toEqual(['0', '0', '-22 setkey', '-22 setkey']);
  },
);
