/**
 * One scatterlist crypto API: what a kernel keeps in globals.
 * C: crypto/api.c, crypto/algapi.c (6.1)
 * @module
 */
import type { StepRecorder } from '../src/crypto/recorder.ts';
import { CryptoRegistry } from '../src/crypto/registry.ts';
import type { Machine } from '../src/machine/machine.ts';
import { nobleProvider } from '../src/provider/noble/noble.ts';
import { opensslProvider } from '../src/provider/openssl/openssl.ts';
import { registerAesAccel } from './drivers/aes-accel.ts';
import { registerAesGeneric } from './drivers/aes-generic.ts';
import { registerChachaGeneric } from './drivers/chacha-generic.ts';
import { registerDesGeneric } from './drivers/des-generic.ts';
import { registerGcmAccel } from './drivers/gcm-accel.ts';
import { registerHashes } from './drivers/hashes.ts';
import { type CryptdQueue, newCryptdQueue } from './templates/cryptd-queue.ts';
import { registerTemplates } from './templates/register.ts';
import type { CryptoAlgorithm } from './tfm.ts';

/** How empty entries are hashed: as all kernels do it, or skipped. @kernel none: a choice of the model */
export type ZeroLength = 'compat' | 'fixed';

/** @kernel none: the globals of crypto/ */
export interface CryptoApi {
  readonly machine: Machine;
  readonly registry: CryptoRegistry<CryptoAlgorithm>;
  readonly zeroLength: ZeroLength;
  /** Gets the steps of every walk. */
  recorder: StepRecorder | null;
  /** Transforms made so far: their keys in the ledger. */
  tfms: number;
  readonly cryptd: CryptdQueue;
}

/** @kernel none: module parameters of the model */
export interface CryptoApiOptions {
  /** Default `compat`. */
  readonly zeroLength?: ZeroLength;
  /** False leaves out the accelerated drivers, so that every name resolves as in a plain C kernel. Default true. */
  readonly accel?: boolean;
}

/** Generic drivers that are there from the start; every other instance is built when it is asked for. */
const INSTANCES: readonly string[] = [
  'ecb(aes-generic)',
  'cbc(aes-generic)',
  'ctr(aes-generic)',
  'xts(ecb(aes-generic))',
  'gcm_base(ctr(aes-generic),ghash-generic)',
  'hmac(sha256-generic)',
];

/** Registers all drivers and templates on a machine. @kernel none: the init calls of crypto/ */
export function cryptoApiInit(machine: Machine, options: CryptoApiOptions = {}): CryptoApi {
  const api: CryptoApi = {
    machine,
    registry: new CryptoRegistry<CryptoAlgorithm>(),
    zeroLength: options.zeroLength ?? 'compat',
    recorder: null,
    tfms: 0,
    cryptd: newCryptdQueue(),
  };
  registerAesGeneric(api, nobleProvider);
  registerDesGeneric(api, nobleProvider);
  registerChachaGeneric(api, nobleProvider);
  registerHashes(api, nobleProvider, 'generic');
  registerTemplates(api);
  if (options.accel ?? true) {
    registerAesAccel(api, opensslProvider);
    registerGcmAccel(api, opensslProvider);
    registerHashes(api, opensslProvider, 'accel');
  }
  for (const name of INSTANCES) api.registry.find(name, 0, 0);
  return api;
}
