/**
 * Actions that an interrupt ends with exit code 130.
 * @module
 */
import { EXIT_INTERRUPTED } from './exit.ts';

/** Runs `action` and sets the exit code that it returns. What it throws without an interrupt stays. */
export async function withInterrupt(
  action: (signal: AbortSignal) => number | Promise<number>,
): Promise<void> {
  const controller = new AbortController();
  const interrupt = (): void => controller.abort();
  process.once('SIGINT', interrupt);
  try {
    process.exitCode = await action(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    process.exitCode = EXIT_INTERRUPTED;
  } finally {
    process.off('SIGINT', interrupt);
  }
}
