/**
 * Hash drivers: the rows of the descriptor table that are no template instances,
 * and the generic hashes that the templates need.
 * C: crypto/sha1_generic.c, sha256_generic.c, sha512_generic.c, ghash-generic.c, poly1305_generic.c,
 * nhpoly1305.c (6.1)
 * @module
 */
import {
  CRYPTO_ALG_INSTANCE,
  CRYPTO_ALG_TESTED,
  CRYPTO_ALG_TYPE_AHASH,
} from '../../src/crypto/algorithm.ts';
import { type Engine, HASHES } from '../../src/crypto/catalogue.ts';
import { EINVAL, ENOKEY, type Errno } from '../../src/errno.ts';
import type { ByteMemory, HashState, Provider } from '../../src/provider/provider.ts';
import { type PhysAddr, physAddr } from '../../src/units.ts';
import { cryptoRegisterAhash, type HashFactory } from '../ahash.ts';
import type { CryptoApi } from '../crypto-api.ts';
import {
  cryptoInitShashOpsAsync,
  type ShashAlg,
  type ShashProperties,
  type ShashState,
} from '../shash.ts';

const POLY1305_KEY_SIZE = 32;
const NHPOLY1305_KEY_SIZE = 1088;

/** Registers the hashes of one engine. @kernel none: the init calls of the hash modules */
export function registerHashes(api: CryptoApi, provider: Provider, engine: Engine): void {
  for (const { engine: of, hmac, ...row } of HASHES) {
    // Instances are built by their template.
    if (of !== engine || (row.flags & CRYPTO_ALG_INSTANCE) !== 0) continue;
    const shash: ShashAlg['shash'] = hmac
      ? (key) => {
          const keyed = provider.hmacSha256(key);
          return () => keyed.clone();
        }
      : () => () => provider.sha256();
    cryptoRegisterAhash(api, cryptoInitShashOpsAsync(row, shash));
  }
  if (engine === 'generic')
    for (const alg of genericHashes(provider)) cryptoRegisterAhash(api, alg);
}

function genericHashes(provider: Provider): ShashAlg[] {
  const sha1 = { name: 'sha1', blocksize: 64, digestsize: 20, statesize: 96 };
  const sha512 = { name: 'sha512', blocksize: 128, digestsize: 64, statesize: 208 };
  const ghash = { name: 'ghash', blocksize: 16, digestsize: 16, statesize: 20 };
  const poly1305 = { name: 'poly1305', blocksize: 16, digestsize: 16, statesize: 328 };
  const nhpoly1305 = { name: 'nhpoly1305', blocksize: 1, digestsize: 16, statesize: 80 };
  return [
    generic(sha1, false, () => () => provider.sha1()),
    generic(sha512, false, () => () => provider.sha512()),
    generic(ghash, true, (key) => keyedOf(key, 16, (k) => provider.ghash(k))),
    generic(poly1305, false, () => () => new Poly1305Desc(provider)),
    generic(nhpoly1305, true, (key) => keyedOf(key, NHPOLY1305_KEY_SIZE, provider.nhpoly1305)),
  ];
}

function generic(
  sizes: Pick<ShashProperties, 'name' | 'blocksize' | 'digestsize' | 'statesize'>,
  keyed: boolean,
  shash: ShashAlg['shash'],
): ShashAlg {
  const properties = {
    ...sizes,
    driverName: `${sizes.name}-generic`,
    priority: 100,
    flags: CRYPTO_ALG_TYPE_AHASH | CRYPTO_ALG_TESTED,
    alignmask: 0,
    keyed,
  };
  return cryptoInitShashOpsAsync(properties, shash);
}

/** A key is expanded once; each message starts from a copy. */
function keyedOf(
  key: Uint8Array,
  size: number,
  make: (key: Uint8Array) => HashState,
): HashFactory | Errno {
  if (key.length !== size) return -EINVAL;
  const keyed = make(key);
  return () => keyed.clone();
}

/** poly1305 takes its one-time key from the first 32 bytes of the message. */
class Poly1305Desc implements ShashState {
  private readonly provider: Provider;
  private readonly key = new Uint8Array(POLY1305_KEY_SIZE);
  private filled = 0;
  private state: HashState | null = null;

  constructor(provider: Provider) {
    this.provider = provider;
  }

  update(mem: ByteMemory, at: PhysAddr, len: number): void {
    const taken = Math.min(len, POLY1305_KEY_SIZE - this.filled);
    if (taken > 0) this.takeKey(mem.load(at, taken));
    if (len > taken) this.state?.update(mem, physAddr(at + taken), len - taken);
  }

  updateBytes(bytes: Uint8Array): void {
    const taken = Math.min(bytes.length, POLY1305_KEY_SIZE - this.filled);
    if (taken > 0) this.takeKey(bytes.subarray(0, taken));
    if (bytes.length > taken) this.state?.updateBytes(bytes.subarray(taken));
  }

  finalError(): Errno {
    return this.state === null ? -ENOKEY : 0;
  }

  digest(out: Uint8Array): void {
    this.state?.digest(out);
  }

  clone(): HashState {
    const copy = new Poly1305Desc(this.provider);
    copy.key.set(this.key);
    copy.filled = this.filled;
    copy.state = this.state?.clone() ?? null;
    return copy;
  }

  private takeKey(bytes: Uint8Array): void {
    this.key.set(bytes, this.filled);
    this.filled += bytes.length;
    if (this.filled === POLY1305_KEY_SIZE) this.state = this.provider.poly1305(this.key);
  }
}
