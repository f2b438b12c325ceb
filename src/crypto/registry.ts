/**
 * The registry: lookup by name, driver name, type and flags, and instantiation of templates.
 *
 * Instantiation is a global side effect, as in the kernel: the instance stays, and a later lookup may
 * find it. Each API has a registry of its own.
 * C: crypto/api.c, crypto/algapi.c, crypto/algboss.c (6.1)
 * @module
 */
import { EEXIST, EINVAL, ENOENT, type Errno } from '../errno.ts';
import {
  CRYPTO_ALG_INTERNAL,
  CRYPTO_ALG_TYPE_CIPHER,
  CRYPTO_ALG_TYPE_MASK,
  CRYPTO_MAX_ALG_NAME,
  type CryptoAlg,
} from './algorithm.ts';

/** Largest blocks and alignments (include/crypto/algapi.h 6.1); 7.x takes alignments up to 127. */
const MAX_ALGAPI_BLOCKSIZE = 160;
const MAX_ALGAPI_ALIGNMASK = 63;
const MAX_CIPHER_BLOCKSIZE = 16;
const MAX_CIPHER_ALIGNMASK = 15;

/** A parsed template name: `gcm(aes)` is template `gcm` with one parameter. */
export interface TemplateName {
  readonly template: string;
  readonly params: readonly string[];
}

/** Builds an instance, or says with a negative errno why not. */
export type TemplateCreate<A extends CryptoAlg> = (
  registry: CryptoRegistry<A>,
  params: readonly string[],
  type: number,
  mask: number,
) => A | Errno;

/** The algorithms of one API. */
export class CryptoRegistry<A extends CryptoAlg> {
  private readonly algs: A[] = [];
  /** The same by name and by driver name, newest first: there are hundreds, and a lookup is on every path. */
  private readonly byName = new Map<string, A[]>();
  private readonly byDriver = new Map<string, A[]>();
  /** What is built on an algorithm, newest first. */
  private readonly users = new Map<CryptoAlg, A[]>();
  private readonly templates = new Map<string, TemplateCreate<A>>();
  /** The instances of each template. */
  private readonly instances = new Map<string, A[]>();

  /**
   * Adds an algorithm in front: of equal priorities the newest wins. A second algorithm with the same
   * driver name is no error in 6.1. Instances that are built on an algorithm which the new one
   * replaces are dropped; their next lookup builds them anew.
   * @returns 0; -EEXIST when the generic name is another's driver name or the reverse; -EINVAL for a
   *   malformed descriptor.
   * @kernel crypto_register_alg, crypto_alg_tested
   */
  register(alg: A): Errno {
    if (alg.driverName.length > CRYPTO_MAX_ALG_NAME || alg.priority < 0) return -EINVAL;
    const cipher = isType(alg, CRYPTO_ALG_TYPE_CIPHER);
    if ((alg.alignmask & (alg.alignmask + 1)) !== 0) return -EINVAL;
    if (alg.name === '' || alg.driverName === '') return -EINVAL;
    if (alg.alignmask > (cipher ? MAX_CIPHER_ALIGNMASK : MAX_ALGAPI_ALIGNMASK)) return -EINVAL;
    if (alg.blocksize > (cipher ? MAX_CIPHER_BLOCKSIZE : MAX_ALGAPI_BLOCKSIZE)) return -EINVAL;
    if (this.byDriver.has(alg.name) || this.byName.has(alg.driverName)) return -EEXIST;
    this.algs.unshift(alg);
    addFirst(this.byName, alg.name, alg);
    addFirst(this.byDriver, alg.driverName, alg);
    for (const base of alg.spawns ?? []) addFirst(this.users, base, alg);
    const replaced = this.byName.get(alg.name)?.filter((other) => replaces(alg, other)) ?? [];
    for (const other of replaced) this.removeSpawns(other, alg);
    return 0;
  }

  /** @kernel crypto_register_template */
  registerTemplate(name: string, create: TemplateCreate<A>): void {
    this.templates.set(name, create);
  }

  /**
   * Puts an algorithm in the place of the one that has its driver name, in the order of lookups, too.
   * Instances over that one are dropped; their next lookup builds them anew.
   * @returns 0, or -ENOENT when there is none of this driver name. @kernel none: a driver that is exchanged
   */
  replace(alg: A): Errno {
    const [old] = this.byDriver.get(alg.driverName) ?? [];
    if (old === undefined) return -ENOENT;
    this.removeSpawns(old, alg);
    this.algs[this.algs.indexOf(old)] = alg;
    exchange(this.byName.get(old.name), old, alg);
    exchange(this.byDriver.get(old.driverName), old, alg);
    for (const base of old.spawns ?? []) removeFrom(this.users, base, old);
    for (const base of alg.spawns ?? []) addFirst(this.users, base, alg);
    return 0;
  }

  /**
   * Lets a template build its instances otherwise; those that are there are dropped.
   * @returns 0, or -ENOENT when there is no template of this name. @kernel none: the same
   */
  replaceTemplate(name: string, create: TemplateCreate<A>): Errno {
    if (!this.templates.has(name)) return -ENOENT;
    for (const instance of this.instances.get(name)?.splice(0) ?? []) {
      if (!this.algs.includes(instance)) continue;
      this.remove(instance);
      this.removeSpawns(instance, instance);
    }
    this.templates.set(name, create);
    return 0;
  }

  /** Names of the templates, in the order of their registration. */
  templateNames(): readonly string[] {
    return [...this.templates.keys()];
  }

  /** Every algorithm, newest first. */
  list(): readonly A[] {
    return this.algs;
  }

  /**
   * An algorithm whose flags agree with `type` in the bits of `mask`: by driver name, else the
   * highest priority of its name, else a new instance of a template.
   * @returns -ENOENT when there is none and none can be built. @kernel crypto_alg_mod_lookup
   */
  find(name: string, type: number, mask: number): A | Errno {
    const found = this.lookup(name, type, mask);
    if (found !== null) return found;
    const parsed = parseTemplateName(name);
    const create = parsed === null ? undefined : this.templates.get(parsed.template);
    if (parsed === null || create === undefined) return -ENOENT;
    const instance = create(this, parsed.params, type, mask);
    if (typeof instance === 'number') return -ENOENT;
    this.register(instance);
    addFirst(this.instances, parsed.template, instance);
    return this.lookup(name, type, mask) ?? -ENOENT;
  }

  /** Drops every instance that is built on `base`, but for `keep`. @kernel crypto_remove_spawns */
  private removeSpawns(base: CryptoAlg, keep: CryptoAlg): void {
    for (const user of this.users.get(base)?.slice() ?? []) {
      if (user === keep || !this.algs.includes(user)) continue;
      this.remove(user);
      this.removeSpawns(user, keep);
    }
  }

  private remove(alg: A): void {
    this.algs.splice(this.algs.indexOf(alg), 1);
    removeFrom(this.byName, alg.name, alg);
    removeFrom(this.byDriver, alg.driverName, alg);
    for (const base of alg.spawns ?? []) removeFrom(this.users, base, alg);
  }

  private lookup(name: string, type: number, mask: number): A | null {
    // Internal algorithms are found only by those who ask for them.
    const wanted = ((type | mask) & CRYPTO_ALG_INTERNAL) === 0 ? mask | CRYPTO_ALG_INTERNAL : mask;
    for (const alg of this.byDriver.get(name) ?? []) {
      if (((alg.flags ^ type) & wanted) === 0) return alg;
    }
    let best: A | null = null;
    for (const alg of this.byName.get(name) ?? []) {
      if (((alg.flags ^ type) & wanted) !== 0) continue;
      if (best === null || alg.priority > best.priority) best = alg;
    }
    return best;
  }
}

function addFirst<K, A>(index: Map<K, A[]>, key: K, alg: A): void {
  const list = index.get(key);
  if (list === undefined) index.set(key, [alg]);
  else if (!list.includes(alg)) list.unshift(alg);
}

function exchange<A>(list: A[] | undefined, old: A, to: A): void {
  list?.splice(list.indexOf(old), 1, to);
}

function removeFrom<K, A>(index: Map<K, A[]>, key: K, alg: A): void {
  const list = index.get(key);
  if (list === undefined) return;
  const left = list.filter((other) => other !== alg);
  if (left.length === 0) index.delete(key);
  else index.set(key, left);
}

/** True when a new algorithm makes instances built on an older one of the same name obsolete. */
function replaces(alg: CryptoAlg, other: CryptoAlg): boolean {
  if (other === alg || other.name !== alg.name) return false;
  return other.driverName === alg.driverName || other.priority <= alg.priority;
}

/** True when `alg` is of the given `CRYPTO_ALG_TYPE_*`. */
export function isType(alg: CryptoAlg, type: number): boolean {
  return (alg.flags & CRYPTO_ALG_TYPE_MASK) === type;
}

/**
 * Splits `template(param,...)`. A parameter may itself have balanced parentheses. Text behind the
 * closing parenthesis is ignored, as the kernel's parser does.
 * @returns null for anything that is not a template name. @kernel cryptomgr_schedule_probe
 */
export function parseTemplateName(name: string): TemplateName | null {
  const head = /^[A-Za-z0-9_-]+\(/.exec(name);
  if (head === null) return null;
  const params: string[] = [];
  let at = head[0].length;
  for (;;) {
    const end = parameterEnd(name, at);
    if (end === null) return null;
    params.push(name.slice(at, end));
    if (name[end] === ')') break;
    if (name[end] !== ',' || params.length === 31) return null;
    at = end + 1;
  }
  return { template: head[0].slice(0, -1), params };
}

/** Index behind the parameter that starts at `start`, or null when it is malformed. */
function parameterEnd(name: string, start: number): number | null {
  let at = start;
  while (/[A-Za-z0-9_-]/.test(name.charAt(at))) at++;
  if (at === start) return null;
  if (name[at] !== '(') return at;
  let depth = 0;
  for (; at < name.length; at++) {
    if (name[at] === '(') depth++;
    else if (name[at] === ')' && --depth === 0) return at + 1;
  }
  return null;
}
