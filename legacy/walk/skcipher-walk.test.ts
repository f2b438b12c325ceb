/**
 * Goal: what the recordings of a kernel do not show of the walk: allocation and its failures, the
 * copied IV, early ends, the AEAD starts, the asynchronous form.
 * Method: one hand-made situation per test, with injected faults and the ledger.
 */
import { expect, test } from 'vitest';
import {
  CRYPTO_ALG_TESTED,
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_ALG_TYPE_SKCIPHER,
  CRYPTO_TFM_REQ_MAY_SLEEP,
} from '../../src/crypto/algorithm.ts';
import { EBADMSG, EDEADLK, EINVAL, ENOMEM } from '../../src/errno.ts';
import { must } from '../../src/machine/access.ts';
import { pageToVirt } from '../../src/machine/address.ts';
import { Machine } from '../../src/machine/machine.ts';
import { physAddr, type VirtAddr } from '../../src/units.ts';
import {
  AeadRequest,
  aeadRequestSetAd,
  aeadRequestSetCrypt,
  cryptoRegisterAead,
  cryptoSpawnAead,
} from '../aead.ts';
import { cryptoApiInit } from '../init.ts';
import {
  cryptoRegisterSkcipher,
  cryptoSpawnSkcipher,
  type SkcipherAlg,
  SkcipherRequest,
  skcipherRequestSetCrypt,
} from '../skcipher.ts';
import { bytesAt, listOf, pattern, type Run } from '../testing.ts';
import {
  SkcipherWalk,
  skcipherWalkAeadDecrypt,
  skcipherWalkAeadEncrypt,
  skcipherWalkAsync,
  skcipherWalkComplete,
  skcipherWalkDone,
  skcipherWalkVirt,
} from './skcipher-walk.ts';

interface World {
  readonly machine: Machine;
  readonly at: VirtAddr;
  readonly walk: SkcipherWalk;
  readonly steps: string[];
  readonly req: (
    src: readonly Run[],
    dst: readonly Run[] | null,
    len: number,
    iv?: Uint8Array,
  ) => SkcipherRequest;
}

/** Two contiguous pages of pattern, and an algorithm of 16-byte blocks. */
function world(sizes: Partial<SkcipherAlg> = {}): World {
  const machine = new Machine({ seed: 9 });
  const api = cryptoApiInit(machine);
  const alg: SkcipherAlg = {
    kind: 'skcipher',
    name: 'test',
    driverName: 'test',
    priority: 1,
    flags: CRYPTO_ALG_TYPE_SKCIPHER | CRYPTO_ALG_TESTED,
    blocksize: 16,
    alignmask: 0,
    ivsize: 16,
    chunksize: 16,
    walksize: 16,
    minKeysize: 0,
    maxKeysize: 0,
    init: () => ({}),
    setkey: () => 0,
    encrypt: () => 0,
    decrypt: () => 0,
    ...sizes,
  };
  expect(cryptoRegisterSkcipher(api, alg)).toBe(0);
  const tfm = cryptoSpawnSkcipher(api, alg);
  if (typeof tfm === 'number') throw new Error('spawn');
  const page = must(machine.allocPages(2, 'test'));
  const at = pageToVirt(page);
  machine.store(physAddr(page * 4096), pattern(4 * 4096));
  const steps: string[] = [];
  const recorder = {
    step: (n: number, kind: string, rest: number) => {
      steps.push(`${kind}${n}${rest === 0 ? '' : `(${rest})`}`);
    },
  };
  return {
    machine,
    at,
    walk: new SkcipherWalk(machine, recorder),
    steps,
    req: (src, dst, len, iv = new Uint8Array(16)) => {
      const req = new SkcipherRequest(tfm);
      const from = listOf(machine, src);
      skcipherRequestSetCrypt(req, from, dst === null ? from : listOf(machine, dst), len, iv);
      return req;
    },
  };
}

/** Adds 1 to every byte of each step. */
function runAll(w: World, started: number, blocksize = 16): number {
  let err = started;
  while (w.walk.nbytes > 0) {
    const rest = w.walk.nbytes % blocksize;
    const bytes = w.machine.load(w.walk.src, w.walk.nbytes - rest).map((byte) => byte + 1);
    w.machine.store(w.walk.dst, bytes);
    w.walk.iv[0]++;
    err = skcipherWalkDone(w.walk, rest);
  }
  return err;
}

function held(machine: Machine): number {
  return machine.ledger.count('slab') + machine.ledger.count('page') - 1;
}

test('a slow step without memory ends the walk with -ENOMEM and nothing written', () => {
  const w = world();
  const req = w.req(
    [
      [w.at, 8],
      [w.at + 8, 24],
    ],
    null,
    32,
  );
  w.machine.faults.arm([{ point: 'kmalloc', nth: 1 }]);
  expect(skcipherWalkVirt(w.walk, req, false)).toBe(-ENOMEM);
  expect([w.walk.nbytes, w.walk.total]).toEqual([0, 32]);
  expect(bytesAt(w.machine, w.at, 32)).toEqual(pattern(32));
  expect(held(w.machine)).toBe(0);
});

test('a copied step without a page becomes a slow one', () => {
  const w = world({ alignmask: 15 });
  const req = w.req([[w.at + 1, 48]], null, 48);
  w.machine.faults.arm([{ point: 'page-alloc', nth: 1 }]);
  expect(runAll(w, skcipherWalkVirt(w.walk, req, false))).toBe(0);
  expect(w.steps).toEqual(['B16', 'C32']);
  expect(bytesAt(w.machine, w.at + 1, 48)).toEqual(
    pattern(49)
      .slice(1)
      .map((b) => b + 1),
  );
  expect(held(w.machine)).toBe(0);
});

test('the bounce page serves slow steps, and a bounce buffer is allocated once', () => {
  const w = world({ alignmask: 3 });
  const runs: Run[] = [
    [w.at + 1, 20],
    [w.at + 21, 20],
    [w.at + 41, 24],
  ];
  w.machine.faults.arm([{ point: 'kmalloc', nth: 99 }]);
  expect(runAll(w, skcipherWalkVirt(w.walk, w.req(runs, null, 64), false))).toBe(0);
  expect(w.steps).toEqual(['C20(4)', 'B16', 'B16', 'C16']);
  expect(w.machine.faults.exhausted()).toBe(false);
  expect(held(w.machine)).toBe(0);
});

test('a misaligned IV is copied and written back once, at the end, also after an error', () => {
  for (const err of [0, -EBADMSG]) {
    const w = world({ alignmask: 7 });
    const home = new Uint8Array(24).fill(5);
    const iv = home.subarray(3, 19);
    expect(skcipherWalkVirt(w.walk, w.req([[w.at, 4100]], null, 4096, iv), false)).toBe(0);
    expect(w.walk.iv).not.toBe(iv);
    w.walk.iv[0] = 77;
    expect(iv[0]).toBe(5);
    expect(skcipherWalkDone(w.walk, err)).toBe(err);
    expect(iv[0]).toBe(77);
    expect(home[2] + home[19]).toBe(10);
    expect(held(w.machine)).toBe(0);
  }
  const w = world({ alignmask: 7 });
  w.machine.faults.arm([{ point: 'kmalloc', nth: 1 }]);
  const req = w.req([[w.at, 64]], null, 64, new Uint8Array(24).subarray(1, 17));
  expect(skcipherWalkVirt(w.walk, req, false)).toBe(-ENOMEM);
  expect(w.walk.nbytes).toBe(0);
});

test('an error ends the walk: a copied step is written whole, a direct one is as the driver left it', () => {
  const w = world({ alignmask: 3 });
  expect(skcipherWalkVirt(w.walk, w.req([[w.at + 1, 64]], [[w.at + 4096, 64]], 64), false)).toBe(0);
  expect(skcipherWalkDone(w.walk, -EBADMSG)).toBe(-EBADMSG);
  expect([w.walk.nbytes, w.walk.total]).toEqual([0, 0]);
  expect(bytesAt(w.machine, w.at + 4096, 64)).toEqual(pattern(65).slice(1));
  expect(held(w.machine)).toBe(0);
});

test('bytes left in a slow step are -EINVAL and the block is not written', () => {
  const w = world();
  const req = w.req(
    [
      [w.at, 8],
      [w.at + 100, 40],
    ],
    null,
    48,
  );
  expect(skcipherWalkVirt(w.walk, req, false)).toBe(0);
  w.machine.store(w.walk.dst, new Uint8Array(16));
  expect(skcipherWalkDone(w.walk, 1)).toBe(-EINVAL);
  expect(bytesAt(w.machine, w.at, 8)).toEqual(pattern(8));
  expect(w.steps).toEqual(['B16(1)']);
});

test('a walk may sleep when the request may, and with atomic only before its first step', () => {
  for (const atomic of [false, true]) {
    const w = world();
    const req = w.req([[w.at, 4096 + 64]], null, 4096 + 64);
    req.flags = CRYPTO_TFM_REQ_MAY_SLEEP;
    expect(skcipherWalkVirt(w.walk, req, atomic)).toBe(0);
    w.machine.context.enterAtomic();
    const next = () => skcipherWalkDone(w.walk, 0);
    if (atomic) expect(next()).toBe(0);
    else expect(next).toThrow('sleeping function called from invalid context');
    w.machine.context.leaveAtomic();
  }
  const w = world();
  w.machine.context.hardirq = 1;
  expect(skcipherWalkVirt(w.walk, w.req([[w.at, 16]], null, 16), false)).toBe(-EDEADLK);
  expect(w.machine.warnings).toEqual(['WARN_ON_ONCE(in_hardirq())']);
});

test('an AEAD walk starts behind the associated data and leaves the tag out', () => {
  const machine = new Machine({ seed: 9 });
  const api = cryptoApiInit(machine);
  const alg = {
    kind: 'aead' as const,
    name: 'test',
    driverName: 'test',
    priority: 1,
    flags: CRYPTO_ALG_TYPE_AEAD | CRYPTO_ALG_TESTED,
    blocksize: 1,
    alignmask: 0,
    ivsize: 12,
    maxauthsize: 16,
    chunksize: 16,
    init: () => ({}),
    setkey: () => 0,
    encrypt: () => 0,
    decrypt: () => 0,
  };
  expect(cryptoRegisterAead(api, alg)).toBe(0);
  const tfm = cryptoSpawnAead(api, alg);
  if (typeof tfm === 'number') throw new Error('spawn');
  const page = must(machine.allocPages(0, 'test'));
  machine.store(physAddr(page * 4096), pattern(4096));
  const at = pageToVirt(page);
  const req = new AeadRequest(tfm);
  const sg = listOf(machine, [
    [at, 20],
    [at + 20, 0],
    [at + 20, 100],
  ]);
  aeadRequestSetAd(req, 20);
  aeadRequestSetCrypt(req, sg, sg, 60, new Uint8Array(12));
  const walk = new SkcipherWalk(machine, null);
  expect(skcipherWalkAeadEncrypt(walk, req, false)).toBe(0);
  // The associated data ends at an empty entry: the first block is gathered.
  expect([walk.nbytes, walk.total]).toEqual([16, 60]);
  expect(machine.load(walk.src, 16).slice()).toEqual(pattern(36).slice(20));
  expect(skcipherWalkDone(walk, 0)).toBe(0);
  expect([walk.nbytes, walk.total]).toEqual([44, 44]);
  expect(skcipherWalkDone(walk, 0)).toBe(0);
  expect(skcipherWalkAeadDecrypt(walk, req, false)).toBe(0);
  expect(walk.total).toBe(44);
  expect(skcipherWalkDone(walk, -EBADMSG)).toBe(-EBADMSG);
  aeadRequestSetCrypt(req, null, null, 16, new Uint8Array(12));
  aeadRequestSetAd(req, 0);
  expect(skcipherWalkAeadDecrypt(walk, req, false)).toBe(0);
  expect(walk.nbytes).toBe(0);
});

test('an asynchronous walk keeps bounced blocks until it is completed', () => {
  const w = world();
  const req = w.req(
    [
      [w.at, 20],
      [w.at + 20, 44],
    ],
    null,
    64,
  );
  expect(runAll(w, skcipherWalkAsync(w.walk, req))).toBe(0);
  expect(w.steps).toEqual(['I20(4)', 'B16', 'I32']);
  const done = pattern(64).map((byte) => byte + 1);
  done.set(pattern(64).slice(16, 32), 16);
  expect(bytesAt(w.machine, w.at, 64)).toEqual(done);
  expect(held(w.machine)).toBe(1);
  skcipherWalkComplete(w.walk, 0);
  expect(bytesAt(w.machine, w.at, 64)).toEqual(pattern(64).map((byte) => byte + 1));
  expect(held(w.machine)).toBe(0);
  expect(runAll(w, skcipherWalkAsync(w.walk, req))).toBe(0);
  skcipherWalkComplete(w.walk, -EBADMSG);
  expect(bytesAt(w.machine, w.at + 16, 16)).toEqual(
    pattern(32)
      .slice(16)
      .map((byte) => byte + 1),
  );
  expect(held(w.machine)).toBe(0);
});

test('an asynchronous copied step comes right at completion, and a full page is lost on error', () => {
  const w = world({ alignmask: 3 });
  const req = w.req([[w.at + 1, 64]], null, 64);
  expect(runAll(w, skcipherWalkAsync(w.walk, req))).toBe(0);
  skcipherWalkComplete(w.walk, 0);
  expect(bytesAt(w.machine, w.at + 1, 64)).toEqual(
    pattern(65)
      .slice(1)
      .map((byte) => byte + 1),
  );
  expect(held(w.machine)).toBe(0);
  const full = world({ alignmask: 3 });
  const big = full.req([[full.at + 2, 4200]], null, 4096);
  expect(skcipherWalkAsync(full.walk, big)).toBe(0);
  expect(() => skcipherWalkDone(full.walk, 14)).toThrow('memcpy from a NULL page');
  skcipherWalkComplete(full.walk, -EBADMSG);
  expect(full.machine.ledger.count('page')).toBe(2);
  const iv = world({ alignmask: 3 });
  const misaligned = iv.req([[iv.at, 64]], null, 64, new Uint8Array(20).subarray(1, 17));
  expect(() => skcipherWalkAsync(iv.walk, misaligned)).toThrow('write behind the buffer');
});
