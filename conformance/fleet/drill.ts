/**
 * The drill: a campaign on four worker processes of which one is killed, then all, then the server, then
 * one is cut off from the network for a while, and whose result must be that of one machine. Started with
 * `node dist/conformance/fleet/drill.js [SHARDS]`.
 *
 * Verified: SIGKILL of workers and of a server with an append-only file; a worker of another build; a
 * network that is cut and mended, where namespaces can be had. Not verified: a disk that loses what it
 * said was written.
 * @module
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { EXIT_ENVIRONMENT, EXIT_FINDINGS } from '../terminal/exit.ts';
import { DATA } from './build.ts';
import { statusOf } from './campaigns.ts';
import { openLine } from './engine.ts';
import { Network } from './network.ts';
import { findServer, type Server, startServer } from './server.ts';

const ROOT = dirname(createRequire(import.meta.url).resolve('sg2iter/package.json'));
const CLI = join('dist', 'conformance', 'cli.js');
const NAME = 'drill';
/** Given as the only argument. */
const SHARDS = Number(process.argv[2] ?? '40');
/** Cases that go to a shard at once: each has some. */
const CASES = ['--cases', `${SHARDS * 256}`, '--no-vectors'];
const WORKERS = 4;
/** Shards that are done when somebody is killed. */
const KILL = {
  one: SHARDS * 0.1,
  all: SHARDS * 0.3,
  server: SHARDS * 0.5,
  cable: SHARDS * 0.65,
} as const;
/** So long a worker is cut off: its shard has been given to another by then. */
const CUT_MS = 8000;
const LOOK_MS = 200;
const MOST_MS = 15 * 60_000;

const run = promisify(execFile);

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line to its end. */
async function cli(args: readonly string[], root: string = ROOT): Promise<Ended> {
  try {
    const options = { maxBuffer: 64 << 20 };
    return { code: 0, ...(await run(process.execPath, [join(root, CLI), ...args], options)) };
  } catch (error) {
    const { code, stdout, stderr } = error as Ended;
    return { code, stdout, stderr };
  }
}

class Drill {
  private readonly server: { now: Server };
  private readonly folder: string;
  private readonly program: string;
  private readonly network: Network | null;
  /** What stands before the command of a worker: where it runs. */
  private readonly places: readonly (readonly string[])[];
  private crew: ChildProcess[] = [];
  private readonly started: number = performance.now();

  constructor(program: string, folder: string, server: Server, network: Network | null) {
    this.program = program;
    this.folder = folder;
    this.server = { now: server };
    this.network = network;
    this.places = Array.from({ length: WORKERS }, () => network?.join() ?? []);
  }

  async run(): Promise<boolean> {
    await this.fleet('submit', ...CASES, '--shards', `${SHARDS}`);
    const refused = await this.refuses();
    this.hire();
    await this.until(KILL.one);
    this.say(`a worker is killed; ${this.crew.length - 1} go on`);
    this.crew.pop()?.kill('SIGKILL');
    await this.until(KILL.all);
    this.say('all workers are killed, and four others come');
    for (const worker of this.crew.splice(0)) worker.kill('SIGKILL');
    this.hire();
    await this.until(KILL.server);
    this.say('the server is killed, and comes back after a second');
    await this.server.now.end('SIGKILL');
    await setTimeout(1000);
    const { port } = this.server.now;
    this.server.now = await startServer(this.program, this.folder, port, this.network?.address);
    await this.until(KILL.cable);
    await this.cutOne();
    await this.until(SHARDS);
    await Promise.all(this.crew.map((worker) => worker.exitCode ?? once(worker, 'exit')));
    this.say('all shards are done');
    return (await this.isEqual()) && refused;
  }

  async end(): Promise<void> {
    for (const worker of this.crew) worker.kill('SIGKILL');
    await this.server.now.end('SIGKILL');
    this.network?.remove();
  }

  /** One worker hears nothing for a while, and is heard by nobody. */
  private async cutOne(): Promise<void> {
    if (this.network === null) return;
    this.say('a worker is cut off');
    this.network.cut(WORKERS);
    await setTimeout(CUT_MS);
    this.network.mend(WORKERS);
    this.say(`it is back after ${CUT_MS / 1000} s`);
  }

  private hire(): void {
    const args = ['fleet', 'work', '--name', NAME, '--redis', this.server.now.url, '--once'];
    const all = [CLI, ...args, '--workers', '1', '--takeover', '3'];
    const stdio = ['ignore', 'ignore', 'ignore'] as const;
    this.crew = this.places.map((place) => {
      const [command, ...rest] = [...place, process.execPath, ...all];
      return spawn(command, rest, { cwd: ROOT, stdio: [...stdio] });
    });
  }

  private fleet(part: string, ...args: readonly string[]): Promise<Ended> {
    return cli(['fleet', part, '--name', NAME, '--redis', this.server.now.url, ...args]);
  }

  /** Waits until so many shards are done. @throws Error when that takes too long */
  private async until(shards: number): Promise<void> {
    // Not by the command: it would take a tenth of the machine.
    const line = await openLine(this.server.now.url, NAME, false);
    try {
      while (performance.now() - this.started < MOST_MS) {
        const { done, failed, failures } = await statusOf(line);
        if (failed > 0) throw new Error(`shards failed: ${failures}`);
        if (done >= shards) return;
        await setTimeout(LOOK_MS);
      }
    } finally {
      await line.close();
    }
    throw new Error(`fewer than ${shards} shards after ${MOST_MS / 1000} s`);
  }

  /** Two workers whose code differs in one comment take nothing. */
  private async refuses(): Promise<boolean> {
    const other = join(this.folder, 'other');
    const data = DATA.map((folder) => join('conformance', folder, 'data'));
    for (const part of ['dist', 'package.json', ...data]) {
      cpSync(join(ROOT, part), join(other, part), { recursive: true });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(other, 'node_modules'));
    appendFileSync(join(other, 'dist', 'src', 'assert.js'), '// Another build.\n');
    const args = ['fleet', 'work', '--name', NAME, '--redis', this.server.now.url, '--once'];
    const ends = await Promise.all([cli(args, other), cli(args, other)]);
    const { stdout } = await this.fleet('status', '--json');
    const isLeft = JSON.parse(stdout).waiting === SHARDS;
    const isRefused = ends.every(
      ({ code, stderr }) =>
        code === EXIT_ENVIRONMENT && /^sg2iter: fleet: the campaign is of build .*\n$/.test(stderr),
    );
    this.say(`two workers of another build: ${isRefused && isLeft ? 'refused' : 'NOT refused'}`);
    return isRefused && isLeft;
  }

  private async isEqual(): Promise<boolean> {
    const many = await this.fleet('collect', '--json');
    const one = await cli(['conform', ...CASES, '--json']);
    const isEqual = many.code === 0 && lasting(many.stdout) === lasting(one.stdout);
    this.say(`the result ${isEqual ? 'is' : 'is NOT'} that of one machine, but for times`);
    return isEqual;
  }

  private say(what: string): void {
    const seconds = (performance.now() - this.started) / 1000;
    console.log(`${seconds.toFixed(1).padStart(6)} s  ${what}`);
  }
}

/** A report without how long it took and in how much memory. */
function lasting(json: string): string {
  const { durationMs, casesPerSecond, casesCpuMs, peakRssMib, ...rest } = JSON.parse(json);
  return JSON.stringify(rest);
}

const program = findServer();
if (program === null) {
  console.error('fleet drill: no redis-server and no valkey-server');
  process.exitCode = EXIT_ENVIRONMENT;
} else {
  const folder = mkdtempSync(join(tmpdir(), 'sg2iter-drill-'));
  const obstacle = Network.obstacle();
  if (obstacle !== null) console.log(`skipped: a worker that is cut off: ${obstacle}`);
  const network = obstacle === null ? new Network() : null;
  const server = await startServer(program, folder, 0, network?.address);
  const drill = new Drill(program, folder, server, network);
  try {
    if (!(await drill.run())) process.exitCode = EXIT_FINDINGS;
  } finally {
    await drill.end();
    rmSync(folder, { recursive: true, force: true });
  }
}
