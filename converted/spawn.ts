/**
 * The children of an instance: what a template asks of each, how it is found, and the tfms and
 * operations that it becomes.
 * C: crypto/algapi.c crypto_grab_spawn, the grab and spawn calls of the templates of crypto/ (6.1)
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
import { physAddr } from '../src/units.ts';
import {
  type AeadAlg,
  AeadOp,
  CryptoAead,
  cryptoFreeAead,
  cryptoSpawnAead,
  isAead,
} from './aead.ts';
import {
  type AhashAlg,
  AhashOp,
  CryptoAhash,
  cryptoFreeAhash,
  cryptoSpawnAhash,
  isAhash,
} from './ahash.ts';
import {
  type AkcipherAlg,
  AkcipherOp,
  CryptoAkcipher,
  cryptoFreeAkcipher,
  cryptoSpawnAkcipher,
  isAkcipher,
} from './akcipher.ts';
import { type ChildTfm, TemplateCtx } from './child.ts';
import {
  type CipherAlg,
  CryptoCipher,
  cryptoFreeCipher,
  cryptoSpawnCipher,
  isCipher,
} from './cipher.ts';
import type { CryptoApi } from './crypto-api.ts';
import type { CryptoOp } from './op.ts';
import {
  CryptoSkcipher,
  cryptoFreeSkcipher,
  cryptoSpawnSkcipher,
  isSkcipher,
  type SkcipherAlg,
  SkcipherOp,
} from './skcipher.ts';
import { StepContext, stepDone } from './steps.ts';

/** The kinds of children, and the driver of each. @kernel none: crypto_type */
export interface ChildAlgs {
  readonly skcipher: SkcipherAlg;
  readonly aead: AeadAlg;
  readonly ahash: AhashAlg;
  readonly cipher: CipherAlg;
  readonly akcipher: AkcipherAlg;
}

/** @kernel none: crypto_type */
export type ChildKind = keyof ChildAlgs;

/** A driver that a template may be built over. @kernel none: crypto_spawn_alg of a spawn */
export type ChildAlg = ChildAlgs[ChildKind];

const CHILD_TYPES = {
  skcipher: CRYPTO_ALG_TYPE_SKCIPHER,
  aead: CRYPTO_ALG_TYPE_AEAD,
  ahash: CRYPTO_ALG_TYPE_AHASH,
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

function grab(
  api: CryptoApi,
  { kind, sync, or }: Child<ChildKind>,
  name: string,
  mask: number,
): CryptoAlg | Errno {
  const type = CHILD_TYPES[kind];
  const all = mask | (sync === true ? CRYPTO_ALG_ASYNC : 0) | CRYPTO_ALG_TYPE_MASK;
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
  if (alg.kind !== kind || !named) return false;
  if (blocksize !== undefined && alg.blocksize !== blocksize) return false;
  if (isAhash(alg)) return digestsize === undefined || alg.digestsize === digestsize;
  return ivsize === undefined || ((isSkcipher(alg) || isAead(alg)) && alg.ivsize === ivsize);
}

/** The kinds were compared one by one; this says so to the compiler. */
function isAlgs<K extends readonly ChildKind[]>(
  algs: readonly unknown[],
  wanted: { readonly [I in keyof K]: Child<K[I]> },
): algs is Algs<K> {
  return algs.length === wanted.length;
}

/** A tfm for each driver; those that are there already are freed when one cannot be made. @kernel none: an init_tfm function */
export function spawnChildren(api: CryptoApi, algs: readonly ChildAlg[]): TemplateCtx | Errno {
  const children: ChildTfm[] = [];
  for (const alg of algs) {
    const child = spawn(api, alg);
    if (typeof child === 'number') {
      freeChildren({ children });
      return child;
    }
    children.push(child);
  }
  return new TemplateCtx(children);
}

function spawn(api: CryptoApi, alg: ChildAlg): ChildTfm | Errno {
  if (isSkcipher(alg)) return cryptoSpawnSkcipher(api, alg);
  if (isAead(alg)) return cryptoSpawnAead(api, alg);
  if (isAkcipher(alg)) return cryptoSpawnAkcipher(api, alg);
  return isCipher(alg) ? cryptoSpawnCipher(api, alg) : cryptoSpawnAhash(api, alg);
}

/** @kernel none: the exit_tfm function of every template */
export function freeChildren({ children }: Pick<TemplateCtx, 'children'>): void {
  for (const child of children) {
    if (child instanceof CryptoSkcipher) cryptoFreeSkcipher(child);
    else if (child instanceof CryptoAead) cryptoFreeAead(child);
    else if (child instanceof CryptoAkcipher) cryptoFreeAkcipher(child);
    else if (child instanceof CryptoCipher) cryptoFreeCipher(child);
    else cryptoFreeAhash(child);
  }
}

/** The context of an operation: an operation for each child, in memory behind the own bytes. @kernel none: crypto_aead_set_reqsize */
export function contextFor<O extends CryptoOp>(
  op: O & { readonly tfm: { readonly ctx: TemplateCtx } },
  own: number,
  keeps = 0,
): StepContext<O> {
  const rctx = new StepContext<O>(op, keeps);
  let at = op.memory + own;
  rctx.children = op.tfm.ctx.children.map((tfm) => {
    const child = newOp(tfm, at);
    if (child === null) return null;
    child.complete = stepDone;
    child.data = rctx;
    at += tfm.alg.reqsize ?? 0;
    return child;
  });
  return rctx;
}

/** A cipher has no operations: it is called block by block. */
function newOp(tfm: ChildTfm, at: number): CryptoOp | null {
  const memory = physAddr(at);
  if (tfm instanceof CryptoSkcipher) return new SkcipherOp(tfm, memory);
  if (tfm instanceof CryptoAead) return new AeadOp(tfm, memory);
  if (tfm instanceof CryptoAkcipher) return new AkcipherOp(tfm, memory);
  return tfm instanceof CryptoAhash ? new AhashOp(tfm, memory) : null;
}
