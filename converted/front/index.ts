/**
 * The promise front door: `sg2iter`.
 * @module
 */
export {
  Aead,
  type AeadInput,
  type AeadOutput,
  type AeadScattered,
  type AeadSealedInput,
  type AeadStreamInput,
} from './aead.ts';
export {
  type AeadOptions,
  type AlgorithmInfo,
  type CreateOptions,
  createCrypto,
  type HashOptions,
  type KeyOptions,
  SgCrypto,
} from './api.ts';
export { CryptoError, type ErrnoCode } from './errors.ts';
export { type DigestOptions, Hash, HashMessage } from './hash.ts';
export type { Bytes, BytesPiece, KeyInput } from './input.ts';
export type { AeadName, HashName, SkcipherName } from './names.ts';
export {
  Skcipher,
  type SkcipherInput,
  type SkcipherOutput,
  type SkcipherScattered,
  type SkcipherStreamInput,
} from './skcipher.ts';
export type { ChunkSource } from './stream.ts';
export type { Transform } from './transform.ts';
