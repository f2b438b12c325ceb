/**
 * `sg2iter certify`: the models against a real kernel.
 * @module
 */
import type { Command } from 'commander';
import type { Shard } from '../campaign/jobs.ts';
import {
  type Certificate,
  type CertifyRequest,
  certificateText,
  certify,
  hasCompared,
  isClean,
  isRinging,
  knownKernels,
  renewGolden,
  ruleRows,
  ruleTable,
} from '../linux/certify.ts';
import {
  EXIT_ENVIRONMENT,
  EXIT_FINDINGS,
  EXIT_INTERRUPTED,
  EXIT_SELF_CHECK,
  UsageError,
  wholeNumber,
} from '../terminal/exit.ts';
import { withInterrupt } from '../terminal/interrupt.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { shardOption } from './shard.ts';

const MOST = 2 ** 32 - 1;

interface Flags {
  readonly kernel?: string;
  readonly cases: number;
  readonly seed: number;
  readonly campaign: number;
  readonly shard: Shard;
  readonly file?: string;
  readonly golden: boolean;
  readonly updateGolden: boolean;
  readonly kasan: boolean;
  readonly rules: boolean;
  readonly json: boolean;
}

export function registerCertify(program: Command): void {
  const number = (name: string): ((text: string) => number) => wholeNumber(name, 0, MOST);
  program
    .command('certify')
    .description('compare the models with a real kernel over the same cases')
    .option('--kernel <name>', `${knownKernels().join(', ')} (default: 6.1)`)
    .option('--cases <n>', 'random cases', number('--cases'), 2000)
    .option('--seed <n>', 'seed of the random cases', number('--seed'), 1)
    .option('--campaign <n>', 'cases of conform on top', number('--campaign'), 2000)
    .addOption(shardOption())
    .option('--file <path>', 'cases of a text file instead')
    .option('--golden', 'compare with the golden data; no kernel is run', false)
    .option('--update-golden', 'write what this kernel answers to the golden data', false)
    .option('--kasan', 'source:, tree: with memory checks', false)
    .option('--rules', 'what is excused, and that a difference beside it rings', false)
    .option('--json', 'as JSON', false)
    .action(run);
}

async function run(flags: Flags, command: Command): Promise<void> {
  if (flags.rules) {
    process.exitCode = printRules(flags, command);
    return;
  }
  for (const name of ['cases', 'seed', 'campaign', 'shard', 'file'] as const)
    if (flags.golden && command.getOptionValueSource(name) === 'cli')
      throw new UsageError(`--${name}: not with --golden, the golden data have their own`);
  const { kernel = null, file = null, ...rest } = flags;
  await withInterrupt((signal) => start({ ...rest, kernel, file }, flags, signal));
}

async function start(request: CertifyRequest, flags: Flags, signal: AbortSignal): Promise<number> {
  const line = new ProgressLine();
  const progress = line.show.bind(line);
  const hooks = { note: console.error, progress, signal };
  if (flags.updateGolden) {
    const done = await renewGolden(request, hooks);
    for (const name of done.dropped) console.log(`dropped: ${name}`);
    console.log(
      `golden data of Linux ${done.release}: ${done.cases} cases, ${done.unstable.length} of them ` +
        `uninitialised memory; ${done.bytes} bytes in all`,
    );
    return 0;
  }
  const certificates = await certify(request, hooks).finally(() => line.clear());
  return printCertificates(certificates, flags.json);
}

/** Prints the rules and their proofs. @returns the exit code */
function printRules({ json }: Flags, command: Command): number {
  const isOther = (name: string): boolean => name !== 'rules' && name !== 'json';
  const other = command.options
    .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
    .find((option) => isOther(option.attributeName()));
  if (other !== undefined) throw new UsageError(`${other.long}: not with --rules`);
  const rows = ruleRows();
  console.log(json ? JSON.stringify(rows, null, 2) : ruleTable(rows));
  return rows.every(isRinging) ? 0 : EXIT_SELF_CHECK;
}

/** Prints. @returns the exit code */
export function printCertificates(certificates: readonly Certificate[], isJson: boolean): number {
  if (isJson) console.log(JSON.stringify(certificates, null, 2));
  else console.log(certificates.map(certificateText).join('\n\n'));
  if (!certificates.every(isClean)) return EXIT_FINDINGS;
  if (certificates.some((c) => c.interrupted)) return EXIT_INTERRUPTED;
  if (certificates.every(hasCompared)) return 0;
  console.error('certify: nothing was compared: every case is beyond what this kernel answers');
  return EXIT_ENVIRONMENT;
}
