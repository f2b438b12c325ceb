/**
 * Key agreement over lists: a public key is read once, and the result written once. Each driver has one
 * function for both operations, and goes by the input: with one it computes the shared secret.
 *
 * Not modelled: -ENOMEM for the buffers of one operation.
 * C: crypto/dh.c, crypto/ecdh.c, crypto/curve25519-generic.c (6.1)
 * @module
 */
import { assert } from '../../src/assert.ts';
import { KPP_DRIVERS, type KppDriver, type KppSecret } from '../../src/crypto/kpp.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { mpiReadRawData } from '../../src/provider/soft/mpi.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { cryptoRegisterKpp, type KppAlg, type KppRequest } from '../kpp.ts';
import { sgNents } from '../lists/scatterlist.ts';
import { sgCopyFromBuffer, sgCopyToBuffer } from '../lists/sg-mapping-iter.ts';
import { mpiReadRawFromSgl, mpiWriteToSgl } from '../walk/mpi-sgl.ts';

/** Registers the rows of the table. @kernel none: dh_init, ecdh_init, curve25519_init */
export function registerKpp(api: CryptoApi): void {
  for (const { newSecret, peer, ...row } of KPP_DRIVERS) {
    const compute = COMPUTE[peer];
    const alg: KppAlg<KppSecret> = {
      ...row,
      init: () => newSecret((bytes) => api.machine.getRandomBytes(bytes)),
      setSecret: ({ ctx }, secret) => ctx.set(secret),
      generatePublicKey: compute,
      computeSharedSecret: compute,
      maxSize: ({ ctx }) => ctx.maxSize,
    };
    assert(cryptoRegisterKpp(api, alg) === 0, 'driver registration');
  }
}

const COMPUTE: Readonly<Record<KppDriver['peer'], (req: KppRequest<KppSecret>) => Errno>> = {
  number: dhComputeValue,
  point: (req) => (req.src === null || req.srcLen === req.tfm.ctx.maxSize ? compute(req) : -EINVAL),
  // The length that the caller gives is not looked at.
  bytes: compute,
};

/** @kernel dh_compute_value */
function dhComputeValue({ tfm, src, dst, srcLen, dstLen }: KppRequest<KppSecret>): Errno {
  const { api, ctx } = tfm;
  if (ctx.maxSize === 0) return -EINVAL;
  const peer = src === null ? null : mpiReadRawFromSgl(api.machine, src, srcLen);
  if (typeof peer === 'number') return -EINVAL;
  const result = peer === null ? ctx.publicKey(dstLen) : ctx.sharedSecret(peer, dstLen);
  if (typeof result === 'number') return result;
  return mpiWriteToSgl(api.machine, mpiReadRawData(result), dst, dstLen);
}

/** What does not fit is cut off; in a list that is shorter than it says, too, with -EINVAL. @kernel ecdh_compute_value, curve25519_compute_value */
function compute({ tfm, src, dst, dstLen }: KppRequest<KppSecret>): Errno {
  const { machine } = tfm.api;
  const peer = src === null ? null : new Uint8Array(tfm.ctx.maxSize);
  if (peer !== null && sgCopyToBuffer(machine, src, sgNents(src), peer) !== peer.length) {
    return -EINVAL;
  }
  const result = peer === null ? tfm.ctx.publicKey(dstLen) : tfm.ctx.sharedSecret(peer, dstLen);
  if (typeof result === 'number') return result;
  return sgCopyFromBuffer(machine, dst, sgNents(dst), result) === result.length ? 0 : -EINVAL;
}
