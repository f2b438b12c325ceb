/**
 * Misuses of memory that are noticed in each way: what `sg2iter lifetimes` finds, told by way.
 *
 * A call of a library has no request and no description: it has the pointer that its caller has, and is over
 * when it returns. So it notices what an iterator that is lowered late notices, of the misuses that can be
 * made of it; those in flight cannot.
 * @module
 */
import { type LifetimesReport, runLifetimes } from '../lifetimes/lifetimes.ts';
import type { RepresentationName } from '../lifetimes/representation.ts';
import { WAYS, type Way } from './ways.ts';

/** Misuses of one way. */
export interface LifetimesCaught {
  readonly caught: number;
  /** How many can be made of it. */
  readonly of: number;
}

/** Small, so that the figures are those of the default of the command. */
const SEED = 1;
const LATE: RepresentationName = 'iov_iter, late';
const REPRESENTATION: Readonly<Record<Way, RepresentationName>> = {
  scatterlist: 'scatterlist',
  iov_iter: LATE,
  library: LATE,
};
const IN_FLIGHT = /in flight/;

/** What is noticed by shadow memory, tags or the allocator, most of the time. */
export function caughtLifetimes(
  report: LifetimesReport = runLifetimes(SEED),
): Readonly<Record<Way, LifetimesCaught>> {
  const counts = WAYS.map((way): [Way, LifetimesCaught] => {
    const verdicts = report.verdicts.filter(
      ({ bug, representation }) =>
        representation === REPRESENTATION[way] && (way !== 'library' || !IN_FLIGHT.test(bug)),
    );
    return [way, { caught: verdicts.filter((v) => v.caught).length, of: verdicts.length }];
  });
  return Object.fromEntries(counts) as Readonly<Record<Way, LifetimesCaught>>;
}

/** The same as lines. */
export function lifetimeLines(): string[] {
  const counts = caughtLifetimes();
  const flying = counts.iov_iter.of - counts.library.of;
  return WAYS.map((way) => {
    const { caught, of } = counts[way];
    const rest =
      way === 'library' ? `; ${flying} need a request in flight, and a call has none` : '';
    return `${way}: ${caught} of ${of}${rest}`;
  });
}
