/**
 * `sg2iter survey`: what a kernel tree still has to convert, and in which order.
 * @module
 */
import type { Command } from 'commander';
import { surveyPage } from '../overview/read-survey.ts';
import { runSurvey, type SurveyHooks, type SurveyOptions } from '../survey/survey.ts';
import { withInterrupt } from '../terminal/interrupt.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { addReportCommands } from './survey-reports.ts';

/** Adds `survey`, `survey diff`, `survey burn-down` and `survey patch` to the program. */
export function registerSurvey(program: Command): void {
  const survey = program
    .command('survey')
    .description('what a kernel tree still has to convert, and in which order')
    .argument('<tree>', 'unpacked Linux source')
    .option('--json', 'print the report as JSON')
    .option('--sarif <file>', 'write the hazards as SARIF 2.1.0 (- for stdout)')
    .option('--html <file>', 'write one self-contained page (- for stdout)')
    .option('--plan <file>', 'write the waves as markdown (- for stdout)')
    .option('--out <folder>', 'write every output into a folder')
    .option('--explain <place>', 'explain file[:line], relative to the tree')
    .option('--history <report...>', 'older reports for the burn-down chart, oldest first')
    .option('--self-check', 'check the instruments on this tree; exit 4 when they differ')
    .option('--source-url <prefix>', 'prefix of links to source lines in the page')
    .action((tree: string, options: SurveyOptions) =>
      run((h) => runSurvey(tree, options, surveyPage, h)),
    );
  addReportCommands(survey, run);
}

async function run(action: (hooks: SurveyHooks) => number | Promise<number>): Promise<void> {
  const line = new ProgressLine();
  const progress: SurveyHooks['progress'] = (done, all, at) =>
    line.show(at === '' ? 'survey' : `survey, ${at}`, done, all);
  const print = (text: string): void => {
    line.clear();
    process.stdout.write(text);
  };
  const note = (text: string): void => {
    line.clear();
    process.stderr.write(`${text}\n`);
  };
  await withInterrupt(async (signal) => action({ print, note, progress, signal })).finally(() =>
    line.clear(),
  );
}
