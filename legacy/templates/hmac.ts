/**
 * hmac(hash).
 * C: crypto/hmac.c (6.1)
 * @module
 */
import { CRYPTO_ALG_OPTIONAL_KEY, CRYPTO_ALG_TYPE_AHASH } from '../../src/crypto/algorithm.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { hmac } from '../../src/provider/soft/hmac.ts';
import type { AhashAlg } from '../ahash.ts';
import {
  checkNames,
  cryptoAlgtInheritedMask,
  cryptoCheckAttrType,
  cryptoGrabShash,
  instanceFlags,
  type TemplateRequest,
} from '../internal.ts';
import { cryptoInitShashOpsAsync } from '../shash.ts';

/** @returns -EINVAL for a hash that is keyed itself. @kernel hmac_create */
export function hmacCreate(request: TemplateRequest): AhashAlg | Errno {
  const err = cryptoCheckAttrType(request, CRYPTO_ALG_TYPE_AHASH);
  if (err !== 0) return err;
  const hash = cryptoGrabShash(request.api, request.params[0], cryptoAlgtInheritedMask(request));
  if (typeof hash === 'number') return hash;
  if (hash.keyed && (hash.flags & CRYPTO_ALG_OPTIONAL_KEY) === 0) return -EINVAL;
  if (hash.digestsize > hash.blocksize || hash.statesize < hash.digestsize) return -EINVAL;
  const factory = hash.shash?.(new Uint8Array(0)) ?? -EINVAL;
  if (typeof factory === 'number') return factory;
  const name = `hmac(${hash.name})`;
  const driverName = `hmac(${hash.driverName})`;
  const tooLong = checkNames(name, driverName);
  if (tooLong !== 0) return tooLong;
  return {
    kind: 'ahash',
    name,
    driverName,
    priority: hash.priority,
    flags: instanceFlags(CRYPTO_ALG_TYPE_AHASH, [hash]),
    blocksize: hash.blocksize,
    alignmask: hash.alignmask,
    digestsize: hash.digestsize,
    statesize: hash.statesize,
    keyed: true,
    spawns: [hash],
    init: cryptoInitShashOpsAsync,
    shash: (key) => {
      const keyed = hmac(factory, hash.blocksize, hash.digestsize, key);
      return () => keyed.clone();
    },
  };
}
