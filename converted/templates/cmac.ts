/**
 * cmac(cipher) and cbcmac(cipher).
 * C: crypto/cmac.c, crypto/ccm.c cbcmac_create (6.1)
 * @module
 */
import { instanceNames } from '../../src/crypto/instance.ts';
import type { HashState } from '../../src/provider/provider.ts';
import { type CbcChain, cbcMac, cmac as cmacState } from '../../src/provider/soft/block-mac.ts';
import { childCipher } from '../child.ts';
import { type CipherKernel, cipherKernel, cryptoCipherSetkey } from '../cipher.ts';
import { type CryptoTemplate, shashTemplate } from '../template.ts';
import { cryptoXor } from './simple.ts';

const CIPHER = 0;
const BLOCK = 16;

/** @kernel crypto_cmac_tmpl */
export const cmac: CryptoTemplate = mac('cmac', cmacState, BLOCK, 40);
/** @kernel crypto_cbcmac_tmpl */
export const cbcmac: CryptoTemplate = mac('cbcmac', cbcMac, 1, 20);

function mac(
  name: string,
  start: (chain: CbcChain) => HashState,
  blocksize: number,
  statesize: number,
): CryptoTemplate {
  return shashTemplate({
    names: [{ name, params: 1 }],
    children: [{ kind: 'cipher', blocksize: BLOCK }],
    instance: ([cipher]) => ({
      ...instanceNames(name, [cipher]),
      priority: cipher.priority,
      blocksize,
      alignmask: 0,
      digestsize: BLOCK,
      statesize,
      keyed: true,
    }),
    keyedState: (tfm, key) => {
      const cipher = childCipher(tfm, CIPHER);
      return cryptoCipherSetkey(cipher, key) || start(chainOf(cipherKernel(cipher)));
    },
  });
}

function chainOf(kernel: CipherKernel): CbcChain {
  return (chain, blocks) => {
    for (let at = 0; at < blocks.length; at += BLOCK) {
      cryptoXor(chain, blocks.subarray(at, at + BLOCK));
      kernel.encryptBlock(chain);
    }
  };
}
