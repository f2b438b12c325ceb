/**
 * JSON files that are named on the command line.
 * @module
 */
import { readFileSync, statSync } from 'node:fs';
import { UsageError } from './exit.ts';

/**
 * What a JSON file holds, unchecked.
 * @param most bytes that it may have
 * @throws UsageError whose one line names the file
 */
export function jsonFile(file: string, most: number = Number.POSITIVE_INFINITY): unknown {
  let text: string;
  try {
    if (statSync(file).size > most) throw new UsageError(`${file}: too large for a report`);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file}: cannot be read`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${file}: not a JSON file`);
  }
}
