/**
 * gcm(cipher) and gcm_base(ctr, ghash).
 *
 * CTR runs over a private list that begins with the 16 bytes of `auth_tag`, so that one request
 * encrypts the tag block with the first counter and the text with the next ones. GHASH reads the
 * lists through the hash walk, with all that it does to empty entries.
 * C: crypto/gcm.c (6.1)
 * @module
 */

import { GCM_IV_SIZE } from '../../src/crypto/catalogue.ts';
import { cryptoGcmCheckAuthsize, gcmLengths } from '../../src/crypto/gcm.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import type { Errno } from '../../src/errno.ts';
import { linearToPhys } from '../../src/machine/address.ts';
import type { CryptoAead } from '../aead.ts';
import { cryptoAhashFinup, cryptoAhashInit, cryptoAhashUpdate } from '../ahash.ts';
import { callAhash, callSkcipher, childSetkey } from '../child.ts';
import { type Scatterlist, sgAlloc, sgInitOne, sgNext } from '../lists/scatterlist.ts';
import { glue, tagDiffers, tagWrite } from '../parts.ts';
import { StepContext, stepContext } from '../steps.ts';
import { type AeadTemplateReq, aeadTemplate, type CryptoTemplate } from '../template.ts';
import { childKeystream } from './keystream.ts';

const CTR = 0;
const GHASH = 1;
const BLOCK = 16;
const FIRST_COUNTER = Uint8Array.of(0, 0, 0, 1);
/** Own bytes of a request: the tag block, the lengths, a block of zeros. */
const AUTH_TAG = 0;
const LENGTHS = BLOCK;
const ZEROES = 2 * BLOCK;
const REQUEST_HEAD = 3 * BLOCK;

class GcmRequestCtx extends StepContext<AeadTemplateReq> {
  /** Counter block: nonce and 1. */
  readonly iv: Uint8Array = new Uint8Array(BLOCK);
  readonly iauthTag: Uint8Array = new Uint8Array(BLOCK);
  readonly src: Scatterlist[] = sgAlloc(3);
  readonly dst: Scatterlist[] = sgAlloc(3);
  readonly sg: Scatterlist[] = sgAlloc(1);
  /** Text without tag. */
  cryptlen = 0;
}

/** @kernel crypto_gcm_tmpl, crypto_gcm_base_tmpl */
export const gcm: CryptoTemplate = aeadTemplate({
  names: [
    { name: 'gcm', params: 1, children: ([cipher]) => [`ctr(${cipher})`, 'ghash'] },
    { name: 'gcm_base', params: 2 },
  ],
  children: [
    { kind: 'skcipher', name: 'ctr(', ivsize: BLOCK, blocksize: 1 },
    { kind: 'ahash', name: 'ghash', digestsize: BLOCK },
  ],
  instance: ([ctr, ghash]) => ({
    name: `gcm(${ctr.name.slice(4)}`,
    driverName: `gcm_base(${ctr.driverName},${ghash.driverName})`,
    priority: Math.floor((ghash.priority + ctr.priority) / 2),
    blocksize: 1,
    ivsize: GCM_IV_SIZE,
    maxauthsize: BLOCK,
    chunksize: ctr.chunksize,
  }),
  own: REQUEST_HEAD,
  keeps: 0,
  rctx: GcmRequestCtx,
  setkey,
  setauthsize: (_tfm, authsize) => cryptoGcmCheckAuthsize(authsize),
  encrypt: [glueTag, crypt, hashStart, hashAd, padAd, hashDst, padText, hashLengths, copyHash],
  decrypt: [glueTag, hashStart, hashAd, padAd, hashSrc, padText, hashLengths, crypt, verify],
});

/** The hash key is a block of zeros, encrypted. @kernel crypto_gcm_setkey */
function setkey(tfm: CryptoAead, key: Uint8Array): Errno {
  const err = childSetkey(tfm, CTR, key);
  if (err !== 0) return err;
  const h = childKeystream(tfm, CTR, BLOCK, new Uint8Array(BLOCK));
  return typeof h === 'number' ? h : childSetkey(tfm, GHASH, h);
}

/** The counter, and auth_tag || text on both sides. @kernel crypto_gcm_init_common */
function glueTag(req: AeadTemplateReq): Errno {
  const { tfm, assoclen, src, dst } = req;
  const rctx = stepContext(req, GcmRequestCtx);
  const { machine } = tfm.api;
  rctx.cryptlen = req.cryptlen - (rctx.enc ? 0 : tfm.authsize);
  machine.fill(linearToPhys(rctx.ownAt(AUTH_TAG)), BLOCK, 0);
  machine.fill(linearToPhys(rctx.ownAt(ZEROES)), BLOCK, 0);
  rctx.iv.set(ivBytes(req, GCM_IV_SIZE));
  rctx.iv.set(FIRST_COUNTER, GCM_IV_SIZE);
  glue(machine, rctx.src, rctx.ownAt(AUTH_TAG), BLOCK, src, assoclen);
  if (src !== dst) glue(machine, rctx.dst, rctx.ownAt(AUTH_TAG), BLOCK, dst, assoclen);
  return 0;
}

/** @kernel crypto_gcm_init_crypt */
function crypt(req: AeadTemplateReq): Errno {
  const { src, dst, cryptlen, iv } = stepContext(req, GcmRequestCtx);
  const to = req.src === req.dst ? src : dst;
  return callSkcipher(req, CTR, src[0], to[0], cryptlen + BLOCK, iv);
}

/** GHASH(AD, padding, text, padding, lengths) into `iauthTag`. @kernel gcm_hash */
function hashStart(req: AeadTemplateReq): Errno {
  return callAhash(req, GHASH, cryptoAhashInit);
}

function hashAd(req: AeadTemplateReq): Errno {
  return update(req, req.src, req.assoclen);
}

function padAd(req: AeadTemplateReq): Errno {
  return pad(req, req.assoclen);
}

function hashSrc(req: AeadTemplateReq): Errno {
  const { src, cryptlen } = stepContext(req, GcmRequestCtx);
  return update(req, sgNext(src[0]), cryptlen);
}

function hashDst(req: AeadTemplateReq): Errno {
  const { src, dst, cryptlen } = stepContext(req, GcmRequestCtx);
  return update(req, sgNext((req.src === req.dst ? src : dst)[0]), cryptlen);
}

function padText(req: AeadTemplateReq): Errno {
  return pad(req, stepContext(req, GcmRequestCtx).cryptlen);
}

/** @kernel gcm_hash_len */
function hashLengths(req: AeadTemplateReq): Errno {
  const { machine } = req.tfm.api;
  const rctx = stepContext(req, GcmRequestCtx);
  const [sg] = rctx.sg;
  machine.store(linearToPhys(rctx.ownAt(LENGTHS)), gcmLengths(req.assoclen, rctx.cryptlen));
  sgInitOne(machine, sg, rctx.ownAt(LENGTHS), BLOCK);
  return callAhash(req, GHASH, cryptoAhashFinup, sg, BLOCK, rctx.iauthTag);
}

function update(req: AeadTemplateReq, sg: Scatterlist | null, len: number): Errno {
  return len === 0 ? 0 : callAhash(req, GHASH, cryptoAhashUpdate, sg, len);
}

function pad(req: AeadTemplateReq, len: number): Errno {
  const rctx = stepContext(req, GcmRequestCtx);
  const [sg] = rctx.sg;
  sgInitOne(req.tfm.api.machine, sg, rctx.ownAt(ZEROES), BLOCK);
  return update(req, sg, -len & (BLOCK - 1));
}

/** @kernel gcm_enc_copy_hash */
function copyHash(req: AeadTemplateReq): Errno {
  return tagWrite(req, tagOf(req), req.assoclen + req.cryptlen);
}

/** @kernel crypto_gcm_verify */
function verify(req: AeadTemplateReq): Errno {
  const { cryptlen } = stepContext(req, GcmRequestCtx);
  return tagDiffers(req, tagOf(req), req.assoclen + cryptlen);
}

/** The tag: GHASH xor E(J0). */
function tagOf(req: AeadTemplateReq): Uint8Array {
  const rctx = stepContext(req, GcmRequestCtx);
  const tag = req.tfm.api.machine.load(linearToPhys(rctx.ownAt(AUTH_TAG)), BLOCK).slice();
  for (let i = 0; i < BLOCK; i++) tag[i] ^= rctx.iauthTag[i];
  return tag;
}
