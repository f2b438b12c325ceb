/**
 * A hash of linear data behind the list API: how every software hash is an ahash.
 * C: crypto/shash.c shash_ahash_update, shash_ahash_finup, shash_ahash_digest (6.1)
 * @module
 */
import { KernelBug } from '../src/assert.ts';
import type { Errno } from '../src/errno.ts';
import { EINVAL, ENOKEY, ENOSYS } from '../src/errno.ts';
import type { HashState } from '../src/provider/provider.ts';
import { PAGE_SIZE } from '../src/units.ts';
import type {
  AhashRequest,
  AhashState,
  AhashTransform,
  CryptoAhash,
  HashFactory,
} from './ahash.ts';
import { sgPhys } from './lists/scatterlist.ts';
import {
  CryptoHashWalk,
  cryptoHashWalkDone,
  cryptoHashWalkFirst,
  cryptoHashWalkLast,
} from './walk/hash-walk.ts';

const NO_KEY = new Uint8Array(0);

/**
 * A running message that may be unable to give a digest.
 * @kernel none: the return code of shash_alg.final
 */
export interface ShashState extends HashState {
  /** @returns 0, or why there is no digest; the result then stays as it is. */
  finalError?(): Errno;
}

/** The running message of one request. */
class ShashDesc {
  state: ShashState | null = null;
  readonly walk = new CryptoHashWalk();
}

/** The list API over `tfm.alg.shash`. @kernel crypto_init_shash_ops_async */
export function cryptoInitShashOpsAsync(tfm: CryptoAhash): AhashTransform | Errno {
  const { shash } = tfm.alg;
  if (shash === null) return -EINVAL;
  return tfm.alg.keyed ? new KeyedShash(tfm, shash) : new Shash(tfm, shash(NO_KEY));
}

class Shash implements AhashTransform {
  protected factory: HashFactory | Errno;
  private readonly tfm: CryptoAhash;

  constructor(tfm: CryptoAhash, factory: HashFactory | Errno) {
    this.tfm = tfm;
    this.factory = factory;
  }

  initRequest(): ShashDesc {
    return new ShashDesc();
  }

  init(req: AhashRequest): Errno {
    if (typeof this.factory === 'number') return this.factory;
    descOf(req).state = this.factory();
    return 0;
  }

  update(req: AhashRequest): Errno {
    const desc = descOf(req);
    const state = stateOf(desc);
    const { walk } = desc;
    let nbytes = cryptoHashWalkFirst(req, walk);
    while (nbytes > 0) {
      state.update(this.tfm.api.machine, walk.data, nbytes);
      nbytes = cryptoHashWalkDone(walk, 0);
    }
    return nbytes;
  }

  final(req: AhashRequest): Errno {
    return this.finish(descOf(req), req);
  }

  finup(req: AhashRequest): Errno {
    const desc = descOf(req);
    const state = stateOf(desc);
    const { walk } = desc;
    let nbytes = cryptoHashWalkFirst(req, walk);
    if (nbytes === 0) return this.finish(desc, req);
    // An empty entry ends the loop before the last piece: nothing is written to the result.
    while (nbytes > 0) {
      state.update(this.tfm.api.machine, walk.data, nbytes);
      const err = cryptoHashWalkLast(walk) ? this.finish(desc, req) : 0;
      nbytes = cryptoHashWalkDone(walk, err);
    }
    return nbytes;
  }

  digest(req: AhashRequest): Errno {
    const err = this.init(req);
    if (err !== 0) return err;
    const { src, nbytes } = req;
    if (nbytes > 0 && src !== null && nbytes < linearBytes(src.length, src.offset)) {
      const desc = descOf(req);
      stateOf(desc).update(this.tfm.api.machine, sgPhys(src), nbytes);
      return this.finish(desc, req);
    }
    return this.finup(req);
  }

  export(req: AhashRequest, out: AhashState): Errno {
    const state = stateOf(descOf(req));
    if (state.exportState === undefined) return -ENOSYS;
    out.state = state.clone();
    out.bytes = new Uint8Array(this.tfm.alg.statesize);
    state.exportState(out.bytes);
    return 0;
  }

  import(req: AhashRequest, from: AhashState): Errno {
    if (from.state === null) throw new KernelBug('import of a state that was never exported');
    descOf(req).state = from.state.clone();
    return 0;
  }

  private finish(desc: ShashDesc, req: AhashRequest): Errno {
    const { digestsize } = this.tfm.alg;
    const { result } = req;
    const state = stateOf(desc);
    const err = state.finalError?.() ?? 0;
    if (err !== 0) return err;
    state.digest(result.length === digestsize ? result : result.subarray(0, digestsize));
    desc.state = null;
    return 0;
  }
}

class KeyedShash extends Shash {
  private readonly newFactory: (key: Uint8Array) => HashFactory | Errno;

  constructor(tfm: CryptoAhash, newFactory: (key: Uint8Array) => HashFactory | Errno) {
    super(tfm, -ENOKEY);
    this.newFactory = newFactory;
  }

  setkey(key: Uint8Array): Errno {
    const factory = this.newFactory(key);
    if (typeof factory === 'number') return factory;
    this.factory = factory;
    return 0;
  }
}

/** Bytes that one mapping of the first entry shows; an offset behind the first page wraps around in C. */
function linearBytes(length: number, offset: number): number {
  return offset < PAGE_SIZE ? Math.min(length, PAGE_SIZE - offset) : length;
}

function descOf(req: AhashRequest): ShashDesc {
  if (!(req.ctx instanceof ShashDesc)) throw new KernelBug('request of another transform');
  return req.ctx;
}

function stateOf(desc: ShashDesc): ShashState {
  if (desc.state === null) throw new KernelBug('hash request without a started message');
  return desc.state;
}
