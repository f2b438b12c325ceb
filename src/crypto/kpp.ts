/**
 * Key agreement: secrets as they are given, and the two operations, pure bytes.
 * C: crypto/dh.c, dh_helper.c, ecdh.c, ecdh_helper.c, curve25519-generic.c (6.1)
 * @module
 */
import { EINVAL, EOVERFLOW, type Errno } from '../errno.ts';
import { type CurveName, ecdhPublic, ecdhShared, x25519 } from '../provider/curves.ts';
import { mpiGetSize, mpiPowm, mpiReadRawData, mpiWrite } from '../provider/soft/mpi.ts';
import { CRYPTO_ALG_TESTED, CRYPTO_ALG_TYPE_KPP, type CryptoAlg } from './algorithm.ts';

/** A secret that was taken. */
export interface KppSecret {
  /** Bytes of the longest result. */
  readonly maxSize: number;
  /** @param room bytes that the result may take. @returns -EOVERFLOW where less room is refused, and not cut off. */
  publicKey(room: number): Uint8Array | Errno;
  sharedSecret(peer: Uint8Array, room: number): Uint8Array | Errno;
}

/** One driver. */
export interface KppDriver extends CryptoAlg {
  readonly kind: 'kpp';
  /** @param random fills bytes, where a secret is made up. @returns -EINVAL for what is no secret. */
  readonly setSecret: (
    secret: Uint8Array,
    random: (bytes: Uint8Array) => void,
  ) => KppSecret | Errno;
}

/** struct kpp_secret: type and length of a packed secret. */
const CRYPTO_KPP_SECRET_TYPE_DH = 1;
const CRYPTO_KPP_SECRET_TYPE_ECDH = 2;
const KPP_SECRET_SIZE = 4;
/** Shortest prime of Diffie-Hellman, bytes. */
const DH_PRIME_MIN = 192;
const CURVE25519_KEY_SIZE = 32;

function driver(name: string, setSecret: KppDriver['setSecret']): KppDriver {
  return {
    kind: 'kpp',
    name,
    driverName: `${name}-generic`,
    priority: 100,
    flags: CRYPTO_ALG_TYPE_KPP | CRYPTO_ALG_TESTED,
    blocksize: 0,
    alignmask: 0,
    setSecret,
  };
}

/** Name in OpenSSL, bytes of a coordinate, order. */
const CURVES: readonly (readonly [string, CurveName, number, bigint])[] = [
  ['ecdh-nist-p192', 'prime192v1', 24, 0xffffffffffffffffffffffff99def836146bc9b1b4d22831n],
  [
    'ecdh-nist-p256',
    'prime256v1',
    32,
    0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ],
  [
    'ecdh-nist-p384',
    'secp384r1',
    48,
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ],
];

/** The drivers, in the order of their names. */
export const KPP_DRIVERS: readonly KppDriver[] = [
  driver('curve25519', curve25519Secret),
  driver('dh', dhSecret),
  ...CURVES.map(([name, curve, size, order]) =>
    driver(name, (secret, random) => ecdhSecret(curve, size, order, secret, random)),
  ),
];

/** Where kpp_secret ends. @returns null when it is of another type. */
function unpack(secret: Uint8Array, type: number, least: number): DataView | null {
  if (secret.length < KPP_SECRET_SIZE + least) return null;
  const view = new DataView(secret.buffer, secret.byteOffset, secret.length);
  if (view.getUint16(0, true) !== type || view.getUint16(2, true) > secret.length) return null;
  return view;
}

/** Sizes of key, prime and base, then the three. @kernel crypto_dh_decode_key */
function dhSecret(secret: Uint8Array): KppSecret | Errno {
  const view = unpack(secret, CRYPTO_KPP_SECRET_TYPE_DH, 12);
  if (view === null) return -EINVAL;
  const [keySize, primeSize, baseSize] = [4, 8, 12].map((at) => view.getUint32(at, true));
  const at = KPP_SECRET_SIZE + 12;
  if (view.getUint16(2, true) !== at + keySize + primeSize + baseSize) return -EINVAL;
  if (keySize > primeSize || baseSize > primeSize || primeSize < DH_PRIME_MIN) return -EINVAL;
  const part = (start: number, len: number) => mpiReadRawData(secret.subarray(start, start + len));
  const x = part(at, keySize);
  const p = part(at + keySize, primeSize);
  const g = part(at + keySize + primeSize, baseSize);
  if (p === 0n) return -EINVAL;
  const power = (base: bigint, room: number) => mpiWrite(mpiPowm(base, x, p), room) ?? -EOVERFLOW;
  return {
    maxSize: mpiGetSize(p),
    publicKey: (room) => power(g, room),
    sharedSecret: (peer, room) => {
      const y = mpiReadRawData(peer);
      return y <= 1n || y >= p ? -EINVAL : power(y, room);
    },
  };
}

/** The size of the key, then the key; without one it is made up. @kernel crypto_ecdh_decode_key, ecdh_set_secret */
function ecdhSecret(
  curve: CurveName,
  size: number,
  order: bigint,
  secret: Uint8Array,
  random: (bytes: Uint8Array) => void,
): KppSecret | Errno {
  const view = unpack(secret, CRYPTO_KPP_SECRET_TYPE_ECDH, 2);
  if (view === null) return -EINVAL;
  const keySize = view.getUint16(KPP_SECRET_SIZE, true);
  const at = KPP_SECRET_SIZE + 2;
  if (view.getUint16(2, true) !== at + keySize || keySize > size) return -EINVAL;
  const key = new Uint8Array(size);
  if (keySize > 0) key.set(secret.subarray(at, at + keySize));
  else while (!isEcKey(key, order)) random(key);
  if (!isEcKey(key, order)) return -EINVAL;
  return {
    maxSize: 2 * size,
    publicKey: (room) => ecdhPublic(curve, key).slice(0, room),
    sharedSecret: (peer, room) => {
      if (peer.length !== 2 * size) return -EINVAL;
      return ecdhShared(curve, key, peer)?.slice(0, room) ?? -EINVAL;
    },
  };
}

/** 2 to the order less 3 (SP 800-56A, 5.6.1.2.1). @kernel ecc_is_key_valid */
function isEcKey(key: Uint8Array, order: bigint): boolean {
  const value = mpiReadRawData(key);
  return value >= 2n && value <= order - 3n;
}

/** The bare key, not zero; without one it is made up. @kernel curve25519_set_secret */
function curve25519Secret(
  secret: Uint8Array,
  random: (bytes: Uint8Array) => void,
): KppSecret | Errno {
  const key = secret.slice();
  if (key.length !== 0 && key.length !== CURVE25519_KEY_SIZE) return -EINVAL;
  const own = key.length === 0 ? new Uint8Array(CURVE25519_KEY_SIZE) : key;
  if (key.length === 0) random(own);
  if (own.every((byte) => byte === 0)) return -EINVAL;
  const base = new Uint8Array(CURVE25519_KEY_SIZE);
  base[0] = 9;
  const shared = (point: Uint8Array, room: number): Uint8Array =>
    // The kernel's function gives the zero point as it is.
    (x25519(own, point) ?? new Uint8Array(CURVE25519_KEY_SIZE)).slice(0, room);
  return {
    maxSize: CURVE25519_KEY_SIZE,
    publicKey: (room) => shared(base, room),
    sharedSecret: (peer, room) =>
      peer.length < CURVE25519_KEY_SIZE
        ? -EINVAL
        : shared(peer.subarray(0, CURVE25519_KEY_SIZE), room),
  };
}
