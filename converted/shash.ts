/**
 * A hash of linear data below the list API: how every software hash is an ahash. Each run of a list is
 * hashed where it lies; there is no walk, and nothing is mapped.
 * C: crypto/shash.c shash_ahash_update, shash_ahash_finup, shash_ahash_digest (6.1)
 * @module
 */

import { KernelBug } from '../src/assert.ts';
import { CRYPTO_ALG_OPTIONAL_KEY } from '../src/crypto/algorithm.ts';
import { NO_KEY } from '../src/crypto/hashes.ts';
import { ENOKEY, type Errno } from '../src/errno.ts';
import type { HashEngine } from '../src/provider/engine.ts';
import type { HashState } from '../src/provider/provider.ts';
import type { AhashAlg, AhashOp, CryptoAhash } from './ahash.ts';
import { listAt, listLen, walkable } from './lower/list.ts';

/** Starts a message. @kernel none: crypto_shash_init of a keyed descriptor */
export type HashFactory = () => HashState;

/** The operations of an ahash, and how its messages start. @kernel none: crypto_init_shash_ops_async */
export type ShashOps<C> = Pick<
  AhashAlg<C>,
  'newState' | 'initState' | 'update' | 'final' | 'finup' | 'digest'
>;

/** What a driver says of itself. @kernel none: shash_alg without its functions */
export type ShashRow = Omit<
  AhashAlg,
  'kind' | 'init' | 'exit' | 'setkey' | keyof ShashOps<unknown>
>;

/** How messages start under the key of a tfm, or why they do not. */
class ShashCtx {
  factory: HashFactory | Errno;
  /** The same for whole messages, where there are engines. */
  engine: HashEngine | null;

  constructor(factory: HashFactory | Errno, engine: HashEngine | null) {
    this.factory = factory;
    this.engine = engine;
  }
}

/**
 * The list API over a hash. `shash` takes a key, an empty one where there is none, and says how messages
 * start, or -EINVAL. `atOnce` gives what does whole messages under such a key.
 * @kernel none: crypto_init_shash_ops_async
 */
export function shashAlg(
  row: ShashRow,
  shash: (key: Uint8Array) => HashFactory | Errno,
  atOnce: (key: Uint8Array) => HashEngine | null = () => null,
): AhashAlg<ShashCtx> {
  const locked = row.keyed && (row.flags & CRYPTO_ALG_OPTIONAL_KEY) === 0;
  const ops = shashOps<ShashCtx>(({ ctx }) => {
    if (typeof ctx.factory === 'number') throw new KernelBug('message of a hash without key');
    return ctx.factory();
  });
  return {
    ...row,
    kind: 'ahash',
    init: () =>
      locked ? new ShashCtx(-ENOKEY, null) : new ShashCtx(shash(NO_KEY), atOnce(NO_KEY)),
    exit: () => undefined,
    setkey: ({ ctx }, key) => {
      const factory = shash(key);
      if (typeof factory === 'number') return factory;
      ctx.factory = factory;
      ctx.engine = atOnce(key);
      return 0;
    },
    ...ops,
    digest: (op) => (digestAtOnce(op) ? 0 : ops.digest(op)),
  };
}

/** @returns false when there is no engine, or it cannot walk the list. */
function digestAtOnce(op: AhashOp<ShashCtx>): boolean {
  const { tfm, src, result } = op;
  const { engine } = tfm.ctx;
  if (engine === null || tfm.api.recorder !== null || !walkable(src, src.size)) return false;
  op.state = null;
  engine.digest(src, src.size, result);
  return true;
}

/** @kernel none: crypto_init_shash_ops_async */
export function shashOps<C>(newState: (tfm: CryptoAhash<C>) => HashState): ShashOps<C> {
  const begin = (op: AhashOp<C>): Errno => {
    op.state = newState(op.tfm);
    return 0;
  };
  return {
    newState,
    initState: begin,
    update,
    final,
    finup: (op) => update(op) || final(op),
    digest: (op) => begin(op) || update(op) || final(op),
  };
}

/** A call with a view costs 30 ns, so runs are hashed where they lie. */
function update({ tfm, src, state }: AhashOp): Errno {
  if (state === null) throw new KernelBug('hash used before init or after final');
  const { mem } = tfm.api;
  for (let k = 0; k < src.nr; k++) state.update(mem, listAt(src, k), listLen(src, k));
  return 0;
}

function final(op: AhashOp): Errno {
  const { tfm, result, state } = op;
  if (state === null) throw new KernelBug('hash used before init or after final');
  const err = state.finalError?.() ?? 0;
  if (err !== 0) return err;
  state.digest(result.subarray(0, tfm.alg.digestsize));
  op.state = null;
  return 0;
}
