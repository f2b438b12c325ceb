/**
 * ffdhe2048(dh) to ffdhe8192(dh): Diffie-Hellman in the groups of RFC 7919, whose secrets are a key alone.
 *
 * The operation of the child has the lists of the parent's. What the conversion removed: setting up a
 * second request over them.
 * C: crypto/dh.c (6.1)
 * @module
 */
import { CRYPTO_ALG_TYPE_KPP, CRYPTO_ALG_TYPE_MASK } from '../../src/crypto/algorithm.ts';
import {
  type AttrType,
  checkNames,
  cryptoAlgtInheritedMask,
  cryptoCheckAttrType,
  instanceFlags,
  instanceNames,
} from '../../src/crypto/instance.ts';
import { dhSafePrimeSecret, SAFE_PRIMES, type SafePrime } from '../../src/crypto/kpp.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { CryptoApi } from '../crypto-api.ts';
import {
  type CryptoKpp,
  cryptoFreeKpp,
  cryptoKppMaxsize,
  cryptoKppSetSecret,
  cryptoSpawnKpp,
  isKpp,
  type KppAlg,
  KppOp,
} from '../kpp.ts';
import { opAnswered, opComplete, opStart, opSubmitted } from '../op.ts';
import type { CryptoTemplate } from '../template.ts';

/** @kernel crypto_ffdhe_templates */
export const ffdhe: CryptoTemplate = {
  names: SAFE_PRIMES.map(({ name }) => ({ name, params: 1 })),
  create: (api, template, [dh], wanted) => {
    const prime = SAFE_PRIMES.find(({ name }) => name === template);
    return prime === undefined ? -EINVAL : create(api, prime, dh, wanted);
  },
};

/** @kernel __dh_safe_prime_create */
function create(
  { registry }: CryptoApi,
  prime: SafePrime,
  child: string,
  wanted: AttrType,
): KppAlg<CryptoKpp> | Errno {
  const err = cryptoCheckAttrType(wanted, CRYPTO_ALG_TYPE_KPP);
  if (err !== 0) return err;
  const mask = cryptoAlgtInheritedMask(wanted) | CRYPTO_ALG_TYPE_MASK;
  const dh = registry.find(child, CRYPTO_ALG_TYPE_KPP, mask);
  if (typeof dh === 'number') return dh;
  if (!isKpp(dh) || dh.name !== 'dh') return -EINVAL;
  const names = instanceNames(prime.name, [dh]);
  const { priority, blocksize, reqsize = 0 } = dh;
  return (
    checkNames(names.name, names.driverName) || {
      ...{ ...names, kind: 'kpp', priority, blocksize, alignmask: 0, reqsize, spawns: [dh] },
      flags: instanceFlags(CRYPTO_ALG_TYPE_KPP, [dh]),
      init: ({ api }) => cryptoSpawnKpp(api, dh),
      exit: cryptoFreeKpp,
      setSecret: ({ api, ctx }, secret) => {
        const packed = dhSafePrimeSecret(prime, secret, (bytes) =>
          api.machine.getRandomBytes(bytes),
        );
        return typeof packed === 'number' ? packed : cryptoKppSetSecret(ctx, packed);
      },
      generatePublicKey: (op) => callChild(op, dh.generatePublicKey),
      computeSharedSecret: (op) => callChild(op, dh.computeSharedSecret),
      maxSize: ({ ctx }) => cryptoKppMaxsize(ctx),
    }
  );
}

/** @kernel dh_safe_prime_prepare_dh_req, dh_safe_prime_complete_req */
function callChild(op: KppOp<CryptoKpp>, operation: (op: KppOp) => Errno): Errno {
  const child = new KppOp(op.tfm.ctx, op.memory);
  const { flags, src, dst, srcLen, dstLen } = op;
  Object.assign(child, { flags, src, dst, srcLen, dstLen });
  child.complete = (_, err) => opComplete(op, err);
  return opStart(child) || opAnswered(child, opSubmitted(child), operation(child));
}
