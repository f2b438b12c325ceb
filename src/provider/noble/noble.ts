/**
 * The generic provider: portable TypeScript (@noble/ciphers, @noble/hashes 2.4.0), the counterpart of
 * the kernel's `*-generic` drivers and the yardstick of the accelerated one.
 * @module
 */

import type { Provider } from '../provider.ts';
import { type CbcChain, cbcMac, cmac } from '../soft/block-mac.ts';
import { chacha, hchacha } from '../soft/chacha.ts';
import { SOFT_CIPHERS } from '../soft/ciphers/ciphers.ts';
import { startHash } from '../soft/hashes/state-hash.ts';
import { hmac } from '../soft/hmac.ts';
import { nhpoly1305 } from '../soft/nhpoly1305.ts';
import { poly1305 } from '../soft/poly1305.ts';
import { nobleAes } from './aes.ts';
import { nobleGcm } from './gcm.ts';
import { sha1Hash, sha256Hash, sha512Hash } from './hash.ts';
import { GENERIC_HASHES } from './hashes.ts';

const sha1 = () => startHash(sha1Hash);
const sha256 = () => startHash(sha256Hash);
const sha512 = () => startHash(sha512Hash);

export const nobleProvider: Provider = {
  name: 'generic',
  hashes: GENERIC_HASHES,
  ciphers: { ...SOFT_CIPHERS, aes: nobleAes },
  aes: nobleAes,
  aesGcm: nobleGcm,
  ghash: GENERIC_HASHES.ghash,
  sha256,
  hmacSha256: (key) => hmac(sha256, 64, 32, key),
  sha1,
  hmacSha1: (key) => hmac(sha1, 64, 20, key),
  sha512,
  hmacSha512: (key) => hmac(sha512, 128, 64, key),
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
