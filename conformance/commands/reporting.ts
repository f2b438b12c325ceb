/**
 * The options that choose the format of a report.
 * @module
 */
import { type Command, Option } from 'commander';
import { REPORTERS, type Reporter } from '../report/reporters.ts';
import { UsageError } from '../terminal/exit.ts';

export interface Reporting {
  readonly reporter: string;
  readonly json?: boolean;
}

/** Adds `--reporter`, and `--json` for the most common of them. */
export function withReporter(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--reporter <name>',
        `format of the report: ${[...REPORTERS.keys()].join(', ')}`,
      ).default('text'),
    )
    .option('--json', 'the same as --reporter json');
}

/** @throws UsageError naming the option. */
export function reporterOf({ reporter, json }: Reporting): Reporter {
  if (json === true && reporter !== 'text' && reporter !== 'json') {
    throw new UsageError(`--json: not with --reporter ${reporter}`);
  }
  const found = REPORTERS.get(json === true ? 'json' : reporter);
  if (found !== undefined) return found;
  throw new UsageError(`--reporter: '${reporter}' is none of ${[...REPORTERS.keys()].join(', ')}`);
}

/**
 * True for JSON, of a run that prints that or text and has one value of one option to choose it.
 * @param option `--faults`
 * @throws UsageError naming the option.
 */
export function isJsonRun(
  option: string,
  word: string,
  only: string,
  { json, reporter }: Reporting,
): boolean {
  if (word !== only) throw new UsageError(`${option}: '${word}' is not ${only}`);
  const isJson = json === true || reporter === 'json';
  if (!isJson && reporter !== 'text') {
    throw new UsageError(`--reporter: with ${option} text or json, not ${reporter}`);
  }
  return isJson;
}
