/**
 * The scatterlist crypto API of Linux 6.1, as an executable model.
 * @module
 */
export {
  AeadRequest,
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  CryptoAead,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
} from './aead.ts';
export {
  AhashRequest,
  AhashState,
  ahashRequestAlloc,
  ahashRequestFree,
  ahashRequestSetCallback,
  ahashRequestSetCrypt,
  CryptoAhash,
  cryptoAhashDigest,
  cryptoAhashExport,
  cryptoAhashFinal,
  cryptoAhashFinup,
  cryptoAhashImport,
  cryptoAhashInit,
  cryptoAhashSetkey,
  cryptoAhashUpdate,
  cryptoAllocAhash,
  cryptoFreeAhash,
} from './ahash.ts';
export { type CryptoApi, type CryptoApiOptions, cryptoApiInit } from './crypto-api.ts';
export {
  Scatterlist,
  sgAlloc,
  sgChain,
  sgInitOne,
  sgInitTable,
  sgMarkEnd,
  sgNents,
  sgNext,
  sgSetBuf,
  sgSetPage,
} from './scatterlist.ts';
export {
  CryptoSkcipher,
  cryptoAllocSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  SkcipherRequest,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from './skcipher.ts';
