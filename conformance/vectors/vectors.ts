/**
 * The front of the vectors: those that come with the program, a kernel's own test table, and collections from
 * elsewhere.
 * @module
 */
import { SubjectError } from '../subjects/subject-error.ts';
import { UsageError } from '../terminal/exit.ts';
import { runCommitted } from './committed.ts';
import { type Judge, runFolder } from './foreign/foreign.ts';
import { ForeignError } from './foreign/target.ts';
import { judgeVectors } from './judge-vectors.ts';
import { judgeByPipe } from './pipe.ts';
import { committedReport, foreignReport, type Report, testmgrReport } from './report.ts';
import type { Monitor } from './rig.ts';
import { runSuites } from './testmgr/run.ts';
import { readSource } from './testmgr/source.ts';
import { readSuites, type Suite } from './testmgr/suite.ts';
import { SourceError } from './testmgr/tokens.ts';

export { loadVectors, sampledVectors, wycheproofVectors } from './load.ts';

/**
 * Runs every committed vector, of one algorithm where one is named.
 * @param command a program that is asked instead of all sides; null for none
 * @throws UsageError when the program does not answer
 */
export function runVectors(
  alg: string | null,
  monitor: Monitor,
  command: string | null = null,
): Promise<Report> {
  return asked(async () => committedReport(await runCommitted(alg, monitor, judgeOf(command))));
}

function judgeOf(command: string | null): Judge {
  if (command === null) return judgeVectors;
  return (vectors, monitor, done) => judgeByPipe(command, vectors, monitor, done);
}

async function asked(run: () => Promise<Report>): Promise<Report> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ForeignError) throw new UsageError(`--dir: ${error.message}`);
    if (error instanceof SubjectError) throw new UsageError(`--subject-cmd: ${error.message}`);
    throw error;
  }
}

/**
 * Runs every vector of the crypto/testmgr.h of a kernel, an unpacked tree or a tarball.
 * @throws UsageError naming the file, and the line where it is known, that cannot be read.
 */
export async function runTestmgr(
  path: string,
  alg: string | null,
  monitor: Monitor,
): Promise<Report> {
  const suites = suitesOf(path).filter(({ name }) => alg === null || name === alg);
  if (suites.length === 0) throw new UsageError(`--alg: the test table has no ${alg}`);
  return testmgrReport(await runSuites(suites, monitor));
}

/**
 * Runs the files of Wycheproof, ACVP and Rooterberg below a folder.
 * @throws UsageError naming the file, and the field where it is one, that cannot be read.
 */
export function runForeign(
  folder: string,
  alg: string | null,
  monitor: Monitor,
  command: string | null = null,
): Promise<Report> {
  return asked(async () => foreignReport(await runFolder(folder, alg, monitor, judgeOf(command))));
}

function suitesOf(path: string): Suite[] {
  try {
    return readSuites(readSource(path));
  } catch (error) {
    if (error instanceof SourceError) throw new UsageError(`--testmgr: ${path}: ${error.message}`);
    throw error;
  }
}
