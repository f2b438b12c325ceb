/**
 * cryptd(algorithm): makes a synchronous algorithm asynchronous.
 * C: crypto/cryptd.c (6.1)
 * @module
 */
import {
  CRYPTO_ALG_ASYNC,
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_ALG_TYPE_AHASH,
  CRYPTO_ALG_TYPE_MASK,
  CRYPTO_ALG_TYPE_SKCIPHER,
  type CryptoAlg,
} from '../../src/crypto/algorithm.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { CryptoAead } from '../aead.ts';
import type { AhashAlg } from '../ahash.ts';
import {
  checkNames,
  cryptoAlgtInheritedMask,
  cryptoGrabAead,
  cryptoGrabAhash,
  cryptoGrabSkcipher,
  instanceFlags,
  type TemplateRequest,
} from '../internal.ts';
import type { CryptoSkcipher } from '../skcipher.ts';
import type { CryptdQueue } from './cryptd-queue.ts';
import {
  cryptdAeadInitTfm,
  cryptdHashInitTfm,
  cryptdSkcipherInitTfm,
} from './cryptd-transforms.ts';

/** What an instance adds to the priority of its child. */
const CRYPTD_PRIORITY = 50;

/**
 * `cryptd(name)` over a synchronous algorithm of the type that the caller looks for.
 * @returns -EINVAL when no type is asked for.
 * @kernel cryptd_create
 */
export function cryptdCreate(queue: CryptdQueue, request: TemplateRequest): CryptoAlg | Errno {
  const { api } = request;
  const [name] = request.params;
  const mask = cryptoAlgtInheritedMask(request) | CRYPTO_ALG_ASYNC;
  switch (request.type & request.mask & CRYPTO_ALG_TYPE_MASK) {
    case CRYPTO_ALG_TYPE_SKCIPHER: {
      const child = cryptoGrabSkcipher(api, name, mask);
      if (typeof child === 'number') return child;
      return instance(
        { ...child, init: (tfm: CryptoSkcipher) => cryptdSkcipherInitTfm(tfm, child, queue) },
        child,
      );
    }
    case CRYPTO_ALG_TYPE_AEAD: {
      const child = cryptoGrabAead(api, name, mask);
      if (typeof child === 'number') return child;
      return instance(
        { ...child, init: (tfm: CryptoAead) => cryptdAeadInitTfm(tfm, child, queue) },
        child,
      );
    }
    case CRYPTO_ALG_TYPE_AHASH: {
      const child = cryptoGrabAhash(api, name, mask);
      if (typeof child === 'number') return child;
      const init: AhashAlg['init'] = (tfm) => cryptdHashInitTfm(tfm, child, queue);
      return instance({ ...child, shash: null, init }, child);
    }
    default:
      return -EINVAL;
  }
}

function instance<A extends CryptoAlg>(alg: A, child: CryptoAlg): A | Errno {
  const driverName = `cryptd(${child.driverName})`;
  const tooLong = checkNames(driverName);
  if (tooLong !== 0) return tooLong;
  return {
    ...alg,
    driverName,
    priority: child.priority + CRYPTD_PRIORITY,
    flags: instanceFlags(child.flags & CRYPTO_ALG_TYPE_MASK, [child]) | CRYPTO_ALG_ASYNC,
    spawns: [child],
  };
}
