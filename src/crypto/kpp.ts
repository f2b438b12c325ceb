/**
 * Key agreement: secrets as they are given, and the two operations, pure bytes.
 * C: crypto/dh.c, dh_helper.c, ecdh.c, ecdh_helper.c, curve25519-generic.c (6.1)
 * @module
 */
import { EAGAIN, EFAULT, EINVAL, EOVERFLOW, type Errno } from '../errno.ts';
import { type CurveName, ecdhPublic, ecdhShared, x25519 } from '../provider/curves.ts';
import { ECC_CURVES, type EccCurve } from '../provider/soft/ecc.ts';
import { mpiGetSize, mpiPowm, mpiReadRawData, mpiWrite } from '../provider/soft/mpi.ts';
import { CRYPTO_ALG_TESTED, CRYPTO_ALG_TYPE_KPP, type CryptoAlg } from './algorithm.ts';

/** The secret of a transform; there is one from the start, which for two of three kinds is zero. */
export interface KppSecret {
  /** Bytes of the longest result. */
  readonly maxSize: number;
  /** @returns 0, or -EINVAL for what is no secret. */
  set(secret: Uint8Array): Errno;
  /** @param room bytes that the result may take. @returns -EOVERFLOW where less room is refused, and not cut off. */
  publicKey(room: number): Uint8Array | Errno;
  sharedSecret(peer: Uint8Array, room: number): Uint8Array | Errno;
}

/** One driver. */
export interface KppDriver extends CryptoAlg {
  readonly kind: 'kpp';
  /** A public key is a number of any length, a point of exactly its two coordinates, or 32 bytes. */
  readonly peer: 'number' | 'point' | 'bytes';
  /** @param random fills bytes, where a secret is made up. */
  readonly newSecret: (random: Random) => KppSecret;
}

type Random = (bytes: Uint8Array) => void;

/** struct kpp_secret: type and length of a packed secret. */
const CRYPTO_KPP_SECRET_TYPE_DH = 1;
const CRYPTO_KPP_SECRET_TYPE_ECDH = 2;
const KPP_SECRET_SIZE = 4;
/** Bytes of the sizes of key, prime and base. */
const DH_SIZES = 12;
/** Shortest prime of Diffie-Hellman, bytes. */
const DH_PRIME_MIN = 192;
/** Longest number, bits. @kernel MAX_EXTERN_MPI_BITS */
const MPI_BITS_MAX = 16384n;
/** @kernel none: curve25519.h */
const CURVE25519_KEY_SIZE = 32;

function driver(
  name: string,
  peer: KppDriver['peer'],
  newSecret: KppDriver['newSecret'],
): KppDriver {
  return {
    kind: 'kpp',
    name,
    driverName: `${name}-generic`,
    priority: 100,
    flags: CRYPTO_ALG_TYPE_KPP | CRYPTO_ALG_TESTED,
    blocksize: 0,
    alignmask: 0,
    peer,
    newSecret,
  };
}

/** Names in OpenSSL. */
const CURVES = [
  ['nist-p192', 'prime192v1'],
  ['nist-p256', 'prime256v1'],
  ['nist-p384', 'secp384r1'],
] as const;

/** The drivers, in the order of their names. */
export const KPP_DRIVERS: readonly KppDriver[] = [
  driver('curve25519', 'bytes', (random) => new Curve25519Secret(random)),
  driver('dh', 'number', () => new DhSecret()),
  ...CURVES.map(([name, curve]) =>
    driver(`ecdh-${name}`, 'point', (random) => new EcdhSecret(curve, ECC_CURVES[name], random)),
  ),
];

/** Where kpp_secret ends. @returns null when it is of another type. */
function unpack(secret: Uint8Array, type: number, least: number): DataView | null {
  if (secret.length < KPP_SECRET_SIZE + least) return null;
  const view = new DataView(secret.buffer, secret.byteOffset, secret.length);
  if (view.getUint16(0, true) !== type || view.getUint16(2, true) > secret.length) return null;
  return view;
}

/** Prime, base and exponent; a secret that is refused leaves none. */
class DhSecret implements KppSecret {
  private params: readonly [p: bigint, g: bigint, x: bigint] | null = null;

  get maxSize(): number {
    return this.params === null ? 0 : mpiGetSize(this.params[0]);
  }

  /** @kernel dh_set_secret */
  set(secret: Uint8Array): Errno {
    this.params = dhDecodeKey(secret);
    return this.params === null ? -EINVAL : 0;
  }

  publicKey(room: number): Uint8Array | Errno {
    return this.params === null ? -EINVAL : this.power(this.params[1], room);
  }

  /** @kernel dh_is_pubkey_valid */
  sharedSecret(peer: Uint8Array, room: number): Uint8Array | Errno {
    const y = mpiReadRawData(peer);
    return this.params === null || y <= 1n || y >= this.params[0] ? -EINVAL : this.power(y, room);
  }

  private power(base: bigint, room: number): Uint8Array | Errno {
    const [p, , x] = this.params ?? [1n, 0n, 0n];
    return mpiWrite(mpiPowm(base, x, p), room) ?? -EOVERFLOW;
  }
}

/** Sizes of key, prime and base, then the three. @kernel crypto_dh_decode_key */
function dhDecodeKey(secret: Uint8Array): readonly [bigint, bigint, bigint] | null {
  const view = unpack(secret, CRYPTO_KPP_SECRET_TYPE_DH, DH_SIZES);
  if (view === null) return null;
  const [keySize, primeSize, baseSize] = [4, 8, 12].map((at) => view.getUint32(at, true));
  const at = KPP_SECRET_SIZE + DH_SIZES;
  if (view.getUint16(2, true) !== at + keySize + primeSize + baseSize) return null;
  if (keySize > primeSize || baseSize > primeSize || primeSize < DH_PRIME_MIN) return null;
  const part = (start: number, len: number) => mpiReadRawData(secret.subarray(start, start + len));
  const x = part(at, keySize);
  const p = part(at + keySize, primeSize);
  const g = part(at + keySize + primeSize, baseSize);
  const tooLong = [x, p, g].some((number) => number >> MPI_BITS_MAX !== 0n);
  return p === 0n || tooLong ? null : [p, g, x];
}

/** A group of RFC 7919. */
export interface SafePrime {
  /** The template over dh. */
  readonly name: string;
  /** Big endian. */
  readonly p: Uint8Array;
  /** Bits of a private key that is made up: the power of two from twice the strength on. */
  readonly keyBits: number;
}

/** Name, bits, what RFC 7919 adds to the digits of e, and bits of a private key. */
const SAFE_PRIME_GROUPS = [
  ['ffdhe2048', 2048, 560316n, 256],
  ['ffdhe3072', 3072, 2625351n, 256],
  ['ffdhe4096', 4096, 5736041n, 512],
  ['ffdhe6144', 6144, 15705020n, 512],
  ['ffdhe8192', 8192, 10965728n, 512],
] as const;

/** The groups, by their sizes. @kernel safe_prime_groups: as RFC 7919, A, defines them */
export const SAFE_PRIMES: readonly SafePrime[] = SAFE_PRIME_GROUPS.map(
  ([name, bits, more, keyBits]) => ({ name, p: safePrime(BigInt(bits), more), keyBits }),
);

/** 64 ones, the digits of e, and 64 ones. */
function safePrime(bits: bigint, more: bigint): Uint8Array {
  const guard = 64n;
  let e = 0n;
  let term = 1n << (bits - 130n + guard);
  for (let k = 1n; term > 0n; k++) {
    e += term;
    term /= k;
  }
  const p = (1n << bits) - (1n << (bits - 64n)) + (((e >> guard) + more) << 64n) - 1n;
  return Uint8Array.from(Buffer.from(p.toString(16), 'hex'));
}

/**
 * The packed secret of dh for one of a safe prime, which has a key alone, or none: then it is made up.
 * @returns -EINVAL for what is no such secret. @kernel dh_safe_prime_set_secret
 */
export function dhSafePrimeSecret(
  { p, keyBits }: SafePrime,
  secret: Uint8Array,
  random: Random,
): Uint8Array | Errno {
  const view = unpack(secret, CRYPTO_KPP_SECRET_TYPE_DH, DH_SIZES);
  if (view === null) return -EINVAL;
  const [keySize, primeSize, baseSize] = [4, 8, 12].map((at) => view.getUint32(at, true));
  const at = KPP_SECRET_SIZE + DH_SIZES;
  if (view.getUint16(2, true) !== at + keySize || primeSize !== 0 || baseSize !== 0) return -EINVAL;
  const key = keySize === 0 ? dhPrivateKey(keyBits, random) : secret.subarray(at, at + keySize);
  const packed = new Uint8Array(at + key.length + p.length + 1);
  const head = new DataView(packed.buffer);
  head.setUint16(0, CRYPTO_KPP_SECRET_TYPE_DH, true);
  head.setUint16(2, packed.length, true);
  [key.length, p.length, 1].forEach((size, i) => {
    head.setUint32(KPP_SECRET_SIZE + 4 * i, size, true);
  });
  packed.set(key, at);
  packed.set(p, at + key.length);
  packed[packed.length - 1] = 2;
  return packed;
}

/** 1 to 2^bits - 1, of 64 bits more than that (SP 800-56A, 5.6.1.1.3). @kernel dh_safe_prime_gen_privkey */
function dhPrivateKey(bits: number, random: Random): Uint8Array {
  const bytes = new Uint8Array(bits / 8 + 8);
  random(bytes);
  const key = (mpiReadRawData(bytes) % ((1n << BigInt(bits)) - 1n)) + 1n;
  return Uint8Array.from(Buffer.from(key.toString(16).padStart(bits / 4, '0'), 'hex'));
}

/** A number below the order, big endian. */
class EcdhSecret implements KppSecret {
  readonly maxSize: number;
  private readonly curve: CurveName;
  private readonly order: bigint;
  private readonly random: Random;
  private readonly key: Uint8Array;

  constructor(curve: CurveName, { size, n }: EccCurve, random: Random) {
    this.maxSize = 2 * size;
    this.curve = curve;
    this.order = n;
    this.random = random;
    this.key = new Uint8Array(size);
  }

  /**
   * The size of the key, then the key; without one it is made up. A key that is refused leaves zero; what
   * is no packed key leaves the one before. @kernel crypto_ecdh_decode_key, ecdh_set_secret
   */
  set(secret: Uint8Array): Errno {
    const { key } = this;
    const view = unpack(secret, CRYPTO_KPP_SECRET_TYPE_ECDH, 2);
    if (view === null) return -EINVAL;
    const keySize = view.getUint16(KPP_SECRET_SIZE, true);
    const at = KPP_SECRET_SIZE + 2;
    if (view.getUint16(2, true) !== at + keySize || keySize > key.length) return -EINVAL;
    key.fill(0);
    if (keySize === 0) this.random(key);
    else key.set(secret.subarray(at, at + keySize));
    if ((keySize === 0 || keySize === key.length) && this.isValid()) return 0;
    key.fill(0);
    return -EINVAL;
  }

  publicKey(room: number): Uint8Array | Errno {
    const scalar = this.scalar();
    return scalar === null ? -EAGAIN : ecdhPublic(this.curve, scalar).slice(0, room);
  }

  sharedSecret(peer: Uint8Array, room: number): Uint8Array | Errno {
    if (peer.length !== this.maxSize) return -EINVAL;
    const scalar = this.scalar();
    const shared = ecdhShared(this.curve, scalar ?? this.bytes(2n), peer);
    if (shared === null) return -EINVAL;
    return scalar === null ? -EFAULT : shared.slice(0, room);
  }

  /**
   * 2 to the order less 3 (SP 800-56A, 5.6.1.2.1), but of the bytes backwards: 6.1 checks what it has not
   * yet swapped. @kernel ecc_is_key_valid
   */
  private isValid(): boolean {
    const value = mpiReadRawData(this.key.slice().reverse());
    return value >= 2n && value <= this.order - 3n;
  }

  /** What a point is multiplied with; null where the kernel gets the point at infinity. @kernel ecc_point_mult */
  private scalar(): Uint8Array | null {
    const value = mpiReadRawData(this.key) % this.order;
    return value < 2n || value > this.order - 3n ? null : this.bytes(value);
  }

  private bytes(value: bigint): Uint8Array {
    return Uint8Array.from(Buffer.from(value.toString(16).padStart(this.maxSize, '0'), 'hex'));
  }
}

/** The bare key, 32 bytes. */
class Curve25519Secret implements KppSecret {
  readonly maxSize = CURVE25519_KEY_SIZE;
  private readonly random: Random;
  private readonly key = new Uint8Array(CURVE25519_KEY_SIZE);

  constructor(random: Random) {
    this.random = random;
  }

  /** Not zero; without one it is made up. What is refused leaves the one before. @kernel curve25519_set_secret */
  set(secret: Uint8Array): Errno {
    if (secret.length === 0) this.random(this.key);
    else if (secret.length !== this.key.length || secret.every((byte) => byte === 0))
      return -EINVAL;
    this.key.set(secret);
    return 0;
  }

  publicKey(room: number): Uint8Array {
    const base = new Uint8Array(CURVE25519_KEY_SIZE);
    base[0] = 9;
    return this.multiply(base, room);
  }

  sharedSecret(peer: Uint8Array, room: number): Uint8Array | Errno {
    if (peer.length < CURVE25519_KEY_SIZE) return -EINVAL;
    return this.multiply(peer.subarray(0, CURVE25519_KEY_SIZE), room);
  }

  /** The kernel's function gives the zero point as it is. */
  private multiply(point: Uint8Array, room: number): Uint8Array {
    return (x25519(this.key, point) ?? new Uint8Array(CURVE25519_KEY_SIZE)).slice(0, room);
  }
}
