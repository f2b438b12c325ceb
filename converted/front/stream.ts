/**
 * Chunks: what a stream of the front door takes, and how it is cut to whole blocks.
 *
 * @kernel none: names are ordinary TypeScript.
 * @module
 */
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
 * @throws TypeError naming a chunk that is no bytes.
 */
export async function* chunksOf(
  source: ChunkSource,
  multiple: number,
  most: number,
): AsyncGenerator<Uint8Array[]> {
  let held: Uint8Array[] = [];
  let size = 0;
  let index = 0;
  const size0 = Math.max(multiple, Math.floor(most / multiple) * multiple);
  for await (const piece of checkedSource(source)) {
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

/** A generator as a web stream, for `pipeThrough`. */
export function toTransformStream(
  run: (chunks: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array<ArrayBuffer>>,
): TransformStream<Uint8Array, Uint8Array<ArrayBuffer>> {
  const input = new TransformStream<Uint8Array, Uint8Array>();
  const output = run(input.readable);
  const readable = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { done, value } = await output.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await output.return(undefined);
    },
  });
  return { writable: input.writable, readable };
}

function checkedSource(source: unknown): ChunkSource {
  if (typeof source === 'object' && source !== null) {
    if (Symbol.asyncIterator in source || Symbol.iterator in source) return source as ChunkSource;
  }
  throw new TypeError('data: a ReadableStream, an AsyncIterable or an array of chunks expected');
}

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
