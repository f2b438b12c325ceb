/**
 * Every order of a run that is decided by choices, each once, by the preemptions in it: none first.
 *
 * A preemption is a choice of another branch where what ran last could have gone on. A run with too many
 * orders is so known for all orders with few preemptions; no two orders are taken for one because they ought
 * to come to the same.
 * @module
 */

/** Takes one of `count` branches; `current` goes on with what ran last, -1 where that has come to rest. */
export type Choose = (count: number, current: number) => number;

/** The branch that was taken at each choice. */
type Order = readonly number[];

/**
 * Runs each order once, those with no preemption, then those with one, and so on.
 * @param most orders that are run at most
 * @param run makes one run, of which `order` is the choices afterwards; true ends it all
 * @returns null where all were run, or `run` said so; else with how many preemptions all orders were, -1
 *   where not even those without one
 */
export function everyOrder(
  most: number,
  run: (choose: Choose, order: readonly number[]) => boolean,
): number | null {
  let left = most;
  let now: Order[] = [[]];
  for (let preemptions = 0; now.length > 0; preemptions++) {
    const next: Order[] = [];
    for (let beginning = now.pop(); beginning !== undefined; beginning = now.pop()) {
      if (left-- === 0) return preemptions - 1;
      const order = [...beginning];
      if (run(chooserOf(beginning, order, now, next, most), order)) return null;
    }
    if (next.length > left) return preemptions;
    now = next;
  }
  return null;
}

/**
 * Begins as `beginning` and goes on without preemption. What parts from it behind its beginning is put into
 * `now`, or into `next` where that is a preemption, as long as it can still have its turn.
 */
function chooserOf(
  beginning: Order,
  order: number[],
  now: Order[],
  next: Order[],
  most: number,
): Choose {
  let at = 0;
  return (count, current) => {
    if (at < beginning.length) return beginning[at++];
    const goesOn = Math.max(current, 0);
    const others = current < 0 ? now : next;
    for (let branch = count - 1; branch >= 0 && others.length <= most; branch--) {
      if (branch !== goesOn) others.push([...order, branch]);
    }
    at = order.push(goesOn);
    return goesOn;
  };
}
