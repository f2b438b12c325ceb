/**
 * Signatures on curves over lists: a signature and the digest behind it are read once.
 * C: crypto/ecdsa.c, crypto/sm2.c (6.1)
 * @module
 */

import { assert } from '../../src/assert.ts';
import { SIGNATURE_DRIVERS, type VerifyingKey } from '../../src/crypto/ecdsa.ts';
import { EINVAL, ENOMEM, type Errno } from '../../src/errno.ts';
import { readKernel, writeKernel } from '../../src/machine/access.ts';
import { type AkcipherAlg, type AkcipherRequest, cryptoRegisterAkcipher } from '../akcipher.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { sgNents } from '../lists/scatterlist.ts';
import { sgPcopyToBuffer } from '../lists/sg-mapping-iter.ts';

/** Registers the rows of the table. @kernel none: ecdsa_init, sm2_init */
export function registerEcdsa(api: CryptoApi): void {
  for (const { newKey, ...row } of SIGNATURE_DRIVERS) {
    const alg: AkcipherAlg<VerifyingKey> = {
      ...row,
      init: () => newKey(),
      setPubKey: ({ ctx }, key) => ctx.set(key),
      maxSize: ({ ctx }) => ctx.maxSize,
      verify,
    };
    assert(cryptoRegisterAkcipher(api, alg) === 0, 'driver registration');
  }
}

/**
 * Takes its buffer with GFP_KERNEL, whatever the flags say. Of a list that is shorter than it says, what is missing was
 * never written. @kernel ecdsa_verify, sm2_verify */
function verify({ tfm, src, srcLen, dstLen }: AkcipherRequest<VerifyingKey>): Errno {
  const { machine } = tfm.api;
  if (!tfm.ctx.isReady) return -EINVAL;
  const bytes = new Uint8Array(srcLen + dstLen);
  const buffer = machine.slab.kmalloc(bytes.length, 'ecdsa_verify');
  if (buffer === null) return -ENOMEM;
  const copied = sgPcopyToBuffer(machine, src, sgNents(src), bytes, 0);
  writeKernel(machine, buffer, bytes.subarray(0, copied));
  readKernel(machine, buffer, bytes);
  machine.slab.kfree(buffer);
  return tfm.ctx.verify(bytes.subarray(0, srcLen), bytes.subarray(srcLen));
}
