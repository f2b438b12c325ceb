/**
 * The iov_iter crypto API: the promise front door first, then the kernel-named core.
 * @module
 */
export { type BioVec, BvecList, bvecAppend } from '../src/bvec.ts';
export {
  CRYPTO_ALG_ALLOCATES_MEMORY,
  CRYPTO_ALG_ASYNC,
  CRYPTO_ALG_INSTANCE,
  CRYPTO_ALG_INTERNAL,
  CRYPTO_ALG_NEED_FALLBACK,
  CRYPTO_ALG_OPTIONAL_KEY,
  CRYPTO_ALG_TESTED,
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_ALG_TYPE_AHASH,
  CRYPTO_ALG_TYPE_CIPHER,
  CRYPTO_ALG_TYPE_MASK,
  CRYPTO_ALG_TYPE_SKCIPHER,
  CRYPTO_TFM_REQ_FORBID_WEAK_KEYS,
  CRYPTO_TFM_REQ_MAY_BACKLOG,
  CRYPTO_TFM_REQ_MAY_SLEEP,
} from '../src/crypto/algorithm.ts';
export type { CryptoCompletion } from '../src/crypto/queue.ts';
export type { StepRecorder } from '../src/crypto/recorder.ts';
export {
  EBADMSG,
  EBUSY,
  EFAULT,
  EINPROGRESS,
  EINVAL,
  ENOENT,
  ENOKEY,
  ENOMEM,
  ENOSPC,
  type Errno,
  errnoName,
} from '../src/errno.ts';
export {
  type AeadAlg,
  AeadOp,
  type AeadParts,
  AeadRequest,
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  aeadRequestSetTag,
  aeadRequestSetTfm,
  aeadSplit,
  CryptoAead,
  cryptoAeadAuthsize,
  cryptoAeadBlocksize,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadIvsize,
  cryptoAeadMaxauthsize,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
  cryptoRegisterAead,
} from './aead.ts';
export {
  type AhashAlg,
  AhashOp,
  AhashRequest,
  ahashRequestAlloc,
  ahashRequestFree,
  ahashRequestSetCallback,
  ahashRequestSetCrypt,
  ahashRequestSetTfm,
  CryptoAhash,
  cryptoAhashDigest,
  cryptoAhashDigestsize,
  cryptoAhashExport,
  cryptoAhashFinal,
  cryptoAhashFinup,
  cryptoAhashImport,
  cryptoAhashInit,
  cryptoAhashSetkey,
  cryptoAhashStatesize,
  cryptoAhashUpdate,
  cryptoAllocAhash,
  cryptoFreeAhash,
  cryptoRegisterAhash,
} from './ahash.ts';
export {
  Aead,
  type AeadInput,
  type AeadOptions,
  type AeadOutput,
  type AeadSealedInput,
  type Bytes,
  type CreateOptions,
  Crypto,
  CryptoError,
  createCrypto,
  Hash,
  type HashOptions,
  type KeyOptions,
  Skcipher,
  type SkcipherInput,
  type SkcipherOutput,
} from './api.ts';
export { BvecWalk, bvecWalkDone, bvecWalkNext, bvecWalkStart } from './bvec-walk.ts';
export { Bvecq, bvecqAppend, bvecqPrepend } from './bvecq.ts';
export type { CryptoApi, CryptoApiOptions } from './crypto-api.ts';
export { type Folio, FolioQueue, folioqAppend, folioqLink } from './folio-queue.ts';
export { cryptoApiInit } from './init.ts';
export {
  type Direction,
  type Iovec,
  IovIter,
  ITER_BVEC,
  ITER_BVECQ,
  ITER_CHAIN,
  ITER_DEST,
  ITER_DISCARD,
  ITER_FOLIOQ,
  ITER_IOVEC,
  ITER_KVEC,
  ITER_SOURCE,
  ITER_UBUF,
  ITER_XARRAY,
  iovIterBvec,
  iovIterBvecQueue,
  iovIterChain,
  iovIterCopy,
  iovIterCount,
  iovIterDiscard,
  iovIterFolioQueue,
  iovIterInit,
  iovIterKvec,
  iovIterReexpand,
  iovIterTruncate,
  iovIterUbuf,
  iovIterXarray,
  type Kvec,
} from './iov-iter.ts';
export { iovIterExtractBvecs } from './iov-iter-bvecs.ts';
export {
  copyFolioFromIterAtomic,
  copyFromIter,
  copyFromIterFull,
  copyPageFromIter,
  copyPageToIter,
  copyPageToIterNofault,
  copyToIter,
  copyToIterFull,
  faultInIovIterReadable,
  faultInIovIterWriteable,
  iovIterZero,
} from './iov-iter-copy.ts';
export { type ExtractedPages, iovIterExtractPages } from './iov-iter-extract.ts';
export { iovIterGetPages2, iovIterGetPagesAlloc2 } from './iov-iter-get-pages.ts';
export { hashAndCopyToIter } from './iov-iter-hash.ts';
export { type ImportedIovec, importIovec, importUbuf } from './iov-iter-import.ts';
export {
  dupIter,
  type IovIterState,
  iovIterAdvance,
  iovIterRestore,
  iovIterRevert,
  iovIterSaveState,
} from './iov-iter-position.ts';
export {
  iovIterAlignment,
  iovIterExtractWillPin,
  iovIterGapAlignment,
  iovIterNpages,
  iovIterNpagesCap,
  iovIterSingleSegCount,
} from './iov-iter-query.ts';
export {
  type IovStepF,
  type IovUstepF,
  iterateAndAdvance,
  iterateAndAdvanceKernel,
} from './iterate.ts';
export { iovIterLower, type LowerPolicy } from './lower.ts';
export { CryptoOp, opComplete } from './op.ts';
export {
  CryptoSkcipher,
  cryptoAllocSkcipher,
  cryptoFreeSkcipher,
  cryptoRegisterSkcipher,
  cryptoSkcipherBlocksize,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  cryptoSkcipherIvsize,
  cryptoSkcipherSetkey,
  type SkcipherAlg,
  SkcipherOp,
  SkcipherRequest,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
  skcipherRequestSetTfm,
} from './skcipher.ts';
export {
  type PinnedVecs,
  pinUserMemory,
  unpinUserMemory,
  unpinUserPagesDirtyLock,
} from './user-memory.ts';
