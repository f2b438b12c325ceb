/**
 * The accelerated provider: node:crypto, the counterpart of the kernel's assembly drivers.
 * @module
 */

import type { Provider } from '../provider.ts';
import { type CbcChain, cbcMac, cmac } from '../soft/block-mac.ts';
import { hchacha } from '../soft/chacha.ts';
import { hmac } from '../soft/hmac.ts';
import { nhpoly1305 } from '../soft/nhpoly1305.ts';
import { poly1305 } from '../soft/poly1305.ts';
import { CHUNK, dataBytes } from '../soft/scratch.ts';
import { tableGhash } from '../soft/table-ghash.ts';
import { aesAlgorithm, opensslAes } from './aes.ts';
import { opensslDes, opensslDes3Ede } from './block.ts';
import { opensslChacha } from './chacha.ts';
import { blockEngine } from './engine.ts';
import { opensslGcm } from './gcm.ts';
import { opensslSha1, opensslSha256, opensslSha512 } from './hash.ts';

export const opensslProvider: Provider = {
  name: 'accel',
  aes: (key) => opensslAes(key, blockEngine),
  aesGcm: opensslGcm,
  ghash: tableGhash,
  sha256: opensslSha256,
  hmacSha256: (key) => hmac(opensslSha256, 64, 32, key),
  sha1: opensslSha1,
  hmacSha1: (key) => hmac(opensslSha1, 64, 20, key),
  sha512: opensslSha512,
  hmacSha512: (key) => hmac(opensslSha512, 128, 64, key),
  des: opensslDes,
  des3Ede: opensslDes3Ede,
  chacha: opensslChacha,
  hchacha,
  poly1305,
  cmac: (key) => cmac(bulkChain(key)),
  cbcmac: (key) => cbcMac(bulkChain(key)),
  nhpoly1305,
};

/** CBC of whole runs in the kept cipher object; the ciphertext is dropped but for its last block. */
function bulkChain(key: Uint8Array): CbcChain {
  const engine = blockEngine(aesAlgorithm(key.length), key);
  return (chain, blocks) => {
    for (let off = 0; off < blocks.length; off += CHUNK) {
      const text = dataBytes.subarray(0, Math.min(CHUNK, blocks.length - off));
      text.set(blocks.subarray(off, off + text.length));
      engine.cbc(true, text, chain);
    }
  };
}
