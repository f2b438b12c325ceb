/**
 * Hash drivers: the rows of the descriptor table that are no template instances, and ghash.
 * C: crypto/sha256_generic.c, crypto/ghash-generic.c (6.1)
 * @module
 */
import {
  CRYPTO_ALG_INSTANCE,
  CRYPTO_ALG_TESTED,
  CRYPTO_ALG_TYPE_AHASH,
} from '../../src/crypto/algorithm.ts';
import { type Engine, HASHES } from '../../src/crypto/descriptors.ts';
import { EINVAL } from '../../src/errno.ts';
import type { Provider } from '../../src/provider/provider.ts';
import { type AhashAlg, cryptoRegisterAhash } from '../ahash.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { cryptoInitShashOpsAsync } from '../shash.ts';

const GHASH_BLOCK_SIZE = 16;

/** Registers the hashes of one engine. @kernel none: the init calls of the hash modules */
export function registerHashes(api: CryptoApi, provider: Provider, engine: Engine): void {
  for (const { engine: of, hmac, ...row } of HASHES) {
    // Instances are built by their template.
    if (of !== engine || (row.flags & CRYPTO_ALG_INSTANCE) !== 0) continue;
    cryptoRegisterAhash(api, {
      ...row,
      kind: 'ahash',
      init: cryptoInitShashOpsAsync,
      shash: hmac
        ? (key) => {
            const keyed = provider.hmacSha256(key);
            return () => keyed.clone();
          }
        : () => () => provider.sha256(),
    });
  }
  if (engine === 'generic') cryptoRegisterAhash(api, ghashGeneric(provider));
}

function ghashGeneric(provider: Provider): AhashAlg {
  return {
    kind: 'ahash',
    name: 'ghash',
    driverName: 'ghash-generic',
    priority: 100,
    flags: CRYPTO_ALG_TYPE_AHASH | CRYPTO_ALG_TESTED,
    blocksize: GHASH_BLOCK_SIZE,
    alignmask: 0,
    digestsize: GHASH_BLOCK_SIZE,
    statesize: 40,
    keyed: true,
    init: cryptoInitShashOpsAsync,
    shash: (key) => {
      if (key.length !== GHASH_BLOCK_SIZE) return -EINVAL;
      const keyed = provider.ghash(key);
      return () => keyed.clone();
    },
  };
}
