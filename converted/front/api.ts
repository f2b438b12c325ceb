/**
 * The promise front door: `Uint8Array` in, `Uint8Array` out, errors as `CryptoError`.
 *
 * A caller of the core like any other: it places data in user memory of a machine of its own, pins it,
 * submits bio_vecs, and unpins after completion whatever the outcome. Text is processed in place.
 *
 * @kernel none: the kernel has no such layer; names are ordinary TypeScript.
 * @module
 */
import { CRYPTO_TFM_REQ_MAY_BACKLOG } from '../../src/crypto/algorithm.ts';
import { EINVAL, ENOMEM, type Errno } from '../../src/errno.ts';
import { Machine } from '../../src/machine/machine.ts';
import { AddressSpace } from '../../src/machine/user.ts';
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
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
} from '../aead.ts';
import {
  ahashRequestAlloc,
  ahashRequestFree,
  ahashRequestSetCallback,
  ahashRequestSetCrypt,
  type CryptoAhash,
  cryptoAhashDigest,
  cryptoAhashDigestsize,
  cryptoAhashSetkey,
  cryptoAllocAhash,
  cryptoFreeAhash,
} from '../ahash.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { cryptoApiInit } from '../init.ts';
import {
  type CryptoSkcipher,
  cryptoAllocSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  cryptoSkcipherIvsize,
  cryptoSkcipherSetkey,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from '../skcipher.ts';
import { CryptoError, PinnedBuffer, settle } from './request.ts';

export { CryptoError };

/** Bytes in one piece or in several. */
export type Bytes = Uint8Array | readonly Uint8Array[];

/** How the machine behind the API is built. */
export interface CreateOptions {
  /**
   * Bytes of machine memory, a power of two from 64 KiB to 4 GiB. Fifteen sixteenths of it hold the data
   * of all requests in flight, page by page. Default 64 MiB.
   */
  readonly memory?: number;
  /** Shadow memory, permissions and ledger on. Default false. */
  readonly checks?: boolean;
}

/** The key of a cipher. */
export interface KeyOptions {
  /** 16, 24 or 32 bytes; twice as many for XTS. It is copied. */
  readonly key: Uint8Array;
}

/** The key and tag length of an AEAD. */
export interface AeadOptions extends KeyOptions {
  /** Bytes of the tag. Default the longest. */
  readonly authsize?: number;
  /** Overwrite unverified plaintext in the machine's memory. Default true; it is never returned. */
  readonly wipeOnBadTag?: boolean;
}

/** The key of a MAC. */
export interface HashOptions {
  /** Of any length; only for a MAC. It is copied. */
  readonly key?: Uint8Array;
}

/** One message of a cipher. */
export interface SkcipherInput {
  /** Whole blocks for ECB and CBC, at least 16 bytes for XTS. */
  readonly data: Bytes;
  /** As long as the mode's IV; left out or empty for a mode without one. */
  readonly iv?: Uint8Array;
  /** Rejects at once when it aborts; the request itself runs to its end. */
  readonly signal?: AbortSignal;
}

/** One message of an AEAD. */
export interface AeadInput {
  /** The nonce, 12 bytes for GCM. */
  readonly iv: Uint8Array;
  /** Associated data: authenticated, not encrypted. */
  readonly ad?: Bytes;
  readonly data: Bytes;
  /** Rejects at once when it aborts; the request itself runs to its end. */
  readonly signal?: AbortSignal;
}

/** A message to be verified and decrypted. */
export interface AeadSealedInput extends AeadInput {
  /** As long as the authsize. */
  readonly tag: Uint8Array;
}

/** What a cipher gives back. */
export interface SkcipherOutput {
  readonly data: Uint8Array;
  /** The IV after the operation, to go on with where the mode allows it. */
  readonly iv: Uint8Array;
}

/** What encryption gives back: as much ciphertext as there was text, and the tag. */
export interface AeadOutput {
  readonly data: Uint8Array;
  readonly tag: Uint8Array;
}

/** A machine with its crypto API. Tfms of one instance share its memory. */
export class Crypto {
  readonly #api: CryptoApi;
  readonly #mm: AddressSpace;

  constructor(options: CreateOptions = {}) {
    const { memory = 64 * 1024 * 1024, checks = false } = options;
    if (memory < 2 ** 16 || memory > 2 ** 32 || !Number.isInteger(Math.log2(memory))) {
      throw new RangeError('memory must be a power of two from 64 KiB to 4 GiB');
    }
    const machine = new Machine({ memory, checks, automatic: true });
    this.#api = cryptoApiInit(machine);
    this.#mm = new AddressSpace(machine);
  }

  /** @throws CryptoError ENOENT for an unknown name, EINVAL for a bad key. */
  async skcipher(name: string, options: KeyOptions): Promise<Skcipher> {
    const tfm = found(cryptoAllocSkcipher(this.#api, text(name), 0, 0), name);
    const err = cryptoSkcipherSetkey(tfm, bytes(options.key, 'key'));
    if (err === 0) return new Skcipher(tfm, this.#mm);
    cryptoFreeSkcipher(tfm);
    throw new CryptoError(err, `key of ${name}`);
  }

  /** @throws CryptoError ENOENT for an unknown name, EINVAL for a bad key or tag length. */
  async aead(name: string, options: AeadOptions): Promise<Aead> {
    const tfm = found(cryptoAllocAead(this.#api, text(name), 0, 0), name);
    tfm.wipeOnBadTag = options.wipeOnBadTag ?? true;
    let err = cryptoAeadSetkey(tfm, bytes(options.key, 'key'));
    if (err === 0 && options.authsize !== undefined) {
      err = cryptoAeadSetauthsize(tfm, options.authsize);
    }
    if (err === 0) return new Aead(tfm, this.#mm);
    cryptoFreeAead(tfm);
    throw new CryptoError(err, `key or authsize of ${name}`);
  }

  /** @throws CryptoError ENOENT for an unknown name, ENOSYS for a key where none is taken. */
  async hash(name: string, options: HashOptions = {}): Promise<Hash> {
    const tfm = found(cryptoAllocAhash(this.#api, text(name), 0, 0), name);
    const { key } = options;
    const err = key === undefined ? 0 : cryptoAhashSetkey(tfm, bytes(key, 'key'));
    if (err === 0) return new Hash(tfm, this.#mm);
    cryptoFreeAhash(tfm);
    throw new CryptoError(err, `key of ${name}`);
  }
}

/** A symmetric cipher with its key. */
export class Skcipher {
  readonly #tfm: CryptoSkcipher;
  #closed = false;
  readonly #mm: AddressSpace;

  constructor(tfm: CryptoSkcipher, mm: AddressSpace) {
    this.#tfm = tfm;
    this.#mm = mm;
  }

  async encrypt(input: SkcipherInput): Promise<SkcipherOutput> {
    return this.#crypt(input, true);
  }

  async decrypt(input: SkcipherInput): Promise<SkcipherOutput> {
    return this.#crypt(input, false);
  }

  /** Frees the transform; operations reject afterwards. Must not be called before all have settled. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    cryptoFreeSkcipher(this.#tfm);
  }

  #crypt(input: SkcipherInput, encrypt: boolean): Promise<SkcipherOutput> {
    open(this.#closed);
    checkSignal(input.signal);
    const tfm = this.#tfm;
    const iv = ivOf(input.iv, cryptoSkcipherIvsize(tfm));
    const text = pieces(input.data, 'data');
    const buffer = new PinnedBuffer(tfm.api.machine, this.#mm, [text]);
    const req = allocated(skcipherRequestAlloc(tfm), buffer);
    const [part] = buffer.parts;
    skcipherRequestSetCrypt(req, part.source, part.dest, part.len, iv);
    return settle(
      buffer,
      input.signal,
      () => skcipherRequestFree(req),
      (complete) => {
        skcipherRequestSetCallback(req, CRYPTO_TFM_REQ_MAY_BACKLOG, complete, null);
        return encrypt ? cryptoSkcipherEncrypt(req) : cryptoSkcipherDecrypt(req);
      },
      () => ({ data: buffer.read(part), iv }),
      encrypt ? 'encrypt' : 'decrypt',
    );
  }
}

/** Authenticated encryption with its key. */
export class Aead {
  readonly #tfm: CryptoAead;
  #closed = false;
  readonly #mm: AddressSpace;

  constructor(tfm: CryptoAead, mm: AddressSpace) {
    this.#tfm = tfm;
    this.#mm = mm;
  }

  async encrypt(input: AeadInput): Promise<AeadOutput> {
    const tag = new Uint8Array(this.#tfm.authsize);
    return this.#crypt(input, tag, true);
  }

  /** @throws CryptoError EBADMSG when tag, text or associated data are not genuine. */
  async decrypt(input: AeadSealedInput): Promise<Uint8Array> {
    const tag = bytes(input.tag, 'tag');
    if (tag.length !== this.#tfm.authsize) throw new CryptoError(-EINVAL, 'length of the tag');
    return (await this.#crypt(input, tag, false)).data;
  }

  /** Frees the transform; operations reject afterwards. Must not be called before all have settled. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    cryptoFreeAead(this.#tfm);
  }

  #crypt(input: AeadInput, tagBytes: Uint8Array, encrypt: boolean): Promise<AeadOutput> {
    open(this.#closed);
    checkSignal(input.signal);
    const tfm = this.#tfm;
    const iv = ivOf(input.iv, cryptoAeadIvsize(tfm));
    const data = pieces(input.data, 'data');
    const associated = pieces(input.ad ?? [], 'ad');
    const buffer = new PinnedBuffer(tfm.api.machine, this.#mm, [associated, data, [tagBytes]]);
    const [ad, text, tag] = buffer.parts;
    const req = allocated(aeadRequestAlloc(tfm), buffer);
    aeadRequestSetAd(req, ad.source, ad.len);
    aeadRequestSetCrypt(req, text.source, text.dest, text.len, iv);
    aeadRequestSetTag(req, encrypt ? tag.dest : tag.source);
    return settle(
      buffer,
      input.signal,
      () => aeadRequestFree(req),
      (complete) => {
        aeadRequestSetCallback(req, CRYPTO_TFM_REQ_MAY_BACKLOG, complete, null);
        return encrypt ? cryptoAeadEncrypt(req) : cryptoAeadDecrypt(req);
      },
      () => ({ data: buffer.read(text), tag: buffer.read(tag) }),
      encrypt ? 'encrypt' : 'decrypt',
    );
  }
}

/** A hash, or a MAC with its key. */
export class Hash {
  readonly #tfm: CryptoAhash;
  #closed = false;
  readonly #mm: AddressSpace;

  constructor(tfm: CryptoAhash, mm: AddressSpace) {
    this.#tfm = tfm;
    this.#mm = mm;
  }

  async digest(data: Bytes, options: { readonly signal?: AbortSignal } = {}): Promise<Uint8Array> {
    const tfm = this.#tfm;
    open(this.#closed);
    checkSignal(options.signal);
    const buffer = new PinnedBuffer(tfm.api.machine, this.#mm, [pieces(data, 'data')]);
    const [part] = buffer.parts;
    const result = new Uint8Array(cryptoAhashDigestsize(tfm));
    const req = allocated(ahashRequestAlloc(tfm), buffer);
    ahashRequestSetCrypt(req, part.source, result, part.len);
    return settle(
      buffer,
      options.signal,
      () => ahashRequestFree(req),
      (complete) => {
        ahashRequestSetCallback(req, CRYPTO_TFM_REQ_MAY_BACKLOG, complete, null);
        return cryptoAhashDigest(req);
      },
      () => result,
      'digest',
    );
  }

  /** Frees the transform; operations reject afterwards. Must not be called before all have settled. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    cryptoFreeAhash(this.#tfm);
  }
}

/** A crypto API on a machine of its own, whose work runs in microtasks. */
export function createCrypto(options: CreateOptions = {}): Crypto {
  return new Crypto(options);
}

function open(closed: boolean): void {
  if (closed) throw new TypeError('operation on a closed transform');
}

function checkSignal(signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw new TypeError('signal must be an AbortSignal');
}

function text(name: unknown): string {
  if (typeof name === 'string') return name;
  throw new TypeError('name must be a string');
}

/** A request that exists; else the memory that it was for is given back. */
function allocated<T>(req: T | null, buffer: PinnedBuffer): T {
  if (req !== null) return req;
  buffer.release();
  throw new CryptoError(-ENOMEM, 'request');
}

function found<T>(tfm: T | Errno, name: string): T {
  if (typeof tfm === 'number') throw new CryptoError(tfm, name);
  return tfm;
}

/** A private copy of the IV, which the operation writes. */
function ivOf(iv: Uint8Array | undefined, ivsize: number): Uint8Array {
  if (iv === undefined && ivsize === 0) return new Uint8Array(0);
  if (ivsize === 0 && bytes(iv, 'iv').length > 0) {
    throw new CryptoError(-EINVAL, 'iv: the mode takes none');
  }
  const copy = Uint8Array.from(bytes(iv, 'iv'));
  if (copy.length !== ivsize) throw new CryptoError(-EINVAL, 'length of the iv');
  return copy;
}

function pieces(data: unknown, what: string): readonly Uint8Array[] {
  if (!Array.isArray(data)) return [bytes(data, what)];
  return data.map((piece: unknown) => bytes(piece, what));
}

function bytes(value: unknown, what: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`${what} must be a Uint8Array`);
}
