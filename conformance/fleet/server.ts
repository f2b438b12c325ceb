/**
 * A Redis or Valkey server of one's own, on this machine, for tests and the drill.
 * @module
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

const PROGRAMS = ['redis-server', 'valkey-server'];
const READY = 'Ready to accept connections';
const READY_MS = 20_000;

export interface Server {
  readonly url: string;
  readonly port: number;
  /** Ends it with a signal, and waits for that. */
  readonly end: (signal: 'SIGTERM' | 'SIGKILL') => Promise<void>;
}

/** The name of the server that is installed; null when none is. */
export function findServer(): string | null {
  return PROGRAMS.find((name) => spawnSync(name, ['--version']).status === 0) ?? null;
}

/**
 * @param folder where it keeps its data: every write is on disk before it is answered
 * @param port 0 for any that is free
 * @param address where it listens
 */
export async function startServer(
  program: string,
  folder: string,
  port: number = 0,
  address: string = '127.0.0.1',
): Promise<Server> {
  const own = port === 0 ? await freePort() : port;
  const log = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
  // Without a password a server listens to this machine only, unless it is told not to mind.
  const open = address === '127.0.0.1' ? [] : ['--protected-mode', 'no'];
  const args = ['--port', `${own}`, '--bind', address, '--dir', folder, ...log, ...open];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  await isReady(child);
  return {
    url: `redis://${address}:${own}`,
    port: own,
    end: async (signal) => {
      child.kill(signal);
      await ended;
    },
  };
}

function isReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    const late = setTimeout(() => reject(new Error(`the server is not ready: ${text}`)), READY_MS);
    child.stdout?.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-4096);
      if (!text.includes(READY)) return;
      clearTimeout(late);
      resolve();
    });
    child.once('exit', () => reject(new Error(`the server ended: ${text}`)));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
