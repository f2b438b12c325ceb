/**
 * `sg2iter merge` and `sg2iter evidence`: what becomes of the reports of `conform --json`.
 * @module
 */
import type { Command } from 'commander';
import { evidenceOf } from '../report/evidence.ts';
import { mergeReports } from '../report/merge.ts';
import { readReport } from '../report/read-report.ts';
import { exitCodeOf } from './conform.ts';
import { type Reporting, reporterOf, withReporter } from './reporting.ts';

export function registerMerge(program: Command): void {
  const merge = program
    .command('merge')
    .description(
      'the parts of a sharded campaign as one report; one whole report in another format',
    )
    .argument('<report...>', 'files that conform --json wrote');
  withReporter(merge).action((files: string[], flags: Reporting) => {
    const report = mergeReports(files.map(readReport));
    console.log(reporterOf(flags)(report));
    process.exitCode = exitCodeOf(report);
  });
  program
    .command('evidence')
    .description('what was run, on what, and what was not covered: the block for a cover letter')
    .argument('<report...>', 'files that conform --json or merge --json wrote')
    .action((files: string[]) => {
      const reports = files.map((file) => readReport(file).report);
      console.log(evidenceOf(reports).join('\n'));
    });
}
