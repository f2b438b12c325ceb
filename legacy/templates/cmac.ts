/**
 * cmac(cipher) and cbcmac(cipher).
 * C: crypto/cmac.c, crypto/ccm.c cbcmac_create (6.1)
 * @module
 */
import { instanceNames } from '../../src/crypto/instance.ts';
import type { HashState } from '../../src/provider/provider.ts';
import { type CbcChain, cbcMac, cmac as cmacState } from '../../src/provider/soft/block-mac.ts';
import type { AhashAlg } from '../ahash.ts';
import type { CipherKernel } from '../cipher.ts';
import { type CryptoTemplate, shashTemplate } from '../template.ts';

const BLOCK = 16;

/** @kernel crypto_cmac_tmpl */
export const cmac: CryptoTemplate = macTemplate('cmac', cmacState, {
  blocksize: BLOCK,
  statesize: 40,
});

/** @kernel none: crypto_ccm_tmpls, its cbcmac */
export const cbcmac: CryptoTemplate = macTemplate('cbcmac', cbcMac, {
  blocksize: 1,
  statesize: 20,
});

function macTemplate(
  name: string,
  mac: (chain: CbcChain) => HashState,
  sizes: Pick<AhashAlg, 'blocksize' | 'statesize'>,
): CryptoTemplate {
  return shashTemplate({
    names: [{ name, params: 1 }],
    children: [{ kind: 'cipher', blocksize: BLOCK }],
    instance: ([cipher]) => ({
      ...instanceNames(name, [cipher]),
      ...sizes,
      priority: cipher.priority,
      alignmask: 0,
      digestsize: BLOCK,
    }),
    shash:
      ([cipher]) =>
      (key) => {
        const kernel = cipher.setkey(key, 0);
        if (typeof kernel === 'number') return kernel;
        const keyed = mac(chainOf(kernel));
        return () => keyed.clone();
      },
  });
}

function chainOf(kernel: CipherKernel): CbcChain {
  return (chain, blocks) => {
    for (let at = 0; at < blocks.length; at += BLOCK) {
      for (let i = 0; i < BLOCK; i++) chain[i] ^= blocks[at + i];
      kernel.encryptBlock(chain);
    }
  };
}
