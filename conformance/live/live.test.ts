/**
 * Goal: who looks at a running campaign sees what it has, nobody else can ask, and looking ends with the run.
 * Method: campaigns of a few cases under a server of their own; a terminal that keeps what is written.
 */
import { request } from 'node:http';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { Canary, spoilLast } from '../campaign/canary.ts';
import { conform, type Sight } from '../campaign/conform.ts';
import { main } from '../commands/main.ts';
import { accessibilityFaults, hasBrowser, openBrowser, overflow, WIDTHS } from '../page/testing.ts';
import { bothSides } from '../subjects/sides.ts';
import { serveLive } from './serve.ts';
import { LiveCampaign } from './snapshot.ts';
import { WatchBlock } from './watch.ts';

const WHY = hasBrowser ? '' : ' (skipped: no /usr/bin/chromium)';
const OPTIONS = {
  ...{ seed: 1, cases: 260, algs: ['ctr(aes)', 'crc32'], vectors: false, bail: false },
  ...{ shard: { index: 1, count: 1 }, wholeAt: 20_000, time: 60, workers: 1, caseTime: 60 },
};

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.exitCode = 0;
});

/** What was seen of a campaign in which encryption spoils a byte. */
const sights: Sight[] = [];
beforeAll(async () => {
  await conform(
    (machine) => {
      const [legacy, converted] = bothSides(machine);
      const spoilt = new Canary(converted, (op, outcome) =>
        op.c.op === 'encrypt' ? spoilLast(op, outcome) : outcome,
      );
      return [legacy, spoilt];
    },
    OPTIONS,
    { progress: () => {}, stopped: () => false, look: (sight) => sights.push(sight) },
  );
});

/** Status and text of a request, with a host of the caller's choice. */
function ask(url: string, path: string, host: string, method = 'GET'): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), { method, headers: { host } }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => {
        text += part.toString();
      });
      response.on('end', () => resolve([response.statusCode ?? 0, text]));
    });
    sent.on('error', reject);
    sent.end();
  });
}

test('what is seen of a campaign is what it has at that moment, findings too', async () => {
  const clock = { ms: 0 };
  const live = new LiveCampaign(7, () => clock.ms);
  expect(live.snapshot()).toMatchObject({
    seed: 7,
    passed: 0,
    axes: [],
    findings: [],
    ended: null,
  });
  expect(sights.map(({ done, all }) => [done, all])).toEqual([
    [256, 260],
    [260, 260],
  ]);
  live.see({ ...sights[0], done: 100 });
  clock.ms = 10_000;
  live.see(sights[1]);
  const seen = live.snapshot();
  expect([seen.phase, seen.done, seen.all, seen.perSecond]).toEqual(['cases', 260, 260, 16]);
  expect(seen.passed + seen.failed).toBe(260);
  expect(seen.failed).toBeGreaterThan(0);
  expect(seen.findings[0].signature).toMatch(/^OUT:canary:ctr\(aes\):encrypt/);
  const kinds = seen.axes.find(({ axis }) => axis === 'kind');
  expect(kinds).toMatchObject({ drawn: 2, all: 6 });
  expect(kinds?.missing).toContain('aead');
});

test('the server is asked by its own name only, and only for what it has', async () => {
  const live = new LiveCampaign(7);
  const server = await serveLive(0, () => live.snapshot());
  const { host, port, hostname } = new URL(server.url);
  expect(hostname).toBe('127.0.0.1');
  expect((await ask(server.url, '/', host))[1]).toContain('sg2iter conform');
  expect(JSON.parse((await ask(server.url, '/state', `localhost:${port}`))[1]).seed).toBe(7);
  for (const other of ['example.org', `example.org:${port}`, '127.0.0.1', `127.0.0.2:${port}`]) {
    expect((await ask(server.url, '/state', other))[0]).toBe(403);
  }
  expect((await ask(server.url, '/other', host))[0]).toBe(404);
  expect((await ask(server.url, '/', host, 'POST'))[0]).toBe(405);
  const taken = await ask(server.url, '/', host).then(() =>
    serveLive(Number(port), () => live.snapshot()).catch(String),
  );
  expect(taken).toMatch(/--serve: listen EADDRINUSE/);
  await server.close();
  await expect(ask(server.url, '/', host)).rejects.toThrow(/ECONNREFUSED|socket/);
});

test('who listens hears the end, and then the server is gone', async () => {
  const live = new LiveCampaign(7);
  const server = await serveLive(0, () => live.snapshot());
  const heard = ask(server.url, '/events', new URL(server.url).host);
  await ask(server.url, '/state', new URL(server.url).host);
  live.end('interrupted');
  await server.close();
  const events = (await heard)[1].trim().split('\n\n');
  const last = JSON.parse(events.at(-1)?.replace(/^data: /, '') ?? '');
  expect(last).toMatchObject({ seed: 7, ended: 'interrupted' });
});

test('conform --serve tells where it is, and leaves nothing that keeps the process alive', async () => {
  const err: string[] = [];
  vi.spyOn(console, 'log').mockImplementation(() => {});
  vi.spyOn(console, 'error').mockImplementation((text) => void err.push(String(text)));
  const code = await main([
    'conform',
    '--cases',
    '20',
    '--no-vectors',
    '--alg',
    'sha256',
    '--serve',
  ]);
  expect([code, err.length]).toEqual([0, 1]);
  const [, url = ''] = /^sg2iter: the run is at (http:\/\/127\.0\.0\.1:\d+\/)$/.exec(err[0]) ?? [];
  await expect(ask(url, '/', new URL(url).host)).rejects.toThrow();
  for (const flag of ['--serve', '--watch']) {
    const args = ['conform', '--schedules', 'exhaustive', flag];
    expect([await main(args), err.at(-1)]).toEqual([2, `sg2iter: ${flag}: not with --schedules`]);
  }
  expect([await main(['conform', '--serve', '70000']), err.at(-1)]).toEqual([
    2,
    expect.stringContaining("--serve: '70000' is not"),
  ]);
});

test('a terminal is written over in place, in its width, and clean behind', async () => {
  vi.stubEnv('NO_COLOR', '1');
  const [, sight] = sights;
  const live = new LiveCampaign(7, () => 0);
  live.see(sight);
  const out: string[] = [];
  const block = new WatchBlock({ isTTY: true, columns: 60, write: (text) => out.push(text) });
  block.show(live.snapshot());
  block.show(live.snapshot());
  block.clear();
  const lines = out[0].split('\n').map((line) => line.replace('\u001b[2K', ''));
  expect(lines).toEqual(expect.arrayContaining([expect.stringMatching(/^findings: \d+$/)]));
  expect(lines.some((line) => line.startsWith('  OUT:canary:ctr(aes):encrypt'))).toBe(true);
  expect(lines.filter((line) => line.length > 59)).toEqual([]);
  const height = lines.length - 1;
  expect(out[1].startsWith(`\u001b[${height}A`)).toBe(true);
  expect(out[2].endsWith(`\u001b[${height}A`)).toBe(true);
});

test.skipIf(!hasBrowser)(`the page shows rate, axes and findings, and the end${WHY}`, async () => {
  const [, sight] = sights;
  const live = new LiveCampaign(7);
  live.see(sight);
  const server = await serveLive(0, () => live.snapshot());
  const browser = await openBrowser();
  const page = await browser.newPage({ viewport: { width: WIDTHS[1], height: 900 } });
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('request', (sent) => {
    if (!sent.url().startsWith(server.url) && !sent.url().startsWith('data:')) {
      complaints.push(sent.url());
    }
  });
  await page.goto(server.url);
  await page.locator('#findings li').first().waitFor();
  expect(await page.locator('#findings code').first().textContent()).toMatch(/^sg2iter explain /);
  expect(await page.locator('#axes li').count()).toBe(live.snapshot().axes.length);
  expect(await page.locator('#state').textContent()).toBe('running');
  expect([await overflow(page), await accessibilityFaults(page)]).toEqual([0, []]);
  live.end('finished');
  await server.close();
  await page.getByText('finished', { exact: true }).waitFor();
  expect(complaints).toEqual([]);
  await browser.close();
});
