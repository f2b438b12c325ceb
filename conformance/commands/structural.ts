/**
 * `sg2iter conform --tier structural`: lists and positions without bytes, at many times the rate.
 * @module
 */
import { runStructure, type StructureResult } from '../structure/run.ts';
import { EXIT_FINDINGS, EXIT_INTERRUPTED, EXIT_SELF_CHECK } from '../terminal/exit.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { table } from '../terminal/table.ts';
import { isJsonRun, type Reporting } from './reporting.ts';

/** The only value of the option. */
const STRUCTURAL = 'structural';
const SCHEMA_VERSION = 1;
/** A run of so many cases must have drawn everything. */
const WHOLE_AT = 10_000;

interface StructuralFlags extends Reporting {
  readonly seed: number;
  readonly cases: number;
  readonly time: number;
  readonly bail: boolean;
}

/** Runs, prints, and sets the exit code. */
export async function runStructural(word: string, flags: StructuralFlags): Promise<void> {
  const isJson = isJsonRun('--tier', word, STRUCTURAL, flags);
  let interrupted = false;
  const undo = onInterrupt(() => {
    interrupted = true;
  });
  const end = performance.now() + flags.time * 1000;
  const line = new ProgressLine();
  const result = await runStructure(flags, {
    progress: (done, all) => line.show('structural', done, all),
    stopped: () => interrupted || performance.now() >= end,
  });
  undo();
  line.clear();
  printStructural(result, isJson, interrupted);
}

/** Prints, and sets the exit code. */
export function printStructural(
  result: StructureResult,
  isJson: boolean,
  interrupted: boolean,
): void {
  const undrawn = result.cases < WHOLE_AT ? [] : undrawnOf(result);
  const text = isJson ? jsonOf(result, undrawn) : textOf(result, undrawn).join('\n');
  console.log(text);
  process.exitCode = codeOf(result, undrawn, interrupted);
}

function undrawnOf({ drawn }: StructureResult): string[] {
  return Object.keys(drawn).filter((name) => drawn[name] === 0);
}

function codeOf(
  { deaf, findings, cases }: StructureResult,
  undrawn: readonly string[],
  interrupted: boolean,
): number {
  if (deaf.length > 0 || undrawn.length > 0) return EXIT_SELF_CHECK;
  if (findings.length > 0) return EXIT_FINDINGS;
  if (interrupted) return EXIT_INTERRUPTED;
  return cases === 0 ? EXIT_SELF_CHECK : 0;
}

function jsonOf(result: StructureResult, undrawn: readonly string[]): string {
  return JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...result, undrawn }, null, 2);
}

function textOf(result: StructureResult, undrawn: readonly string[]): string[] {
  const { seed, cases, failed, findings, deaf, drawn, cpuMs } = result;
  const rate = Math.round(cases / (cpuMs / 1000));
  const lines = [
    ...table(
      ['drawn, in one case of eight', 'cases'],
      Object.entries(drawn).map(([name, count]) => [name, String(count)]),
    ),
    '',
    `${cases} structural cases, ${rate} a second of processor time`,
  ];
  for (const check of deaf) lines.push(`${check} did not hear its canary: nothing was run`);
  for (const name of undrawn) lines.push(`never drawn: ${name}`);
  for (const { check, subject, detail, number, cases: count } of findings) {
    const again = `sg2iter conform --tier structural --seed ${seed} --cases ${number + 1} --bail`;
    lines.push('', `${check} ${subject}: case ${number}: ${detail}`, `  in ${count} cases`);
    lines.push(`  again: ${again}`);
  }
  lines.push('', `${findings.length} findings, ${failed} cases failed`);
  return lines;
}
