/**
 * What runs inside a mutated copy: a thread that hunts, and this one, which watches it: cases of a campaign,
 * judged as `conform` judges them, until one of the wanted checks has fired, or the time is up. Nothing is
 * shrunk.
 *
 * A program: one argument, a `Hunt` as JSON; one line on stdout, a `Bag` as JSON. Time is processor time:
 * other load on the machine changes neither what a hunt sees nor what counts as a case that never ends.
 * @module
 */
import { Worker } from 'node:worker_threads';
import type { Bag, Given, Hunt, Message, Shot } from './prey.ts';

/** What stands for a case that never ends. */
const HANG = 'HANG';
/** How long one case may run: the longest takes milliseconds. */
const CASE_SECONDS = 4;
/** How long the harness may look at itself. */
const SELF_SECONDS = 60;
/** Between two looks at the second thread, in milliseconds. */
const LOOK_MS = 250;

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Listens, and gives up a case that never ends. */
function watch(given: Hunt): void {
  const ended = new Int32Array(new SharedArrayBuffer(4));
  const shots: Shot[] = [];
  let [last, since] = [-1, cpuSeconds()];
  const workerData: Given = { ...given, ended };
  const worker = new Worker(new URL('hunter.js', import.meta.url), { workerData });
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

watch(JSON.parse(process.argv[2]) as Hunt);
