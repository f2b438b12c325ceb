/**
 * Replay tokens: a case in one word, with a checksum, so that a finding travels in a mail.
 * @module
 */
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { type Case, CaseError } from '../case/case.ts';
import { parseCaseJson } from '../case/parse.ts';

/** Longest case, bytes of JSON: text of a MiB in hex, and some lists. */
export const MOST_JSON: number = 4 << 20;

const PREFIX = 'sg2iter2';
/** Its checksum was that of the JSON text, which some altered letters of the body leave as it is. */
const FIRST_PREFIX = 'sg2iter1';

/** The case as `sg2iter2.<body>.<checksum of the body>`. */
export function encodeToken(c: Case): string {
  const json = Buffer.from(JSON.stringify(c));
  const body = deflateRawSync(json, { level: 9 }).toString('base64url');
  return [PREFIX, body, checksum(body)].join('.');
}

/** True when a word is meant to be a token, whole or not. */
export function looksLikeToken(word: string): boolean {
  return word.startsWith(`${PREFIX}.`) || word.startsWith(`${FIRST_PREFIX}.`);
}

/** @throws CaseError for a token that is cut off, altered, or of another version. */
export function decodeToken(token: string): Case {
  const [prefix, body, sum, ...rest] = token.split('.');
  const isFirst = prefix === FIRST_PREFIX;
  if (
    (prefix !== PREFIX && !isFirst) ||
    body === undefined ||
    sum === undefined ||
    rest.length > 0
  ) {
    throw new CaseError('replay token: incomplete');
  }
  if (!isFirst && checksum(body) !== sum)
    throw new CaseError('replay token: checksum does not match');
  let json: Buffer;
  try {
    json = inflateRawSync(Buffer.from(body, 'base64url'), { maxOutputLength: MOST_JSON });
  } catch {
    throw new CaseError('replay token: incomplete or altered');
  }
  if (isFirst && checksum(json) !== sum)
    throw new CaseError('replay token: checksum does not match');
  return parseCaseJson(json.toString(), 'replay token');
}

function checksum(bytes: Buffer | string): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}
