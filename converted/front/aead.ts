/**
 * Authenticated encryption of the front door.
 *
 * @kernel none: names are ordinary TypeScript.
 * @module
 */
import { CRYPTO_TFM_REQ_MAY_BACKLOG } from '../../src/crypto/algorithm.ts';
import { EBADMSG } from '../../src/errno.ts';
import {
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
  piecesOf,
  signalOf,
  sizeOf,
  wrongLength,
} from './input.ts';
import { Placement } from './place.ts';
import type { ChunkSource } from './stream.ts';
import { allocated, type Owner, submitted, Transform } from './transform.ts';

/** One message of an AEAD. */
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
  /** What has not begun is taken back; what has begun ends unseen. Both reject at once. */
  readonly signal?: AbortSignal;
}

/** A message to be verified and decrypted. */
export interface AeadSealedInput extends AeadInput {
  /** `tagLength` bytes. */
  readonly tag: Uint8Array;
}

/** What encryption gives back: as much ciphertext as there was text, and the tag. */
export interface AeadOutput {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly tag: Uint8Array<ArrayBuffer>;
}

/** What encryption gives back that wrote into the caller's arrays. */
export interface AeadScattered {
  readonly data: readonly Uint8Array[];
  readonly tag: Uint8Array<ArrayBuffer>;
}

/** A message whose text comes in chunks. */
export type AeadStreamInput = Omit<AeadInput, 'data' | 'into'>;

const INPUT = ['iv', 'ad', 'data', 'into', 'signal'];
const SEALED = [...INPUT, 'tag'];

/** A message that has been checked and copied from its options. */
interface Message {
  readonly iv: Uint8Array;
  readonly ad: readonly Uint8Array[];
  readonly data: readonly Uint8Array[];
  readonly out: readonly Uint8Array[];
  /** The output in one piece; empty when it goes to the caller's arrays. */
  readonly whole: Uint8Array<ArrayBuffer>;
  readonly tag: Uint8Array<ArrayBuffer>;
  readonly enc: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Authenticated encryption with its key. */
export class Aead extends Transform {
  readonly #tfm: CryptoAead;

  constructor(tfm: CryptoAead, owner: Owner) {
    super(owner);
    this.#tfm = tfm;
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
    return this.counted(async () => {
      checkOptions(input, 'message', INPUT);
      const message = this.#message(input, new Uint8Array(this.tagLength), true);
      await this.#run(message);
      const { tag } = message;
      if (input.into !== undefined) return { data: input.into, tag };
      return { data: message.whole, tag };
    });
  }

  /**
   * Verifies and decrypts one message.
   * @throws CryptoError EBADMSG when tag, text or associated data are not genuine: nothing was written.
   */
  decrypt(
    input: AeadSealedInput & { readonly into: readonly Uint8Array[] },
  ): Promise<readonly Uint8Array[]>;
  decrypt(input: AeadSealedInput): Promise<Uint8Array<ArrayBuffer>>;
  decrypt(input: AeadSealedInput): Promise<Uint8Array<ArrayBuffer> | readonly Uint8Array[]> {
    return this.counted(async () => {
      checkOptions(input, 'message', SEALED);
      const tag = Uint8Array.from(bytesOf(input.tag, 'tag'));
      if (tag.length !== this.tagLength)
        throw wrongLength('tag', `${this.tagLength} bytes`, tag.length);
      const message = this.#message(input, tag, false);
      await this.#run(message);
      return input.into ?? message.whole;
    });
  }

  /**
   * Encrypts a message that comes in chunks. An AEAD of the kernel takes a message at once, so chunks
   * are collected, and the message must fit the machine (`createCrypto({ memory })`).
   */
  async encryptChunks(data: ChunkSource, input: AeadStreamInput): Promise<AeadOutput> {
    return this.encrypt({ ...input, data: await collected(data) });
  }

  /**
   * Verifies and decrypts a message that comes in chunks. Nothing is yielded before the tag has been
   * found right: text that was not verified never leaves the machine.
   */
  async decryptChunks(
    data: ChunkSource,
    input: AeadStreamInput & { readonly tag: Uint8Array },
  ): Promise<Uint8Array<ArrayBuffer>> {
    return this.decrypt({ ...input, data: await collected(data) });
  }

  protected override free(): void {
    cryptoFreeAead(this.#tfm);
  }

  #message(input: AeadInput, tag: Uint8Array<ArrayBuffer>, enc: boolean): Message {
    const signal = signalOf(input.signal);
    const data = piecesOf(input.data, 'data');
    const ad = input.ad === undefined ? [] : piecesOf(input.ad, 'ad');
    const iv = ivOf(input.iv, this.ivsize);
    const size = sizeOf(data);
    const into = input.into === undefined ? null : piecesOf(input.into, 'into');
    if (into !== null && sizeOf(into) !== size)
      throw wrongLength('into', `${size} bytes`, sizeOf(into));
    const whole = new Uint8Array(into === null ? size : 0);
    return { iv, ad, data, out: into ?? [whole], whole, tag, enc, signal };
  }

  /** Associated data, text and tag in lent pages, one behind the other; text is worked on in place. */
  #run({ iv, ad, data, out, tag, enc, signal }: Message): Promise<void> {
    const tfm = this.#tfm;
    const adLen = sizeOf(ad);
    const len = sizeOf(data);
    const tagAt = adLen + len;
    return this.owner.executor.run<void>(tagAt + tag.length, signal, (pages, done, failed) => {
      const place = new Placement(tfm.api.machine, pages);
      place.write(0, ad, 0, adLen);
      place.write(adLen, data, 0, len);
      if (!enc) place.write(tagAt, [tag], 0, tag.length);
      const req = allocated(aeadRequestAlloc(tfm));
      aeadRequestSetAd(req, place.source(0, adLen), adLen);
      aeadRequestSetCrypt(req, place.source(adLen, len), place.dest(adLen, len), len, iv);
      aeadRequestSetTag(req, enc ? place.dest(tagAt, tag.length) : place.source(tagAt, tag.length));
      submitted(
        (complete) => {
          aeadRequestSetCallback(req, CRYPTO_TFM_REQ_MAY_BACKLOG, complete, null);
          return enc ? cryptoAeadEncrypt(req) : cryptoAeadDecrypt(req);
        },
        (err) => {
          aeadRequestFree(req);
          if (err !== 0) {
            failed(
              new CryptoError(err, err === -EBADMSG ? 'decrypt: not genuine' : `${len} bytes`),
            );
            return;
          }
          if (signal?.aborted !== true) place.read(adLen, out, 0, len);
          if (enc) place.read(tagAt, [tag], 0, tag.length);
          done();
        },
      );
    });
  }
}

async function collected(source: ChunkSource): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  // Copied: the owner of a chunk may use its memory again once he is asked for the next.
  for await (const chunk of source) pieces.push(bytesOf(chunk, `chunk ${pieces.length}`).slice());
  return pieces;
}
