/**
 * What the token of a finding gives: the commands that show it again, and its picture. A report may come
 * from another version, so a token that is not read is no fault.
 * @module
 */
import { decodeToken } from '../campaign/replay.ts';
import { CaseError } from '../case/case.ts';
import { drawCase } from './picture.ts';

/** The case as a picture, or a line that says why there is none. */
export function pictureLines(
  token: string,
  violation: Parameters<typeof drawCase>[1] = null,
): string[] {
  try {
    return drawCase(decodeToken(token), violation);
  } catch (error) {
    if (error instanceof CaseError) return [`no picture: ${error.message}`];
    throw error;
  }
}

/** The command that runs the case again. */
export function replayCommand(token: string): string {
  return `sg2iter replay ${token}`;
}

/** The command that tells its steps; null for programs, iterators, and what this version cannot read. */
export function explainCommand(token: string): string | null {
  try {
    const { program, iterator } = decodeToken(token);
    return program === undefined && iterator === undefined ? `sg2iter explain ${token}` : null;
  } catch (error) {
    if (error instanceof CaseError) return null;
    throw error;
  }
}

/** Both, each with the word that it stands for. */
export function againLines(token: string): string[] {
  const explain = explainCommand(token);
  return [`replay: ${replayCommand(token)}`, ...(explain === null ? [] : [`see it: ${explain}`])];
}
