/**
 * `sg2iter report`: one page of the results of other commands.
 * @module
 */
import type { Command } from 'commander';
import { reportHtml } from '../overview/html.ts';
import { readReport } from '../overview/read.ts';
import { writePage } from './page-file.ts';

export function registerReport(program: Command): void {
  program
    .command('report')
    .description('one page of what other commands found, from their --json')
    .argument(
      '<json...>',
      'what conform, mutants, bench, certify, vectors, survey and the others print with --json; several of a kind make trends',
    )
    .requiredOption('--out <file>', 'the page; it needs no network')
    .option('--title <text>', 'what stands over it', 'sg2iter')
    .action((files: readonly string[], flags: { readonly out: string; readonly title: string }) => {
      writePage(flags.out, reportHtml(readReport(files), flags.title));
    });
}
