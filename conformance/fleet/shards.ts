/**
 * The kinds of work that a campaign can be: how a shard of each is done, and how shards come together.
 * @module
 */
import { type ConformResult, conformInThreads } from '../campaign/conform.ts';
import type { SidesOf } from '../campaign/harness.ts';
import type { Certificate } from '../linux/certify.ts';
import type { MutantsResult } from '../mutants/mutants.ts';
import type { StructureResult } from '../structure/run.ts';
import type { ConformCampaign, FleetCampaign, ShardJob } from './campaign.ts';
import { CertifyMerge, runCertifyShard } from './certify-shard.ts';
import { ConformMerge, optionsOf, packResult } from './conform-shard.ts';
import { MutantsMerge, runMutantsShard } from './mutants-shard.ts';
import { pack } from './pack.ts';
import { runStructuralShard, StructuralMerge } from './structural-shard.ts';

/** What a worker has for a shard. */
export interface Hands {
  /** Threads, or processes. */
  readonly workers: number;
  readonly sidesOf: SidesOf;
  readonly signal: AbortSignal;
}

/** What came of a campaign. */
export type Collected =
  | { readonly job: 'conform'; readonly result: ConformResult }
  | { readonly job: 'structural'; readonly result: StructureResult; readonly interrupted: boolean }
  | { readonly job: 'mutants'; readonly result: MutantsResult }
  | { readonly job: 'certify'; readonly result: Certificate };

/** @returns what the shard hands in, in one word; null when it was stopped before its end */
export async function runShard(
  { campaign, index }: ShardJob,
  hands: Hands,
): Promise<string | null> {
  const { workers, signal } = hands;
  switch (campaign.job) {
    case 'conform':
      return runConformShard(campaign, index, hands);
    case 'structural':
      return packed(await runStructuralShard(campaign, index, signal));
    case 'mutants':
      return packed(await runMutantsShard(campaign, index, workers, signal));
    case 'certify':
      return packed(await runCertifyShard(campaign, index, signal));
    default:
      return campaign satisfies never;
  }
}

async function runConformShard(
  campaign: ConformCampaign,
  index: number,
  { sidesOf, workers, signal }: Hands,
): Promise<string | null> {
  const monitor = { progress: () => {}, stopped: () => signal.aborted };
  const result = await conformInThreads(sidesOf, optionsOf(campaign, index, workers), monitor);
  return result.interrupted ? null : packResult(result);
}

function packed(data: object | null): string | null {
  return data === null ? null : pack(data);
}

/** The shards of a campaign as they come in, in any order and any number of times. */
export class Merge {
  private readonly campaign: FleetCampaign;
  private readonly seen = new Set<number>();
  private readonly kind: {
    readonly add: (index: number, packed: unknown) => void;
    readonly collected: (ms: number) => Collected;
  };

  constructor(campaign: FleetCampaign) {
    this.campaign = campaign;
    this.kind = kindOf(campaign, () => this.seen.size < campaign.shards);
  }

  /** Counts a shard, unless it has been counted. */
  add(index: number, packed: unknown): void {
    if (this.seen.has(index) || index > this.campaign.shards) return;
    this.kind.add(index, packed);
    this.seen.add(index);
  }

  /** Everything that came in. @param ms of the whole campaign */
  collected(ms: number): Collected {
    return this.kind.collected(ms);
  }
}

function kindOf(campaign: FleetCampaign, isOpen: () => boolean): Merge['kind'] {
  switch (campaign.job) {
    case 'conform': {
      const merge = new ConformMerge(campaign);
      return {
        add: (index, packed) => merge.add(index, packed),
        collected: (ms) => ({ job: 'conform', result: merge.result(ms) }),
      };
    }
    case 'structural': {
      const merge = new StructuralMerge(campaign);
      return {
        add: (index, packed) => merge.add(index, packed),
        collected: () => ({
          job: 'structural',
          result: merge.result(),
          interrupted: isOpen(),
        }),
      };
    }
    case 'mutants': {
      const merge = new MutantsMerge(campaign);
      return {
        add: (index, packed) => merge.add(index, packed),
        collected: (ms) => ({ job: 'mutants', result: merge.result(ms) }),
      };
    }
    case 'certify': {
      const merge = new CertifyMerge();
      return {
        add: (index, packed) => merge.add(index, packed),
        collected: () => ({ job: 'certify', result: merge.result(isOpen()) }),
      };
    }
    default:
      return campaign satisfies never;
  }
}
