/**
 * The option that makes a run one part of several.
 * @module
 */
import { Option } from 'commander';
import type { Shard } from '../campaign/jobs.ts';
import { UsageError } from '../terminal/exit.ts';

const MOST_SHARDS = 100_000;
const WHOLE: Shard = { index: 1, count: 1 };

/** `--shard i/n`; the whole when nobody says. */
export function shardOption(): Option {
  return new Option('--shard <i/n>', 'only part i of n, for several machines')
    .argParser(shardOf)
    .default(WHOLE, 'the whole');
}

function shardOf(text: string): Shard {
  const [, index = 0, count = 0] = (/^(\d{1,9})\/(\d{1,9})$/.exec(text) ?? []).map(Number);
  if (index < 1 || index > count || count > MOST_SHARDS) {
    throw new UsageError(`--shard: '${text}' is not i/n, part i of n, from 1/1 to ${MOST_SHARDS}`);
  }
  return { index, count };
}
