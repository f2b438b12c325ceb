/**
 * xcbc(cipher): a CBC-MAC under a key that the given one makes, with two more for the last block.
 * C: crypto/xcbc.c (6.1)
 * @module
 */
import { instanceNames } from '../../src/crypto/instance.ts';
import { maskedMac } from '../../src/provider/soft/block-mac.ts';
import { type CryptoTemplate, shashTemplate } from '../template.ts';
import { cbcChainOf } from './cmac.ts';

const XCBC_BLOCKSIZE = 16;

/** @kernel crypto_xcbc_tmpl */
export const xcbc: CryptoTemplate = shashTemplate({
  names: [{ name: 'xcbc', params: 1 }],
  children: [{ kind: 'cipher', blocksize: XCBC_BLOCKSIZE }],
  instance: ([cipher], template) => ({
    ...instanceNames(template, [cipher]),
    priority: cipher.priority,
    blocksize: XCBC_BLOCKSIZE,
    alignmask: cipher.alignmask | 3,
    digestsize: XCBC_BLOCKSIZE,
    statesize: 8 + 2 * XCBC_BLOCKSIZE,
  }),
  shash:
    ([{ setkey }]) =>
    (key) => {
      const kernel = setkey(key, 0);
      if (typeof kernel === 'number') return kernel;
      const [own, whole, partial] = [1, 2, 3].map((byte) => {
        const block = new Uint8Array(XCBC_BLOCKSIZE).fill(byte);
        kernel.encryptBlock(block);
        return block;
      });
      const ownKernel = setkey(own, 0);
      if (typeof ownKernel === 'number') return ownKernel;
      const keyed = maskedMac(cbcChainOf(ownKernel, XCBC_BLOCKSIZE), { whole, partial });
      return () => keyed.clone();
    },
});
