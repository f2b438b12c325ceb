/**
 * hmac(hash).
 * C: crypto/hmac.c (6.1)
 * @module
 */

import { CRYPTO_ALG_OPTIONAL_KEY } from '../../src/crypto/algorithm.ts';
import { NO_KEY } from '../../src/crypto/hashes.ts';
import { instanceNames } from '../../src/crypto/instance.ts';
import { EINVAL } from '../../src/errno.ts';
import { hmac as hmacState } from '../../src/provider/soft/hmac.ts';
import { type CryptoTemplate, shashTemplate } from '../template.ts';

/** @kernel hmac_tmpl */
export const hmac: CryptoTemplate = shashTemplate({
  names: [{ name: 'hmac', params: 1 }],
  children: [{ kind: 'shash' }],
  instance: ([hash], template) => {
    const { priority, blocksize, digestsize, statesize } = hash;
    if (hash.keyed && (hash.flags & CRYPTO_ALG_OPTIONAL_KEY) === 0) return -EINVAL;
    if (digestsize > blocksize || statesize < digestsize) return -EINVAL;
    return { ...instanceNames(template, [hash]), priority, blocksize, digestsize, statesize };
  },
  shash:
    ([hash]) =>
    (key) => {
      const factory = hash.shash(NO_KEY);
      if (typeof factory === 'number') return factory;
      const keyed = hmacState(factory, hash.blocksize, hash.digestsize, key);
      return () => keyed.clone();
    },
});
