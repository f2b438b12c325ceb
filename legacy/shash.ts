/**
 * A hash of linear data behind the list API: how every software hash is an ahash.
 * C: crypto/shash.c shash_ahash_update, shash_ahash_finup, shash_ahash_digest (6.1)
 * @module
 */

import { KernelBug } from '../src/assert.ts';
import { CRYPTO_ALG_OPTIONAL_KEY, type CryptoAlg } from '../src/crypto/algorithm.ts';
import { NO_KEY } from '../src/crypto/hashes.ts';
import { EINVAL, ENOKEY, ENOSYS, type Errno } from '../src/errno.ts';
import type { HashState } from '../src/provider/provider.ts';
import { PAGE_SIZE } from '../src/units.ts';
import { type AhashAlg, type AhashRequest, type HashFactory, isAhash } from './ahash.ts';
import type { CryptoApi } from './crypto-api.ts';
import { sgPhys } from './lists/scatterlist.ts';
import { CryptoTfm, cryptoSetkeyBegin } from './tfm.ts';
import {
  CryptoHashWalk,
  cryptoHashWalkDone,
  cryptoHashWalkFirst,
  cryptoHashWalkLast,
} from './walk/hash-walk.ts';

/** What starts messages under the key of a transform. @kernel none: the context of a crypto_shash */
export class ShashCtx {
  factory: HashFactory | Errno;

  constructor(factory: HashFactory | Errno) {
    this.factory = factory;
  }
}

/** A driver that hashes linear data. @kernel shash_alg */
export interface ShashAlg extends AhashAlg<ShashCtx> {
  readonly shash: NonNullable<AhashAlg['shash']>;
}

/** What a hash of linear data says of itself. @kernel none: shash_alg without its functions */
export type ShashProperties = Pick<
  ShashAlg,
  Exclude<keyof CryptoAlg, 'kind'> | 'digestsize' | 'statesize' | 'keyed'
>;

/** The list API over `shash`. @kernel crypto_init_shash_ops_async */
export function cryptoInitShashOpsAsync(
  properties: ShashProperties,
  shash: ShashAlg['shash'],
): ShashAlg {
  return {
    ...properties,
    kind: 'ahash',
    shash,
    init: () => newCtx({ ...properties, shash }),
    setkey,
    initRequest: () => new ShashDesc(),
    initState,
    update,
    final,
    finup,
    digest,
    export: exportState,
    import: importState,
  };
}

/** Tells a hash of linear data from other hashes. @kernel none: C tells by cra_type */
export function isShash(alg: CryptoAlg): alg is ShashAlg {
  return isAhash(alg) && alg.shash !== null;
}

/** A transform for linear data, as templates have it. @kernel crypto_shash */
export class CryptoShash extends CryptoTfm<ShashAlg, ShashCtx> {}

/** A transform of exactly this algorithm. @kernel crypto_spawn_shash */
export function cryptoSpawnShash(api: CryptoApi, alg: ShashAlg): CryptoShash {
  return new CryptoShash(api, alg, newCtx(alg));
}

/** @returns 0, or the errno of the hash. @kernel crypto_shash_setkey */
export function cryptoShashSetkey(tfm: CryptoShash, key: Uint8Array): Errno {
  const err = cryptoSetkeyBegin(tfm, key);
  return err === 0 ? setkey(tfm, key) : err;
}

/** Starts a message. @throws KernelBug without a key. @kernel crypto_shash_init */
export function cryptoShashInit({ ctx }: Pick<CryptoShash, 'ctx'>): HashState {
  if (typeof ctx.factory === 'number') throw new KernelBug('hash without key');
  return ctx.factory();
}

/** The running message of a request, null where there is none. @throws KernelBug for a hash that keeps it elsewhere. @kernel none: a shash_desc inside an ahash_request */
export function shashMessage(req: AhashRequest): HashState | null {
  return descOf(req).state;
}

/** Lets a request go on from a message that somebody else keeps. @kernel none: the same */
export function shashSetMessage(req: AhashRequest, state: HashState | null): void {
  descOf(req).state = state;
}

/** The running message of one request. */
class ShashDesc {
  state: HashState | null = null;
  readonly walk = new CryptoHashWalk();
}

function newCtx({ flags, keyed, shash }: Pick<ShashAlg, 'flags' | 'keyed' | 'shash'>): ShashCtx {
  const locked = keyed && (flags & CRYPTO_ALG_OPTIONAL_KEY) === 0;
  return new ShashCtx(locked ? -ENOKEY : shash(NO_KEY));
}

function setkey(
  { alg, ctx }: CryptoTfm<Pick<AhashAlg, 'shash'> & CryptoAlg, ShashCtx>,
  key: Uint8Array,
): Errno {
  const factory = alg.shash?.(key) ?? -EINVAL;
  if (typeof factory === 'number') return factory;
  ctx.factory = factory;
  return 0;
}

function initState(req: AhashRequest<ShashCtx>): Errno {
  const { factory } = req.tfm.ctx;
  if (typeof factory === 'number') return factory;
  descOf(req).state = factory();
  return 0;
}

function update(req: AhashRequest): Errno {
  const desc = descOf(req);
  const state = stateOf(desc);
  const { walk } = desc;
  let nbytes = cryptoHashWalkFirst(req, walk);
  while (nbytes > 0) {
    state.update(req.tfm.api.machine, walk.data, nbytes);
    nbytes = cryptoHashWalkDone(walk, 0);
  }
  return nbytes;
}

function final(req: AhashRequest): Errno {
  return finish(descOf(req), req);
}

function finup(req: AhashRequest): Errno {
  const desc = descOf(req);
  const state = stateOf(desc);
  const { walk } = desc;
  let nbytes = cryptoHashWalkFirst(req, walk);
  if (nbytes === 0) return finish(desc, req);
  // An empty entry ends the loop before the last piece: nothing is written to the result.
  while (nbytes > 0) {
    state.update(req.tfm.api.machine, walk.data, nbytes);
    const err = cryptoHashWalkLast(walk) ? finish(desc, req) : 0;
    nbytes = cryptoHashWalkDone(walk, err);
  }
  return nbytes;
}

function digest(req: AhashRequest<ShashCtx>): Errno {
  const err = initState(req);
  if (err !== 0) return err;
  const { src, nbytes } = req;
  if (nbytes > 0 && src !== null && nbytes < linearBytes(src.length, src.offset)) {
    const desc = descOf(req);
    stateOf(desc).update(req.tfm.api.machine, sgPhys(src), nbytes);
    return finish(desc, req);
  }
  return finup(req);
}

function exportState(req: AhashRequest, out: Uint8Array): Errno {
  const state = stateOf(descOf(req));
  if (state.exportState === undefined) return -ENOSYS;
  state.exportState(out.subarray(0, state.stateSize));
  return 0;
}

function importState(req: AhashRequest<ShashCtx>, from: Uint8Array): Errno {
  const { factory } = req.tfm.ctx;
  if (typeof factory === 'number') return factory;
  const state = factory();
  if (state.importState === undefined) return -ENOSYS;
  state.importState(from.subarray(0, state.stateSize));
  descOf(req).state = state;
  return 0;
}

function finish(desc: ShashDesc, req: AhashRequest): Errno {
  const { digestsize } = req.tfm.alg;
  const { result } = req;
  const state = stateOf(desc);
  const err = state.finalError?.() ?? 0;
  if (err !== 0) return err;
  state.digest(result.length === digestsize ? result : result.subarray(0, digestsize));
  desc.state = null;
  return 0;
}

/** Bytes that one mapping of the first entry shows; an offset behind the first page wraps around in C. */
function linearBytes(length: number, offset: number): number {
  return offset < PAGE_SIZE ? Math.min(length, PAGE_SIZE - offset) : length;
}

function descOf(req: AhashRequest): ShashDesc {
  if (!(req.ctx instanceof ShashDesc)) throw new KernelBug('request of another transform');
  return req.ctx;
}

function stateOf(desc: ShashDesc): HashState {
  if (desc.state === null) throw new KernelBug('hash request without a started message');
  return desc.state;
}
