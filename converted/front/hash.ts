/**
 * Hashes and MACs of the front door.
 *
 * @kernel none: names are ordinary TypeScript.
 * @module
 */
import { CRYPTO_TFM_REQ_MAY_BACKLOG } from '../../src/crypto/algorithm.ts';
import type { CryptoCompletion } from '../../src/crypto/queue.ts';
import type { Errno } from '../../src/errno.ts';
import type { PhysAddr } from '../../src/units.ts';
import {
  type AhashRequest,
  ahashRequestAlloc,
  ahashRequestFree,
  ahashRequestSetCallback,
  ahashRequestSetCrypt,
  type CryptoAhash,
  cryptoAhashDigest,
  cryptoAhashDigestsize,
  cryptoAhashFinal,
  cryptoAhashInit,
  cryptoAhashUpdate,
  cryptoFreeAhash,
} from '../ahash.ts';
import { CryptoError } from './errors.ts';
import type { Acceptor, Work } from './executor.ts';
import { type Bytes, bytesOf, checkOptions, piecesOf, signalOf, sizeOf } from './input.ts';
import { type Lane, Lanes, Range } from './kept.ts';
import { Placement } from './place.ts';
import { type ChunkSource, untilAborted } from './stream.ts';
import { allocated, completionOf, isSubmitted, type Owner, Transform } from './transform.ts';

/**
 * Options of a digest.
 * @example
 * const sha = createCrypto().hash('sha256');
 * const signal = AbortSignal.abort('enough');
 * await sha.digest(new Uint8Array(3), { signal }).catch((reason) => console.log(reason));
 */
export interface DigestOptions {
  /** Rejects at once when it aborts. */
  readonly signal?: AbortSignal;
}

const OPTIONS = ['signal'];
/** Bytes of one update: the event loop breathes between two. */
const STEP = 2 ** 18;

/**
 * A hash, or a MAC with its key.
 * @example
 * const sha = createCrypto().hash('sha256');
 * console.log(sha.driver, sha.digestLength);
 */
export class Hash extends Transform {
  readonly #tfm: CryptoAhash;
  readonly #lanes: Lanes<HashLane>;
  readonly #messages = new Set<HashMessage>();

  constructor(tfm: CryptoAhash, owner: Owner) {
    super(owner);
    this.#tfm = tfm;
    this.#lanes = new Lanes(() => new HashLane(tfm));
  }

  /**
   * As `Transform.close`; messages that nobody has ended are given up.
   * @example
   * const sha = createCrypto().hash('sha256');
   * sha.start();
   * await sha.close();
   * console.log(sha.closed);
   */
  override close(): Promise<void> {
    const closing = super.close();
    for (const message of this.#messages) message.close();
    return closing;
  }

  /** The driver, `sha256-accel`. */
  get driver(): string {
    return this.#tfm.alg.driverName;
  }

  /** Bytes of the digest. */
  get digestLength(): number {
    return cryptoAhashDigestsize(this.#tfm);
  }

  /**
   * The digest of a whole message, in one piece, in several, or in chunks that come later.
   * @example
   * import { createCrypto } from 'sg2iter';
   * const sg = createCrypto();
   * const sha = sg.hash('sha256');
   * const digest = await sha.digest([new Uint8Array(3), new Uint8Array(5)]);
   * console.log(digest.length);
   * await sg.close();
   */
  digest(data: Bytes | ChunkSource, options: DigestOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    try {
      this.refuseClosed();
      checkOptions(options, 'options', OPTIONS);
      const signal = signalOf(options.signal);
      if (isChunks(data)) return this.#digestOf(untilAborted(data, signal), options);
      const pieces = piecesOf(data, 'data');
      const len = sizeOf(pieces);
      if (len > Math.min(STEP, this.owner.executor.largest))
        return this.#digestOf([pieces], options);
      return this.#digest(pieces, len, signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * True when `mac` is the digest of `data`. Takes as long whichever byte differs.
   * @example
   * const mac = createCrypto().hash('hmac(sha256)', { key: new Uint8Array(20) });
   * const data = new Uint8Array(3);
   * console.log(await mac.verify(data, await mac.digest(data)));
   */
  async verify(
    data: Bytes | ChunkSource,
    mac: Uint8Array,
    options: DigestOptions = {},
  ): Promise<boolean> {
    const given = bytesOf(mac, 'mac');
    return isSame(await this.digest(data, options), given);
  }

  /**
   * A message that comes in parts. Must be ended by `digest` or `close`.
   * @example
   * import { createCrypto } from 'sg2iter';
   * const sg = createCrypto();
   * const message = sg.hash('sha256').start();
   * await message.update(new TextEncoder().encode('ab'));
   * await message.update(new TextEncoder().encode('c'));
   * console.log(Buffer.from(await message.digest()).toString('hex').slice(0, 8));
   * await sg.close();
   */
  start(options: DigestOptions = {}): HashMessage {
    checkOptions(options, 'options', OPTIONS);
    this.refuseClosed();
    const signal = signalOf(options.signal);
    const message = new HashMessage(this.#tfm, this.owner, signal, (ended) => {
      void this.counted(() => ended).finally(() => this.#messages.delete(message));
    });
    this.#messages.add(message);
    return message;
  }

  protected override free(): void {
    this.#lanes.free();
    cryptoFreeAhash(this.#tfm);
  }

  /** A short message, in one request. */
  #digest(
    pieces: readonly Uint8Array[],
    len: number,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const result = new Uint8Array(cryptoAhashDigestsize(this.#tfm));
    return this.run<Uint8Array<ArrayBuffer>>(len, signal, (job) => {
      const lane = this.#lanes.take();
      lane.begin(cryptoAhashDigest, { pieces, at: 0, len, result }, job.pages, (err) => {
        this.#lanes.give(lane);
        if (err === 0) job.done(result);
        else job.failed(new CryptoError(err, 'digest'));
      });
    });
  }

  async #digestOf(
    chunks: Iterable<Bytes> | AsyncIterable<Bytes>,
    options: DigestOptions,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const message = this.start(options);
    try {
      for await (const chunk of chunks) await message.update(chunk);
      return await message.digest();
    } finally {
      message.close();
    }
  }
}

/** One request at a time over bytes in lent pages. */
class HashLane implements Lane {
  readonly #req: AhashRequest;
  readonly #place: Placement;
  readonly #text: Range;
  readonly #complete: CryptoCompletion;
  #ended: (err: Errno) => void = noRequest;

  constructor(tfm: CryptoAhash) {
    const { machine } = tfm.api;
    this.#req = allocated(ahashRequestAlloc(tfm));
    this.#place = new Placement(machine);
    this.#text = new Range(machine);
    this.#complete = completionOf((err) => this.#end(err));
  }

  get isLong(): boolean {
    return this.#text.isLong;
  }

  /** Copies bytes `at` to `at + len` of `pieces` into the pages and runs `operation` over them. */
  begin(
    operation: (req: AhashRequest) => Errno,
    { pieces, at, len, result }: HashPiece,
    pages: readonly PhysAddr[],
    ended: (err: Errno) => void,
  ): void {
    const req = this.#req;
    this.#ended = ended;
    this.#place.pages = pages;
    this.#place.write(0, pieces, at, len);
    this.#text.lay(this.#place, 0, len);
    ahashRequestSetCallback(req, CRYPTO_TFM_REQ_MAY_BACKLOG, this.#complete, null);
    ahashRequestSetCrypt(req, this.#text.source, result, len);
    const err = operation(req);
    if (!isSubmitted(err)) this.#end(err);
  }

  free(): void {
    ahashRequestFree(this.#req);
    this.#text.free();
  }

  #end(err: Errno): void {
    const ended = this.#ended;
    this.#ended = noRequest;
    ended(err);
  }
}

/** Bytes that go through one request. */
interface HashPiece {
  readonly pieces: readonly Uint8Array[];
  readonly at: number;
  readonly len: number;
  readonly result: Uint8Array | null;
}

const NO_BYTES: HashPiece = { pieces: [], at: 0, len: 0, result: null };

/**
 * A message that is being hashed.
 * @example
 * const message = createCrypto().hash('sha256').start();
 * for (const part of ['a', 'b', 'c']) await message.update(new TextEncoder().encode(part));
 * console.log(Buffer.from(await message.digest()).toString('hex'));
 */
export class HashMessage implements Acceptor {
  readonly #tfm: CryptoAhash;
  readonly #owner: Owner;
  readonly #signal: AbortSignal | undefined;
  #lane: HashLane | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #ended = false;
  /** Requests accepted and not ended, and 1 until the message is. */
  #uses = 1;
  #end: () => void = noRequest;

  /** @param counted counts the message as one operation of its transform, until the promise settles */
  constructor(
    tfm: CryptoAhash,
    owner: Owner,
    signal: AbortSignal | undefined,
    counted: (ended: Promise<void>) => void,
  ) {
    this.#tfm = tfm;
    this.#owner = owner;
    this.#signal = signal;
    counted(
      new Promise((resolve) => {
        this.#end = resolve;
      }),
    );
  }

  /**
   * Adds data. Calls may follow each other without waiting: they run in order.
   * @example
   * const message = createCrypto().hash('sha1').start();
   * await Promise.all([message.update(new Uint8Array(1)), message.update(new Uint8Array(2))]);
   * console.log((await message.digest()).length);
   */
  async update(data: Bytes): Promise<void> {
    const pieces = piecesOf(data, 'data');
    await this.#next(async () => {
      const size = sizeOf(pieces);
      const step = Math.min(STEP, this.#owner.executor.largest);
      await this.#started();
      for (let at = 0; at < size; at += step) {
        const len = Math.min(step, size - at);
        await this.#run(cryptoAhashUpdate, { pieces, at, len, result: null });
      }
    });
  }

  /**
   * The digest. The message is ended.
   * @example
   * const message = createCrypto().hash('sha1').start();
   * console.log((await message.digest()).length);
   * await message.update(new Uint8Array(1)).catch((error) => console.log(error.message));
   */
  digest(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#next(async () => {
      const result = new Uint8Array(cryptoAhashDigestsize(this.#tfm));
      await this.#started();
      await this.#run(cryptoAhashFinal, { ...NO_BYTES, result });
      this.close();
      return result;
    });
  }

  /**
   * True when `mac` is the digest; takes as long whichever byte differs. The message is ended.
   * @example
   * const hmac = createCrypto().hash('hmac(sha256)', { key: new Uint8Array(20) });
   * const message = hmac.start();
   * await message.update(new Uint8Array(3));
   * console.log(await message.verify(await hmac.digest(new Uint8Array(3))));
   */
  async verify(mac: Uint8Array): Promise<boolean> {
    const given = bytesOf(mac, 'mac');
    return isSame(await this.digest(), given);
  }

  /**
   * Gives up the message. May be called again, and after `digest`.
   * @example
   * const message = createCrypto().hash('sha1').start();
   * message.close();
   * await message.digest().catch((error) => console.log(error.message));
   */
  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    void this.#last.catch(noRequest).then(() => this.left());
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** A request has ended, or the message: the last of them frees what they used. */
  left(): void {
    this.#uses--;
    if (this.#uses > 0) return;
    this.#lane?.free();
    this.#lane = null;
    this.#end();
  }

  #next<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#ended) return Promise.reject(new TypeError('operation on an ended message'));
    const next = this.#last.then(operation);
    this.#last = next.catch(noRequest);
    return next;
  }

  async #started(): Promise<void> {
    if (this.#lane !== null) return;
    this.#lane = new HashLane(this.#tfm);
    await this.#run(cryptoAhashInit, NO_BYTES);
  }

  #run(operation: (req: AhashRequest) => Errno, piece: HashPiece): Promise<void> {
    this.#uses++;
    const work: Work<void> = (job) => {
      const lane = this.#lane;
      if (lane === null) throw new TypeError('operation on an ended message');
      lane.begin(operation, piece, job.pages, (err) => {
        if (err === 0) job.done();
        else job.failed(new CryptoError(err, 'digest'));
      });
    };
    return this.#owner.executor.run(piece.len, this.#signal, work, this);
  }
}

function noRequest(): void {}

/** An array is taken at once, whatever it holds; all else that can be gone through comes in chunks. */
function isChunks(data: Bytes | ChunkSource): data is ChunkSource {
  if (typeof data !== 'object' || data === null) return false;
  if (Array.isArray(data) || ArrayBuffer.isView(data)) return false;
  return Symbol.asyncIterator in data || Symbol.iterator in data;
}

/** In a time that depends on the length of the digest alone. */
function isSame(digest: Uint8Array, given: Uint8Array): boolean {
  let differ = given.length ^ digest.length;
  for (let k = 0; k < digest.length; k++) differ |= digest[k] ^ (given[k] ?? 0);
  return differ === 0;
}
