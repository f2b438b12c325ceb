/**
 * The watchdog: an operation that never ends cannot be judged by the thread that runs it. A second
 * thread looks at the number of the running case, and names the case when the number stands still.
 *
 * Verified: endless loops in a walk, a lock that nobody releases. Not verified: which of the two it is.
 * @module
 */
import { Worker } from 'node:worker_threads';

/** How long one case may run. The longest takes milliseconds; a loaded machine is slower. */
const LIMIT_MS = 60_000;

/** Module that makes case number `index` of campaign `seed` into a token. */
const TOKENS = new URL('../case/tokens.js', import.meta.url);

// Plain text, because Node 20 cannot start a worker from TypeScript.
const SOURCE = `
  const { workerData } = require('node:worker_threads');
  const { shared, limit, seed, algs, tokens } = workerData;
  const running = new Int32Array(shared);
  let last = -1;
  let since = performance.now();
  setInterval(async () => {
    const [phase, index] = [Atomics.load(running, 0), Atomics.load(running, 1)];
    const now = performance.now();
    if (last !== phase * 2 ** 32 + index) {
      last = phase * 2 ** 32 + index;
      since = now;
      return;
    }
    if (now - since < limit) return;
    since = now;
    const what = phase === 0 ? 'a known answer, number' : 'random case';
    let line = 'sg2iter: ' + what + ' ' + index + ' of seed ' + seed + ' does not end';
    if (phase === 1) {
      const { tokenOf } = await import(tokens);
      line += '\\n  replay: sg2iter replay ' + tokenOf(seed, index, algs);
    }
    require('node:fs').writeSync(2, line + '\\n');
    process.kill(process.pid, 'SIGTERM');
  }, Math.min(1000, limit / 4));
`;

/** Watches one run. Must be stopped, or the process does not end. */
export class Watchdog {
  private readonly running: Int32Array;
  private readonly worker: Worker;

  /** @param limitMs how long the number may stand still. */
  constructor(seed: number, algs: readonly string[], limitMs: number = LIMIT_MS) {
    const shared = new SharedArrayBuffer(8);
    this.running = new Int32Array(shared);
    const workerData = { shared, limit: limitMs, seed, algs, tokens: TOKENS.href };
    // Options of this process, as an input type, are not those of the text above.
    this.worker = new Worker(SOURCE, { eval: true, workerData, execArgv: [] });
    this.worker.unref();
  }

  /** Says what runs now. @param random false for known answers. */
  at(random: boolean, index: number): void {
    Atomics.store(this.running, 0, random ? 1 : 0);
    Atomics.store(this.running, 1, index);
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }
}
