/**
 * The root of the API: one machine, its registry, and every driver and template in it.
 * @module
 */
import { CryptoRegistry } from '../src/crypto/registry.ts';
import type { Machine } from '../src/machine/machine.ts';
import { nobleProvider } from '../src/provider/noble/noble.ts';
import { opensslProvider } from '../src/provider/openssl/openssl.ts';
import type { Provider } from '../src/provider/provider.ts';
import type { CryptoApi, CryptoApiOptions } from './crypto-api.ts';
import { registerAes } from './drivers/aes.ts';
import { registerGcm } from './drivers/gcm.ts';
import { registerHashes } from './drivers/hashes.ts';
import { HashStates } from './hash-states.ts';
import { LateMemory } from './lower/late.ts';
import { registerTemplates } from './templates/register.ts';

/** Instances that are there from the start; every other one is built when it is asked for. */
const INSTANCES: readonly string[] = ['gcm_base(ctr(aes-generic),ghash-generic)'];

/** Registers every driver and template. @kernel none, module_init of each */
export function cryptoApiInit(machine: Machine, options: CryptoApiOptions = {}): CryptoApi {
  const policy = options.policy ?? 'early';
  const api: CryptoApi = {
    machine,
    mem: policy === 'early' ? machine : new LateMemory(machine),
    registry: new CryptoRegistry(),
    policy,
    recorder: null,
    hashStates: new HashStates(),
    tfms: 0,
  };
  const providers: readonly Provider[] = [nobleProvider, opensslProvider];
  for (const provider of providers) {
    registerAes(api, provider);
    registerGcm(api, provider);
    registerHashes(api, provider);
  }
  registerTemplates(api);
  for (const name of INSTANCES) api.registry.find(name, 0, 0);
  return api;
}
