/**
 * What a caller may hold of the memory of a process, and when what came out arrives there.
 * @module
 */
import { errnoName } from '../../src/errno.ts';
import type { Observation } from './observe.ts';

/** What the rule says of itself. */
export const HOLDING: { readonly verifies: string; readonly omits: string } = {
  verifies:
    'the caller of user memory pins each of its pages, or has a reference to it, as often as its way asks for: when the request is ' +
    'submitted, in flight and until it is over, and none behind that, whatever came of it; what was copied ' +
    'arrives whole where all went well, and else not a byte of it',
  omits:
    'kernel memory, which no caller holds; whether a page is marked dirty; what is copied ' +
    ' beside the result; the library and messages in parts between their calls; who touches user memory ' +
    'that was given back: TRAP',
};

/** @returns what is wrong with what the caller of a request held, or null. */
export function wrongHolding(o: Observation): string | null {
  const { held } = o;
  if (held === undefined) return null;
  const { moments, isPending, arrival } = held;
  const odd = moments.find((moment) => moment.odd !== null);
  if (odd !== undefined) return `${MOMENTS[odd.when]}: ${odd.odd}`;
  if (arrival === null || isPending || o.callerFault !== null) return null;
  const answer = o.completions.at(-1) ?? o.ret;
  if (answer !== 0 && arrival.isTouched) return `copied to the process after ${errnoName(answer)}`;
  return o.result === 0 && !arrival.isComplete
    ? 'what came out was not copied to the process'
    : null;
}

const MOMENTS = {
  taken: 'before the submission',
  'in flight': 'in flight',
  over: 'when the request is over',
  released: 'behind the request',
} as const;
