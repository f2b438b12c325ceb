/**
 * What goes wrong in a subject that somebody else has written: no fault of the harness, and one line.
 * @module
 */

/** It threw, ended, or answered what is no answer. The message is one line. */
export class SubjectError extends Error {
  override readonly name: string = 'SubjectError';
}

/** It has not answered in time. */
export class SubjectSilent extends SubjectError {
  override readonly name = 'SubjectSilent';
  readonly subject: string;

  constructor(subject: string, seconds: number) {
    super(`does not end: no answer for ${seconds} s`);
    this.subject = subject;
  }
}

/** It says that it does not do this. The message is the reason. */
export class SubjectAbsent extends SubjectError {
  override readonly name = 'SubjectAbsent';
}
