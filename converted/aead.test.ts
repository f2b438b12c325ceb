/**
 * Goal: parts of an AEAD request that must not share bytes do not, whenever addresses become physical.
 * Method: one slab object; every pair of parts over the same bytes of it, under both policies, in both
 * directions; what is refused has written nothing.
 */
import { expect, test } from 'vitest';
import { must, readKernel, writeKernel } from '../src/machine/access.ts';
import { Machine } from '../src/machine/machine.ts';
import { type VirtAddr, virtAddr } from '../src/units.ts';
import {
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  aeadRequestSetTag,
  aeadSplit,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
} from './aead.ts';
import { cryptoApiInit } from './init.ts';
import { type Direction, type IovIter, iovIterKvec, iovIterTruncate } from './iter/iov-iter.ts';

const EBADMSG = -74;
const EINVAL = -22;
const OBJECT = 256;
const LEN = 32;
const TAG = 16;

/** Where the parts lie in the object. */
interface Places {
  readonly ad: number;
  readonly src: number;
  readonly dst: number;
  readonly tag: number;
}

const APART: Places = { ad: 0, src: 32, dst: 64, tag: 96 };

/** Parts over the same bytes, and whether an encryption and a decryption may have them so. */
const SHARED: readonly (readonly [string, Places, boolean, boolean])[] = [
  ['nothing shared', APART, true, true],
  ['text in place', { ...APART, dst: 32 }, true, true],
  ['text one byte on', { ...APART, dst: 33, tag: 160 }, false, false],
  ['destination over associated data', { ...APART, dst: 0 }, false, false],
  ['destination over a byte of associated data', { ...APART, ad: 95, tag: 160 }, false, false],
  ['destination over the tag', { ...APART, dst: 96 }, false, false],
  ['destination over the last byte of the tag', { ...APART, tag: 49 }, false, false],
  ['tag over associated data', { ...APART, tag: 16 }, false, true],
  ['tag over the source', { ...APART, tag: 48 }, false, true],
  ['source over associated data', { ...APART, src: 0 }, true, true],
];

class World {
  readonly machine: Machine;
  readonly base: VirtAddr;

  constructor() {
    this.machine = new Machine({ memory: 1 << 22, tags: true });
    this.base = must(this.machine.slab.kmalloc(OBJECT, 'test'));
    writeKernel(this.machine, this.base, new Uint8Array(OBJECT).fill(0xa5));
  }

  part<D extends Direction>(direction: D, at: number, len: number): IovIter<D> {
    const kvec = [{ base: virtAddr(this.base + at), len }];
    return iovIterKvec(this.machine, direction, kvec, 1, len);
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(OBJECT);
    readKernel(this.machine, this.base, bytes);
    return bytes;
  }
}

function run(
  policy: 'early' | 'late',
  enc: boolean,
  { ad, src, dst, tag }: Places,
): { err: number; bytes: Uint8Array } {
  const world = new World();
  const api = cryptoApiInit(world.machine, { policy });
  const tfm = cryptoAllocAead(api, 'gcm_base(ctr(aes-generic),ghash-generic)', 0, 0);
  if (typeof tfm === 'number') throw new Error(`allocation: ${tfm}`);
  expect(cryptoAeadSetkey(tfm, new Uint8Array(16).fill(7))).toBe(0);
  const req = must(aeadRequestAlloc(tfm));
  const source = world.part('source', src, LEN);
  aeadRequestSetCallback(req, 0, null, null);
  aeadRequestSetAd(req, world.part('source', ad, LEN), LEN);
  aeadRequestSetCrypt(req, source, world.part('dest', dst, LEN), LEN, new Uint8Array(12));
  aeadRequestSetTag(req, world.part(enc ? 'dest' : 'source', tag, TAG));
  const err = enc ? cryptoAeadEncrypt(req) : cryptoAeadDecrypt(req);
  aeadRequestFree(req);
  cryptoFreeAead(tfm);
  return { err, bytes: world.bytes() };
}

test.each(SHARED)('%s', (_name, places, encrypts, decrypts) => {
  for (const [enc, allowed] of [
    [true, encrypts],
    [false, decrypts],
  ] as const) {
    const [early, late] = (['early', 'late'] as const).map((policy) => run(policy, enc, places));
    expect(early.err).toBe(allowed ? (enc ? 0 : EBADMSG) : EINVAL);
    expect(late).toEqual(early);
    const untouched = early.bytes.every((byte) => byte === 0xa5);
    expect(untouched).toBe(!allowed);
  }
});

test('no call makes a negative count: what is too short to be split or truncated is stopped', () => {
  const i = new World().part('source', 0, 20);
  expect(() => aeadSplit(i, 8, 8, 16)).toThrow(/iterator with associated data, text and tag/);
  expect(() => iovIterTruncate(i, -1)).toThrow(/negative count/);
  expect(i.count).toBe(20);
  const { ad, text, tag } = aeadSplit(i, 4, 8, 8);
  expect([ad.count, text.count, tag.count]).toEqual([4, 8, 8]);
});
