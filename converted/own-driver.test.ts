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
  cryptoAllocSkcipher,
  cryptoApiInit,
  cryptoFreeSkcipher,
  cryptoRegisterSkcipher,
  cryptoSkcipherEncrypt,
  EINPROGRESS,
  type Errno,
  ITER_DEST,
  ITER_SOURCE,
  iovIterBvec,
  opComplete,
  type SkcipherAlg,
  type SkcipherOp,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from './index.ts';

function invert({ walk, src, dst, len }: SkcipherOp): Errno {
  const err = bvecWalkStart(walk, src, dst, len);
  if (err !== 0) return err;
  while (bvecWalkNext(walk, 1)) {
    const bytes = walk.mem.load(walk.srcAt, walk.nbytes).map((byte) => byte ^ 0xff);
    walk.mem.store(walk.dstAt, bytes);
    bvecWalkDone(walk);
  }
  return 0;
}

/** A device that does one step of a walk at a time, and keeps its scratch memory in between. */
function stepwise(machine: Machine): (op: SkcipherOp) => Errno {
  const queues = [new WorkQueue('ring 0', 'softirq'), new WorkQueue('ring 1', 'softirq')];
  let next = 0;
  return (op) => {
    const { walk } = op;
    const err = bvecWalkStart(walk, op.src, op.dst, op.len);
    if (err !== 0) return err;
    const queue = queues[next++ % queues.length];
    let running = bvecWalkNext(walk, 1);
    const step = (): void => {
      if (!running) {
        opComplete(op, 0);
        return;
      }
      const bytes = walk.mem.load(walk.srcAt, walk.nbytes).map((byte) => byte ^ 0xff);
      walk.mem.store(walk.dstAt, bytes);
      bvecWalkDone(walk);
      running = bvecWalkNext(walk, 1);
      machine.scheduler.queueWork(queue, step);
    };
    machine.scheduler.queueWork(queue, step);
    return -EINPROGRESS;
  };
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
  const later = (op: SkcipherOp): Errno => {
    api.machine.scheduler.queueWork(queue, () => opComplete(op, invert(op)));
    return -EINPROGRESS;
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
  const req = must(skcipherRequestAlloc(tfm));
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

test('operations of one tfm that keep scratch memory do not meet', () => {
  const machine = new Machine({ memory: 1 << 22 });
  const api = cryptoApiInit(machine);
  const crypt = stepwise(machine);
  expect(cryptoRegisterSkcipher(api, inverter('invert-steps', CRYPTO_ALG_ASYNC, crypt))).toBe(0);
  const tfm = cryptoAllocSkcipher(api, 'invert-steps', 0, 0);
  if (typeof tfm === 'number') throw new Error(`allocation: ${tfm}`);
  const mm = new AddressSpace(machine);
  const len = 70_000;
  const jobs = [1, 2, 3].map((value) => {
    const source = mm.mmap(len, true, true);
    const target = mm.mmap(len, true, true);
    expect(copyToUser(machine, mm, source, new Uint8Array(len).fill(value))).toBe(0);
    const lens = Array.from({ length: 70 }, () => 1000);
    const pages = (at: UserAddr): BioVec[] => split(mm, at, cutAtPages(at, lens));
    const req = must(skcipherRequestAlloc(tfm));
    const done: Errno[] = [];
    const [from, to] = [pages(source), pages(target)];
    const src = iovIterBvec(machine, ITER_SOURCE, from, from.length, len);
    const dst = iovIterBvec(machine, ITER_DEST, to, to.length, len);
    skcipherRequestSetCallback(req, 0, (_data, err) => done.push(err), null);
    skcipherRequestSetCrypt(req, src, dst, len, null);
    expect(cryptoSkcipherEncrypt(req)).toBe(-EINPROGRESS);
    return { value, target, req, done };
  });
  machine.scheduler.drain();
  for (const { value, target, req, done } of jobs) {
    const result = new Uint8Array(len);
    expect(copyFromUser(machine, mm, result, target)).toBe(0);
    expect(done).toEqual([0]);
    expect(result.every((byte) => byte === (value ^ 0xff))).toBe(true);
    skcipherRequestFree(req);
  }
  cryptoFreeSkcipher(tfm);
  expect(machine.ledger.holdings().filter(({ who }) => who === 'crypto scratch')).toEqual([]);
});

/** The lengths cut once more where a page ends. */
function cutAtPages(start: UserAddr, lens: readonly number[]): number[] {
  const out: number[] = [];
  let at: number = start;
  for (const len of lens) {
    const room = 4096 - (at % 4096);
    out.push(...(len > room ? [room, len - room] : [len]));
    at += len;
  }
  return out;
}
