/**
 * Ciphers of the front door.
 *
 * @kernel none: names are ordinary TypeScript.
 * @module
 */
import { CRYPTO_TFM_REQ_MAY_BACKLOG } from '../../src/crypto/algorithm.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import {
  type CryptoSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherBlocksize,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  cryptoSkcipherIvsize,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from '../skcipher.ts';
import { CryptoError } from './errors.ts';
import {
  type Bytes,
  checkOptions,
  ivOf,
  piecesOf,
  signalOf,
  sizeOf,
  wholeNumberOf,
  wrongLength,
} from './input.ts';
import { Placement } from './place.ts';
import { type ChunkSource, chunksOf, toTransformStream } from './stream.ts';
import { allocated, type Owner, submitted, Transform } from './transform.ts';

/** One message of a cipher. */
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
   * Where the output goes, in order; as many bytes as `data` has. May be `data` itself. Left out, the
   * output is one new array.
   */
  readonly into?: readonly Uint8Array[];
  /** What has not begun is taken back; what has begun ends unseen. Both reject at once. */
  readonly signal?: AbortSignal;
}

/** What a cipher gives back. */
export interface SkcipherOutput {
  readonly data: Uint8Array<ArrayBuffer>;
  /** The IV after the operation, to go on with where the mode allows it. */
  readonly iv: Uint8Array<ArrayBuffer>;
}

/** What a cipher gives back that wrote into the caller's arrays. */
export interface SkcipherScattered {
  readonly data: readonly Uint8Array[];
  readonly iv: Uint8Array<ArrayBuffer>;
}

/** A stream of a cipher: chunks of any length in, chunks out. */
export interface SkcipherStreamInput {
  /** As long as `ivsize`. */
  readonly iv?: Uint8Array;
  /** Bytes of a data unit; see `SkcipherInput`. */
  readonly unitSize?: number;
  readonly signal?: AbortSignal;
}

const INPUT = ['data', 'iv', 'unitSize', 'into', 'signal'];
const STREAM = ['iv', 'unitSize', 'signal'];
/** Modes that go on where the last operation stopped when they are given its IV. */
const CHAINED = /^(?:ctr|cbc|ecb|cfb|ofb|pcbc)\(/;

/** A symmetric cipher with its key. */
export class Skcipher extends Transform {
  readonly #tfm: CryptoSkcipher;

  constructor(tfm: CryptoSkcipher, owner: Owner) {
    super(owner);
    this.#tfm = tfm;
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
    return this.counted(() => this.#message(input, true));
  }

  /** Decrypts one message; as `encrypt`. */
  decrypt(
    input: SkcipherInput & { readonly into: readonly Uint8Array[] },
  ): Promise<SkcipherScattered>;
  decrypt(input: SkcipherInput): Promise<SkcipherOutput>;
  decrypt(input: SkcipherInput): Promise<SkcipherOutput | SkcipherScattered> {
    return this.counted(() => this.#message(input, false));
  }

  /**
   * Encrypts a stream chunk by chunk. Memory stays as large as a chunk.
   * @throws CryptoError EINVAL for a mode that cannot go on from chunk to chunk (give `unitSize`), and
   *   at the end for a rest that is no whole block or unit.
   */
  encryptStream(
    data: ChunkSource,
    input: SkcipherStreamInput = {},
  ): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    return this.#stream(data, input, true);
  }

  /** Decrypts a stream chunk by chunk; as `encryptStream`. */
  decryptStream(
    data: ChunkSource,
    input: SkcipherStreamInput = {},
  ): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    return this.#stream(data, input, false);
  }

  /** `encryptStream` as a web stream, for `pipeThrough`. */
  encryptTransform(
    input: SkcipherStreamInput = {},
  ): TransformStream<Uint8Array, Uint8Array<ArrayBuffer>> {
    return toTransformStream((chunks) => this.encryptStream(chunks, input));
  }

  /** `decryptStream` as a web stream, for `pipeThrough`. */
  decryptTransform(
    input: SkcipherStreamInput = {},
  ): TransformStream<Uint8Array, Uint8Array<ArrayBuffer>> {
    return toTransformStream((chunks) => this.decryptStream(chunks, input));
  }

  protected override free(): void {
    cryptoFreeSkcipher(this.#tfm);
  }

  async #message(input: SkcipherInput, enc: boolean): Promise<SkcipherOutput | SkcipherScattered> {
    checkOptions(input, 'message', INPUT);
    const signal = signalOf(input.signal);
    const data = piecesOf(input.data, 'data');
    const size = sizeOf(data);
    const iv = ivOf(input.iv, this.ivsize);
    const unit = this.#unitOf(input.unitSize, size);
    const into = input.into === undefined ? null : piecesOf(input.into, 'into');
    if (into !== null && sizeOf(into) !== size)
      throw wrongLength('into', `${size} bytes`, sizeOf(into));
    const whole = new Uint8Array(into === null ? size : 0);
    const out = into ?? [whole];
    const step = this.#stepOf(size, unit);
    let at = 0;
    do {
      const len = Math.min(step, size - at);
      await this.#run(data, out, at, len, iv, unit, enc, signal);
      at += len;
    } while (at < size);
    return input.into === undefined ? { data: whole, iv } : { data: input.into, iv };
  }

  /** Runs `len` bytes from byte `at` on, in place in lent pages. */
  #run(
    data: readonly Uint8Array[],
    out: readonly Uint8Array[],
    at: number,
    len: number,
    iv: Uint8Array,
    unit: number,
    enc: boolean,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { machine } = this.#tfm.api;
    return this.owner.executor.run<void>(len, signal, (pages, done, failed) => {
      const place = new Placement(machine, pages);
      place.write(0, data, at, len);
      this.#units(place, 0, len, iv, unit, enc, (err) => {
        if (err !== 0) {
          failed(new CryptoError(err, `${enc ? 'encrypt' : 'decrypt'}: ${len} bytes`));
          return;
        }
        if (signal?.aborted !== true) place.read(0, out, at, len);
        done();
      });
    });
  }

  /** One request for each data unit, one after the other. */
  #units(
    place: Placement,
    at: number,
    end: number,
    iv: Uint8Array,
    unit: number,
    enc: boolean,
    ended: (err: Errno) => void,
  ): void {
    const tfm = this.#tfm;
    const req = allocated(skcipherRequestAlloc(tfm));
    const finish = (err: Errno): void => {
      skcipherRequestFree(req);
      ended(err);
    };
    let from = at;
    let spinning = false;
    let again = false;
    const one = (): void => {
      const len = unit === 0 ? end - from : Math.min(unit, end - from);
      const used = unit === 0 ? iv : iv.slice();
      skcipherRequestSetCrypt(req, place.source(from, len), place.dest(from, len), len, used);
      submitted(
        (complete) => {
          skcipherRequestSetCallback(req, CRYPTO_TFM_REQ_MAY_BACKLOG, complete, null);
          return enc ? cryptoSkcipherEncrypt(req) : cryptoSkcipherDecrypt(req);
        },
        (err) => {
          from += len;
          if (unit !== 0) countUp(iv);
          if (err !== 0 || from >= end) finish(err);
          else if (spinning) again = true;
          else spin();
        },
      );
    };
    // A loop and no recursion: a message may have thousands of units.
    const spin = (): void => {
      spinning = true;
      do {
        again = false;
        one();
      } while (again);
      spinning = false;
    };
    spin();
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
    const chunks = chunksOf(data, multiple, this.#stepOf(Number.MAX_SAFE_INTEGER, unit));
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

/** The next data unit: a little-endian number of the length of the IV. */
function countUp(iv: Uint8Array): void {
  for (let k = 0; k < iv.length; k++) {
    iv[k] = (iv[k] + 1) & 0xff;
    if (iv[k] !== 0) return;
  }
}
