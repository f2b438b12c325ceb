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
  AeadOp,
  aeadRun,
  type CryptoAead,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
  cryptoRegisterAead,
} from '../aead.ts';
import type { AhashOp } from '../ahash.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { opFree, opMemoryAlloc } from '../op.ts';
import { tagWrite } from '../parts.ts';
import { shashAlg } from '../shash.ts';
import {
  type CryptoSkcipher,
  cryptoAllocSkcipher,
  cryptoFreeSkcipher,
  cryptoRegisterSkcipher,
  cryptoSkcipherSetkey,
  type SkcipherAlg,
  SkcipherOp,
  skcipherRun,
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

type CipherOp = SkcipherOp<DmaCtx<CryptoSkcipher>>;
type AuthOp = AeadOp<DmaCtx<CryptoAead>>;

function registerSkciphers(api: CryptoApi, driver: DmaDriver, engine: string): void {
  for (const { mode, ...row } of engineSkciphers(engine)) {
    const crypt = (op: CipherOp): Errno => {
      const software = (): Errno => skcipherFallback(op);
      return driver.submit(op, skcipherWork(op, mode, software), software);
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
      encrypt: crypt,
      decrypt: crypt,
    };
    assert(cryptoRegisterSkcipher(api, alg) === 0, 'driver registration');
  }
}

function skcipherWork(op: CipherOp, mode: EngineMode, software: () => Errno): Work | null {
  const { src, dst, len, tfm, enc } = op;
  const whole = mode === 'ctr' || len % AES_BLOCK_SIZE === 0;
  if (len === 0 || !whole) return null;
  const finish = (_err: Errno, chained: Uint8Array): Errno => {
    ivBytes(op, AES_BLOCK_SIZE).set(chained);
    return 0;
  };
  const about = { mode, enc, key: tfm.ctx.key, iv: () => ivBytes(op, AES_BLOCK_SIZE) };
  return { ...about, authsize: 0, ad: null, src, dst, tag: null, len, finish, software };
}

function skcipherFallback(op: CipherOp): Errno {
  const { fallback } = op.tfm.ctx;
  const memory = opMemoryAlloc(fallback, GFP_ATOMIC);
  if (memory === null) return -ENOMEM;
  const sub = new SkcipherOp(fallback, memory.at);
  sub.flags = op.flags;
  sub.src = op.src;
  sub.dst = op.dst;
  sub.len = op.len;
  sub.iv = op.iv;
  sub.enc = op.enc;
  const err = skcipherRun(sub);
  opFree(sub, memory);
  return err;
}

function registerGcm(api: CryptoApi, driver: DmaDriver, engine: string): void {
  const { mode, ...row } = engineAead(engine);
  const crypt = (op: AuthOp): Errno => {
    const software = (): Errno => aeadFallback(op);
    return driver.submit(op, aeadWork(op, mode, software), software);
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
    encrypt: crypt,
    decrypt: crypt,
  };
  assert(cryptoRegisterAead(api, alg) === 0, 'driver registration');
}

function aeadWork(op: AuthOp, mode: EngineMode, software: () => Errno): Work | null {
  const { ad, src, dst, tag, len, tfm, enc, hash } = op;
  const { authsize, alg, ctx } = tfm;
  if (ad.size + len === 0) return null;
  const finish = (err: Errno, _iv: Uint8Array, result: Uint8Array): Errno => {
    if (err !== 0 || !enc) return err;
    hash.set(result.subarray(0, AES_BLOCK_SIZE));
    return tagWrite(op);
  };
  const about = { mode, enc, key: ctx.key, iv: () => ivBytes(op, alg.ivsize), authsize };
  return { ...about, ad, src, dst, tag, len, finish, software };
}

function aeadFallback(op: AuthOp): Errno {
  const { fallback } = op.tfm.ctx;
  const memory = opMemoryAlloc(fallback, GFP_ATOMIC);
  if (memory === null) return -ENOMEM;
  const sub = new AeadOp(fallback, memory.at);
  sub.flags = op.flags;
  sub.ad = op.ad;
  sub.src = op.src;
  sub.dst = op.dst;
  sub.tag = op.tag;
  sub.len = op.len;
  sub.iv = op.iv;
  sub.enc = op.enc;
  const err = aeadRun(sub);
  opFree(sub, memory);
  return err;
}

/** The device hashes whole messages; what comes in parts is hashed by software. */
function registerSha256(api: CryptoApi, driver: DmaDriver, engine: string): void {
  const { mode, ...row } = engineHash(engine);
  const software = shashAlg(row, () => () => nobleProvider.sha256());
  const alg: typeof software = {
    ...software,
    digest: (op) => {
      const alone = (): Errno => software.digest(op);
      return driver.submit(op, hashWork(op, mode, alone), alone);
    },
  };
  assert(api.registry.register(alg) === 0, 'driver registration');
}

function hashWork(op: AhashOp, mode: EngineMode, software: () => Errno): Work | null {
  const { src, result } = op;
  if (src.size === 0) return null;
  const finish = (_err: Errno, _iv: Uint8Array, digest: Uint8Array): Errno => {
    result.set(digest);
    return 0;
  };
  const about = { mode, enc: true, key: NO_KEY, iv: () => NO_IV, authsize: 0 };
  return { ...about, ad: null, src, dst: null, tag: null, len: src.size, finish, software };
}
