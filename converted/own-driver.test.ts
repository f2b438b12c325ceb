/**
 * Goal: the exports are enough to write a driver, synchronous or asynchronous.
 * Method: two drivers that invert bytes, built from the public modules only; every split of a short
 * text, on both sides, against the text inverted.
 */
import { expect, test } from 'vitest';
import {
  AddressSpace,
  copyFromUser,
  copyToUser,
  Machine,
  must,
  type UserAddr,
  userAddr,
  WorkQueue,
} from '../src/machine/index.ts';
import {
  type BioVec,
  bvecWalkDone,
  bvecWalkNext,
  bvecWalkStart,
  CRYPTO_ALG_ASYNC,
  CRYPTO_ALG_TYPE_SKCIPHER,
  type CryptoApi,
  type CryptoSkcipher,
  cryptoAllocSkcipher,
  cryptoApiInit,
  cryptoFreeSkcipher,
  cryptoRegisterSkcipher,
  cryptoRequestAccepted,
  cryptoSkcipherEncrypt,
  EINPROGRESS,
  type Errno,
  ITER_DEST,
  ITER_SOURCE,
  iovIterBvec,
  type SkcipherAlg,
  type SkcipherRequest,
  skcipherRequestAlloc,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
  tfmComplete,
} from './index.ts';

function invert(req: SkcipherRequest, tfm: CryptoSkcipher<object>): Errno {
  const { walk } = tfm;
  const err = bvecWalkStart(walk, req.srcList, req.dstList, req.cryptlen);
  if (err !== 0) return err;
  while (bvecWalkNext(walk, 1)) {
    const bytes = walk.mem.load(walk.srcAt, walk.nbytes).map((byte) => byte ^ 0xff);
    walk.mem.store(walk.dstAt, bytes);
    bvecWalkDone(walk);
  }
  return 0;
}

function inverter(driverName: string, flags: number, crypt: typeof invert): SkcipherAlg<object> {
  return {
    kind: 'skcipher',
    name: 'invert',
    driverName,
    priority: 1,
    flags: CRYPTO_ALG_TYPE_SKCIPHER | flags,
    blocksize: 1,
    alignmask: 0,
    minKeysize: 0,
    maxKeysize: 0,
    ivsize: 0,
    chunksize: 1,
    walksize: 1,
    init: () => ({}),
    exit: () => undefined,
    setkey: () => 0,
    encrypt: crypt,
    decrypt: crypt,
  };
}

function setup(): CryptoApi {
  const api = cryptoApiInit(new Machine({ memory: 1 << 22 }));
  const queue = new WorkQueue('invert', 'softirq');
  const later = (req: SkcipherRequest, tfm: CryptoSkcipher<object>): Errno => {
    tfm.inFlight++;
    api.machine.scheduler.queueWork(queue, () => tfmComplete(tfm, req, invert(req, tfm)));
    return cryptoRequestAccepted(req, -EINPROGRESS);
  };
  expect(cryptoRegisterSkcipher(api, inverter('invert-now', 0, invert))).toBe(0);
  expect(cryptoRegisterSkcipher(api, inverter('invert-later', CRYPTO_ALG_ASYNC, later))).toBe(0);
  return api;
}

function split(mm: AddressSpace, at: UserAddr, lens: readonly number[]): BioVec[] {
  let next: number = at;
  return lens.map((len) => {
    const phys = must(mm.translate(userAddr(next), true, false));
    next += len;
    return { phys, len, flags: 0 };
  });
}

/** @returns what was written, and every result that the callback was given. */
function run(name: string, from: readonly number[], to: readonly number[]): [Uint8Array, Errno[]] {
  const api = setup();
  const { machine } = api;
  const mm = new AddressSpace(machine);
  const len = from.reduce((sum, part) => sum + part, 0);
  const source = mm.mmap(len, true, true);
  const target = mm.mmap(len, true, true);
  expect(
    copyToUser(
      machine,
      mm,
      source,
      new Uint8Array(len).map((_, i) => i),
    ),
  ).toBe(0);
  const tfm = cryptoAllocSkcipher(api, name, 0, 0);
  if (typeof tfm === 'number') throw new Error(`allocation: ${tfm}`);
  const req = skcipherRequestAlloc(tfm);
  const done: Errno[] = [];
  const src = iovIterBvec(machine, ITER_SOURCE, split(mm, source, from), from.length, len);
  const dst = iovIterBvec(machine, ITER_DEST, split(mm, target, to), to.length, len);
  skcipherRequestSetCallback(req, 0, (_data, err) => done.push(err), null);
  skcipherRequestSetCrypt(req, src, dst, len, null);
  const err = cryptoSkcipherEncrypt(req);
  expect(err).toBe(name === 'invert-later' ? -EINPROGRESS : 0);
  expect(done).toEqual([]);
  machine.scheduler.drain();
  const result = new Uint8Array(len);
  expect(copyFromUser(machine, mm, result, target)).toBe(0);
  cryptoFreeSkcipher(tfm);
  return [result, done];
}

const SPLITS: readonly (readonly number[])[] = [[12], [1, 11], [5, 7], [3, 4, 5], [4, 4, 4]];

for (const name of ['invert-now', 'invert-later']) {
  test(`${name} works whatever the splits of source and destination`, () => {
    const expected = Uint8Array.from({ length: 12 }, (_, i) => i ^ 0xff);
    for (const from of SPLITS) {
      for (const to of SPLITS) {
        const [result, done] = run(name, from, to);
        expect(result).toEqual(expected);
        expect(done).toEqual(name === 'invert-later' ? [0] : []);
      }
    }
  });
}
