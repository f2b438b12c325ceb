/**
 * The engine: BullMQ over Redis or Valkey. Queues, locks, retries and what becomes of the jobs of a dead
 * worker are its business. Both packages are optional and are loaded here and nowhere else.
 * @module
 */
import type { Job, Queue, Worker, WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import { EXIT_ENVIRONMENT, UsageError } from '../terminal/exit.ts';

type Engine = typeof import('bullmq');

/** Before every key in the server. */
const PREFIX = 'sg2iter';
const CONNECT_MS = 5000;
/** Longest pause before the next try to connect again, milliseconds. */
const AGAIN_MS = 2000;

/** One campaign in the engine. */
export interface Line {
  readonly engine: Engine;
  readonly queue: Queue;
  /** A worker over the same server. Options without a connection. */
  readonly worker: (
    work: (job: Job, token: string) => Promise<unknown>,
    options: Omit<WorkerOptions, 'connection' | 'prefix'>,
  ) => Worker;
  readonly close: () => Promise<void>;
}

/**
 * @param url `redis://` or `rediss://`, with user, password and number of the database if there are any
 * @param patient true for who waits when the server goes away later on
 * @throws UsageError when the URL is none, the packages are missing, or nobody answers
 */
export async function openLine(url: string, name: string, patient: boolean): Promise<Line> {
  const shown = shownUrl(url);
  const { engine, redis } = await load();
  let isOpen = false;
  const connection: Redis = new redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (isOpen && patient ? Math.min(times * 100, AGAIN_MS) : null),
  });
  let reason = '';
  connection.on('error', (error: Error) => {
    reason = error.message || String(error);
  });
  try {
    await connection.connect();
    await connection.ping();
  } catch (error) {
    connection.disconnect();
    const why = reason || (error instanceof Error ? error.message : String(error));
    throw new UsageError(`fleet: ${shown}: ${why.split('\n')[0]}`, EXIT_ENVIRONMENT);
  }
  isOpen = true;
  const queue = new engine.Queue(name, { connection, prefix: PREFIX, skipMetasUpdate: true });
  queue.on('error', () => {});
  return {
    engine,
    queue,
    worker: (work, options) =>
      new engine.Worker(name, (job, token = '') => work(job, token), {
        ...options,
        connection,
        prefix: PREFIX,
      }),
    close: async () => {
      await queue.close();
      connection.disconnect();
    },
  };
}

/** A URL for messages: without its password. @throws UsageError */
function shownUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^rediss?:$/.test(url.protocol) || url.hostname === '') {
    throw new UsageError('--redis: not redis://HOST[:PORT] or rediss://HOST[:PORT]');
  }
  return `${url.protocol}//${url.host}`;
}

async function load(): Promise<{ engine: Engine; redis: typeof Redis }> {
  try {
    const [engine, { Redis: redis }] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { engine, redis };
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new UsageError(
      'fleet: the optional packages bullmq and ioredis are not installed (npm install bullmq ioredis)',
      EXIT_ENVIRONMENT,
    );
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
}
