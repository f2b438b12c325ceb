/**
 * The scatterlist API as the harness calls it.
 * @module
 */
import {
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  aeadRequestSetTfm,
  type CryptoAead,
  cryptoAeadAuthsize,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
} from '../../legacy/aead.ts';
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
} from '../../legacy/ahash.ts';
import type { CryptoApi } from '../../legacy/crypto-api.ts';
import { cryptoApiInit } from '../../legacy/init.ts';
import {
  type CryptoSkcipher,
  cryptoAllocSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from '../../legacy/skcipher.ts';
import { type AlgKind, CRYPTO_TFM_REQ_FORBID_WEAK_KEYS } from '../../src/crypto/algorithm.ts';
import type { Errno } from '../../src/errno.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { type Case, isTagCut } from '../case/case.ts';
import {
  type AeadSubject,
  type AhashSubject,
  type Buffers,
  cryptOnce,
  type DataApi,
  type DataKind,
  type DataSubject,
  type MessageSubject,
  type RequestSubject,
  type SkcipherSubject,
} from './api.ts';
import { legacyData } from './legacy-data.ts';
import { Lists } from './lists.ts';
import { granted, hasDriver, isAsync, type Submission } from './submit.ts';

/** Why a case is not for drivers of 6.1. */
export const SLEEPS = 'its driver of 6.1 may sleep, whatever the flags of a request say';
/** Algorithms whose drivers take memory so. C: crypto/rsa-pkcs1pad.c, ecdsa.c, sm2.c: GFP_KERNEL (6.1) */
const SLEEPERS = /^(?:pkcs1pad\(|ecdsa-|sm2$)/;

/** True for a request that must not sleep, to a driver of 6.1 that does. */
export function sleepsAnyway({ alg, context }: Case): boolean {
  return context.atomic && SLEEPERS.test(alg);
}

export class LegacyApi implements DataApi<Lists> {
  readonly name: string;
  readonly joined = true;
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
    name: string = 'legacy',
    make: () => CryptoApi = () => cryptoApiInit(machine, { zeroLength: 'fixed', accel }),
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

  declines(c: Case): string | null {
    if (sleepsAnyway(c)) return SLEEPS;
    if (c.invalid !== undefined) return 'a scatterlist has no direction, and nobody compares two';
    return c.short === undefined || isTagCut(c)
      ? null
      : 'a scatterlist has no length to be short of';
  }

  offers(driver: string, kind: AlgKind): boolean {
    return hasDriver(this.api.registry, driver, kind);
  }

  prepare(buffers: Buffers): Lists {
    return new Lists(buffers);
  }

  skcipher(driver: string): SkcipherSubject<Lists> | Errno {
    const tfm = cryptoAllocSkcipher(this.api, driver, 0, 0);
    return typeof tfm === 'number' ? tfm : new LegacySkcipher(tfm);
  }

  aead(driver: string): AeadSubject<Lists> | Errno {
    const tfm = cryptoAllocAead(this.api, driver, 0, 0);
    return typeof tfm === 'number' ? tfm : new LegacyAead(tfm);
  }

  ahash(driver: string): AhashSubject<Lists> | Errno {
    const tfm = cryptoAllocAhash(this.api, driver, 0, 0);
    return typeof tfm === 'number' ? tfm : new LegacyAhash(tfm);
  }

  data(driver: string, kind: DataKind): DataSubject<Lists> | Errno {
    return legacyData(this.api, driver, kind);
  }
}

class LegacySkcipher implements SkcipherSubject<Lists> {
  readonly async: boolean;
  private readonly tfm: CryptoSkcipher;

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

  request(): RequestSubject<Lists> {
    const req = granted(skcipherRequestAlloc(this.tfm));
    return {
      fill: ({ at, len, iv }) => skcipherRequestSetCrypt(req, at.src, at.dst, len, iv),
      submit: ({ enc, at, len, iv }, submission) => {
        skcipherRequestSetCallback(req, submission.flags, submission.complete, submission);
        skcipherRequestSetCrypt(req, at.src, at.dst, len, iv);
        return submission.run(() =>
          enc ? cryptoSkcipherEncrypt(req) : cryptoSkcipherDecrypt(req),
        );
      },
      free: () => skcipherRequestFree(req),
    };
  }

  crypt(enc: boolean, at: Lists, len: number, iv: Uint8Array, submission: Submission): Errno {
    return cryptOnce(this.request(), { enc, at, assoclen: 0, len, iv }, submission);
  }
}

class LegacyAead implements AeadSubject<Lists> {
  readonly async: boolean;
  private readonly tfm: CryptoAead;

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

  request(): RequestSubject<Lists> {
    const req = granted(aeadRequestAlloc(this.tfm));
    return {
      fill: ({ at, len, iv }) => aeadRequestSetCrypt(req, at.src, at.dst, len, iv),
      submit: ({ enc, at, assoclen, len, iv }, submission) => {
        const tag = enc ? 0 : cryptoAeadAuthsize(this.tfm);
        // cryptd of 6.1 leaves the request to its child.
        aeadRequestSetTfm(req, this.tfm);
        aeadRequestSetCallback(req, submission.flags, submission.complete, submission);
        aeadRequestSetCrypt(req, at.src, at.dst, len + tag, iv);
        aeadRequestSetAd(req, assoclen);
        return submission.run(() => (enc ? cryptoAeadEncrypt(req) : cryptoAeadDecrypt(req)));
      },
      free: () => aeadRequestFree(req),
    };
  }

  crypt(
    enc: boolean,
    at: Lists,
    assoclen: number,
    len: number,
    iv: Uint8Array,
    submission: Submission,
  ): Errno {
    return cryptOnce(this.request(), { enc, at, assoclen, len, iv }, submission);
  }
}

class LegacyAhash implements AhashSubject<Lists> {
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

  request(submission: Submission): MessageSubject<Lists> {
    const req = granted(ahashRequestAlloc(this.tfm));
    ahashRequestSetCallback(req, submission.flags, submission.complete, submission);
    return new LegacyMessage(req, submission);
  }
}

class LegacyMessage implements MessageSubject<Lists> {
  private readonly req: AhashRequest;
  private submission: Submission;

  constructor(req: AhashRequest, submission: Submission) {
    this.req = req;
    this.submission = submission;
  }

  rebind(submission: Submission): void {
    this.submission = submission;
    ahashRequestSetCallback(this.req, submission.flags, submission.complete, submission);
  }

  fill({ src }: Lists, len: number): void {
    ahashRequestSetCrypt(this.req, src, null, len);
  }

  init(): Errno {
    return this.submission.run(() => cryptoAhashInit(this.req));
  }

  update(at: Lists, skip: number, len: number): Errno {
    ahashRequestSetCrypt(this.req, at.part(skip, len), null, len);
    return this.submission.run(() => cryptoAhashUpdate(this.req));
  }

  final(result: Uint8Array): Errno {
    ahashRequestSetCrypt(this.req, null, result, 0);
    return this.submission.run(() => cryptoAhashFinal(this.req));
  }

  finup(at: Lists, skip: number, len: number, result: Uint8Array): Errno {
    ahashRequestSetCrypt(this.req, at.part(skip, len), result, len);
    return this.submission.run(() => cryptoAhashFinup(this.req));
  }

  digest({ src }: Lists, len: number, result: Uint8Array): Errno {
    ahashRequestSetCrypt(this.req, src, result, len);
    return this.submission.run(() => cryptoAhashDigest(this.req));
  }

  export(): { readonly err: Errno; readonly state: Uint8Array } {
    const state = new Uint8Array(cryptoAhashStatesize(this.req.tfm));
    return { err: this.submission.run(() => cryptoAhashExport(this.req, state)), state };
  }

  import(state: Uint8Array): Errno {
    return this.submission.run(() => cryptoAhashImport(this.req, state));
  }

  free(): void {
    ahashRequestFree(this.req);
  }
}
