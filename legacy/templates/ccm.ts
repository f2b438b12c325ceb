/**
 * ccm(cipher) and ccm_base(ctr, cbcmac).
 *
 * The caller's IV is the counter block of the CTR child, so it is changed. The MAC reads private
 * blocks and the caller's lists glued together, through the hash walk.
 * C: crypto/ccm.c (6.1)
 * @module
 */
import { ivBytes } from '../../src/crypto/iv.ts';
import { EBADMSG, EINVAL, EOVERFLOW, type Errno } from '../../src/errno.ts';
import { linearToPhys } from '../../src/machine/address.ts';
import type { VirtAddr } from '../../src/units.ts';
import { cryptoAhashFinup, cryptoAhashInit, cryptoAhashUpdate } from '../ahash.ts';
import { callAhash, callSkcipher, childSetkey } from '../child.ts';
import {
  type Scatterlist,
  sgAlloc,
  sgChain,
  sgInitTable,
  sgNext,
  sgSetBuf,
} from '../lists/scatterlist.ts';
import { cryptoMemneq, glue, tagWrite } from '../parts.ts';
import { StepContext, stepContext } from '../steps.ts';
import { type AeadTemplateReq, aeadTemplate, type CryptoTemplate } from '../template.ts';
import { scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';

const CTR = 0;
const MAC = 1;
const BLOCK = 16;
/** Own bytes of a request: first MAC block, later the tag; lengths, later padding. */
const REQUEST_HEAD = 2 * BLOCK;

class CcmRequestCtx extends StepContext<AeadTemplateReq> {
  /** Result of the MAC. */
  readonly tag: Uint8Array = new Uint8Array(BLOCK);
  readonly authTag: Uint8Array = new Uint8Array(BLOCK);
  /** Counter block of a decryption. */
  readonly iv: Uint8Array = new Uint8Array(BLOCK);
  readonly src: Scatterlist[] = sgAlloc(3);
  readonly dst: Scatterlist[] = sgAlloc(3);
  readonly sg: Scatterlist[] = sgAlloc(3);
  /** Text without tag. */
  cryptlen = 0;
  /** Bytes of the encoded length of the associated data. */
  head = 0;
  /** First block of the MAC's input, later its result; the first entry of the CTR lists. */
  readonly odata: VirtAddr = this.ownAt(0);
  /** Length of the associated data, later padding. */
  readonly idata: VirtAddr = this.ownAt(BLOCK);
}

/** @kernel crypto_ccm_tmpl, crypto_ccm_base_tmpl */
export const ccm: CryptoTemplate = aeadTemplate({
  names: [
    { name: 'ccm', params: 1, children: ([cipher]) => [`ctr(${cipher})`, `cbcmac(${cipher})`] },
    { name: 'ccm_base', params: 2 },
  ],
  children: [
    { kind: 'skcipher', name: 'ctr(', ivsize: BLOCK, blocksize: 1 },
    // The MAC is computed inside one call: an asynchronous one does not fit.
    { kind: 'ahash', name: 'cbcmac(', digestsize: BLOCK, sync: true },
  ],
  instance: ([ctr, mac]) => {
    const cipher = ctr.name.slice(4);
    if (cipher !== mac.name.slice(7)) return -EINVAL;
    return {
      name: `ccm(${cipher}`,
      driverName: `ccm_base(${ctr.driverName},${mac.driverName})`,
      priority: Math.floor((mac.priority + ctr.priority) / 2),
      blocksize: 1,
      ivsize: BLOCK,
      maxauthsize: BLOCK,
      chunksize: ctr.chunksize,
    };
  },
  own: REQUEST_HEAD,
  keeps: 0,
  rctx: CcmRequestCtx,
  setkey: (tfm, key) => childSetkey(tfm, CTR, key) || childSetkey(tfm, MAC, key),
  setauthsize: (_tfm, authsize) => (authsize >= 4 && authsize % 2 === 0 ? 0 : -EINVAL),
  encrypt: [initCrypt, macStart, macHead, macText, encrypt, writeTag],
  decrypt: [initCrypt, takeTag, decrypt, keepTag, macStart, macHead, macText, verify],
});

/** Checks the IV, clears its counter, and glues the tag block in front. @kernel crypto_ccm_init_crypt */
function initCrypt(req: AeadTemplateReq): Errno {
  const { tfm, iv, src, dst, assoclen } = req;
  const rctx = stepContext(req, CcmRequestCtx);
  if (iv[0] < 1 || iv[0] > 7) return -EINVAL;
  iv.fill(0, 15 - iv[0], BLOCK);
  rctx.cryptlen = req.cryptlen - (rctx.enc ? 0 : tfm.authsize);
  glue(tfm.api.machine, rctx.src, rctx.odata, BLOCK, src, assoclen);
  if (src !== dst) glue(tfm.api.machine, rctx.dst, rctx.odata, BLOCK, dst, assoclen);
  return 0;
}

/** CBC-MAC over (B0, length, AD, padding, text) into `tag`. @kernel crypto_ccm_auth */
function macStart(req: AeadTemplateReq): Errno {
  const rctx = stepContext(req, CcmRequestCtx);
  const err = formatInput(rctx.tag, req, rctx.cryptlen);
  return err === 0 ? callAhash(req, MAC, cryptoAhashInit) : err;
}

/** B0, the length of the associated data, and the caller's list behind them. */
function macHead(req: AeadTemplateReq): Errno {
  const { machine } = req.tfm.api;
  const rctx = stepContext(req, CcmRequestCtx);
  const { sg } = rctx;
  machine.store(linearToPhys(rctx.odata), rctx.tag);
  sgInitTable(sg, 3);
  sgSetBuf(machine, sg[0], rctx.odata, BLOCK);
  rctx.head = 0;
  if (req.assoclen > 0) {
    const length = formatAdata(req.assoclen);
    machine.store(linearToPhys(rctx.idata), length);
    sgSetBuf(machine, sg[1], rctx.idata, length.length);
    sgChain(sg[0], 3, req.src);
    rctx.head = length.length;
  } else {
    sgChain(sg[0], 2, req.src);
  }
  return callAhash(req, MAC, cryptoAhashUpdate, sg[0], req.assoclen + rctx.head + BLOCK);
}

/** Padding of the associated data, and the plaintext behind it. */
function macText(req: AeadTemplateReq): Errno {
  const { machine } = req.tfm.api;
  const rctx = stepContext(req, CcmRequestCtx);
  const { sg, enc, src, dst, idata } = rctx;
  const padding = BLOCK - ((req.assoclen + rctx.head) % BLOCK);
  let list = sgNext((enc || req.src === req.dst ? src : dst)[0]);
  let nbytes = rctx.cryptlen;
  if (padding < BLOCK) {
    machine.fill(linearToPhys(idata), padding, 0);
    sgInitTable(sg, 2);
    sgSetBuf(machine, sg[0], idata, padding);
    if (list !== null) sgChain(sg[0], 2, list);
    list = sg[0];
    nbytes += padding;
  }
  return callAhash(req, MAC, cryptoAhashFinup, list, nbytes, rctx.tag);
}

function encrypt(req: AeadTemplateReq): Errno {
  const rctx = stepContext(req, CcmRequestCtx);
  req.tfm.api.machine.store(linearToPhys(rctx.odata), rctx.tag);
  return crypt(req, req.iv);
}

function writeTag(req: AeadTemplateReq): Errno {
  const { machine } = req.tfm.api;
  const { odata } = stepContext(req, CcmRequestCtx);
  const tag = machine.load(linearToPhys(odata), BLOCK).slice();
  return tagWrite(req, tag, req.assoclen + req.cryptlen);
}

/** The tag is decrypted in front of the text. */
function takeTag(req: AeadTemplateReq): Errno {
  const { api, authsize } = req.tfm;
  const { authTag, cryptlen, odata } = stepContext(req, CcmRequestCtx);
  authTag.fill(0);
  scatterwalkMapAndCopy(api.machine, authTag, req.src, req.assoclen + cryptlen, authsize, 0);
  api.machine.store(linearToPhys(odata), authTag);
  return 0;
}

function decrypt(req: AeadTemplateReq): Errno {
  const { iv } = stepContext(req, CcmRequestCtx);
  iv.set(ivBytes(req, BLOCK));
  return crypt(req, iv);
}

function crypt(req: AeadTemplateReq, iv: Uint8Array): Errno {
  const { src, dst, cryptlen } = stepContext(req, CcmRequestCtx);
  const to = req.src === req.dst ? src : dst;
  return callSkcipher(req, CTR, src[0], to[0], cryptlen + BLOCK, iv);
}

function keepTag(req: AeadTemplateReq): Errno {
  const { authTag, odata } = stepContext(req, CcmRequestCtx);
  authTag.set(req.tfm.api.machine.load(linearToPhys(odata), BLOCK));
  return 0;
}

function verify(req: AeadTemplateReq): Errno {
  const { authTag, tag } = stepContext(req, CcmRequestCtx);
  return cryptoMemneq(authTag, tag, req.tfm.authsize) ? -EBADMSG : 0;
}

/**
 * The first block, B0.
 * @returns -EOVERFLOW for a text that its length field cannot hold; one byte late, because the limit
 *   itself is let through and encoded as 0.
 */
function formatInput(block: Uint8Array, req: AeadTemplateReq, cryptlen: number): Errno {
  const { authsize } = req.tfm;
  const size = ivBytes(req, 1)[0] + 1;
  block.set(ivBytes(req, BLOCK));
  block[0] |= 8 * ((authsize - 2) / 2);
  if (req.assoclen > 0) block[0] |= 64;
  block.fill(0, BLOCK - size);
  if (size < 4 && cryptlen > 2 ** (8 * size)) return -EOVERFLOW;
  let rest = cryptlen;
  for (let i = 1; i <= Math.min(size, 4); i++) {
    block[BLOCK - i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return 0;
}

/** The length of the associated data: 2 bytes, or fffe and 4. */
function formatAdata(assoclen: number): Uint8Array {
  if (assoclen < 65280) return Uint8Array.of(assoclen >>> 8, assoclen);
  const bytes = new Uint8Array(6);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xfffe);
  view.setUint32(2, assoclen);
  return bytes;
}
