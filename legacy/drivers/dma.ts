/**
 * The algorithms of crypto engines that do DMA, each with a software driver for what its device cannot take.
 * C: drivers/crypto/stm32/stm32-cryp.c, stm32-hash.c (6.1), the shape
 * @module
 */

import { assert } from '../../src/assert.ts';
import { CRYPTO_ALG_ASYNC, CRYPTO_ALG_NEED_FALLBACK } from '../../src/crypto/algorithm.ts';
import { AES_BLOCK_SIZE } from '../../src/crypto/catalogue.ts';
import { ENGINES, engineAead, engineHash, engineSkciphers } from '../../src/crypto/dma-engines.ts';
import { cryptoGcmCheckAuthsize } from '../../src/crypto/gcm.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { ENOMEM, type Errno } from '../../src/errno.ts';
import { GFP_ATOMIC } from '../../src/machine/context.ts';
import { CryptoEngineDevice, type EngineMode } from '../../src/machine/dma/engine.ts';
import { nobleProvider } from '../../src/provider/noble/noble.ts';
import { opensslProvider } from '../../src/provider/openssl/openssl.ts';
import {
  type AeadAlg,
  type AeadRequest,
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  type CryptoAead,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
  cryptoRegisterAead,
} from '../aead.ts';
import type { AhashAlg, AhashRequest } from '../ahash.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { tagWrite } from '../parts.ts';
import { cryptoInitShashOpsAsync, type ShashCtx } from '../shash.ts';
import {
  type CryptoSkcipher,
  cryptoAllocSkcipher,
  cryptoFreeSkcipher,
  cryptoRegisterSkcipher,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  type SkcipherAlg,
  type SkcipherRequest,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from '../skcipher.ts';
import { DmaDriver, type Work } from './dma-driver.ts';

/** Software that is synchronous, and needs none itself. */
const FALLBACK_MASK = CRYPTO_ALG_ASYNC | CRYPTO_ALG_NEED_FALLBACK;
const NO_KEY = new Uint8Array(0);
const NO_IV = new Uint8Array(AES_BLOCK_SIZE);

/** Registers the drivers of every engine, each with a device of its own. @kernel none: the probe functions */
export function registerDma(api: CryptoApi): void {
  for (const temper of ENGINES) {
    const driver = new DmaDriver(new CryptoEngineDevice(api.machine, temper, opensslProvider));
    registerSkciphers(api, driver, temper.name);
    registerGcm(api, driver, temper.name);
    registerSha256(api, driver, temper.name);
  }
}

/** What a transform of a cipher keeps. */
interface DmaCtx<F> {
  key: Uint8Array;
  readonly fallback: F;
}

function registerSkciphers(api: CryptoApi, driver: DmaDriver, engine: string): void {
  for (const { mode, ...row } of engineSkciphers(engine)) {
    const crypt = (req: SkcipherRequest<DmaCtx<CryptoSkcipher>>, enc: boolean): Errno => {
      const software = (): Errno => skcipherFallback(req, enc);
      return driver.submit(req, skcipherWork(req, mode, enc, software), software);
    };
    const alg: SkcipherAlg<DmaCtx<CryptoSkcipher>> = {
      ...row,
      kind: 'skcipher',
      init: () => {
        const fallback = cryptoAllocSkcipher(api, row.name, 0, FALLBACK_MASK);
        return typeof fallback === 'number' ? fallback : { key: NO_KEY, fallback };
      },
      exit: ({ fallback }) => cryptoFreeSkcipher(fallback),
      setkey: ({ ctx }, key) => {
        ctx.key = key.slice();
        return cryptoSkcipherSetkey(ctx.fallback, key);
      },
      encrypt: (req) => crypt(req, /* enc */ true),
      decrypt: (req) => crypt(req, /* enc */ false),
    };
    cryptoRegisterSkcipher(api, alg);
  }
}

function skcipherWork(
  req: SkcipherRequest<DmaCtx<CryptoSkcipher>>,
  mode: EngineMode,
  enc: boolean,
  software: () => Errno,
): Work | null {
  const { src, dst, cryptlen: len, tfm } = req;
  const whole = mode === 'ctr' || len % AES_BLOCK_SIZE === 0;
  if (src === null || dst === null || len === 0 || !whole) return null;
  const finish = (_err: Errno, chained: Uint8Array): Errno => {
    ivBytes(req, AES_BLOCK_SIZE).set(chained);
    return 0;
  };
  const about = { mode, enc, key: tfm.ctx.key, iv: () => ivBytes(req, AES_BLOCK_SIZE) };
  return { ...about, authsize: 0, src, dst, adlen: 0, len, finish, software };
}

function skcipherFallback(req: SkcipherRequest<DmaCtx<CryptoSkcipher>>, enc: boolean): Errno {
  const sub = skcipherRequestAlloc(req.tfm.ctx.fallback, GFP_ATOMIC);
  if (sub === null) return -ENOMEM;
  skcipherRequestSetCallback(sub, req.flags, null, null);
  skcipherRequestSetCrypt(sub, req.src, req.dst, req.cryptlen, req.iv);
  const err = enc ? cryptoSkcipherEncrypt(sub) : cryptoSkcipherDecrypt(sub);
  skcipherRequestFree(sub);
  return err;
}

function registerGcm(api: CryptoApi, driver: DmaDriver, engine: string): void {
  const { mode, ...row } = engineAead(engine);
  const crypt = (req: AeadRequest<DmaCtx<CryptoAead>>, enc: boolean): Errno => {
    const software = (): Errno => aeadFallback(req, enc);
    return driver.submit(req, aeadWork(req, mode, enc, software), software);
  };
  const alg: AeadAlg<DmaCtx<CryptoAead>> = {
    ...row,
    kind: 'aead',
    init: () => {
      const fallback = cryptoAllocAead(api, row.name, 0, FALLBACK_MASK);
      return typeof fallback === 'number' ? fallback : { key: NO_KEY, fallback };
    },
    exit: ({ fallback }) => cryptoFreeAead(fallback),
    setkey: ({ ctx }, key) => {
      ctx.key = key.slice();
      return cryptoAeadSetkey(ctx.fallback, key);
    },
    setauthsize: ({ ctx }, authsize) =>
      cryptoGcmCheckAuthsize(authsize) || cryptoAeadSetauthsize(ctx.fallback, authsize),
    encrypt: (req) => crypt(req, /* enc */ true),
    decrypt: (req) => crypt(req, /* enc */ false),
  };
  cryptoRegisterAead(api, alg);
}

function aeadWork(
  req: AeadRequest<DmaCtx<CryptoAead>>,
  mode: EngineMode,
  enc: boolean,
  software: () => Errno,
): Work | null {
  const { src, dst, assoclen: adlen, tfm } = req;
  const { authsize, alg, ctx } = tfm;
  const len = req.cryptlen - (enc ? 0 : authsize);
  if (src === null || dst === null || adlen + len === 0) return null;
  const finish = (err: Errno, _iv: Uint8Array, result: Uint8Array): Errno =>
    err !== 0 || !enc ? err : tagWrite(req, result, adlen + len);
  const about = { mode, enc, key: ctx.key, iv: () => ivBytes(req, alg.ivsize) };
  return { ...about, authsize, src, dst, adlen, len, finish, software };
}

function aeadFallback(req: AeadRequest<DmaCtx<CryptoAead>>, enc: boolean): Errno {
  const sub = aeadRequestAlloc(req.tfm.ctx.fallback, GFP_ATOMIC);
  if (sub === null) return -ENOMEM;
  aeadRequestSetCallback(sub, req.flags, null, null);
  aeadRequestSetCrypt(sub, req.src, req.dst, req.cryptlen, req.iv);
  aeadRequestSetAd(sub, req.assoclen);
  const err = enc ? cryptoAeadEncrypt(sub) : cryptoAeadDecrypt(sub);
  aeadRequestFree(sub);
  return err;
}

/** The device hashes whole messages; what comes in parts is hashed by software. */
function registerSha256(api: CryptoApi, driver: DmaDriver, engine: string): void {
  const { mode, ...row } = engineHash(engine);
  const software = cryptoInitShashOpsAsync(row, () => () => nobleProvider.sha256());
  const alg: AhashAlg<ShashCtx> = {
    ...software,
    shash: null,
    digest: (req) => {
      const alone = (): Errno => software.digest(req);
      return driver.submit(req, hashWork(req, mode, alone), alone);
    },
  };
  assert(api.registry.register(alg) === 0, 'driver registration');
}

function hashWork(req: AhashRequest, mode: EngineMode, software: () => Errno): Work | null {
  const { src, nbytes: len, result } = req;
  if (src === null || len === 0) return null;
  const finish = (_err: Errno, _iv: Uint8Array, digest: Uint8Array): Errno => {
    result.set(digest);
    return 0;
  };
  const about = { mode, enc: true, key: NO_KEY, iv: () => NO_IV, authsize: 0 };
  return { ...about, src, dst: null, adlen: 0, len, finish, software };
}
