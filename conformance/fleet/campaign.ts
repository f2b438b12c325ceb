/**
 * A campaign of many machines, and the job that one of them gets: plain data, checked wherever they come
 * out of the queue. Nothing in them is run as code.
 * @module
 */
import { z } from 'zod';
import { UsageError } from '../terminal/exit.ts';

/** Shards of one campaign: each is a job, and some KiB in the queue. */
export const MOST_SHARDS = 100_000;
const MOST = 2 ** 32 - 1;
const MOST_NAMES = 4096;
const MOST_NAME = 127;
const MOST_SECONDS = 3600;
/** A kernel that every machine can have for itself: no path of somebody's. */
export const KERNEL: RegExp = /^(\d{1,3}\.\d{1,3}|source:\d{1,3}\.\d{1,3})$/;

/** What every campaign has. */
interface Common {
  /** Whose cases these are: {@link buildOf}. */
  readonly build: string;
  readonly seed: number;
  readonly shards: number;
}

/** Random cases and known answers. */
export interface ConformCampaign extends Common {
  readonly job: 'conform';
  readonly cases: number;
  /** Empty for all algorithms. */
  readonly algs: readonly string[];
  readonly vectors: boolean;
}

/** Lists and positions without bytes. */
export interface StructuralCampaign extends Common {
  readonly job: 'structural';
  readonly cases: number;
}

/** Real bugs put back, one by one. */
export interface MutantsCampaign extends Common {
  readonly job: 'mutants';
  /** A shard has every so many-th of them. */
  readonly ids: readonly string[];
  readonly secondsPerMutant: number;
}

/** The models against a real kernel. */
export interface CertifyCampaign extends Common {
  readonly job: 'certify';
  /** One that every machine can have for itself: no path of somebody's. */
  readonly kernel: string;
  readonly cases: number;
  /** Cases of `conform` on top. */
  readonly campaign: number;
}

export type FleetCampaign =
  | ConformCampaign
  | StructuralCampaign
  | MutantsCampaign
  | CertifyCampaign;

const number = z.number().int().min(0).max(MOST);
const word = z.string().min(1).max(MOST_NAME);
const common = {
  build: word,
  seed: number,
  shards: z.number().int().min(1).max(MOST_SHARDS),
} as const;

const campaignSchema: z.ZodType<FleetCampaign> = z.discriminatedUnion('job', [
  z.strictObject({
    job: z.literal('conform'),
    ...common,
    cases: number,
    algs: z.array(word).max(MOST_NAMES),
    vectors: z.boolean(),
  }),
  z.strictObject({ job: z.literal('structural'), ...common, cases: number }),
  z.strictObject({
    job: z.literal('mutants'),
    ...common,
    ids: z.array(word).min(1).max(MOST_NAMES),
    secondsPerMutant: z.number().int().min(1).max(MOST_SECONDS),
  }),
  z.strictObject({
    job: z.literal('certify'),
    ...common,
    kernel: z.string().regex(KERNEL),
    cases: number,
    campaign: number,
  }),
]);

/** The kinds of jobs, the first of which is meant when nobody says. */
export const JOBS: readonly FleetCampaign['job'][] = [
  'conform',
  'structural',
  'mutants',
  'certify',
];

/** One part of a campaign. */
export interface ShardJob {
  readonly campaign: FleetCampaign;
  /** From 1. */
  readonly index: number;
}

const jobSchema: z.ZodType<ShardJob> = z
  .strictObject({
    campaign: campaignSchema,
    index: z.number().int().min(1),
  })
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

/** True when both ask for the same work of the same build, in the same shards. */
export function isSame(a: FleetCampaign, b: FleetCampaign): boolean {
  const words = (campaign: FleetCampaign): string =>
    JSON.stringify(Object.entries(campaign).sort());
  return words(a) === words(b);
}

/** How much work a campaign is, and in what it is counted. */
export function sizeOf(campaign: FleetCampaign): { readonly all: number; readonly of: string } {
  switch (campaign.job) {
    case 'conform':
    case 'structural':
      return { all: campaign.cases, of: 'cases' };
    case 'mutants':
      return { all: campaign.ids.length, of: 'mutants' };
    case 'certify':
      return { all: campaign.cases + campaign.campaign, of: 'cases' };
    default:
      return campaign satisfies never;
  }
}
