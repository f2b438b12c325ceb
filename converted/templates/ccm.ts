/**
 * ccm(cipher) and ccm_base(ctr, cbcmac).
 *
 * The MAC reads (B0, length, associated data, padding, text, padding) where it lies, in one call. What
 * the conversion removed: gluing private blocks to the caller's lists five times, and the counter in the
 * caller's IV, which the old API clears.
 * C: crypto/ccm.c (6.1)
 * @module
 */
import { ivBytes } from '../../src/crypto/iv.ts';
import { EINVAL, EOVERFLOW, type Errno } from '../../src/errno.ts';
import { ccmEngine, ccmRun } from '../aead-work.ts';
import { ahashDigest } from '../ahash.ts';
import { callAhash, childSetkey } from '../child.ts';
import { COUNTER_TAG, cryptBehindTag, tagEncrypt } from '../counter-tag.ts';
import { own, ownWrite, padded, parts, plainText, tagDiffers, tagWrite } from '../parts.ts';
import { childIv } from '../steps.ts';
import { type AeadTemplateOp, aeadTemplate, type CryptoTemplate } from '../template.ts';

const CTR = 0;
const MAC = 1;
const BLOCK = 16;
/** Own bytes of an operation, behind the counter block: the first block of the MAC and the length. */
const HEAD = COUNTER_TAG;
const LENGTH_MAX = 6;

/** @kernel crypto_ccm_tmpl, crypto_ccm_base_tmpl */
export const ccm: CryptoTemplate = aeadTemplate({
  names: [
    { name: 'ccm', params: 1, children: ([cipher]) => [`ctr(${cipher})`, `cbcmac(${cipher})`] },
    { name: 'ccm_base', params: 2 },
  ],
  children: [
    { kind: 'skcipher', name: 'ctr(', ivsize: BLOCK, blocksize: 1 },
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
  own: HEAD + BLOCK + LENGTH_MAX,
  setkey: (tfm, key) => {
    const err = childSetkey(tfm, CTR, key) || childSetkey(tfm, MAC, key);
    const drivers = tfm.ctx.children.map(({ alg }) => alg.driverName);
    tfm.ctx.ccm = err === 0 ? ccmEngine(tfm.api, drivers, key) : null;
    return err;
  },
  checkAuthsize: (authsize) => (authsize >= 4 && authsize % 2 === 0 ? 0 : -EINVAL),
  whole: (op) => check(op) || ccmRun(op.tfm.ctx.ccm, op),
  encrypt: [check, mac, crypt, tagEncrypt, tagWrite],
  decrypt: [check, crypt, mac, tagEncrypt, tagDiffers],
});

/** The first byte of the IV is the size of the length field, less one. */
function check(op: AeadTemplateOp): Errno {
  const { len } = op;
  const size = ivBytes(op, 1)[0] + 1;
  if (size < 2 || size > 8) return -EINVAL;
  // One byte late: the limit itself is let through and encoded as 0.
  return size < 4 && len > 2 ** (8 * size) ? -EOVERFLOW : 0;
}

function mac(op: AeadTemplateOp): Errno {
  const text = plainText(op);
  const head = own(op, HEAD, writeHead(op));
  const associated = padded(op, parts(op, head, op.ad), BLOCK);
  return callAhash(op, MAC, ahashDigest, parts(op, associated, text), op.hash);
}

function crypt(op: AeadTemplateOp): Errno {
  const iv = childIv(op, ivBytes(op, BLOCK));
  iv.fill(0, BLOCK - 1 - iv[0], BLOCK);
  return cryptBehindTag(op, CTR, iv);
}

/** Writes the first block, B0, and the length of the associated data. @returns bytes written. @kernel format_input, format_adata */
function writeHead(op: AeadTemplateOp): number {
  const { tfm, len, ad } = op;
  const iv = ivBytes(op, BLOCK);
  const bytes = new Uint8Array(BLOCK + LENGTH_MAX);
  const view = new DataView(bytes.buffer);
  const size = iv[0] + 1;
  bytes.set(iv.subarray(0, BLOCK - size));
  bytes[0] |= (8 * ((tfm.authsize - 2) / 2)) | (ad.size > 0 ? 64 : 0);
  let rest = len;
  for (let i = 1; i <= size; i++) {
    bytes[BLOCK - i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  let used = BLOCK;
  if (ad.size >= 0xff00) {
    view.setUint16(BLOCK, 0xfffe);
    view.setUint32(BLOCK + 2, ad.size);
    used += LENGTH_MAX;
  } else if (ad.size > 0) {
    view.setUint16(BLOCK, ad.size);
    used += 2;
  }
  ownWrite(op, HEAD, bytes.subarray(0, used));
  return used;
}
