/**
 * `sg2iter replay`: one case again, from a token or a file, with everything that can be seen.
 * @module
 */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { PAGE_SIZE } from '../../src/units.ts';
import { driverOf } from '../algorithms/drivers.ts';
import { algorithmOf } from '../algorithms.ts';
import { Harness } from '../campaign/harness.ts';
import { decodeToken, looksLikeToken } from '../campaign/replay.ts';
import {
  bytesLength,
  type Case,
  CaseError,
  parseCaseJson,
  sourceLength,
  targetLength,
} from '../case/case.ts';
import { describeLayout, layoutFits } from '../case/layout.ts';
import { describeCase, judgeTrial } from '../judge/judge.ts';
import { describeResult } from '../judge/observe.ts';
import { drawCase } from '../report/picture.ts';
import { bothSides } from '../subjects/sides.ts';
import { EXIT_FINDINGS, UsageError } from '../terminal/exit.ts';

/** Memory of one case: a folio is twice as large at worst, and the machine has 8 MiB. */
const MOST_BYTES = 1 << 20;

export function registerReplay(program: Command): void {
  program
    .command('replay')
    .description('one case again, from a replay token or a JSON file')
    .argument('<token|file>', 'what a finding printed, or a file with a case')
    .option('--json', 'one JSON object on stdout')
    .option('--case', 'print the case itself as JSON and do not run it')
    .action(run);
}

function run(word: string, flags: { readonly json?: boolean; readonly case?: boolean }): void {
  const c = readCase(word);
  if (flags.case === true) {
    console.log(JSON.stringify(c, null, 2));
    return;
  }
  const trial = new Harness(bothSides).run(c);
  const violations = judgeTrial(trial);
  if (flags.json === true)
    console.log(JSON.stringify({ schemaVersion: 1, case: c, violations }, null, 2));
  else {
    console.log(`${describeCase(c)} ${describeLayout(c.layout)}`);
    console.log(drawCase(c, violations[0] ?? null).join('\n'));
    for (const o of trial.observations) console.log(`${o.subject}: ${describeResult(o)}`);
    for (const { check, subject, detail } of violations) {
      console.log(`${check} ${subject}: ${detail}`);
    }
    console.log(violations.length === 0 ? '1 passed, 0 failed' : '0 passed, 1 failed');
  }
  if (violations.length > 0) process.exitCode = EXIT_FINDINGS;
}

function readCase(word: string): Case {
  try {
    const token = looksLikeToken(word);
    const c = token ? decodeToken(word) : readFile(word);
    const name = token ? 'replay token' : word;
    checkAlgorithm(c, name);
    checkSizes(c, name);
    return c;
  } catch (error) {
    if (error instanceof CaseError) throw new UsageError(error.message);
    throw error;
  }
}

/** @throws CaseError for what is not in the table, or is something else there. */
function checkAlgorithm(c: Case, name: string): void {
  const row = algorithmOf(c.alg);
  if (row === null) throw new CaseError(`${name}: alg: unknown algorithm '${c.alg}'`);
  if (row.kind !== c.kind) throw new CaseError(`${name}: kind: ${c.alg} is an ${row.kind}`);
  const driver = driverOf(c.alg, c.driver);
  if (driver === null) {
    throw new CaseError(`${name}: driver: '${c.driver}' is no driver of ${c.alg}`);
  }
  if (driver.async !== c.async) {
    throw new CaseError(`${name}: async: '${c.driver}' is ${driver.async ? 'a' : ''}synchronous`);
  }
  const ivsize = row.kind === 'ahash' ? 0 : row.ivsize;
  if (bytesLength(c.iv) !== ivsize) {
    throw new CaseError(`${name}: iv: ${c.alg} takes ${ivsize} bytes, got ${bytesLength(c.iv)}`);
  }
  const notices = row.kind === 'aead' || (row.kind === 'skcipher' && row.unwraps !== undefined);
  if (c.tamper !== null && !notices) {
    throw new CaseError(`${name}: tamper: ${c.alg} notices no tampering`);
  }
  if (row.key.draw === null && c.key !== null) {
    throw new CaseError(`${name}: key: ${c.alg} has none`);
  }
}

/** @throws CaseError for lengths that the harness cannot take. */
function checkSizes(c: Case, name: string): void {
  if (!layoutFits(c)) {
    const need = `src ${sourceLength(c)} bytes, dst ${targetLength(c)} bytes`;
    throw new CaseError(`${name}: layout: too short, the message needs ${need}`);
  }
  const pages = [...c.layout.src, ...c.layout.dst].reduce(
    (sum, { offset, len }) => sum + Math.ceil((offset + len) / PAGE_SIZE),
    0,
  );
  if (pages * PAGE_SIZE > MOST_BYTES) {
    throw new CaseError(`${name}: layout: more than ${MOST_BYTES} bytes of pages`);
  }
}

function readFile(path: string): Case {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new CaseError(`${path}: neither a replay token nor a file that can be read`);
  }
  return parseCaseJson(text, path);
}
