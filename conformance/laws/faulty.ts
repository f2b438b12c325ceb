/**
 * An API with one fault: it does as the API inside does, but for what the fault says. The canaries of
 * the laws are made of it.
 * @module
 */
import type { AlgKind } from '../../src/crypto/algorithm.ts';
import type { Errno } from '../../src/errno.ts';
import type {
  AeadSubject,
  AhashSubject,
  Buffers,
  MessageSubject,
  Prepared,
  SkcipherSubject,
  SubjectApi,
} from '../subjects/api.ts';

/** What a fault may look at, of the transform and of the running operation. */
export interface Call {
  readonly driver: string;
  /** Keys that were given to the transform before, good and bad. */
  readonly keys: readonly Uint8Array[];
  /** Operations of the transform before this one. */
  readonly results: readonly Errno[];
  readonly buffers: Buffers;
  readonly enc: boolean;
  readonly assoclen: number;
  readonly len: number;
  /** The IV of a cipher, the result of a hash. */
  readonly bytes: Uint8Array;
  /** Of the transform inside; 0 where there are no tags. */
  readonly setauthsize: (authsize: number) => Errno;
}

/** What is done instead; `next` is what would have been done. Absent: that. */
export interface Fault {
  readonly setkey?: (
    key: Uint8Array,
    keys: readonly Uint8Array[],
    next: (key: Uint8Array) => Errno,
  ) => Errno;
  readonly setauthsize?: (authsize: number, next: (authsize: number) => Errno) => Errno;
  /** Encryptions, decryptions, digests, and what ends a message. */
  readonly operate?: (call: Call, next: () => Errno) => Errno;
  /** One import of a state that was imported `times` times before. */
  readonly import?: (times: number, message: MessageSubject<Prepared>, next: () => Errno) => Errno;
  /** Update number `count` of a request. @returns true when the digest is to be spoiled. */
  readonly update?: (driver: string, count: number) => boolean;
}

export class FaultyApi<P extends Prepared> implements SubjectApi<P> {
  readonly name: string;
  readonly joined: boolean;
  private readonly api: SubjectApi<P>;
  private readonly fault: Fault;
  private readonly buffers = new WeakMap<P, Buffers>();

  constructor(api: SubjectApi<P>, fault: Fault) {
    this.name = api.name;
    this.joined = api.joined;
    this.api = api;
    this.fault = fault;
  }

  offers(driver: string, kind: AlgKind): boolean {
    return this.api.offers(driver, kind);
  }

  renew(): void {
    this.api.renew();
  }

  prepare(buffers: Buffers): P {
    const at = this.api.prepare(buffers);
    this.buffers.set(at, buffers);
    return at;
  }

  skcipher(driver: string): SkcipherSubject<P> | Errno {
    const tfm = this.api.skcipher(driver);
    if (typeof tfm === 'number') return tfm;
    const about = new About(this.fault, driver, tfm, (at: P) => this.buffersOf(at));
    return {
      ...about.keyed,
      async: tfm.async,
      request: () => tfm.request(),
      crypt: (enc, at, len, iv, submission) =>
        about.operate(at, { enc, len, bytes: iv }, () => tfm.crypt(enc, at, len, iv, submission)),
    };
  }

  aead(driver: string): AeadSubject<P> | Errno {
    const tfm = this.api.aead(driver);
    if (typeof tfm === 'number') return tfm;
    const about = new About(this.fault, driver, tfm, (at: P) => this.buffersOf(at));
    const setauthsize = (authsize: number): Errno => tfm.setauthsize(authsize);
    return {
      ...about.keyed,
      async: tfm.async,
      request: () => tfm.request(),
      setauthsize: (size) => this.fault.setauthsize?.(size, setauthsize) ?? setauthsize(size),
      crypt: (enc, at, assoclen, len, iv, submission) =>
        about.operate(at, { enc, assoclen, len, bytes: iv, setauthsize }, () =>
          tfm.crypt(enc, at, assoclen, len, iv, submission),
        ),
    };
  }

  ahash(driver: string): AhashSubject<P> | Errno {
    const tfm = this.api.ahash(driver);
    if (typeof tfm === 'number') return tfm;
    const about = new About(this.fault, driver, tfm, (at: P) => this.buffersOf(at));
    return {
      ...about.keyed,
      async: tfm.async,
      digestsize: tfm.digestsize,
      request: (submission) => this.message(driver, about, tfm.request(submission)),
    };
  }

  private readonly imports = new Map<unknown, number>();

  private message(driver: string, about: About<P>, inner: MessageSubject<P>): MessageSubject<P> {
    let spoilt = false;
    let count = 0;
    const ended = (result: Uint8Array, err: Errno): Errno => {
      if (spoilt && err === 0) result[0] ^= 1;
      return err;
    };
    return {
      rebind: (submission) => inner.rebind(submission),
      init: () => inner.init(),
      update: (at, skip, len) => {
        if (this.fault.update?.(driver, ++count) === true) spoilt = true;
        return inner.update(at, skip, len);
      },
      final: (result) => ended(result, inner.final(result)),
      finup: (at, skip, len, result) => ended(result, inner.finup(at, skip, len, result)),
      digest: (at, len, result) =>
        about.operate(at, { enc: true, len, bytes: result }, () => inner.digest(at, len, result)),
      export: () => inner.export(),
      import: (state) => {
        const times = this.imports.get(state) ?? 0;
        this.imports.set(state, times + 1);
        const next = (): Errno => inner.import(state);
        return this.fault.import?.(times, inner, next) ?? next();
      },
      free: () => inner.free(),
    };
  }

  private buffersOf(at: P): Buffers {
    const buffers = this.buffers.get(at);
    if (buffers === undefined) throw new Error('lists of another API');
    return buffers;
  }
}

/** What all transforms have. */
interface KeyedTfm {
  setkey(key: Uint8Array, forbidWeak: boolean): Errno;
  free(): void;
}

/** One transform: what was done with it, and what the fault makes of it. */
class About<P extends Prepared> {
  private readonly keys: Uint8Array[] = [];
  private readonly results: Errno[] = [];
  private readonly fault: Fault;
  private readonly driver: string;
  private readonly tfm: KeyedTfm;
  private readonly buffersOf: (at: P) => Buffers;

  constructor(fault: Fault, driver: string, tfm: KeyedTfm, buffersOf: (at: P) => Buffers) {
    this.fault = fault;
    this.driver = driver;
    this.tfm = tfm;
    this.buffersOf = buffersOf;
  }

  get keyed(): KeyedTfm {
    return {
      setkey: (key) => {
        const next = (inner: Uint8Array): Errno => this.tfm.setkey(inner, false);
        const err = this.fault.setkey?.(key, this.keys, next) ?? next(key);
        this.keys.push(key.slice());
        return err;
      },
      free: () => this.tfm.free(),
    };
  }

  operate(
    at: P,
    part: Pick<Call, 'enc' | 'len' | 'bytes'> & Partial<Call>,
    next: () => Errno,
  ): Errno {
    const { driver, keys, results } = this;
    const call = {
      driver,
      keys,
      results,
      buffers: this.buffersOf(at),
      assoclen: 0,
      setauthsize: () => 0,
      ...part,
    };
    const err = this.fault.operate?.(call, next) ?? next();
    results.push(err);
    return err;
  }
}
