/**
 * A shard of random cases and known answers: what it is asked, what it hands in, and how the shards come
 * together to the result that one machine would have had.
 * @module
 */
import { z } from 'zod';
import { Answer } from '../campaign/answer.ts';
import {
  type ConformOptions,
  type ConformResult,
  DEFAULT_CASE_TIME,
  DEFAULT_CASES,
  selectAlgorithms,
  undrawnOf,
} from '../campaign/conform.ts';
import { sourcesOf, workOf } from '../campaign/jobs.ts';
import { decodeToken } from '../campaign/replay.ts';
import { type Discovery, distinct, firstOfKinds } from '../judge/findings.ts';
import { CHECKS, type Check } from '../judge/judge.ts';
import type { CheckCounts, Tally, TallyCounts } from '../judge/tally.ts';
import { UsageError } from '../terminal/exit.ts';
import type { ConformCampaign } from './campaign.ts';
import { count, MOST_PACKED, name, pack, unpack } from './pack.ts';

const counts = z.strictObject({ passed: count, failed: count, skipped: count });
const tally = z.strictObject({
  total: counts,
  byAlgorithm: z.record(name, counts.extend({ compared: count })),
  matrix: z.record(
    name,
    z.partialRecord(z.enum(CHECKS), z.strictObject({ checked: count, failed: count })),
  ),
  bySubject: z.record(name, z.strictObject({ ran: count, declined: z.record(name, count) })),
});
const finding = z.strictObject({
  signature: name,
  token: z.string().max(MOST_PACKED),
  order: z.tuple([z.number().int(), z.number().int()]).readonly(),
  check: name,
  alg: name,
  layout: z.string(),
  summary: z.string(),
});
const resultSchema = z.strictObject({
  selfCheck: z.strictObject({ cases: count, differences: z.array(name) }),
  bySource: z.record(
    name,
    z.strictObject({ vectors: count, trials: count, failed: count, skipped: count }),
  ),
  vectors: tally,
  cases: tally,
  axes: z.record(name, count),
  kinds: z.array(
    z.strictObject({
      kind: name,
      finding,
      violation: z.strictObject({
        check: z.enum([...CHECKS, 'HANG']),
        subject: name,
        detail: z.string(),
        request: count.optional(),
      }),
      where: z.array(z.string()),
    }),
  ),
  unreached: z.strictObject({ vectors: count, checksums: count, cases: count }),
  casesCpuMs: z.number().min(0),
});

/** What came of one shard, as plain data. */
type ShardResult = z.infer<typeof resultSchema>;
type TallyData = ShardResult['vectors'];

/** What `conform` is asked for a shard. @throws UsageError for an algorithm that this build has not. */
export function optionsOf(
  { seed, cases, vectors, shards, algs: names }: ConformCampaign,
  index: number,
  workers: number,
): ConformOptions {
  const algs = selectAlgorithms(names);
  if (typeof algs === 'string') throw new UsageError(`campaign.algs: unknown algorithm '${algs}'`);
  return {
    seed,
    cases,
    algs,
    vectors,
    shard: { index, count: shards },
    wholeAt: DEFAULT_CASES,
    time: Number.POSITIVE_INFINITY,
    bail: false,
    workers,
    caseTime: DEFAULT_CASE_TIME,
  };
}

/** The whole campaign, as one machine would be asked for it. */
export function wholeOf(campaign: ConformCampaign): ConformOptions {
  return optionsOf({ ...campaign, shards: 1 }, 1, 1);
}

/** The result of a shard in one word. @throws UsageError when it is too large for a queue */
export function packResult(result: ConformResult): string {
  const { selfCheck, bySource, vectors, cases, axes, kinds, unreached, casesCpuMs } = result;
  const data: ShardResult = {
    selfCheck: { cases: selfCheck.cases, differences: [...selfCheck.differences] },
    bySource: Object.fromEntries(bySource),
    vectors: tallyData(vectors),
    cases: tallyData(cases),
    axes: Object.fromEntries(axes.hits),
    kinds: kinds.map(({ kind, finding, violation, where }) => ({
      ...{ kind, finding },
      violation: {
        ...{ check: violation.check, subject: violation.subject, detail: violation.detail },
        ...(violation.request === undefined ? {} : { request: violation.request }),
      },
      where: [...where],
    })),
    unreached,
    casesCpuMs,
  };
  return pack(data);
}

function tallyData({ total, byAlgorithm, matrix, bySubject }: Tally): TallyData {
  const rows = [...matrix].map(([alg, row]) => [alg, Object.fromEntries(row)] as const);
  const subjects = [...bySubject].map(
    ([subject, { ran, declined }]) =>
      [subject, { ran, declined: Object.fromEntries(declined) }] as const,
  );
  return {
    total: { ...total },
    byAlgorithm: Object.fromEntries(byAlgorithm),
    matrix: Object.fromEntries(rows),
    bySubject: Object.fromEntries(subjects),
  };
}

function tallyMaps({ total, byAlgorithm, matrix, bySubject }: TallyData): TallyCounts {
  const rows = Object.entries(matrix).map(([alg, row]) => [alg, rowMap(row)] as const);
  const subjects = Object.entries(bySubject).map(
    ([subject, { ran, declined }]) =>
      [subject, { ran, declined: new Map(Object.entries(declined)) }] as const,
  );
  return {
    total,
    byAlgorithm: new Map(Object.entries(byAlgorithm)),
    matrix: new Map(rows),
    bySubject: new Map(subjects),
  };
}

function rowMap(row: TallyData['matrix'][string]): Map<Check, CheckCounts> {
  const cells = CHECKS.flatMap((check) => {
    const cell = row[check];
    return cell === undefined ? [] : [[check, cell] as const];
  });
  return new Map(cells);
}

/** The shards of a campaign as they come in, in any order and any number of times. */
export class ConformMerge {
  private readonly campaign: ConformCampaign;
  private readonly total = new Answer();
  private readonly differences = new Set<string>();
  private readonly seen = new Set<number>();
  private readonly unreached = { vectors: 0, checksums: 0, cases: 0 };
  private kinds: readonly Discovery[] = [];
  private casesCpuMs = 0;

  constructor(campaign: ConformCampaign) {
    this.campaign = campaign;
  }

  /** Counts a shard, unless it has been counted. */
  add(index: number, packed: unknown): void {
    if (this.seen.has(index)) return;
    const result = unpack(packed, resultSchema, `shard ${index}`);
    this.seen.add(index);
    // Every shard checks itself over the same cases.
    const selfChecked = this.seen.size === 1 ? result.selfCheck.cases : 0;
    for (const difference of result.selfCheck.differences) this.differences.add(difference);
    this.total.add({
      selfChecked,
      differences: [],
      bySource: new Map(Object.entries(result.bySource)),
      vectors: tallyMaps(result.vectors),
      cases: tallyMaps(result.cases),
      axes: { hits: new Map(Object.entries(result.axes)) },
    });
    const found = result.kinds.map((one) => ({ ...one, c: decodeToken(one.finding.token) }));
    this.kinds = firstOfKinds([...this.kinds, ...found]);
    this.leave(result.unreached);
    this.casesCpuMs += result.casesCpuMs;
  }

  /** Everything that came in; what did not is unreached. @param durationMs of the whole campaign */
  result(durationMs: number): ConformResult {
    const { campaign, total, seen } = this;
    const options = wholeOf(campaign);
    for (let index = 1; index <= campaign.shards; index++) {
      if (!seen.has(index)) this.leave(workOf(optionsOf(campaign, index, 1)));
    }
    const { selfChecked, axes, bySource, vectors, cases } = total;
    return {
      options,
      selfCheck: { cases: selfChecked, differences: [...this.differences] },
      axes,
      undrawn: undrawnOf(
        options,
        cases.total.passed + cases.total.failed,
        Object.fromEntries(axes.hits),
      ),
      bySource: new Map(
        sourcesOf().flatMap((source) => {
          const counted = bySource.get(source);
          return counted === undefined ? [] : [[source, counted] as const];
        }),
      ),
      vectors,
      cases,
      kinds: this.kinds,
      discoveries: distinct(this.kinds),
      interrupted: seen.size < campaign.shards,
      unreached: this.unreached,
      durationMs,
      casesCpuMs: this.casesCpuMs,
    };
  }

  private leave(left: ShardResult['unreached']): void {
    this.unreached.vectors += left.vectors;
    this.unreached.checksums += left.checksums;
    this.unreached.cases += left.cases;
  }
}
