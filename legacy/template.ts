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
} from '../src/crypto/instance.ts';
import { EINVAL, type Errno } from '../src/errno.ts';
import { type VirtAddr, virtAddr } from '../src/units.ts';
import type { AeadAlg, AeadRequest, CryptoAead } from './aead.ts';
import type { AhashAlg, AhashRequest } from './ahash.ts';
import type { AkcipherAlg, AkcipherRequest } from './akcipher.ts';
import { type ChildTfm, childRequest, childSize, TemplateCtx } from './child.ts';
import type { CryptoApi } from './crypto-api.ts';
import { cryptoInitShashOpsAsync, type ShashAlg, type ShashProperties } from './shash.ts';
import type { CryptoSkcipher, SkcipherAlg, SkcipherRequest } from './skcipher.ts';
import {
  type Algs,
  type Child,
  type ChildKind,
  cryptoGrabSpawn,
  freeChildren,
  spawnChildren,
} from './spawn.ts';
import { KEEP_BACKLOG, type Step, StepContext, type StepRequest, stepsStart } from './steps.ts';
import type { CryptoTfm } from './tfm.ts';

/** A name of a template, how many parameters it takes, and what the children are called. @kernel none: tb of a create function */
export interface TemplateName {
  readonly name: string;
  readonly params: number;
  /** Default: as the parameters. */
  readonly children?: (params: readonly string[]) => readonly string[];
}

/** What every instance says of itself; its flags are those of its children and these, its alignmask theirs or this. */
type InstanceNames = Pick<CryptoAlg, 'name' | 'driverName' | 'priority' | 'blocksize'> &
  Partial<Pick<CryptoAlg, 'flags' | 'alignmask'>>;

/** What all templates have in common */
interface BaseSpec<K extends readonly ChildKind[], I> {
  readonly names: readonly TemplateName[];
  readonly children: { readonly [J in keyof K]: Child<K[J]> };
  /** The instance over children that are what they must be; -EINVAL when they do not fit together. */
  readonly instance: (algs: Algs<K>, template: string) => I | Errno;
}

/** What all templates have in common whose operations are requests */
interface RequestSpec<
  K extends readonly ChildKind[],
  R extends StepRequest,
  I extends InstanceNames,
> extends BaseSpec<K, I> {
  /** Bytes of machine memory that an operation has for its own. Default none. */
  readonly own?: number | ((algs: Algs<K>) => number);
  /** Flags of the caller that reach a child behind the first asynchronous one. Default MAY_BACKLOG. */
  readonly keeps?: number;
  /** What a transform keeps beyond its children. */
  readonly ctx?: new (
    children: readonly ChildTfm[],
  ) => TemplateCtx;
  /** What a tfm has beside its children and its key. */
  readonly initTfm?: (tfm: CryptoTfm, ctx: TemplateCtx) => void;
  /** What an operation keeps beyond the requests of the children: lists, blocks. */
  readonly rctx?: new (
    req: R,
    own: VirtAddr,
    keeps: number,
  ) => StepContext<R>;
}

/** @kernel none: the body of a create function, as data */
export interface TemplateSpec<
  K extends readonly ChildKind[],
  R extends StepRequest,
  T,
  I extends InstanceNames,
> extends RequestSpec<K, R, I> {
  readonly setkey: (tfm: T, key: Uint8Array) => Errno;
  readonly encrypt: readonly Step<R>[];
  readonly decrypt: readonly Step<R>[];
  /** Steps whose -EINPROGRESS notice nobody hears. Default none. */
  readonly swallows?: StepContext<R>['swallows'];
}

/** A request as the steps of a template get it. @kernel none: aead_request */
export type AeadTemplateReq = AeadRequest<TemplateCtx>;
/** A request as the steps of a template get it. @kernel none: skcipher_request */
export type SkcipherTemplateReq = SkcipherRequest<TemplateCtx>;

/** A request as the steps of a template get it. @kernel none: ahash_request */
export type AhashTemplateReq = AhashRequest<TemplateCtx>;

/** A request as the steps of a template get it. @kernel none: akcipher_request */
export type AkcipherTemplateReq = AkcipherRequest<TemplateCtx>;

/** @kernel none: what tells an AEAD template from others */
export interface AeadSpec<K extends readonly ChildKind[]>
  extends TemplateSpec<
    K,
    AeadTemplateReq,
    CryptoAead<TemplateCtx>,
    InstanceNames & AeadProperties
  > {
  /** Default: every length up to the maxauthsize. */
  readonly setauthsize?: (tfm: CryptoAead<TemplateCtx>, authsize: number) => Errno;
}

/** @kernel none: what tells a cipher template from others */
export type SkcipherSpec<K extends readonly ChildKind[]> = TemplateSpec<
  K,
  SkcipherTemplateReq,
  CryptoSkcipher<TemplateCtx>,
  InstanceNames & SkcipherProperties
>;

/** @kernel none: what tells a template over lists of hashes from others */
export interface AhashSpec<K extends readonly ChildKind[]>
  extends RequestSpec<K, AhashTemplateReq, InstanceNames & HashProperties>,
    Pick<AhashAlg<TemplateCtx>, 'setkey' | 'export' | 'import'> {
  readonly initState: readonly Step<AhashTemplateReq>[];
  readonly update: readonly Step<AhashTemplateReq>[];
  readonly final: readonly Step<AhashTemplateReq>[];
  readonly finup: readonly Step<AhashTemplateReq>[];
  readonly digest: readonly Step<AhashTemplateReq>[];
}

/** @kernel none: what tells a template over public keys from others */
export interface AkcipherSpec<K extends readonly ChildKind[]>
  extends RequestSpec<K, AkcipherTemplateReq, InstanceNames>,
    Required<Pick<AkcipherAlg<TemplateCtx>, 'setPubKey' | 'setPrivKey' | 'maxSize'>> {
  readonly encrypt: readonly Step<AkcipherTemplateReq>[];
  readonly decrypt: readonly Step<AkcipherTemplateReq>[];
  readonly sign: readonly Step<AkcipherTemplateReq>[];
  readonly verify: readonly Step<AkcipherTemplateReq>[];
}

/** What an instance of a hash template says of itself. */
type HashInstance = InstanceNames & Pick<ShashProperties, 'digestsize' | 'statesize'>;

/** @kernel none: what tells a template of keyed hashes from others */
export interface ShashSpec<K extends readonly ChildKind[]> extends BaseSpec<K, HashInstance> {
  /** What starts messages under a key; -EINVAL for a key that is refused. */
  readonly shash: (algs: Algs<K>) => ShashAlg['shash'];
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
  const { names, setkey, setauthsize, encrypt, decrypt } = spec;
  return {
    names,
    create: (api, template, children, wanted) => {
      const built = instanceOf(api, spec, CRYPTO_ALG_TYPE_AEAD, template, children, wanted);
      if (typeof built === 'number') return built;
      const { instance, own, ...base } = built;
      const alg: AeadAlg<TemplateCtx> = {
        ...instance,
        ...base,
        kind: 'aead',
        setkey,
        setauthsize: setauthsize ?? (() => 0),
        initRequest: (req, memory) => contextFor(req, spec, memory, own),
        encrypt: (req) => stepsStart(req, encrypt, /* enc */ true),
        decrypt: (req) => stepsStart(req, decrypt, /* enc */ false),
      };
      return alg;
    },
  };
}

/** @kernel none: the create, init_tfm and exit_tfm functions of a cipher template */
export function skcipherTemplate<const K extends readonly ChildKind[]>(
  spec: SkcipherSpec<K>,
): CryptoTemplate {
  const { names, setkey, encrypt, decrypt } = spec;
  return {
    names,
    create: (api, template, children, wanted) => {
      const built = instanceOf(api, spec, CRYPTO_ALG_TYPE_SKCIPHER, template, children, wanted);
      if (typeof built === 'number') return built;
      const { instance, own, ...base } = built;
      const alg: SkcipherAlg<TemplateCtx> = {
        ...instance,
        ...base,
        kind: 'skcipher',
        setkey,
        initRequest: (req, memory) => contextFor(req, spec, memory, own),
        encrypt: (req) => stepsStart(req, encrypt, /* enc */ true),
        decrypt: (req) => stepsStart(req, decrypt, /* enc */ false),
      };
      return alg;
    },
  };
}

/** @kernel none: the create, init_tfm and exit_tfm functions of a template over lists of hashes */
export function ahashTemplate<const K extends readonly ChildKind[]>(
  spec: AhashSpec<K>,
): CryptoTemplate {
  const { names, setkey } = spec;
  return {
    names,
    create: (api, template, children, wanted) => {
      const built = instanceOf(api, spec, CRYPTO_ALG_TYPE_AHASH, template, children, wanted);
      if (typeof built === 'number') return built;
      const { instance, own, ...base } = built;
      const alg: AhashAlg<TemplateCtx> = {
        ...instance,
        ...base,
        kind: 'ahash',
        shash: null,
        setkey,
        initRequest: (req, memory) => contextFor(req, spec, memory, own),
        initState: (req) => stepsStart(req, spec.initState, /* enc */ true),
        update: (req) => stepsStart(req, spec.update, /* enc */ true),
        final: (req) => stepsStart(req, spec.final, /* enc */ true),
        finup: (req) => stepsStart(req, spec.finup, /* enc */ true),
        digest: (req) => stepsStart(req, spec.digest, /* enc */ true),
        export: (req, out) => spec.export(req, out),
        import: (req, from) => spec.import(req, from),
      };
      return alg;
    },
  };
}

/** @kernel none: the create, init_tfm and exit_tfm functions of a template over public keys */
export function akcipherTemplate<const K extends readonly ChildKind[]>(
  spec: AkcipherSpec<K>,
): CryptoTemplate {
  const { names, setPubKey, setPrivKey, maxSize } = spec;
  return {
    names,
    create: (api, template, children, wanted) => {
      const built = instanceOf(api, spec, CRYPTO_ALG_TYPE_AKCIPHER, template, children, wanted);
      if (typeof built === 'number') return built;
      const { instance, own, ...base } = built;
      const alg: AkcipherAlg<TemplateCtx> = {
        ...instance,
        ...base,
        kind: 'akcipher',
        setPubKey,
        setPrivKey,
        maxSize,
        initRequest: (req, memory) => contextFor(req, spec, memory, own),
        encrypt: (req) => stepsStart(req, spec.encrypt, /* enc */ true),
        decrypt: (req) => stepsStart(req, spec.decrypt, /* enc */ false),
        sign: (req) => stepsStart(req, spec.sign, /* enc */ true),
        verify: (req) => stepsStart(req, spec.verify, /* enc */ false),
      };
      return alg;
    },
  };
}

/** @kernel none: the create function of a template of keyed hashes */
export function shashTemplate<const K extends readonly ChildKind[]>(
  spec: ShashSpec<K>,
): CryptoTemplate {
  return {
    names: spec.names,
    create: (api, template, children, wanted) => {
      const found = foundOf(api, spec, CRYPTO_ALG_TYPE_AHASH, template, children, wanted);
      if (typeof found === 'number') return found;
      const { algs, instance, flags, alignmask, spawns } = found;
      const properties = { ...instance, flags, alignmask, spawns, keyed: true };
      return cryptoInitShashOpsAsync(properties, spec.shash(algs));
    },
  };
}

interface Found<K extends readonly ChildKind[], I> {
  readonly algs: Algs<K>;
  readonly instance: I;
  readonly flags: number;
  readonly alignmask: number;
  readonly spawns: readonly CryptoAlg[];
}

/** What follows from the children alone, with them found, checked and named. */
function foundOf<K extends readonly ChildKind[], I extends InstanceNames>(
  api: CryptoApi,
  spec: BaseSpec<K, I>,
  type: number,
  template: string,
  names: readonly string[],
  wanted: AttrType,
): Found<K, I> | Errno {
  const err = cryptoCheckAttrType(wanted, type);
  if (err !== 0) return err;
  const algs = cryptoGrabSpawn(api, spec.children, names, cryptoAlgtInheritedMask(wanted));
  if (typeof algs === 'number') return algs;
  const instance = spec.instance(algs, template);
  if (typeof instance === 'number') return instance;
  const tooLong = checkNames(instance.name, instance.driverName);
  if (tooLong !== 0) return tooLong;
  return {
    algs,
    instance,
    flags: instanceFlags(type, algs) | (instance.flags ?? 0),
    alignmask: instance.alignmask ?? algs.reduce((mask, alg) => mask | alg.alignmask, 0),
    spawns: algs.filter((_, i) => spec.children[i].spawn ?? true),
  };
}

/** An instance without its operations. */
interface Built<I> extends Omit<Found<readonly ChildKind[], I>, 'algs'> {
  readonly own: number;
  readonly reqsize: number;
  init(tfm: CryptoTfm): TemplateCtx | Errno;
  exit(ctx: TemplateCtx): void;
}

function instanceOf<K extends readonly ChildKind[], R extends StepRequest, I extends InstanceNames>(
  api: CryptoApi,
  spec: RequestSpec<K, R, I>,
  type: number,
  template: string,
  names: readonly string[],
  wanted: AttrType,
): Built<I> | Errno {
  const found = foundOf(api, spec, type, template, names, wanted);
  if (typeof found === 'number') return found;
  const { algs, ...base } = found;
  const { children, ctx = TemplateCtx, initTfm } = spec;
  const own = typeof spec.own === 'function' ? spec.own(algs) : (spec.own ?? 0);
  const asked = algs.filter((_, i) => takesRequest(children[i]));
  return {
    ...base,
    own,
    reqsize: asked.length === 0 ? own : own + childSize(asked),
    init: (tfm) => {
      const spawned = spawnChildren(tfm.api, algs, children);
      if (typeof spawned === 'number') return spawned;
      const made = new ctx(spawned);
      initTfm?.(tfm, made);
      return made;
    },
    exit: freeChildren,
  };
}

/** True for children that are called by requests of their own. */
function takesRequest({ kind, request }: Child<ChildKind>): boolean {
  return request !== false && kind !== 'cipher' && kind !== 'shash';
}

/** What a template says of the contexts of its requests. */
interface ContextSpec<R extends StepRequest> {
  readonly rctx?: new (req: R, own: VirtAddr, keeps: number) => StepContext<R>;
  readonly keeps?: number;
  readonly swallows?: StepContext<R>['swallows'];
}

function contextFor<R extends StepRequest>(
  req: R & { readonly tfm: { readonly ctx: TemplateCtx } },
  { rctx: make = StepContext, keeps = KEEP_BACKLOG, swallows }: ContextSpec<R>,
  memory: VirtAddr,
  own: number,
): StepContext<R> {
  const rctx = new make(req, memory, keeps);
  if (swallows !== undefined) rctx.swallows = swallows;
  const at = virtAddr(memory + own);
  rctx.children = req.tfm.ctx.children.map((child) => childRequest(child, at));
  return rctx;
}
