/**
 * The drivers of each algorithm, asked from the registries of both APIs: those that are registered,
 * the templates over their drivers, and cryptd and pcrypt around and below them.
 * @module
 */
import { cryptoApiInit as convertedInit } from '../../converted/init.ts';
import { cryptoApiInit as legacyInit } from '../../legacy/init.ts';
import {
  type AlgKind,
  CRYPTO_ALG_ASYNC,
  CRYPTO_ALG_TYPE_MASK,
  type CryptoAlg,
} from '../../src/crypto/algorithm.ts';
import { ENGINES, engineAead, engineHash, engineSkciphers } from '../../src/crypto/dma-engines.ts';
import { type CryptoRegistry, parseTemplateName } from '../../src/crypto/registry.ts';
import type { Errno } from '../../src/errno.ts';
import { Machine } from '../../src/machine/machine.ts';
import { ALGORITHMS } from '../algorithms.ts';
import { type Algorithm, libraryDriver, TYPE_OF } from './row.ts';
import { type Sizes, sizesOf } from './sizes.ts';

/** One driver, and which side has it. */
export interface Driver {
  readonly alg: string;
  readonly driver: string;
  readonly kind: AlgKind;
  readonly async: boolean;
  readonly priority: number;
  /** null for a driver of somebody's own, whose descriptor nobody has seen. */
  readonly sizes: Sizes | null;
  readonly legacy: boolean;
  readonly converted: boolean;
}

/** Templates whose instances are built over other names than the parameters of the generic name. */
const BUILT_OVER: Readonly<Record<string, (params: readonly string[]) => readonly string[]>> = {
  gcm: ([cipher]) => [`ctr(${cipher})`, 'ghash'],
  ccm: ([cipher]) => [`ctr(${cipher})`, `cbcmac(${cipher})`],
  xts: ([cipher]) => [`ecb(${cipher})`],
  lrw: ([cipher]) => [`ecb(${cipher})`],
  hctr2: ([cipher]) => [`xctr(${cipher})`, 'polyval'],
  adiantum: ([stream, cipher]) => [stream, cipher, 'nhpoly1305'],
};

/** Names under which such an instance is asked for. */
const BASE: Readonly<Record<string, string>> = {
  gcm: 'gcm_base',
  ccm: 'ccm_base',
  hctr2: 'hctr2_base',
};

/** No template has more children. */
const MOST_CHILDREN = 3;

/** Templates that run the same algorithm later. */
const WRAPPERS: readonly string[] = ['cryptd', 'pcrypt'];

type Registry = Pick<CryptoRegistry<CryptoAlg>, 'find' | 'list'>;

/** Finds drivers in two registries of their own; a lookup registers what it builds. */
class Search {
  private readonly legacy: Registry;
  private readonly converted: Registry;
  /** Synchronous drivers of a name, found so far. */
  private readonly plain = new Map<string, readonly Driver[]>();

  constructor() {
    const machine = new Machine({ memory: 1 << 20 });
    this.legacy = legacyInit(machine).registry;
    this.converted = convertedInit(machine).registry;
  }

  /** All drivers of one algorithm, without and with something asynchronous, lowest priority first. */
  driversOf(name: string, kind: AlgKind): Driver[] {
    const plain = this.plainOf(name, kind);
    const wrapped = WRAPPERS.flatMap((wrapper) =>
      plain.map(({ driver }) => this.named(`${wrapper}(${driver})`, name, kind)),
    );
    const over = this.overAsync(name, kind);
    // Who wraps what is asynchronous by itself hears of it later, and of its backlog.
    const both = over === null ? null : this.named(`pcrypt(${over.driver})`, name, kind);
    const found = [...plain, over, ...wrapped, both, ...this.enginesOf(name)].filter(
      (driver) => driver !== null,
    );
    return [...new Map(found.map((driver) => [driver.driver, driver])).values()];
  }

  /** Drivers of devices, which are asynchronous by themselves. */
  private enginesOf(name: string): (Driver | null)[] {
    const algs = ENGINES.flatMap(({ name: engine }) => [
      ...engineSkciphers(engine),
      engineAead(engine),
      engineHash(engine),
    ]);
    return algs
      .filter((alg) => alg.name === name)
      .map(({ driverName, kind }) => this.named(driverName, name, kind));
  }

  private plainOf(name: string, kind: AlgKind): readonly Driver[] {
    const known = this.plain.get(`${kind} ${name}`);
    if (known !== undefined) return known;
    const registered = [this.legacy, this.converted].flatMap((registry) =>
      registry
        .list()
        .filter((alg) => alg.name === name && alg.kind === kind && !isAsync(alg))
        .map(({ driverName }) => this.named(driverName, name, kind)),
    );
    const built = [
      this.templateOver(name, kind, (child) => this.childrenOf(child).at(0)),
      this.templateOver(name, kind, (child) => this.childrenOf(child).at(-1)),
      // The hash of a padding is a name and no child; dh is no child of a kind that is asked for here.
      kind === 'akcipher' || kind === 'kpp' ? this.named(name, name, kind) : null,
    ];
    const all = [...registered, ...built].filter((driver) => driver !== null);
    const once = [...new Map(all.map((driver) => [driver.driver, driver])).values()];
    once.sort((a, b) => a.priority - b.priority || (a.driver < b.driver ? -1 : 1));
    this.plain.set(`${kind} ${name}`, once);
    return once;
  }

  /** Synchronous drivers of a parameter, whatever kind it is. */
  private childrenOf(name: string): readonly Driver[] {
    for (const kind of ['skcipher', 'aead', 'ahash', 'cipher'] as const) {
      const found = this.plainOf(name, kind);
      if (found.length > 0) return found;
    }
    return [];
  }

  /** The first driver of a parameter behind cryptd, where there is such a thing. */
  private asyncOf(name: string): Driver | undefined {
    const child = this.childrenOf(name).at(0);
    if (child === undefined || child.kind === 'cipher') return child;
    return this.named(`cryptd(${child.driver})`, name, child.kind) ?? child;
  }

  /** The template over asynchronous children: all that can be, else the first that is taken. */
  private overAsync(name: string, kind: AlgKind): Driver | null {
    const all = this.templateOver(name, kind, (child) => this.asyncOf(child));
    if (all !== null) return all;
    for (const at of [0, 1, 2]) {
      const one = this.templateOver(name, kind, (child, i) =>
        i === at ? this.asyncOf(child) : this.childrenOf(child).at(0),
      );
      if (one?.async === true) return one;
    }
    return null;
  }

  /** The template over every choice of children behind cryptd, as far as each is taken. */
  overAnyAsync(name: string, kind: AlgKind): Driver[] {
    const choices = Array.from({ length: (1 << MOST_CHILDREN) - 1 }, (_, i) => i + 1);
    const found = choices.map((choice) =>
      this.templateOver(name, kind, (child, at) =>
        (choice >> at) & 1 ? this.asyncOf(child) : this.childrenOf(child).at(0),
      ),
    );
    const kept = found.filter((driver) => driver?.async === true);
    return [...new Map(kept.map((driver) => [driver?.driver, driver])).values()].filter(
      (driver) => driver !== null,
    );
  }

  /** The instance of a template over one driver for each of its children. */
  private templateOver(
    name: string,
    kind: AlgKind,
    choose: (child: string, index: number) => Driver | undefined,
  ): Driver | null {
    const parsed = parseTemplateName(name);
    if (parsed === null) return null;
    const { template, params } = parsed;
    const children = (BUILT_OVER[template]?.(params) ?? params).map(choose);
    if (children.some((child) => child === undefined)) return null;
    const list = children.map((child) => child?.driver).join(',');
    return this.named(`${BASE[template] ?? template}(${list})`, name, kind);
  }

  /** The driver that one of the registries has, or builds, under this name. */
  private named(driver: string, alg: string, kind: AlgKind): Driver | null {
    const legacy = lookUp(this.legacy, driver, alg, kind);
    const converted = lookUp(this.converted, driver, alg, kind);
    const found = legacy ?? converted;
    if (found === null) return null;
    const { driverName, priority } = found;
    return {
      alg,
      driver: driverName,
      kind,
      async: isAsync(found),
      priority,
      sizes: sizesOf(found),
      legacy: legacy !== null,
      converted: converted !== null,
    };
  }
}

function lookUp(registry: Registry, driver: string, name: string, kind: AlgKind): CryptoAlg | null {
  const alg: CryptoAlg | Errno = registry.find(driver, TYPE_OF[kind], CRYPTO_ALG_TYPE_MASK);
  return typeof alg === 'number' || alg.name !== name ? null : alg;
}

function isAsync(alg: CryptoAlg): boolean {
  return (alg.flags & CRYPTO_ALG_ASYNC) !== 0;
}

let search: Search | null = null;
let found: ReadonlyMap<string, readonly Driver[]> | null = null;
/** Those that neither API has. */
const added = new Map<string, readonly Driver[]>();
const mixed = new Map<string, readonly Driver[]>();

/** Drivers of somebody's own, of algorithms that the table lacked. */
export function addDrivers(drivers: readonly Driver[]): void {
  for (const driver of drivers) added.set(driver.alg, [...(added.get(driver.alg) ?? []), driver]);
}

function theSearch(): Search {
  search ??= new Search();
  return search;
}

function driversOfRow(row: Algorithm): readonly Driver[] {
  const { name: alg, kind } = row;
  if (row.isLibraryOnly !== true) return theSearch().driversOf(alg, kind);
  const sizes =
    row.kind === 'ahash'
      ? { block: row.blocksize, iv: null, result: row.digestsize, chunk: null, align: 1 }
      : null;
  const nowhere = { async: false, priority: 0, legacy: false, converted: false };
  return [{ alg, driver: libraryDriver(alg), kind, sizes, ...nowhere }];
}

/** The drivers of an algorithm of the table; found at the first call. */
export function driversOf(alg: string): readonly Driver[] {
  found ??= new Map(ALGORITHMS.map((row) => [row.name, driversOfRow(row)] as const));
  return added.get(alg) ?? found.get(alg) ?? [];
}

/**
 * Instances over each choice of children behind cryptd: `driversOf` has one of them, the one with the most.
 * They are drawn by no campaign.
 */
export function mixedDriversOf(alg: string): readonly Driver[] {
  const known = mixed.get(alg);
  if (known !== undefined) return known;
  const [first] = driversOf(alg);
  const all = first === undefined ? [] : theSearch().overAnyAsync(alg, first.kind);
  const fresh = all.filter(
    ({ driver }) => !driversOf(alg).some((other) => other.driver === driver),
  );
  mixed.set(alg, fresh);
  return fresh;
}

/** The driver of this name, or null when it is none of the algorithm. */
export function driverOf(alg: string, driver: string): Driver | null {
  const is = (candidate: Driver): boolean => candidate.driver === driver;
  return driversOf(alg).find(is) ?? mixedDriversOf(alg).find(is) ?? null;
}
