/**
 * Looking at `conform` while it runs: `--watch` on this terminal, `--serve` in a browser of this machine.
 * @module
 */
import { performance } from 'node:perf_hooks';
import type { Command } from 'commander';
import type { Sight } from '../campaign/conform.ts';
import { serveLive } from '../live/serve.ts';
import { LiveCampaign } from '../live/snapshot.ts';
import { WatchBlock } from '../live/watch.ts';
import { UsageError, wholeNumber } from '../terminal/exit.ts';
import { ProgressLine } from '../terminal/progress.ts';

const MOST_PORT = 65_535;
/** How often a terminal is written over, milliseconds. */
const SHOW_MS = 250;

export interface LiveFlags {
  readonly watch?: boolean;
  /** True for any port. */
  readonly serve?: number | true;
}

/** Who is told while a campaign runs. */
export interface Onlookers {
  readonly progress: (phase: string, done: number, all: number) => void;
  readonly look: (sight: Sight) => void;
  /** Must be called before anything is printed. */
  readonly end: (isInterrupted: boolean) => Promise<void>;
}

/** Adds `--watch` and `--serve`. */
export function withLive(command: Command): Command {
  return command
    .option('--watch', 'on a terminal: rate, axes and findings while they come')
    .option(
      '--serve [port]',
      'the same as a page, on 127.0.0.1 only; 0 for a port that is free',
      wholeNumber('--serve', 0, MOST_PORT),
    );
}

/** @throws UsageError where there is nothing to look at. @param other the option that leaves nothing */
export function refuseLive({ watch, serve }: LiveFlags, other: string): void {
  if (watch === true) throw new UsageError(`--watch: not with ${other}`);
  if (serve !== undefined) throw new UsageError(`--serve: not with ${other}`);
}

/** Opens what was asked for; a line of progress where nothing was. @param seconds of the run at most */
export async function onlookersOf(
  { watch = false, serve }: LiveFlags,
  seed: number,
  seconds: number,
): Promise<Onlookers> {
  const campaign = new LiveCampaign(seed);
  const server =
    serve === undefined
      ? null
      : await serveLive(serve === true ? 0 : serve, () => campaign.snapshot());
  if (server !== null) console.error(`sg2iter: the run is at ${server.url}`);
  const block = watch && process.stderr.isTTY === true ? new WatchBlock(process.stderr) : null;
  const line = block === null ? new ProgressLine(process.stderr, undefined, seconds) : null;
  let shown = 0;
  return {
    progress: (phase, done, all) => line?.show(phase, done, all),
    look: (sight) => {
      campaign.see(sight);
      if (block === null || performance.now() - shown < SHOW_MS) return;
      shown = performance.now();
      block.show(campaign.snapshot());
    },
    end: async (isInterrupted) => {
      campaign.end(isInterrupted ? 'interrupted' : 'finished');
      block?.clear();
      line?.clear();
      await server?.close();
    },
  };
}
