/**
 * Goal: a stream ends when its caller wants it to, whatever its source does, and gives the bytes of one
 * operation.
 * Method: sources that fall silent, signals that abort, readers that go away; output over input.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type ChunkSource, createCrypto } from './index.ts';

const key = new Uint8Array(16).map((_, k) => 3 * k + 1);
const iv = new Uint8Array(16);

/** A source that gives one chunk and then nothing, and whether it was ended. */
function silent(): { source: ReadableStream<Uint8Array>; reasons: unknown[] } {
  const reasons: unknown[] = [];
  const source = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(100)),
    cancel: (reason) => void reasons.push(reason),
  });
  return { source, reasons };
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'fulfilled',
    (error: unknown) => error,
  );
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

test('an abort ends every operation on a source that is silent, and the source', async () => {
  const sg = createCrypto({ memory: 1 << 18, checks: true });
  const sha = sg.hash('sha256');
  const gcm = sg.aead('gcm(aes)', { key });
  const ctr = sg.skcipher('ctr(aes)', { key });
  const nonce = new Uint8Array(12);
  const tag = new Uint8Array(16);
  type Operation = (source: ChunkSource, signal: AbortSignal) => Promise<unknown>;
  const operations: Operation[] = [
    (source, signal) => sha.digest(source, { signal }),
    (source, signal) => sha.verify(source, tag, { signal }),
    (source, signal) => gcm.encryptChunks(source, { iv: nonce, signal }),
    (source, signal) => gcm.decryptChunks(source, { iv: nonce, tag, signal }),
    (source, signal) => collect(ctr.encryptStream(source, { iv, signal })),
    (source, signal) => collect(ctr.decryptStream(source, { iv, signal })),
  ];
  for (const operation of operations) {
    const stop = new AbortController();
    const { source, reasons } = silent();
    async function* generated(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(100);
      await new Promise(() => {});
    }
    const both = [operation(source, stop.signal), operation(generated(), stop.signal)];
    await sleep(1);
    stop.abort('enough');
    expect(await Promise.all(both.map(rejection))).toEqual(['enough', 'enough']);
    expect(reasons).toHaveLength(1);
    const aborted = new Set(await Promise.all([operation([key], stop.signal)].map(rejection)));
    expect(aborted).toEqual(new Set(['enough']));
  }
  // Nothing of them is in flight: closing does not wait.
  await sg.close();
  expect(sg.api.machine.ledger.holdings()).toEqual([]);
});

test('who has a signal and no abort ends a source as who has none', async () => {
  const sg = createCrypto({ memory: 1 << 18 });
  const ctr = sg.skcipher('ctr(aes)', { key });
  const { signal } = new AbortController();
  for (const options of [{ iv }, { iv, signal }]) {
    const ended: string[] = [];
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield key;
        yield key;
      } finally {
        ended.push('ended');
      }
    }
    expect(await collect(ctr.encryptStream(source(), options))).toHaveLength(32);
    for await (const chunk of ctr.encryptStream(source(), options)) {
      expect(chunk).toHaveLength(16);
      break;
    }
    expect(ended).toEqual(['ended', 'ended']);
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield key;
      throw new Error('no more');
    }
    await expect(collect(ctr.encryptStream(failing(), options))).rejects.toThrow('no more');
  }
  await sg.close();
});

test('a reader that goes away ends who writes, and an error reaches him', async () => {
  const sg = createCrypto({ memory: 1 << 18 });
  const ctr = sg.skcipher('ctr(aes)', { key });
  const { source, reasons } = silent();
  for await (const chunk of source.pipeThrough(ctr.encryptTransform({ iv }))) {
    expect(chunk).toHaveLength(96);
    break;
  }
  const other = silent();
  await other.source.pipeThrough(ctr.encryptTransform({ iv })).cancel('never read');
  const third = silent();
  const noStream = sg.skcipher('xts(aes)', { key: new Uint8Array(32).map((_, k) => k) });
  const through = third.source.pipeThrough(noStream.encryptTransform({ iv }));
  await expect(through.getReader().read()).rejects.toMatchObject({ code: 'EINVAL' });
  await sleep(1);
  expect(reasons).toHaveLength(1);
  expect(other.reasons).toEqual(['never read']);
  expect(third.reasons).toMatchObject([{ code: 'EINVAL' }]);
  await sg.close();
});

test('what is wrong with a message in chunks is said before its source is asked', async () => {
  const sg = createCrypto({ memory: 1 << 18 });
  const gcm = sg.aead('gcm(aes)', { key });
  const never = {
    [Symbol.asyncIterator]: () => {
      throw new Error('asked');
    },
  };
  const nonce = new Uint8Array(12);
  const tag = new Uint8Array(16);
  const wrong = (options: object): Promise<unknown> =>
    gcm.encryptChunks(never, options as { iv: Uint8Array });
  await expect(wrong({ iv })).rejects.toThrow('iv: 12 bytes expected, 16 given');
  await expect(wrong({ iv: nonce, into: [key] })).rejects.toThrow("unknown option 'into'");
  await expect(wrong({ iv: nonce, ad: 'text' })).rejects.toThrow('ad: a Uint8Array');
  await expect(gcm.decryptChunks(never, { iv: nonce, tag: key.subarray(1) })).rejects.toThrow(
    'tag: 16 bytes expected, 15 given',
  );
  for (const source of [undefined, null, 'text', key, 7]) {
    const given = gcm.encryptChunks(source as unknown as ChunkSource, { iv: nonce });
    await expect(given).rejects.toThrow('data: a ReadableStream, an AsyncIterable');
  }
  await gcm.close();
  await expect(gcm.decryptChunks(never, { iv: nonce, tag })).rejects.toThrow('closed transform');
  await sg.close();
});

test('a hash takes any iterable of chunks, and a MAC in parts is verified', async () => {
  const sg = createCrypto({ memory: 1 << 18, checks: true });
  const mac = sg.hash('hmac(sha256)', { key });
  const whole = await mac.digest(new Uint8Array(30));
  function* chunks(): Generator<Uint8Array> {
    yield new Uint8Array(10);
    yield new Uint8Array(20);
  }
  expect(await mac.digest(chunks())).toEqual(whole);
  expect(await mac.digest(new Set(chunks()))).toEqual(whole);
  for (const [tag, isRight] of [
    [whole, true],
    [whole.map((byte, k) => (k === 31 ? byte ^ 1 : byte)), false],
    [whole.subarray(1), false],
  ] as const) {
    using message = mac.start();
    await message.update([...chunks()]);
    expect(await message.verify(tag)).toBe(isRight);
  }
  await sg.close();
});

test('output that overlaps its input elsewhere is that of an operation on a copy', async () => {
  const sg = createCrypto({ memory: 1 << 20 });
  const ctr = sg.skcipher('ctr(aes)', { key });
  const len = 1 << 20;
  const room = (): Uint8Array => new Uint8Array(len + 100).map((_, k) => (k * 31) ^ (k >> 8));
  const { data: forth } = await ctr.encrypt({ iv, data: room().subarray(0, len) });
  const { data: back } = await ctr.encrypt({ iv, data: room().subarray(100) });
  const right = room();
  const into = [right.subarray(100, 5000), right.subarray(5000)];
  await ctr.encrypt({ iv, data: right.subarray(0, len), into });
  expect(Buffer.compare(right.subarray(100), forth)).toBe(0);
  const left = room();
  await ctr.encrypt({ iv, data: left.subarray(100), into: [left.subarray(0, len)] });
  expect(Buffer.compare(left.subarray(0, len), back)).toBe(0);
  const twice = room().subarray(0, len / 2);
  const { data: copied } = await ctr.encrypt({ iv, data: [twice.slice(), twice.slice()] });
  await ctr.encrypt({ iv, data: [twice, twice], into: [new Uint8Array(len / 2), twice] });
  expect(Buffer.compare(twice, copied.subarray(len / 2))).toBe(0);
  await sg.close();
});
