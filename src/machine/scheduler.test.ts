/**
 * Goal: one seed is one interleaving; each queue keeps its order; contexts and the watchdog hold.
 * Method: random work that queues more work, run twice; single rules by hand.
 */
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { Context } from './context.ts';
import { Scheduler, WorkQueue } from './scheduler.ts';

let context: Context;
let scheduler: Scheduler;

beforeEach(() => {
  context = new Context();
  scheduler = new Scheduler(context, false);
});

/** Runs `counts[q]` items per queue, each queueing `depth` further ones, and returns the order. */
function trace(seed: number, counts: readonly number[], depth: number): string[] {
  const own = new Scheduler(new Context(), false);
  own.reset(seed);
  const order: string[] = [];
  const queues = counts.map((_, q) => new WorkQueue(`q${q}`, 'task'));
  const submit = (queue: WorkQueue, label: string, left: number): void =>
    own.queueWork(queue, () => {
      order.push(`${queue.name}:${label}`);
      if (left > 0) submit(queue, `${label}+`, left - 1);
    });
  for (const [q, queue] of queues.entries())
    for (let i = 0; i < counts[q]; i++) submit(queue, `${i}`, depth);
  own.drain();
  return order;
}

test('one seed gives one order, and every queue is first in, first out', () => {
  const counts = fc.array(fc.nat(6), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.nat(), counts, fc.nat(3), (seed, sizes, depth) => {
      const order = trace(seed, sizes, depth);
      expect(trace(seed, sizes, depth)).toEqual(order);
      expect(order.length).toBe(sizes.reduce((sum, n) => sum + n, 0) * (depth + 1));
      for (const [q, size] of sizes.entries()) {
        const expected: string[] = [];
        for (let level = 0; level <= depth; level++)
          for (let i = 0; i < size; i++) expected.push(`q${q}:${i}${'+'.repeat(level)}`);
        expect(order.filter((label) => label.startsWith(`q${q}:`))).toEqual(expected);
      }
    }),
  );
});

test('different seeds interleave differently', () => {
  const orders = new Set(Array.from({ length: 20 }, (_, s) => trace(s, [5, 5, 5], 0).join()));
  expect(orders.size).toBeGreaterThan(10);
});

test('softirq work runs in softirq context, also when it throws; task work does not', () => {
  const seen: number[] = [];
  scheduler.queueWork(new WorkQueue('irq', 'softirq'), () => seen.push(context.softirq));
  scheduler.queueWork(new WorkQueue('work', 'task'), () => seen.push(context.softirq));
  scheduler.drain();
  expect(seen.sort()).toEqual([0, 1]);
  scheduler.queueWork(new WorkQueue('irq', 'softirq'), () => {
    throw new Error('work failed');
  });
  expect(() => scheduler.drain()).toThrow('work failed');
  expect(context.softirq).toBe(0);
});

test('work never runs inside queueWork', () => {
  let ran = false;
  scheduler.queueWork(new WorkQueue('q', 'task'), () => {
    ran = true;
  });
  expect(ran).toBe(false);
  expect(scheduler.idle()).toBe(false);
  expect(scheduler.runOne()).toBe(true);
  expect([ran, scheduler.idle(), scheduler.runOne()]).toEqual([true, true, false]);
});

test('work that never comes to rest is stopped after exactly the budget', () => {
  const queue = new WorkQueue('loop', 'task');
  let runs = 0;
  const again = (): void => {
    runs++;
    scheduler.queueWork(queue, again);
  };
  again();
  expect(() => scheduler.drain(50)).toThrow('watchdog');
  expect(runs).toBe(51);
});

test('exactly as much work as the budget is fine', () => {
  const queue = new WorkQueue('q', 'task');
  let runs = 0;
  for (let i = 0; i < 50; i++) scheduler.queueWork(queue, () => runs++);
  scheduler.drain(50);
  expect([runs, scheduler.idle()]).toEqual([50, true]);
});

test('a queue that never runs empty does not keep what it finished', () => {
  const queue = new WorkQueue('q', 'task');
  let left = 10_000;
  const again = (): void => {
    if (left-- > 0) scheduler.queueWork(queue, again);
  };
  scheduler.queueWork(queue, again);
  scheduler.queueWork(queue, again);
  let longest = 0;
  while (scheduler.runOne()) longest = Math.max(longest, queue.items.length);
  expect(left).toBeLessThanOrEqual(0);
  expect(longest).toBeLessThan(2000);
});

test('a reset forgets queued work', () => {
  const queue = new WorkQueue('q', 'task');
  scheduler.queueWork(queue, () => {
    throw new Error('must not run');
  });
  scheduler.reset(1);
  scheduler.drain();
  scheduler.queueWork(queue, () => undefined);
  expect(scheduler.runOne()).toBe(true);
});

test('an automatic scheduler runs queued work in a microtask, work of work included', async () => {
  const automatic = new Scheduler(context, true);
  const queue = new WorkQueue('q', 'softirq');
  const order: string[] = [];
  automatic.queueWork(queue, () => {
    order.push('first');
    automatic.queueWork(queue, () => order.push('second'));
  });
  order.push('submitted');
  await Promise.resolve();
  expect(order).toEqual(['submitted', 'first', 'second']);
});

test('who decides the order is told which branch goes on with what ran last', () => {
  const told: [count: number, current: number][] = [];
  const [a, b, c] = ['a', 'b', 'c'].map((name) => new WorkQueue(name, 'task'));
  const order: string[] = [];
  const add = (queue: WorkQueue, label: string): void =>
    scheduler.queueWork(queue, () => order.push(label));
  for (const label of ['a1', 'a2']) add(a, label);
  for (const label of ['b1', 'b2']) add(b, label);
  scheduler.runEarly(1);
  scheduler.choose = (count, current) => {
    told.push([count, current]);
    return order.length === 0 ? 2 : order.length === 1 ? current : 0;
  };
  // Behind an acceptance the submission goes on, unless other work is chosen.
  scheduler.meanwhile();
  expect(order).toEqual(['b1', 'b2']);
  add(c, 'c1');
  scheduler.drain();
  expect(order).toEqual(['b1', 'b2', 'a1', 'a2', 'c1']);
  expect(told).toEqual([
    [3, 0],
    [3, 2],
    [2, -1],
    [2, -1],
    [2, 0],
  ]);
});
