/**
 * cmac(cipher) and cbcmac(cipher).
 * C: crypto/cmac.c, crypto/ccm.c cbcmac_create (6.1)
 * @module
 */
import { EINVAL } from '../../src/errno.ts';
import { type CbcChain, cbcMac, cmac as cmacState } from '../../src/provider/soft/block-mac.ts';
import { childCipher } from '../child.ts';
import { type CryptoCipher, cipherKernel, cryptoCipherSetkey } from '../cipher.ts';
import { type CryptoTemplate, shashTemplate } from '../template.ts';
import { cryptoXor } from './simple.ts';

const CIPHER = 0;

/** @kernel crypto_cmac_tmpl */
export const cmac: CryptoTemplate = shashTemplate({
  names: [{ name: 'cmac', params: 1 }],
  children: [{ kind: 'cipher' }],
  instance: ([{ blocksize }]) =>
    blocksize === 8 || blocksize === 16
      ? { blocksize, digestsize: blocksize, statesize: 8 + 2 * blocksize }
      : -EINVAL,
  keyedState: (tfm, key) => {
    const cipher = childCipher(tfm, CIPHER);
    return cryptoCipherSetkey(cipher, key) || cmacState(cbcChainOf(cipher), cipher.alg.blocksize);
  },
});

/** @kernel none: crypto_ccm_tmpls, its cbcmac */
export const cbcmac: CryptoTemplate = shashTemplate({
  names: [{ name: 'cbcmac', params: 1 }],
  children: [{ kind: 'cipher' }],
  instance: ([cipher]) => ({
    blocksize: 1,
    alignmask: 0,
    digestsize: cipher.blocksize,
    // A 32-bit length, aligned as the cipher wants it, and the block.
    statesize: (cipher.alignmask | 3) + 1 + cipher.blocksize,
  }),
  keyedState: (tfm, key) => {
    const cipher = childCipher(tfm, CIPHER);
    return cryptoCipherSetkey(cipher, key) || cbcMac(cbcChainOf(cipher), cipher.alg.blocksize);
  },
});

/** Encrypts in CBC, keeping only the last block: what the MACs over a cipher are made of. @kernel none: crypto_cipher_encrypt_one in their loops */
export function cbcChainOf(cipher: CryptoCipher): CbcChain {
  const kernel = cipherKernel(cipher);
  const { blocksize } = cipher.alg;
  return (chain, blocks) => {
    for (let at = 0; at < blocks.length; at += blocksize) {
      cryptoXor(chain, blocks.subarray(at, at + blocksize));
      kernel.encryptBlock(chain);
    }
  };
}
