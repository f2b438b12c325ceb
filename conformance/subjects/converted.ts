/**
 * The iov_iter API as the harness calls it.
 * @module
 */
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
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
} from '../../converted/aead.ts';
import {
  type AhashRequest,
  ahashRequestAlloc,
  ahashRequestFree,
  ahashRequestSetCallback,
  ahashRequestSetCrypt,
  type CryptoAhash,
  cryptoAhashDigest,
  cryptoAhashDigestsize,
  cryptoAhashExport,
  cryptoAhashFinal,
  cryptoAhashFinup,
  cryptoAhashImport,
  cryptoAhashInit,
  cryptoAhashSetkey,
  cryptoAhashStatesize,
  cryptoAhashUpdate,
  cryptoAllocAhash,
  cryptoFreeAhash,
} from '../../converted/ahash.ts';
import {
  cryptoAeadDecryptBatch,
  cryptoAeadEncryptBatch,
  cryptoSkcipherDecryptBatch,
  cryptoSkcipherEncryptBatch,
} from '../../converted/batch.ts';
import type { CryptoApi } from '../../converted/crypto-api.ts';
import { cryptoApiInit } from '../../converted/init.ts';
import { type IovIter, ITER_SOURCE, iovIterKvec } from '../../converted/iter/iov-iter.ts';
import {
  type CryptoSkcipher,
  cryptoAllocSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  type SkcipherRequest,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from '../../converted/skcipher.ts';
import { KernelBug } from '../../src/assert.ts';
import { type AlgKind, CRYPTO_TFM_REQ_FORBID_WEAK_KEYS } from '../../src/crypto/algorithm.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { must } from '../../src/machine/access.ts';
import type { Machine } from '../../src/machine/machine.ts';
import {
  type AeadSubject,
  type AhashSubject,
  type BatchItem,
  type Buffers,
  type CryptMessage,
  cryptOnce,
  type DataApi,
  type DataKind,
  type DataSubject,
  type MessageSubject,
  type RequestSubject,
  type SkcipherSubject,
} from './api.ts';
import { convertedData } from './converted-data.ts';
import { behind, Iterators } from './iterators.ts';
import { granted, hasDriver, isAsync, Submission } from './submit.ts';

export class ConvertedApi implements DataApi<Iterators> {
  readonly name: string;
  readonly joined = false;
  private readonly make: () => CryptoApi;
  /** Null until it is asked for: a stage of a conversion is built from two APIs, and runs few cases. */
  private made: CryptoApi | null = null;

  /**
   * Without `accel` every name resolves to the generic drivers.
   * @param make builds the API, also after a trap; it may reach drivers of the other one
   */
  constructor(
    machine: Machine,
    accel: boolean = true,
    name: string = 'converted',
    make: () => CryptoApi = () => cryptoApiInit(machine, { accel }),
  ) {
    this.name = name;
    this.make = make;
  }

  private get api(): CryptoApi {
    this.made ??= this.make();
    return this.made;
  }

  renew(): void {
    this.made = this.make();
  }

  offers(driver: string, kind: AlgKind): boolean {
    return hasDriver(this.api.registry, driver, kind);
  }

  prepare(buffers: Buffers): Iterators {
    return new Iterators(buffers);
  }

  skcipher(driver: string): SkcipherSubject<Iterators> | Errno {
    const tfm = cryptoAllocSkcipher(this.api, driver, 0, 0);
    return typeof tfm === 'number' ? tfm : new ConvertedSkcipher(tfm);
  }

  aead(driver: string): AeadSubject<Iterators> | Errno {
    const tfm = cryptoAllocAead(this.api, driver, 0, 0);
    return typeof tfm === 'number' ? tfm : new ConvertedAead(tfm);
  }

  ahash(driver: string): AhashSubject<Iterators> | Errno {
    const tfm = cryptoAllocAhash(this.api, driver, 0, 0);
    return typeof tfm === 'number' ? tfm : new ConvertedAhash(tfm);
  }

  data(driver: string, kind: DataKind): DataSubject<Iterators> | Errno {
    return convertedData(this.api, driver, kind);
  }
}

class ConvertedSkcipher implements SkcipherSubject<Iterators> {
  readonly async: boolean;
  private readonly tfm: CryptoSkcipher;
  /** What a batch is made of. */
  private readonly made = new WeakMap<RequestSubject<Iterators>, SkcipherRequest>();

  constructor(tfm: CryptoSkcipher) {
    this.async = isAsync(tfm.alg);
    this.tfm = tfm;
  }

  setkey(key: Uint8Array, forbidWeak: boolean): Errno {
    if (forbidWeak) this.tfm.flags |= CRYPTO_TFM_REQ_FORBID_WEAK_KEYS;
    return cryptoSkcipherSetkey(this.tfm, key);
  }

  free(): void {
    cryptoFreeSkcipher(this.tfm);
  }

  request(): RequestSubject<Iterators> {
    const req = granted(skcipherRequestAlloc(this.tfm));
    const request: RequestSubject<Iterators> = {
      fill: ({ at, len, iv }) => skcipherRequestSetCrypt(req, at.src, at.dst, len, iv),
      submit: ({ enc, at, len, iv }, submission) => {
        skcipherRequestSetCallback(req, submission.flags, submission.complete, submission);
        const dst = at.isReversed ? asTarget(at) : at.dst;
        if (!isTaken(() => skcipherRequestSetCrypt(req, at.src, dst, len, iv))) {
          submission.ret = -EINVAL;
          return -EINVAL;
        }
        return submission.run(() =>
          enc ? cryptoSkcipherEncrypt(req) : cryptoSkcipherDecrypt(req),
        );
      },
      free: () => skcipherRequestFree(req),
    };
    this.made.set(request, req);
    return request;
  }

  batch(items: readonly BatchItem<Iterators>[]): void {
    const run = items[0].message.enc ? cryptoSkcipherEncryptBatch : cryptoSkcipherDecryptBatch;
    const set = (req: SkcipherRequest, { message, submission }: BatchItem<Iterators>): void => {
      const { at, len, iv } = message;
      skcipherRequestSetCallback(req, submission.flags, submission.complete, submission);
      skcipherRequestSetCrypt(req, at.src, at.dst, len, iv);
    };
    submitBatch(items, this.made, set, run);
  }

  crypt(enc: boolean, at: Iterators, len: number, iv: Uint8Array, submission: Submission): Errno {
    return cryptOnce(this.request(), { enc, at, assoclen: 0, len, iv }, submission);
  }
}

/** Fills requests in, and submits them in one call. */
function submitBatch<R extends { readonly op: { readonly answer: Errno } }>(
  items: readonly BatchItem<Iterators>[],
  made: WeakMap<RequestSubject<Iterators>, R>,
  set: (req: R, item: BatchItem<Iterators>) => void,
  run: (reqs: R[], count: number) => void,
): void {
  const reqs = items.map((item) => {
    const req = must(made.get(item.request) ?? null);
    set(req, item);
    return req;
  });
  Submission.together(
    items.map(({ submission }) => submission),
    () => {
      run(reqs, reqs.length);
      return reqs.map(({ op }) => op.answer);
    },
  );
}

/** The source as a destination, which no type lets through. */
function asTarget({ src }: Iterators): IovIter<'dest'> {
  return src as IovIter as IovIter<'dest'>;
}

/** False where the door names the direction, which is a refusal: nothing has begun. */
function isTaken(set: () => void): boolean {
  try {
    set();
    return true;
  } catch (error) {
    if (error instanceof KernelBug && error.message.includes('iterator direction')) return false;
    throw error;
  }
}

class ConvertedAead implements AeadSubject<Iterators> {
  readonly async: boolean;
  private readonly tfm: CryptoAead;
  private readonly made = new WeakMap<RequestSubject<Iterators>, AeadRequest>();

  constructor(tfm: CryptoAead) {
    this.async = isAsync(tfm.alg);
    this.tfm = tfm;
  }

  setkey(key: Uint8Array, forbidWeak: boolean): Errno {
    if (forbidWeak) this.tfm.flags |= CRYPTO_TFM_REQ_FORBID_WEAK_KEYS;
    return cryptoAeadSetkey(this.tfm, key);
  }

  setauthsize(authsize: number): Errno {
    return cryptoAeadSetauthsize(this.tfm, authsize);
  }

  free(): void {
    cryptoFreeAead(this.tfm);
  }

  request(): RequestSubject<Iterators> {
    const req = granted(aeadRequestAlloc(this.tfm));
    const request: RequestSubject<Iterators> = {
      fill: ({ at: { src, dst }, assoclen, len, iv }) =>
        aeadRequestSetCrypt(req, behind(src, assoclen), behind(dst, assoclen), len, iv),
      submit: (message, submission) => {
        setAead(req, message, submission);
        return submission.run(() =>
          message.enc ? cryptoAeadEncrypt(req) : cryptoAeadDecrypt(req),
        );
      },
      free: () => aeadRequestFree(req),
    };
    this.made.set(request, req);
    return request;
  }

  batch(items: readonly BatchItem<Iterators>[]): void {
    const run = items[0].message.enc ? cryptoAeadEncryptBatch : cryptoAeadDecryptBatch;
    const set = (req: AeadRequest, { message, submission }: BatchItem<Iterators>): void =>
      setAead(req, message, submission);
    submitBatch(items, this.made, set, run);
  }

  crypt(
    enc: boolean,
    at: Iterators,
    assoclen: number,
    len: number,
    iv: Uint8Array,
    submission: Submission,
  ): Errno {
    return cryptOnce(this.request(), { enc, at, assoclen, len, iv }, submission);
  }
}

function setAead(
  req: AeadRequest,
  { enc, at: { src, dst, isReversed }, assoclen, len, iv }: CryptMessage<Iterators>,
  submission: Submission,
): void {
  const tag = assoclen + len;
  aeadRequestSetCallback(req, submission.flags, submission.complete, submission);
  aeadRequestSetAd(req, src, assoclen);
  aeadRequestSetCrypt(req, behind(src, assoclen), behind(dst, assoclen), len, iv);
  if (isReversed) aeadRequestSetTag(req, enc ? src : dst);
  else aeadRequestSetTag(req, enc ? behind(dst, tag) : behind(src, tag));
}

class ConvertedAhash implements AhashSubject<Iterators> {
  readonly async: boolean;
  private readonly tfm: CryptoAhash;

  constructor(tfm: CryptoAhash) {
    this.async = isAsync(tfm.alg);
    this.tfm = tfm;
  }

  get digestsize(): number {
    return cryptoAhashDigestsize(this.tfm);
  }

  setkey(key: Uint8Array): Errno {
    return cryptoAhashSetkey(this.tfm, key);
  }

  free(): void {
    cryptoFreeAhash(this.tfm);
  }

  request(submission: Submission): MessageSubject<Iterators> {
    const req = granted(ahashRequestAlloc(this.tfm));
    ahashRequestSetCallback(req, submission.flags, submission.complete, submission);
    return new ConvertedMessage(this.tfm, req, submission);
  }
}

class ConvertedMessage implements MessageSubject<Iterators> {
  private readonly tfm: CryptoAhash;
  private readonly req: AhashRequest;
  private submission: Submission;
  private readonly nothing: IovIter<'source'>;

  constructor(tfm: CryptoAhash, req: AhashRequest, submission: Submission) {
    this.tfm = tfm;
    this.req = req;
    this.submission = submission;
    this.nothing = iovIterKvec(tfm.api.machine, ITER_SOURCE, [], 0, 0);
  }

  rebind(submission: Submission): void {
    this.submission = submission;
    ahashRequestSetCallback(this.req, submission.flags, submission.complete, submission);
  }

  fill({ src }: Iterators, len: number): void {
    ahashRequestSetCrypt(this.req, src, null, len);
  }

  init(): Errno {
    return this.submission.run(() => cryptoAhashInit(this.req));
  }

  update({ src }: Iterators, skip: number, len: number): Errno {
    ahashRequestSetCrypt(this.req, behind(src, skip), null, len);
    return this.submission.run(() => cryptoAhashUpdate(this.req));
  }

  final(result: Uint8Array): Errno {
    ahashRequestSetCrypt(this.req, this.nothing, result, 0);
    return this.submission.run(() => cryptoAhashFinal(this.req));
  }

  finup({ src }: Iterators, skip: number, len: number, result: Uint8Array): Errno {
    ahashRequestSetCrypt(this.req, behind(src, skip), result, len);
    return this.submission.run(() => cryptoAhashFinup(this.req));
  }

  digest({ src }: Iterators, len: number, result: Uint8Array): Errno {
    ahashRequestSetCrypt(this.req, src, result, len);
    return this.submission.run(() => cryptoAhashDigest(this.req));
  }

  export(): { readonly err: Errno; readonly state: Uint8Array } {
    const state = new Uint8Array(cryptoAhashStatesize(this.tfm));
    return { err: this.submission.run(() => cryptoAhashExport(this.req, state)), state };
  }

  import(state: Uint8Array): Errno {
    return this.submission.run(() => cryptoAhashImport(this.req, state));
  }

  free(): void {
    ahashRequestFree(this.req);
  }
}
