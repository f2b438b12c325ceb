/**
 * The children of a template: what it asks of them, finding their drivers, and a transform of each.
 * C: crypto/algapi.c crypto_grab_spawn, the init_tfm and exit_tfm functions of crypto/ (6.1)
 * @module
 */
import {
  CRYPTO_ALG_ASYNC,
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_ALG_TYPE_AHASH,
  CRYPTO_ALG_TYPE_AKCIPHER,
  CRYPTO_ALG_TYPE_CIPHER,
  CRYPTO_ALG_TYPE_MASK,
  CRYPTO_ALG_TYPE_SKCIPHER,
  type CryptoAlg,
} from '../src/crypto/algorithm.ts';
import { EINVAL, ENOENT, type Errno } from '../src/errno.ts';
import { type AeadAlg, CryptoAead, cryptoFreeAead, cryptoSpawnAead, isAead } from './aead.ts';
import { type AhashAlg, CryptoAhash, cryptoFreeAhash, cryptoSpawnAhash, isAhash } from './ahash.ts';
import {
  type AkcipherAlg,
  CryptoAkcipher,
  cryptoFreeAkcipher,
  cryptoSpawnAkcipher,
  isAkcipher,
} from './akcipher.ts';
import type { ChildTfm } from './child.ts';
import {
  type CipherAlg,
  CryptoCipher,
  cryptoFreeCipher,
  cryptoSpawnCipher,
  isCipher,
} from './cipher.ts';
import type { CryptoApi } from './crypto-api.ts';
import { cryptoSpawnShash, isShash, type ShashAlg } from './shash.ts';
import {
  CryptoSkcipher,
  cryptoFreeSkcipher,
  cryptoSpawnSkcipher,
  isSkcipher,
  type SkcipherAlg,
} from './skcipher.ts';
import { cryptoDestroyTfm } from './tfm.ts';

/** The kinds of children, and the driver of each. */
interface ChildAlgs {
  readonly skcipher: SkcipherAlg;
  readonly aead: AeadAlg;
  readonly ahash: AhashAlg;
  /** A hash that the template calls on linear data. */
  readonly shash: ShashAlg;
  /** A block cipher that the template calls itself. */
  readonly cipher: CipherAlg;
  readonly akcipher: AkcipherAlg;
}

/** @kernel none: crypto_type */
export type ChildKind = keyof ChildAlgs;

const CHILD_TYPES = {
  skcipher: CRYPTO_ALG_TYPE_SKCIPHER,
  aead: CRYPTO_ALG_TYPE_AEAD,
  ahash: CRYPTO_ALG_TYPE_AHASH,
  shash: CRYPTO_ALG_TYPE_AHASH,
  cipher: CRYPTO_ALG_TYPE_CIPHER,
  akcipher: CRYPTO_ALG_TYPE_AKCIPHER,
} as const;

/** What a template asks of a child; what is absent does not matter. @kernel none: the checks of a create function */
export interface Child<K extends ChildKind> {
  readonly kind: K;
  /** Its generic name, or how that begins: `ghash`, `ctr(`. */
  readonly name?: string;
  readonly ivsize?: number;
  readonly blocksize?: number;
  readonly digestsize?: number;
  /** It must not be asynchronous. */
  readonly sync?: true;
  /** The template to look for around the name, when there is nothing of the name itself. */
  readonly or?: string;
  /** Its name is not given: it is the cipher inside the generic name of the child of this index. */
  readonly inside?: number;
  /** Found by its name for every transform: the instance outlives its replacement. */
  readonly spawn?: false;
  /** It gets the parent's request instead of one of its own. */
  readonly request?: false;
}

/** The drivers of the children, one for each kind. @kernel none: crypto_spawn_alg of each */
export type Algs<K extends readonly ChildKind[]> = { readonly [I in keyof K]: ChildAlgs[K[I]] };

/**
 * Finds the drivers of the children. @param mask flags that must be off in all of them
 * @returns them, or -ENOENT, or -EINVAL for one that is not what was asked for. @kernel crypto_grab_spawn
 */
export function cryptoGrabSpawn<K extends readonly ChildKind[]>(
  api: CryptoApi,
  wanted: { readonly [I in keyof K]: Child<K[I]> },
  names: readonly string[],
  mask: number,
): Algs<K> | Errno {
  const algs: CryptoAlg[] = [];
  for (const [i, child] of wanted.entries()) {
    const name = child.inside === undefined ? names[i] : innerCipher(algs[child.inside].name);
    if (name === null) return -EINVAL;
    const alg = grab(api, child, name, mask);
    if (typeof alg === 'number') return alg;
    if (!fits(alg, child)) return -EINVAL;
    algs.push(alg);
  }
  return isAlgs<K>(algs, wanted) ? algs : -EINVAL;
}

/**
 * A tfm for each driver; those that are there already are freed when one cannot be made.
 * @kernel none: the crypto_spawn_* functions of an init_tfm
 */
export function spawnChildren(
  api: CryptoApi,
  algs: readonly CryptoAlg[],
  wanted: readonly Child<ChildKind>[],
): readonly ChildTfm[] | Errno {
  const children: ChildTfm[] = [];
  for (const [i, alg] of algs.entries()) {
    const child = spawn(api, alg, wanted[i].kind);
    if (typeof child === 'number') {
      freeChildren({ children });
      return child;
    }
    children.push(child);
  }
  return children;
}

/** @kernel none: the exit_tfm function of every template */
export function freeChildren({ children }: { readonly children: readonly ChildTfm[] }): void {
  for (const child of children) {
    if (child instanceof CryptoSkcipher) cryptoFreeSkcipher(child);
    else if (child instanceof CryptoAead) cryptoFreeAead(child);
    else if (child instanceof CryptoAhash) cryptoFreeAhash(child);
    else if (child instanceof CryptoCipher) cryptoFreeCipher(child);
    else if (child instanceof CryptoAkcipher) cryptoFreeAkcipher(child);
    else cryptoDestroyTfm(child);
  }
}

function spawn(api: CryptoApi, alg: CryptoAlg, kind: ChildKind): ChildTfm | Errno {
  if (kind === 'skcipher' && isSkcipher(alg)) return cryptoSpawnSkcipher(api, alg);
  if (kind === 'aead' && isAead(alg)) return cryptoSpawnAead(api, alg);
  if (kind === 'ahash' && isAhash(alg)) return cryptoSpawnAhash(api, alg);
  if (kind === 'shash' && isShash(alg)) return cryptoSpawnShash(api, alg);
  if (kind === 'akcipher' && isAkcipher(alg)) return cryptoSpawnAkcipher(api, alg);
  return isCipher(alg) ? cryptoSpawnCipher(api, alg) : -EINVAL;
}

function grab(
  api: CryptoApi,
  { kind, sync, or }: Child<ChildKind>,
  name: string,
  mask: number,
): CryptoAlg | Errno {
  const type = CHILD_TYPES[kind];
  // C has a type of its own for hashes of linear data: what queues them is not among them.
  const once = sync === true || kind === 'shash';
  const all = mask | (once ? CRYPTO_ALG_ASYNC : 0) | CRYPTO_ALG_TYPE_MASK;
  const alg = api.registry.find(name, type, all);
  if (alg !== -ENOENT || or === undefined) return alg;
  return api.registry.find(`${or}(${name})`, type, all);
}

/** What stands in the innermost parentheses. @kernel parse_cipher_name */
function innerCipher(name: string): string | null {
  return /\(([^()]+)\)/.exec(name.slice(name.lastIndexOf('(')))?.[1] ?? null;
}

function fits(alg: CryptoAlg, child: Child<ChildKind>): boolean {
  const { kind, name = '', ivsize, blocksize, digestsize } = child;
  const named = name.endsWith('(') ? alg.name.startsWith(name) : name === '' || alg.name === name;
  if (!named || !isKind(alg, kind)) return false;
  if (blocksize !== undefined && alg.blocksize !== blocksize) return false;
  if (isAhash(alg)) return digestsize === undefined || alg.digestsize === digestsize;
  return ivsize === undefined || ((isSkcipher(alg) || isAead(alg)) && alg.ivsize === ivsize);
}

function isKind(alg: CryptoAlg, kind: ChildKind): boolean {
  return kind === 'shash' ? isShash(alg) : alg.kind === kind;
}

/** The kinds were compared one by one; this says so to the compiler. */
function isAlgs<K extends readonly ChildKind[]>(
  algs: readonly unknown[],
  wanted: { readonly [I in keyof K]: Child<K[I]> },
): algs is Algs<K> {
  return algs.length === wanted.length;
}
