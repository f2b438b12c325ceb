/**
 * hmac(hash).
 * C: crypto/hmac.c (6.1)
 * @module
 */

import { CRYPTO_ALG_OPTIONAL_KEY } from '../../src/crypto/algorithm.ts';
import { EINVAL } from '../../src/errno.ts';
import { hmac as hmacState } from '../../src/provider/soft/hmac.ts';
import { childHash, childMessage } from '../child.ts';
import { type CryptoTemplate, shashTemplate } from '../template.ts';

const HASH = 0;

/** @kernel hmac_tmpl */
export const hmac: CryptoTemplate = shashTemplate({
  names: [{ name: 'hmac', params: 1 }],
  children: [{ kind: 'ahash', sync: true }],
  instance: ([hash]) => {
    const { digestsize, blocksize, statesize } = hash;
    if (hash.keyed && (hash.flags & CRYPTO_ALG_OPTIONAL_KEY) === 0) return -EINVAL;
    if (digestsize > blocksize || statesize < digestsize) return -EINVAL;
    return { blocksize, digestsize, statesize };
  },
  keyedState: (tfm, key) => {
    const { blocksize, digestsize } = childHash(tfm, HASH).alg;
    return hmacState(() => childMessage(tfm, HASH), blocksize, digestsize, key);
  },
});
