/**
 * RSA: keys as they are given, and the two operations, pure bytes and numbers.
 * C: crypto/rsa.c, rsa_helper.c, rsapubkey.asn1, rsaprivkey.asn1 (6.1)
 * @module
 */
import { EINVAL, type Errno } from '../errno.ts';
import { mpiGetSize, mpiPowm, mpiReadRawData } from '../provider/soft/mpi.ts';
import { CRYPTO_ALG_TESTED, CRYPTO_ALG_TYPE_AKCIPHER, type CryptoAlg } from './algorithm.ts';
import { asn1Integers } from './asn1.ts';

/** The driver, as data. */
export const RSA_DRIVER: CryptoAlg & { readonly kind: 'akcipher' } = {
  kind: 'akcipher',
  name: 'rsa',
  driverName: 'rsa-generic',
  priority: 100,
  flags: CRYPTO_ALG_TYPE_AKCIPHER | CRYPTO_ALG_TESTED,
  blocksize: 0,
  alignmask: 0,
};

/** A key; the private parts are null in a public one. @kernel rsa_mpi_key */
export interface RsaMpiKey {
  readonly n: bigint;
  readonly e: bigint;
  readonly crt: RsaCrt | null;
}

/** The private exponent, by primes. */
interface RsaCrt {
  readonly p: bigint;
  readonly q: bigint;
  readonly dp: bigint;
  readonly dq: bigint;
  readonly qinv: bigint;
}

/** Sizes of a modulus, bytes. */
const SIZES = [64, 128, 192, 256, 384, 512];
/** Numbers of a private key: version, n, e, d, p, q, dp, dq, qinv. */
const PRIVATE_NUMBERS = 9;

/** Object identifier and digest size of each hash that a signature may name (RFC 8017, 9.2). */
const DIGESTS: ReadonlyMap<string, readonly [oid: string, size: number]> = new Map([
  ['md5', ['2a864886f70d0205', 16]],
  ['rmd160', ['2b24030201', 20]],
  ['sha1', ['2b0e03021a', 20]],
  ['sha224', ['608648016503040204', 28]],
  ['sha256', ['608648016503040201', 32]],
  ['sha384', ['608648016503040202', 48]],
  ['sha512', ['608648016503040203', 64]],
]);

/** The DER of a DigestInfo up to the digest. @returns null for a hash that has none. @kernel rsa_lookup_asn1 */
export function rsaLookupAsn1(hash: string): Uint8Array | null {
  const [hex = '', size = 0] = DIGESTS.get(hash) ?? [];
  if (size === 0) return null;
  const oid = Buffer.from(hex, 'hex');
  const algorithm = [0x30, oid.length + 4, 0x06, oid.length, ...oid, 0x05, 0x00];
  return Uint8Array.from([0x30, algorithm.length + 2 + size, ...algorithm, 0x04, size]);
}

/** SEQUENCE { n, e }. @returns -EBADMSG, -EINVAL. @kernel rsa_parse_pub_key */
export function rsaParsePubKey(key: Uint8Array): RsaMpiKey | Errno {
  const numbers = numbersOf(key, 2, 0);
  return typeof numbers === 'number' ? numbers : keyOf(numbers);
}

/** SEQUENCE { version, n, e, d, p, q, dp, dq, qinv }. @returns -EBADMSG, -EINVAL. @kernel rsa_parse_priv_key */
export function rsaParsePrivKey(key: Uint8Array): RsaMpiKey | Errno {
  const numbers = numbersOf(key, PRIVATE_NUMBERS, 1);
  return typeof numbers === 'number' ? numbers : keyOf(numbers);
}

/** m ^ e mod n. @returns -EINVAL for what is no residue. @kernel _rsa_enc */
export function rsaEncrypt({ n, e }: RsaMpiKey, m: bigint): bigint | Errno {
  return m >= n ? -EINVAL : mpiPowm(m, e, n);
}

/** c ^ d mod n, by the Chinese remainder theorem. @returns -EINVAL for what is no residue, and without private key. @kernel _rsa_dec_crt */
export function rsaDecrypt({ n, crt }: RsaMpiKey, c: bigint): bigint | Errno {
  if (crt === null || c >= n) return -EINVAL;
  const { p, q, dp, dq, qinv } = crt;
  if (p === 0n || q === 0n) return -EINVAL;
  const m1 = mpiPowm(c % p, dp, p);
  const m2 = mpiPowm(c % q, dq, q);
  const h = (((m1 - m2) % p) + p) * qinv;
  return (m2 + (h % p) * q) % n;
}

function keyOf(numbers: readonly Uint8Array[]): RsaMpiKey | Errno {
  const [n, e, , p, q, dp, dq, qinv] = numbers.map(mpiReadRawData);
  if (!SIZES.includes(mpiGetSize(n))) return -EINVAL;
  return { n, e, crt: numbers.length === 2 ? null : { p, q, dp, dq, qinv } };
}

/** The integers of a sequence. @param first which of them is the modulus; those behind it are no longer */
function numbersOf(ber: Uint8Array, count: number, first: number): Uint8Array[] | Errno {
  const numbers: Uint8Array[] = [];
  const err = asn1Integers(ber, count, (value, i) => {
    if (i < first) return 0;
    numbers.push(value);
    return value.length === 0 || value.length > numbers[0].length ? -EINVAL : 0;
  });
  return err === 0 ? numbers : err;
}
