/** The `survey` command line: options, files and exit codes. All work is done elsewhere. */
import { join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Command } from 'commander';
import { EXIT_FINDINGS, EXIT_INTERRUPTED, EXIT_SELF_CHECK, UsageError } from '../terminal/exit.ts';
import type { Census } from './census.ts';
import { readCensus } from './census-schema.ts';
import { burnDownRows, renderBurnDown } from './compare/burn-down.ts';
import { diffCensus } from './compare/diff.ts';
import { newFindings, parseKinds } from './compare/gate.ts';
import { NOTHING_OUTSIDE, readOutside } from './compare/outside.ts';
import { renderDiff } from './output/diff.ts';
import { parsePlace, renderExplanation } from './output/explain.ts';
import { renderHtml } from './output/html.ts';
import { renderListing } from './output/listing.ts';
import { renderPlan } from './output/plan.ts';
import { renderSarif } from './output/sarif.ts';
import { renderSummary } from './output/summary.ts';
import { checkTargets, type Target, writeTargets } from './output/targets.ts';
import { runPatches } from './patch.ts';
import type { Progress } from './pool.ts';
import { isClean, renderSelfCheck, selfCheck } from './self-check.ts';
import { surveyTree } from './survey.ts';

interface SurveyOptions {
  readonly json?: boolean;
  readonly sarif?: string;
  readonly html?: string;
  readonly plan?: string;
  readonly out?: string;
  readonly explain?: string;
  readonly history?: string[];
  readonly sourceUrl?: string;
  readonly selfCheck?: boolean;
}

/** One output of a survey; the path `-` is stdout. */
interface Output extends Target {
  readonly render: (census: Census) => string;
}

interface DiffOptions {
  readonly json?: boolean;
  readonly tree?: string;
  /** Commander stores `--no-new` as `new`: true without it, false with it, text with kinds. */
  readonly new: boolean | string;
}

interface PatchOptions {
  readonly write?: boolean;
  readonly only?: string;
}

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
      guarded((signal) => surveyAction(tree, options, signal)),
    );
  survey
    .command('diff')
    .description('compare two reports: converted, removed, moved, new')
    .argument('<old>', 'report of the older tree')
    .argument('<new>', 'report of the newer tree')
    .option('--json', 'print the comparison as JSON')
    .option('--tree <folder>', 'the newer tree: tells what became of files that left its report')
    .option('--no-new [kinds]', 'exit 1 when a site or hazard is new (names, comma-separated)')
    // `survey` has --json too and may have taken it: the subcommand sees the options of both.
    .action((from: string, to: string, _: DiffOptions, command: Command) =>
      guarded(() => diffAction(from, to, command.optsWithGlobals())),
    );
  survey
    .command('burn-down')
    .description('what is left over a series of reports')
    .argument('<reports...>', 'reports, oldest first')
    .option('--json', 'print the rows as JSON')
    .action((reports: string[], _: object, command: Command) =>
      guarded(() => burnDownAction(reports, command.optsWithGlobals<{ json?: boolean }>())),
    );
  survey
    .command('patch')
    .description('the mechanical part as Coccinelle semantic patches (dry run)')
    .argument('<tree>', 'unpacked Linux source')
    .argument('[file]', 'one file, relative to the tree')
    .option('--only <ids>', 'patches, comma-separated')
    .option('--write', 'edit the files in place')
    .action((tree: string, file: string | undefined, options: PatchOptions) =>
      guarded((signal) =>
        runPatches(
          {
            root: tree,
            file: file ?? null,
            only: splitList(options.only),
            write: options.write === true,
            signal,
          },
          print,
        ),
      ),
    );
}

function splitList(text: string | undefined): string[] {
  return (text ?? '').split(',').filter((part) => part !== '');
}

function print(text: string): void {
  process.stdout.write(text);
}

/** Runs an action that an interrupt ends with 130. */
async function guarded(action: (signal: AbortSignal) => Promise<void> | void): Promise<void> {
  const controller = new AbortController();
  const interrupt = (): void => controller.abort();
  process.once('SIGINT', interrupt);
  try {
    await action(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    process.exitCode = EXIT_INTERRUPTED;
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}

/** Progress on stderr, only for somebody who is looking. */
function progressLine(): Progress {
  if (!process.stderr.isTTY) return () => undefined;
  return (done, all) => {
    const text = done < all ? `\r${done} of ${all} files` : '\r\x1b[K';
    process.stderr.write(text);
  };
}

async function surveyAction(
  root: string,
  options: SurveyOptions,
  signal: AbortSignal,
): Promise<void> {
  const outputs = outputsOf(options);
  refuseContradictions(options, outputs);
  const folder = options.out ?? null;
  const files = outputs.filter((o) => o.path !== '-');
  checkTargets(folder, files);
  const { tree, facts, census } = await surveyTree(root, progressLine(), signal);
  if (options.selfCheck === true) {
    const check = selfCheck(tree, facts);
    await interruptible(signal);
    print(options.json === true ? `${JSON.stringify(check)}\n` : renderSelfCheck(check));
    if (!isClean(check)) process.exitCode = EXIT_SELF_CHECK;
    return;
  }
  // Everything is rendered before anything is written: bad input leaves no half output.
  const texts = files.map((o) => ({ ...o, text: o.render(census) }));
  const render = outputs.find((o) => o.path === '-')?.render ?? renderSummary;
  const text = render(census);
  await interruptible(signal);
  writeTargets(folder, texts);
  print(text);
}

/** Lets an interrupt in that came while the thread was busy: signals arrive between two turns. */
async function interruptible(signal: AbortSignal): Promise<void> {
  await setImmediate();
  await setImmediate();
  signal.throwIfAborted();
}

function outputsOf(options: SurveyOptions): Output[] {
  const { json, explain, sarif, html, plan, out, sourceUrl } = options;
  if (sourceUrl !== undefined && !/^https?:\/\//.test(sourceUrl))
    throw new UsageError(`--source-url ${sourceUrl}: begins with neither https:// nor http://`);
  const older = (options.history ?? []).map(readCensus);
  const page = (census: Census): string =>
    renderHtml(census, {
      sourceUrl: sourceUrl ?? onlineSource(census),
      history: burnDownRows([...older, census]),
    });
  const outputs: Output[] = [];
  const add = (option: string, path: string | undefined, render: Output['render']): void => {
    if (path !== undefined) outputs.push({ option, path, render });
  };
  add('--json', json === true ? '-' : undefined, renderJson);
  if (explain !== undefined) {
    const place = parsePlace(explain);
    add('--explain', '-', (census) => renderExplanation(census, place));
  }
  add('--sarif', sarif, renderSarif);
  add('--html', html, page);
  add('--plan', plan, renderPlan);
  if (out === undefined) return outputs;
  add('--out', join(out, 'census.json'), renderJson);
  add('--out', join(out, 'index.html'), page);
  add('--out', join(out, 'plan.json'), renderPlanJson);
  add('--out', join(out, 'plan.md'), renderPlan);
  add('--out', join(out, 'survey.sarif'), renderSarif);
  add('--out', join(out, 'table.txt'), renderListing);
  return outputs;
}

/** One place takes one document, and the self-check writes none but its own. */
function refuseContradictions(options: SurveyOptions, outputs: readonly Output[]): void {
  const others = outputs.filter((o) => o.option !== '--json').map((o) => o.option);
  if (options.selfCheck === true && others.length > 0)
    throw new UsageError(`--self-check, ${[...new Set(others)].join(', ')}: not both`);
  const takers = new Map<string, Output[]>();
  for (const output of outputs) {
    const place = output.path === '-' ? '-' : resolve(output.path);
    takers.set(place, [...(takers.get(place) ?? []), output]);
  }
  for (const [place, several] of takers) {
    if (several.length < 2) continue;
    const names = several.map((o) => o.option);
    const where = place === '-' ? 'stdout' : place;
    throw new UsageError(`${names.join(', ')}: more than one document for ${where}`);
  }
}

function renderJson(census: Census): string {
  return `${JSON.stringify(census)}\n`;
}

function renderPlanJson(census: Census): string {
  const plan = census.files
    .filter((f) => f.wave !== null)
    .map(({ path, wave, hours, sites, blockedBy, patches, maintainers }) => ({
      path,
      wave,
      hours,
      sites,
      blockedBy,
      patches,
      maintainers,
    }));
  return `${JSON.stringify(plan, null, 1)}\n`;
}

function onlineSource(census: Census): string {
  return `https://elixir.bootlin.com/linux/v${census.tree.version}/source/`;
}

async function diffAction(older: string, newer: string, options: DiffOptions): Promise<void> {
  const kinds = parseKinds(typeof options.new === 'string' ? splitList(options.new) : []);
  const [from, to] = [readCensus(older), readCensus(newer)];
  const { tree } = options;
  const outside = tree === undefined ? NOTHING_OUTSIDE : await readOutside(from, to, tree);
  const diff = diffCensus(from, to, outside);
  print(options.json === true ? `${JSON.stringify(diff)}\n` : renderDiff(diff));
  if (options.new === true) return;
  const refused = newFindings(diff, kinds);
  for (const line of refused) process.stderr.write(`${line}\n`);
  if (refused.length > 0) process.exitCode = EXIT_FINDINGS;
}

function burnDownAction(reports: readonly string[], options: { readonly json?: boolean }): void {
  const rows = burnDownRows(reports.map(readCensus));
  print(options.json === true ? `${JSON.stringify(rows)}\n` : renderBurnDown(rows));
}
