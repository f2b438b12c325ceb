/**
 * Callers: whose memory the lists of a case are, and what fails while it is taken and brought home.
 * @module
 */

import type { Fault } from '../../src/machine/fault.ts';
import { PAGE_SIZE } from '../../src/units.ts';
import { CALLERS, type Caller, type Case, type Layout, type Segment } from './case.ts';
import { MOST_CALLS } from './generate-program.ts';
import type { Dice } from './odds.ts';

/** What a caller asks for that may fail; it does so before and behind the request. */
export const CALLER_FAILING = ['gup', 'user-copy', 'page-alloc', 'kmalloc'] as const;
/** The same by what it does, as often as it stands there. */
const FAILING: Readonly<Record<Caller, readonly (typeof CALLER_FAILING)[number][]>> = {
  extract: ['gup', 'gup', 'user-copy', 'kmalloc'],
  map: ['gup', 'gup', 'user-copy', 'kmalloc'],
  copy: ['user-copy', 'user-copy', 'user-copy', 'page-alloc', 'kmalloc'],
};
/** In one case of so many that may be disturbed, something of it fails. */
const FAILING_RARITY = 2;
/** One program of so many more has a caller: each of its requests takes and gives back by itself. */
const PROGRAM_RARITY = 2;
/** In programs a copy is what most often is between a request and its process. */
const OF_PROGRAMS: readonly Caller[] = [...CALLERS, 'copy'];
/** One segment of so many stays what it is. */
const KERNEL_RARITY = 4;

/**
 * The case, now and then with a caller that lends user memory.
 * @param isPlain one request that is not refused, of which the same may be done once more
 */
export function lentOut(prng: Dice, c: Case, isPlain: boolean): Case {
  const { context } = c;
  const isLent = prng.is('caller') || (c.program !== undefined && prng.oneIn(PROGRAM_RARITY));
  if (c.invalid !== undefined || !isLent) return c;
  const caller = prng.pick(c.program === undefined ? CALLERS : OF_PROGRAMS);
  const isCalm = context.failing === undefined && context.fault === 0;
  const mayFail = isCalm && (isPlain || c.program !== undefined);
  const failing = mayFail && prng.oneIn(FAILING_RARITY) ? drawFailing(prng, c, caller) : undefined;
  const { program } = c;
  return {
    ...c,
    context: {
      ...{ ...context, caller },
      ...(failing === undefined ? {} : { failing }),
      ...(failing === undefined || !isPlain ? {} : { again: true as const }),
    },
    layout: ofProcess(prng, c.layout),
    ...(program === undefined
      ? {}
      : {
          program: {
            ...program,
            requests: program.requests.map((request) => {
              return { ...request, layout: ofProcess(prng, request.layout) };
            }),
          },
        }),
  };
}

/** A call of the caller; in a program mostly one of its first requests'. */
function drawFailing(prng: Dice, { program }: Case, caller: Caller): Fault {
  const most = program === undefined ? MOST_CALLS : 2 * MOST_CALLS;
  return { point: prng.pick(FAILING[caller]), nth: prng.between(1, most) };
}

function ofProcess(prng: Dice, layout: Layout): Layout {
  const own = (segment: Segment): Segment => {
    const { kind, offset, len, shares } = segment;
    const isOwn = shares === undefined && kind !== 'next' && !prng.oneIn(KERNEL_RARITY);
    return isOwn ? { kind: 'user', offset: offset % PAGE_SIZE, len } : segment;
  };
  return { ...layout, src: layout.src.map(own), dst: layout.dst.map(own) };
}
