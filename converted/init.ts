/**
 * The root of the API: one machine, its registry, and every driver and template in it.
 * @module
 */
import { CryptoRegistry } from '../src/crypto/registry.ts';
import { KernelMemory } from '../src/machine/kernel-memory.ts';
import type { Machine } from '../src/machine/machine.ts';
import { nobleProvider } from '../src/provider/noble/noble.ts';
import { opensslProvider } from '../src/provider/openssl/openssl.ts';
import { wasmEngines } from '../src/provider/wasm/engines.ts';
import type { CryptoApi, CryptoApiOptions } from './crypto-api.ts';
import { registerAegis128 } from './drivers/aegis128.ts';
import { registerAesAccel } from './drivers/aes-accel.ts';
import { registerChachaGeneric } from './drivers/chacha-generic.ts';
import { registerCiphers } from './drivers/ciphers.ts';
import { registerDma } from './drivers/dma.ts';
import { registerEcdsa } from './drivers/ecdsa.ts';
import { registerGcmAccel } from './drivers/gcm-accel.ts';
import { registerHashes } from './drivers/hashes.ts';
import { registerKpp } from './drivers/kpp.ts';
import { registerRsa } from './drivers/rsa.ts';
import { registerScomp } from './drivers/scomp.ts';
import { registerStreams } from './drivers/streams.ts';
import { registerTemplates } from './templates/register.ts';

/** Instances that are there from the start; every other one is built when it is asked for. */
const INSTANCES: readonly string[] = [
  'ecb(aes-generic)',
  'cbc(aes-generic)',
  'ctr(aes-generic)',
  'xts(ecb(aes-generic))',
  'gcm_base(ctr(aes-generic),ghash-generic)',
  'hmac(sha256-generic)',
];

/** Registers every driver and template. @kernel none, module_init of each */
export function cryptoApiInit(machine: Machine, options: CryptoApiOptions = {}): CryptoApi {
  const policy = options.policy ?? 'early';
  const api: CryptoApi = {
    machine,
    mem: policy === 'early' ? machine : new KernelMemory(machine),
    engines: machine.checks || policy === 'late' ? null : wasmEngines(machine.mem),
    registry: new CryptoRegistry(),
    policy,
    recorder: null,
    tfms: 0,
  };
  registerCiphers(api, nobleProvider);
  registerChachaGeneric(api, nobleProvider);
  registerStreams(api);
  registerAegis128(api);
  registerHashes(api, nobleProvider, 'generic');
  registerTemplates(api);
  if (options.accel ?? true) {
    registerCiphers(api, opensslProvider);
    registerAesAccel(api, opensslProvider);
    registerGcmAccel(api, opensslProvider);
    registerHashes(api, opensslProvider, 'accel');
    registerDma(api);
  }
  registerRsa(api);
  registerEcdsa(api);
  registerKpp(api);
  registerScomp(api);
  for (const name of INSTANCES) api.registry.find(name, 0, 0);
  return api;
}
