/**
 * Goal: every order comes once, and what is said of a run with too many orders is true.
 * Method: threads of a few steps each, whose orders and preemptions are counted by hand.
 */
import { expect, test } from 'vitest';
import { type Choose, everyOrder } from './orders.ts';

/** Threads that take so many steps each. @returns which thread ran, step by step */
function interleave(steps: readonly number[], choose: Choose): string {
  const left = [...steps];
  let ran = -1;
  let done = '';
  for (;;) {
    const ready = left.flatMap((n, thread) => (n > 0 ? [thread] : []));
    if (ready.length === 0) return done;
    ran = ready.length === 1 ? ready[0] : ready[choose(ready.length, ready.indexOf(ran))];
    left[ran]--;
    done += ran;
  }
}

/** Changes of thread where the one that ran had steps left. */
function preemptionsOf(order: string): number {
  const threads = [...order];
  return (
    threads.filter((thread, i) => i > 0 && thread !== threads[i - 1]).length -
    new Set(threads).size +
    1
  );
}

/** All interleavings, found without choices. */
function allOf(steps: readonly number[]): string[] {
  if (steps.every((n) => n === 0)) return [''];
  return steps.flatMap((n, thread) =>
    n === 0 ? [] : allOf(steps.with(thread, n - 1)).map((rest) => `${thread}${rest}`),
  );
}

function exploreAll(steps: readonly number[], most: number): { cut: number | null; met: string[] } {
  const met: string[] = [];
  const cut = everyOrder(most, (choose) => {
    met.push(interleave(steps, choose));
    return false;
  });
  return { cut, met };
}

test.each([
  [[1, 1, 1, 1], 24],
  [[2, 2, 2], 90],
  [[3, 3], 20],
  [[2, 1, 3], 60],
  [[4], 1],
])('threads of %j steps have %i orders, each met once', (steps, count) => {
  const { cut, met } = exploreAll(steps, 1000);
  expect(cut).toBeNull();
  expect(met.length).toBe(count);
  expect(met.toSorted()).toEqual(allOf(steps).toSorted());
});

test('orders with fewer preemptions come first', () => {
  const counts = exploreAll([3, 3, 2], 1000).met.map(preemptionsOf);
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  expect(counts.at(-1)).toBeGreaterThan(3);
});

test('a run with too many orders has had all with so many preemptions as it says', () => {
  const steps = [2, 2, 2];
  const all = allOf(steps);
  const said = new Set<number | null>();
  for (let most = 1; most <= all.length; most++) {
    const { cut, met } = exploreAll(steps, most);
    said.add(cut);
    expect(met.length).toBeLessThanOrEqual(most);
    expect(new Set(met).size).toBe(met.length);
    if (cut === null) expect(met.length).toBe(all.length);
    const few = all.filter((order) => preemptionsOf(order) <= (cut ?? Infinity));
    expect(few.filter((order) => !met.includes(order))).toEqual([]);
  }
  expect([...said].slice(0, 3)).toEqual([-1, 0, 1]);
  expect(said).toContain(null);
});

test('a run ends where it is told to, with the choices that led there', () => {
  let runs = 0;
  let chosen: readonly number[] = [];
  const cut = everyOrder(1000, (choose, order) => {
    runs++;
    chosen = order;
    return interleave([1, 1, 1], choose) === '210';
  });
  expect(cut).toBeNull();
  expect(chosen).toEqual([2, 1]);
  expect(runs).toBeLessThanOrEqual(6);
});
