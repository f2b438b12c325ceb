/**
 * Partial conversion: two APIs over one machine, each of whose drivers and templates may have one half only.
 * A half that is missing is reached through a provider-side shim from the other registry, so that both offer
 * every name at every stage of a conversion.
 *
 * What a template leaves behind of its children is in the registry of its own half.
 *
 * The shims are here, and not in the APIs, because neither API may know of the other. A registry takes them as
 * it takes any driver.
 * @module
 */
import { isAcomp as isBvecAcomp } from '../../converted/acomp.ts';
import { isAead as isBvecAead } from '../../converted/aead.ts';
import { isAhash as isBvecAhash } from '../../converted/ahash.ts';
import { isAkcipher as isBvecAkcipher } from '../../converted/akcipher.ts';
import type {
  CryptoApi as BvecApi,
  CryptoApiOptions as BvecOptions,
} from '../../converted/crypto-api.ts';
import { cryptoApiInit as bvecInit } from '../../converted/init.ts';
import { isKpp as isBvecKpp } from '../../converted/kpp.ts';
import { isSkcipher as isBvecSkcipher } from '../../converted/skcipher.ts';
import { isAcomp as isListAcomp } from '../../legacy/acomp.ts';
import { isAead as isListAead } from '../../legacy/aead.ts';
import { isAhash as isListAhash } from '../../legacy/ahash.ts';
import { isAkcipher as isListAkcipher } from '../../legacy/akcipher.ts';
import type {
  CryptoApi as ListApi,
  CryptoApiOptions as ListOptions,
} from '../../legacy/crypto-api.ts';
import { cryptoApiInit as listInit } from '../../legacy/init.ts';
import { isKpp as isListKpp } from '../../legacy/kpp.ts';
import { isSkcipher as isListSkcipher } from '../../legacy/skcipher.ts';
import { KernelBug } from '../../src/assert.ts';
import { CRYPTO_ALG_INSTANCE, type CryptoAlg } from '../../src/crypto/algorithm.ts';
import type { CryptoRegistry, TemplateCreate } from '../../src/crypto/registry.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { acompOverBvecs, akcipherOverBvecs, kppOverBvecs } from './bvec-data.ts';
import { aeadOverBvecs, skcipherOverBvecs } from './bvec-drivers.ts';
import { ahashOverBvecs } from './bvec-hashes.ts';
import { acompOverLists, akcipherOverLists, kppOverLists } from './list-data.ts';
import { aeadOverLists, skcipherOverLists } from './list-drivers.ts';
import { ahashOverLists } from './list-hashes.ts';

/** Which half a driver or a template has. */
export type Half = 'legacy' | 'converted' | 'both';

/** Says of each driver and template which half it has; `both` is a conversion that is complete. */
export type HalfOf = (name: string, isTemplate: boolean) => Half;

/** How both APIs are built. */
export interface PartialOptions {
  readonly legacy?: ListOptions;
  readonly converted?: BvecOptions;
  /** Registers drivers and templates of one's own; those of one API get a shim in the other. */
  readonly own?: (apis: Pick<PartialApis, 'legacy' | 'converted'>) => void;
}

/** Two APIs over one machine that reach each other's drivers. */
export interface PartialApis {
  readonly legacy: ListApi;
  readonly converted: BvecApi;
  /** True for a row of a registry behind which there is a driver of the other one. */
  readonly isShim: (alg: CryptoAlg) => boolean;
}

/**
 * Both APIs over one machine, half converted.
 * @param halfOf asked for every driver (`cbc-aes-accel`) and every template (`cbc`)
 */
export function partialApis(
  machine: Machine,
  halfOf: HalfOf,
  options: PartialOptions = {},
): PartialApis {
  const legacy = listInit(machine, options.legacy);
  const converted = bvecInit(machine, options.converted);
  options.own?.({ legacy, converted });
  const there = [legacy, converted].map(({ registry }) => instancesOf(registry));
  const shims = new WeakSet<CryptoAlg>();
  const noted = (alg: CryptoAlg): CryptoAlg => {
    // A block cipher knows no lists: it is the same driver for both, and no shim.
    if (alg.kind !== 'cipher') shims.add(alg);
    return alg;
  };
  const isMissing = missing(halfOf, legacy, converted);
  shim(legacy.registry, converted.registry, isMissing.legacy, (alg) =>
    noted(overBvecs(converted, alg)),
  );
  shim(converted.registry, legacy.registry, isMissing.converted, (alg) =>
    noted(overLists(legacy, alg)),
  );
  // What both APIs have from the start is there again, in the same order.
  for (const [i, { registry }] of [legacy, converted].entries()) {
    for (const driver of there[i]) registry.find(driver, 0, 0);
  }
  return { legacy, converted, isShim: (alg) => shims.has(alg) };
}

/** Drivers and templates of a registry, by name: what may have one half only. */
export function partialNames(registry: CryptoRegistry<CryptoAlg>): readonly string[] {
  const drivers = driversOf(registry).map(({ driverName }) => driverName);
  return [...drivers, ...registry.templateNames()];
}

type IsMissing = (name: string, isTemplate: boolean) => boolean;

/** What has no half on a side: because it was said so, or because it was never there. */
function missing(
  halfOf: HalfOf,
  legacy: ListApi,
  converted: BvecApi,
): Readonly<Record<'legacy' | 'converted', IsMissing>> {
  const [lists, bvecs] = [legacy, converted].map(({ registry }) => new Set(partialNames(registry)));
  return {
    legacy: (name, isTemplate) => !lists.has(name) || halfOf(name, isTemplate) === 'converted',
    converted: (name, isTemplate) => !bvecs.has(name) || halfOf(name, isTemplate) === 'legacy',
  };
}

/** Puts a shim in the place of everything that has no half of its own here. */
function shim(
  here: CryptoRegistry<CryptoAlg>,
  there: CryptoRegistry<CryptoAlg>,
  isMissing: IsMissing,
  over: (alg: CryptoAlg) => CryptoAlg,
): void {
  for (const alg of driversOf(there).toReversed()) {
    if (!isMissing(alg.driverName, /* isTemplate */ false)) continue;
    const row = over(alg);
    if (here.replace(row) !== 0) here.register(row);
  }
  for (const name of there.templateNames()) {
    if (!isMissing(name, /* isTemplate */ true)) continue;
    const create: TemplateCreate<CryptoAlg> = (_registry, params, type, mask) => {
      const alg = there.find(`${name}(${params.join(',')})`, type, mask);
      return typeof alg === 'number'
        ? alg
        : Object.assign(over(alg), { spawns: spawnsOf(here, alg) });
    };
    if (here.replaceTemplate(name, create) !== 0) here.registerTemplate(name, create);
  }
}

/** The rows of this registry that an instance of the other one stands on, so that their removal takes it along. */
function spawnsOf(here: CryptoRegistry<CryptoAlg>, { spawns = [] }: CryptoAlg): CryptoAlg[] {
  const names = spawns.map(({ driverName }) => driverName);
  return here.list().filter(({ driverName }) => names.includes(driverName));
}

function driversOf(registry: CryptoRegistry<CryptoAlg>): readonly CryptoAlg[] {
  return registry.list().filter(({ flags }) => (flags & CRYPTO_ALG_INSTANCE) === 0);
}

/** Oldest first. */
function instancesOf(registry: CryptoRegistry<CryptoAlg>): readonly string[] {
  const instances = registry.list().filter(({ flags }) => (flags & CRYPTO_ALG_INSTANCE) !== 0);
  return instances.map(({ driverName }) => driverName).reverse();
}

function overLists(api: ListApi, alg: CryptoAlg): CryptoAlg {
  if (alg.kind === 'cipher') return alg;
  if (isListSkcipher(alg)) return skcipherOverLists(api, alg);
  if (isListAead(alg)) return aeadOverLists(api, alg);
  if (isListAhash(alg)) return ahashOverLists(api, alg);
  if (isListAcomp(alg)) return acompOverLists(api, alg);
  if (isListAkcipher(alg)) return akcipherOverLists(api, alg);
  if (isListKpp(alg)) return kppOverLists(api, alg);
  throw new KernelBug('a kind of driver without a shim', { kind: alg.kind });
}

function overBvecs(api: BvecApi, alg: CryptoAlg): CryptoAlg {
  if (alg.kind === 'cipher') return alg;
  if (isBvecSkcipher(alg)) return skcipherOverBvecs(api, alg);
  if (isBvecAead(alg)) return aeadOverBvecs(api, alg);
  if (isBvecAhash(alg)) return ahashOverBvecs(api, alg);
  if (isBvecAcomp(alg)) return acompOverBvecs(api, alg);
  if (isBvecAkcipher(alg)) return akcipherOverBvecs(api, alg);
  if (isBvecKpp(alg)) return kppOverBvecs(api, alg);
  throw new KernelBug('a kind of driver without a shim', { kind: alg.kind });
}
