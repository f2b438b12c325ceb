/**
 * Goal: what is said of cryptd's name, flags and priority and of the queue in front of hardware holds on both
 * sides, as far as it is modelled.
 * Method: one test for each statement that no other file of this folder has.
 */
import { describe, expect, test } from 'vitest';
import { cryptoApiInit } from '../../converted/init.ts';
import { cryptoApiInit as legacyInit } from '../../legacy/init.ts';
import {
  CRYPTO_ALG_ASYNC,
  CRYPTO_ALG_INSTANCE,
  CRYPTO_ALG_TESTED,
  CRYPTO_ALG_TYPE_MASK,
  CRYPTO_ALG_TYPE_SKCIPHER,
} from '../../src/crypto/algorithm.ts';
import { CryptoEngine } from '../../src/crypto/crypto-engine.ts';
import { CryptoAsyncRequest } from '../../src/crypto/queue.ts';
import { EBUSY, EINPROGRESS, ENOENT, ENOKEY, ENOSPC } from '../../src/errno.ts';
import { Machine } from '../../src/machine/machine.ts';
import { BOTH_APIS } from '../subjects/testing.ts';
import { protocolWorld } from './world.ts';

const CHILD = 'cbc(aes-generic)';
const DRIVER = `cryptd(${CHILD})`;

/** The registry of a side that nobody has asked before. */
function registryOf(side: (typeof BOTH_APIS)[number]) {
  const machine = new Machine({ memory: 1 << 20 });
  return side === 'legacy' ? legacyInit(machine).registry : cryptoApiInit(machine).registry;
}

describe.each(BOTH_APIS)('%s', (side) => {
  test('cryptd has the name of its child, 50 more of priority, and says that it is asynchronous', () => {
    const registry = registryOf(side);
    const find = (name: string) =>
      registry.find(name, CRYPTO_ALG_TYPE_SKCIPHER, CRYPTO_ALG_TYPE_MASK);
    const [child, wrapped] = [find(CHILD), find(DRIVER)];
    if (typeof child === 'number' || typeof wrapped === 'number') throw new Error('not found');
    expect([wrapped.name, wrapped.driverName]).toEqual([child.name, DRIVER]);
    expect(wrapped.priority).toBe(child.priority + 50);
    const flags = CRYPTO_ALG_TESTED | CRYPTO_ALG_INSTANCE | CRYPTO_ALG_ASYNC;
    expect([wrapped.flags, wrapped.flags]).toEqual([flags | CRYPTO_ALG_TYPE_SKCIPHER, 0xc85]);
  });

  test('cryptd over a name is not found, since its instance has the name of the child', () => {
    const registry = registryOf(side);
    expect(registry.find('cryptd(cbc(aes))', CRYPTO_ALG_TYPE_SKCIPHER, CRYPTO_ALG_TYPE_MASK)).toBe(
      -ENOENT,
    );
    expect(registry.find(DRIVER, CRYPTO_ALG_TYPE_SKCIPHER, CRYPTO_ALG_TYPE_MASK)).toMatchObject({
      driverName: DRIVER,
    });
    expect(registry.find('cryptd(cbc(aes))', CRYPTO_ALG_TYPE_SKCIPHER, CRYPTO_ALG_TYPE_MASK)).toBe(
      -ENOENT,
    );
  });

  test('without a key cryptd answers -ENOKEY at once, and never calls', () => {
    const world = protocolWorld(side);
    const req = world.skcipher(DRIVER, 0).request();
    expect(req.submit()).toBe(-ENOKEY);
    world.machine.scheduler.drain();
    expect(req.heard).toEqual([]);
  });

  test('so many are queued, others wait behind them, and without MAY_BACKLOG there is no room', () => {
    // As four kernels were asked, by a hundredth: 1000 in the queue, 50 behind it, 50 refused.
    expect(new Machine({ memory: 1 << 20 }).queueLength).toBe(1000);
    const world = protocolWorld(side, 10);
    const tfm = world.skcipher(DRIVER);
    const order: string[] = [];
    const answers = Array.from({ length: 20 }, (_, i) => {
      const req = tfm.request(16);
      req.onCall = (err) => order.push(`${i} ${err}`);
      return req.submit({ backlog: i < 15 });
    });
    const counts = [-EINPROGRESS, -EBUSY, -ENOSPC].map((err) => [
      answers.indexOf(err),
      answers.filter((answer) => answer === err).length,
    ]);
    expect(counts).toEqual([
      [0, 10],
      [10, 5],
      [15, 5],
    ]);
    world.machine.scheduler.drain();
    // Who gets out of the backlog hears it before the head of the queue is done.
    expect(order.slice(0, 4)).toEqual(['10 -115', '0 0', '11 -115', '1 0']);
    const finals = order.filter((line) => line.endsWith(' 0'));
    expect(finals).toEqual(Array.from({ length: 15 }, (_, i) => `${i} 0`));
    expect(order.length - finals.length).toBe(5);
  });

  test('cryptd takes one request from its queue each time that it runs', () => {
    const world = protocolWorld(side);
    const tfm = world.skcipher(DRIVER);
    const reqs = Array.from({ length: 3 }, () => tfm.request());
    for (const req of reqs) expect(req.submit()).toBe(-EINPROGRESS);
    const done = () => reqs.filter(({ heard }) => heard.length > 0).length;
    for (let i = 1; i <= reqs.length; i++) {
      expect(world.machine.scheduler.runOne()).toBe(true);
      expect(done()).toBe(i);
    }
  });
});

class Job extends CryptoAsyncRequest {}

/** An engine in front of a device that takes so many jobs. */
function engine(room: number) {
  const machine = new Machine({ memory: 1 << 20 });
  const told: [Job, number, string][] = [];
  const started: Job[] = [];
  const made = new CryptoEngine<Job>(machine, 'device', {
    hasRoom: () => started.length < room,
    doOne: (req) => {
      started.push(req);
      return null;
    },
    complete: (req, err) => told.push([req, err, machine.context.inSoftirq() ? 'off' : 'on']),
  });
  return { machine, made, told, started };
}

test('crypto_engine gives the device one request while it has room for one, in the order of transfer', () => {
  const { machine, made, started } = engine(1);
  const jobs = [new Job(), new Job(), new Job()];
  for (const job of jobs) expect(made.transfer(job)).toBe(-EINPROGRESS);
  machine.scheduler.drain();
  expect(started).toEqual([jobs[0]]);
  for (let i = 1; i < jobs.length; i++) {
    started.pop();
    made.finalize(jobs[i - 1], 0);
    machine.scheduler.drain();
    expect(started).toEqual([jobs[i]]);
  }
});

test('crypto_engine completes with bottom halves disabled', () => {
  const { machine, made, told } = engine(1);
  const job = new Job();
  made.transfer(job);
  machine.scheduler.drain();
  made.finalize(job, -5);
  expect(told).toEqual([[job, -5, 'off']]);
});
