/**
 * A running campaign in a browser of this machine: a page, and events for it.
 *
 * Bound to 127.0.0.1, so no other machine reaches it; a request that names another host is refused, so no
 * page of another site reaches it through a name that points here either. Nothing can be changed by it.
 * @module
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { UsageError } from '../terminal/exit.ts';
import { LIVE_PAGE } from './page.ts';
import type { Snapshot } from './snapshot.ts';

const LOOPBACK = '127.0.0.1';
/** How often the page is told, milliseconds. */
const TELL_MS = 500;
/** Browsers that are told at once. */
const MOST_LISTENERS = 16;

const HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

export interface LiveServer {
  readonly url: string;
  /** Tells everybody the last state, and ends. */
  close(): Promise<void>;
}

/** @param port 0 for any that is free @throws UsageError when it cannot be had */
export async function serveLive(port: number, snapshot: () => Snapshot): Promise<LiveServer> {
  const listeners = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    answer(request, response, portOf(server), snapshot, listeners);
  });
  await listening(server, port);
  const tell = (): void => {
    if (listeners.size === 0) return;
    const event = eventOf(snapshot());
    // Who reads too slowly misses a state, and gets a later one.
    for (const listener of listeners) if (!listener.writableNeedDrain) listener.write(event);
  };
  const timer = setInterval(tell, TELL_MS);
  return {
    url: `http://${LOOPBACK}:${portOf(server)}/`,
    close: async () => {
      clearInterval(timer);
      const last = eventOf(snapshot());
      const ended = [...listeners].map(
        (listener) =>
          new Promise<void>((resolve) => listener.end(last, resolve).on('close', resolve)),
      );
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.race([
        Promise.all(ended),
        new Promise((resolve) => setTimeout(resolve, TELL_MS)),
      ]);
      server.closeAllConnections();
      await closed;
    },
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ message }) => reject(new UsageError(`--serve: ${message}`)));
    server.listen(port, LOOPBACK, resolve);
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function answer(
  { method, url, headers }: IncomingMessage,
  response: ServerResponse,
  port: number,
  snapshot: () => Snapshot,
  listeners: Set<ServerResponse>,
): void {
  const refuse = (status: number, why: string): void => {
    response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain' }).end(`${why}\n`);
  };
  if (headers.host !== `${LOOPBACK}:${port}` && headers.host !== `localhost:${port}`) {
    refuse(403, 'this host is not served here');
  } else if (method !== 'GET') refuse(405, 'GET only');
  else if (url === '/') {
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/html; charset=utf-8' });
    response.end(LIVE_PAGE);
  } else if (url === '/state') {
    response.writeHead(200, { ...HEADERS, 'content-type': 'application/json' });
    response.end(JSON.stringify(snapshot()));
  } else if (url === '/events' && listeners.size >= MOST_LISTENERS) {
    refuse(503, 'too many listen already');
  } else if (url === '/events') {
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
    response.write(eventOf(snapshot()));
    listeners.add(response);
    response.on('close', () => listeners.delete(response));
  } else refuse(404, 'nothing here');
}

function eventOf(snapshot: Snapshot): string {
  return `data: ${JSON.stringify(snapshot)}\n\n`;
}
