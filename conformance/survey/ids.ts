/** Identifiers that survive moves inside a file: they contain no line. */
import { createHash } from 'node:crypto';

/** Identifier of the `ordinal`-th `name` in function `fn` of `path`. */
export function siteId(path: string, fn: string, name: string, ordinal: number): string {
  return createHash('sha256')
    .update(`${path}\0${fn}\0${name}\0${ordinal}`)
    .digest('hex')
    .slice(0, 16);
}

/** Gives each name of each function its ordinals, in call order. */
export function ordinalCounter(): (fn: string, name: string) => number {
  const next = new Map<string, number>();
  return (fn, name) => {
    const key = `${fn}\0${name}`;
    const ordinal = next.get(key) ?? 0;
    next.set(key, ordinal + 1);
    return ordinal;
  };
}
