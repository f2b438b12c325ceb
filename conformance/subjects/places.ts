/**
 * Places in memory, as people name them: by the lists of a case, or by whose memory it is.
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { PHYS_BASE, physToPfn } from '../../src/machine/phys-mem.ts';
import { PAGE_SIZE, physAddr } from '../../src/units.ts';
import type { Placed } from '../case/placed.ts';
import { readStack } from '../explain/frames.ts';
import type { StrayByte } from '../judge/observe.ts';
import { editOfLocked } from './lists.ts';
import type { Operation } from './operation.ts';

/** Bytes from a list within which a place is told by it. */
const NEAR = 256;
/** Calls of a trap that are told, the innermost first. */
const MOST_CALLS = 8;

/**
 * What a trap says, where in the lists of the case it was or whose memory that is, and through which calls.
 * @returns with the request of a program whose lists tell it, where some do
 */
export function describeTrap(
  error: unknown,
  ops: readonly Operation[],
): Pick<StrayByte, 'words'> & Partial<StrayByte> {
  const edit = editOfLocked(error);
  if (edit !== null && error instanceof Error) {
    return { words: [edit, ...callsOf(error)].join('\n') };
  }
  if (!(error instanceof KernelBug)) {
    return { words: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  const at = offsetOf(error);
  const place = at === null ? null : placeIn(ops, at);
  const owner = at === null || place !== null ? null : ownerOf(ops[0].memory.machine, at);
  const where = place?.words ?? owner;
  const from = at === null ? null : startOf(error, ops, at);
  const told = [`${error.name}: ${error.message}`, where, from].filter((word) => word !== null);
  const words = told.join(', ');
  const lines = [words, ...callsOf(error)].join('\n');
  return place === null || ops.length === 1
    ? { words: lines }
    : { words: lines, request: place.request };
}

/** Offset in memory of the byte that a trap is about; null where it is about none. */
export function offsetOf({ details: { offset, at } }: KernelBug): number | null {
  if (typeof offset === 'number') return offset;
  return typeof at === 'number' && at >= PHYS_BASE ? at - PHYS_BASE : null;
}

/** Where an access begins that went wrong further on, as one that is longer than its segment does. */
function startOf({ details }: KernelBug, ops: readonly Operation[], at: number): string | null {
  const { inside, len } = details;
  if (typeof inside !== 'number' || typeof len !== 'number' || inside === 0) return null;
  const start = inSource(ops, at - inside) ?? inTarget(ops, at - inside);
  return start === null ? null : `by an access of ${len} bytes from ${start.words} on`;
}

/** The byte in the lists of a case, or close to them; null where it is far away. */
function placeIn(ops: readonly Operation[], at: number): StrayByte | null {
  return inSource(ops, at) ?? inTarget(ops, at) ?? nearest(ops, at, NEAR);
}

/** Whose object or page a byte is in. */
function ownerOf({ ledger }: Machine, at: number): string {
  const phys = physAddr(PHYS_BASE + at);
  const held = ledger.holdings();
  const objects = held
    .filter(({ kind, id }) => kind === 'slab' && id <= phys && phys - id < PAGE_SIZE)
    .sort((a, b) => b.id - a.id);
  const [object] = objects;
  if (object !== undefined) return `${phys - object.id} bytes from the object of ${object.who}`;
  const page = held.find(({ kind, id }) => kind === 'page' && id === physToPfn(phys));
  return page === undefined ? 'in memory that nobody holds' : `in a page of ${page.who}`;
}

/** The functions of the API that a trap went through, the innermost first, and the byte kernel that they called. */
export function callsOf({ stack = '' }: Error): string[] {
  const { api, kernel } = readStack(stack);
  const calls = [...(kernel === null ? [] : [kernel]), ...api.toReversed()];
  return calls.slice(0, MOST_CALLS).map(({ fn, file, line }) => `  in ${fn}, ${file}:${line}`);
}

function inSource(ops: readonly Operation[], at: number): StrayByte | null {
  return firstOf(ops, ({ src }) => locate('src', src, at));
}

/** The byte of the destination of some request; null where it is in none. */
export function inTarget(ops: readonly Operation[], at: number): StrayByte | null {
  return firstOf(ops, ({ dst }) => locate('dst', dst, at));
}

/** The first request that has words for a place. */
function firstOf(
  ops: readonly Operation[],
  wordsOf: (op: Operation) => string | null,
): StrayByte | null {
  for (const [request, op] of ops.entries()) {
    const words = wordsOf(op);
    if (words !== null) return { words, request };
  }
  return null;
}

/** `byte 3 of src[1]`; null where it is not in the list. */
export function locate(name: string, placed: readonly Placed[], at: number): string | null {
  for (const [i, { runs }] of placed.entries()) {
    for (const { phys, len } of runs) {
      const inside = at - (phys - PHYS_BASE);
      if (inside >= 0 && inside < len) return `byte ${inside} of ${name}[${i}]`;
    }
  }
  return null;
}

/**
 * A byte relative to the segment that ends before it or begins behind it.
 * @param most bytes that it may be away. @returns null where it is further
 */
export function nearest(
  ops: readonly Operation[],
  at: number,
  most: number = Number.POSITIVE_INFINITY,
): StrayByte | null {
  let best = most;
  let place: StrayByte | null = null;
  const lists = ops.flatMap(({ src, dst }, request) => [
    ['src', src, request] as const,
    ['dst', dst, request] as const,
  ]);
  for (const [name, placed, request] of lists) {
    for (const [i, { runs }] of placed.entries()) {
      for (const { phys, len } of runs) {
        const from = phys - PHYS_BASE;
        const distance = at < from ? from - at : at - (from + len) + 1;
        if (distance >= best) continue;
        best = distance;
        const bytes = distance === 1 ? '1 byte' : `${distance} bytes`;
        const words = `${bytes} ${at < from ? 'before' : 'behind'} ${name}[${i}]`;
        place = { words, request };
      }
    }
  }
  return place;
}
