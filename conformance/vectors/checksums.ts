/**
 * The kernel's consolidated checksums: thousands of cases whose results fold into one constant.
 * C: lib/crypto/tests/hash-test-template.h, aes_gcm_kunit.c, aes_ccm_kunit.c
 *
 * A plan gives its cases one by one, so that each can go through any layout and any subject; the constant
 * must come out of every one of them. Verified: lengths 0 to 4096 of a hash, 0 to 1024 of an AEAD. Not
 * verified, because the constants do not contain it: AEAD decryption, which has to give the case's input.
 * @module
 */
import { createHash, createHmac } from 'node:crypto';
import { assert } from '../../src/assert.ts';
import { fillSeeded } from '../../src/prng.ts';

/** One case. Do not write to its arrays: cases share memory. */
export interface ChecksumCase {
  /** Empty for a hash without a key. */
  readonly key: Uint8Array;
  /** The nonce. The `ccm(aes)` of the kernel wants it in a block of 16: `14 - length`, nonce, zeros. */
  readonly iv: Uint8Array;
  readonly ad: Uint8Array;
  readonly input: Uint8Array;
  /** The authsize in bytes, 0 for a hash. */
  readonly tagLen: number;
}

/** What a subject made of a case: ciphertext and tag, or a digest and an empty tag. */
export interface ChecksumResult {
  readonly output: Uint8Array;
  readonly tag: Uint8Array;
}

/** A running checksum. */
interface ChecksumFold {
  /** Takes the result of case `index`. @throws KernelBug unless the cases come in their order. */
  add(index: number, result: ChecksumResult): void;
  /** The checksum in hex. @throws KernelBug unless all cases have been added. */
  digest(): string;
}

/** One constant and the cases behind it. */
export interface ChecksumPlan {
  readonly name: string;
  /** The kernel's name of the algorithm. */
  readonly alg: string;
  /** File of the kernel that has the constant, and the commit of the copy that was read. */
  readonly source: string;
  readonly cases: number;
  /** What {@link ChecksumFold.digest} must give, in hex. */
  readonly expected: string;
  /** Case `index`, from 0 to `cases - 1`. */
  caseAt(index: number): ChecksumCase;
  startFold(): ChecksumFold;
}

const NONE = new Uint8Array(0);
const HASH_CASES = 4097;
const AEAD_CASES = 1025;

/** Adds one result; the folds differ in nothing else. */
type Take = (index: number, result: ChecksumResult) => void;

/**
 * The kernel's test data: `n` bytes from the generator started with `n`, so equal lengths are equal
 * bytes. C: lib/crypto/tests/test-utils.h rand_bytes_seeded_from_len
 */
export function rand(n: number): Uint8Array {
  const bytes = new Uint8Array(n);
  fillSeeded(bytes, n);
  return bytes;
}

/** All constants, those of algorithms that come later included: select by `alg`. */
export function checksumPlans(): readonly ChecksumPlan[] {
  return [
    aeadPlan({
      name: 'AES-GCM Monte Carlo',
      alg: 'gcm(aes)',
      source: 'lib/crypto/tests/aes_gcm_kunit.c@b09bd2d92ee1',
      expected: '6dd06e6bde3e929fae1ff184995a9e7bfe209e227c5f15b35989d0b7745dd2a5',
      nonceLens: [12],
      tagLens: [4, 8, 12, 13, 14, 15, 16],
    }),
    aeadPlan({
      name: 'AES-CCM Monte Carlo',
      alg: 'ccm(aes)',
      source: 'lib/crypto/tests/aes_ccm_kunit.c@fc8c78bce333',
      expected: '701cdea4e20350b2f59e6166e4e5131a00953403b7612cdbc3153684937fb45b',
      nonceLens: [7, 8, 9, 10, 11, 12, 13],
      tagLens: [4, 6, 8, 10, 12, 14, 16],
    }),
    hashPlan({
      name: 'SHA-256 of all lengths',
      alg: 'sha256',
      source: 'lib/crypto/tests/sha256-testvecs.h@702fdf3513b0',
      expected: '781cb19fe5e1cb418b34003357c31c8f5c84c78b876a13292fc41a705e40f2fe',
    }),
    hashPlan({
      name: 'SHA-512 of all lengths',
      alg: 'sha512',
      source: 'lib/crypto/tests/sha512-testvecs.h@571eaeddb67d',
      expected:
        '5b9df9ab8c8e52db02a04c242dc4a84e9c932f72a875fbb5dbef52c6a3feeb6b' +
        '92791805f6d7af7b36fc832c7e7b598bf981aa983811975634e52a4bf29ef3db',
    }),
    hmacPlan({
      name: 'HMAC-SHA-256 of all lengths',
      alg: 'hmac(sha256)',
      source: 'lib/crypto/tests/sha256-testvecs.h@702fdf3513b0',
      expected: '56962e233f94890d0f24362e193db5acb8cdf1c9caacee9d62e681e596f938f5',
    }),
  ];
}

type Constant = Pick<ChecksumPlan, 'name' | 'alg' | 'source' | 'expected'>;

interface AeadConstant extends Constant {
  readonly nonceLens: readonly number[];
  readonly tagLens: readonly number[];
}

/** BLAKE2s-256 over ciphertext and tag of texts of 0 to 1024 bytes. */
function aeadPlan({ nonceLens, tagLens, ...constant }: AeadConstant): ChecksumPlan {
  const keys = [rand(16), rand(24), rand(32)];
  return {
    ...constant,
    cases: AEAD_CASES,
    caseAt: (index) => ({
      key: keys[index % keys.length],
      iv: rand(nonceLens[index % nonceLens.length]),
      ad: rand(index % 293),
      input: rand(index),
      tagLen: tagLens[index % tagLens.length],
    }),
    startFold: () => {
      const hash = createHash('blake2s256');
      return foldOf(AEAD_CASES, hash, (_, { output, tag }) => hash.update(output).update(tag));
    },
  };
}

/** The hash of the 4097 digests of the first 0 to 4096 bytes of one message. */
function hashPlan(constant: Constant): ChecksumPlan {
  const data = rand(HASH_CASES - 1);
  return {
    ...constant,
    cases: HASH_CASES,
    caseAt: (index) => hashCase(NONE, data, index),
    startFold: () => {
      const hash = createHash(constant.alg);
      return foldOf(HASH_CASES, hash, (_, { output }) => hash.update(output));
    },
  };
}

/** The MAC of the 4097 pairs of message and MAC: the macs alone give another value. */
function hmacPlan(constant: Constant): ChecksumPlan {
  const data = rand(HASH_CASES - 1);
  return {
    ...constant,
    cases: HASH_CASES,
    caseAt: (index) => hashCase(rand(index % 293), data, index),
    startFold: () => {
      const mac = createHmac('sha256', rand(32));
      return foldOf(HASH_CASES, mac, (index, { output }) =>
        mac.update(data.subarray(0, index)).update(output),
      );
    },
  };
}

function hashCase(key: Uint8Array, data: Uint8Array, len: number): ChecksumCase {
  return { key, iv: NONE, ad: NONE, input: data.subarray(0, len), tagLen: 0 };
}

function foldOf(
  cases: number,
  hash: { digest(encoding: 'hex'): string },
  take: Take,
): ChecksumFold {
  let next = 0;
  return {
    add(index, result) {
      assert(index === next, 'the cases of a checksum come in their order');
      take(index, result);
      next++;
    },
    digest() {
      assert(next === cases, 'a checksum has all of its cases');
      return hash.digest('hex');
    },
  };
}
