/**
 * What the importers do when they are run: read, write two files, and say what was left out.
 * @module
 */
import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { VectorText } from '../vector.ts';
import { type AboutFiles, codeOf, renderFiles } from './files.ts';
import { RspError } from './rsp.ts';

const OUTPUT = 'conformance/vectors/data';

/** An importer as a command. */
export interface Importer {
  readonly name: string;
  /** What the folder that it reads is. */
  readonly folder: string;
  /** What it counts: records, tests. */
  readonly units: string;
  readonly about: AboutFiles;
  /** @throws RspError naming the file and what is wrong in it. */
  readonly read: (folder: string) => VectorText;
}

export interface Ended {
  readonly code: number;
  readonly lines: string[];
}

/** Exit code and lines of the command: a report and 0, or 2 and one line that names what is wrong. */
export function runImporter(
  { name, folder: what, units, about, read }: Importer,
  args: readonly string[],
): Ended {
  const [folder, output = OUTPUT] = args;
  if (folder === undefined || args.length > 2) {
    return { code: 2, lines: [`usage: ${name} <folder of the ${what}> [output folder]`] };
  }
  try {
    const imported = read(folder);
    for (const [file, bytes] of renderFiles(imported, about)) {
      writeOutput(join(output, file), bytes);
    }
    const lines = imported.sources.flatMap((s) => [
      `${s.name}: ${s.count} of ${s.read} ${units}`,
      ...s.omitted.map(({ reason, count }) => `  ${count} not: ${reason}`),
    ]);
    return { code: 0, lines };
  } catch (error) {
    if (!(error instanceof RspError)) throw error;
    return { code: 2, lines: [`${name}: ${error.message}`] };
  }
}

/** Runs a command where its file is what Node was started with. @param url `import.meta.url` of the file */
export function whenStarted(url: string, main: (args: readonly string[]) => Ended): void {
  const started = process.argv[1];
  if (started === undefined || !existsSync(started)) return;
  if (realpathSync(started) !== fileURLToPath(url)) return;
  const { code, lines } = main(process.argv.slice(2));
  (code === 0 ? process.stdout : process.stderr).write(`${lines.join('\n')}\n`);
  process.exitCode = code;
}

function writeOutput(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, bytes);
  } catch (error) {
    throw new RspError(`${path}: cannot be written: ${codeOf(error)}`);
  }
}
