/**
 * A case from people: a replay token, a file, or standard input, checked before anything runs.
 * @module
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { type Case, CaseError } from '../case/case.ts';
import { checkCase } from '../case/check.ts';
import { parseCaseJson } from '../case/parse.ts';
import { decodeToken, looksLikeToken, MOST_JSON } from './replay.ts';

const STDIN_FD = 0;

/**
 * @param word a token, the path of a file with a case or a token, or `-` for standard input.
 * @throws CaseError whose one line names the source and the field.
 */
export function readCase(word: string): Case {
  if (looksLikeToken(word)) return checked(decodeToken(word), 'replay token');
  const name = word === '-' ? 'standard input' : word;
  const text = readText(word, name).trim();
  const c = looksLikeToken(text) ? decodeToken(text) : parseCaseJson(text, name);
  return checked(c, name);
}

function checked(c: Case, name: string): Case {
  checkCase(c, name);
  return c;
}

/** No more than a case can have is read: a device or a pipe may have no end. */
function readText(word: string, name: string): string {
  let fd = -1;
  try {
    fd = word === '-' ? STDIN_FD : openSync(word, 'r');
    const buffer = Buffer.alloc(MOST_JSON + 1);
    let size = 0;
    while (size < buffer.length) {
      const got = readSync(fd, buffer, size, buffer.length - size, null);
      if (got === 0) break;
      size += got;
    }
    if (size > MOST_JSON) throw new CaseError(`${name}: more than ${MOST_JSON} bytes`);
    return buffer.toString('utf8', 0, size);
  } catch (error) {
    if (error instanceof CaseError) throw error;
    throw new CaseError(`${name}: neither a replay token nor a file that can be read`);
  } finally {
    if (fd > STDIN_FD) closeSync(fd);
  }
}
