/**
 * Hashes and MACs of the front door.
 *
 * @kernel none: names are ordinary TypeScript.
 * @module
 */
import { CRYPTO_TFM_REQ_MAY_BACKLOG } from '../../src/crypto/algorithm.ts';
import type { Errno } from '../../src/errno.ts';
import {
  type AhashRequest,
  ahashRequestAlloc,
  ahashRequestFree,
  ahashRequestSetCallback,
  ahashRequestSetCrypt,
  type CryptoAhash,
  cryptoAhashDigestsize,
  cryptoAhashFinal,
  cryptoAhashInit,
  cryptoAhashUpdate,
  cryptoFreeAhash,
} from '../ahash.ts';
import { CryptoError } from './errors.ts';
import { type Bytes, bytesOf, checkOptions, piecesOf, signalOf, sizeOf } from './input.ts';
import { Placement } from './place.ts';
import type { ChunkSource } from './stream.ts';
import { allocated, type Owner, submitted, Transform } from './transform.ts';

/** Options of a digest. */
export interface DigestOptions {
  /** Rejects at once when it aborts. */
  readonly signal?: AbortSignal;
}

const OPTIONS = ['signal'];
/** Bytes of one update: the event loop breathes between two. */
const STEP = 2 ** 18;

/** A hash, or a MAC with its key. */
export class Hash extends Transform {
  readonly #tfm: CryptoAhash;
  readonly #messages = new Set<HashMessage>();

  constructor(tfm: CryptoAhash, owner: Owner) {
    super(owner);
    this.#tfm = tfm;
  }

  /** As `Transform.close`; messages that nobody has ended are given up. */
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
  async digest(
    data: Bytes | ChunkSource,
    options: DigestOptions = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    checkOptions(options, 'options', OPTIONS);
    const message = this.start(options);
    try {
      if (isChunks(data)) for await (const chunk of data) await message.update(chunk);
      else await message.update(data);
      return await message.digest();
    } finally {
      message.close();
    }
  }

  /** True when `mac` is the digest of `data`. Takes as long whichever byte differs. */
  async verify(
    data: Bytes | ChunkSource,
    mac: Uint8Array,
    options: DigestOptions = {},
  ): Promise<boolean> {
    const given = bytesOf(mac, 'mac');
    const digest = await this.digest(data, options);
    let differ = given.length ^ digest.length;
    for (let k = 0; k < digest.length; k++) differ |= digest[k] ^ (given[k] ?? 0);
    return differ === 0;
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
    if (this.closed) throw new TypeError('operation on a closed transform');
    const signal = signalOf(options.signal);
    const message = new HashMessage(this.#tfm, this.owner, signal, (ended) => {
      void this.counted(() => ended).finally(() => this.#messages.delete(message));
    });
    this.#messages.add(message);
    return message;
  }

  protected override free(): void {
    cryptoFreeAhash(this.#tfm);
  }
}

/** A message that is being hashed. */
export class HashMessage {
  readonly #tfm: CryptoAhash;
  readonly #owner: Owner;
  readonly #signal: AbortSignal | undefined;
  #req: AhashRequest | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #ended = false;
  #end: () => void = () => {};

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

  /** Adds data. Calls may follow each other without waiting: they run in order. */
  async update(data: Bytes): Promise<void> {
    const pieces = piecesOf(data, 'data');
    await this.#next(async () => {
      const size = sizeOf(pieces);
      const step = Math.min(STEP, this.#owner.executor.largest);
      for (let at = 0; at < size; at += step) {
        await this.#update(pieces, at, Math.min(step, size - at));
      }
    });
  }

  /** The digest. The message is ended. */
  digest(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#next(async () => {
      const result = new Uint8Array(cryptoAhashDigestsize(this.#tfm));
      const req = await this.#started();
      await this.#run(0, (place) => {
        ahashRequestSetCrypt(req, place.source(0, 0), result, 0);
        return () => cryptoAhashFinal(req);
      });
      this.close();
      return result;
    });
  }

  /** Gives up the message. May be called again, and after `digest`. */
  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    void this.#last
      .catch(() => {})
      .then(() => {
        if (this.#req !== null) ahashRequestFree(this.#req);
        this.#req = null;
        this.#end();
      });
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #next<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#ended) return Promise.reject(new TypeError('operation on an ended message'));
    const next = this.#last.then(operation);
    this.#last = next.catch(() => {});
    return next;
  }

  async #update(pieces: readonly Uint8Array[], at: number, len: number): Promise<void> {
    const req = await this.#started();
    await this.#run(len, (place) => {
      place.write(0, pieces, at, len);
      ahashRequestSetCrypt(req, place.source(0, len), null, len);
      return () => cryptoAhashUpdate(req);
    });
  }

  async #started(): Promise<AhashRequest> {
    if (this.#req !== null) return this.#req;
    const req = allocated(ahashRequestAlloc(this.#tfm));
    this.#req = req;
    await this.#run(0, () => () => cryptoAhashInit(req));
    return req;
  }

  #run(bytes: number, prepare: (place: Placement) => () => Errno): Promise<void> {
    return this.#owner.executor.run<void>(bytes, this.#signal, (pages, done, failed) => {
      const req = this.#req;
      if (req === null) throw new TypeError('operation on an ended message');
      const submit = prepare(new Placement(this.#tfm.api.machine, pages));
      submitted(
        (complete) => {
          ahashRequestSetCallback(req, CRYPTO_TFM_REQ_MAY_BACKLOG, complete, null);
          return submit();
        },
        (err) => {
          if (err === 0) done();
          else failed(new CryptoError(err, 'digest'));
        },
      );
    });
  }
}

function isChunks(data: Bytes | ChunkSource): data is ChunkSource {
  return typeof data === 'object' && data !== null && Symbol.asyncIterator in data;
}
