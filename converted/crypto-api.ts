/**
 * What the kernel has as globals: the machine, the registry, and the drivers in it.
 * @module
 */
import type { StepRecorder } from '../src/crypto/recorder.ts';
import { CryptoRegistry } from '../src/crypto/registry.ts';
import type { Machine } from '../src/machine/machine.ts';
import { nobleProvider } from '../src/provider/noble.ts';
import { opensslProvider } from '../src/provider/openssl.ts';
import type { Provider } from '../src/provider/provider.ts';
import type { AeadAlg } from './aead.ts';
import type { AhashAlg } from './ahash.ts';
import type { WalkMemory } from './bvec-walk.ts';
import { registerAes } from './drivers/aes.ts';
import { registerGcm } from './drivers/gcm.ts';
import { registerSha256 } from './drivers/sha256.ts';
import { HashStates } from './hash-states.ts';
import { LateMemory } from './late-memory.ts';
import type { LowerPolicy } from './lower.ts';
import type { SkcipherAlg } from './skcipher.ts';
import { CryptdQueue, registerCryptd } from './templates/cryptd.ts';

/** A driver of any kind. @kernel none, struct crypto_alg is embedded in each */
export type CryptoAlgorithm = SkcipherAlg | AeadAlg | AhashAlg;

/** The iov_iter crypto API of one machine. @kernel none, the kernel has globals */
export interface CryptoApi {
  readonly machine: Machine;
  readonly registry: CryptoRegistry<CryptoAlgorithm>;
  readonly policy: LowerPolicy;
  /** Memory as the addresses of lowered lists name it. */
  readonly mem: WalkMemory;
  /** Told of every step; null costs one comparison a step. */
  recorder: StepRecorder | null;
  readonly cryptd: CryptdQueue;
  readonly hashStates: HashStates;
  nextTfm: number;
}

/** How an API is built. @kernel none */
export interface CryptoApiOptions {
  readonly policy?: LowerPolicy;
}

/** Registers every driver and template. @kernel none, module_init of each */
export function cryptoApiInit(machine: Machine, options: CryptoApiOptions = {}): CryptoApi {
  const policy = options.policy ?? 'early';
  const api: CryptoApi = {
    machine,
    mem: policy === 'early' ? machine : new LateMemory(machine),
    registry: new CryptoRegistry<CryptoAlgorithm>(),
    policy,
    recorder: null,
    cryptd: new CryptdQueue(machine),
    hashStates: new HashStates(),
    nextTfm: 1,
  };
  const providers: readonly Provider[] = [nobleProvider, opensslProvider];
  for (const provider of providers) {
    registerAes(api, provider);
    registerGcm(api, provider);
    registerSha256(api, provider);
  }
  registerCryptd(api);
  return api;
}
