/**
 * Callers: whose memory the lists of a case are, and what fails while it is taken and brought home.
 * @module
 */
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
  copy: ['user-copy', 'user-copy', 'page-alloc', 'kmalloc'],
};
/** In one case of so many that may be disturbed, something of it fails. */
const FAILING_RARITY = 2;
/** One segment of so many stays what it is. */
const KERNEL_RARITY = 4;

/**
 * The case, now and then with a caller that lends user memory.
 * @param isPlain one request that is not refused, of which the same may be done once more
 */
export function lentOut(prng: Dice, c: Case, isPlain: boolean): Case {
  if (c.invalid !== undefined || !prng.is('caller')) return c;
  const { program, context } = c;
  const caller = prng.pick(CALLERS);
  const isCalm = context.failing === undefined && context.fault === 0;
  const fails = (isPlain || program !== undefined) && isCalm && prng.oneIn(FAILING_RARITY);
  const failing = { point: prng.pick(FAILING[caller]), nth: prng.between(1, MOST_CALLS) };
  return {
    ...c,
    context: {
      ...{ ...context, caller },
      ...(fails ? { failing } : {}),
      ...(fails && program === undefined ? { again: true as const } : {}),
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

function ofProcess(prng: Dice, layout: Layout): Layout {
  const own = (segment: Segment): Segment => {
    const { kind, offset, len, shares } = segment;
    const isOwn = shares === undefined && kind !== 'next' && !prng.oneIn(KERNEL_RARITY);
    return isOwn ? { kind: 'user', offset: offset % PAGE_SIZE, len } : segment;
  };
  return { ...layout, src: layout.src.map(own), dst: layout.dst.map(own) };
}
