/**
 * The thread that hunts: cases of a campaign, as `conform` draws and judges them. It ends when one of the
 * wanted checks has fired, and either the comparison of the output has fired too, or it had its time.
 * @module
 */
import { parentPort, workerData } from 'node:worker_threads';
import { AXIS_VALUES, AxisMeter } from '../campaign/axes.ts';
import { deafChecks } from '../campaign/canaries.ts';
import { DEFAULT_CASES } from '../campaign/conform.ts';
import { Harness, untilSilent } from '../campaign/harness.ts';
import { CampaignCases, campaignNames } from '../case/scenarios.ts';
import { judgeTrial } from '../judge/judge.ts';
import { FrontSide } from '../subjects/front/front-side.ts';
import { allSides } from '../subjects/sides.ts';
import type { Given, Shot } from './prey.ts';

/** The check that compares bytes, and that alone. */
const BYTES = 'OUT';
/** Behind the kill, what the comparison of bytes gets to see it too. */
const BYTES_SECONDS = 1;

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * What `conform` finds wrong with the harness itself: checks that do not ring, and values of axes that
 * no case of a default run has. What came about in a run is not looked at: nothing runs here.
 */
function ownFaults(seed: number): string[] {
  const deaf = deafChecks();
  if (deaf.length > 0) return deaf;
  const drawn = new CampaignCases(campaignNames());
  const meter = new AxisMeter();
  for (let i = 0; i < DEFAULT_CASES; i++) {
    const { c, scenario } = drawn.at(seed, i);
    meter.add(c, scenario);
  }
  return AXIS_VALUES.map(({ name }) => name)
    .filter((name) => meter.hits.get(name) === 0)
    .map((name) => `never drawn: ${name}`);
}

function post(shot: Shot): void {
  parentPort?.postMessage(shot);
}

function hunt({ seed, seconds, cases, algs, wanted, self, ended }: Given): void {
  const [fault = null] = self ? ownFaults(seed) : [];
  if (fault !== null) {
    post({ check: 'SELF', cases: 0, detail: fault });
    return;
  }
  const harness = new Harness((machine) => [...allSides(machine), new FrontSide(false)]);
  const drawn = new CampaignCases(algs.length === 0 ? campaignNames() : algs);
  const seen = new Set<string>();
  let end = cpuSeconds() + seconds;
  let isKilled = false;
  for (let i = 0; i < cases && cpuSeconds() < end; i++) {
    const trial = untilSilent(() => harness.run(drawn.at(seed, i).c));
    if ('check' in trial) {
      post({ check: trial.check, cases: i + 1, detail: `${trial.subject}: ${trial.detail}` });
      return;
    }
    Atomics.store(ended, 0, i + 1);
    for (const { check, subject, detail } of judgeTrial(trial)) {
      if (seen.has(check)) continue;
      seen.add(check);
      const summary = `${subject}: ${trial.c.driver} ${trial.c.op}: ${detail.split('\n')[0]}`;
      post({ check, cases: i + 1, detail: summary });
    }
    if (!wanted.some((check) => seen.has(check))) continue;
    if (seen.has(BYTES)) break;
    if (!isKilled) end = Math.min(end, cpuSeconds() + BYTES_SECONDS);
    isKilled = true;
  }
}

hunt(workerData as Given);
parentPort?.postMessage('ended');
