/**
 * Ciphers of the front door.
 *
 * @kernel none: names are ordinary TypeScript.
 * @module
 */
import { CRYPTO_TFM_REQ_MAY_BACKLOG } from '../../src/crypto/algorithm.ts';
import type { CryptoCompletion } from '../../src/crypto/queue.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { PhysAddr } from '../../src/units.ts';
import {
  type CryptoSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherBlocksize,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  cryptoSkcipherIvsize,
  type SkcipherRequest,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
  skcipherRequestSetUnitSize,
} from '../skcipher.ts';
import { CryptoError } from './errors.ts';
import {
  type Bytes,
  checkOptions,
  ivOf,
  NO_BYTES,
  overlapsElsewhere,
  piecesOf,
  signalOf,
  sizeOf,
  wholeNumberOf,
  wrongLength,
} from './input.ts';
import { type Lane, Lanes, Range } from './kept.ts';
import { Placement } from './place.ts';
import { type ChunkSource, chunksOf, toTransformStream } from './stream.ts';
import { allocated, completionOf, isSubmitted, type Owner, Transform } from './transform.ts';

/**
 * One message of a cipher.
 * @example
 * const xts = createCrypto().skcipher('xts(aes)', { key: new Uint8Array(32).map((_, k) => k) });
 * const sectors = { iv: new Uint8Array(16), data: new Uint8Array(4096), unitSize: 512 };
 * console.log((await xts.encrypt(sectors)).data.length);
 */
export interface SkcipherInput {
  /** Whole blocks for ECB and CBC, at least 16 bytes for XTS. */
  readonly data: Bytes;
  /** As long as `ivsize`; left out or empty for a mode without one. */
  readonly iv?: Uint8Array;
  /**
   * Bytes of a data unit (a sector): each is a message of its own, and the IV, a little-endian number,
   * counts on from one to the next. As XTS and essiv are used on disks.
   */
  readonly unitSize?: number;
  /**
   * Where the output goes, in order; as many bytes as `data` has. May be `data` itself, or overlap it.
   * Left out, the output is one new array.
   */
  readonly into?: readonly Uint8Array[];
  /** What has not begun is taken back; what has begun ends unseen. Both reject at once. */
  readonly signal?: AbortSignal;
}

/**
 * What a cipher gives back.
 * @example
 * const ctr = createCrypto().skcipher('ctr(aes)', { key: new Uint8Array(16) });
 * const { iv } = await ctr.encrypt({ iv: new Uint8Array(16), data: new Uint8Array(32) });
 * console.log(iv[15]);
 */
export interface SkcipherOutput {
  readonly data: Uint8Array<ArrayBuffer>;
  /** The IV after the operation, to go on with where the mode allows it. */
  readonly iv: Uint8Array<ArrayBuffer>;
}

/**
 * What a cipher gives back that wrote into the caller's arrays.
 * @example
 * const ctr = createCrypto().skcipher('ctr(aes)', { key: new Uint8Array(16) });
 * const data = [new Uint8Array(2), new Uint8Array(3)];
 * const output = await ctr.encrypt({ iv: new Uint8Array(16), data, into: data });
 * console.log(output.data === data);
 */
export interface SkcipherScattered {
  readonly data: readonly Uint8Array[];
  readonly iv: Uint8Array<ArrayBuffer>;
}

/**
 * A stream of a cipher: chunks of any length in, chunks out.
 * @example
 * const xts = createCrypto().skcipher('xts(aes)', { key: new Uint8Array(32).map((_, k) => k) });
 * const input = { iv: new Uint8Array(16), unitSize: 512 };
 * for await (const chunk of xts.encryptStream([new Uint8Array(1024)], input))
 *   console.log(chunk.length);
 */
export interface SkcipherStreamInput {
  /** As long as `ivsize`. */
  readonly iv?: Uint8Array;
  /** Bytes of a data unit; see `SkcipherInput`. */
  readonly unitSize?: number;
  readonly signal?: AbortSignal;
}

/** Bytes that go through one request, and where they come from and go to. */
interface Piece {
  readonly data: readonly Uint8Array[];
  readonly out: readonly Uint8Array[];
  /** Offset in `data` and `out`. */
  readonly at: number;
  readonly len: number;
  /** Written: the IV to go on with. */
  readonly iv: Uint8Array;
  /** Bytes of a data unit, 0 for one message. */
  readonly unit: number;
  readonly enc: boolean;
  readonly signal: AbortSignal | undefined;
}

const INPUT = ['data', 'iv', 'unitSize', 'into', 'signal'];
const STREAM = ['iv', 'unitSize', 'signal'];
/** Modes that go on where the last operation stopped when they are given its IV. */
const CHAINED = /^(?:ctr|cbc|ecb|cfb|ofb|pcbc)\(/;

/** One piece at a time, worked on in place in lent pages. */
class SkcipherLane implements Lane {
  readonly #req: SkcipherRequest;
  readonly #place: Placement;
  readonly #text: Range;
  readonly #complete: CryptoCompletion;
  #ended: (err: Errno) => void = nothing;

  constructor(tfm: CryptoSkcipher) {
    const { machine } = tfm.api;
    this.#req = allocated(skcipherRequestAlloc(tfm));
    this.#place = new Placement(machine);
    this.#text = new Range(machine);
    this.#complete = completionOf((err) => this.#end(err));
  }

  get isLong(): boolean {
    return this.#text.isLong;
  }

  /** Copies a piece into the pages and submits it. */
  begin(piece: Piece, pages: readonly PhysAddr[], ended: (err: Errno) => void): void {
    const { data, at, len, iv, unit, enc } = piece;
    const req = this.#req;
    this.#ended = ended;
    this.#place.pages = pages;
    this.#place.write(0, data, at, len);
    this.#text.lay(this.#place, 0, len);
    skcipherRequestSetCallback(req, CRYPTO_TFM_REQ_MAY_BACKLOG, this.#complete, null);
    skcipherRequestSetUnitSize(req, unit);
    skcipherRequestSetCrypt(req, this.#text.source, this.#text.dest, len, iv);
    const err = enc ? cryptoSkcipherEncrypt(req) : cryptoSkcipherDecrypt(req);
    if (!isSubmitted(err)) this.#end(err);
  }

  /** Copies the result out of the pages. */
  finish({ out, at, len }: Piece): void {
    this.#place.read(0, out, at, len);
  }

  free(): void {
    skcipherRequestFree(this.#req);
    this.#text.free();
  }

  #end(err: Errno): void {
    const ended = this.#ended;
    this.#ended = nothing;
    ended(err);
  }
}

/**
 * A symmetric cipher with its key.
 * @example
 * const cbc = createCrypto().skcipher('cryptd(cbc(aes))', { key: new Uint8Array(16) });
 * console.log(cbc.driver, cbc.ivsize, cbc.blocksize);
 */
export class Skcipher extends Transform {
  readonly #tfm: CryptoSkcipher;
  readonly #lanes: Lanes<SkcipherLane>;

  constructor(tfm: CryptoSkcipher, owner: Owner) {
    super(owner);
    this.#tfm = tfm;
    this.#lanes = new Lanes(() => new SkcipherLane(tfm));
  }

  /** The driver, `ctr-aes-accel`. */
  get driver(): string {
    return this.#tfm.alg.driverName;
  }

  /** Bytes of the IV; 0 for a mode without one. */
  get ivsize(): number {
    return cryptoSkcipherIvsize(this.#tfm);
  }

  /** Bytes that a message must be a multiple of; 1 for a stream cipher. */
  get blocksize(): number {
    return cryptoSkcipherBlocksize(this.#tfm);
  }

  /**
   * Encrypts one message.
   * @throws CryptoError EINVAL for a length that the mode does not allow; ENOMEM for more than the
   *   machine can ever hold. TypeError for what is no bytes.
   * @example
   * import { createCrypto } from 'sg2iter';
   * const sg = createCrypto();
   * const ctr = sg.skcipher('ctr(aes)', { key: new Uint8Array(16) });
   * const { data } = await ctr.encrypt({ iv: new Uint8Array(16), data: new Uint8Array(100) });
   * console.log(data.length);
   * await sg.close();
   */
  encrypt(
    input: SkcipherInput & { readonly into: readonly Uint8Array[] },
  ): Promise<SkcipherScattered>;
  encrypt(input: SkcipherInput): Promise<SkcipherOutput>;
  encrypt(input: SkcipherInput): Promise<SkcipherOutput | SkcipherScattered> {
    return this.#message(input, true);
  }

  /**
   * Decrypts one message; as `encrypt`.
   * @example
   * const ctr = createCrypto().skcipher('ctr(aes)', { key: new Uint8Array(16) });
   * const { data } = await ctr.decrypt({ iv: new Uint8Array(16), data: new Uint8Array(3) });
   * console.log(data.length);
   */
  decrypt(
    input: SkcipherInput & { readonly into: readonly Uint8Array[] },
  ): Promise<SkcipherScattered>;
  decrypt(input: SkcipherInput): Promise<SkcipherOutput>;
  decrypt(input: SkcipherInput): Promise<SkcipherOutput | SkcipherScattered> {
    return this.#message(input, false);
  }

  /**
   * Encrypts a stream chunk by chunk. Memory stays as large as a chunk.
   * @throws CryptoError EINVAL for a mode that cannot go on from chunk to chunk (give `unitSize`), and
   *   at the end for a rest that is no whole block or unit.
   * @example
   * const ctr = createCrypto().skcipher('ctr(aes)', { key: new Uint8Array(16) });
   * const chunks = new Blob(['some text']).stream();
   * for await (const chunk of ctr.encryptStream(chunks, { iv: new Uint8Array(16) }))
   *   console.log(chunk.length);
   */
  encryptStream(
    data: ChunkSource,
    input: SkcipherStreamInput = {},
  ): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    return this.#stream(data, input, true);
  }

  /**
   * Decrypts a stream chunk by chunk; as `encryptStream`.
   * @example
   * const ctr = createCrypto().skcipher('ctr(aes)', { key: new Uint8Array(16) });
   * const iv = new Uint8Array(16);
   * const sealed = ctr.encryptStream(new Blob(['some text']).stream(), { iv });
   * for await (const chunk of ctr.decryptStream(sealed, { iv })) console.log(String(chunk.length));
   */
  decryptStream(
    data: ChunkSource,
    input: SkcipherStreamInput = {},
  ): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    return this.#stream(data, input, false);
  }

  /**
   * `encryptStream` as a web stream, for `pipeThrough`.
   * @example
   * const ctr = createCrypto().skcipher('ctr(aes)', { key: new Uint8Array(16) });
   * const transform = ctr.encryptTransform({ iv: new Uint8Array(16) });
   * const sealed = new Blob(['text']).stream().pipeThrough(transform);
   * console.log((await new Response(sealed).arrayBuffer()).byteLength);
   */
  encryptTransform(
    input: SkcipherStreamInput = {},
  ): TransformStream<Uint8Array, Uint8Array<ArrayBuffer>> {
    return toTransformStream((chunks) => this.encryptStream(chunks, input));
  }

  /**
   * `decryptStream` as a web stream, for `pipeThrough`.
   * @example
   * const ctr = createCrypto().skcipher('ctr(aes)', { key: new Uint8Array(16) });
   * const iv = new Uint8Array(16);
   * const sealed = new Blob(['text']).stream().pipeThrough(ctr.encryptTransform({ iv }));
   * console.log(await new Response(sealed.pipeThrough(ctr.decryptTransform({ iv }))).text());
   */
  decryptTransform(
    input: SkcipherStreamInput = {},
  ): TransformStream<Uint8Array, Uint8Array<ArrayBuffer>> {
    return toTransformStream((chunks) => this.decryptStream(chunks, input));
  }

  protected override free(): void {
    this.#lanes.free();
    cryptoFreeSkcipher(this.#tfm);
  }

  #message(input: SkcipherInput, enc: boolean): Promise<SkcipherOutput | SkcipherScattered> {
    try {
      this.refuseClosed();
      checkOptions(input, 'message', INPUT);
      const signal = signalOf(input.signal);
      const data = piecesOf(input.data, 'data');
      const size = sizeOf(data);
      const iv = ivOf(input.iv, this.ivsize);
      const unit = this.#unitOf(input.unitSize, size);
      const into = input.into === undefined ? null : piecesOf(input.into, 'into');
      if (into !== null && sizeOf(into) !== size)
        throw wrongLength('into', `${size} bytes`, sizeOf(into));
      const whole = into === null ? new Uint8Array(size) : NO_BYTES;
      const out = into ?? [whole];
      const result = input.into === undefined ? { data: whole, iv } : { data: input.into, iv };
      const step = this.#stepOf(size, unit);
      const all: Piece = { data, out, at: 0, len: size, iv, unit, enc, signal };
      if (size <= step) return this.#run(all, result);
      // A later piece must not read what an earlier one wrote.
      const kept = overlapsElsewhere(data, out) ? [Buffer.concat(data)] : data;
      return this.counted(async () => {
        for (let at = 0; at < size; at += step) {
          await this.#run({ ...all, data: kept, at, len: Math.min(step, size - at) }, null);
        }
        return result;
      });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #run<T>(piece: Piece, result: T): Promise<T> {
    const { len, enc, iv, unit, signal } = piece;
    return this.run<T>(len, signal, (job) => {
      const lane = this.#lanes.take();
      lane.begin(piece, job.pages, (err) => {
        if (err === 0 && !job.dropped) lane.finish(piece);
        this.#lanes.give(lane);
        if (err === 0) {
          if (unit > 0) countUp(iv, len / unit);
          job.done(result);
        } else job.failed(new CryptoError(err, `${enc ? 'encrypt' : 'decrypt'}: ${len} bytes`));
      });
    });
  }

  async *#stream(
    data: ChunkSource,
    input: SkcipherStreamInput,
    enc: boolean,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    checkOptions(input, 'stream', STREAM);
    const iv = ivOf(input.iv, this.ivsize);
    const unit = this.#unitOf(input.unitSize, 0);
    if (unit === 0 && !CHAINED.test(this.#tfm.alg.name)) {
      const why = `${this.#tfm.alg.name} does not go on from chunk to chunk: give unitSize`;
      throw new CryptoError(-EINVAL, why);
    }
    const multiple = Math.max(unit, this.#tfm.alg.chunksize);
    const step = this.#stepOf(Number.MAX_SAFE_INTEGER, unit);
    const chunks = chunksOf(data, multiple, step, signalOf(input.signal));
    let state: Uint8Array = iv;
    for await (const chunk of chunks) {
      const options = {
        data: chunk,
        ...(state.length > 0 ? { iv: state } : {}),
        ...(unit > 0 ? { unitSize: unit } : {}),
        ...(input.signal === undefined ? {} : { signal: input.signal }),
      };
      const done = enc ? await this.encrypt(options) : await this.decrypt(options);
      state = done.iv;
      yield done.data;
    }
  }

  /** Checks a unit size. @returns 0 for none. */
  #unitOf(value: unknown, size: number): number {
    if (value === undefined) return 0;
    const unit = wholeNumberOf(value, 'unitSize', this.blocksize, 2 ** 20);
    if (size % unit !== 0) throw wrongLength('data', `a multiple of unitSize ${unit}`, size);
    return unit;
  }

  /** Bytes of one operation: a message that can go on is cut, so that the event loop breathes. */
  #stepOf(size: number, unit: number): number {
    const multiple = unit > 0 ? unit : this.#tfm.alg.chunksize;
    if (unit === 0 && !CHAINED.test(this.#tfm.alg.name)) return Math.max(size, 1);
    const most = Math.min(this.owner.executor.largest / 2, 2 ** 18);
    return Math.max(multiple, Math.floor(most / multiple) * multiple);
  }
}

/** Adds the number of units that are done to a little-endian number of the length of the IV. */
function countUp(iv: Uint8Array, units: number): void {
  let carry = units;
  for (let k = 0; k < iv.length && carry > 0; k++) {
    carry += iv[k];
    iv[k] = carry % 256;
    carry = Math.floor(carry / 256);
  }
}

function nothing(): void {}
