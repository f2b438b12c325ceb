/**
 * A worker: takes one shard after the other, runs it in watched threads, and hands in what came of it.
 * @module
 */
import { setTimeout } from 'node:timers/promises';
import type { Job, Worker } from 'bullmq';
import { EXIT_ENVIRONMENT, UsageError } from '../terminal/exit.ts';
import { parseShardJob } from './campaign.ts';
import { countShards, refusalOf } from './campaigns.ts';
import type { Line } from './engine.ts';
import { type Hands, runShard } from './shards.ts';

export interface WorkOptions extends Hands {
  /** End when no shard is left; otherwise wait for more. */
  readonly once: boolean;
  /** After so many seconds of silence a worker is taken for dead, and its shard is given to another. */
  readonly takeover: number;
  /** Told how many shards of all are at their end. */
  readonly progress: (done: number, all: number) => void;
  /** Told what went wrong and does not end the worker. */
  readonly tell: (line: string) => void;
}

/** How often a shard may be taken over: one that kills every worker must not kill them all. */
const MOST_TAKEOVERS = 10;
/** So often in the time of a takeover a worker looks whether something is left. */
const LOOKS = 6;

/** Works until there is no more to do, or somebody ends it. @returns how many shards it has done */
export function work(line: Line, options: WorkOptions): Promise<number> {
  return new Shift(line, options).run();
}

class Shift {
  private readonly line: Line;
  private readonly options: WorkOptions;
  private readonly worker: Worker;
  private done = 0;
  /** Why this worker goes home, if it does. */
  private refusal: UsageError | null = null;
  private closing: Promise<void> | null = null;
  private readonly leaving = new AbortController();

  constructor(line: Line, options: WorkOptions) {
    const { takeover, tell } = options;
    this.line = line;
    this.options = options;
    this.worker = line.worker((job, token) => this.shard(job, token), {
      lockDuration: takeover * 1000,
      stalledInterval: takeover * 1000,
      maxStalledCount: MOST_TAKEOVERS,
    });
    this.worker.on('error', (error) => tell(firstLine(error)));
    this.worker.on('completed', () => this.done++);
    this.worker.on('failed', (job, error) => tell(`${job?.id ?? 'shard'}: ${firstLine(error)}`));
  }

  async run(): Promise<number> {
    let wasThere = false;
    while (!this.isLeaving()) {
      const { all, open } = await countShards(this.line);
      this.options.progress(all - open, all);
      wasThere ||= all > 0;
      if (this.options.once && wasThere && open === 0) break;
      await this.pause();
    }
    await this.leave();
    if (this.refusal !== null) throw this.refusal;
    return this.done;
  }

  /** Until the next look, or until this worker has to leave. */
  private async pause(): Promise<void> {
    const { takeover, signal } = this.options;
    const end = AbortSignal.any([signal, this.leaving.signal]);
    // An abort rejects, and has been noted by whoever caused it.
    await setTimeout((takeover * 1000) / LOOKS, undefined, { signal: end }).catch(() => {});
  }

  private isLeaving(): boolean {
    return this.options.signal.aborted || this.refusal !== null;
  }

  private leave(): Promise<void> {
    this.closing ??= this.worker.close();
    return this.closing;
  }

  private async shard(job: Job, token: string): Promise<string> {
    try {
      const shard = parseShardJob(job.data, 'job data');
      this.refusal ??= refusalOf(shard.campaign);
      if (this.isLeaving()) return this.giveBack(job, token);
      return (await runShard(shard, this.options)) ?? (await this.giveBack(job, token));
    } catch (error) {
      // What this machine lacks another may have.
      if (error instanceof UsageError && error.exitCode === EXIT_ENVIRONMENT) {
        this.refusal ??= error;
        return this.giveBack(job, token);
      }
      // Wrong data are as wrong the next time.
      if (error instanceof UsageError) {
        throw new this.line.engine.UnrecoverableError(error.message);
      }
      throw error;
    }
  }

  /** Leaves a shard to others, and takes no more. */
  private async giveBack(job: Job, token: string): Promise<never> {
    this.leaving.abort();
    void this.leave();
    await job.moveToWait(token);
    throw new this.line.engine.WaitingError();
  }
}

function firstLine({ message }: Error): string {
  return message.split('\n')[0];
}
