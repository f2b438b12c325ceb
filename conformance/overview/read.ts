/**
 * Reads results of the commands and makes one report of them.
 * @module
 */
import { basename } from 'node:path';
import { UsageError } from '../terminal/exit.ts';
import { jsonFile } from '../terminal/json-file.ts';
import { fact, type Section, type Trend } from './model.ts';
import { benchReader, soakReader, targetsReader } from './read-bench.ts';
import { certifyReader } from './read-certify.ts';
import { conformReader } from './read-conform.ts';
import { lifetimesReader } from './read-lifetimes.ts';
import { mutantsReader } from './read-mutants.ts';
import { surveyReader } from './read-survey.ts';
import type { Reader } from './reader.ts';

const READERS: readonly Reader[] = [
  conformReader,
  mutantsReader,
  benchReader,
  targetsReader,
  soakReader,
  certifyReader,
  surveyReader,
  lifetimesReader,
];

/** The sections of one report, one for each result and one for each trend. */
export function readReport(files: readonly string[]): Section[] {
  const byCommand = new Map<string, Section[]>();
  for (const file of files) {
    const [command, sections] = readResult(file);
    byCommand.set(command, [...(byCommand.get(command) ?? []), ...sections]);
  }
  return [...byCommand].flatMap(([command, sections]) => [
    ...(sections.length > 1 ? [trendSection(command, sections)] : []),
    ...sections,
  ]);
}

/** @throws UsageError naming the file, and the first field that is wrong. */
function readResult(file: string): [command: string, sections: readonly Section[]] {
  const value = jsonFile(file);
  const found = READERS.find(({ knows }) => knows(value));
  if (found === undefined) {
    const known = READERS.map(({ command }) => command).join(', ');
    throw new UsageError(`${file}: not the --json of any of ${known}`);
  }
  const read = found.read(value, basename(file));
  if ('field' in read) {
    throw new UsageError(`${file}: ${found.command}: ${read.field}: ${read.message}`);
  }
  return [found.command, read];
}

/** Figures that several results have, one after the other. */
function trendSection(command: string, sections: readonly Section[]): Section {
  const names = [...new Set(sections.flatMap(({ figures }) => Object.keys(figures)))];
  const blocks = names.flatMap((name): Trend[] => {
    const points = sections.flatMap(({ figures, title, source }) =>
      name in figures ? [{ label: `${title} (${source})`, value: figures[name] }] : [],
    );
    return points.length < 2 ? [] : [{ kind: 'trend', title: name, points }];
  });
  return {
    title: `Trend of ${command}`,
    source: `${sections.length} results, in the order in which they were given`,
    facts: [fact('results', sections.length)],
    blocks,
    figures: {},
  };
}
