/**
 * The generic provider: portable TypeScript (@noble/ciphers, @noble/hashes 2.4.0), the counterpart of
 * the kernel's `*-generic` drivers and the yardstick of the accelerated one.
 * @module
 */

import type { Provider } from '../provider.ts';
import { type CbcChain, cbcMac, cmac } from '../soft/block-mac.ts';
import { chacha, hchacha } from '../soft/chacha.ts';
import { des, des3Ede } from '../soft/des.ts';
import { hmac } from '../soft/hmac.ts';
import { nhpoly1305 } from '../soft/nhpoly1305.ts';
import { poly1305 } from '../soft/poly1305.ts';
import { nobleAes } from './aes.ts';
import { nobleGcm } from './gcm.ts';
import { NobleGhashKey, nobleGhash } from './ghash.ts';
import { nobleSha1, nobleSha256, nobleSha512 } from './hash.ts';

export const nobleProvider: Provider = {
  name: 'generic',
  aes: nobleAes,
  aesGcm: nobleGcm,
  ghash: (h) => nobleGhash(new NobleGhashKey(h)),
  sha256: nobleSha256,
  hmacSha256: (key) => hmac(nobleSha256, 64, 32, key),
  sha1: nobleSha1,
  hmacSha1: (key) => hmac(nobleSha1, 64, 20, key),
  sha512: nobleSha512,
  hmacSha512: (key) => hmac(nobleSha512, 128, 64, key),
  des,
  des3Ede,
  chacha,
  hchacha,
  poly1305,
  cmac: (key) => cmac(blockByBlock(key)),
  cbcmac: (key) => cbcMac(blockByBlock(key)),
  nhpoly1305,
};

function blockByBlock(key: Uint8Array): CbcChain {
  const aes = nobleAes(key);
  return (chain, blocks) => {
    for (let off = 0; off < blocks.length; off += 16) {
      for (let i = 0; i < 16; i++) chain[i] ^= blocks[off + i];
      aes.encryptBlock(chain);
    }
  };
}
