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
import { EINVAL, EOVERFLOW, type Errno } from '../../src/errno.ts';
import { mpiGetSize, mpiReadRawData, mpiWrite } from '../../src/provider/soft/mpi.ts';
import { type AkcipherAlg, type AkcipherOp, cryptoRegisterAkcipher } from '../akcipher.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { bvecRead, bvecWrite } from '../lower/copy.ts';

/** The key of a transform. */
class RsaCtx {
  key: RsaMpiKey | null = null;
}

/** Registers `rsa-generic`. @kernel none: rsa_init */
export function registerRsa(api: CryptoApi): void {
  const alg: AkcipherAlg<RsaCtx> = {
    ...RSA_DRIVER,
    init: () => new RsaCtx(),
    exit: () => undefined,
    setPubKey: ({ ctx }, key) => setKey(ctx, rsaParsePubKey(key)),
    setPrivKey: ({ ctx }, key) => setKey(ctx, rsaParsePrivKey(key)),
    maxSize: ({ ctx }) => (ctx.key === null ? 0 : mpiGetSize(ctx.key.n)),
    encrypt: (op) => power(op, rsaEncrypt),
    decrypt: (op) => power(op, rsaDecrypt),
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
  op: AkcipherOp<RsaCtx>,
  run: (key: RsaMpiKey, number: bigint) => bigint | Errno,
): Errno {
  const { tfm, walk, src, dst, srcLen, dstLen } = op;
  if (tfm.ctx.key === null) return -EINVAL;
  const bytes = new Uint8Array(srcLen);
  bvecRead(walk.mem, src, 0, bytes);
  const result = run(tfm.ctx.key, mpiReadRawData(bytes));
  if (typeof result === 'number') return result;
  const written = mpiWrite(result, dstLen);
  if (written === null) return -EOVERFLOW;
  bvecWrite(walk.mem, dst, 0, written);
  return 0;
}
