/**
 * Which sites (or hazards) of two reports are the same one.
 *
 * First inside one function, by text and then by order, so that a call that goes does not make its
 * neighbours look new; then, for what is left, the same text in a function that has moved to another
 * file, or in another function of the same file. Further away nothing is paired: many calls read
 * `sg_init_one(&sg, buf, len)`, and many functions are called `cbc_encrypt`.
 */

/** What a site and a hazard have in common. */
export interface Placed {
  readonly path: string;
  readonly line: number;
  readonly fn: string;
}

/** How two items are compared: by kind, and by the text that stands there. */
export interface Traits<T> {
  readonly kind: (item: T) => string;
  readonly text: (item: T) => string;
  /** Whether the newer state of its file lacks its function. */
  readonly leaves: (item: T) => boolean;
  /** Whether the older state of its file lacked its function. */
  readonly arrives: (item: T) => boolean;
}

/** The same item in both reports. */
export interface Pair<T> {
  readonly from: T;
  readonly to: T;
}

/** Everything that occurs in one report or both. */
export interface Pairing<T> {
  readonly kept: readonly Pair<T>[];
  readonly gone: readonly T[];
  readonly added: readonly T[];
}

/** Pairs the items of two reports; `renames` maps old paths to new ones. */
export function pairUp<T extends Placed>(
  from: readonly T[],
  to: readonly T[],
  renames: ReadonlyMap<string, string>,
  { kind, text, leaves, arrives }: Traits<T>,
): Pairing<T> {
  const pathOf = (item: T): string => renames.get(item.path) ?? item.path;
  const kept: Pair<T>[] = [];
  let rest = { from: [...from], to: [...to] };
  const pass = (oldKey: (item: T) => string, newKey: (item: T) => string): void => {
    rest = match(rest.from, rest.to, oldKey, newKey, kept);
  };
  const key = (...parts: string[]): string => parts.join('\0');
  pass(
    (s) => key(pathOf(s), s.fn, kind(s), text(s)),
    (s) => key(s.path, s.fn, kind(s), text(s)),
  );
  pass(
    (s) => key(pathOf(s), s.fn, kind(s)),
    (s) => key(s.path, s.fn, kind(s)),
  );
  // Only functions that left one file and came into another; the key of the others is their own.
  const called = (s: T): string => key(s.fn, kind(s), text(s));
  pass(
    (s) => (leaves(s) ? called(s) : key('older', s.path, called(s))),
    (s) => (arrives(s) ? called(s) : key('newer', s.path, called(s))),
  );
  pass(
    (s) => key(pathOf(s), kind(s), text(s)),
    (s) => key(s.path, kind(s), text(s)),
  );
  return { kept, gone: rest.from, added: rest.to };
}

/** Pairs items of one key in order; returns what stays alone. */
function match<T>(
  from: readonly T[],
  to: readonly T[],
  oldKey: (item: T) => string,
  newKey: (item: T) => string,
  kept: Pair<T>[],
): { from: T[]; to: T[] } {
  const waiting = new Map<string, T[]>();
  // Last first, so that the first is taken first.
  for (const item of to.toReversed()) {
    const list = waiting.get(newKey(item));
    if (list === undefined) waiting.set(newKey(item), [item]);
    else list.push(item);
  }
  const taken = new Set<T>();
  const alone = from.filter((item) => {
    const twin = waiting.get(oldKey(item))?.pop();
    if (twin === undefined) return true;
    taken.add(twin);
    kept.push({ from: item, to: twin });
    return false;
  });
  return { from: alone, to: to.filter((item) => !taken.has(item)) };
}
