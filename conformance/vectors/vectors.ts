/**
 * The front of the vectors: those that come with the program, a kernel's own test table, and collections from
 * elsewhere.
 * @module
 */
import { UsageError } from '../terminal/exit.ts';
import { runCommitted } from './committed.ts';
import { runFolder } from './foreign/foreign.ts';
import { ForeignError } from './foreign/target.ts';
import { committedReport, foreignReport, type Report, testmgrReport } from './report.ts';
import type { Monitor } from './rig.ts';
import { runSuites } from './testmgr/run.ts';
import { readSource } from './testmgr/source.ts';
import { readSuites, type Suite } from './testmgr/suite.ts';
import { SourceError } from './testmgr/tokens.ts';

export { loadVectors, sampledVectors, wycheproofVectors } from './load.ts';

/** Runs every committed vector, of one algorithm where one is named. */
export async function runVectors(alg: string | null, monitor: Monitor): Promise<Report> {
  return committedReport(await runCommitted(alg, monitor));
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
export async function runForeign(
  folder: string,
  alg: string | null,
  monitor: Monitor,
): Promise<Report> {
  try {
    return foreignReport(await runFolder(folder, alg, monitor));
  } catch (error) {
    if (error instanceof ForeignError) throw new UsageError(`--dir: ${error.message}`);
    throw error;
  }
}

function suitesOf(path: string): Suite[] {
  try {
    return readSuites(readSource(path));
  } catch (error) {
    if (error instanceof SourceError) throw new UsageError(`--testmgr: ${path}: ${error.message}`);
    throw error;
  }
}
