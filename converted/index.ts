/**
 * The iov_iter crypto API with the kernel's names: `sg2iter/core`.
 * @module
 */
export {
  type BioVec,
  BvecList,
  bvecAppend,
  bvecClear,
  bvecFill,
  bvecFree,
  bvecSet,
  type PhysRange,
} from '../src/bvec.ts';
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
  type AcompAlg,
  AcompOp,
  AcompReq,
  acompRequestAlloc,
  acompRequestFree,
  acompRequestSetCallback,
  acompRequestSetParams,
  CryptoAcomp,
  cryptoAcompCompress,
  cryptoAcompDecompress,
  cryptoAllocAcomp,
  cryptoFreeAcomp,
  cryptoRegisterAcomp,
} from './acomp.ts';
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
  cryptoAeadDecryptBatch,
  cryptoAeadEncryptBatch,
  cryptoSkcipherDecryptBatch,
  cryptoSkcipherEncryptBatch,
} from './batch.ts';
export type { CryptoApi, CryptoApiOptions } from './crypto-api.ts';
export {
  type PinnedVecs,
  pinUserMemory,
  unpinUserMemory,
  unpinUserPagesDirtyLock,
} from './front/user-memory.ts';
export { cryptoApiInit } from './init.ts';
export { Bvecq, bvecqAppend, bvecqPrepend } from './iter/bvecq.ts';
export { iovIterExtractBvecs } from './iter/bvecs.ts';
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
} from './iter/copy.ts';
export { type ExtractedPages, iovIterExtractPages } from './iter/extract.ts';
export { type Folio, FolioQueue, folioqAppend, folioqLink } from './iter/folio-queue.ts';
export { hashAndCopyToIter } from './iter/hash.ts';
export { type ImportedIovec, importIovec, importUbuf } from './iter/import.ts';
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
  iovIterBvecList,
  iovIterBvecQueue,
  iovIterChain,
  iovIterCopy,
  iovIterCount,
  iovIterDiscard,
  iovIterFolioQueue,
  iovIterInit,
  iovIterKvec,
  iovIterReexpand,
  iovIterRestart,
  iovIterTruncate,
  iovIterUbuf,
  iovIterXarray,
  type Kvec,
} from './iter/iov-iter.ts';
export {
  type IovStepF,
  type IovUstepF,
  iterateAndAdvance,
  iterateAndAdvanceKernel,
} from './iter/iterate.ts';
export { iovIterGetPages2, iovIterGetPagesAlloc2 } from './iter/pages.ts';
export {
  dupIter,
  type IovIterState,
  iovIterAdvance,
  iovIterRestore,
  iovIterRevert,
  iovIterSaveState,
} from './iter/position.ts';
export {
  iovIterAlignment,
  iovIterExtractWillPin,
  iovIterGapAlignment,
  iovIterNpages,
  iovIterNpagesCap,
  iovIterSingleSegCount,
} from './iter/query.ts';
export { iovIterLower, type LowerPolicy } from './lower/lower.ts';
export { BvecWalk, bvecWalkDone, bvecWalkNext, bvecWalkStart } from './lower/walk.ts';
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
  skcipherRequestSetUnitSize,
} from './skcipher.ts';
