/**
 * What runs inside a mutated copy: random cases, judged as `conform` judges them, until one of the wanted
 * checks and the comparison of the output have both fired, or the time is up. Nothing is shrunk.
 *
 * A program: one argument, a `Hunt` as JSON; one line on stdout, a `Bag` as JSON. Cases run in a second
 * thread, and time is processor time: other load on the machine changes neither what a hunt sees nor
 * what counts as a case that never ends.
 * @module
 */

import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { AXIS_VALUES, AxisMeter } from '../campaign/axes.ts';
import { deafChecks } from '../campaign/canaries.ts';
import { DEFAULT_CASES } from '../campaign/conform.ts';
import { Harness } from '../campaign/harness.ts';
import { CaseGenerator, drawnAlgorithms } from '../case/generate.ts';
import { judgeTrial } from '../judge/judge.ts';
import { allSides } from '../subjects/sides.ts';

/** What to look for. */
export interface Hunt {
  readonly seed: number;
  /** Processor time for the cases. */
  readonly seconds: number;
  /** Cases at most. */
  readonly cases: number;
  /** Names of algorithms; all when empty. */
  readonly algs: readonly string[];
  readonly wanted: readonly string[];
  /** The harness is looked at first: canaries, and what its generator draws. */
  readonly self: boolean;
}

/** The first time that a check fired. */
export interface Shot {
  readonly check: string;
  /** Cases up to and with this one. */
  readonly cases: number;
  readonly detail: string;
}

export interface Bag {
  readonly cases: number;
  readonly shots: readonly Shot[];
}

/** The check that compares bytes, and that alone. */
const BYTES = 'OUT';
/** What stands for a case that never ends. */
const HANG = 'HANG';
/** How long one case may run: the longest takes milliseconds. */
const CASE_SECONDS = 4;
/** How long the harness may look at itself. */
const SELF_SECONDS = 60;
/** Between two looks at the second thread, in milliseconds. */
const LOOK_MS = 250;

/** What the second thread says: a check that fired first, or that it has ended. */
type Message = Shot | 'ended';

interface Given extends Hunt {
  /** One number: how many cases have ended. */
  readonly ended: Int32Array;
}

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
  const generator = new CaseGenerator();
  const meter = new AxisMeter();
  for (let i = 0; i < DEFAULT_CASES; i++) meter.add(generator.at(seed, i));
  return AXIS_VALUES.map(({ name }) => name)
    .filter((name) => meter.hits.get(name) === 0)
    .map((name) => `never drawn: ${name}`);
}

/** In the second thread. */
function hunt({ seed, seconds, cases, algs, wanted, self, ended }: Given): void {
  const [fault = null] = self ? ownFaults(seed) : [];
  if (fault !== null) {
    parentPort?.postMessage({ check: 'SELF', cases: 0, detail: fault } satisfies Shot);
    parentPort?.postMessage('ended');
    return;
  }
  const harness = new Harness((machine) => allSides(machine));
  const generator = new CaseGenerator(algs.length === 0 ? drawnAlgorithms() : algs);
  const seen = new Set<string>();
  const end = cpuSeconds() + seconds;
  for (let i = 0; i < cases && cpuSeconds() < end; i++) {
    const trial = harness.run(generator.at(seed, i));
    Atomics.store(ended, 0, i + 1);
    for (const { check, subject, detail } of judgeTrial(trial)) {
      if (seen.has(check)) continue;
      seen.add(check);
      const summary = `${subject}: ${trial.c.driver} ${trial.c.op}: ${detail.split('\n')[0]}`;
      parentPort?.postMessage({ check, cases: i + 1, detail: summary } satisfies Shot);
    }
    if (seen.has(BYTES) && wanted.some((check) => seen.has(check))) break;
  }
  parentPort?.postMessage('ended');
}

/** In the first thread: listens, and gives up a case that never ends. */
function watch(given: Hunt): void {
  const ended = new Int32Array(new SharedArrayBuffer(4));
  const shots: Shot[] = [];
  let [last, since] = [-1, cpuSeconds()];
  const worker = new Worker(new URL(import.meta.url), { workerData: { ...given, ended } });
  const stop = (): void => {
    clearInterval(timer);
    const cases = Atomics.load(ended, 0);
    console.log(JSON.stringify({ cases, shots } satisfies Bag));
  };
  const timer = setInterval(() => {
    const cases = Atomics.load(ended, 0);
    if (cases !== last) [last, since] = [cases, cpuSeconds()];
    const most = cases === 0 && given.self ? SELF_SECONDS : CASE_SECONDS;
    if (cpuSeconds() - since < most) return;
    shots.push({ check: HANG, cases: cases + 1, detail: 'a case never ends' });
    stop();
    void worker.terminate();
  }, LOOK_MS);
  worker.on('message', (message: Message) => {
    if (message === 'ended') stop();
    else shots.push(message);
  });
  worker.on('error', (error) => {
    clearInterval(timer);
    console.error(error);
    process.exitCode = 1;
  });
}

if (isMainThread) watch(JSON.parse(process.argv[2]) as Hunt);
else hunt(workerData as Given);
