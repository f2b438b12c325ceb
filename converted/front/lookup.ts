/**
 * Transforms by name. The kernel finds `cryptd(ctr-aes-accel)`, around the name of a driver, but not
 * `cryptd(ctr(aes))`: an instance is called after its child's driver. Here the second means the first,
 * with the best driver of `ctr(aes)` that answers at once.
 *
 * @kernel none: names are ordinary TypeScript.
 * @module
 */
import { CRYPTO_ALG_ASYNC } from '../../src/crypto/algorithm.ts';
import { ENOENT, type Errno } from '../../src/errno.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { CryptoError } from './errors.ts';

/** What is looked up. */
interface Tfm {
  readonly alg: { readonly driverName: string };
}

/** How transforms of one kind are made and given back. */
export interface Kind<T extends Tfm> {
  alloc(api: CryptoApi, name: string, type: number, mask: number): T | Errno;
  free(tfm: T): void;
}

/** @throws CryptoError ENOENT for an unknown name, and what else making the transform ends with. */
export function lookup<T extends Tfm>(api: CryptoApi, { alloc, free }: Kind<T>, name: string): T {
  let tfm = alloc(api, name, 0, 0);
  const [, wrapper, inner] = /^(cryptd|pcrypt)\((.+)\)$/.exec(name) ?? [];
  if (tfm === -ENOENT && inner !== undefined) {
    const child = alloc(api, inner, 0, CRYPTO_ALG_ASYNC);
    if (typeof child !== 'number') {
      const { driverName } = child.alg;
      free(child);
      tfm = alloc(api, `${wrapper}(${driverName})`, 0, 0);
    }
  }
  if (typeof tfm === 'number') throw new CryptoError(tfm, name);
  return tfm;
}
