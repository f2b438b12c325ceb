/**
 * essiv(cipher mode, hash), for ciphers and for authenc: the IV is encrypted with a hash of the key before
 * the child sees it.
 *
 * What the conversion removed: the caller's IV stays as it is, and so does the associated data, whose end
 * is the IV: the child gets a list that has the encrypted one there. The old API writes it into the
 * caller's list, or builds one of four entries, with a copy of what lies in several.
 * C: crypto/essiv.c (6.1)
 * @module
 */

import {
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_ALG_TYPE_SKCIPHER,
  type CryptoAlg,
} from '../../src/crypto/algorithm.ts';
import { instanceNames } from '../../src/crypto/instance.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { cryptoAuthencExtractkeys } from '../../src/crypto/keys.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { AeadAlg } from '../aead.ts';
import type { AhashAlg } from '../ahash.ts';
import {
  callAead,
  callSkcipher,
  childCipher,
  childHash,
  childMessage,
  childSetkey,
} from '../child.ts';
import { type CipherAlg, cipherKernel } from '../cipher.ts';
import { own, ownWrite, parts, slice } from '../parts.ts';
import type { SkcipherAlg } from '../skcipher.ts';
import { stepContext } from '../steps.ts';
import {
  type AeadTemplateOp,
  aeadTemplate,
  type CryptoTemplate,
  type SkcipherTemplateOp,
  skcipherTemplate,
  templateByType,
} from '../template.ts';
import type { CryptoTfm } from '../tfm.ts';

const CHILD = 0;
const CIPHER = 1;
const HASH = 2;
const IV_MAX = 16;

const NAMES = [
  {
    name: 'essiv',
    params: 2,
    children: ([child, hash]: readonly string[]) => [child, '', hash],
  },
];
const PARTS = [
  { kind: 'cipher', inside: CHILD, spawn: false },
  { kind: 'ahash', sync: true, spawn: false },
] as const;

const essivSkcipher: CryptoTemplate = skcipherTemplate({
  names: NAMES,
  children: [{ kind: 'skcipher' }, ...PARTS],
  instance: ([child, cipher, hash]) => essivInstance(child, cipher, hash),
  setkey: (tfm, key) => childSetkey(tfm, CHILD, key) || essivKey(tfm, [key]),
  encrypt: [crypt],
  decrypt: [crypt],
});

const essivAead: CryptoTemplate = aeadTemplate({
  names: NAMES,
  children: [{ kind: 'aead', name: 'authenc(' }, ...PARTS],
  instance: ([child, cipher, hash]) => essivInstance(child, cipher, hash),
  own: IV_MAX,
  setkey: (tfm, key) => {
    const keys = cryptoAuthencExtractkeys(key);
    const err = childSetkey(tfm, CHILD, key);
    if (err !== 0 || typeof keys === 'number') return err;
    return essivKey(tfm, [keys.enckey, keys.authkey]);
  },
  encrypt: [aeadCrypt],
  decrypt: [aeadCrypt],
});

/** @kernel none: essiv_tmpl, whose create function asks for the type */
export const essiv: CryptoTemplate = templateByType(
  NAMES,
  new Map([
    [CRYPTO_ALG_TYPE_SKCIPHER, essivSkcipher],
    [CRYPTO_ALG_TYPE_AEAD, essivAead],
  ]),
);

/** The sizes of the child. @returns -EINVAL when the digest is no key of the cipher, or the IV no block of it. */
function essivInstance<A extends SkcipherAlg | AeadAlg>(
  child: A,
  cipher: CipherAlg,
  hash: AhashAlg,
): (A & CryptoAlg) | Errno {
  const { digestsize } = hash;
  if (digestsize < cipher.minKeysize || digestsize > cipher.maxKeysize) return -EINVAL;
  if (child.ivsize !== cipher.blocksize || hash.keyed) return -EINVAL;
  return { ...child, ...instanceNames('essiv', [child, hash]) };
}

/** The cipher of the IV, keyed with the hash of `keys`. */
function essivKey(tfm: CryptoTfm, keys: readonly Uint8Array[]): Errno {
  const salt = new Uint8Array(childHash(tfm, HASH).alg.digestsize);
  const state = childMessage(tfm, HASH);
  for (const key of keys) state.updateBytes(key);
  state.digest(salt);
  return childSetkey(tfm, CIPHER, salt);
}

function encryptedIv(op: SkcipherTemplateOp | AeadTemplateOp): Uint8Array {
  const iv = stepContext(op).iv.subarray(0, op.tfm.alg.ivsize);
  iv.set(ivBytes(op, iv.length));
  cipherKernel(childCipher(op.tfm, CIPHER)).encryptBlock(iv);
  return iv;
}

function crypt(op: SkcipherTemplateOp): Errno {
  return callSkcipher(op, CHILD, op.src, op.dst, op.len, encryptedIv(op));
}

function aeadCrypt(op: AeadTemplateOp): Errno {
  const sector = op.ad.size - op.tfm.alg.ivsize;
  if (sector < 0) return -EINVAL;
  const iv = encryptedIv(op);
  ownWrite(op, 0, iv);
  const ad = parts(op, slice(op, op.ad, 0, sector), own(op, 0, iv.length));
  return callAead(op, CHILD, ad, op.src, op.dst, op.len, iv);
}
