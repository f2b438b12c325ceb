/**
 * Templates as data. A template says under which names it is found and what its children are called,
 * what it asks of them, what an instance looks like, how much memory of its own an operation needs, what
 * becomes of a key, and its operations as constant arrays of steps. Everything else is done here, once.
 * C: crypto/algapi.c, the create and init_tfm functions of crypto/ (6.1)
 * @module
 */
import {
  type AeadProperties,
  CRYPTO_ALG_ASYNC,
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_ALG_TYPE_AHASH,
  CRYPTO_ALG_TYPE_MASK,
  CRYPTO_ALG_TYPE_SKCIPHER,
  type CryptoAlg,
  type SkcipherProperties,
} from '../src/crypto/algorithm.ts';
import {
  type AttrType,
  checkNames,
  cryptoAlgtInheritedMask,
  cryptoCheckAttrType,
  instanceFlags,
} from '../src/crypto/instance.ts';
import { EINVAL, type Errno } from '../src/errno.ts';
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
  type CryptoAhash,
  cryptoFreeAhash,
  cryptoSpawnAhash,
  isAhash,
} from './ahash.ts';
import { type ChildTfm, TemplateCtx } from './child.ts';
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
import { type Step, StepContext, stepDone, stepsStart } from './steps.ts';
import type { CryptoTfm } from './tfm.ts';

/** The kinds of children, and the driver of each. */
interface ChildAlgs {
  readonly skcipher: SkcipherAlg;
  readonly aead: AeadAlg;
  readonly ahash: AhashAlg;
}

/** @kernel none: crypto_type */
export type ChildKind = keyof ChildAlgs;

const CHILD_TYPES = {
  skcipher: CRYPTO_ALG_TYPE_SKCIPHER,
  aead: CRYPTO_ALG_TYPE_AEAD,
  ahash: CRYPTO_ALG_TYPE_AHASH,
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
}

/** The drivers of the children, one for each kind. @kernel none: crypto_spawn_alg of each */
export type Algs<K extends readonly ChildKind[]> = { readonly [I in keyof K]: ChildAlgs[K[I]] };

/** A name of a template, how many parameters it takes, and what the children are called. @kernel none */
export interface TemplateName {
  readonly name: string;
  readonly params: number;
  readonly children: (params: readonly string[]) => readonly string[];
}

/** What every instance says of itself, whatever its kind. */
type InstanceNames = Pick<CryptoAlg, 'name' | 'driverName' | 'priority' | 'blocksize'>;

/** @kernel none: the body of a create function, as data */
export interface TemplateSpec<
  K extends readonly ChildKind[],
  O extends CryptoOp,
  T,
  I extends InstanceNames,
> {
  readonly names: readonly TemplateName[];
  readonly children: { readonly [J in keyof K]: Child<K[J]> };
  /** The instance over children that are what they must be; -EINVAL when they do not fit together. */
  readonly instance: (algs: Algs<K>, template: string) => I | Errno;
  /** Bytes of machine memory that an operation has for its own: `own`. */
  readonly own: number;
  /** Flags of the caller that reach a child behind the first asynchronous one. Default none. */
  readonly keeps?: number;
  readonly setkey: (tfm: T, key: Uint8Array) => Errno;
  readonly encrypt: readonly Step<O>[];
  readonly decrypt: readonly Step<O>[];
}

/** @kernel none: what tells an AEAD template from others */
export interface AeadSpec<K extends readonly ChildKind[]>
  extends TemplateSpec<K, AeadTemplateOp, CryptoAead<TemplateCtx>, InstanceNames & AeadProperties> {
  /** Default: every length up to the maxauthsize. */
  readonly setauthsize?: (tfm: CryptoAead<TemplateCtx>, authsize: number) => Errno;
}

/** @kernel none: what tells a cipher template from others */
export type SkcipherSpec<K extends readonly ChildKind[]> = TemplateSpec<
  K,
  SkcipherTemplateOp,
  CryptoSkcipher<TemplateCtx>,
  InstanceNames & SkcipherProperties
>;

/** An operation as the steps of a template get it. @kernel none */
export type AeadTemplateOp = AeadOp<TemplateCtx>;
/** An operation as the steps of a template get it. @kernel none */
export type SkcipherTemplateOp = SkcipherOp<TemplateCtx>;

/** A template that can be registered. @kernel crypto_template */
export interface CryptoTemplate {
  readonly names: readonly TemplateName[];
  /** Builds an instance over the children of these names. */
  create(
    api: CryptoApi,
    template: string,
    children: readonly string[],
    wanted: AttrType,
  ): CryptoAlg | Errno;
}

/** @kernel crypto_register_template */
export function cryptoRegisterTemplate(api: CryptoApi, template: CryptoTemplate): void {
  for (const { name, params, children } of template.names) {
    api.registry.registerTemplate(name, (_registry, given, type, mask) =>
      given.length < params ? -EINVAL : template.create(api, name, children(given), { type, mask }),
    );
  }
}

/** @kernel none: the create, init_tfm and exit_tfm functions of an AEAD template */
export function aeadTemplate<const K extends readonly ChildKind[]>(
  spec: AeadSpec<K>,
): CryptoTemplate {
  const { names, own, keeps, setkey, setauthsize = () => 0, encrypt, decrypt } = spec;
  return {
    names,
    create: (api, template, children, wanted) => {
      const base = instanceOf(api, spec, CRYPTO_ALG_TYPE_AEAD, template, children, wanted);
      if (typeof base === 'number') return base;
      const alg: AeadAlg<TemplateCtx> = {
        ...base,
        kind: 'aead',
        exit: freeChildren,
        setkey,
        setauthsize,
        initOp: (op) => contextFor(op, own, keeps),
        encrypt: (op) => stepsStart(op, encrypt),
        decrypt: (op) => stepsStart(op, decrypt),
      };
      return alg;
    },
  };
}

/** @kernel none: the create, init_tfm and exit_tfm functions of a cipher template */
export function skcipherTemplate<const K extends readonly ChildKind[]>(
  spec: SkcipherSpec<K>,
): CryptoTemplate {
  const { names, own, keeps, setkey, encrypt, decrypt } = spec;
  return {
    names,
    create: (api, template, children, wanted) => {
      const base = instanceOf(api, spec, CRYPTO_ALG_TYPE_SKCIPHER, template, children, wanted);
      if (typeof base === 'number') return base;
      const alg: SkcipherAlg<TemplateCtx> = {
        ...base,
        kind: 'skcipher',
        exit: freeChildren,
        setkey,
        initOp: (op) => contextFor(op, own, keeps),
        encrypt: (op) => stepsStart(op, encrypt),
        decrypt: (op) => stepsStart(op, decrypt),
      };
      return alg;
    },
  };
}

/** What all kinds of instances have in common, with its children found, checked and named. */
function instanceOf<K extends readonly ChildKind[], O extends CryptoOp, T, I extends InstanceNames>(
  api: CryptoApi,
  spec: TemplateSpec<K, O, T, I>,
  type: number,
  template: string,
  names: readonly string[],
  wanted: AttrType,
): (I & InstanceBase) | Errno {
  const err = cryptoCheckAttrType(wanted, type);
  if (err !== 0) return err;
  const algs = grabChildren(api, spec.children, names, cryptoAlgtInheritedMask(wanted));
  if (typeof algs === 'number') return algs;
  const instance = spec.instance(algs, template);
  if (typeof instance === 'number') return instance;
  const tooLong = checkNames(instance.name, instance.driverName);
  if (tooLong !== 0) return tooLong;
  return { ...instance, ...instanceBase(type, spec.own, algs) };
}

/** What follows from the children alone. @kernel none: fields that every create function sets */
export interface InstanceBase extends Pick<CryptoAlg, 'flags' | 'alignmask' | 'spawns'> {
  readonly reqsize: number;
  init(tfm: CryptoTfm): TemplateCtx | Errno;
}

/** @kernel none: the part of every create function that looks the same */
export function instanceBase(
  type: number,
  own: number,
  algs: readonly (SkcipherAlg | AeadAlg | AhashAlg)[],
): InstanceBase {
  return {
    flags: instanceFlags(type, algs),
    alignmask: algs.reduce((mask, alg) => mask | alg.alignmask, 0),
    spawns: algs,
    reqsize: algs.reduce((size, alg) => size + (alg.reqsize ?? 0), own),
    init: ({ api }) => spawnChildren(api, algs),
  };
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
    child.complete = stepDone;
    child.data = rctx;
    at += tfm.alg.reqsize ?? 0;
    return child;
  });
  return rctx;
}

function newOp(tfm: ChildTfm, at: number): SkcipherOp | AeadOp | AhashOp {
  const memory = physAddr(at);
  if (tfm instanceof CryptoSkcipher) return new SkcipherOp(tfm, memory);
  return tfm instanceof CryptoAead ? new AeadOp(tfm, memory) : new AhashOp(tfm, memory);
}

/** @returns the drivers, or -ENOENT, or -EINVAL for one that is not what was asked for. */
function grabChildren<K extends readonly ChildKind[]>(
  api: CryptoApi,
  wanted: { readonly [I in keyof K]: Child<K[I]> },
  names: readonly string[],
  mask: number,
): Algs<K> | Errno {
  const algs: CryptoAlg[] = [];
  for (const [i, child] of wanted.entries()) {
    const more = child.sync === true ? CRYPTO_ALG_ASYNC : 0;
    const type = CHILD_TYPES[child.kind];
    const alg = api.registry.find(names[i], type, mask | more | CRYPTO_ALG_TYPE_MASK);
    if (typeof alg === 'number') return alg;
    if (!fits(alg, child)) return -EINVAL;
    algs.push(alg);
  }
  return isAlgs<K>(algs, wanted) ? algs : -EINVAL;
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

/** A tfm for each driver; those that are there already are freed when one cannot be made. */
function spawnChildren(
  api: CryptoApi,
  algs: readonly (SkcipherAlg | AeadAlg | AhashAlg)[],
): TemplateCtx | Errno {
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

function spawn(api: CryptoApi, alg: SkcipherAlg | AeadAlg | AhashAlg): ChildTfm | Errno {
  if (isSkcipher(alg)) return cryptoSpawnSkcipher(api, alg);
  return isAead(alg) ? cryptoSpawnAead(api, alg) : cryptoSpawnAhash(api, alg);
}

/** @kernel none: the exit_tfm function of every template */
export function freeChildren({ children }: Pick<TemplateCtx, 'children'>): void {
  for (const child of children) free(child);
}

function free(child: CryptoSkcipher | CryptoAead | CryptoAhash): void {
  if (child instanceof CryptoSkcipher) cryptoFreeSkcipher(child);
  else if (child instanceof CryptoAead) cryptoFreeAead(child);
  else cryptoFreeAhash(child);
}
