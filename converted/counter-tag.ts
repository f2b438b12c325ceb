/**
 * The tag of GCM and CCM is encrypted like the text, by the block of the keystream in front of it: one CTR
 * message, whose first block is memory of the operation's own.
 * C: crypto_gcm_init_crypt of crypto/gcm.c, crypto_ccm_init_crypt of crypto/ccm.c (6.1)
 * @module
 */
import type { Errno } from '../src/errno.ts';
import type { AeadOp } from './aead.ts';
import { callSkcipher } from './child.ts';
import { own, ownClear, parts } from './parts.ts';

/** Own bytes that it takes, at 0. @kernel none: auth_tag of a request context */
export const COUNTER_TAG = 16;

/** Encrypts the text behind a block of zeros. @returns as a driver. @kernel none: crypto_gcm_init_crypt, crypto_ccm_init_crypt */
export function cryptBehindTag(op: AeadOp, index: number, iv: Uint8Array): Errno {
  ownClear(op, 0, COUNTER_TAG);
  const block = own(op, 0, COUNTER_TAG);
  const src = parts(op, block, op.src);
  const dst = parts(op, block, op.dst);
  return callSkcipher(op, index, src, dst, COUNTER_TAG + op.len, iv);
}

/** Step: encrypts the computed tag. @kernel none: crypto_xor in gcm_enc_copy_hash and gcm_dec_hash_continue */
export function tagEncrypt(op: AeadOp): Errno {
  const mask = op.tfm.api.mem.load(op.memory, COUNTER_TAG);
  for (let i = 0; i < COUNTER_TAG; i++) op.hash[i] ^= mask[i];
  return 0;
}
