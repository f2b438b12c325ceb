/**
 * GCM: what both APIs have in common, pure bytes.
 * C: include/crypto/gcm.h, crypto/gcm.c (6.1)
 * @module
 */
import { EINVAL, type Errno } from '../errno.ts';

/** @returns 0 for 4, 8 and 12 to 16, else -EINVAL. @kernel crypto_gcm_check_authsize */
export function cryptoGcmCheckAuthsize(authsize: number): Errno {
  return authsize === 4 || authsize === 8 || (authsize >= 12 && authsize <= 16) ? 0 : -EINVAL;
}

/** @returns 0 for 8, 12 and 16, else -EINVAL. @kernel crypto_rfc4106_check_authsize */
export function cryptoRfc4106CheckAuthsize(authsize: number): Errno {
  return authsize === 8 || authsize === 12 || authsize === 16 ? 0 : -EINVAL;
}

/** @returns 0 for 16 and 20: SPI, sequence number and IV. @kernel crypto_ipsec_check_assoclen */
export function cryptoIpsecCheckAssoclen(assoclen: number): Errno {
  return assoclen === 16 || assoclen === 20 ? 0 : -EINVAL;
}

/** The last block of GHASH: both lengths in bits, as 64-bit big-endian numbers. @kernel none: tail of gcm_hash_len */
export function gcmLengths(assoclen: number, cryptlen: number): Uint8Array {
  const block = new Uint8Array(16);
  const view = new DataView(block.buffer);
  setBits(view, 0, assoclen);
  setBits(view, 8, cryptlen);
  return block;
}

function setBits(view: DataView, at: number, bytes: number): void {
  view.setUint32(at, Math.floor(bytes / 0x20000000));
  view.setUint32(at + 4, (bytes * 8) >>> 0);
}
