/**
 * Hashes and MACs over a byte provider.
 * C: crypto/sha1_generic.c, sha256_generic.c, sha512_generic.c, ghash-generic.c, hmac.c, ccm.c (6.1)
 * @module
 */
import { assert, KernelBug } from '../../src/assert.ts';
import {
  CRYPTO_ALG_INSTANCE,
  CRYPTO_ALG_TESTED,
  CRYPTO_ALG_TYPE_AHASH,
} from '../../src/crypto/algorithm.ts';
import { HASHES } from '../../src/crypto/catalogue.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { HashState, Provider } from '../../src/provider/provider.ts';
import { physAddr } from '../../src/units.ts';
import { type AhashAlg, type AhashOp, type CryptoAhash, cryptoRegisterAhash } from '../ahash.ts';
import type { CryptoApi } from '../crypto-api.ts';

/** What a driver is built from: its row, and how a message starts. */
interface HashSpec
  extends Omit<AhashAlg, 'kind' | 'init' | 'exit' | 'setkey' | 'newState' | HashOperation> {
  /** The state of a message of a hash without a key. */
  readonly plain?: () => HashState;
  /** A state that has taken the key, or -EINVAL. */
  readonly keyedState?: (key: Uint8Array) => HashState | Errno;
}

type HashOperation = 'initOp' | 'initState' | 'update' | 'final' | 'finup' | 'digest';

/** With a key only: the state that has taken it. Each message starts from a copy. */
class HashContext {
  keyed: HashState | null = null;
}

type Op = AhashOp<HashContext>;

/** Registers the hashes of one provider. @kernel none, module_init of each */
export function registerHashes(api: CryptoApi, provider: Provider): void {
  const specs = provider.name === 'generic' ? genericHashes(provider) : [];
  for (const spec of [...sha256(provider), ...specs]) {
    assert(cryptoRegisterAhash(api, hashAlg(spec)) === 0, 'driver registration');
  }
}

function sha256(provider: Provider): HashSpec[] {
  return HASHES.filter(({ engine }) => engine === provider.name).map((row) => ({
    ...row,
    ...(row.hmac
      ? { keyedState: (key: Uint8Array) => provider.hmacSha256(key) }
      : { plain: () => provider.sha256() }),
  }));
}

function genericHashes(provider: Provider): HashSpec[] {
  const sha1 = { name: 'sha1', blocksize: 64, digestsize: 20, statesize: 96 };
  const sha512 = { name: 'sha512', blocksize: 128, digestsize: 64, statesize: 208 };
  return [
    generic(sha1, 'sha1-generic', { plain: () => provider.sha1() }),
    generic(sha512, 'sha512-generic', { plain: () => provider.sha512() }),
    generic({ ...sha1, name: 'hmac(sha1)' }, 'hmac(sha1-generic)', {
      keyedState: (key) => provider.hmacSha1(key),
    }),
    generic({ ...sha512, name: 'hmac(sha512)' }, 'hmac(sha512-generic)', {
      keyedState: (key) => provider.hmacSha512(key),
    }),
    generic({ name: 'ghash', blocksize: 16, digestsize: 16, statesize: 20 }, 'ghash-generic', {
      keyedState: (key) => (key.length === 16 ? provider.ghash(key) : -EINVAL),
    }),
    generic(
      { name: 'cbcmac(aes)', blocksize: 1, digestsize: 16, statesize: 20 },
      'cbcmac(aes-generic)',
      { keyedState: (key) => (isAesKey(key.length) ? provider.cbcmac(key) : -EINVAL) },
    ),
  ];
}

function isAesKey(len: number): boolean {
  return len === 16 || len === 24 || len === 32;
}

function generic(
  sizes: Pick<AhashAlg, 'name' | 'blocksize' | 'digestsize' | 'statesize'>,
  driverName: string,
  states: Pick<HashSpec, 'plain' | 'keyedState'>,
): HashSpec {
  const instance = driverName.endsWith(')') ? CRYPTO_ALG_INSTANCE : 0;
  return {
    ...sizes,
    ...states,
    driverName,
    priority: 100,
    flags: CRYPTO_ALG_TYPE_AHASH | CRYPTO_ALG_TESTED | instance,
    alignmask: 0,
    keyed: states.keyedState !== undefined,
  };
}

function hashAlg({ plain, keyedState, ...row }: HashSpec): AhashAlg<HashContext> {
  const newState = ({ ctx }: CryptoAhash<HashContext>): HashState => {
    if (plain !== undefined) return plain();
    assert(ctx.keyed !== null, 'key of a MAC that runs');
    return ctx.keyed.clone();
  };
  const begin = (op: Op): Errno => {
    op.state = newState(op.tfm);
    return 0;
  };
  return {
    ...row,
    kind: 'ahash',
    init: () => new HashContext(),
    exit: () => undefined,
    setkey: (tfm, key) => {
      const state = keyedState?.(key) ?? -EINVAL;
      if (typeof state === 'number') return state;
      tfm.ctx.keyed = state;
      return 0;
    },
    newState,
    initState: begin,
    update: hashUpdate,
    final: hashFinal,
    finup: (op) => hashUpdate(op) || hashFinal(op),
    digest: (op) => begin(op) || hashUpdate(op) || hashFinal(op),
  };
}

/** A call with a view costs 30 ns, so runs are hashed where they lie. */
function hashUpdate({ tfm, src, state }: Op): Errno {
  if (state === null) throw new KernelBug('hash used before init or after final');
  const { mem } = tfm.api;
  for (let k = 0; k < src.nr; k++) state.update(mem, physAddr(src.phys[k]), src.len[k]);
  return 0;
}

function hashFinal(op: Op): Errno {
  const { tfm, result, state } = op;
  if (state === null) throw new KernelBug('hash used before init or after final');
  state.digest(result.subarray(0, tfm.alg.digestsize));
  op.state = null;
  return 0;
}
