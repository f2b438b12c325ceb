/**
 * Every vector of a kernel's test table on all sides: passed, failed, not offered and why.
 * C: crypto/testmgr.c test_skcipher_vec_cfg, test_aead_vec_cfg, test_ahash_vec_cfg (6.1)
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import { cryptoApiInit } from '../../../converted/init.ts';
import { cryptoApiInit as legacyInit } from '../../../legacy/init.ts';
import { CRYPTO_ALG_TYPE_MASK, type CryptoAlg } from '../../../src/crypto/algorithm.ts';
import { EBADMSG } from '../../../src/errno.ts';
import { Machine } from '../../../src/machine/machine.ts';
import { TYPE_OF } from '../../algorithms/row.ts';
import type { RequestKind } from '../../case/case.ts';
import { type Monitor, SIDE_NAMES, type SideName, type Trial, VectorRig } from '../rig.ts';
import { dataTrials } from './data.ts';
import type { KernelVector, Suite, SuiteKind } from './suite.ts';

/** What became of one name on one side. */
export interface SideResult {
  readonly offered: boolean;
  readonly passed: number;
  readonly failed: number;
  /** The first failures, one line each. */
  readonly failures: readonly string[];
}

/** One name of the table. */
export interface NameResult {
  readonly name: string;
  readonly kind: SuiteKind;
  readonly vectors: number;
  readonly legacy: SideResult;
  readonly converted: SideResult;
  readonly lib: SideResult;
  /** Why an API does not have it; empty when both do. */
  readonly reason: string;
}

/** The whole table. */
export interface TableResult {
  readonly rows: readonly NameResult[];
  /** Operations that were run. */
  readonly runs: number;
  readonly interrupted: boolean;
}

const KINDS: Readonly<Partial<Record<SuiteKind, RequestKind>>> = {
  skcipher: 'skcipher',
  aead: 'aead',
  hash: 'ahash',
  comp: 'acomp',
  akcipher: 'akcipher',
  kpp: 'kpp',
};
/** Failures that are kept of one name and side. */
const KEPT = 3;
const NOTHING = new Uint8Array(0);
const ABSENT: SideResult = { offered: false, passed: 0, failed: 0, failures: [] };

/** Names that are out by right, and why. The first pattern that matches counts. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^(drbg_|ansi_cprng|jitterentropy)/, 'a random number generator: no data in lists'],
  [/paes|psm4/, 'keys that only the hardware knows'],
  [/^ecrdsa$/, 'its setkey reads the name of the curve behind the end of the key that it is given'],
  [/^compress_null$/, 'a compressor of linear buffers: no lists'],
];

/** Runs the suites one after the other; those behind an interruption are not in the result. */
export async function runSuites(suites: readonly Suite[], monitor: Monitor): Promise<TableResult> {
  const rig = new VectorRig();
  const registries = new Registries();
  let runs = 0;
  const rows: NameResult[] = [];
  for (const [n, suite] of suites.entries()) {
    await setImmediate();
    if (monitor.stopped()) break;
    monitor.progress('names', n, suites.length);
    const sides = SIDE_NAMES.map((side): SideResult => {
      const result = runSuite(rig, registries, suite, side);
      runs += result.runs;
      return result;
    });
    const [legacy, converted, lib] = sides.map(({ offered, passed, failed, failures }) => ({
      ...{ offered, passed, failed, failures },
    }));
    const { name, kind } = suite;
    const both = legacy.offered && converted.offered;
    const reason = both ? '' : reasonOf(suite, legacy.offered || converted.offered);
    const vectors = suite.vectors.length + suite.data.length;
    rows.push({ name, kind, vectors, legacy, converted, lib, reason });
  }
  return { rows, runs, interrupted: monitor.stopped() };
}

function runSuite(
  rig: VectorRig,
  registries: Registries,
  { name, kind, vectors, data }: Suite,
  side: SideName,
): SideResult & { readonly runs: number } {
  if (kind === 'null') {
    const offered = Object.values(KINDS).some((as) => rig.offers(side, name, as));
    return { ...ABSENT, offered, runs: 0 };
  }
  const as = KINDS[kind];
  if (as === undefined || !rig.offers(side, name, as)) return { ...ABSENT, runs: 0 };
  const sizes = registries.sizes(name, as);
  const failures: string[] = [];
  let failed = 0;
  let absent = 0;
  let runs = 0;
  const all = [
    ...vectors.map((vector) => ({ id: vector.id, trials: trialsOf(name, as, sizes, vector) })),
    ...data.map((vector) => ({ id: vector.id, trials: dataTrials(name, as, vector) })),
  ];
  for (const { id, trials } of all) {
    const results = trials.map((trial) => rig.run(trial, side));
    for (const result of results) runs += result.runs;
    if (results.some((result) => result.absent !== null)) absent++;
    const problem = results.find((result) => result.problem !== null)?.problem ?? null;
    if (problem === null) continue;
    failed++;
    if (failures.length < KEPT) failures.push(`${id}: ${problem}`);
  }
  return { offered: true, passed: all.length - failed - absent, failed, failures, runs };
}

function reasonOf({ name, kind }: Suite, one: boolean): string {
  if (one) return 'on one side only';
  const known = REASONS.find(([pattern]) => pattern.test(name));
  if (known !== undefined) return known[1];
  return kind === 'null' || KINDS[kind] !== undefined
    ? 'not built'
    : `vectors of ${kind} are not run by this command`;
}

/** The operations that the kernel does with a vector. */
function trialsOf(
  alg: string,
  kind: RequestKind,
  { ivsize, digestsize }: Sizes,
  vector: KernelVector,
): Trial[] {
  const { key, ad, weak, setkeyError, setauthsizeError } = vector;
  const about = {
    ...{ alg, kind, ad, iv: fitted(vector.iv, ivsize), tag: NOTHING, authsize: 0 },
    forbidWeak: weak,
    room: 0,
  };
  const answer = { setkey: setkeyError, setauthsize: setauthsizeError };
  if (kind === 'ahash') {
    return [hashTrial({ ...about, key: key.length > 0 ? key : null }, digestsize, vector)];
  }
  const authsize = kind === 'aead' ? vector.cipher.length - vector.plain.length : 0;
  const split = vector.cipher.length - authsize;
  const common = { ...about, key, authsize };
  const ivOut = kind === 'skcipher' && vector.ivOut !== null ? fitted(vector.ivOut, ivsize) : null;
  const trials: Trial[] = [];
  if (!vector.unauthentic) {
    const output = vector.cipher;
    const result = vector.cryptError;
    trials.push({
      ...{ ...common, op: 'encrypt', text: vector.plain },
      answer: { ...answer, result, output: result === 0 ? output : null, iv: ivOut },
    });
  }
  const result = vector.unauthentic ? -EBADMSG : vector.cryptError;
  trials.push({
    ...{ ...common, op: 'decrypt', text: vector.cipher.subarray(0, split) },
    iv: vector.generatesIv ? fitted(vector.ivOut, ivsize) : common.iv,
    tag: vector.cipher.subarray(split),
    answer: { ...answer, result, output: result === 0 ? vector.plain : null, iv: ivOut },
  });
  return trials;
}

function hashTrial(
  about: Omit<Trial, 'op' | 'text' | 'answer'>,
  digestsize: number,
  { plain, cipher, setkeyError, cryptError }: KernelVector,
): Trial {
  const output = cryptError === 0 ? fitted(cipher, digestsize) : null;
  const answer = { setkey: setkeyError, setauthsize: 0, result: cryptError, output, iv: null };
  return { ...about, op: 'digest', text: plain, answer };
}

/** An IV or a digest as long as the driver wants it; zeros where a vector has none. */
function fitted(bytes: Uint8Array | null, size: number): Uint8Array {
  const out = new Uint8Array(size);
  if (bytes !== null) out.set(bytes.subarray(0, size));
  return out;
}

/** What a driver says of itself; 0 where it does not. */
interface Sizes {
  readonly ivsize: number;
  readonly digestsize: number;
}

/** Asked for the sizes of a name, which are the same on both sides. */
class Registries {
  private readonly registries = [
    legacyInit(new Machine({ memory: 1 << 20 })).registry,
    cryptoApiInit(new Machine({ memory: 1 << 20 })).registry,
  ];

  sizes(name: string, kind: RequestKind): Sizes {
    for (const registry of this.registries) {
      const alg = registry.find(name, TYPE_OF[kind], CRYPTO_ALG_TYPE_MASK);
      if (typeof alg === 'object') return { ...NO_SIZES, ...sizesIn(alg) };
    }
    return NO_SIZES;
  }
}

const NO_SIZES: Sizes = { ivsize: 0, digestsize: 0 };

function sizesIn(alg: CryptoAlg & Partial<Sizes>): Partial<Sizes> {
  const { ivsize = 0, digestsize = 0 } = alg;
  return { ivsize, digestsize };
}
