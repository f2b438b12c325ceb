/**
 * SHA-256 and HMAC-SHA-256 over a byte provider.
 * C: crypto/sha256_generic.c, hmac.c (6.1)
 * @module
 */
import { assert, KernelBug } from '../../src/assert.ts';
import { HASHES, type HashRow } from '../../src/crypto/descriptors.ts';
import type { Errno } from '../../src/errno.ts';
import type { HashState, Provider } from '../../src/provider/provider.ts';
import { physAddr } from '../../src/units.ts';
import {
  type AhashAlg,
  type AhashRequest,
  type CryptoAhash,
  cryptoRegisterAhash,
} from '../ahash.ts';
import type { CryptoApi } from '../crypto-api.ts';

/** HMAC only: the state that has taken the key. */
class HashContext {
  keyed: HashState | null = null;
}

type Tfm = CryptoAhash<HashContext>;

/** Registers the hashes of one provider. @kernel none, module_init of each */
export function registerSha256(api: CryptoApi, provider: Provider): void {
  for (const row of HASHES) {
    if (row.engine !== provider.name) continue;
    const err = cryptoRegisterAhash(api, hashAlg(row, provider));
    assert(err === 0, 'driver registration');
  }
}

function hashAlg(row: HashRow, provider: Provider): AhashAlg<HashContext> {
  const newState = (tfm: Tfm): HashState => (row.hmac ? keyedState(tfm) : provider.sha256());
  const begin = (req: AhashRequest, tfm: Tfm): Errno => {
    req.state = newState(tfm);
    return 0;
  };
  return {
    ...row,
    kind: 'ahash',
    init: () => new HashContext(),
    exit: () => undefined,
    setkey: (tfm, key) => {
      tfm.ctx.keyed = provider.hmacSha256(key);
      return 0;
    },
    newState,
    initState: begin,
    update: hashUpdate,
    final: hashFinal,
    finup: (req, tfm) => hashUpdate(req, tfm) || hashFinal(req, tfm),
    digest: (req, tfm) => begin(req, tfm) || hashUpdate(req, tfm) || hashFinal(req, tfm),
  };
}

function keyedState({ ctx }: Tfm): HashState {
  assert(ctx.keyed !== null, 'key of a MAC that runs');
  return ctx.keyed.clone();
}

/** A call with a view costs 30 ns, so runs are hashed where they lie. */
function hashUpdate(req: AhashRequest, tfm: Tfm): Errno {
  const { srcList, state } = req;
  if (state === null) throw new KernelBug('hash used before init or after final');
  for (let k = 0; k < srcList.nr; k++) {
    state.update(tfm.walk.mem, physAddr(srcList.phys[k]), srcList.len[k]);
  }
  return 0;
}

function hashFinal(req: AhashRequest, tfm: Tfm): Errno {
  const { result, state } = req;
  if (state === null) throw new KernelBug('hash used before init or after final');
  assert(result !== null, 'result buffer');
  state.digest(result.subarray(0, tfm.alg.digestsize));
  req.state = null;
  return 0;
}
