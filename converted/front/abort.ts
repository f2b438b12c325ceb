/**
 * What an abort calls.
 *
 * @kernel none: names are ordinary TypeScript.
 * @module
 */

/**
 * What waits for each signal. One listener serves all of them: a thousand requests may share a signal,
 * and an event target warns of the eleventh listener.
 */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `abort` when the signal does, once. */
export function onAbort(signal: AbortSignal, abort: () => void): void {
  const known = waiting.get(signal) ?? new Set();
  if (known.size === 0) {
    waiting.set(signal, known);
    signal.addEventListener('abort', aborted);
  }
  known.add(abort);
}

/** Takes back what `onAbort` was given. */
export function offAbort(signal: AbortSignal, abort: () => void): void {
  const known = waiting.get(signal);
  if (known === undefined || !known.delete(abort) || known.size > 0) return;
  waiting.delete(signal);
  signal.removeEventListener('abort', aborted);
}

function aborted(this: AbortSignal): void {
  const known = waiting.get(this);
  waiting.delete(this);
  this.removeEventListener('abort', aborted);
  for (const abort of known ?? []) abort();
}
