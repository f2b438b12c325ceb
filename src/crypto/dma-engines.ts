/**
 * The algorithms of DMA engines, as data: what each device does, and under which names.
 * @module
 */
import { type EngineMode, type EngineTemper, LINEDMA, SGDMA } from '../machine/dma/engine.ts';
import {
  type AeadProperties,
  CRYPTO_ALG_ASYNC,
  CRYPTO_ALG_NEED_FALLBACK,
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_ALG_TYPE_AHASH,
  CRYPTO_ALG_TYPE_SKCIPHER,
  type CryptoAlg,
  type HashProperties,
  type SkcipherProperties,
} from './algorithm.ts';
import { AES_BLOCK_SIZE, AES_MAX_KEY_SIZE, AES_MIN_KEY_SIZE, GCM_IV_SIZE } from './catalogue.ts';

export const ENGINES: readonly EngineTemper[] = [SGDMA, LINEDMA];

/** True for a driver of one of these engines, which no kernel has. */
export function isOfEngine(driver: string): boolean {
  return ENGINES.some(({ name }) => driver.endsWith(`-${name}`));
}

/** Below every software driver: an engine is what somebody asks for by name. */
const PRIORITY = 60;
const FLAGS = CRYPTO_ALG_ASYNC | CRYPTO_ALG_NEED_FALLBACK;

interface Row {
  readonly mode: EngineMode;
}

/** @returns the ciphers of an engine. */
export function engineSkciphers(engine: string): (Row & CryptoAlg & SkcipherProperties)[] {
  return (['cbc', 'ctr'] as const).map((mode) => ({
    mode,
    kind: 'skcipher',
    name: `${mode}(aes)`,
    driverName: `${mode}-aes-${engine}`,
    priority: PRIORITY,
    flags: CRYPTO_ALG_TYPE_SKCIPHER | FLAGS,
    blocksize: mode === 'cbc' ? AES_BLOCK_SIZE : 1,
    alignmask: 0,
    minKeysize: AES_MIN_KEY_SIZE,
    maxKeysize: AES_MAX_KEY_SIZE,
    ivsize: AES_BLOCK_SIZE,
    chunksize: AES_BLOCK_SIZE,
    walksize: AES_BLOCK_SIZE,
  }));
}

/** @returns the AEAD of an engine. */
export function engineAead(engine: string): Row & CryptoAlg & AeadProperties {
  return {
    mode: 'gcm',
    kind: 'aead',
    name: 'gcm(aes)',
    driverName: `gcm-aes-${engine}`,
    priority: PRIORITY,
    flags: CRYPTO_ALG_TYPE_AEAD | FLAGS,
    blocksize: 1,
    alignmask: 0,
    ivsize: GCM_IV_SIZE,
    maxauthsize: AES_BLOCK_SIZE,
    chunksize: AES_BLOCK_SIZE,
  };
}

/** @returns the hash of an engine. */
export function engineHash(engine: string): Row & CryptoAlg & HashProperties {
  return {
    mode: 'sha256',
    kind: 'ahash',
    name: 'sha256',
    driverName: `sha256-${engine}`,
    priority: PRIORITY,
    flags: CRYPTO_ALG_TYPE_AHASH | FLAGS,
    blocksize: 64,
    alignmask: 0,
    digestsize: 32,
    statesize: 104,
    keyed: false,
  };
}
