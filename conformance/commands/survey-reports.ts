/**
 * `sg2iter survey diff`, `burn-down` and `patch`.
 * @module
 */
import type { Command } from 'commander';
import { runBurnDown, runDiff, runPatch, type SurveyHooks } from '../survey/survey.ts';

/** The options of the subcommands. Commander stores `--no-new` as `new`. */
interface Flags {
  readonly json?: boolean;
  readonly tree?: string;
  /** True without `--no-new`, false with it, text with kinds. */
  readonly new?: boolean | string;
  readonly only?: string;
  readonly write?: boolean;
}

/** Runs an action of the survey on this terminal. */
type Run = (action: (hooks: SurveyHooks) => number | Promise<number>) => Promise<void>;

/** Adds the subcommands to `survey`. */
export function addReportCommands(survey: Command, run: Run): void {
  survey
    .command('diff')
    .description('compare two reports: converted, removed, moved, new')
    .argument('<old>', 'report of the older tree')
    .argument('<new>', 'report of the newer tree')
    .option('--json', 'print the comparison as JSON')
    .option('--tree <folder>', 'the newer tree: tells what became of files that left its report')
    .option('--no-new [kinds]', 'exit 1 when a site or hazard is new (names, comma-separated)')
    // `survey` has --json too and may have taken it: a subcommand sees the options of both.
    .action((from: string, to: string, _: Flags, command: Command) => {
      const { json = false, tree = null, new: kinds } = command.optsWithGlobals<Flags>();
      const gate = kinds === true ? null : listOf(kinds === false ? '' : kinds);
      return run((h) => runDiff(from, to, { json, tree, gate }, h));
    });
  survey
    .command('burn-down')
    .description('what is left over a series of reports')
    .argument('<reports...>', 'reports, oldest first')
    .option('--json', 'print the rows as JSON')
    .action((reports: string[], _: Flags, command: Command) =>
      run((h) => runBurnDown(reports, command.optsWithGlobals<Flags>().json === true, h)),
    );
  survey
    .command('patch')
    .description('the mechanical part as Coccinelle semantic patches (dry run)')
    .argument('<tree>', 'unpacked Linux source')
    .argument('[file]', 'one file, relative to the tree')
    .option('--only <ids>', 'patches, comma-separated')
    .option('--write', 'edit the files in place')
    .action((root: string, file: string | undefined, { only, write = false }: Flags) =>
      run((h) => runPatch({ root, file: file ?? null, only: listOf(only), write }, h)),
    );
}

function listOf(text: string | undefined): string[] {
  return (text ?? '').split(',').filter((part) => part !== '');
}
