/**
 * xcbc(cipher): a CBC-MAC under a key that the given one makes, with two more for the last block.
 * C: crypto/xcbc.c (6.1)
 * @module
 */
import { maskedMac } from '../../src/provider/soft/block-mac.ts';
import { childCipher } from '../child.ts';
import { cipherKernel, cryptoCipherSetkey } from '../cipher.ts';
import { type CryptoTemplate, shashTemplate } from '../template.ts';
import { cbcChainOf } from './cmac.ts';

const CIPHER = 0;
const XCBC_BLOCKSIZE = 16;

/** @kernel crypto_xcbc_tmpl */
export const xcbc: CryptoTemplate = shashTemplate({
  names: [{ name: 'xcbc', params: 1 }],
  children: [{ kind: 'cipher', blocksize: XCBC_BLOCKSIZE }],
  instance: ([cipher]) => ({
    blocksize: XCBC_BLOCKSIZE,
    alignmask: cipher.alignmask | 3,
    digestsize: XCBC_BLOCKSIZE,
    statesize: 8 + 2 * XCBC_BLOCKSIZE,
  }),
  keyedState: (tfm, key) => {
    const cipher = childCipher(tfm, CIPHER);
    const err = cryptoCipherSetkey(cipher, key);
    if (err !== 0) return err;
    const [own, whole, partial] = [1, 2, 3].map((byte) => {
      const block = new Uint8Array(XCBC_BLOCKSIZE).fill(byte);
      cipherKernel(cipher).encryptBlock(block);
      return block;
    });
    return cryptoCipherSetkey(cipher, own) || maskedMac(cbcChainOf(cipher), { whole, partial });
  },
});
