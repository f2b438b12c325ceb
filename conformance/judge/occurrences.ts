/**
 * What came about in a run, above all in programs of requests. Whether a queue was full, or requests were completed in
 * another order, no case says beforehand: it is counted from what was seen. What never came about was
 * never tested, so a whole run without it fails.
 * @module
 */
import { EBUSY, EINPROGRESS, ENOSPC, type Errno } from '../../src/errno.ts';
import { type Case, type FurtherRequest, isData, MISUSES } from '../case/case.ts';
import type { Trial } from './judge.ts';
import type { Happening, Observation } from './observe.ts';
import { LEFT } from './residue.ts';

/** More than this many requests in flight at once are many. */
const FEW = 4;

/** A program that was run, as the first subject that ran it shows it. */
interface Run {
  readonly trial: Trial;
  readonly history: readonly Happening[];
  /** The final result of each request. */
  readonly results: readonly Errno[];
}

const RULES: Readonly<Record<string, (run: Run) => boolean>> = {
  'several requests in flight': ({ history }) => mostInFlight(history) > 1,
  'more than four in flight': ({ history }) => mostInFlight(history) > FEW,
  'completed before its submission returned': ({ trial }) =>
    isCompletedEarly(trial.observations[0].program?.history ?? []),
  backlogged: ({ history }) => isAnswered(history, -EBUSY),
  'refused by a full queue': ({ history }) => isAnswered(history, -ENOSPC),
  'completed in another order': ({ history }) => isReordered(history),
  'submitted by a completion': ({ trial }) =>
    trial.c.program?.requests.some(({ when }) => when === 'callback') ?? false,
  'used again after success': (run) => isReused(run, (result) => result === 0),
  'used again after failure': (run) => isReused(run, (err) => err !== 0 && err !== -ENOSPC),
  'used again after a full queue': (run) => isReused(run, (err) => err === -ENOSPC),
  'in flight on several transforms': ({ trial, history }) => mostTransforms(trial.c, history) > 1,
  'a call failed': ({ trial }) => trial.observations.some(({ struck }) => struck > 0),
  'in flight after one submission': ({ trial, history }) =>
    trial.c.program?.requests.some(
      ({ batch }, i) =>
        batch === true &&
        isAnswered(
          history.filter(({ request }) => request === i + 1),
          -EINPROGRESS,
        ),
    ) ?? false,
  'part of a message in flight': ({ history }) =>
    history.some((happening) => happening.step > 0 && isAccepted(happening)),
  'user memory given back after success': (run) => isGivenBack(run, ({ result }) => result === 0),
  'user memory given back after an error': (run) => isGivenBack(run, ({ result }) => result < 0),
  'user memory held in the backlog': (run) => isGivenBack(run, ({ ret }) => ret === -EBUSY),
  'user memory not to be had': ({ trial }) =>
    observationsOf(trial).some(
      ({ c, o }) => c.context.caller !== undefined && o.held === undefined && o.result < 0,
    ),
  'compression or public keys': ({ trial }) => trial.further.some(({ c }) => isData(c)),
  ...Object.fromEntries(
    MISUSES.map((what) => [
      `caller at fault in flight: ${what}`,
      ({ trial }: Run) =>
        trial.observations[0].program?.misuse.happened === true &&
        trial.c.program?.misuse?.what === what,
    ]),
  ),
};

/** Names of those that programs show, as a meter counts them. */
export const OF_PROGRAMS: readonly string[] = Object.keys(RULES).map(nameOf);

/** Names of all of them. */
export const OCCURRENCES: readonly string[] = [
  ...OF_PROGRAMS,
  ...LEFT.flatMap(({ who, shownBy }) => (shownBy.includes('run') ? leftName(who) : [])),
];

/** What came about in a trial: in a program, and what an API left in memory as the kernel does. */
export function occurrencesOf(trial: Trial): string[] {
  const left = trial.observations.flatMap(({ leftBy }) => leftBy);
  const met = programOccurrences(trial);
  return left.length === 0 ? met : [...met, ...[...new Set(left)].map(leftName)];
}

function leftName(who: string): string {
  return `left in memory as 6.1 does: ${who}`;
}

function programOccurrences(trial: Trial): string[] {
  const program = trial.observations[0]?.program ?? null;
  if (program === null) return [];
  const results = [trial, ...trial.further].map(({ observations }) => observations[0].result);
  const run = { trial, history: inOrder(program.history), results };
  const met = Object.entries(RULES).filter(([, happened]) => happened(run));
  return met.map(([name]) => nameOf(name));
}

/** Each request as the first subject shows it. */
function observationsOf(trial: Trial): { readonly c: Case; readonly o: Observation }[] {
  return [trial, ...trial.further].map(({ c, observations: [o] }) => ({ c, o }));
}

/** True where a caller held user memory for a request that came to that. */
function isGivenBack({ trial }: Run, to: (o: Observation) => boolean): boolean {
  return observationsOf(trial).some(({ o }) => o.held !== undefined && to(o));
}

function nameOf(occurrence: string): string {
  return `program: ${occurrence}`;
}

/** The answers where the submissions began: what came before an answer came behind its acceptance. */
function inOrder(history: readonly Happening[]): readonly Happening[] {
  const answers = new Map<string, Happening>();
  for (const happening of history) {
    const { what, request, step } = happening;
    if (what === 'answer') answers.set(`${request}:${step}`, happening);
  }
  const isEarly = history.some(({ what }) => what === 'submit');
  if (!isEarly) return history;
  return history
    .filter(({ what }) => what !== 'answer')
    .map((happening) =>
      happening.what === 'submit'
        ? (answers.get(`${happening.request}:${happening.step}`) ?? happening)
        : happening,
    );
}

/** True where a call, and no notice, came between the beginning and the answer of its submission. */
function isCompletedEarly(history: readonly Happening[]): boolean {
  const open = new Set<string>();
  return history.some((happening) => {
    const { what, request, step } = happening;
    const call = `${request}:${step}`;
    if (what === 'submit') open.add(call);
    if (what === 'answer') open.delete(call);
    return isFinal(happening) && open.has(call);
  });
}

function isAnswered(history: readonly Happening[], wanted: Errno): boolean {
  return history.some(({ what, err }) => what === 'answer' && err === wanted);
}

function isAccepted({ what, err }: Happening): boolean {
  return what === 'answer' && (err === -EINPROGRESS || err === -EBUSY);
}

function isFinal({ what, err }: Happening): boolean {
  return what === 'call' && err !== -EINPROGRESS;
}

function mostInFlight(history: readonly Happening[]): number {
  let now = 0;
  let most = 0;
  for (const happening of history) {
    if (isAccepted(happening)) now++;
    else if (isFinal(happening)) now--;
    most = Math.max(most, now);
  }
  return most;
}

/** How many transforms had requests in flight at one time. */
function mostTransforms({ program }: Case, history: readonly Happening[]): number {
  const inFlight = new Map<number, number>();
  let most = 0;
  for (const happening of history) {
    const { request } = happening;
    if (isAccepted(happening)) inFlight.set(request, program?.requests[request - 1]?.tfm ?? 0);
    else if (isFinal(happening)) inFlight.delete(request);
    most = Math.max(most, new Set(inFlight.values()).size);
  }
  return most;
}

/** True where a request was completed before one that was accepted before it. */
function isReordered(history: readonly Happening[]): boolean {
  const waiting: number[] = [];
  return history.some((happening) => {
    if (isAccepted(happening)) waiting.push(happening.request);
    if (!isFinal(happening)) return false;
    const at = waiting.indexOf(happening.request);
    waiting.splice(at, 1);
    return at > 0;
  });
}

function isReused({ trial, results }: Run, after: (result: Errno) => boolean): boolean {
  const again = ({ reuse, of }: FurtherRequest): boolean => reuse && after(results[of]);
  return trial.c.program?.requests.some(again) ?? false;
}
