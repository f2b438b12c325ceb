/**
 * A shard of a certification: the command itself in a process of its own, for comparing takes seconds in
 * which a worker must go on telling the queue that it lives. Nothing but checked numbers and the checked
 * name of a kernel reaches its arguments.
 * @module
 */
import { join } from 'node:path';
import { z } from 'zod';
import {
  ASPECTS,
  addComparisons,
  addCounts,
  type Certificate,
  type Comparison,
  type Finding,
} from '../linux/certify.ts';
import { compiledTree } from '../mutants/mutants.ts';
import { EXIT_ENVIRONMENT, EXIT_FINDINGS, UsageError } from '../terminal/exit.ts';
import { runNode } from '../terminal/run-node.ts';
import type { CertifyCampaign } from './campaign.ts';
import { count, name, unpack } from './pack.ts';

const aspect = z.enum(ASPECTS);
const counts = z.record(name, count);
const cases = z.strictObject({
  ...{ whole: count, part: count, different: count, not: count, absent: count },
});
const units = z.strictObject({ compared: count, excused: count, different: count });
const finding: z.ZodType<Finding> = z.strictObject({
  id: name,
  aspects: z.array(aspect),
  lines: z.array(z.string()),
  text: z.string(),
});
const comparison: z.ZodType<Comparison> = z.strictObject({
  what: name,
  cases,
  units,
  ids: z.array(name),
  byAspect: z.partialRecord(aspect, count),
  findings: z.array(finding),
  groups: z.record(name, cases),
  rules: counts,
  changes: counts,
  asked: counts,
  omitted: z.partialRecord(aspect, count),
  left: counts,
});
const certificate = z.strictObject({
  mode: z.enum(['kernel', 'afalg', 'golden']),
  kernel: name,
  release: name,
  origin: z.array(name),
  seed: count,
  cases: count,
  answered: count,
  boots: count,
  seconds: z.number().min(0),
  casesPerSecond: z.number().min(0),
  axes: counts,
  comparisons: z.array(comparison),
  crashes: z.array(z.strictObject({ id: name, reason: z.string() })),
  alarms: z.array(z.string()),
  expectedCrashes: count,
  unstable: z.array(name),
  interrupted: z.boolean(),
  answers: z.array(z.never()),
});

/**
 * @returns null when it was stopped before its end
 * @throws UsageError with EXIT_ENVIRONMENT where the kernel cannot be had
 */
export async function runCertifyShard(
  { seed, kernel, cases: random, campaign, shards }: CertifyCampaign,
  index: number,
  signal: AbortSignal,
): Promise<object | null> {
  const command = join(compiledTree().dist, 'conformance', 'cli.js');
  const plan = { seed, cases: random, campaign, shard: `${index}/${shards}`, kernel };
  const flags = Object.entries(plan).flatMap(([flag, value]) => [`--${flag}`, `${value}`]);
  const args = [command, 'certify', '--json', ...flags];
  // The first SIGTERM ends the kernels that it has started.
  const { code, stdout, stderr } = await runNode(args, { signal });
  if (signal.aborted) return null;
  const reason = stderr.trim().split('\n').at(-1) ?? '';
  if (code === EXIT_ENVIRONMENT) throw new UsageError(reason, EXIT_ENVIRONMENT);
  if (code !== 0 && code !== EXIT_FINDINGS) throw new Error(`certify: exit ${code}: ${reason}`);
  const [one] = z.array(z.unknown()).length(1).parse(JSON.parse(stdout));
  return certificate.parse(one);
}

/** Shards as they come in: every count is a sum. */
export class CertifyMerge {
  private sum: Certificate | null = null;

  /** @throws UsageError when a shard met another kernel than the first: `6.1` is what Debian has that day. */
  add(index: number, packed: unknown): void {
    const one = unpack(packed, certificate, `shard ${index}`);
    if (this.sum !== null && this.sum.release !== one.release) {
      const { release } = this.sum;
      throw new UsageError(`shard ${index}: was certified on ${one.release}, others on ${release}`);
    }
    this.sum = this.sum === null ? one : added(this.sum, one);
  }

  /** @throws UsageError when no shard is done */
  result(interrupted: boolean): Certificate {
    if (this.sum === null) throw new UsageError('fleet: no shard is done yet');
    return { ...this.sum, cases: Math.max(this.sum.cases, this.sum.answered), interrupted };
  }
}

function added(a: Certificate, b: Certificate): Certificate {
  const seconds = a.seconds + b.seconds;
  const answered = a.answered + b.answered;
  return {
    ...a,
    cases: a.cases + b.cases,
    answered,
    boots: a.boots + b.boots,
    seconds,
    casesPerSecond: seconds === 0 ? 0 : answered / seconds,
    axes: addCounts(a.axes, b.axes),
    comparisons: together(a.comparisons, b.comparisons),
    crashes: [...a.crashes, ...b.crashes],
    alarms: [...new Set([...a.alarms, ...b.alarms])],
    expectedCrashes: a.expectedCrashes + b.expectedCrashes,
    unstable: [...a.unstable, ...b.unstable],
  };
}

/** Comparisons of the same two sources are one. */
function together(a: readonly Comparison[], b: readonly Comparison[]): Comparison[] {
  const all = new Map(a.map((one) => [one.what, one]));
  for (const one of b) {
    const known = all.get(one.what);
    all.set(one.what, known === undefined ? one : addComparisons(known, one));
  }
  return [...all.values()];
}
