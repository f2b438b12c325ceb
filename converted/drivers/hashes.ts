/**
 * Hash drivers: the rows of the table of hashes, and HMAC-SHA-256 as one driver.
 * C: the module init functions of crypto/*_generic.c and relatives (6.1)
 * @module
 */
import { assert } from '../../src/assert.ts';
import { CRYPTO_ALG_INSTANCE } from '../../src/crypto/algorithm.ts';
import { type Engine, HASHES } from '../../src/crypto/catalogue.ts';
import { hashDrivers } from '../../src/crypto/hashes.ts';
import type { Errno } from '../../src/errno.ts';
import type { HashState, Provider } from '../../src/provider/provider.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { type HashFactory, shashAlg } from '../shash.ts';

/** Registers the hashes of one engine. @kernel none: crypto_register_shash of each module */
export function registerHashes(api: CryptoApi, provider: Provider, engine: Engine): void {
  const engines = engine === 'accel' ? api.engines : null;
  const algs = hashDrivers(provider).map(({ newState, ...row }) =>
    shashAlg(
      row,
      (key) => copiesOf(newState(key)),
      () => engines?.hash(row.name) ?? null,
    ),
  );
  for (const { engine: of, hmac, ...row } of HASHES) {
    // Instances are built by their template.
    if (!hmac || of !== engine || (row.flags & CRYPTO_ALG_INSTANCE) !== 0) continue;
    algs.push(
      shashAlg(
        row,
        (key) => copiesOf(provider.hmacSha256(key)),
        (key) => engines?.hmacSha256(key) ?? null,
      ),
    );
  }
  for (const alg of algs) assert(api.registry.register(alg) === 0, 'driver registration');
}

/** A key is expanded once; each message starts from a copy. */
function copiesOf(keyed: HashState | Errno): HashFactory | Errno {
  return typeof keyed === 'number' ? keyed : () => keyed.clone();
}
