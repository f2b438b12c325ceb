/**
 * `sg2iter lifetimes`: which memory bugs are noticed, by representation.
 * @module
 */
import type { Command } from 'commander';
import {
  type Build,
  type LifetimesCell,
  type LifetimesReport,
  lateCatchesMore,
  runLifetimes,
} from '../lifetimes/lifetimes.ts';
import type { RepresentationName } from '../lifetimes/representation.ts';
import type { Path } from '../lifetimes/rig.ts';
import { EXIT_SELF_CHECK, wholeNumber } from '../terminal/exit.ts';
import { table } from '../terminal/table.ts';

const NAMES: readonly RepresentationName[] = ['scatterlist', 'bio_vec, early', 'iov_iter, late'];
const SHORT: readonly string[] = ['sg', 'bvec', 'iter'];
const BUILDS: readonly Build[] = ['generic', 'tags'];

export function registerLifetimes(program: Command): void {
  program
    .command('lifetimes')
    .description('which memory bugs are noticed, by representation of the buffer')
    .option('--seed <n>', 'sizes, tags and places', wholeNumber('--seed', 0, 0xffffffff), 1)
    .option('--json', 'one JSON object on stdout', false)
    .action(({ seed, json }: { readonly seed: number; readonly json: boolean }) => {
      const report = runLifetimes(seed);
      if (json) console.log(JSON.stringify({ schemaVersion: 1, ...report }, null, 2));
      else console.log(describeLifetimes(report).join('\n'));
      if (report.falseAlarms.length > 0 || !lateCatchesMore(report)) {
        process.exitCode = EXIT_SELF_CHECK;
      }
    });
}

/** The report as text. */
export function describeLifetimes(report: LifetimesReport): string[] {
  const lines = [`seed ${report.seed}, ${report.runs} runs of each bug\n`];
  for (const path of ['software', 'dma'] as const) {
    lines.push(`${path}: ${path === 'dma' ? 'a device works' : 'the processor works'}`);
    lines.push(...pathTable(report, path), '');
  }
  const more = report.verdicts.filter(
    (v) => v.representation === NAMES[2] && v.caught && !caught(report, v.bug, 'scatterlist'),
  );
  lines.push('noticed with a late iterator and not with a scatterlist:');
  for (const { bug, message } of more) lines.push(`  ${bug}: ${message}`);
  lines.push('', ...report.notes.map((note) => `- ${note}`), '');
  for (const alarm of report.falseAlarms) lines.push(`false alarm: ${alarm}`);
  const total = new Set(report.verdicts.map((v) => v.bug)).size;
  for (const name of NAMES) {
    const count = report.verdicts.filter((v) => v.representation === name && v.caught).length;
    lines.push(`${name}: ${count} of ${total} bugs caught`);
  }
  return lines;
}

function caught(report: LifetimesReport, bug: string, name: RepresentationName): boolean {
  return report.verdicts.some((v) => v.bug === bug && v.representation === name && v.caught);
}

function pathTable(report: LifetimesReport, path: Path): string[] {
  const cells = report.cells.filter((cell) => cell.path === path);
  const head = ['bug', ...BUILDS.flatMap((build) => SHORT.map((name) => `${name} ${build}`))];
  const rows = [...new Set(cells.map((cell) => cell.bug))].map((bug) => [
    bug,
    ...BUILDS.flatMap((build) =>
      NAMES.map((name) =>
        cellText(
          cells.find((c) => c.bug === bug && c.build === build && c.representation === name),
        ),
      ),
    ),
  ]);
  return table(head, rows);
}

function cellText(cell: LifetimesCell | undefined): string {
  if (cell === undefined) return '-';
  if (cell.caught === cell.runs) return cell.detector ?? '-';
  if (cell.caught > 0) return `${cell.detector} ${cell.caught}/${cell.runs}`;
  return cell.harnessOnly > 0 ? '(harness)' : 'missed';
}
