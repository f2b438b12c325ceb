/**
 * Key agreement over lists: a public key is read once, and the result written once.
 * C: crypto/dh.c, crypto/ecdh.c, crypto/curve25519-generic.c (6.1)
 * @module
 */
import { assert } from '../../src/assert.ts';
import { KPP_DRIVERS, type KppSecret } from '../../src/crypto/kpp.ts';
import type { Errno } from '../../src/errno.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { cryptoRegisterKpp, type KppAlg, type KppOp } from '../kpp.ts';
import { bvecRead, bvecWrite } from '../lower/copy.ts';

/** Registers the rows of the table. @kernel none: dh_init, ecdh_init, curve25519_init */
export function registerKpp(api: CryptoApi): void {
  for (const { newSecret, peer: _, ...row } of KPP_DRIVERS) {
    const alg: KppAlg<KppSecret> = {
      ...row,
      init: () => newSecret((bytes) => api.machine.getRandomBytes(bytes)),
      exit: () => undefined,
      setSecret: ({ ctx }, secret) => ctx.set(secret),
      generatePublicKey: (op) => write(op, op.tfm.ctx.publicKey(op.dstLen)),
      computeSharedSecret: (op) => {
        const peer = new Uint8Array(op.srcLen);
        bvecRead(op.walk.mem, op.src, 0, peer);
        return write(op, op.tfm.ctx.sharedSecret(peer, op.dstLen));
      },
      maxSize: ({ ctx }) => ctx.maxSize,
    };
    assert(cryptoRegisterKpp(api, alg) === 0, 'driver registration');
  }
}

/** The length that the request tells stays that of the room, as in the kernel. */
function write(op: KppOp<KppSecret>, result: Uint8Array | Errno): Errno {
  if (typeof result === 'number') return result;
  bvecWrite(op.walk.mem, op.dst, 0, result);
  return 0;
}
