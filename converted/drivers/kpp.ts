/**
 * Key agreement over lists: a public key is read once, and the result written once.
 * C: crypto/dh.c, crypto/ecdh.c, crypto/curve25519-generic.c (6.1)
 * @module
 */
import { assert } from '../../src/assert.ts';
import { KPP_DRIVERS, type KppSecret } from '../../src/crypto/kpp.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { cryptoRegisterKpp, type KppAlg, type KppOp } from '../kpp.ts';
import { bvecRead, bvecWrite } from '../lower/copy.ts';

/** The secret of a transform. */
class KppCtx {
  secret: KppSecret | null = null;
}

/** Registers the rows of the table. @kernel none: dh_init, ecdh_init, curve25519_init */
export function registerKpp(api: CryptoApi): void {
  for (const { setSecret, ...row } of KPP_DRIVERS) {
    const alg: KppAlg<KppCtx> = {
      ...row,
      init: () => new KppCtx(),
      exit: () => undefined,
      setSecret: ({ ctx }, bytes) => {
        const secret = setSecret(bytes, (random) => api.machine.getRandomBytes(random));
        ctx.secret = typeof secret === 'number' ? null : secret;
        return typeof secret === 'number' ? secret : 0;
      },
      generatePublicKey: (op) => write(op, (secret) => secret.publicKey(op.dstLen)),
      computeSharedSecret: (op) => {
        const peer = new Uint8Array(op.srcLen);
        bvecRead(op.walk.mem, op.src, 0, peer);
        return write(op, (secret) => secret.sharedSecret(peer, op.dstLen));
      },
      maxSize: ({ ctx }) => ctx.secret?.maxSize ?? 0,
    };
    assert(cryptoRegisterKpp(api, alg) === 0, 'driver registration');
  }
}

function write(op: KppOp<KppCtx>, run: (secret: KppSecret) => Uint8Array | Errno): Errno {
  const { secret } = op.tfm.ctx;
  const result = secret === null ? -EINVAL : run(secret);
  if (typeof result === 'number') return result;
  bvecWrite(op.walk.mem, op.dst, 0, result);
  op.dstLen = result.length;
  return 0;
}
