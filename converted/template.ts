/**
 * Templates as data. A template says under which names it is found and what its children are called,
 * what it asks of them, what an instance looks like, how much memory of its own an operation needs, what
 * becomes of a key, and its operations as constant arrays of steps. Everything else is done here, once.
 * C: crypto/algapi.c, the create and init_tfm functions of crypto/ (6.1)
 * @module
 */
import {
  type AeadProperties,
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_ALG_TYPE_AHASH,
  CRYPTO_ALG_TYPE_AKCIPHER,
  CRYPTO_ALG_TYPE_MASK,
  CRYPTO_ALG_TYPE_SKCIPHER,
  type CryptoAlg,
  type HashProperties,
  type SkcipherProperties,
} from '../src/crypto/algorithm.ts';
import {
  type AttrType,
  checkNames,
  cryptoAlgtInheritedMask,
  cryptoCheckAttrType,
  instanceFlags,
  instanceNames,
} from '../src/crypto/instance.ts';
import { EINVAL, type Errno } from '../src/errno.ts';
import type { HashState } from '../src/provider/provider.ts';
import type { AeadAlg, AeadOp, CryptoAead } from './aead.ts';
import type { AhashAlg, AhashOp, CryptoAhash } from './ahash.ts';
import {
  type AkcipherAlg,
  type AkcipherOp,
  type CryptoAkcipher,
  cryptoAkcipherMaxsize,
  cryptoAkcipherSetPrivKey,
  cryptoAkcipherSetPubKey,
} from './akcipher.ts';
import {
  childAkcipher,
  childMessage,
  childSetauthsize,
  childSetkey,
  type TemplateCtx,
} from './child.ts';
import type { CryptoApi } from './crypto-api.ts';
import { shashOps } from './shash.ts';
import type { CryptoSkcipher, SkcipherAlg, SkcipherOp } from './skcipher.ts';
import {
  type Algs,
  type Child,
  type ChildAlg,
  type ChildKind,
  contextFor,
  cryptoGrabSpawn,
  freeChildren,
  spawnChildren,
} from './spawn.ts';
import { type Step, stepsStart } from './steps.ts';
import type { CryptoTfm } from './tfm.ts';

/** The child that a template hands on to what it does not say itself. */
const FIRST = 0;

/** A name of a template, how many parameters it takes, and what the children are called. @kernel none */
export interface TemplateName {
  readonly name: string;
  readonly params: number;
  /** Default: as the parameters. */
  readonly children?: (params: readonly string[]) => readonly string[];
}

/**
 * What every instance says of itself. Its flags and alignmask are those of its children and these. Default of
 * the names: `template(children)`, without children whose names are not given; of the priority: the first
 * child's.
 */
type InstanceNames = Pick<CryptoAlg, 'blocksize'> &
  Partial<Pick<CryptoAlg, 'name' | 'driverName' | 'priority' | 'flags' | 'alignmask'>>;

/** What all kinds of templates have. @kernel none: the body of a create function, as data */
export interface TemplateSpec<K extends readonly ChildKind[], T, I extends InstanceNames> {
  readonly names: readonly TemplateName[];
  readonly children: { readonly [J in keyof K]: Child<K[J]> };
  /** The instance over children that are what they must be; -EINVAL when they do not fit together. */
  readonly instance: (algs: Algs<K>, template: string) => I | Errno;
  /** What a tfm has beside its children and its key. */
  readonly initTfm?: (tfm: CryptoTfm, ctx: TemplateCtx) => void;
  /** Default: the key is the first child's. */
  readonly setkey?: (tfm: T, key: Uint8Array) => Errno;
}

/** What an operation in steps asks for. @kernel none: reqsize, and the masks of the `*_done` functions */
interface StepsSpec {
  /** Bytes of machine memory that an operation has for its own: `own`. Default none. */
  readonly own?: number;
  /** Flags of the caller that reach a child behind the first asynchronous one. Default none. */
  readonly keeps?: number;
}

/** An operation as the steps of a template get it. @kernel none */
export type AeadTemplateOp = AeadOp<TemplateCtx>;
/** An operation as the steps of a template get it. @kernel none */
export type SkcipherTemplateOp = SkcipherOp<TemplateCtx>;
/** An operation as the steps of a template get it. @kernel none */
export type AhashTemplateOp = AhashOp<TemplateCtx>;

/** An operation as the steps of a template get it. @kernel none */
export type AkcipherTemplateOp = AkcipherOp<TemplateCtx>;

/** @kernel none: what tells an AEAD template from others */
export interface AeadSpec<K extends readonly ChildKind[]>
  extends TemplateSpec<K, CryptoAead<TemplateCtx>, InstanceNames & AeadProperties>,
    StepsSpec {
  /** Which tags it has, up to the maxauthsize: 0, or -EINVAL. Default all; a child AEAD is asked too. */
  readonly checkAuthsize?: (authsize: number) => Errno;
  /** Does an operation without its steps, where that can be done; null where not. Default never. */
  readonly whole?: (op: AeadTemplateOp) => Errno | null;
  readonly encrypt: readonly Step<AeadTemplateOp>[];
  readonly decrypt: readonly Step<AeadTemplateOp>[];
}

/** @kernel none: what tells a cipher template from others */
export interface SkcipherSpec<K extends readonly ChildKind[]>
  extends TemplateSpec<K, CryptoSkcipher<TemplateCtx>, InstanceNames & SkcipherProperties>,
    StepsSpec {
  readonly encrypt: readonly Step<SkcipherTemplateOp>[];
  readonly decrypt: readonly Step<SkcipherTemplateOp>[];
}

/** A hash whose messages are those of its first child. @kernel none: what tells a hash template from others */
export interface AhashSpec<K extends readonly ChildKind[]>
  extends TemplateSpec<K, CryptoAhash<TemplateCtx>, InstanceNames & HashProperties>,
    StepsSpec {
  readonly init: readonly Step<AhashTemplateOp>[];
  readonly update: readonly Step<AhashTemplateOp>[];
  readonly final: readonly Step<AhashTemplateOp>[];
  readonly finup: readonly Step<AhashTemplateOp>[];
  readonly digest: readonly Step<AhashTemplateOp>[];
}

/** Keys and sizes are those of the first child. @kernel none: what tells a template over public keys from others */
export interface AkcipherSpec<K extends readonly ChildKind[]>
  extends Omit<TemplateSpec<K, CryptoAkcipher<TemplateCtx>, InstanceNames>, 'setkey'>,
    StepsSpec {
  readonly encrypt: readonly Step<AkcipherTemplateOp>[];
  readonly decrypt: readonly Step<AkcipherTemplateOp>[];
  readonly sign: readonly Step<AkcipherTemplateOp>[];
  readonly verify: readonly Step<AkcipherTemplateOp>[];
}

/** A MAC over linear data. @kernel none: what shash_instance has beside shash_alg */
export interface ShashSpec<K extends readonly ChildKind[]>
  extends Omit<
    TemplateSpec<K, CryptoAhash<TemplateCtx>, InstanceNames & Omit<HashProperties, 'keyed'>>,
    'setkey'
  > {
  /** A message that has taken the key, or -EINVAL; each real one is a copy. */
  readonly keyedState: (tfm: CryptoAhash<TemplateCtx>, key: Uint8Array) => HashState | Errno;
}

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
      given.length < params
        ? -EINVAL
        : template.create(api, name, children?.(given) ?? given, { type, mask }),
    );
  }
}

/** One name for several kinds: the caller must say which it looks for. @kernel none: the switch of cryptd_create */
export function templateByType(
  names: readonly TemplateName[],
  kinds: ReadonlyMap<number, CryptoTemplate>,
): CryptoTemplate {
  return {
    names,
    create: (api, template, children, wanted) => {
      const kind = kinds.get(wanted.type & wanted.mask & CRYPTO_ALG_TYPE_MASK);
      return kind?.create(api, template, children, wanted) ?? -EINVAL;
    },
  };
}

/** @kernel none: the create, init_tfm and exit_tfm functions of an AEAD template */
export function aeadTemplate<const K extends readonly ChildKind[]>(
  spec: AeadSpec<K>,
): CryptoTemplate {
  const { own = 0, keeps, setkey = firstSetkey, encrypt, decrypt } = spec;
  const { whole = () => null, checkAuthsize = () => 0 } = spec;
  const isOverAead = spec.children[0].kind === 'aead';
  return template(
    spec,
    CRYPTO_ALG_TYPE_AEAD,
    own,
    (base): AeadAlg<TemplateCtx> => ({
      ...base,
      kind: 'aead',
      setkey,
      setauthsize: (tfm, authsize) =>
        checkAuthsize(authsize) || (isOverAead ? childSetauthsize(tfm, FIRST, authsize) : 0),
      initOp: (op) => contextFor(op, own, keeps),
      encrypt: (op) => whole(op) ?? stepsStart(op, encrypt),
      decrypt: (op) => whole(op) ?? stepsStart(op, decrypt),
    }),
  );
}

/** @kernel none: the create, init_tfm and exit_tfm functions of a cipher template */
export function skcipherTemplate<const K extends readonly ChildKind[]>(
  spec: SkcipherSpec<K>,
): CryptoTemplate {
  const { own = 0, keeps, setkey = firstSetkey, encrypt, decrypt } = spec;
  return template(
    spec,
    CRYPTO_ALG_TYPE_SKCIPHER,
    own,
    (base): SkcipherAlg<TemplateCtx> => ({
      ...base,
      kind: 'skcipher',
      setkey,
      initOp: (op) => contextFor(op, own, keeps),
      encrypt: (op) => stepsStart(op, encrypt),
      decrypt: (op) => stepsStart(op, decrypt),
    }),
  );
}

/** @kernel none: the create, init_tfm and exit_tfm functions of a hash template */
export function ahashTemplate<const K extends readonly ChildKind[]>(
  spec: AhashSpec<K>,
): CryptoTemplate {
  const { own = 0, keeps, setkey = firstSetkey } = spec;
  return template(
    spec,
    CRYPTO_ALG_TYPE_AHASH,
    own,
    (base): AhashAlg<TemplateCtx> => ({
      ...base,
      kind: 'ahash',
      setkey,
      newState: (tfm) => childMessage(tfm, FIRST),
      initOp: (op) => contextFor(op, own, keeps),
      initState: (op) => stepsStart(op, spec.init),
      update: (op) => stepsStart(op, spec.update),
      final: (op) => stepsStart(op, spec.final),
      finup: (op) => stepsStart(op, spec.finup),
      digest: (op) => stepsStart(op, spec.digest),
    }),
  );
}

/** @kernel none: the create, init_tfm and exit_tfm functions of a template over public keys */
export function akcipherTemplate<const K extends readonly ChildKind[]>(
  spec: AkcipherSpec<K>,
): CryptoTemplate {
  const { own = 0, keeps } = spec;
  return template(
    spec,
    CRYPTO_ALG_TYPE_AKCIPHER,
    own,
    (base): AkcipherAlg<TemplateCtx> => ({
      ...base,
      kind: 'akcipher',
      setPubKey: (tfm, key) => cryptoAkcipherSetPubKey(childAkcipher(tfm, FIRST), key),
      setPrivKey: (tfm, key) => cryptoAkcipherSetPrivKey(childAkcipher(tfm, FIRST), key),
      maxSize: (tfm) => cryptoAkcipherMaxsize(childAkcipher(tfm, FIRST)),
      initOp: (op) => contextFor(op, own, keeps),
      encrypt: (op) => stepsStart(op, spec.encrypt),
      decrypt: (op) => stepsStart(op, spec.decrypt),
      sign: (op) => stepsStart(op, spec.sign),
      verify: (op) => stepsStart(op, spec.verify),
    }),
  );
}

/** @kernel none: shash_register_instance and what is before it */
export function shashTemplate<const K extends readonly ChildKind[]>(
  spec: ShashSpec<K>,
): CryptoTemplate {
  return template(
    spec,
    CRYPTO_ALG_TYPE_AHASH,
    0,
    (base): AhashAlg<TemplateCtx> => ({
      ...base,
      kind: 'ahash',
      keyed: true,
      setkey: (tfm, key) => {
        const state = spec.keyedState(tfm, key);
        if (typeof state === 'number') return state;
        tfm.ctx.states = [state];
        return 0;
      },
      ...shashOps(({ ctx }) => ctx.states[0].clone()),
    }),
  );
}

function firstSetkey(tfm: CryptoTfm, key: Uint8Array): Errno {
  return childSetkey(tfm, FIRST, key);
}

type NamedBase = Pick<CryptoAlg, 'name' | 'driverName' | 'priority'>;

/** What follows from the children alone. @kernel none: fields that every create function sets */
interface InstanceBase extends Pick<CryptoAlg, 'flags' | 'alignmask' | 'spawns'> {
  readonly reqsize: number;
  init(tfm: CryptoTfm): TemplateCtx | Errno;
  exit(ctx: TemplateCtx): void;
}

/** What all kinds of templates have in common: children found, checked and named. */
function template<K extends readonly ChildKind[], I extends InstanceNames, A extends CryptoAlg>(
  spec: Omit<TemplateSpec<K, never, I>, 'setkey'>,
  type: number,
  own: number,
  alg: (base: I & NamedBase & InstanceBase) => A,
): CryptoTemplate {
  return {
    names: spec.names,
    create: (api, name, children, wanted) => {
      const err = cryptoCheckAttrType(wanted, type);
      if (err !== 0) return err;
      const mask = cryptoAlgtInheritedMask(wanted);
      const algs = cryptoGrabSpawn(api, spec.children, children, mask);
      if (typeof algs === 'number') return algs;
      const instance = spec.instance(algs, name);
      if (typeof instance === 'number') return instance;
      const named = algs.filter((_, i) => spec.children[i].inside === undefined);
      const base = {
        ...{ ...instanceNames(name, named), priority: algs[FIRST].priority, ...instance },
        ...instanceBase(spec, type, own, algs, instance),
      };
      return checkNames(base.name, base.driverName) || alg(base);
    },
  };
}

function instanceBase<K extends readonly ChildKind[]>(
  { children, initTfm }: Pick<TemplateSpec<K, never, never>, 'children' | 'initTfm'>,
  type: number,
  own: number,
  algs: readonly ChildAlg[],
  { flags = 0, alignmask }: InstanceNames,
): InstanceBase {
  return {
    flags: instanceFlags(type, algs) | flags,
    alignmask: alignmask ?? algs.reduce((mask, alg) => mask | alg.alignmask, 0),
    spawns: algs.filter((_, i) => children[i].spawn ?? true),
    reqsize: algs.reduce((size, alg) => size + (alg.reqsize ?? 0), own),
    init: (tfm) => {
      const ctx = spawnChildren(tfm.api, algs);
      if (typeof ctx !== 'number') initTfm?.(tfm, ctx);
      return ctx;
    },
    exit: freeChildren,
  };
}
