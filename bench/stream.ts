/**
 * What the front door does with more data than memory, and with a timer: a stream is encrypted, decrypted
 * and hashed through a machine of 64 MiB, and 40 requests of 1 MiB are given 5 ms. Run from the
 * project's folder after a build: `node dist/bench/stream.js [GiB]`, 4 by default. Exit 1 when a digest is
 * not that of `sha256sum`, memory is not flat, or what was aborted does not come back; 3 without `sha256sum`.
 * @module
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createDecipheriv } from 'node:crypto';
import { once } from 'node:events';
import process from 'node:process';
import { EXIT_ENVIRONMENT, EXIT_FINDINGS, EXIT_USAGE } from '../conformance/terminal/exit.ts';
import { createCrypto } from '../converted/front/index.ts';

const GIB = 2 ** 30;
const MIB = 2 ** 20;
/** A length of chunks that meets no page and no block. */
const CHUNK = MIB - 13;
/** Bytes that the process may take at its peak. */
const MOST_BYTES = 300 * MIB;
/** The judge: a program that is none of ours. */
const SUM = 'sha256sum';
const KEY = new Uint8Array(32).fill(7);
const IV = new Uint8Array(16).fill(9);

/** `sha256sum` of what is written into it. */
class Sum {
  readonly #child: ChildProcess = spawn(SUM, { stdio: ['pipe', 'pipe', 'inherit'] });
  #text = '';

  constructor() {
    this.#child.stdout?.on('data', (bytes) => {
      this.#text += String(bytes);
    });
  }

  async write(bytes: Uint8Array): Promise<void> {
    const { stdin } = this.#child;
    if (stdin?.write(bytes) === false) await once(stdin, 'drain');
  }

  async digest(): Promise<string> {
    this.#child.stdin?.end();
    await once(this.#child, 'close');
    return this.#text.slice(0, 64);
  }
}

/** Text of `size` bytes, no two chunks of which are alike. */
function* text(size: number): Generator<Uint8Array> {
  for (let at = 0, k = 0; at < size; k++) {
    const chunk = Buffer.alloc(Math.min(CHUNK, size - at), `chunk ${k} of a long text; `);
    yield chunk;
    at += chunk.length;
  }
}

/** @returns whether all was right */
async function stream(size: number): Promise<boolean> {
  const sg = createCrypto({ memory: 64 * MIB });
  const ctr = sg.skcipher('ctr(aes)', { key: KEY });
  const message = sg.hash('sha256').start();
  const node = createDecipheriv('aes-256-ctr', KEY, IV);
  const [given, nodes, ours] = [new Sum(), new Sum(), new Sum()];
  const start = performance.now();
  async function* plain(): AsyncGenerator<Uint8Array> {
    for (const chunk of text(size)) {
      await message.update(chunk);
      await given.write(chunk);
      yield chunk;
    }
  }
  async function* sealed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of ctr.encryptStream(plain(), { iv: IV })) {
      await nodes.write(node.update(chunk));
      yield chunk;
    }
  }
  for await (const chunk of ctr.decryptStream(sealed(), { iv: IV })) await ours.write(chunk);
  const digests = [
    ['sha256sum of the text', await given.digest()],
    ['hash of the front door', Buffer.from(await message.digest()).toString('hex')],
    ['encrypted here, decrypted by node:crypto', await nodes.digest()],
    ['encrypted and decrypted here', await ours.digest()],
  ];
  await sg.close();
  const seconds = (performance.now() - start) / 1000;
  const rss = process.resourceUsage().maxRSS * 1024;
  console.log(`${size} bytes in ${seconds.toFixed(1)} s, peak RSS ${(rss / MIB).toFixed(0)} MiB`);
  for (const [what, digest] of digests) console.log(`  ${digest}  ${what}`);
  return rss < MOST_BYTES && new Set(digests.map(([, digest]) => digest)).size === 1;
}

/** @returns whether all was right */
async function timeout(): Promise<boolean> {
  const sg = createCrypto({ memory: 64 * MIB });
  const gcm = sg.aead('gcm(aes)', { key: KEY });
  const data = new Uint8Array(MIB);
  const input = { iv: new Uint8Array(12), data };
  await gcm.encrypt(input);
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const signal = AbortSignal.timeout(5);
  const start = performance.now();
  const requests = Array.from({ length: 40 }, () => gcm.encrypt({ ...input, signal }));
  const results = await Promise.allSettled(requests);
  const ms = performance.now() - start;
  const aborted = results.filter((r) => r.status === 'rejected' && r.reason === signal.reason);
  clearInterval(timer);
  // All that a machine lends: nothing but memory that came back is enough for it.
  const all = new Uint8Array(sg.executor.largest - gcm.tagLength);
  const { data: sealed } = await gcm.encrypt({ iv: input.iv, data: all });
  console.log(
    `40 requests of 1 MiB, AbortSignal.timeout(5): ${aborted.length} aborted, all settled after ` +
      `${ms.toFixed(1)} ms, ${ticks} ticks of the event loop; then one of ${sealed.length} bytes, ` +
      'which is all of the memory',
  );
  await sg.close();
  return aborted.length > 0 && ticks > 0 && sealed.length === all.length;
}

async function main(): Promise<void> {
  const { argv } = process;
  const gib = Number(argv[2] ?? 4);
  if (!(gib > 0)) {
    console.error(`stream: '${argv[2]}' is no size in GiB`);
    process.exitCode = EXIT_USAGE;
    return;
  }
  const { status } = spawnSync(SUM, ['--version']);
  if (status !== 0) {
    console.error('stream: no sha256sum on PATH');
    process.exitCode = EXIT_ENVIRONMENT;
    return;
  }
  const inTime = await timeout();
  const same = await stream(Math.floor(gib * GIB));
  if (!inTime || !same) process.exitCode = EXIT_FINDINGS;
}

await main();
