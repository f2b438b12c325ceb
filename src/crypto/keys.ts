/**
 * Key blobs: pure bytes, the same on both sides.
 * C: crypto/authenc.c crypto_authenc_extractkeys, include/crypto/authenc.h (6.1)
 * @module
 */
import { EINVAL, type Errno } from '../errno.ts';

const CRYPTO_AUTHENC_KEYA_PARAM = 1;
/** struct rtattr and the parameter behind it. */
const RTATTR_SIZE = 4;
const PARAM_SIZE = 4;

/** The two keys of a key blob. @kernel crypto_authenc_keys */
export interface CryptoAuthencKeys {
  readonly authkey: Uint8Array;
  readonly enckey: Uint8Array;
}

/**
 * Splits a key blob: rtattr { length 8, type 1 }, big-endian length of the cipher key, hash key,
 * cipher key.
 * @returns -EINVAL for anything else. @kernel crypto_authenc_extractkeys
 */
export function cryptoAuthencExtractkeys(key: Uint8Array): CryptoAuthencKeys | Errno {
  if (key.length < RTATTR_SIZE) return -EINVAL;
  const view = new DataView(key.buffer, key.byteOffset, key.length);
  const attrLen = view.getUint16(0, true);
  if (attrLen < RTATTR_SIZE || attrLen > key.length) return -EINVAL;
  if (view.getUint16(2, true) !== CRYPTO_AUTHENC_KEYA_PARAM) return -EINVAL;
  if (attrLen !== RTATTR_SIZE + PARAM_SIZE) return -EINVAL;
  const enckeylen = view.getUint32(RTATTR_SIZE);
  const keys = key.subarray(attrLen);
  if (keys.length < enckeylen) return -EINVAL;
  const authkeylen = keys.length - enckeylen;
  return { authkey: keys.slice(0, authkeylen), enckey: keys.slice(authkeylen) };
}

/** True for the three key sizes of AES, in bytes. @kernel none: aes_check_keylen */
export function isAesKeySize(length: number): boolean {
  return length === 16 || length === 24 || length === 32;
}
