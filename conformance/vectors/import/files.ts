/**
 * The files of an import: those that it reads, and the two that it makes.
 * @module
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { VectorText } from '../vector.ts';
import { RspError } from './rsp.ts';

/** What the two files are called without their endings, and where their vectors are from. */
export interface AboutFiles {
  readonly name: string;
  readonly index: string;
  readonly origin: string;
  readonly licence: string;
}

/** The two files, by name: the text compressed, and what it is. */
export function renderFiles(
  { sources, text }: VectorText,
  { name, index, origin, licence }: AboutFiles,
): ReadonlyMap<string, Uint8Array> {
  const about = { sha256: sha256(text), origin, licence, sources };
  return new Map([
    [`${name}.txt.gz`, gzipSync(Buffer.from(text, 'latin1'), { level: 9 })],
    [`${index}.json`, Buffer.from(`${JSON.stringify(about, null, 1)}\n`)],
  ]);
}

/** @throws RspError naming the file that cannot be read. */
export function readOrigin(root: string, path: string): Buffer {
  try {
    return readFileSync(join(root, path));
  } catch (error) {
    throw new RspError(`${join(root, path)}: cannot be read: ${codeOf(error)}`);
  }
}

/** The name of a system error: ENOENT. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
