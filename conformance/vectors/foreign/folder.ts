/**
 * A folder of collections of tests: every JSON file below it, compressed by gzip or not.
 * @module
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { codeOf } from '../import/files.ts';
import { type AcvpFile, pairAcvp, readAcvp } from './acvp.ts';
import { isRooterberg, readRooterberg } from './rooterberg.ts';
import { ForeignError, type ForeignSet } from './target.ts';
import { isWycheproof, readWycheproof } from './wycheproof.ts';

/** The largest file of Wycheproof has 9 MiB; what unpacks to more than this is no such file. */
const LARGEST = 64 << 20;

/**
 * All sets of tests in a folder, in the order of their paths.
 * @throws ForeignError naming the file, and the field where it is one, that cannot be read
 */
export function readFolder(folder: string): ForeignSet[] {
  const sets: ForeignSet[] = [];
  const acvp: AcvpFile[] = [];
  const paths = filesIn(folder);
  if (paths.length === 0) throw new ForeignError(`${folder}: no JSON files`);
  for (const path of paths) {
    const value = documentIn(folder, path);
    const answered = readAcvp(path, value);
    if (answered !== null) acvp.push(...answered);
    else if (isWycheproof(value)) sets.push(readWycheproof(path, value));
    else if (isRooterberg(value)) sets.push(readRooterberg(path, value));
    else throw new ForeignError(`${path}: neither Wycheproof nor ACVP nor Rooterberg`);
  }
  return [...sets, ...pairAcvp(acvp)].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function filesIn(folder: string): string[] {
  try {
    if (statSync(folder).isFile()) throw new ForeignError(`${folder}: a file, not a folder`);
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const paths = names.filter((name) => /\.json(\.gz)?$/.test(name));
    return paths.map((name) => name.split(sep).join('/')).sort();
  } catch (error) {
    if (error instanceof ForeignError) throw error;
    throw new ForeignError(`${folder}: cannot be read: ${codeOf(error)}`);
  }
}

function documentIn(folder: string, path: string): unknown {
  const text = textIn(join(folder, path), path);
  try {
    return JSON.parse(text);
  } catch (error) {
    // The parser says where it stopped, with some of the text, which may be anything.
    const where = error instanceof Error ? error.message.replace(/[^ -~]+/g, ' ') : '';
    throw new ForeignError(`${path}: not a JSON file: ${where}`);
  }
}

function textIn(file: string, path: string): string {
  try {
    if (statSync(file).size > LARGEST) throw new ForeignError(`${path}: larger than 64 MiB`);
    const bytes = readFileSync(file);
    const text = path.endsWith('.gz') ? gunzipSync(bytes, { maxOutputLength: LARGEST }) : bytes;
    return text.toString('utf8');
  } catch (error) {
    if (error instanceof ForeignError) throw error;
    const code = codeOf(error);
    const what = code.startsWith('Z_') ? 'not a whole gzip file' : 'cannot be read';
    throw new ForeignError(`${path}: ${what}: ${code}`);
  }
}
