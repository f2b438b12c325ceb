/**
 * A campaign from its beginning to its end: handed in, looked at, put together, given up. A shard is a
 * job whose name is its number, so handing in twice adds nothing, and a shard has one result.
 * @module
 */
import type { Job } from 'bullmq';
import { EXIT_ENVIRONMENT, UsageError } from '../terminal/exit.ts';
import { buildOf } from './build.ts';
import { type FleetCampaign, isSame, parseShardJob, sizeOf } from './campaign.ts';
import type { Line } from './engine.ts';
import { type Collected, Merge } from './shards.ts';

export type { Collected } from './shards.ts';

/** Jobs that go over the line at once. */
const AT_ONCE = 500;
/** Times that a shard may fail before somebody has to look: a worker that ran out of memory, a fault of the program. */
const ATTEMPTS = 3;
/** Failed shards whose reason is told. */
const TOLD = 5;
/** The rate is that of the last so many shards. */
const RATE_SHARDS = 100;

/** How far a campaign is. */
export interface Status {
  readonly campaign: FleetCampaign;
  readonly waiting: number;
  readonly active: number;
  readonly done: number;
  readonly failed: number;
  /** What is counted: cases, or mutants. */
  readonly of: string;
  /** Of the shards that are done, about. */
  readonly count: number;
  /** Over all workers, of late. */
  readonly perSecond: number;
  /** Why shards failed, some of them. */
  readonly failures: readonly string[];
}

/** The name of a shard in the queue. */
export function jobName(index: number): string {
  return `shard-${index}`;
}

/**
 * Hands in all shards that are not there yet, and gives those that failed another chance.
 * @returns how many were new
 * @throws UsageError when another campaign has the name
 */
export async function submit({ queue, engine }: Line, campaign: FleetCampaign): Promise<number> {
  const first = await engine.Job.fromId(queue, jobName(1));
  if (first !== undefined && !isSame(campaignOf(first), campaign)) {
    throw new UsageError(
      `--name: '${queue.name}' is there, with other options or another build; cancel it, or take another name`,
    );
  }
  const before = (await countShards({ queue })).all;
  for (let from = 1; from <= campaign.shards; from += AT_ONCE) {
    const to = Math.min(campaign.shards, from + AT_ONCE - 1);
    await queue.addBulk(
      Array.from({ length: to - from + 1 }, (_, i) => ({
        name: campaign.job,
        data: { campaign, index: from + i },
        opts: { jobId: jobName(from + i), attempts: ATTEMPTS, stackTraceLimit: 1 },
      })),
    );
  }
  await queue.retryJobs({ state: 'failed' });
  return campaign.shards - before;
}

/** @throws UsageError when there is no such campaign */
export async function statusOf(line: Line): Promise<Status> {
  const campaign = await findCampaign(line);
  const { queue } = line;
  const { active = 0, completed: done = 0, failed = 0, ...rest } = await queue.getJobCounts();
  const waiting = Object.values(rest).reduce((sum, jobs) => sum + jobs, 0);
  const latest = await queue.getJobs(['completed'], 0, RATE_SHARDS - 1, false);
  const broken = await queue.getJobs(['failed'], 0, TOLD - 1, true);
  const { all, of } = sizeOf(campaign);
  const each = all / campaign.shards;
  const begins = latest.map(({ processedOn = 0 }) => processedOn);
  const ends = latest.map(({ finishedOn = 0 }) => finishedOn);
  const seconds = (Math.max(...ends) - Math.min(...begins)) / 1000;
  return {
    campaign,
    waiting,
    active,
    done,
    failed,
    of,
    count: Math.round(done * each),
    perSecond: seconds > 0 ? round((latest.length * each) / seconds) : 0,
    failures: broken.map(({ id, failedReason }) => `${id}: ${failedReason.split('\n')[0]}`),
  };
}

/**
 * Puts together what is done. Shards that are not leave their cases unreached.
 * @throws UsageError when there is no such campaign, or it is of another build
 */
export async function collect(line: Line): Promise<Collected> {
  const campaign = await findCampaign(line);
  const refusal = refusalOf(campaign);
  if (refusal !== null) throw refusal;
  const merge = new Merge(campaign);
  let begin = Number.POSITIVE_INFINITY;
  let end = 0;
  for (let from = 0; ; from += AT_ONCE) {
    // Shards that end meanwhile come behind the others.
    const jobs = await line.queue.getJobs(['completed'], from, from + AT_ONCE - 1, true);
    if (jobs.length === 0) break;
    for (const { id = '', data, returnvalue, processedOn = 0, finishedOn = 0 } of jobs) {
      const job = parseShardJob(data, id);
      if (!isSame(job.campaign, campaign)) throw new UsageError(`${id}: of another campaign`);
      merge.add(job.index, returnvalue);
      begin = Math.min(begin, processedOn);
      end = Math.max(end, finishedOn);
    }
  }
  return merge.collected(Math.max(0, end - begin));
}

/** Whole numbers, but for rates below ten. */
function round(rate: number): number {
  return rate < 10 ? Number(rate.toFixed(2)) : Math.round(rate);
}

/** Removes a campaign with all that was done. @returns how many shards it had */
export async function cancel(line: Line): Promise<number> {
  const { shards } = await findCampaign(line);
  await line.queue.obliterate({ force: true });
  return shards;
}

/** How many shards there are, and how many of them are not at their end. */
export async function countShards({
  queue,
}: Pick<Line, 'queue'>): Promise<{ readonly all: number; readonly open: number }> {
  const { completed = 0, failed = 0, ...rest } = await queue.getJobCounts();
  const open = Object.values(rest).reduce((sum, jobs) => sum + jobs, 0);
  return { all: open + completed + failed, open };
}

/** What a worker of this build says of a campaign that is not its own; null when it is. */
export function refusalOf({ build }: FleetCampaign): UsageError | null {
  if (build === buildOf()) return null;
  return new UsageError(
    `fleet: the campaign is of build ${build}, and this is ${buildOf()}`,
    EXIT_ENVIRONMENT,
  );
}

async function findCampaign({ queue, engine }: Line): Promise<FleetCampaign> {
  const job = await engine.Job.fromId(queue, jobName(1));
  if (job === undefined) throw new UsageError(`--name: there is no campaign '${queue.name}'`);
  return campaignOf(job);
}

function campaignOf({ id = '', data }: Job): FleetCampaign {
  return parseShardJob(data, id).campaign;
}
