/**
 * Goal: a campaign on a real server ends with the result of one machine, whatever becomes of its workers;
 * what is not its own business a worker refuses.
 * Method: a server of its own, and workers in this process. Processes that are killed are in `drill.ts`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ConformResult, conform } from '../campaign/conform.ts';
import { reportOf } from '../report/conform-report.ts';
import { allSides, withStages } from '../subjects/sides.ts';
import { buildOf } from './build.ts';
import type { ConformCampaign } from './campaign.ts';
import { cancel, collect, statusOf, submit } from './campaigns.ts';
import { wholeOf } from './conform-shard.ts';
import { type Line, openLine } from './engine.ts';
import { findServer, type Server, startServer } from './server.ts';
import { type WorkOptions, work } from './work.ts';

/** What the compiled threads run. */
const SIDES = withStages(allSides, /* halfConverted */ false);
const PROGRAM = findServer();
const WHY = PROGRAM === null ? ' (skipped: no redis-server and no valkey-server)' : '';

const CAMPAIGN: ConformCampaign = {
  job: 'conform',
  build: buildOf(),
  seed: 9,
  cases: 16,
  algs: ['md5'],
  vectors: true,
  shards: 40,
};
const OPTIONS: WorkOptions = {
  workers: 1,
  once: true,
  takeover: 6,
  sidesOf: SIDES,
  signal: new AbortController().signal,
  progress: () => {},
  tell: () => {},
};

/** Everything but how long it took. */
function lasting(result: ConformResult): string {
  const { durationMs, casesPerSecond, casesCpuMs, peakRssMib, ...rest } = reportOf(result);
  return JSON.stringify(rest);
}

/** The report of random cases. */
async function collected(line: Line): Promise<ConformResult> {
  const { job, result } = await collect(line);
  if (job !== 'conform') throw new Error(`a campaign of ${job}`);
  return result;
}

describe.skipIf(PROGRAM === null)(`a fleet over a server${WHY}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sg2iter-fleet-'));
  const lines: Line[] = [];
  let server: Server;
  let names = 0;

  /** A line to a campaign, closed after the test. */
  async function open(name: string): Promise<Line> {
    const line = await openLine(server.url, name, true);
    lines.push(line);
    return line;
  }

  /** A line to a campaign that nobody has handed in. */
  function openNew(): Promise<Line> {
    return open(`c${names++}`);
  }

  beforeAll(async () => {
    server = await startServer(PROGRAM ?? '', folder);
  }, 240_000);

  afterEach(async () => {
    await Promise.all(lines.splice(0).map((line) => line.close()));
  });

  afterAll(async () => {
    await server.end('SIGTERM');
    rmSync(folder, { recursive: true });
  });

  test('forty shards on four workers come to the result of one machine', async () => {
    const line = await openNew();
    expect(await submit(line, CAMPAIGN)).toBe(40);
    const crew = await Promise.all([1, 2, 3, 4].map(() => open(line.queue.name)));
    const done = await Promise.all(crew.map((one) => work(one, OPTIONS)));
    expect(done.reduce((sum, shards) => sum + shards, 0)).toBe(40);
    expect(done.every((shards) => shards > 0)).toBe(true);
    const alone = await conform(SIDES, wholeOf(CAMPAIGN), {
      progress: () => {},
      stopped: () => false,
    });
    expect(lasting(await collected(line))).toBe(lasting(alone));
  });

  test('handing in again adds nothing, and another campaign is refused by that name', async () => {
    const line = await openNew();
    expect(await submit(line, { ...CAMPAIGN, shards: 3 })).toBe(3);
    expect(await submit(line, { ...CAMPAIGN, shards: 3 })).toBe(0);
    await expect(submit(line, { ...CAMPAIGN, seed: 2, shards: 3 })).rejects.toThrow(/^--name: /);
    expect(await statusOf(line)).toMatchObject({ waiting: 3, done: 0, failed: 0 });
    expect(await cancel(line)).toBe(3);
    await expect(statusOf(line)).rejects.toThrow(/^--name: there is no campaign/);
    expect(await submit(line, { ...CAMPAIGN, seed: 2, shards: 3 })).toBe(3);
  });

  test('workers of another build refuse, and leave every shard as it is', async () => {
    const line = await openNew();
    await submit(line, { ...CAMPAIGN, build: '0.0.9+0123456789abcdef', shards: 5 });
    const crew = await Promise.all([1, 2].map(() => open(line.queue.name)));
    for (const end of await Promise.allSettled(crew.map((one) => work(one, OPTIONS)))) {
      expect(end).toMatchObject({ status: 'rejected' });
      expect(end.status === 'rejected' && end.reason.message).toMatch(
        /^fleet: the campaign is of build 0\.0\.9\+0123456789abcdef, and this is /,
      );
    }
    expect(await statusOf(line)).toMatchObject({ waiting: 5, active: 0, done: 0, failed: 0 });
    await expect(collect(line)).rejects.toThrow(/^fleet: the campaign is of build/);
  });

  test('a shard whose worker has died is done by another', async () => {
    const line = await openNew();
    const small = { ...CAMPAIGN, vectors: false, shards: 2 };
    await submit(line, small);
    const other = await open(line.queue.name);
    let took: () => void = () => {};
    const taken = new Promise<void>((resolve) => {
      took = resolve;
    });
    const dead = other.worker(
      () => {
        took();
        return new Promise(() => {});
      },
      { lockDuration: 500, skipLockRenewal: true, skipStalledCheck: true },
    );
    dead.on('error', () => {});
    await taken;
    void dead.close(true);
    expect(await work(line, { ...OPTIONS, takeover: 1 })).toBe(2);
    const { interrupted, cases } = await collected(line);
    expect([interrupted, cases.total.passed]).toEqual([false, small.cases]);
  });

  test('a worker that is ended gives its shard back', async () => {
    const line = await openNew();
    await submit(line, { ...CAMPAIGN, cases: 100_000, vectors: false, shards: 1 });
    const controller = new AbortController();
    const ended = work(await open(line.queue.name), { ...OPTIONS, signal: controller.signal });
    while ((await statusOf(line)).active === 0);
    controller.abort();
    expect(await ended).toBe(0);
    expect(await statusOf(line)).toMatchObject({ waiting: 1, active: 0, done: 0, failed: 0 });
  });

  test('job data that are wrong fail their shard and no other', async () => {
    const line = await openNew();
    const small = { ...CAMPAIGN, vectors: false, shards: 2 };
    await submit(line, small);
    const job = await line.engine.Job.fromId(line.queue, 'shard-2');
    await job?.updateData({ campaign: small, index: 3 });
    expect(await work(line, OPTIONS)).toBe(1);
    const status = await statusOf(line);
    expect(status).toMatchObject({ done: 1, failed: 1 });
    expect(status.failures).toEqual(['shard-2: job data: index: behind the last shard']);
    expect((await collected(line)).interrupted).toBe(true);
    expect(await submit(line, small)).toBe(0);
    expect(await statusOf(line)).toMatchObject({ done: 1, failed: 0, waiting: 1 });
  });
});

test.each([
  ['http://localhost', /^--redis: not redis:/],
  ['redis://', /^--redis: not redis:/],
  ['redis://user:secret@127.0.0.1:1', /^fleet: redis:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/],
])('%s is refused in one line without its password', async (url, line) => {
  await expect(openLine(url, 'none', true)).rejects.toThrow(line);
});
