/**
 * Signatures on curves: keys as they are given, and verification, pure bytes and numbers.
 *
 * Not modelled: for a key that is the base point, or its inverse, the sum that 6.1 makes of both first is
 * none, and ecdsa rejects what is right.
 * C: crypto/ecdsa.c, ecdsasignature.asn1, crypto/sm2.c, sm2signature.asn1 (6.1)
 * @module
 */
import { EBADMSG, EINVAL, EKEYREJECTED, ENOMEM, type Errno } from '../errno.ts';
import {
  ECC_CURVES,
  type EccCurve,
  type EccPoint,
  eccIsOnCurve,
  eccSum,
  modInverse,
} from '../provider/soft/ecc.ts';
import { mpiReadRawData } from '../provider/soft/mpi.ts';
import { PAGE_SIZE } from '../units.ts';
import { CRYPTO_ALG_TESTED, CRYPTO_ALG_TYPE_AKCIPHER, type CryptoAlg } from './algorithm.ts';
import { asn1Integers } from './asn1.ts';

/** The key of a transform. */
export interface VerifyingKey {
  /** What the kernel calls the longest result: a coordinate, or a page. */
  readonly maxSize: number;
  /** @returns 0, -EINVAL, or -ENOMEM for more bytes than a number of the kernel has. */
  set(key: Uint8Array): Errno;
  /** False where a request is refused before anything of it is read. */
  readonly isReady: boolean;
  /** @returns 0; -EKEYREJECTED for the signature of something else; -EBADMSG and -EINVAL for none. */
  verify(signature: Uint8Array, digest: Uint8Array): Errno;
}

/** One driver. */
export interface SignatureDriver extends CryptoAlg {
  readonly kind: 'akcipher';
  readonly newKey: () => VerifyingKey;
}

function driver(name: string, newKey: () => VerifyingKey): SignatureDriver {
  return {
    kind: 'akcipher',
    name,
    driverName: `${name}-generic`,
    priority: 100,
    flags: CRYPTO_ALG_TYPE_AKCIPHER | CRYPTO_ALG_TESTED,
    blocksize: 0,
    alignmask: 0,
    newKey,
  };
}

const NIST_CURVES = ['nist-p192', 'nist-p256', 'nist-p384'] as const;

/** The drivers, in the order of their names. */
export const SIGNATURE_DRIVERS: readonly SignatureDriver[] = [
  ...NIST_CURVES.map((curve) => driver(`ecdsa-${curve}`, () => new EcdsaKey(ECC_CURVES[curve]))),
  driver('sm2', () => new Sm2Key()),
];

/** The first byte of a point whose coordinates both follow. */
const UNCOMPRESSED = 4;
/** Longest number without the zeros in front, bytes. @kernel MAX_EXTERN_MPI_BITS */
const MPI_BYTES_MAX = 2048;

/** A point of a curve of NIST, behind a 4. @kernel ecc_ctx */
class EcdsaKey implements VerifyingKey {
  maxSize = 0;
  private readonly curve: EccCurve;
  private point: EccPoint | null = null;

  constructor(curve: EccCurve) {
    this.curve = curve;
  }

  get isReady(): boolean {
    return this.point !== null;
  }

  /** A key that is refused leaves none; an odd byte at the end is not looked at. @kernel ecdsa_set_pub_key */
  set(key: Uint8Array): Errno {
    const { size } = this.curve;
    this.maxSize = size;
    this.point = null;
    if (key.length === 0 || (key.length - 1) >>> 1 !== size || key[0] !== UNCOMPRESSED) {
      return -EINVAL;
    }
    const [x, y] = [key.subarray(1, 1 + size), key.subarray(1 + size, 1 + 2 * size)];
    const point: EccPoint = [mpiReadRawData(x), mpiReadRawData(y)];
    if (!eccIsOnCurve(this.curve, point)) return -EINVAL;
    this.point = point;
    return 0;
  }

  /** @kernel ecdsa_verify, _ecdsa_verify */
  verify(signature: Uint8Array, digest: Uint8Array): Errno {
    const { size, n } = this.curve;
    const numbers: bigint[] = [];
    const err = asn1Integers(signature, 2, (value) => {
      const number = fitted(value, size);
      if (number !== null) numbers.push(number);
      return number === null ? -EINVAL : 0;
    });
    if (err !== 0 || this.point === null) return err || -EINVAL;
    const [r, s] = numbers;
    if (r === 0n || r >= n || s === 0n || s >= n) return -EBADMSG;
    // What is too long loses its end.
    const hash = mpiReadRawData(digest.subarray(0, size));
    const inverse = modInverse(s, n);
    const x = eccSum(this.curve, (hash * inverse) % n, (r * inverse) % n, this.point);
    return x !== null && x % n === r ? 0 : -EKEYREJECTED;
  }
}

/** Of the size of a coordinate, or shorter, or with one zero in front; no sign. @kernel ecdsa_get_signature_rs */
function fitted(value: Uint8Array, size: number): bigint | null {
  const digits = value.length > size && value[0] === 0 ? value.subarray(1) : value;
  return value.length === 0 || digits.length > size ? null : mpiReadRawData(digits);
}

/** Any two numbers behind a 4: 6.1 does not ask whether they are a point. @kernel mpi_ec_ctx of sm2 */
class Sm2Key implements VerifyingKey {
  readonly maxSize = PAGE_SIZE;
  readonly isReady = true;
  private point: EccPoint = [0n, 0n];

  /** Zeros in front are passed over; what is refused leaves the key before. @kernel sm2_set_pub_key, sm2_ecc_os2ec */
  set(key: Uint8Array): Errno {
    const bytes = withoutZeros(key);
    if (bytes === null) return -ENOMEM;
    if (bytes.length % 2 === 0 || bytes[0] !== UNCOMPRESSED) return -EINVAL;
    const { p } = ECC_CURVES.sm2;
    const half = (bytes.length - 1) / 2;
    const [x, y] = [bytes.subarray(1, 1 + half), bytes.subarray(1 + half)];
    this.point = [mpiReadRawData(x) % p, mpiReadRawData(y) % p];
    return 0;
  }

  /** @kernel sm2_verify, _sm2_verify */
  verify(signature: Uint8Array, digest: Uint8Array): Errno {
    const { n } = ECC_CURVES.sm2;
    const numbers: bigint[] = [];
    const err = asn1Integers(signature, 2, (value) => {
      const digits = withoutZeros(value);
      if (value.length === 0) return -EINVAL;
      if (digits !== null) numbers.push(mpiReadRawData(digits));
      return digits === null ? -ENOMEM : 0;
    });
    if (err !== 0) return err;
    const hash = withoutZeros(digest);
    if (hash === null) return -ENOMEM;
    const [r, s] = numbers;
    // The order itself is let through.
    if (r === 0n || r > n || s === 0n || s > n) return -EINVAL;
    const t = (r + s) % n;
    if (t === 0n) return -EINVAL;
    const x = eccSum(ECC_CURVES.sm2, s, t, this.point);
    if (x === null) return -EBADMSG;
    return (mpiReadRawData(hash) + x) % n === r ? 0 : -EKEYREJECTED;
  }
}

/** @returns null where they are more than a number may have. @kernel mpi_read_raw_data */
function withoutZeros(bytes: Uint8Array): Uint8Array | null {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? bytes.subarray(0, 0) : bytes.subarray(first);
  return digits.length > MPI_BYTES_MAX ? null : digits;
}
