/**
 * RSA over lists: a number is read once, and its power written once.
 * C: crypto/rsa.c (6.1)
 * @module
 */
import { assert } from '../../src/assert.ts';
import {
  RSA_DRIVER,
  type RsaMpiKey,
  rsaDecrypt,
  rsaEncrypt,
  rsaParsePrivKey,
  rsaParsePubKey,
} from '../../src/crypto/rsa.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { mpiGetSize, mpiReadRawData } from '../../src/provider/soft/mpi.ts';
import { type AkcipherAlg, type AkcipherRequest, cryptoRegisterAkcipher } from '../akcipher.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { mpiReadRawFromSgl, mpiWriteToSgl } from '../walk/mpi-sgl.ts';

/** The key of a transform. */
class RsaCtx {
  key: RsaMpiKey | null = null;
}

/** Registers `rsa-generic`. @kernel none: rsa_init */
export function registerRsa(api: CryptoApi): void {
  const alg: AkcipherAlg<RsaCtx> = {
    ...RSA_DRIVER,
    init: () => new RsaCtx(),
    setPubKey: ({ ctx }, key) => setKey(ctx, rsaParsePubKey(key)),
    setPrivKey: ({ ctx }, key) => setKey(ctx, rsaParsePrivKey(key)),
    maxSize: ({ ctx }) => (ctx.key === null ? 0 : mpiGetSize(ctx.key.n)),
    encrypt: (req) => power(req, rsaEncrypt),
    decrypt: (req) => power(req, rsaDecrypt),
  };
  assert(cryptoRegisterAkcipher(api, alg) === 0, 'driver registration');
}

/** A refused key leaves none. */
function setKey(ctx: RsaCtx, key: RsaMpiKey | Errno): Errno {
  ctx.key = typeof key === 'number' ? null : key;
  return typeof key === 'number' ? key : 0;
}

/** All of the room is written: zeros in front of the number. @kernel rsa_enc, rsa_dec */
function power(
  { tfm, src, dst, srcLen, dstLen }: AkcipherRequest<RsaCtx>,
  run: (key: RsaMpiKey, number: bigint) => bigint | Errno,
): Errno {
  const { machine } = tfm.api;
  if (tfm.ctx.key === null) return -EINVAL;
  if (run === rsaDecrypt && tfm.ctx.key.crt === null) return -EINVAL;
  const bytes = mpiReadRawFromSgl(machine, src, srcLen);
  if (typeof bytes === 'number') return bytes;
  const result = run(tfm.ctx.key, mpiReadRawData(bytes));
  return typeof result === 'number' ? result : mpiWriteToSgl(machine, result, dst, dstLen);
}
