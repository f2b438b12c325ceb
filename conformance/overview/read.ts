/**
 * Reads results of the commands and makes one report of them.
 * @module
 */
import { basename } from 'node:path';
import { UsageError } from '../terminal/exit.ts';
import { jsonFile } from '../terminal/json-file.ts';
import type { Section } from './model.ts';
import { benchReader, soakReader, targetsReader } from './read-bench.ts';
import { certifyReader } from './read-certify.ts';
import { conformReader } from './read-conform.ts';
import { lifetimesReader } from './read-lifetimes.ts';
import { mutantsReader } from './read-mutants.ts';
import { surveyReader } from './read-survey.ts';
import { tableReaders } from './read-tables.ts';
import { tierReaders } from './read-tiers.ts';
import { vectorReaders } from './read-vectors.ts';
import type { Reader } from './reader.ts';
import { refusalOf } from './refusals.ts';
import { trendSection } from './trend.ts';

/** Longest result, bytes: a survey of a kernel has some MiB. */
const MOST_BYTES = 256 << 20;

const READERS: readonly Reader[] = [
  conformReader,
  mutantsReader,
  benchReader,
  targetsReader,
  soakReader,
  certifyReader,
  surveyReader,
  lifetimesReader,
  ...vectorReaders,
  ...tierReaders,
  ...tableReaders,
];

/** The sections of one report, one for each result and one for each trend. */
export function readReport(files: readonly string[]): Section[] {
  const byReader = new Map<Reader, Section[]>();
  for (const file of files) {
    const [reader, sections] = readResult(file);
    byReader.set(reader, [...(byReader.get(reader) ?? []), ...sections]);
  }
  return [...byReader].flatMap(([{ command, brief }, sections]) => [
    ...(sections.length > 1 ? [trendSection(command, sections)] : []),
    ...sections.map((section, i) =>
      i < sections.length - 1 ? (brief?.(section) ?? section) : section,
    ),
  ]);
}

/** @throws UsageError naming the file, and the first field that is wrong. */
function readResult(file: string): [reader: Reader, sections: readonly Section[]] {
  const value = jsonFile(file, MOST_BYTES);
  const found = READERS.find(({ knows }) => knows(value));
  // A certificate is any list, and what a list is refused for is more to the point.
  const refusal = found === undefined || Array.isArray(value) ? refusalOf(value) : null;
  if (refusal !== null) throw new UsageError(`${file}: ${refusal}`);
  if (found === undefined) {
    const known = READERS.map(({ command }) => command).join(', ');
    throw new UsageError(`${file}: not the --json of any of ${known}`);
  }
  const read = found.read(value, basename(file));
  if ('field' in read) {
    throw new UsageError(`${file}: ${found.command}: ${read.field}: ${read.message}`);
  }
  return [found, read];
}
