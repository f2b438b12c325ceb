/**
 * Authenticated encryption of the front door.
 *
 * @kernel none: names are ordinary TypeScript.
 * @module
 */
import { CRYPTO_TFM_REQ_MAY_BACKLOG } from '../../src/crypto/algorithm.ts';
import type { CryptoCompletion } from '../../src/crypto/queue.ts';
import { EBADMSG, ENOMEM, type Errno } from '../../src/errno.ts';
import type { PhysAddr } from '../../src/units.ts';
import {
  type AeadRequest,
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  aeadRequestSetTag,
  type CryptoAead,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadIvsize,
  cryptoFreeAead,
} from '../aead.ts';
import { CryptoError } from './errors.ts';
import {
  type Bytes,
  bytesOf,
  checkOptions,
  ivOf,
  NO_BYTES,
  piecesOf,
  signalOf,
  sizeOf,
  wrongLength,
} from './input.ts';
import { type Lane, Lanes, Range } from './kept.ts';
import { Placement } from './place.ts';
import { type ChunkSource, untilAborted } from './stream.ts';
import { allocated, completionOf, isSubmitted, type Owner, Transform } from './transform.ts';

/**
 * One message of an AEAD.
 * @example
 * const gcm = createCrypto().aead('gcm(aes)', { key: new Uint8Array(16) });
 * const input = { iv: new Uint8Array(12), ad: new Uint8Array(8), data: [new Uint8Array(5)] };
 * console.log((await gcm.encrypt(input)).data.length);
 */
export interface AeadInput {
  /** The nonce, `ivsize` bytes: 12 for GCM. */
  readonly iv: Uint8Array;
  /** Associated data: authenticated, not encrypted. */
  readonly ad?: Bytes;
  readonly data: Bytes;
  /**
   * Where the text goes, in order; as many bytes as `data` has. May be `data` itself. Left out, the text
   * is one new array.
   */
  readonly into?: readonly Uint8Array[];
  /** Where encryption writes the tag, `tagLength` bytes. Left out, the tag is a new array. */
  readonly tag?: Uint8Array<ArrayBuffer>;
  /** What has not begun is taken back; what has begun ends unseen. Both reject at once. */
  readonly signal?: AbortSignal;
}

/**
 * A message to be verified and decrypted.
 * @example
 * const gcm = createCrypto().aead('gcm(aes)', { key: new Uint8Array(16) });
 * const iv = new Uint8Array(12);
 * const { data, tag } = await gcm.encrypt({ iv, data: new Uint8Array(5) });
 * console.log((await gcm.decrypt({ iv, data, tag })).length);
 */
export interface AeadSealedInput extends Omit<AeadInput, 'tag'> {
  /** `tagLength` bytes, to be verified. */
  readonly tag: Uint8Array;
}

/**
 * What encryption gives back: as much ciphertext as there was text, and the tag.
 * @example
 * const gcm = createCrypto().aead('gcm(aes)', { key: new Uint8Array(16) });
 * const { data, tag } = await gcm.encrypt({ iv: new Uint8Array(12), data: new Uint8Array(5) });
 * console.log(new Blob([data, tag]).size);
 */
export interface AeadOutput {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly tag: Uint8Array<ArrayBuffer>;
}

/**
 * What encryption gives back that wrote into the caller's arrays.
 * @example
 * const gcm = createCrypto().aead('gcm(aes)', { key: new Uint8Array(16) });
 * const into = [new Uint8Array(2), new Uint8Array(3)];
 * const output = await gcm.encrypt({ iv: new Uint8Array(12), data: new Uint8Array(5), into });
 * console.log(output.data === into);
 */
export interface AeadScattered {
  readonly data: readonly Uint8Array[];
  readonly tag: Uint8Array<ArrayBuffer>;
}

/**
 * A message whose text comes in chunks.
 * @example
 * const gcm = createCrypto().aead('gcm(aes)', { key: new Uint8Array(16) });
 * const input = { iv: new Uint8Array(12), ad: new Uint8Array(8) };
 * console.log((await gcm.encryptChunks([new Uint8Array(5)], input)).tag.length);
 */
export type AeadStreamInput = Omit<AeadInput, 'data' | 'into' | 'tag'>;

const INPUT = ['iv', 'ad', 'data', 'into', 'tag', 'signal'];
const STREAM = ['iv', 'ad', 'signal'];
const SEALED_STREAM = [...STREAM, 'tag'];

/** A message that has been checked and copied from its options. */
interface Message {
  readonly iv: Uint8Array;
  readonly ad: readonly Uint8Array[];
  readonly data: readonly Uint8Array[];
  readonly adLen: number;
  readonly len: number;
  readonly out: readonly Uint8Array[];
  /** The output in one piece; empty when it goes to the caller's arrays. */
  readonly whole: Uint8Array<ArrayBuffer>;
  readonly tag: Uint8Array<ArrayBuffer>;
  readonly enc: boolean;
  readonly signal: AbortSignal | undefined;
}

/** One message at a time: associated data, text and tag in lent pages, one behind the other. */
class AeadLane implements Lane {
  readonly #req: AeadRequest;
  readonly #place: Placement;
  readonly #ad: Range;
  readonly #text: Range;
  readonly #tag: Range;
  readonly #complete: CryptoCompletion;
  #ended: (err: Errno) => void = noMessage;

  constructor(tfm: CryptoAead) {
    const { machine } = tfm.api;
    this.#req = allocated(aeadRequestAlloc(tfm));
    this.#place = new Placement(machine);
    this.#ad = new Range(machine);
    this.#text = new Range(machine);
    this.#tag = new Range(machine);
    this.#complete = completionOf((err) => this.#end(err));
  }

  get isLong(): boolean {
    return this.#ad.isLong || this.#text.isLong;
  }

  /** Copies a message into the pages and submits it; text is worked on in place. */
  begin(message: Message, pages: readonly PhysAddr[], ended: (err: Errno) => void): void {
    const { ad, adLen, data, len, tag, iv, enc } = message;
    const place = this.#place;
    const req = this.#req;
    this.#ended = ended;
    const tagAt = adLen + len;
    place.pages = pages;
    place.write(0, ad, 0, adLen);
    place.write(adLen, data, 0, len);
    if (!enc) place.write(tagAt, [tag], 0, tag.length);
    this.#ad.lay(place, 0, adLen);
    this.#text.lay(place, adLen, len);
    this.#tag.lay(place, tagAt, tag.length);
    aeadRequestSetCallback(req, CRYPTO_TFM_REQ_MAY_BACKLOG, this.#complete, null);
    aeadRequestSetAd(req, this.#ad.source, adLen);
    aeadRequestSetCrypt(req, this.#text.source, this.#text.dest, len, iv);
    aeadRequestSetTag(req, enc ? this.#tag.dest : this.#tag.source);
    const err = enc ? cryptoAeadEncrypt(req) : cryptoAeadDecrypt(req);
    if (!isSubmitted(err)) this.#end(err);
  }

  /** Copies the results out of the pages; nothing of a message that nobody waits for. */
  finish({ adLen, len, out, tag, enc }: Message): void {
    this.#place.read(adLen, out, 0, len);
    if (enc) this.#place.read(adLen + len, [tag], 0, tag.length);
  }

  free(): void {
    aeadRequestFree(this.#req);
    this.#ad.free();
    this.#text.free();
    this.#tag.free();
  }

  #end(err: Errno): void {
    const ended = this.#ended;
    this.#ended = noMessage;
    ended(err);
  }
}

/**
 * Authenticated encryption with its key.
 * @example
 * const gcm = createCrypto().aead('gcm(aes)', { key: new Uint8Array(16), authsize: 12 });
 * console.log(gcm.driver, gcm.ivsize, gcm.tagLength);
 */
export class Aead extends Transform {
  readonly #tfm: CryptoAead;
  readonly #lanes: Lanes<AeadLane>;

  constructor(tfm: CryptoAead, owner: Owner) {
    super(owner);
    this.#tfm = tfm;
    this.#lanes = new Lanes(() => new AeadLane(tfm));
  }

  /** The driver, `gcm-aes-accel`. */
  get driver(): string {
    return this.#tfm.alg.driverName;
  }

  /** Bytes of the nonce. */
  get ivsize(): number {
    return cryptoAeadIvsize(this.#tfm);
  }

  /** Bytes of the tag. */
  get tagLength(): number {
    return this.#tfm.authsize;
  }

  /**
   * Encrypts one message.
   * @example
   * import { createCrypto } from 'sg2iter';
   * const sg = createCrypto();
   * const gcm = sg.aead('gcm(aes)', { key: new Uint8Array(16) });
   * const packet = [new Uint8Array(20), new Uint8Array(1400)];
   * const { tag } = await gcm.encrypt({ iv: new Uint8Array(12), data: packet, into: packet });
   * console.log(tag.length);
   * await sg.close();
   */
  encrypt(input: AeadInput & { readonly into: readonly Uint8Array[] }): Promise<AeadScattered>;
  encrypt(input: AeadInput): Promise<AeadOutput>;
  encrypt(input: AeadInput): Promise<AeadOutput | AeadScattered> {
    try {
      this.refuseClosed();
      checkOptions(input, 'message', INPUT);
      const room =
        input.tag === undefined ? new Uint8Array(this.tagLength) : this.#tagOf(input.tag);
      const message = this.#message(input, room, true);
      const { whole, tag } = message;
      const { into } = input;
      return this.#run(message, into === undefined ? { data: whole, tag } : { data: into, tag });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Verifies and decrypts one message.
   * @throws CryptoError EBADMSG when tag, text or associated data are not genuine: nothing was written.
   * @example
   * const gcm = createCrypto().aead('gcm(aes)', { key: new Uint8Array(16) });
   * const forged = { iv: new Uint8Array(12), data: new Uint8Array(5), tag: new Uint8Array(16) };
   * await gcm.decrypt(forged).catch((error) => console.log(error.code));
   */
  decrypt(
    input: AeadSealedInput & { readonly into: readonly Uint8Array[] },
  ): Promise<readonly Uint8Array[]>;
  decrypt(input: AeadSealedInput): Promise<Uint8Array<ArrayBuffer>>;
  decrypt(input: AeadSealedInput): Promise<Uint8Array<ArrayBuffer> | readonly Uint8Array[]> {
    try {
      this.refuseClosed();
      checkOptions(input, 'message', INPUT);
      // A copy: the caller may write the next tag into it before this one is looked at.
      const message = this.#message(input, new Uint8Array(this.#tagOf(input.tag)), false);
      return this.#run(message, input.into ?? message.whole);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Encrypts a message that comes in chunks. An AEAD of the kernel takes a message at once, so chunks
   * are collected, and the message must fit the machine (`createCrypto({ memory })`).
   * @throws CryptoError ENOMEM as soon as it does not fit: the source is asked for no more, and ended.
   * @example
   * const gcm = createCrypto().aead('gcm(aes)', { key: new Uint8Array(16) });
   * const body = new Response('a body').body;
   * console.log((await gcm.encryptChunks(body, { iv: new Uint8Array(12) })).data.length);
   */
  async encryptChunks(data: ChunkSource, input: AeadStreamInput): Promise<AeadOutput> {
    this.#checkStream(input, STREAM);
    return this.encrypt({ ...input, data: await this.#collected(data, input.signal) });
  }

  /**
   * Verifies and decrypts a message that comes in chunks. Nothing is yielded before the tag has been
   * found right: text that was not verified never leaves the machine.
   * @throws CryptoError ENOMEM as for `encryptChunks`, EBADMSG as for `decrypt`
   * @example
   * const gcm = createCrypto().aead('gcm(aes)', { key: new Uint8Array(16) });
   * const iv = new Uint8Array(12);
   * const { data, tag } = await gcm.encrypt({ iv, data: new Uint8Array(5) });
   * const text = await gcm.decryptChunks([data.subarray(0, 2), data.subarray(2)], { iv, tag });
   * console.log(text.length);
   */
  async decryptChunks(
    data: ChunkSource,
    input: AeadStreamInput & { readonly tag: Uint8Array },
  ): Promise<Uint8Array<ArrayBuffer>> {
    this.#checkStream(input, SEALED_STREAM);
    this.#tagOf(input.tag);
    return this.decrypt({ ...input, data: await this.#collected(data, input.signal) });
  }

  protected override free(): void {
    this.#lanes.free();
    cryptoFreeAead(this.#tfm);
  }

  /** Refuses what can be refused before a source is asked for its first chunk. */
  #checkStream(input: AeadStreamInput, known: readonly string[]): void {
    this.refuseClosed();
    checkOptions(input, 'message', known);
    signalOf(input.signal);
    ivOf(input.iv, this.ivsize);
    if (input.ad !== undefined) piecesOf(input.ad, 'ad');
  }

  #tagOf(value: unknown): Uint8Array<ArrayBuffer> {
    const tag = bytesOf(value, 'tag');
    if (tag.length === this.tagLength) return tag;
    throw wrongLength('tag', `${this.tagLength} bytes`, tag.length);
  }

  /** All chunks, as long as they can be one message. */
  async #collected(source: ChunkSource, signal: AbortSignal | undefined): Promise<Uint8Array[]> {
    const most = this.owner.executor.largest - this.tagLength;
    const pieces: Uint8Array[] = [];
    let len = 0;
    for await (const chunk of untilAborted(source, signal)) {
      const piece = bytesOf(chunk, `chunk ${pieces.length}`);
      len += piece.length;
      if (len > most) {
        throw new CryptoError(-ENOMEM, `at most ${most} bytes at once, ${len} given so far`);
      }
      // Copied: the owner of a chunk may use its memory again once he is asked for the next.
      pieces.push(piece.slice());
    }
    return pieces;
  }

  #message(input: Omit<AeadInput, 'tag'>, tag: Uint8Array<ArrayBuffer>, enc: boolean): Message {
    const signal = signalOf(input.signal);
    const data = piecesOf(input.data, 'data');
    const ad = input.ad === undefined ? [] : piecesOf(input.ad, 'ad');
    const iv = ivOf(input.iv, this.ivsize);
    const len = sizeOf(data);
    const into = input.into === undefined ? null : piecesOf(input.into, 'into');
    if (into !== null && sizeOf(into) !== len)
      throw wrongLength('into', `${len} bytes`, sizeOf(into));
    const whole = into === null ? new Uint8Array(len) : NO_BYTES;
    return {
      iv,
      ad,
      data,
      adLen: sizeOf(ad),
      len,
      out: into ?? [whole],
      whole,
      tag,
      enc,
      signal,
    };
  }

  #run<T>(message: Message, result: T): Promise<T> {
    const { adLen, len, tag, enc, signal } = message;
    return this.run<T>(adLen + len + tag.length, signal, (job) => {
      const lane = this.#lanes.take();
      lane.begin(message, job.pages, (err) => {
        if (err === 0 && !job.dropped) lane.finish(message);
        this.#lanes.give(lane);
        if (err === 0) job.done(result);
        else job.failed(new CryptoError(err, refusalOf(err, `${len} bytes`, enc)));
      });
    });
  }
}

function refusalOf(err: Errno, what: string, enc: boolean): string {
  return err === -EBADMSG && !enc ? 'decrypt: not genuine' : what;
}

function noMessage(): void {}
