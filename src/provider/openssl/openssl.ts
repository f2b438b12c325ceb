/**
 * The accelerated provider: node:crypto, the counterpart of the kernel's assembly drivers.
 * @module
 */

import type { AesKernel, Provider } from '../provider.ts';
import { type CbcChain, cbcMac, cmac } from '../soft/block-mac.ts';
import { hchacha } from '../soft/chacha.ts';
import { hmac } from '../soft/hmac.ts';
import { nhpoly1305 } from '../soft/nhpoly1305.ts';
import { poly1305 } from '../soft/poly1305.ts';
import { CHUNK, dataBytes } from '../soft/scratch.ts';
import { tableGhash } from '../soft/table-ghash.ts';
import { aesAlgorithm, opensslAes } from './aes.ts';
import { opensslCiphers } from './block.ts';
import { opensslChacha } from './chacha.ts';
import { blockEngine } from './engine.ts';
import { opensslGcm } from './gcm.ts';
import { opensslHash, opensslHashes } from './hash.ts';

const sha1 = () => opensslHash('sha1');
const sha256 = () => opensslHash('sha256');
const sha512 = () => opensslHash('sha512');

/** For engines, which drive the same cipher objects. */
export { aesAlgorithm } from './aes.ts';
export { type BlockEngine, blockEngine, oneShot } from './engine.ts';
export { opensslName } from './hash.ts';

export const opensslProvider: Provider = {
  name: 'accel',
  hashes: opensslHashes(),
  ciphers: { ...opensslCiphers(), aes },
  aes,
  aesGcm: opensslGcm,
  ghash: tableGhash,
  sha256,
  hmacSha256: (key) => hmac(sha256, 64, 32, key),
  sha1,
  hmacSha1: (key) => hmac(sha1, 64, 20, key),
  sha512,
  hmacSha512: (key) => hmac(sha512, 128, 64, key),
  chacha: opensslChacha,
  hchacha,
  poly1305,
  cmac: (key) => cmac(bulkChain(key)),
  cbcmac: (key) => cbcMac(bulkChain(key)),
  nhpoly1305,
};

function aes(key: Uint8Array): AesKernel {
  return opensslAes(key, blockEngine);
}

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
