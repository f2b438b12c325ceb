/**
 * The promise front door: bytes in, bytes out, errors as `CryptoError`.
 *
 * A caller of the core like any other: it places data in user memory of a machine of its own, which it
 * has pinned, submits bio_vecs, and gives the memory back after completion whatever the outcome.
 *
 * @kernel none: the kernel has no such layer; names are ordinary TypeScript.
 * @module
 */
/// <reference lib="esnext.disposable" preserve="true" />
import { CRYPTO_ALG_ASYNC, type CryptoAlg } from '../../src/crypto/algorithm.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { Machine } from '../../src/machine/machine.ts';
import { AddressSpace } from '../../src/machine/user.ts';
import {
  type AeadAlg,
  type CryptoAead,
  cryptoAeadMaxauthsize,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
  cryptoRegisterAead,
  isAead,
} from '../aead.ts';
import {
  type AhashAlg,
  type CryptoAhash,
  cryptoAhashSetkey,
  cryptoAllocAhash,
  cryptoFreeAhash,
  cryptoRegisterAhash,
  isAhash,
} from '../ahash.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { cryptoApiInit } from '../init.ts';
import {
  type CryptoSkcipher,
  cryptoAllocSkcipher,
  cryptoFreeSkcipher,
  cryptoRegisterSkcipher,
  cryptoSkcipherSetkey,
  isSkcipher,
  type SkcipherAlg,
} from '../skcipher.ts';
import { Aead } from './aead.ts';
import { CryptoError } from './errors.ts';
import { Executor } from './executor.ts';
import { Hash } from './hash.ts';
import {
  booleanOf,
  checkOptions,
  type KeyInput,
  keyOf,
  nameIn,
  wholeNumberOf,
  wrongType,
} from './input.ts';
import { type Kind, lookup } from './lookup.ts';
import type { AeadName, HashName, SkcipherName } from './names.ts';
import { PagePool } from './pool.ts';
import { Skcipher } from './skcipher.ts';
import type { Owner, Transform } from './transform.ts';

/**
 * How the machine behind the API is built.
 * @example
 * const sg = createCrypto({ memory: 2 ** 20, checks: true });
 * console.log(sg.api.machine.mem.frames);
 */
export interface CreateOptions {
  /**
   * Bytes of machine memory, a power of two from 256 KiB to 4 GiB. Three quarters of it hold the data of
   * all requests in flight, page by page; more requests wait for their turn. Default 64 MiB.
   */
  readonly memory?: number;
  /** Shadow memory, permissions and ledger on. Default false. */
  readonly checks?: boolean;
}

/**
 * The key of a cipher.
 * @example
 * const key = crypto.getRandomValues(new Uint8Array(32));
 * console.log(createCrypto().skcipher('ctr(aes)', { key }).driver);
 */
export interface KeyOptions {
  /** As long as the algorithm allows; it is copied. */
  readonly key: KeyInput;
}

/**
 * The key and tag length of an AEAD.
 * @example
 * const options = { key: new Uint8Array(16), authsize: 8 };
 * console.log(createCrypto().aead('gcm(aes)', options).tagLength);
 */
export interface AeadOptions extends KeyOptions {
  /** Bytes of the tag. Default the longest. */
  readonly authsize?: number;
  /** Overwrite unverified plaintext in the machine's memory. Default true; it is never returned. */
  readonly wipeOnBadTag?: boolean;
}

/**
 * The key of a MAC.
 * @example
 * const mac = createCrypto().hash('hmac(sha256)', { key: new Uint8Array(20) });
 * console.log(mac.digestLength);
 */
export interface HashOptions {
  /** Of any length that the algorithm allows; only for a MAC. It is copied. */
  readonly key?: KeyInput;
}

/**
 * An algorithm that is there, as `/proc/crypto` of a kernel shows it.
 * @example
 * const rows = createCrypto().algorithms().filter(({ name }) => name === 'ctr(aes)');
 * console.log(rows.map(({ driver, priority }) => `${driver}: ${priority}`).join(', '));
 */
export interface AlgorithmInfo {
  readonly kind: CryptoAlg['kind'];
  readonly name: string;
  readonly driver: string;
  readonly priority: number;
  readonly async: boolean;
}

const CREATE = ['memory', 'checks'];
const KEY = ['key'];
const AEAD_KEY = ['key', 'authsize', 'wipeOnBadTag'];

const SKCIPHER: Kind<CryptoSkcipher> = { alloc: cryptoAllocSkcipher, free: cryptoFreeSkcipher };
const AEAD: Kind<CryptoAead> = { alloc: cryptoAllocAead, free: cryptoFreeAead };
const AHASH: Kind<CryptoAhash> = { alloc: cryptoAllocAhash, free: cryptoFreeAhash };

/**
 * A machine with its crypto API. Transforms of one instance share its memory.
 * @example
 * import { createCrypto, SgCrypto } from 'sg2iter';
 * const sg = createCrypto();
 * console.log(sg instanceof SgCrypto, sg.executor.largest);
 * await sg.close();
 */
export class SgCrypto implements Owner {
  /** The core below: its machine and registry, for callers who go on with `sg2iter/core`. */
  readonly api: CryptoApi;
  readonly executor: Executor;
  readonly #pool: PagePool;
  readonly #transforms = new Set<Transform>();
  #closed = false;

  constructor(options: CreateOptions = {}) {
    checkOptions(options, 'createCrypto', CREATE);
    const { memory = 64 * 1024 * 1024 } = options;
    const checks = booleanOf(options.checks, 'checks', false);
    if (typeof memory !== 'number') throw wrongType('memory', 'a number', memory);
    if (!(memory >= 2 ** 18 && memory <= 2 ** 32 && Number.isInteger(Math.log2(memory)))) {
      throw new RangeError(
        `memory: a power of two from 256 KiB to 4 GiB expected, ${memory} given`,
      );
    }
    const machine = new Machine({ memory, checks, automatic: true, ordered: !checks });
    this.api = cryptoApiInit(machine);
    this.#pool = new PagePool(machine, new AddressSpace(machine), (machine.mem.frames / 4) * 3);
    this.executor = new Executor(this.#pool);
  }

  /**
   * @throws CryptoError ENOENT for an unknown name, EINVAL for a bad key.
   * @example
   * const xts = createCrypto().skcipher('xts(aes)', { key: new Uint8Array(32).map((_, k) => k) });
   * console.log(xts.ivsize, xts.blocksize);
   */
  skcipher(name: SkcipherName, options: KeyOptions): Skcipher {
    this.#open();
    checkOptions(options, `skcipher('${name}')`, KEY);
    const key = keyOf(options.key);
    const tfm = lookup(this.api, SKCIPHER, nameIn(name));
    const err = cryptoSkcipherSetkey(tfm, key);
    if (err === 0) return this.#kept(new Skcipher(tfm, this));
    const { minKeysize, maxKeysize } = tfm.alg;
    cryptoFreeSkcipher(tfm);
    throw new CryptoError(
      err,
      `key of ${name}: ${minKeysize} to ${maxKeysize} bytes, ${key.length} given`,
    );
  }

  /**
   * @throws CryptoError ENOENT for an unknown name, EINVAL for a bad key or tag length.
   * @example
   * const esp = createCrypto().aead('rfc4106(gcm(aes))', { key: new Uint8Array(20) });
   * console.log(esp.ivsize, esp.tagLength);
   */
  aead(name: AeadName, options: AeadOptions): Aead {
    this.#open();
    checkOptions(options, `aead('${name}')`, AEAD_KEY);
    const key = keyOf(options.key);
    const wipeOnBadTag = booleanOf(options.wipeOnBadTag, 'wipeOnBadTag', true);
    const tfm = lookup(this.api, AEAD, nameIn(name));
    tfm.wipeOnBadTag = wipeOnBadTag;
    try {
      refuse(cryptoAeadSetkey(tfm, key), `key of ${name}, ${key.length} bytes`);
      if (options.authsize !== undefined) {
        const most = cryptoAeadMaxauthsize(tfm);
        const authsize = wholeNumberOf(options.authsize, 'authsize', 0, most);
        refuse(cryptoAeadSetauthsize(tfm, authsize), `authsize ${authsize} of ${name}`);
      }
      return this.#kept(new Aead(tfm, this));
    } catch (error) {
      cryptoFreeAead(tfm);
      throw error;
    }
  }

  /**
   * @throws CryptoError ENOENT for an unknown name, ENOSYS for a key where none is taken.
   * @example
   * console.log(createCrypto().hash('sha3-256').digestLength);
   */
  hash(name: HashName, options: HashOptions = {}): Hash {
    this.#open();
    checkOptions(options, `hash('${name}')`, KEY);
    const key = options.key === undefined ? null : keyOf(options.key);
    const tfm = lookup(this.api, AHASH, nameIn(name));
    const err = key === null ? 0 : cryptoAhashSetkey(tfm, key);
    if (err === 0) return this.#kept(new Hash(tfm, this));
    cryptoFreeAhash(tfm);
    throw new CryptoError(err, `key of ${name}, ${key?.length} bytes`);
  }

  /**
   * Drivers and instances that are there now; a template that was never asked for makes no row yet.
   * @example
   * console.log(createCrypto().algorithms().length > 100);
   */
  algorithms(): AlgorithmInfo[] {
    return this.api.registry.list().map((alg) => ({
      kind: alg.kind,
      name: alg.name,
      driver: alg.driverName,
      priority: alg.priority,
      async: (alg.flags & CRYPTO_ALG_ASYNC) !== 0,
    }));
  }

  /**
   * Registers a driver of your own, on the terms of the core; templates find it by its name.
   * @throws CryptoError EEXIST, EINVAL for a malformed description.
   * @example
   * const sg = createCrypto();
   * const ctr = sg.api.registry.list().find((alg) => alg.driverName === 'ctr-aes-accel');
   * sg.register({ ...ctr, name: 'mine', driverName: 'mine-accel', priority: 500 });
   * console.log(sg.skcipher('mine', { key: new Uint8Array(16) }).driver);
   */
  register(alg: SkcipherAlg | AeadAlg | AhashAlg): void {
    this.#open();
    if (typeof alg !== 'object' || alg === null) throw wrongType('driver', 'a description', alg);
    refuse(this.#register(alg), `driver ${alg.driverName}`);
  }

  /**
   * Closes every transform, waits for what was accepted, and gives the memory back, zeroed. May be
   * called again.
   * @example
   * const sg = createCrypto();
   * const digest = sg.hash('sha256').digest(new Uint8Array(3));
   * await sg.close();
   * console.log((await digest).length);
   */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#transforms].map((transform) => transform.close()));
    await this.executor.idle();
    this.#pool.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** As `close`, for `using`: what is in flight ends first. */
  [Symbol.dispose](): void {
    void this.close();
  }

  forget(transform: Transform): void {
    this.#transforms.delete(transform);
    this.api.engines?.wipe();
  }

  #kept<T extends Transform>(transform: T): T {
    this.#transforms.add(transform);
    return transform;
  }

  #open(): void {
    if (this.#closed) throw new TypeError('operation on a closed instance');
  }

  #register(alg: SkcipherAlg | AeadAlg | AhashAlg): Errno {
    if (isSkcipher(alg)) return cryptoRegisterSkcipher(this.api, alg);
    if (isAead(alg)) return cryptoRegisterAead(this.api, alg);
    return isAhash(alg) ? cryptoRegisterAhash(this.api, alg) : -EINVAL;
  }
}

/**
 * A crypto API on a machine of its own.
 * @example
 * import { createCrypto } from 'sg2iter';
 * const sg = createCrypto();
 * const digest = await sg.hash('sha256').digest(new TextEncoder().encode('abc'));
 * console.log(Buffer.from(digest).toString('hex'));
 * await sg.close();
 */
export function createCrypto(options: CreateOptions = {}): SgCrypto {
  return new SgCrypto(options);
}

function refuse(err: Errno, what: string): void {
  if (err !== 0) throw new CryptoError(err, what);
}
