/**
 * Goal: every statement of the protocol of asynchronous requests holds on both sides.
 * Method: one test for each statement, on every kind of asynchronous driver; the words of the kernel's own
 * documentation and code are in the names.
 */
import { describe, expect, test } from 'vitest';
import { KeyMemory } from '../../src/crypto/key-memory.ts';
import { CryptoWait, cryptoReqDone, cryptoWaitReq } from '../../src/crypto/wait.ts';
import { EBADMSG, EBUSY, EINPROGRESS, EINVAL, ENOSPC } from '../../src/errno.ts';
import { must } from '../../src/machine/access.ts';
import { GFP_ATOMIC } from '../../src/machine/context.ts';
import { Machine } from '../../src/machine/machine.ts';
import { WorkQueue } from '../../src/machine/scheduler.ts';
import { physAddr } from '../../src/units.ts';
import { driversOf } from '../algorithms/drivers.ts';
import { ALGORITHMS } from '../algorithms.ts';
import { BOTH_APIS } from '../subjects/testing.ts';
import { type ProtocolTfm, type ProtocolWorld, protocolWorld } from './world.ts';

/** Asynchronous drivers of each kind: a queue, a pipeline, an engine in front of hardware. */
const ASYNC: readonly [string, (world: ProtocolWorld) => ProtocolTfm][] = [
  ['cryptd(cbc(aes-generic))', (world) => world.skcipher('cryptd(cbc(aes-generic))')],
  ['cryptd(gcm-aes-accel)', (world) => world.aead('cryptd(gcm-aes-accel)')],
  ['pcrypt(gcm-aes-accel)', (world) => world.aead('pcrypt(gcm-aes-accel)')],
  ['cbc-aes-sgdma', (world) => world.skcipher('cbc-aes-sgdma')],
  ['gcm-aes-linedma', (world) => world.aead('gcm-aes-linedma')],
];
/** Those that have a queue with a limit. */
const QUEUED = ASYNC.filter(([name]) => !name.startsWith('pcrypt'));

describe.each(BOTH_APIS)('%s', (side) => {
  describe.each(ASYNC)('%s', (_driver, make) => {
    test('-EINPROGRESS promises one final callback, in a context without bottom halves', () => {
      const world = protocolWorld(side);
      const tfm = make(world);
      const req = tfm.request();
      expect(tfm.async).toBe(true);
      expect(req.submit()).toBe(-EINPROGRESS);
      expect(req.heard).toEqual([]);
      world.machine.scheduler.drain();
      expect(req.heard).toEqual([0]);
      expect(req.calls[0].context).toMatch(/^(?:task, no bottom halves|softirq)$/);
      req.free();
      tfm.free();
    });

    test('a callback may submit its request again, and another', () => {
      const world = protocolWorld(side);
      const tfm = make(world);
      const req = tfm.request();
      const other = tfm.request();
      let rounds = 0;
      req.onCall = (err) => {
        if (err !== 0 || ++rounds > 3) return;
        expect(req.submit()).toBe(-EINPROGRESS);
        if (rounds === 3) expect(other.submit()).toBe(-EINPROGRESS);
      };
      expect(req.submit()).toBe(-EINPROGRESS);
      world.machine.scheduler.drain();
      expect([rounds, other.heard]).toEqual([4, [0]]);
      expect(other.text).toEqual(req.text);
    });

    test('a callback may free request and transform', () => {
      const world = protocolWorld(side);
      const before = world.machine.ledger.holdings().filter(({ who }) => who !== 'case');
      const tfm = make(world);
      const req = tfm.request();
      req.onCall = () => {
        req.free();
        tfm.free();
      };
      expect(req.submit()).toBe(-EINPROGRESS);
      world.machine.scheduler.drain();
      expect(req.heard).toEqual([0]);
      const held = world.machine.ledger.holdings();
      expect(held.filter(({ who }) => who !== 'case')).toEqual(before);
    });

    test('a transform with a request pending is neither freed nor given a key', () => {
      const world = protocolWorld(side);
      const tfm = make(world);
      const req = tfm.request();
      req.submit();
      expect(() => tfm.free()).toThrow('transform freed while a request is in flight');
      expect(() => tfm.rekey()).toThrow('setkey while a request is in flight');
      world.machine.scheduler.drain();
      expect(tfm.rekey()).toBe(0);
      expect(req.heard).toEqual([0]);
      req.free();
      tfm.free();
    });

    test('a request in flight is not submitted, filled in or freed', () => {
      const world = protocolWorld(side);
      const req = make(world).request();
      req.submit();
      expect(() => req.submit()).toThrow('in flight');
      expect(() => req.refill()).toThrow('request changed while it is in flight');
      expect(() => req.free()).toThrow('request freed while it is in flight');
    });

    test('teardown: all that was accepted completes, each once, and then everything can go', () => {
      const world = protocolWorld(side, 2);
      const tfm = make(world);
      const reqs = Array.from({ length: 8 }, () => tfm.request());
      const answers = reqs.map((req) => req.submit({ backlog: true }));
      expect(answers.every((err) => err === -EINPROGRESS || err === -EBUSY)).toBe(true);
      expect(() => tfm.free()).toThrow('in flight');
      world.machine.scheduler.drain();
      for (const req of reqs) {
        expect(req.heard.filter((err) => err !== -EINPROGRESS)).toEqual([0]);
        req.free();
      }
      tfm.free();
    });

    test('a completion may come before the answer, and its callback may free request and transform', () => {
      const world = protocolWorld(side);
      const { scheduler } = world.machine;
      scheduler.runEarly(1);
      scheduler.choose = (count) => count - 1;
      const tfm = make(world);
      const req = tfm.request();
      const heard: number[] = [];
      req.onCall = (err) => {
        heard.push(err);
        req.free();
        tfm.free();
      };
      expect([req.submit(), heard]).toEqual([-EINPROGRESS, [0]]);
      expect([scheduler.idle(), world.machine.context.inAtomic()]).toEqual([true, false]);
      expect(() => req.refill()).toThrow('request touched after it was freed');
    });

    test('MAY_SLEEP in a section that must not sleep is a bug; without it the request runs', () => {
      const world = protocolWorld(side);
      const req = make(world).request();
      expect(() => req.submit({ sleep: true, atomic: true })).toThrow('sleeping function called');
      world.machine.context.reset();
      expect(req.submit({ atomic: true })).toBe(-EINPROGRESS);
      world.machine.scheduler.drain();
      expect(req.heard).toEqual([0]);
    });
  });

  describe.each(QUEUED)('%s', (_driver, make) => {
    test('-EBUSY with MAY_BACKLOG: one -EINPROGRESS notice, then one final callback', () => {
      const world = protocolWorld(side, 1);
      const tfm = make(world);
      const reqs = Array.from({ length: 4 }, () => tfm.request());
      expect(reqs.map((req) => req.submit({ backlog: true }))).toEqual([
        -EINPROGRESS,
        -EBUSY,
        -EBUSY,
        -EBUSY,
      ]);
      world.machine.scheduler.drain();
      expect(reqs.map(({ heard }) => heard)).toEqual([
        [0],
        [-EINPROGRESS, 0],
        [-EINPROGRESS, 0],
        [-EINPROGRESS, 0],
      ]);
    });

    test('-ENOSPC without MAY_BACKLOG: not queued, nothing written, no callback, and free again', () => {
      const world = protocolWorld(side, 1);
      const tfm = make(world);
      const [first, second] = [tfm.request(), tfm.request()];
      const before = second.text;
      expect([first.submit(), second.submit()]).toEqual([-EINPROGRESS, -ENOSPC]);
      world.machine.scheduler.drain();
      expect([first.heard, second.heard, second.text]).toEqual([[0], [], before]);
      expect(second.submit()).toBe(-EINPROGRESS);
      world.machine.scheduler.drain();
      expect([second.heard, second.text]).toEqual([[0], first.text]);
    });
  });

  test('0 at once is the end: no callback comes', () => {
    const world = protocolWorld(side);
    const tfm = world.skcipher('cbc(aes-generic)');
    const req = tfm.request();
    expect([tfm.async, req.submit()]).toEqual([false, 0]);
    world.machine.scheduler.drain();
    expect(req.heard).toEqual([]);
    expect(req.submit()).toBe(0);
  });

  test('an error at once is the end: no callback comes, and the queue has not seen it', () => {
    const world = protocolWorld(side, 1);
    const tfm = world.skcipher('cryptd(cbc(aes-generic))');
    const [odd, whole] = [tfm.request(17), tfm.request(16)];
    // The length is the child's business: it is refused behind the queue.
    expect([odd.submit(), whole.submit()]).toEqual([-EINPROGRESS, -ENOSPC]);
    world.machine.scheduler.drain();
    expect(odd.heard).toEqual([-EINVAL]);
    const direct = world.skcipher('cbc(aes-generic)').request(17);
    expect([direct.submit(), direct.heard]).toEqual([-EINVAL, []]);
  });

  test('each processor has a queue of cryptd, first in first out; two of them may overtake each other', () => {
    const orders = new Set<string>();
    for (let seed = 1; seed <= 20; seed++) {
      const world = protocolWorld(side);
      world.machine.scheduler.reset(seed);
      const tfm = world.skcipher('cryptd(cbc(aes-generic))');
      const order: number[] = [];
      for (let i = 0; i < 4; i++) {
        const req = tfm.request();
        req.onCall = () => order.push(i);
        world.machine.context.cpu = i & 1;
        req.submit();
      }
      world.machine.scheduler.drain();
      expect(order.filter((i) => i % 2 === 0)).toEqual([0, 2]);
      expect(order.filter((i) => i % 2 === 1)).toEqual([1, 3]);
      orders.add(order.join());
    }
    expect(orders.size).toBeGreaterThan(2);
  });

  test('a completion comes on the processor that submitted, behind cryptd', () => {
    const world = protocolWorld(side);
    const tfm = world.skcipher('cryptd(cbc(aes-generic))');
    world.machine.context.cpu = 3;
    const req = tfm.request();
    req.submit();
    world.machine.context.cpu = 0;
    world.machine.scheduler.drain();
    expect(req.calls.map(({ cpu }) => cpu)).toEqual([3]);
  });

  test.each(['gcm-aes-accel', 'cryptd(gcm-aes-accel)', 'gcm-aes-sgdma', 'rfc4106(gcm-aes-accel)'])(
    'pcrypt over %s completes in the order of submission, on every schedule',
    (child) => {
      for (let seed = 1; seed <= 10; seed++) {
        const world = protocolWorld(side);
        world.machine.scheduler.reset(seed);
        const tfm = world.aead(`pcrypt(${child})`, child.startsWith('rfc') ? 20 : 16);
        const order: number[] = [];
        const reqs = Array.from({ length: 6 }, (_, i) => {
          const req = tfm.request();
          req.onCall = (err) => order.push(err === 0 ? i : err);
          expect(req.submit()).toBe(-EINPROGRESS);
          return req;
        });
        world.machine.scheduler.drain();
        expect(order).toEqual(reqs.map((_, i) => i));
      }
    },
  );

  test('cryptd stands over every synchronous driver that a caller can ask for, and over no other', () => {
    const world = protocolWorld(side);
    const refused: string[] = [];
    const wrapped: string[] = [];
    for (const { kind, name } of ALGORITHMS) {
      if (kind !== 'skcipher' && kind !== 'aead' && kind !== 'ahash') continue;
      for (const { driver, async } of driversOf(name)) {
        if (driver.startsWith('cryptd(') || world.look(kind, driver) !== 0) continue;
        const isWrapped = world.look(kind, `cryptd(${driver})`) === 0;
        if (isWrapped === async) refused.push(driver);
        if (isWrapped) wrapped.push(driver);
      }
    }
    // A parameter of a template ends behind its closing bracket, in the kernel too.
    expect(refused).toEqual(['ecb(arc4)-generic']);
    expect(wrapped.length).toBeGreaterThan(100);
  });
});

describe('crypto_wait_req', () => {
  const later = (machine: Machine, wait: CryptoWait, ...errs: readonly number[]): void => {
    const queue = new WorkQueue('device', 'softirq');
    for (const err of errs) machine.scheduler.queueWork(queue, () => cryptoReqDone(wait, err));
  };

  test('returns at once what is no promise', () => {
    const machine = new Machine({ memory: 1 << 20 });
    const wait = new CryptoWait();
    machine.context.enterAtomic();
    for (const err of [0, -EBADMSG, -ENOSPC]) expect(cryptoWaitReq(machine, err, wait)).toBe(err);
  });

  test('waits through the notice of a backlog, and may be used again', () => {
    const machine = new Machine({ memory: 1 << 20 });
    const wait = new CryptoWait();
    later(machine, wait, -EINPROGRESS, -EBADMSG);
    expect(cryptoWaitReq(machine, -EBUSY, wait)).toBe(-EBADMSG);
    later(machine, wait, 0);
    expect(cryptoWaitReq(machine, -EINPROGRESS, wait)).toBe(0);
  });

  test('a completion before the wait is not lost', () => {
    const machine = new Machine({ memory: 1 << 20 });
    const wait = new CryptoWait();
    cryptoReqDone(wait, -EBADMSG);
    expect(cryptoWaitReq(machine, -EINPROGRESS, wait)).toBe(-EBADMSG);
  });

  test('must not be called where nobody may sleep, and hangs where nobody completes', () => {
    const machine = new Machine({ memory: 1 << 20 });
    const wait = new CryptoWait();
    machine.context.enterAtomic();
    expect(() => cryptoWaitReq(machine, -EINPROGRESS, wait)).toThrow('sleeping function called');
    machine.context.leaveAtomic();
    // A driver that says -EBUSY for full, to a caller without MAY_BACKLOG.
    expect(() => cryptoWaitReq(machine, -EBUSY, wait)).toThrow('that nobody completes');
  });
});

test('an allocation that may sleep is a bug where nobody may; one that may not is none', () => {
  const machine = new Machine({ memory: 1 << 20 });
  machine.context.enterAtomic();
  expect(() => machine.slab.kmalloc(64, 'test')).toThrow('sleeping function called');
  expect(() => machine.allocPages(0, 'test')).toThrow('sleeping function called');
  expect(machine.slab.kmalloc(64, 'test', GFP_ATOMIC)).not.toBe(null);
  expect(machine.allocPages(0, 'test', GFP_ATOMIC)).not.toBe(null);
});

describe.each(BOTH_APIS)('%s: the key of a transform', (side) => {
  test('is in memory while the transform lives, and zero behind it', () => {
    const world = protocolWorld(side);
    const { machine } = world;
    const tfm = world.skcipher('cbc(aes-generic)');
    const held = machine.ledger.holdings().filter(({ kind }) => kind === 'key');
    expect(held.length).toBeGreaterThan(0);
    const at = physAddr(held[0].id);
    expect(machine.load(at, 16)).toEqual(new Uint8Array(16).fill(7));
    tfm.free();
    expect(() => machine.load(at, 16)).toThrow('read of freed object');
    expect(machine.mem.load(at, 16)).toEqual(new Uint8Array(16));
    expect(machine.ledger.holdings().filter(({ kind }) => kind === 'key')).toEqual([]);
  });

  test('is read by every operation: one that begins behind the transform traps', () => {
    const world = protocolWorld(side);
    const tfm = world.skcipher('cbc(aes-generic)');
    const req = tfm.request();
    expect(req.submit()).toBe(0);
    tfm.free();
    expect(() => req.submit()).toThrow(/read of freed object|use of a freed transform/);
  });
});

test('a driver that goes on with a key which is gone is seen, whatever the machine hands out next', () => {
  const machine = new Machine({ memory: 1 << 20 });
  const key = new KeyMemory(machine);
  key.keep(new Uint8Array(32).fill(3), 'driver');
  key.read();
  const late = new WorkQueue('device', 'softirq');
  machine.scheduler.queueWork(late, () => key.read());
  key.release();
  must(machine.keys.kmalloc(32, 'next'));
  expect(() => machine.scheduler.drain()).toThrow('read of freed object');
  machine.reset(1);
  key.read();
});
