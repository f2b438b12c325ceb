/** The one kind of error that a survey command reports in a single line. */

/** Exit code for bad input: a tree, a report, an option. */
export const EXIT_BAD_INPUT = 2;
/** Exit code for something that is not installed. */
export const EXIT_MISSING = 3;

/** Ends the command with one line on stderr and `exitCode`; nothing is written. */
export class SurveyFailure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT_BAD_INPUT) {
    super(message);
    this.name = 'SurveyFailure';
    this.exitCode = exitCode;
  }
}
