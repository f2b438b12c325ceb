/**
 * Exit codes, and the error that ends a command with one line.
 * @module
 */

export const EXIT_FINDINGS = 1;
export const EXIT_USAGE = 2;
export const EXIT_ENVIRONMENT = 3;
export const EXIT_SELF_CHECK = 4;
export const EXIT_INTERNAL = 70;
export const EXIT_INTERRUPTED = 130;

/** What the user can mend: the message is one line and names the option, file or field. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT_USAGE) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A whole number inside bounds. @throws UsageError naming the option. */
export function wholeNumber(option: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new UsageError(`${option}: '${text}' is not a whole number from ${least} to ${most}`);
    }
    return value;
  };
}
