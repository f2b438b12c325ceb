/**
 * cmac(cipher) and cbcmac(cipher).
 * C: crypto/cmac.c, crypto/ccm.c cbcmac_create (6.1)
 * @module
 */
import { instanceNames } from '../../src/crypto/instance.ts';
import { EINVAL } from '../../src/errno.ts';
import type { HashState } from '../../src/provider/provider.ts';
import { type CbcChain, cbcMac, cmac as cmacState } from '../../src/provider/soft/block-mac.ts';
import type { CipherAlg, CipherKernel } from '../cipher.ts';
import type { ShashAlg } from '../shash.ts';
import { type CryptoTemplate, shashTemplate } from '../template.ts';

/** @kernel crypto_cmac_tmpl */
export const cmac: CryptoTemplate = shashTemplate({
  names: [{ name: 'cmac', params: 1 }],
  children: [{ kind: 'cipher' }],
  instance: ([cipher], template) => {
    const { priority, blocksize } = cipher;
    if (blocksize !== 8 && blocksize !== 16) return -EINVAL;
    const sizes = { blocksize, digestsize: blocksize, statesize: 8 + 2 * blocksize };
    return { ...instanceNames(template, [cipher]), ...sizes, priority };
  },
  shash: ([cipher]) => macOver(cipher, cmacState),
});

/** @kernel none: crypto_ccm_tmpls, its cbcmac */
export const cbcmac: CryptoTemplate = shashTemplate({
  names: [{ name: 'cbcmac', params: 1 }],
  children: [{ kind: 'cipher' }],
  instance: ([cipher], template) => ({
    ...instanceNames(template, [cipher]),
    priority: cipher.priority,
    blocksize: 1,
    alignmask: 0,
    digestsize: cipher.blocksize,
    // A 32-bit length, aligned as the cipher wants it, and the block.
    statesize: (cipher.alignmask | 3) + 1 + cipher.blocksize,
  }),
  shash: ([cipher]) => macOver(cipher, cbcMac),
});

/** CBC-MAC of a key. @kernel none: the loop of crypto_cmac_digest_update */
export function cbcChainOf(kernel: CipherKernel, blocksize: number): CbcChain {
  return (chain, blocks) => {
    for (let at = 0; at < blocks.length; at += blocksize) {
      for (let i = 0; i < blocksize; i++) chain[i] ^= blocks[at + i];
      kernel.encryptBlock(chain);
    }
  };
}

function macOver(
  { setkey, blocksize }: CipherAlg,
  mac: (chain: CbcChain, blocksize: number) => HashState,
): ShashAlg['shash'] {
  return (key) => {
    const kernel = setkey(key, 0);
    if (typeof kernel === 'number') return kernel;
    const keyed = mac(cbcChainOf(kernel, blocksize), blocksize);
    return () => keyed.clone();
  };
}
