/**
 * authenc(hash, cipher): encrypt, then a MAC over associated data and ciphertext. authencesn, with
 * extended sequence numbers: the same, but the high half of the sequence number, bytes 4 to 8 of the
 * associated data, is hashed behind the ciphertext.
 *
 * What the conversion removed: the associated data is not copied to the destination, and no byte is
 * moved inside the caller's lists. There, authencesn moves four bytes behind the ciphertext and back,
 * which is where the corrections of 2026 were.
 * C: crypto/authenc.c, crypto/authencesn.c (6.1)
 * @module
 */

import { cryptoAuthencExtractkeys } from '../../src/crypto/keys.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { CryptoAead } from '../aead.ts';
import { ahashDigest } from '../ahash.ts';
import { callAhash, callSkcipher, childSetkey, type TemplateCtx } from '../child.ts';
import type { OpList } from '../lower/list.ts';
import { cipherText, parts, slice, tagDiffers, tagWrite } from '../parts.ts';
import {
  type AeadSpec,
  type AeadTemplateOp,
  aeadTemplate,
  type CryptoTemplate,
} from '../template.ts';

/** The child that is the MAC. @kernel none: a member auth */
export const AUTH = 0;
const ENC = 1;
/** Security parameter index and the two halves of a sequence number. */
const SPI = 4;
const HIGH = 4;

/** @kernel crypto_authenc_tmpl */
export const authenc: CryptoTemplate = authencTemplate('authenc', {
  encrypt: [crypt, mac, tagWrite],
  decrypt: [mac, tagDiffers, crypt],
});

/** @kernel crypto_authenc_esn_tmpl */
export const authencesn: CryptoTemplate = authencTemplate('authencesn', {
  checkAuthsize: (authsize) => (authsize > 0 && authsize < HIGH ? -EINVAL : 0),
  encrypt: [esnCheck, crypt, esnMac, tagWrite],
  decrypt: [esnCheck, esnMac, tagDiffers, crypt],
});

/** A MAC and a cipher, put together by `steps`. @kernel none: what the create functions of authenc, authencesn and krb5enc repeat */
export function authencTemplate(
  template: string,
  steps: Pick<AeadSpec<readonly ['ahash', 'skcipher']>, 'checkAuthsize' | 'encrypt' | 'decrypt'>,
): CryptoTemplate {
  return aeadTemplate({
    ...steps,
    names: [{ name: template, params: 2 }],
    children: [{ kind: 'ahash' }, { kind: 'skcipher' }],
    instance: ([auth, enc]) => ({
      priority: enc.priority * 10 + auth.priority,
      blocksize: enc.blocksize,
      ivsize: enc.ivsize,
      maxauthsize: auth.digestsize,
      chunksize: enc.chunksize,
    }),
    setkey,
  });
}

function setkey(tfm: CryptoAead<TemplateCtx>, key: Uint8Array): Errno {
  const keys = cryptoAuthencExtractkeys(key);
  if (typeof keys === 'number') return keys;
  return childSetkey(tfm, AUTH, keys.authkey) || childSetkey(tfm, ENC, keys.enckey);
}

/** Step: the text through the cipher. @kernel none: crypto_authenc_encrypt without the copy */
export function crypt(op: AeadTemplateOp): Errno {
  return callSkcipher(op, ENC, op.src, op.dst, op.len, op.iv);
}

function mac(op: AeadTemplateOp): Errno {
  return digest(op, parts(op, op.ad, cipherText(op)));
}

function esnCheck({ ad }: AeadTemplateOp): Errno {
  return ad.size < SPI + HIGH ? -EINVAL : 0;
}

function esnMac(op: AeadTemplateOp): Errno {
  const { ad } = op;
  const spi = slice(op, ad, 0, SPI);
  const high = slice(op, ad, SPI, HIGH);
  const low = slice(op, ad, SPI + HIGH, ad.size - SPI - HIGH);
  return digest(op, parts(op, spi, low, cipherText(op), high));
}

function digest(op: AeadTemplateOp, list: OpList): Errno {
  return callAhash(op, AUTH, ahashDigest, list, op.hash);
}
