/**
 * Chunks: what a stream of the front door takes, and how it is cut to whole blocks.
 *
 * @kernel none: names are ordinary TypeScript.
 * @module
 */
import { offAbort, onAbort } from './abort.ts';
import { type BytesPiece, bytesOf } from './input.ts';

/**
 * Where chunks come from: a `ReadableStream`, a Node stream, a generator, an array of chunks.
 * @example
 * async function* source() {
 *   yield new Uint8Array(3);
 *   yield new Uint8Array(5);
 * }
 * console.log((await createCrypto().hash('sha256').digest(source())).length);
 */
export type ChunkSource = AsyncIterable<BytesPiece> | Iterable<BytesPiece>;

/**
 * Chunks of at most `most` bytes, each a multiple of `multiple` but for the last.
 * @throws TypeError naming a chunk that is no bytes; the reason of `signal` when it aborts.
 */
export async function* chunksOf(
  source: ChunkSource,
  multiple: number,
  most: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array[]> {
  let held: Uint8Array[] = [];
  let size = 0;
  let index = 0;
  const size0 = Math.max(multiple, Math.floor(most / multiple) * multiple);
  for await (const piece of untilAborted(source, signal)) {
    const chunk = bytesOf(piece, `chunk ${index++}`);
    for (let at = 0; at < chunk.length; ) {
      const part = Math.min(chunk.length - at, size0 - size);
      held.push(chunk.subarray(at, at + part));
      size += part;
      at += part;
      if (size < size0) continue;
      yield held;
      held = [];
      size = 0;
    }
    const whole = size - (size % multiple);
    if (whole === 0) continue;
    const [now, rest] = cut(held, whole);
    yield now;
    // The rest is copied: the owner of a chunk may use its memory again once he is asked for the next.
    held = rest.map((bytes) => bytes.slice());
    size -= whole;
  }
  if (size > 0) yield held;
}

/**
 * The chunks of a source. When `signal` aborts, its reason is thrown at once, also while the source is
 * silent, and the source is ended without waiting for it.
 * @throws TypeError for what has no chunks.
 */
export function untilAborted<T>(
  source: Iterable<T> | AsyncIterable<T>,
  signal: AbortSignal | undefined,
): Iterable<T> | AsyncIterable<T> {
  if (!isSource(source)) {
    throw new TypeError('data: a ReadableStream, an AsyncIterable or an array of chunks expected');
  }
  return signal === undefined ? source : abortable(iteratorOf(source), signal);
}

/** A generator as a web stream, for `pipeThrough`. */
export function toTransformStream(
  run: (chunks: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array<ArrayBuffer>>,
): TransformStream<Uint8Array, Uint8Array<ArrayBuffer>> {
  const input = new TransformStream<Uint8Array, Uint8Array>();
  const reader = input.readable.getReader();
  const output = run({ [Symbol.asyncIterator]: () => ({ next: () => nextOf(reader) }) });
  const readable = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      try {
        const { done, value } = await output.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        // Who writes learns of it, too.
        await reader.cancel(error);
        throw error;
      }
    },
    // The input first: a chunk that is being waited for never comes.
    async cancel(reason) {
      await reader.cancel(reason);
      await output.return(undefined);
    },
  });
  return { writable: input.writable, readable };
}

function isSource(source: unknown): boolean {
  if (typeof source !== 'object' || source === null || ArrayBuffer.isView(source)) return false;
  return Symbol.asyncIterator in source || Symbol.iterator in source;
}

async function* abortable<T>(
  chunks: Pick<AsyncIterator<T>, 'next' | 'return'>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  let stop: (reason: unknown) => void = ignored;
  let isYielding = false;
  const abort = (): void => stop(signal.reason);
  onAbort(signal, abort);
  try {
    for (;;) {
      signal.throwIfAborted();
      // A promise for each chunk: one that lives as long as the signal would keep all of them.
      const next = await new Promise<IteratorResult<T>>((resolve, reject) => {
        stop = reject;
        Promise.resolve(chunks.next()).then(resolve, reject);
      });
      if (next.done === true) return;
      isYielding = true;
      yield next.value;
      isYielding = false;
    }
  } finally {
    offAbort(signal, abort);
    if (signal.aborted) Promise.resolve(chunks.return?.()).catch(ignored);
    else if (isYielding) await chunks.return?.();
  }
}

function iteratorOf<T>(
  source: Iterable<T> | AsyncIterable<T>,
): Pick<AsyncIterator<T>, 'next' | 'return'> {
  if (source instanceof ReadableStream) {
    // Its own iterator would end only behind a chunk that it waits for.
    const reader: ReadableStreamDefaultReader<T> = source.getReader();
    const end = async (): Promise<IteratorResult<T>> => {
      await reader.cancel();
      return { done: true, value: undefined };
    };
    return { next: () => nextOf(reader), return: end };
  }
  if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
  return (async function* () {
    yield* source;
  })();
}

async function nextOf<T>(reader: ReadableStreamDefaultReader<T>): Promise<IteratorResult<T>> {
  const { done, value } = await reader.read();
  return done ? { done, value: undefined } : { done, value };
}

function ignored(): void {}

/** The first `size` bytes, and what is left. */
function cut(pieces: readonly Uint8Array[], size: number): [Uint8Array[], Uint8Array[]] {
  const now: Uint8Array[] = [];
  const rest: Uint8Array[] = [];
  let left = size;
  for (const piece of pieces) {
    const part = Math.min(piece.length, left);
    if (part > 0) now.push(piece.subarray(0, part));
    if (part < piece.length) rest.push(piece.subarray(part));
    left -= part;
  }
  return [now, rest];
}
