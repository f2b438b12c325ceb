/**
 * vmac64(cipher): a MAC that is fast on 64-bit machines. Its nonce is the beginning of the message.
 * C: crypto/vmac.c (6.1)
 * @module
 */
import { EINVAL } from '../../src/errno.ts';
import { startHash } from '../../src/provider/soft/hashes/state-hash.ts';
import { vmac64Hash } from '../../src/provider/soft/hashes/vmac.ts';
import { childCipher } from '../child.ts';
import { cipherKernel, cryptoCipherSetkey } from '../cipher.ts';
import { type CryptoTemplate, shashTemplate } from '../template.ts';

const CIPHER = 0;
const VMAC_KEY_LEN = 16;
const VMAC_NONCEBYTES = 16;
const VMAC_TAG_LEN = 8;
/** sizeof(struct vmac_desc_ctx). */
const STATE_SIZE = 176;

/** @kernel vmac64_tmpl */
export const vmac64: CryptoTemplate = shashTemplate({
  names: [{ name: 'vmac64', params: 1 }],
  children: [{ kind: 'cipher', blocksize: VMAC_NONCEBYTES }],
  instance: ([cipher]) => ({
    blocksize: cipher.blocksize,
    digestsize: VMAC_TAG_LEN,
    statesize: STATE_SIZE,
  }),
  keyedState: (tfm, key) => {
    if (key.length !== VMAC_KEY_LEN) return -EINVAL;
    const cipher = childCipher(tfm, CIPHER);
    const err = cryptoCipherSetkey(cipher, key);
    if (err !== 0) return err;
    const kernel = cipherKernel(cipher);
    return startHash(vmac64Hash((block) => kernel.encryptBlock(block)));
  },
});
