/**
 * The generic provider: portable TypeScript (@noble/ciphers, @noble/hashes 2.4.0), the counterpart of
 * the kernel's `*-generic` drivers and the yardstick of the accelerated one.
 * @module
 */
import { type CbcChain, cbcMac, cmac } from './block-mac.ts';
import { chacha, hchacha } from './chacha.ts';
import { des, des3Ede } from './des.ts';
import { hmac } from './hmac.ts';
import { nhpoly1305 } from './nhpoly1305.ts';
import { nobleAes } from './noble-aes.ts';
import { nobleGcm } from './noble-gcm.ts';
import { NobleGhashKey, nobleGhash } from './noble-ghash.ts';
import { nobleSha1, nobleSha256, nobleSha512 } from './noble-hash.ts';
import { poly1305 } from './poly1305.ts';
import type { Provider } from './provider.ts';

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
