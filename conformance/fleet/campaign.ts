/**
 * A campaign of many machines, and the job that one of them gets: plain data, checked wherever they come
 * out of the queue. Nothing in them is run as code.
 * @module
 */
import { z } from 'zod';
import {
  type ConformOptions,
  DEFAULT_CASE_TIME,
  DEFAULT_CASES,
  selectAlgorithms,
} from '../campaign/conform.ts';
import { UsageError } from '../terminal/exit.ts';

/** Shards of one campaign: each is a job, and some KiB in the queue. */
export const MOST_SHARDS = 100_000;
const MOST = 2 ** 32 - 1;
const MOST_ALGS = 4096;
const MOST_NAME = 127;

export interface FleetCampaign {
  /** Whose cases these are: {@link buildOf}. */
  readonly build: string;
  readonly seed: number;
  readonly cases: number;
  /** Empty for all algorithms. */
  readonly algs: readonly string[];
  readonly vectors: boolean;
  readonly shards: number;
}

/** One part of a campaign. */
export interface ShardJob {
  readonly campaign: FleetCampaign;
  /** From 1. */
  readonly index: number;
}

const campaignSchema: z.ZodType<FleetCampaign> = z.strictObject({
  build: z.string().min(1).max(MOST_NAME),
  seed: z.number().int().min(0).max(MOST),
  cases: z.number().int().min(0).max(MOST),
  algs: z.array(z.string().min(1).max(MOST_NAME)).max(MOST_ALGS),
  vectors: z.boolean(),
  shards: z.number().int().min(1).max(MOST_SHARDS),
});

const jobSchema: z.ZodType<ShardJob> = z
  .strictObject({ campaign: campaignSchema, index: z.number().int().min(1) })
  .refine(({ campaign, index }) => index <= campaign.shards, {
    path: ['index'],
    message: 'behind the last shard',
  });

/** @throws UsageError naming the job and the field. */
export function parseShardJob(data: unknown, where: string): ShardJob {
  const { data: job, error } = jobSchema.safeParse(data);
  if (job !== undefined) return job;
  const [{ path, message }] = error.issues;
  throw new UsageError(`${where}: ${path.join('.') || 'data'}: ${message}`);
}

/** What `conform` is asked for a shard. @throws UsageError for an algorithm that this build has not. */
export function optionsOf({ campaign, index }: ShardJob, workers: number): ConformOptions {
  const { seed, cases, vectors, shards } = campaign;
  const algs = selectAlgorithms(campaign.algs);
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
export function wholeOf(campaign: FleetCampaign): ConformOptions {
  return optionsOf({ campaign: { ...campaign, shards: 1 }, index: 1 }, 1);
}

/** True when both ask for the same cases of the same build, in the same shards. */
export function isSame(a: FleetCampaign, b: FleetCampaign): boolean {
  const words = ({ build, seed, cases, algs, vectors, shards }: FleetCampaign): string =>
    JSON.stringify([build, seed, cases, algs, vectors, shards]);
  return words(a) === words(b);
}
