/**
 * What the token of a finding gives: the commands that show it again, and its picture. A report may come
 * from another version, so a token that is not read is no fault.
 * @module
 */
import { decodeToken } from '../campaign/replay.ts';
import { CaseError } from '../case/case.ts';
import type { SubjectSpec } from '../subjects/foreign/foreign.ts';
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

/**
 * The command that runs the case again.
 * @param subject what it may be about besides the sides of this project
 */
export function replayCommand(token: string, subject?: SubjectSpec): string {
  const { module = null, command = null, known = null } = subject ?? {};
  const options = [
    ...(module === null ? [] : ['--subject', quoted(module)]),
    ...(command === null ? [] : ['--subject-cmd', quoted(command)]),
    ...(known === null ? [] : ['--known', quoted(known)]),
  ];
  return ['sg2iter replay', token, ...options].join(' ');
}

/** A word for a shell. */
function quoted(word: string): string {
  return /^[\w./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The command that tells its steps; null for what this version cannot read. */
export function explainCommand(token: string): string | null {
  try {
    decodeToken(token);
    return `sg2iter explain ${token}`;
  } catch (error) {
    if (error instanceof CaseError) return null;
    throw error;
  }
}

/** The command that makes a page of its steps; null also for iterators, and for a subject from elsewhere. */
export function pageCommand(token: string, subject?: SubjectSpec): string | null {
  const explain = subject === undefined ? explainCommand(token) : null;
  if (explain === null || decodeToken(token).iterator !== undefined) return null;
  return `${explain} --html walk.html`;
}

/** Both, each with the word that it stands for. The steps of a subject from elsewhere are not known. */
export function againLines(token: string, subject?: SubjectSpec): string[] {
  const explain = subject === undefined ? explainCommand(token) : null;
  return [
    `replay: ${replayCommand(token, subject)}`,
    ...(explain === null ? [] : [`see it: ${explain}`]),
  ];
}
