/**
 * Goal: templates work whatever their children are, and operations of one tfm may overlap.
 * Method: one key, many messages; synchronous and asynchronous children against each other, two and
 * more operations of one tfm at once in every order that the seed draws.
 */
import { expect, test } from 'vitest';
import { must } from '../src/machine/access.ts';
import { linearToPhys } from '../src/machine/address.ts';
import { Machine } from '../src/machine/machine.ts';
import { fillSeeded } from '../src/prng.ts';
import {
  type AeadRequest,
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  aeadRequestSetTag,
  type CryptoAead,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
} from './aead.ts';
import { cryptoApiInit } from './init.ts';
import { ITER_DEST, ITER_SOURCE, iovIterKvec, type Kvec } from './iter/iov-iter.ts';

const EINPROGRESS = -115;
const SYNC = 'authenc(hmac(sha256-generic),cbc(aes-generic))';
const ASYNC = 'authenc(cryptd(hmac(sha256-generic)),cryptd(cbc(aes-generic)))';
const TAG = 32;
const KEY = Uint8Array.from([8, 0, 1, 0, 0, 0, 0, 16, ...new Uint8Array(48).fill(7)]);

class Bench {
  readonly machine: Machine;
  readonly tfm: CryptoAead;
  private readonly objects: Kvec['base'][] = [];

  constructor(driver: string, seed: number) {
    this.machine = new Machine({ memory: 1 << 22, seed });
    const tfm = cryptoAllocAead(cryptoApiInit(this.machine), driver, 0, 0);
    if (typeof tfm === 'number') throw new Error(`allocation: ${tfm}`);
    this.tfm = tfm;
    expect(cryptoAeadSetkey(tfm, KEY)).toBe(0);
  }

  /** Two segments that hold `bytes`. */
  place(bytes: Uint8Array): Kvec[] {
    const cut = bytes.length >> 1;
    return [bytes.subarray(0, cut), bytes.subarray(cut)]
      .filter(({ length }) => length > 0)
      .map((part) => {
        const base = must(this.machine.slab.kmalloc(part.length, 'test'));
        this.machine.store(linearToPhys(base), part);
        this.objects.push(base);
        return { base, len: part.length };
      });
  }

  read(segs: readonly Kvec[]): Uint8Array {
    return Buffer.concat(
      segs.map(({ base, len }) => this.machine.load(linearToPhys(base), len).slice()),
    );
  }

  close(): void {
    cryptoFreeAead(this.tfm);
    for (const base of this.objects) this.machine.slab.kfree(base);
    expect(this.machine.ledger.holdings().filter(({ kind }) => kind !== 'tfm')).toEqual([]);
  }
}

/** One message in place, and its request. */
class Message {
  readonly text: Kvec[];
  readonly tag: Kvec[];
  readonly req: AeadRequest;
  readonly done: number[] = [];
  private readonly bench: Bench;

  constructor(bench: Bench, seed: number, blocks: number) {
    this.bench = bench;
    const { machine, tfm } = bench;
    const plain = new Uint8Array(16 * blocks);
    fillSeeded(plain, seed);
    this.text = bench.place(plain);
    this.tag = bench.place(new Uint8Array(TAG));
    const ad = bench.place(Uint8Array.of(1, 2, 3, seed));
    this.req = must(aeadRequestAlloc(tfm));
    const len = plain.length;
    const source = iovIterKvec(machine, ITER_SOURCE, this.text, this.text.length, len);
    const dest = iovIterKvec(machine, ITER_DEST, this.text, this.text.length, len);
    aeadRequestSetCallback(this.req, 0, (_data, err) => this.done.push(err), null);
    aeadRequestSetAd(this.req, iovIterKvec(machine, ITER_SOURCE, ad, ad.length, 4), 4);
    aeadRequestSetCrypt(this.req, source, dest, len, new Uint8Array(16).fill(seed));
  }

  seal(): number {
    const { machine } = this.bench;
    aeadRequestSetTag(this.req, iovIterKvec(machine, ITER_DEST, this.tag, this.tag.length, TAG));
    return cryptoAeadEncrypt(this.req);
  }

  bytes(): Uint8Array {
    return Buffer.concat([this.bench.read(this.text), this.bench.read(this.tag)]);
  }
}

test('an asynchronous child gives what a synchronous one gives, through one more completion', () => {
  const [sync, later] = [SYNC, ASYNC].map((driver) => {
    const bench = new Bench(driver, 1);
    const message = new Message(bench, 9, 5);
    const ret = message.seal();
    expect(message.done).toEqual([]);
    bench.machine.scheduler.drain();
    const result = { ret, done: message.done, bytes: message.bytes() };
    aeadRequestFree(message.req);
    bench.close();
    return result;
  });
  expect([sync.ret, later.ret]).toEqual([0, EINPROGRESS]);
  expect([sync.done, later.done]).toEqual([[], [0]]);
  expect(later.bytes).toEqual(sync.bytes);
});

test('operations of one tfm overlap, whatever the order of their steps', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const alone = new Bench(SYNC, seed);
    const bench = new Bench(ASYNC, seed);
    const sizes = [1, 300, 2, 40, 7];
    const expected = sizes.map((blocks, i) => {
      const message = new Message(alone, i, blocks);
      expect(message.seal()).toBe(0);
      aeadRequestFree(message.req);
      return message.bytes();
    });
    const messages = sizes.map((blocks, i) => new Message(bench, i, blocks));
    for (const message of messages) expect(message.seal()).toBe(EINPROGRESS);
    expect(bench.tfm.inFlight).toBe(sizes.length);
    expect(() => cryptoAeadSetkey(bench.tfm, KEY)).toThrow('in flight');
    expect(() => messages[0].seal()).toThrow('in flight');
    expect(() => aeadRequestFree(messages[0].req)).toThrow('in flight');
    bench.machine.scheduler.drain();
    expect(bench.tfm.inFlight).toBe(0);
    messages.forEach((message, i) => {
      expect(message.done).toEqual([0]);
      expect(message.bytes()).toEqual(expected[i]);
      aeadRequestFree(message.req);
    });
    alone.close();
    bench.close();
  }
});

test('a request is used again, in the other direction, while others are in flight', () => {
  const bench = new Bench(ASYNC, 3);
  const first = new Message(bench, 1, 4);
  const other = new Message(bench, 2, 90);
  const before = bench.read(first.text);
  expect(first.seal()).toBe(EINPROGRESS);
  bench.machine.scheduler.drain();
  expect(other.seal()).toBe(EINPROGRESS);
  first.req.iv?.fill(1);
  aeadRequestSetTag(
    first.req,
    iovIterKvec(bench.machine, ITER_SOURCE, first.tag, first.tag.length, TAG),
  );
  expect(cryptoAeadDecrypt(first.req)).toBe(EINPROGRESS);
  bench.machine.scheduler.drain();
  expect([first.done, other.done]).toEqual([[0, 0], [0]]);
  expect(bench.read(first.text)).toEqual(before);
  aeadRequestFree(first.req);
  aeadRequestFree(other.req);
  bench.close();
});

test('without memory for its own bytes there is no request', () => {
  const bench = new Bench(SYNC, 1);
  const gcm = cryptoAllocAead(bench.tfm.api, 'gcm_base(ctr(aes-generic),ghash-generic)', 0, 0);
  if (typeof gcm === 'number') throw new Error(`allocation: ${gcm}`);
  bench.machine.faults.arm([{ point: 'kmalloc', nth: 1 }]);
  expect(aeadRequestAlloc(gcm)).toBe(null);
  bench.machine.faults.arm([]);
  cryptoFreeAead(gcm);
  bench.close();
});
