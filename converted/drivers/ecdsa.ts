/**
 * Signatures on curves over lists: a signature and its digest are read once, each from its own.
 * C: crypto/ecdsa.c, crypto/sm2.c (6.1)
 * @module
 */
import { assert } from '../../src/assert.ts';
import { SIGNATURE_DRIVERS, type VerifyingKey } from '../../src/crypto/ecdsa.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { type AkcipherAlg, type AkcipherOp, cryptoRegisterAkcipher } from '../akcipher.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { bvecRead } from '../lower/copy.ts';

/** Registers the rows of the table. @kernel none: ecdsa_init, sm2_init */
export function registerEcdsa(api: CryptoApi): void {
  for (const { newKey, ...row } of SIGNATURE_DRIVERS) {
    const alg: AkcipherAlg<VerifyingKey> = {
      ...row,
      init: () => newKey(),
      exit: () => undefined,
      setPubKey: ({ ctx }, key) => ctx.set(key),
      maxSize: ({ ctx }) => ctx.maxSize,
      verify,
    };
    assert(cryptoRegisterAkcipher(api, alg) === 0, 'driver registration');
  }
}

/** @kernel ecdsa_verify, sm2_verify */
function verify({ tfm, walk, src, srcLen, digest }: AkcipherOp<VerifyingKey>): Errno {
  if (!tfm.ctx.isReady) return -EINVAL;
  const [signature, signed] = [new Uint8Array(srcLen), new Uint8Array(digest.size)];
  bvecRead(walk.mem, src, 0, signature);
  bvecRead(walk.mem, digest, 0, signed);
  return tfm.ctx.verify(signature, signed);
}
