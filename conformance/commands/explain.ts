/**
 * `sg2iter explain`: one case step by step, both sides next to each other.
 * @module
 */
import type { Command } from 'commander';
import { DEFAULT_CASE_TIME } from '../campaign/conform.ts';
import { replayCase } from '../campaign/replay-case.ts';
import { explainCase } from '../explain/explain.ts';
import { exhibitOf, galleryFiles, galleryTemplates } from '../explain/gallery.ts';
import { explainJson } from '../explain/json.ts';
import { explainHtml } from '../explain/page.ts';
import { explainText } from '../explain/text.ts';
import { explainWalk, type WalkExplanation, walkText } from '../explain/walk.ts';
import { STAGES } from '../subjects/partial-sides.ts';
import { allSides, withStages } from '../subjects/sides.ts';
import { painter } from '../terminal/colour.ts';
import { EXIT_FINDINGS, EXIT_SELF_CHECK, UsageError, wholeNumber } from '../terminal/exit.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { writePage, writePages } from './page-file.ts';
import { caseOf } from './replay.ts';

interface Flags {
  readonly json?: boolean;
  readonly all?: boolean;
  readonly side?: string | null;
  readonly html?: string;
  readonly gallery?: string;
  readonly caseTime: number;
}

export function registerExplain(program: Command): void {
  program
    .command('explain')
    .description('one case step by step: what each side did, and where they part')
    .argument(
      '[token|file|-]',
      'what a finding printed, a file with a case or token, or standard input',
    )
    .option('--all', 'every step, of setting keys and of set-up too')
    .option('--side <name>', 'the side in the second column: converted or lib')
    .option('--html <file>', 'a page to step through in a browser; it needs no network')
    .option('--gallery <folder>', 'no case: a page of each template, both sides, and an index')
    .option(
      '--case-time <s>',
      'seconds after which a case never ends',
      wholeNumber('--case-time', 1, 1e6),
      DEFAULT_CASE_TIME,
    )
    .option('--json', 'one JSON object on stdout')
    .action(run);
}

async function run(word: string | undefined, flags: Flags): Promise<void> {
  const { json, all = false, side = null, html, gallery, caseTime } = flags;
  if (gallery !== undefined) {
    if (word !== undefined) throw new UsageError('--gallery: its cases are its own, none is taken');
    writeGallery(gallery);
    return;
  }
  if (word === undefined) throw new UsageError('explain: no token, file or - given');
  const c = caseOf(word);
  // Under the watchdog first: what never ends cannot be told to its end.
  const { violations } = await replayCase(
    c,
    withStages(allSides, /* halfConverted */ true),
    caseTime,
  );
  const hung = violations.find(({ check }) => check === 'HANG');
  if (hung !== undefined) {
    console.log(`HANG ${hung.subject}: ${hung.detail}`);
    process.exitCode = EXIT_FINDINGS;
    return;
  }
  if (c.iterator !== undefined) {
    tellWalk(explainWalk(c, c.iterator), flags);
    return;
  }
  const explanation = explainCase(c);
  const heads = (list: typeof violations): string =>
    list
      .map(({ check, subject, detail }) => `${check} ${subject}: ${detail.split('\n')[0]}`)
      .join();
  const isAtStage = ({ subject }: { subject: string }): boolean =>
    STAGES.some(({ name }) => name === subject);
  const untraced = violations.filter(isAtStage);
  const traced = violations.filter((violation) => !isAtStage(violation));
  if (heads(traced) !== heads(explanation.violations)) {
    throw new UsageError(
      'explain: traced, the case ended otherwise than untraced',
      EXIT_SELF_CHECK,
    );
  }
  const names = explanation.sides.map(({ name }) => name);
  if (side !== null && !names.includes(side)) {
    throw new UsageError(`--side: '${side}' did not run this case; ${names.join(', ')} did`);
  }
  if (html !== undefined) writePage(html, explainHtml(explanation, side));
  if (json === true) console.log(JSON.stringify(explainJson(explanation), null, 2));
  else {
    const paint = painter(process.stdout, process.env);
    console.log(explainText(explanation, { all, side }, paint).join('\n'));
  }
  for (const violation of untraced) {
    console.error(`explain: a stage of a conversion is not traced: ${heads([violation])}`);
  }
  if (violations.length > 0) process.exitCode = EXIT_FINDINGS;
}

/** Prints a case about iterators. @throws UsageError for what there is not of such a case */
function tellWalk(walk: WalkExplanation, { html, side = null, all = false, json }: Flags): void {
  if (html !== undefined) throw new UsageError('--html: only requests have a page');
  const types = [...new Set(walk.steps.map(({ type }) => type))];
  if (side !== null && !types.includes(side)) {
    throw new UsageError(`--side: '${side}' did not run this case; ${types.join(', ')} did`);
  }
  if (json === true) console.log(JSON.stringify({ schemaVersion: 1, ...walk }, null, 2));
  else console.log(walkText(walk, all, side).join('\n'));
  if (walk.violations.length > 0) process.exitCode = EXIT_FINDINGS;
}

/** @throws UsageError when a template has no case to show, which is a fault of the program */
function writeGallery(folder: string): void {
  const line = new ProgressLine();
  const templates = galleryTemplates();
  const exhibits = templates.map((template, i) => {
    line.show('templates', i, templates.length);
    const exhibit = exhibitOf(template);
    if (exhibit !== null) return exhibit;
    throw new UsageError(
      `explain: no case of ${template} ends well on both sides`,
      EXIT_SELF_CHECK,
    );
  });
  line.clear();
  writePages(folder, galleryFiles(exhibits));
}
