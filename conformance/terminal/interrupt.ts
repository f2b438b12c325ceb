/**
 * Signals that end a command: it stops, and what there is so far is reported.
 * @module
 */
import { EXIT_INTERRUPTED } from './exit.ts';

/** What a person, a supervisor and a closed terminal send. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Calls `stop` at the first signal of each kind; a second one ends the process. @returns what undoes it */
export function onInterrupt(stop: () => void): () => void {
  for (const signal of SIGNALS) process.once(signal, stop);
  return () => {
    for (const signal of SIGNALS) process.off(signal, stop);
  };
}

/** Runs `action` and sets the exit code that it returns. What it throws without an interrupt stays. */
export async function withInterrupt(
  action: (signal: AbortSignal) => number | Promise<number>,
): Promise<void> {
  const controller = new AbortController();
  const undo = onInterrupt(() => controller.abort());
  try {
    process.exitCode = await action(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    process.exitCode = EXIT_INTERRUPTED;
  } finally {
    undo();
  }
}
