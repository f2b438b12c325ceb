/**
 * The library as the harness calls it: what a caller with iterators writes round calls that take virtual
 * addresses. Everything of a request is the caller's here: lengths, keys that are missing, tags.
 * @module
 */
import { cryptoApiInit } from '../../converted/init.ts';
import { copyFromIter, copyToIter } from '../../converted/iter/copy.ts';
import { iovIterCopy } from '../../converted/iter/iov-iter.ts';
import {
  BlockHashCtx,
  blockHashCopy,
  blockHashFinal,
  blockHashInit,
  blockHashUpdate,
} from '../../converted/lib/blocks.ts';
import { LIB_HASHES, type LibHash } from '../../converted/lib/hash.ts';
import {
  cryptMessage,
  cryptPieces,
  type DataUpdate,
  dataPieces,
} from '../../converted/lib/pieces.ts';
import { type AlgKind, CRYPTO_ALG_TYPE_MASK } from '../../src/crypto/algorithm.ts';
import { NO_KEY } from '../../src/crypto/hashes.ts';
import { EINVAL, ENOENT, ENOKEY, ENOSYS, type Errno } from '../../src/errno.ts';
import { KernelMemory } from '../../src/machine/kernel-memory.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { HashState } from '../../src/provider/provider.ts';
import { algBehind, TYPE_OF } from '../algorithms/row.ts';
import { bytesLength, type Case, materialise } from '../case/case.ts';
import type {
  AeadSubject,
  AhashSubject,
  Buffers,
  MessageSubject,
  RequestSubject,
  SkcipherSubject,
  SubjectApi,
} from './api.ts';
import { behind, Iterators, type IterPair } from './iterators.ts';
import {
  type AeadCalls,
  type CipherKey,
  LIB_AEADS,
  LIB_CIPHERS,
  type LibCipher,
} from './lib-calls.ts';
import { isAsync, type Submission } from './submit.ts';

const DEFAULT_AUTHSIZE = 16;
const BLOCK = 16;
/** The text that 6.1 takes under a length field of two bytes, which cannot say it. */
const CCM_BEYOND = 65_536;

/** The calls of a library, by algorithm. */
export interface Library {
  readonly ciphers: ReadonlyMap<string, LibCipher>;
  readonly aeads: ReadonlyMap<string, () => AeadCalls>;
  readonly hashes: ReadonlyMap<string, LibHash>;
  readonly hashUpdate: DataUpdate<BlockHashCtx>;
}

export const LIBRARY: Library = {
  ciphers: LIB_CIPHERS,
  aeads: LIB_AEADS,
  hashes: LIB_HASHES,
  hashUpdate: blockHashUpdate,
};

export class LibApi implements SubjectApi<IterPair> {
  readonly name = 'lib';
  readonly joined = false;
  private readonly mem: KernelMemory;
  private readonly library: Library;
  /** Says which algorithm a driver is: the library has no drivers. */
  private readonly names: ReturnType<typeof cryptoApiInit>['registry'];

  constructor(machine: Machine, library: Library = LIBRARY) {
    this.mem = new KernelMemory(machine);
    this.library = library;
    this.names = cryptoApiInit(machine).registry;
  }

  /** Nothing of the library outlives a call. */
  renew(): void {}

  declines({ alg, async, iv, key, text, short, invalid }: Case): string | null {
    if (invalid !== undefined) return 'lists that are refused: calls of a library have no door';
    if (short !== undefined) return 'a list too short: lengths of calls are those of their arrays';
    if (!this.has(alg)) return 'no library for the algorithm';
    if (async) return 'asynchronous driver: a call of a library is done when it returns';
    if (alg === 'xcbc(aes)' && key !== null && bytesLength(key) !== BLOCK) {
      return 'XCBC: a key that is not of 128 bits, which 6.1 takes';
    }
    const isBeyond =
      alg === 'ccm(aes)' && bytesLength(text) === CCM_BEYOND && materialise(iv)[0] === 1;
    return isBeyond
      ? 'CCM: a text one byte too long for two bytes of length, which 6.1 takes'
      : null;
  }

  offers(driver: string, kind: AlgKind): boolean {
    const alg = this.names.find(driver, TYPE_OF[kind], CRYPTO_ALG_TYPE_MASK);
    if (typeof alg === 'number') return kind === 'ahash' && this.has(algBehind(driver));
    return !isAsync(alg) && this.has(alg.name);
  }

  prepare(buffers: Buffers): Iterators {
    return new Iterators(buffers);
  }

  skcipher(driver: string): SkcipherSubject<IterPair> | Errno {
    const cipher = this.library.ciphers.get(this.algOf(driver, 'skcipher'));
    return cipher === undefined ? -ENOENT : new LibSkcipher(this.mem, cipher);
  }

  aead(driver: string): AeadSubject<IterPair> | Errno {
    const make = this.library.aeads.get(this.algOf(driver, 'aead'));
    return make === undefined ? -ENOENT : new LibAead(this.mem, make());
  }

  ahash(driver: string): AhashSubject<IterPair> | Errno {
    const hash = this.library.hashes.get(this.algOf(driver, 'ahash'));
    return hash === undefined ? -ENOENT : new LibAhash(this.mem, hash, this.library.hashUpdate);
  }

  private algOf(driver: string, kind: AlgKind): string {
    const alg = this.names.find(driver, TYPE_OF[kind], CRYPTO_ALG_TYPE_MASK);
    return typeof alg === 'number' ? algBehind(driver) : alg.name;
  }

  private has(alg: string): boolean {
    const { ciphers, aeads, hashes } = this.library;
    return ciphers.has(alg) || aeads.has(alg) || hashes.has(alg);
  }
}

class LibSkcipher implements SkcipherSubject<IterPair> {
  readonly async = false;
  private readonly mem: KernelMemory;
  private readonly cipher: LibCipher;
  private key: CipherKey | null = null;

  constructor(mem: KernelMemory, cipher: LibCipher) {
    this.mem = mem;
    this.cipher = cipher;
  }

  setkey(key: Uint8Array, forbidWeak: boolean): Errno {
    const { keySizes, preparekey } = this.cipher;
    const prepared = preparekey(key, forbidWeak);
    if (typeof prepared !== 'number') this.key = prepared;
    // The crypto API refuses other lengths before it asks the algorithm, and the key before stays.
    else if (key.length >= keySizes[0] && key.length <= keySizes[1]) this.key = null;
    return typeof prepared === 'number' ? prepared : 0;
  }

  free(): void {
    this.key = null;
  }

  request(): RequestSubject<IterPair> {
    return {
      submit: ({ enc, at, len, iv }, submission) => this.crypt(enc, at, len, iv, submission),
      free: () => {},
    };
  }

  crypt(enc: boolean, at: IterPair, len: number, iv: Uint8Array, submission: Submission): Errno {
    const { key } = this;
    if (key === null) return submission.run(() => -ENOKEY);
    const src = iovIterCopy(at.src);
    const dst = iovIterCopy(at.dst);
    const calls = key(this.cipher.keepsIv ? iv.slice() : iv);
    const update = enc ? calls.encrypt : calls.decrypt;
    const { ends } = this.cipher;
    return submission.run(() =>
      cryptMessage(null, this.mem, dst, src, len, update, ends) === len ? 0 : -EINVAL,
    );
  }
}

class LibAead implements AeadSubject<IterPair> {
  readonly async = false;
  private readonly mem: KernelMemory;
  private readonly calls: AeadCalls;
  private key: Uint8Array | null = null;
  private authsize = DEFAULT_AUTHSIZE;

  constructor(mem: KernelMemory, calls: AeadCalls) {
    this.mem = mem;
    this.calls = calls;
  }

  setkey(key: Uint8Array): Errno {
    const err = this.calls.preparekey(key, this.authsize);
    this.key = err === 0 ? key.slice() : null;
    return err;
  }

  setauthsize(authsize: number): Errno {
    const err = this.calls.setauthsize(authsize);
    if (err === 0) this.authsize = authsize;
    return err;
  }

  free(): void {
    this.key = null;
  }

  request(): RequestSubject<IterPair> {
    return {
      submit: ({ enc, at, assoclen, len, iv }, submission) =>
        this.crypt(enc, at, assoclen, len, iv, submission),
      free: () => {},
    };
  }

  crypt(
    enc: boolean,
    at: IterPair,
    assoclen: number,
    len: number,
    iv: Uint8Array,
    submission: Submission,
  ): Errno {
    return submission.run(() => this.message(enc, at, assoclen, len, iv));
  }

  private message(
    enc: boolean,
    at: IterPair,
    assoclen: number,
    len: number,
    iv: Uint8Array,
  ): Errno {
    const { calls, mem, authsize } = this;
    if (this.key === null) return -ENOKEY;
    const err = calls.init(iv, assoclen, len);
    if (err !== 0) return err;
    const src = iovIterCopy(at.src);
    const dst = behind(at.dst, assoclen);
    if (dataPieces(null, mem, src, assoclen, calls.auth) < assoclen) return -EINVAL;
    const update = enc ? calls.encrypt : calls.decrypt;
    if (cryptPieces(null, mem, dst, src, len, update) < len) return -EINVAL;
    const tag = new Uint8Array(authsize);
    if (!enc) return copyFromIter(tag, authsize, src) < authsize ? -EINVAL : calls.open(tag);
    calls.seal(tag);
    return copyToIter(tag, authsize, dst) < authsize ? -EINVAL : 0;
  }
}

class LibAhash implements AhashSubject<IterPair> {
  readonly async = false;
  readonly digestsize: number;
  readonly mem: KernelMemory;
  readonly hash: LibHash;
  readonly hashUpdate: Library['hashUpdate'];
  /** What messages begin from, or why there is none. */
  key: HashState | Errno;
  /** Contexts that were exported. */
  readonly saved: BlockHashCtx[] = [];

  constructor(mem: KernelMemory, hash: LibHash, hashUpdate: Library['hashUpdate']) {
    this.mem = mem;
    this.hash = hash;
    this.hashUpdate = hashUpdate;
    this.digestsize = hash.digestsize;
    this.key = hash.keys === 'needed' ? -ENOKEY : hash.preparekey(NO_KEY);
  }

  setkey(key: Uint8Array): Errno {
    if (this.hash.keys === 'none') return -ENOSYS;
    const state = this.hash.preparekey(key);
    if (typeof state !== 'number') this.key = state;
    else if (this.hash.keys === 'needed') this.key = -ENOKEY;
    return typeof state === 'number' ? state : 0;
  }

  free(): void {
    this.key = -ENOKEY;
  }

  request(submission: Submission): MessageSubject<IterPair> {
    return new LibMessage(this, submission);
  }
}

class LibMessage implements MessageSubject<IterPair> {
  private readonly user: LibAhash;
  private readonly ctx: BlockHashCtx;
  private submission: Submission;

  constructor(user: LibAhash, submission: Submission) {
    this.user = user;
    this.ctx = new BlockHashCtx(user.hash.blocksize);
    this.submission = submission;
  }

  rebind(submission: Submission): void {
    this.submission = submission;
  }

  init(): Errno {
    return this.submission.run(() => this.begin());
  }

  update(at: IterPair, skip: number, len: number): Errno {
    return this.submission.run(() => this.feed(at, skip, len));
  }

  final(result: Uint8Array): Errno {
    return this.submission.run(() => this.end(result));
  }

  finup(at: IterPair, skip: number, len: number, result: Uint8Array): Errno {
    return this.submission.run(() => this.feed(at, skip, len) || this.end(result));
  }

  digest(at: IterPair, len: number, result: Uint8Array): Errno {
    return this.submission.run(() => this.begin() || this.feed(at, 0, len) || this.end(result));
  }

  /** A state is a struct: it is saved by assignment, and the bytes handed out are its number. */
  export(): { readonly err: Errno; readonly state: Uint8Array } {
    const { saved, hash } = this.user;
    const copy = new BlockHashCtx(hash.blocksize);
    blockHashCopy(copy, this.ctx);
    const state = Uint8Array.of(saved.length >> 8, saved.length);
    saved.push(copy);
    return { err: 0, state };
  }

  import([high, low]: Uint8Array): Errno {
    const from = this.user.saved[high * 256 + low];
    if (from === undefined) return -EINVAL;
    blockHashCopy(this.ctx, from);
    return 0;
  }

  free(): void {}

  private begin(): Errno {
    const { key } = this.user;
    if (typeof key === 'number') return key;
    blockHashInit(this.ctx, key);
    return 0;
  }

  private feed(at: IterPair, skip: number, len: number): Errno {
    const { mem, hashUpdate } = this.user;
    const done = dataPieces(this.ctx, mem, behind(at.src, skip), len, hashUpdate);
    return done < len ? -EINVAL : 0;
  }

  private end(result: Uint8Array): Errno {
    const err = this.ctx.hash?.finalError?.() ?? 0;
    if (err === 0) blockHashFinal(this.ctx, result.subarray(0, this.user.digestsize));
    return err;
  }
}
