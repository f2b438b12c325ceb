/**
 * Goal: late lowering computes the same as early lowering and sees memory bugs that early lowering
 * cannot, because the tag of a pointer lives until the access.
 * Method: the same requests under both policies; a buffer that gets a new owner while a request is in
 * flight.
 */
import { expect, test } from 'vitest';
import { BvecList, bvecEntries } from '../../src/bvec.ts';
import { EINPROGRESS } from '../../src/errno.ts';
import { must, readKernel, writeKernel } from '../../src/machine/access.ts';
import { kasanTag, linearToPhys } from '../../src/machine/address.ts';
import { Machine } from '../../src/machine/machine.ts';
import { PAGE_SIZE, type VirtAddr, virtAddr } from '../../src/units.ts';
import { cryptoApiInit } from '../init.ts';
import {
  type IovIter,
  ITER_DEST,
  ITER_SOURCE,
  iovIterBvec,
  iovIterKvec,
  type Kvec,
} from '../iter/iov-iter.ts';
import {
  cryptoAllocSkcipher,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  type SkcipherRequest,
  skcipherRequestAlloc,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from '../skcipher.ts';
import { placesOf } from './late.ts';
import { LateList, type LowerPolicy } from './list.ts';
import { iovIterLower } from './lower.ts';

const POLICIES: readonly LowerPolicy[] = ['early', 'late'];

function tagged(): Machine {
  return new Machine({ memory: 1 << 22, tags: true });
}

function slab(machine: Machine, len: number): VirtAddr {
  const at = must(machine.slab.kmalloc(len, 'test'));
  writeKernel(
    machine,
    at,
    Uint8Array.from({ length: len }, (_, i) => i),
  );
  return at;
}

function request(machine: Machine, policy: LowerPolicy, driver: string): SkcipherRequest {
  const api = cryptoApiInit(machine, { policy });
  const tfm = cryptoAllocSkcipher(api, driver, 0, 0);
  if (typeof tfm === 'number') throw new Error(`no ${driver}`);
  const xts = driver.includes('xts');
  const key = Uint8Array.from({ length: xts ? 32 : 16 }, (_, i) => i);
  expect(cryptoSkcipherSetkey(tfm, key)).toBe(0);
  return must(skcipherRequestAlloc(tfm));
}

function source(machine: Machine, kvec: readonly Kvec[], len: number): IovIter<'source'> {
  return iovIterKvec(machine, ITER_SOURCE, kvec, kvec.length, len);
}

function dest(machine: Machine, kvec: readonly Kvec[], len: number): IovIter<'dest'> {
  return iovIterKvec(machine, ITER_DEST, kvec, kvec.length, len);
}

test.each(['ctr(aes-generic)', 'cbc-aes-accel', 'xts-aes-accel', 'xts(ecb(aes-generic))'])(
  '%s gives the same bytes under both policies, over slab and vmalloc',
  (driver) => {
    const results = POLICIES.map((policy) => {
      const machine = tagged();
      const area = virtAddr(must(machine.vmalloc.alloc(2 * PAGE_SIZE, 'test')) + 4000);
      const kvec = [
        { base: slab(machine, 100), len: 100 },
        { base: area, len: 220 },
        { base: slab(machine, 16), len: 16 },
      ];
      writeKernel(machine, area, new Uint8Array(220).fill(5));
      const req = request(machine, policy, driver);
      const iv = new Uint8Array(16);
      skcipherRequestSetCrypt(req, source(machine, kvec, 336), dest(machine, kvec, 336), 336, iv);
      expect(cryptoSkcipherEncrypt(req)).toBe(0);
      return kvec.map(({ base, len }) => {
        const bytes = new Uint8Array(len);
        readKernel(machine, base, bytes);
        return Buffer.from(bytes).toString('hex');
      });
    });
    expect(results[1]).toEqual(results[0]);
  },
);

test('a late list keeps the tag; what a device gets of it has none', () => {
  const machine = tagged();
  const base = slab(machine, 64);
  const list = new LateList();
  expect(iovIterLower(list, source(machine, [{ base, len: 64 }], 64), 64)).toBe(0);
  expect(kasanTag(virtAddr(list.at[0]))).toBe(kasanTag(base));
  expect(kasanTag(base)).not.toBe(0);
  const places = new BvecList();
  placesOf(machine, places, list);
  expect(bvecEntries(places)).toEqual([{ phys: linearToPhys(base), len: 64, flags: 0 }]);
});

test('a partial overlap is refused although one side is virtual and the other physical', () => {
  for (const policy of POLICIES) {
    const machine = tagged();
    const base = slab(machine, 64);
    const req = request(machine, policy, 'ctr-aes-accel');
    const into = (skip: number): IovIter<'dest'> => {
      const bvec = [{ phys: linearToPhys(virtAddr(base + skip)), len: 32, flags: 0 }];
      return iovIterBvec(machine, ITER_DEST, bvec, 1, 32);
    };
    const from = source(machine, [{ base, len: 32 }], 32);
    skcipherRequestSetCrypt(req, from, into(8), 32, new Uint8Array(16));
    expect(cryptoSkcipherEncrypt(req)).toBe(-22);
    skcipherRequestSetCrypt(req, from, into(0), 32, new Uint8Array(16));
    expect(cryptoSkcipherEncrypt(req)).toBe(0);
  }
});

/** Frees a buffer while a request is in flight, and lets others allocate until one gets its place. */
function newOwner(policy: LowerPolicy): () => void {
  const machine = tagged();
  const base = slab(machine, 64);
  const req = request(machine, policy, 'cryptd(ctr-aes-accel)');
  skcipherRequestSetCallback(req, 0, () => undefined, null);
  const kvec = [{ base, len: 64 }];
  skcipherRequestSetCrypt(
    req,
    source(machine, kvec, 64),
    dest(machine, kvec, 64),
    64,
    new Uint8Array(16),
  );
  expect(cryptoSkcipherEncrypt(req)).toBe(-EINPROGRESS);
  machine.slab.kfree(base);
  const place = linearToPhys(base);
  for (let tries = 0; tries < 1000; tries++) {
    const other = slab(machine, 64);
    if (linearToPhys(other) === place && kasanTag(other) !== kasanTag(base)) break;
    machine.slab.kfree(other);
  }
  return () => machine.scheduler.drain();
}

test('memory with a new owner is overwritten after early lowering and reported after late lowering', () => {
  expect(newOwner('early')).not.toThrow();
  expect(newOwner('late')).toThrow(/KASAN: invalid-access/);
});
