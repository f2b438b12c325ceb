/**
 * A shard of the structural tier: a range of the numbers of its cases.
 * @module
 */
import { z } from 'zod';
import { STRUCTURE_CHECKS } from '../structure/check.ts';
import { runStructure, type StructureFinding, type StructureResult } from '../structure/run.ts';
import type { StructuralCampaign } from './campaign.ts';
import { count, name, unpack } from './pack.ts';

const schema: z.ZodType<StructureResult> = z.strictObject({
  seed: count,
  cases: count,
  failed: count,
  findings: z.array(
    z.strictObject({
      check: z.enum(STRUCTURE_CHECKS),
      subject: name,
      detail: name,
      number: count,
      cases: count,
    }),
  ),
  deaf: z.array(name),
  drawn: z.record(name, count),
  cpuMs: z.number().min(0),
});

/** @returns null when it was stopped before its end */
export async function runStructuralShard(
  { seed, cases, shards }: StructuralCampaign,
  index: number,
  signal: AbortSignal,
): Promise<StructureResult | null> {
  const from = Math.floor((cases * (index - 1)) / shards);
  const to = Math.floor((cases * index) / shards);
  const monitor = { progress: () => {}, stopped: () => signal.aborted };
  const result = await runStructure({ seed, cases: to, bail: false, from }, monitor);
  return signal.aborted ? null : result;
}

/** Shards as they come in. */
export class StructuralMerge {
  private readonly seed: number;
  private readonly kinds = new Map<string, StructureFinding>();
  private readonly deaf = new Set<string>();
  private readonly drawn = new Map<string, number>();
  private readonly sum = { cases: 0, failed: 0, cpuMs: 0 };

  constructor({ seed }: StructuralCampaign) {
    this.seed = seed;
  }

  add(index: number, packed: unknown): void {
    const { cases, failed, cpuMs, ...shard } = unpack(packed, schema, `shard ${index}`);
    this.sum.cases += cases;
    this.sum.failed += failed;
    this.sum.cpuMs += cpuMs;
    for (const check of shard.deaf) this.deaf.add(check);
    for (const [what, n] of Object.entries(shard.drawn)) {
      this.drawn.set(what, (this.drawn.get(what) ?? 0) + n);
    }
    for (const finding of shard.findings) this.note(finding);
  }

  result(): StructureResult {
    const findings = [...this.kinds.values()].sort((a, b) => a.number - b.number);
    const drawn = Object.fromEntries(this.drawn);
    return { seed: this.seed, ...this.sum, findings, deaf: [...this.deaf], drawn };
  }

  /** Of each kind the first case is kept, and all are counted. */
  private note(finding: StructureFinding): void {
    const key = `${finding.check} ${finding.subject}`;
    const known = this.kinds.get(key);
    if (known === undefined) {
      this.kinds.set(key, finding);
      return;
    }
    const first = known.number < finding.number ? known : finding;
    this.kinds.set(key, { ...first, cases: known.cases + finding.cases });
  }
}
