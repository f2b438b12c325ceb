/**
 * Goal: the reference of compression, public keys and key agreement is right, by what others say.
 * Method: zlib and OpenSSL of node on random streams, keys and points; known answers of RFC 7748; an LZ4 block
 * written by hand, and each of its limits.
 */
import { constants, createECDH, createPrivateKey, publicEncrypt } from 'node:crypto';
import { deflateRawSync, deflateSync, inflateRawSync, inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ENOSPC } from '../../../src/errno.ts';
import { Prng } from '../../../src/prng.ts';
import { COMPRESSORS } from '../../../src/provider/compress/compressors.ts';
import { COMPRESSIONS } from '../../algorithms/compressions.ts';
import { RSA_PRIVATE_KEYS } from '../../algorithms/rsa-keys.ts';
import { materialise } from '../../case/case.ts';
import { multiply, P192, P256, P384, pointBytes, pointOf, x25519 } from './curves.ts';
import { inflateRaw, inflateZlib } from './inflate.ts';
import { unpackLz4 } from './lz4.ts';
import { bytesOf, numberOf, power, rsaKeyOf } from './powers.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

function bytes(prng: Prng, len: number): Uint8Array {
  return Uint8Array.from({ length: len }, () => prng.below(256));
}

test.each([
  ['raw', deflateRawSync, inflateRawSync, inflateRaw],
  ['with the frame of zlib', deflateSync, inflateSync, inflateZlib],
] as const)('DEFLATE %s takes and refuses what zlib takes and refuses', (_, pack, theirs, ours) => {
  const prng = new Prng(3);
  const seen = { taken: 0, refused: 0 };
  for (let i = 0; i < 600; i++) {
    const text = bytes(prng, prng.below(300)).map((byte, at, all) =>
      at > 20 && prng.oneIn(2) ? all[at - 20] : byte,
    );
    const options = { level: prng.below(10), strategy: prng.below(5), windowBits: 15 };
    let stream = Uint8Array.from(pack(text, options));
    if (prng.oneIn(2)) stream[prng.below(stream.length)] ^= 1 << prng.below(8);
    if (prng.oneIn(6)) stream = stream.subarray(0, prng.below(stream.length + 1));
    const room = prng.oneIn(4) ? prng.below(300) + 1 : 1000;
    let right: string | null;
    try {
      right = theirs(stream, { maxOutputLength: room }).toString('hex');
    } catch {
      right = null;
    }
    const found = ours(stream, room);
    expect(found === null ? null : Buffer.from(found.bytes).toString('hex')).toBe(right);
    seen[right === null ? 'refused' : 'taken']++;
  }
  expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(100);
});

test.each(COMPRESSIONS.map(({ name }) => name))(
  'what is drawn for %s is taken and refused as the driver takes and refuses it',
  (name) => {
    const row = COMPRESSIONS.find((found) => found.name === name);
    const { decompress } = COMPRESSORS[name as keyof typeof COMPRESSORS];
    const prng = new Prng(9);
    const seen = { taken: 0, refused: 0 };
    for (let i = 0; i < 200; i++) {
      const draw = row?.draw(prng, null);
      if (row === undefined || draw?.op !== 'decompress') continue;
      const text = materialise(draw.text);
      if (text.length === 0 || draw.room === 0) continue;
      const { output, result } = row.answer({
        ...draw,
        key: null,
        text,
        digest: text.subarray(0, 0),
      });
      const found = decompress(text, draw.room);
      const isLong = typeof found !== 'number' && found.length > draw.room;
      const right = isLong ? -ENOSPC : found;
      expect(result).toBe(typeof right === 'number' ? right : 0);
      expect(output).toEqual(typeof right === 'number' ? null : Uint8Array.from(right));
      seen[output === null ? 'refused' : 'taken']++;
    }
    expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(15);
  },
);

test('an LZ4 block is read, and each thing that breaks it is refused', () => {
  // Four literals, nine bytes of them again, and twelve literals at the end.
  const copied = '45616263640400';
  const tail = '55'.repeat(12);
  const block = hex(`${copied}c0${tail}`);
  const text = `61626364616263646162636461${tail}`;
  expect(Buffer.from(unpackLz4(block, 25) ?? []).toString('hex')).toBe(text);
  expect(unpackLz4(block, 24)).toBe(null);
  for (const broken of [
    // From before the beginning, from nowhere, without an end, and with too few literals at it.
    `45616263640500c0${tail}`,
    `45616263640000c0${tail}`,
    `${copied}c0${tail.slice(2)}`,
    copied,
    `${copied}4055555555`,
    '4f616263640400ff0030555555',
    '',
  ]) {
    expect(unpackLz4(hex(broken), 1000), broken).toBe(null);
  }
});

test.each([
  [P192, 'prime192v1'],
  [P256, 'prime256v1'],
  [P384, 'secp384r1'],
] as const)('points are multiplied as OpenSSL multiplies them, number %#', (curve, name) => {
  const prng = new Prng(4);
  for (let i = 0; i < 4; i++) {
    const ecdh = createECDH(name);
    const secret = bytes(prng, curve.size);
    secret[0] &= 127;
    ecdh.setPrivateKey(secret);
    const point = multiply(curve, numberOf(secret), curve.base);
    expect(Buffer.from(pointBytes(curve, point))).toEqual(ecdh.getPublicKey().subarray(1));
    const other = multiply(curve, BigInt(i + 1), curve.base);
    const peer = pointBytes(curve, other);
    const [x] = multiply(curve, numberOf(secret), other);
    const shared = ecdh.computeSecret(Uint8Array.from([4, ...peer]));
    expect(Buffer.from(bytesOf(x, curve.size) ?? [])).toEqual(shared);
    expect(pointOf(curve, peer)).toEqual(other);
    peer[i] ^= 1;
    expect(pointOf(curve, peer)).toBe(null);
  }
});

test('Curve25519 gives the answers of RFC 7748, 5.2', () => {
  for (const [scalar, u, out] of [
    [
      'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
      'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
      'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
    ],
    [
      '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
      'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
      '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957',
    ],
  ]) {
    expect(Buffer.from(x25519(hex(scalar), hex(u))).toString('hex')).toBe(out);
  }
});

test('powers under the keys of the table are those of OpenSSL, in both directions', () => {
  const prng = new Prng(5);
  for (const key of RSA_PRIVATE_KEYS) {
    const parsed = rsaKeyOf(hex(key));
    if (typeof parsed === 'number' || parsed.d === null) throw new Error('no private key');
    const { n, e, d, size } = parsed;
    const number = bytes(prng, size);
    number[0] = 0;
    const theirs = publicEncrypt(
      {
        key: createPrivateKey({ key: Buffer.from(key, 'hex'), format: 'der', type: 'pkcs1' }),
        padding: constants.RSA_NO_PADDING,
      },
      number,
    );
    const raised = power(numberOf(number), e, n);
    expect(Buffer.from(bytesOf(raised, size) ?? [])).toEqual(theirs);
    expect(power(raised, d, n)).toBe(numberOf(number));
    expect(bytesOf(raised, size - 1)).toBe(null);
  }
});
