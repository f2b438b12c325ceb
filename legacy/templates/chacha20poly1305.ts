/**
 * rfc7539(chacha, poly1305) and rfc7539esp(chacha, poly1305).
 * C: crypto/chacha20poly1305.c (6.1)
 * @module
 */

import { instanceNames } from '../../src/crypto/instance.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { linearToPhys } from '../../src/machine/address.ts';
import { cryptoAhashFinup, cryptoAhashInit, cryptoAhashUpdate } from '../ahash.ts';
import { callAhash, callSkcipher, childSetkey } from '../child.ts';
import { type Scatterlist, sgAlloc, sgInitOne } from '../lists/scatterlist.ts';
import { behindAd, tagDiffers, tagWrite } from '../parts.ts';
import { KEEP_ALL_BUT_SLEEP, StepContext, stepContext } from '../steps.ts';
import { type AeadTemplateReq, aeadTemplate, type CryptoTemplate } from '../template.ts';
import { scatterwalkFfwd } from '../walk/scatterwalk.ts';

const CHACHA = 0;
const POLY = 1;
const CHACHA_KEY_SIZE = 32;
const CHACHA_IV_SIZE = 16;
const POLY1305_KEY_SIZE = 32;
const POLY1305_DIGEST_SIZE = 16;
/** What RFC 7539 has for a nonce; the esp form takes a part of it from the key. */
const NONCE_SIZE = 12;
const ESP_IV_SIZE = 8;
/** Own bytes of a request: one-time key, padding, lengths. */
const KEY = 0;
const PAD = POLY1305_KEY_SIZE;
const TAIL = PAD + POLY1305_DIGEST_SIZE;
const REQUEST_HEAD = TAIL + POLY1305_DIGEST_SIZE;

class ChachapolyRequestCtx extends StepContext<AeadTemplateReq> {
  readonly iv: Uint8Array = new Uint8Array(CHACHA_IV_SIZE);
  readonly tag: Uint8Array = new Uint8Array(POLY1305_DIGEST_SIZE);
  readonly src: Scatterlist[] = sgAlloc(2);
  readonly dst: Scatterlist[] = sgAlloc(2);
  /** Text without tag. */
  cryptlen = 0;
  /** Associated data that is hashed. */
  assoclen = 0;
}

/** @kernel none: rfc7539_tmpls, its first */
export const rfc7539: CryptoTemplate = chachapoly('rfc7539', NONCE_SIZE);
/** @kernel none: rfc7539_tmpls, its second */
export const rfc7539esp: CryptoTemplate = chachapoly('rfc7539esp', ESP_IV_SIZE);

/** Takes any hash of a 16-byte digest for poly1305, as 6.1 does. @kernel chachapoly_create */
function chachapoly(template: string, ivsize: number): CryptoTemplate {
  return aeadTemplate({
    names: [{ name: template, params: 2 }],
    children: [
      { kind: 'skcipher', ivsize: CHACHA_IV_SIZE, blocksize: 1 },
      { kind: 'ahash', digestsize: POLY1305_DIGEST_SIZE },
    ],
    instance: ([chacha, poly]) => ({
      ...instanceNames(template, [chacha, poly]),
      priority: Math.floor((chacha.priority + poly.priority) / 2),
      blocksize: 1,
      ivsize,
      maxauthsize: POLY1305_DIGEST_SIZE,
      chunksize: chacha.chunksize,
    }),
    own: REQUEST_HEAD,
    keeps: KEEP_ALL_BUT_SLEEP,
    rctx: ChachapolyRequestCtx,
    setkey: (tfm, key) => {
      if (key.length !== CHACHA_KEY_SIZE + NONCE_SIZE - ivsize) return -EINVAL;
      tfm.ctx.salt = key.slice(CHACHA_KEY_SIZE);
      return childSetkey(tfm, CHACHA, key.slice(0, CHACHA_KEY_SIZE));
    },
    setauthsize: (_tfm, authsize) => (authsize === POLY1305_DIGEST_SIZE ? 0 : -EINVAL),
    encrypt: [begin, crypt, genkey, init, setkey, ad, adpad, cipherDst, cipherpad, tail, copyTag],
    decrypt: [begin, genkey, init, setkey, ad, adpad, cipherSrc, cipherpad, tail, crypt, verify],
    swallows: () => true,
  });
}

function begin(req: AeadTemplateReq): Errno {
  const rctx = stepContext(req, ChachapolyRequestCtx);
  rctx.cryptlen = req.cryptlen - (rctx.enc ? 0 : POLY1305_DIGEST_SIZE);
  return 0;
}

/** Block counter, salt, nonce. @kernel chacha_iv */
function chachaIv(req: AeadTemplateReq, counter: number): Uint8Array {
  const { iv } = stepContext(req, ChachapolyRequestCtx);
  const { salt } = req.tfm.ctx;
  iv.fill(0);
  iv[0] = counter;
  iv.set(salt, 4);
  iv.set(ivBytes(req, NONCE_SIZE - salt.length), 4 + salt.length);
  return iv;
}

/** @kernel chacha_encrypt, chacha_decrypt */
function crypt(req: AeadTemplateReq): Errno {
  const rctx = stepContext(req, ChachapolyRequestCtx);
  if (rctx.cryptlen === 0) return 0;
  const text = behindAd(req, rctx);
  return callSkcipher(req, CHACHA, text.src, text.dst, rctx.cryptlen, chachaIv(req, 1));
}

/** The one-time key is the keystream of counter 0. @kernel poly_genkey */
function genkey(req: AeadTemplateReq): Errno {
  const { machine } = req.tfm.api;
  const rctx = stepContext(req, ChachapolyRequestCtx);
  rctx.assoclen = req.assoclen;
  if (req.tfm.alg.ivsize === ESP_IV_SIZE) {
    // The IV is at the end of the associated data and is not hashed.
    if (rctx.assoclen < ESP_IV_SIZE) return -EINVAL;
    rctx.assoclen -= ESP_IV_SIZE;
  }
  const [sg] = rctx.src;
  machine.fill(linearToPhys(rctx.ownAt(KEY)), POLY1305_KEY_SIZE, 0);
  sgInitOne(machine, sg, rctx.ownAt(KEY), POLY1305_KEY_SIZE);
  return callSkcipher(req, CHACHA, sg, sg, POLY1305_KEY_SIZE, chachaIv(req, 0));
}

/** Poly1305 over AD, text and their lengths, each padded to blocks, into `tag`. @kernel poly_init */
function init(req: AeadTemplateReq): Errno {
  return callAhash(req, POLY, cryptoAhashInit);
}

/** @kernel poly_setkey */
function setkey(req: AeadTemplateReq): Errno {
  const { machine } = req.tfm.api;
  const rctx = stepContext(req, ChachapolyRequestCtx);
  const [sg] = rctx.src;
  machine.fill(linearToPhys(rctx.ownAt(PAD)), POLY1305_DIGEST_SIZE, 0);
  sgInitOne(machine, sg, rctx.ownAt(KEY), POLY1305_KEY_SIZE);
  return update(req, sg, POLY1305_KEY_SIZE);
}

/** @kernel poly_ad */
function ad(req: AeadTemplateReq): Errno {
  return update(req, req.src, stepContext(req, ChachapolyRequestCtx).assoclen);
}

/** @kernel poly_adpad */
function adpad(req: AeadTemplateReq): Errno {
  return pad(req, stepContext(req, ChachapolyRequestCtx).assoclen);
}

/** @kernel poly_cipher */
function cipherDst(req: AeadTemplateReq): Errno {
  return cipher(req, req.dst);
}

function cipherSrc(req: AeadTemplateReq): Errno {
  return cipher(req, req.src);
}

function cipher(req: AeadTemplateReq, text: Scatterlist | null): Errno {
  const { src, cryptlen } = stepContext(req, ChachapolyRequestCtx);
  return update(req, scatterwalkFfwd(src[0], text, req.assoclen), cryptlen);
}

/** @kernel poly_cipherpad */
function cipherpad(req: AeadTemplateReq): Errno {
  return pad(req, stepContext(req, ChachapolyRequestCtx).cryptlen);
}

/** Both lengths in bytes, 64 bits each, little endian. @kernel poly_tail */
function tail(req: AeadTemplateReq): Errno {
  const { machine } = req.tfm.api;
  const rctx = stepContext(req, ChachapolyRequestCtx);
  const lengths = new Uint8Array(POLY1305_DIGEST_SIZE);
  const view = new DataView(lengths.buffer);
  view.setUint32(0, rctx.assoclen, true);
  view.setUint32(8, rctx.cryptlen, true);
  const [sg] = rctx.src;
  machine.store(linearToPhys(rctx.ownAt(TAIL)), lengths);
  sgInitOne(machine, sg, rctx.ownAt(TAIL), POLY1305_DIGEST_SIZE);
  return callAhash(req, POLY, cryptoAhashFinup, sg, POLY1305_DIGEST_SIZE, rctx.tag);
}

function update(req: AeadTemplateReq, sg: Scatterlist | null, len: number): Errno {
  return callAhash(req, POLY, cryptoAhashUpdate, sg, len);
}

function pad(req: AeadTemplateReq, len: number): Errno {
  const rctx = stepContext(req, ChachapolyRequestCtx);
  const padding = -len & (POLY1305_DIGEST_SIZE - 1);
  sgInitOne(req.tfm.api.machine, rctx.src[0], rctx.ownAt(PAD), padding);
  return update(req, rctx.src[0], padding);
}

/** @kernel poly_copy_tag */
function copyTag(req: AeadTemplateReq): Errno {
  const { tag, cryptlen } = stepContext(req, ChachapolyRequestCtx);
  return tagWrite(req, tag, req.assoclen + cryptlen);
}

/** @kernel poly_verify_tag */
function verify(req: AeadTemplateReq): Errno {
  const { tag, cryptlen } = stepContext(req, ChachapolyRequestCtx);
  return tagDiffers(req, tag, req.assoclen + cryptlen);
}
