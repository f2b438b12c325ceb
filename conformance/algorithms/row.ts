/**
 * What one row of the table of algorithms says.
 *
 * A row is data and flat functions: nothing in it knows a machine, a list or one of the two APIs.
 * @module
 */
import {
  type AlgKind,
  CRYPTO_ALG_TYPE_ACOMPRESS,
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_ALG_TYPE_AHASH,
  CRYPTO_ALG_TYPE_AKCIPHER,
  CRYPTO_ALG_TYPE_CIPHER,
  CRYPTO_ALG_TYPE_KPP,
  CRYPTO_ALG_TYPE_SKCIPHER,
} from '../../src/crypto/algorithm.ts';
import type { Errno } from '../../src/errno.ts';
import type { Prng } from '../../src/prng.ts';
import type { Bytes, Case } from '../case/case.ts';
import type { DataResult, Leak } from '../judge/observe.ts';

/** The type with which a driver of a kind is looked up. */
export const TYPE_OF: Readonly<Record<AlgKind, number>> = {
  cipher: CRYPTO_ALG_TYPE_CIPHER,
  skcipher: CRYPTO_ALG_TYPE_SKCIPHER,
  aead: CRYPTO_ALG_TYPE_AEAD,
  ahash: CRYPTO_ALG_TYPE_AHASH,
  acomp: CRYPTO_ALG_TYPE_ACOMPRESS,
  akcipher: CRYPTO_ALG_TYPE_AKCIPHER,
  kpp: CRYPTO_ALG_TYPE_KPP,
};

const LIBRARY = '-lib';

/** What stands for the driver of an algorithm that only the library has. */
export function libraryDriver(alg: string): string {
  return alg + LIBRARY;
}

/** The algorithm that such a name stands for; a name of another form as it is. */
export function algBehind(driver: string): string {
  return driver.endsWith(LIBRARY) ? driver.slice(0, -LIBRARY.length) : driver;
}

/** Which keys an algorithm takes, and how one is drawn. */
export interface KeyRule {
  /** What setkey answers. */
  readonly check: (key: Uint8Array) => Errno;
  /** A key that `check` takes; now and then one that it refuses. null: the hash has no key. */
  readonly draw: ((prng: Prng) => Bytes) | null;
  /** True where an operation without a key works. */
  readonly optional: boolean;
}

/** What all rows have. */
interface CommonRow {
  /** The kernel's name, `authenc(hmac(sha1),cbc(aes))`. */
  readonly name: string;
  readonly kind: AlgKind;
  readonly key: KeyRule;
  /** What the joined layout of the scatterlist API lets be seen; empty for most. */
  readonly leaks: readonly Leak[];
  /** Nothing but some known answers: no case is drawn, and what the IV becomes is not known. */
  readonly isKnownOnly?: true;
  /** Kernels have it in lib/crypto alone: the library and the reference, and no driver of an API. */
  readonly isLibraryOnly?: true;
}

/** One skcipher. */
export interface SkcipherRow extends CommonRow {
  readonly kind: 'skcipher';
  readonly ivsize: number;
  /** Drawn instead of random bytes. */
  readonly drawIv?: (prng: Prng) => Bytes;
  /** Shorter texts are refused. */
  readonly least: number;
  /** Texts that are no multiple of it are refused. */
  readonly unit: number;
  /** Is called with lengths that are not refused. */
  readonly crypt: (enc: boolean, key: Uint8Array, iv: Uint8Array, text: Uint8Array) => Uint8Array;
  /**
   * What decryption answers to a text and an IV, where it finds out whether encryption has made them.
   * A case then decrypts what encryption makes of its text, IV included.
   */
  readonly unwraps?: (key: Uint8Array, iv: Uint8Array, text: Uint8Array) => Errno;
  /** The key's stream goes on from one request of a transform to the next; setkey begins it anew. */
  readonly streams?: true;
  /** The IV buffer after `input` became `output`. */
  readonly ivAfter: (step: CipherStep) => Uint8Array;
  /** The IV after a text that is no multiple of `unit`: as after its whole blocks, or untouched. */
  readonly ivRefused: 'blocks' | 'kept';
}

/** One finished operation of an skcipher. */
export interface CipherStep {
  readonly enc: boolean;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  readonly input: Uint8Array;
  readonly output: Uint8Array;
}

/** One message for an AEAD. */
export interface AeadMessage {
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  readonly ad: Uint8Array;
  /** Plaintext, or ciphertext without its tag. */
  readonly text: Uint8Array;
  readonly authsize: number;
}

export interface AeadResult {
  readonly text: Uint8Array;
  /** Encryption: `authsize` bytes. Decryption: empty. */
  readonly tag: Uint8Array;
  /** The IV buffer afterwards. */
  readonly iv: Uint8Array;
}

/** One AEAD. */
export interface AeadRow extends CommonRow {
  readonly kind: 'aead';
  readonly ivsize: number;
  readonly drawIv?: (prng: Prng) => Bytes;
  /** The IV for a nonce as specifications and known answers have it, where that is something else. */
  readonly ivOfNonce?: (nonce: Uint8Array) => Uint8Array;
  readonly tags: {
    /** Sizes that are drawn; the last one most often. */
    readonly sizes: readonly number[];
    readonly check: (authsize: number) => Errno;
  };
  /** Associated data that the algorithm takes; now and then some that it refuses. */
  readonly drawAd: (prng: Prng, key: Uint8Array, iv: Uint8Array) => Bytes;
  /** Last bytes of the associated data in which a case must not tamper: layouts treat them differently. */
  readonly adTail: number;
  /** Texts are drawn as a multiple of it, mostly. */
  readonly unit: number;
  /** The IV has moved on when the tag is found to be wrong; then it is compared between the sides. */
  readonly decryptsFirst?: true;
  /** First bytes of the text that encryption makes up by itself: the IV of a generator. */
  readonly generated: number;
  /** What a wrong tag leaves in the text of the destination: what was decrypted, nothing, or zeros. */
  readonly unverified: 'given' | 'kept' | 'wiped';
  /** @returns the errno where the lengths, the IV or the associated data are refused. */
  readonly seal: (message: AeadMessage) => AeadResult | Errno;
  /** @returns -EBADMSG for a wrong tag, and as `seal`. */
  readonly open: (message: AeadMessage, tag: Uint8Array) => AeadResult | Errno;
}

/** One hash. */
export interface HashRow extends CommonRow {
  readonly kind: 'ahash';
  readonly blocksize: number;
  readonly digestsize: number;
  /** @param key empty when there is none. @returns what the last call answers when that is no digest. */
  readonly digest: (key: Uint8Array, text: Uint8Array) => Uint8Array | Errno;
}

/** What a case does with a compressor, a public key or a secret. */
export interface DataDraw {
  readonly op: Case['op'];
  readonly text: Bytes;
  /** Verification: the digest behind the signature; null everywhere else. */
  readonly tag: Bytes | null;
  /** Bytes that the result may take. */
  readonly room: number;
}

/** One operation of such an algorithm. */
export interface DataMessage {
  readonly op: Case['op'];
  /** null: none was set, or it was refused. */
  readonly key: Uint8Array | null;
  readonly text: Uint8Array;
  readonly digest: Uint8Array;
  readonly room: number;
}

/** One compressor, public key algorithm or key agreement. */
export interface DataRow extends CommonRow {
  readonly kind: 'acomp' | 'akcipher' | 'kpp';
  /** @param key as it was drawn, whether it is refused or not; null for none */
  readonly draw: (prng: Prng, key: Uint8Array | null) => DataDraw;
  readonly answer: (message: DataMessage) => DataResult;
  /** Compressors: something that is decompressed to these bytes. */
  readonly pack?: (prng: Prng, text: Uint8Array) => Uint8Array;
  /**
   * The result is a number, written word by word: 6.1 goes astray at an empty segment in the middle of it,
   * and so no case has one.
   */
  readonly numbers?: true;
}

/** What has texts and IVs of the generator's choice. */
export type CipherOrHash = SkcipherRow | AeadRow | HashRow;

export type Algorithm = CipherOrHash | DataRow;

/** True for compression, public keys and key agreement. */
export function isDataRow(row: Algorithm): row is DataRow {
  return row.kind === 'acomp' || row.kind === 'akcipher' || row.kind === 'kpp';
}
