/**
 * Hash drivers: the rows of the descriptor table that are no template instances, and the generic hashes
 * that the templates need.
 * C: crypto/sha1_generic.c, sha256_generic.c, sha512_generic.c, ghash-generic.c, poly1305_generic.c,
 * nhpoly1305.c (6.1)
 * @module
 */
import { assert } from '../../src/assert.ts';
import {
  CRYPTO_ALG_INSTANCE,
  CRYPTO_ALG_TESTED,
  CRYPTO_ALG_TYPE_AHASH,
} from '../../src/crypto/algorithm.ts';
import { type Engine, HASHES } from '../../src/crypto/catalogue.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { HashState, Provider } from '../../src/provider/provider.ts';
import { poly1305Message } from '../../src/provider/soft/poly1305-message.ts';
import { type AhashAlg, cryptoRegisterAhash } from '../ahash.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { type HashFactory, type ShashRow, shashAlg } from '../shash.ts';

const NHPOLY1305_KEY_SIZE = 1088;

/** Registers the hashes of one engine. @kernel none: the init calls of the hash modules */
export function registerHashes(api: CryptoApi, provider: Provider, engine: Engine): void {
  const algs = engine === 'generic' ? genericHashes(provider) : [];
  for (const { engine: of, hmac, ...row } of HASHES) {
    // Instances are built by their template.
    if (of !== engine || (row.flags & CRYPTO_ALG_INSTANCE) !== 0) continue;
    algs.push(
      hmac
        ? shashAlg(row, (key) => copiesOf(provider.hmacSha256(key)))
        : shashAlg(row, () => () => provider.sha256()),
    );
  }
  for (const alg of algs) assert(cryptoRegisterAhash(api, alg) === 0, 'driver registration');
}

function genericHashes(provider: Provider): AhashAlg[] {
  const sha1 = generic('sha1', 64, 20, 96, false);
  const sha512 = generic('sha512', 128, 64, 208, false);
  const ghash = generic('ghash', 16, 16, 20, true);
  const poly = generic('poly1305', 16, 16, 328, false);
  const nhpoly = generic('nhpoly1305', 1, 16, 80, true);
  return [
    shashAlg(sha1, () => () => provider.sha1()),
    shashAlg(sha512, () => () => provider.sha512()),
    shashAlg(ghash, (key) => keyedOf(key, 16, (k) => provider.ghash(k))),
    shashAlg(poly, () => poly1305Message),
    shashAlg(nhpoly, (key) => keyedOf(key, NHPOLY1305_KEY_SIZE, provider.nhpoly1305)),
  ];
}

function generic(
  name: string,
  blocksize: number,
  digestsize: number,
  statesize: number,
  keyed: boolean,
): ShashRow {
  return {
    name,
    driverName: `${name}-generic`,
    priority: 100,
    flags: CRYPTO_ALG_TYPE_AHASH | CRYPTO_ALG_TESTED,
    blocksize,
    alignmask: 0,
    digestsize,
    statesize,
    keyed,
  };
}

function keyedOf(
  key: Uint8Array,
  size: number,
  make: (key: Uint8Array) => HashState,
): HashFactory | Errno {
  return key.length === size ? copiesOf(make(key)) : -EINVAL;
}

/** A key is expanded once; each message starts from a copy. */
function copiesOf(keyed: HashState): HashFactory {
  return () => keyed.clone();
}
