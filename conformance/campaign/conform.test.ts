/**
 * Goal: a campaign has one result, however many threads and shards do it, and a case that never ends is a
 * finding of it like any other.
 * Method: the compiled campaign in threads against the same in this thread; a thread of its own whose
 * second API loops for ever in one case; a clock that is up.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Case } from '../case/case.ts';
import { exitCodeOf } from '../commands/conform.ts';
import { RULES } from '../judge/judge.ts';
import { reportOf } from '../report/conform-report.ts';
import { textOf } from '../report/text.ts';
import { allSides, bothSides, withStages } from '../subjects/sides.ts';
import { Canary, spoilLast } from './canary.ts';
import { type ConformOptions, type ConformResult, conform, conformInThreads } from './conform.ts';
import type { SidesOf } from './harness.ts';
import { type CampaignPlan, jobsOf, unitsOf, workOf } from './jobs.ts';
import { decodeToken } from './replay.ts';
import { replayCase } from './replay-case.ts';

/** Node 20 starts no thread from TypeScript: threads run what is built. */
/** What the compiled threads run. */
const BUILT = new URL('../../dist/conformance/campaign/', import.meta.url);
const FRONT = new URL('../subjects/front/front-thread.js', BUILT);
const SIDES = withStages(allSides, /* halfConverted */ false, FRONT);
const isMissing = !existsSync(new URL('worker.js', BUILT));
const WHY = isMissing ? ' (skipped: not built)' : '';

const ALGS = ['ctr(aes)', 'gcm(aes)', 'sha256'];
const OPTIONS: ConformOptions = {
  seed: 3,
  cases: 300,
  wholeAt: 20_000,
  time: Number.POSITIVE_INFINITY,
  algs: ALGS,
  bail: false,
  vectors: false,
  shard: { index: 1, count: 1 },
  workers: 1,
  caseTime: 60,
};
const QUIET = { progress: () => {}, stopped: () => false };

/** An API whose last byte is wrong: about every case fails. */
const spoiled: SidesOf = (machine) => {
  const [legacy, converted] = bothSides(machine);
  return [legacy, new Canary(converted, spoilLast)];
};

test.each(['GUARD', 'ORDER'] as const)('a deaf %s ends the run before its cases', async (check) => {
  const rule = RULES.find((each) => each.check === check);
  expect.assert(rule !== undefined);
  const judge = vi.spyOn(rule, 'judge').mockReturnValue(null);
  const report = reportOf(await conform(bothSides, { ...OPTIONS, cases: 1 }, QUIET));
  judge.mockRestore();
  expect(exitCodeOf(report)).toBe(4);
  expect(report.cases).toMatchObject({ passed: 0, failed: 0 });
  expect(report.selfCheck.differences.join()).toContain(`${check} does not ring`);
  expect(textOf(report)[0]).toContain('self-check failed');
});

/** Everything but how long it took. */
function lasting(result: ConformResult): Record<string, unknown> {
  const { durationMs, casesPerSecond, casesCpuMs, peakRssMib, ...rest } = reportOf(result);
  return rest;
}

let folder: string;
let looping: URL;

const HANGING = { ...OPTIONS, seed: 4, cases: 40, caseTime: 2 };

/** One case of that run: a plan that drew several of them would end it at the third that hangs. */
function loopingCase(): Case {
  for (const job of jobsOf(HANGING)) {
    for (const { c } of unitsOf(HANGING, job)) {
      if (c.alg !== 'gcm(aes)' || c.iterator !== undefined) continue;
      if (typeof c.text !== 'string' && c.text.len > 100) return c;
    }
  }
  return expect.fail('no case of gcm(aes) is drawn');
}

/** A thread whose second API does not come back from one case. */
const loopingOver = (text: Case['text']): string => `
import { parentPort, workerData } from 'node:worker_threads';
import { Laboratory } from '${new URL('laboratory.js', BUILT)}';
import { bothSides } from '${new URL('../subjects/sides.js', BUILT)}';
const { plan, bail, slot } = workerData;
const text = ${JSON.stringify(JSON.stringify(text))};
const at = new Int32Array(slot);
const moved = (which, value) => { Atomics.store(at, which, value); Atomics.add(at, 2, 1); };
const clerk = { begins: (n) => moved(0, n), runs: (n) => moved(1, n), stopped: () => false };
const sidesOf = (machine) => {
  const [legacy, converted] = bothSides(machine);
  const run = (op) => {
    while (op.c.alg === 'gcm(aes)' && JSON.stringify(op.c.text) === text) {}
    return converted.run(op);
  };
  return [legacy, { name: 'looping', joined: false, run, renew: () => converted.renew() }];
};
const laboratory = new Laboratory(sidesOf, plan, bail);
parentPort.postMessage({ sides: ['legacy', 'looping'] });
parentPort.on('message', (assignment) => {
  if (assignment === null) return parentPort.close();
  const steps = laboratory.work(assignment, clerk);
  let step = steps.next();
  while (!step.done) step = steps.next();
  parentPort.postMessage({ answer: step.value });
});
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sg2iter-campaign-'));
  writeFileSync(join(folder, 'looping.mjs'), loopingOver(loopingCase().text));
  looping = pathToFileURL(join(folder, 'looping.mjs'));
});

afterAll(() => rmSync(folder, { recursive: true }));

test.skipIf(isMissing)(`threads come to what one thread comes to${WHY}`, async () => {
  const alone = await conform(SIDES, OPTIONS, QUIET);
  expect(alone.cases.total.passed).toBe(OPTIONS.cases);
  const worker = new URL('worker.js', BUILT);
  const threads = await conformInThreads(SIDES, { ...OPTIONS, workers: 2 }, QUIET, worker);
  expect(lasting(threads)).toEqual(lasting(alone));
});

test('the findings of a run that bails are those of its first failing case', async () => {
  const all = await conform(spoiled, { ...OPTIONS, cases: 12 }, QUIET);
  expect(all.discoveries.length).toBeGreaterThan(2);
  const first = await conform(spoiled, { ...OPTIONS, cases: 12, bail: true }, QUIET);
  expect(first.discoveries.map(({ finding }) => finding)).toEqual([all.discoveries[0].finding]);
  expect(textOf(reportOf(first)).join('\n')).toMatch(
    /ended at the first finding before \d+ random cases/,
  );
});

test('shards are parts of the whole: each job is in one of them', () => {
  const plan: CampaignPlan = { ...OPTIONS, vectors: true, cases: 5000 };
  const whole = [...jobsOf(plan)];
  for (const count of [1, 2, 3, 7, 500]) {
    const parts = Array.from({ length: count }, (_, i) => {
      const part = { ...plan, shard: { index: i + 1, count } };
      const jobs = [...jobsOf(part)];
      const work = { vectors: 0, checksums: 0, cases: 0 };
      for (const { phase, from, to } of jobs) {
        if (phase !== 'self-check') work[phase] += to - from;
      }
      expect(workOf(part)).toEqual(work);
      return jobs;
    });
    expect(parts.flat().sort((a, b) => a.number - b.number)).toEqual(whole);
  }
});

test.skipIf(isMissing)(
  `a case that never ends is a finding, and the rest goes on${WHY}`,
  async () => {
    const result = await conformInThreads(bothSides, HANGING, QUIET, looping);
    const [{ finding, c }] = result.discoveries;
    const index = decodeToken(finding.token);
    expect([finding.check, finding.alg, c.alg]).toEqual(['HANG', 'gcm(aes)', 'gcm(aes)']);
    expect(index).toEqual(c);
    expect(finding.summary).toContain('does not end: no answer for 2 s');
    expect(finding.signature).toContain('HANG:looping:');
    expect(result.cases.total.passed + result.cases.total.failed).toBe(40);
    expect(exitCodeOf(reportOf(result))).toBe(1);
    const again = await replayCase(c, bothSides, 2, looping);
    expect(again.violations).toMatchObject([{ check: 'HANG', subject: 'looping' }]);
  },
);

test('what there was no time for is said, and nothing at all is not green', async () => {
  let cases = 0;
  const stopped = (): boolean => cases++ > 20;
  const some = await conform(bothSides, OPTIONS, { ...QUIET, stopped });
  expect(some.unreached.cases).toBe(OPTIONS.cases - some.cases.total.passed);
  expect(exitCodeOf(reportOf(some))).toBe(130);
  expect(textOf(reportOf(some)).join('\n')).toContain(
    `interrupted before ${some.unreached.cases} random cases`,
  );
  const none = await conform(bothSides, { ...OPTIONS, cases: 0 }, QUIET);
  expect(exitCodeOf(reportOf(none))).toBe(4);
  expect(textOf(reportOf(none)).join('\n')).toContain('SELF: nothing ran');
});
