/**
 * rfc7539(chacha20, poly1305) and rfc7539esp, whose nonce begins with the end of the key.
 *
 * The MAC is one message of four lists: one-time key, associated data, ciphertext, lengths. What the
 * conversion removed: eight steps for it, the private tables that skip the associated data, and looking
 * at its length after the text was written.
 * C: crypto/chacha20poly1305.c (6.1)
 * @module
 */

import { ivBytes } from '../../src/crypto/iv.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { ahashDigest } from '../ahash.ts';
import { callAhash, callSkcipher, nonceSetkey } from '../child.ts';
import type { OpList } from '../lower/list.ts';
import {
  cipherText,
  own,
  ownClear,
  ownWrite,
  padded,
  parts,
  slice,
  tagDiffers,
  tagWrite,
} from '../parts.ts';
import { childIv, KEEP_ALL_BUT_SLEEP } from '../steps.ts';
import { type AeadTemplateOp, aeadTemplate, type CryptoTemplate } from '../template.ts';

const CHACHA = 0;
const POLY = 1;
const CHACHA_KEY_SIZE = 32;
const CHACHA_IV_SIZE = 16;
const POLY1305_KEY_SIZE = 32;
const BLOCK = 16;
/** What RFC 7539 has for a nonce; the esp form takes a part of it from the key. */
const NONCE_SIZE = 12;
const ESP_IV_SIZE = 8;
/** Own bytes of an operation: the one-time key, the lengths. */
const LENGTHS = POLY1305_KEY_SIZE;

/** @kernel rfc7539_tmpl */
export const rfc7539: CryptoTemplate = chachapoly('rfc7539', NONCE_SIZE);
/** @kernel rfc7539esp_tmpl */
export const rfc7539esp: CryptoTemplate = chachapoly('rfc7539esp', ESP_IV_SIZE);

/** Takes any hash of a 16-byte digest for poly1305, as 6.1 does. */
function chachapoly(template: string, ivsize: number): CryptoTemplate {
  const nonce = NONCE_SIZE - ivsize;
  return aeadTemplate({
    names: [{ name: template, params: 2 }],
    children: [
      { kind: 'skcipher', ivsize: CHACHA_IV_SIZE, blocksize: 1 },
      { kind: 'ahash', digestsize: BLOCK },
    ],
    instance: ([chacha, poly]) => ({
      priority: Math.floor((chacha.priority + poly.priority) / 2),
      blocksize: 1,
      ivsize,
      maxauthsize: BLOCK,
      chunksize: chacha.chunksize,
    }),
    own: LENGTHS + BLOCK,
    keeps: KEEP_ALL_BUT_SLEEP,
    setkey: (tfm, key) =>
      key.length === CHACHA_KEY_SIZE + nonce ? nonceSetkey(tfm, key, nonce) : -EINVAL,
    checkAuthsize: (authsize) => (authsize === BLOCK ? 0 : -EINVAL),
    encrypt: [check, crypt, oneTimeKey, mac, tagWrite],
    decrypt: [check, oneTimeKey, mac, crypt, tagDiffers],
  });
}

function check(op: AeadTemplateOp): Errno {
  return op.ad.size < ivInAd(op) ? -EINVAL : 0;
}

function crypt(op: AeadTemplateOp): Errno {
  return callSkcipher(op, CHACHA, op.src, op.dst, op.len, chachaIv(op, 1));
}

/** The keystream of counter 0. @kernel poly_genkey */
function oneTimeKey(op: AeadTemplateOp): Errno {
  ownClear(op, 0, POLY1305_KEY_SIZE);
  const key = own(op, 0, POLY1305_KEY_SIZE);
  return callSkcipher(op, CHACHA, key, key, POLY1305_KEY_SIZE, chachaIv(op, 0));
}

function mac(op: AeadTemplateOp): Errno {
  const ad = slice(op, op.ad, 0, op.ad.size - ivInAd(op));
  ownWrite(op, LENGTHS, lengthsOf(ad, op.len));
  const message = parts(
    op,
    own(op, 0, POLY1305_KEY_SIZE),
    padded(op, ad, BLOCK),
    padded(op, cipherText(op), BLOCK),
    own(op, LENGTHS, BLOCK),
  );
  return callAhash(op, POLY, ahashDigest, message, op.hash);
}

/** ESP has the IV at the end of the associated data, where it is not hashed. */
function ivInAd({ tfm }: AeadTemplateOp): number {
  return tfm.alg.ivsize === ESP_IV_SIZE ? ESP_IV_SIZE : 0;
}

/** Block counter, salt, nonce. @kernel chacha_iv */
function chachaIv(op: AeadTemplateOp, counter: number): Uint8Array {
  const { ctx, alg } = op.tfm;
  return childIv(op, Uint8Array.of(counter, 0, 0, 0), ctx.salt, ivBytes(op, alg.ivsize));
}

/** Both lengths in bytes, 64 bits each, little endian. */
function lengthsOf(ad: OpList, cryptlen: number): Uint8Array {
  const bytes = new Uint8Array(BLOCK);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, ad.size, true);
  view.setUint32(8, cryptlen, true);
  return bytes;
}
