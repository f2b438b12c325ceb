/**
 * seqiv(aead) and echainiv(aead): IV generators. They copy source to destination, write an IV into
 * the text and run the child on the destination.
 * C: crypto/geniv.c, crypto/seqiv.c, crypto/echainiv.c (6.1)
 * @module
 */

import { instanceNames, likeAead } from '../../src/crypto/instance.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { reqGfp } from '../../src/crypto/queue.ts';
import { EINVAL, ENOMEM, type Errno } from '../../src/errno.ts';
import type { AeadAlg } from '../aead.ts';
import { callAead, childSetauthsize, childSetkey } from '../child.ts';
import type { Step } from '../steps.ts';
import { type AeadTemplateReq, aeadTemplate, type CryptoTemplate } from '../template.ts';
import { memcpySglist, scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';

const CHILD = 0;
const SEQNO_SIZE = 8;
/** Longest IV, and so the size of every salt. */
const IV_MAX = 16;
const MASK_64 = 0xffffffffffffffffn;

/** @kernel seqiv_tmpl */
export const seqiv: CryptoTemplate = aeadGenivAlloc(
  'seqiv',
  ({ ivsize }) => ivsize === SEQNO_SIZE,
  seqivEncrypt,
  seqivDecrypt,
);
/** @kernel echainiv_tmpl */
export const echainiv: CryptoTemplate = aeadGenivAlloc(
  'echainiv',
  ({ ivsize }) => ivsize % SEQNO_SIZE === 0,
  echainivEncrypt,
  echainivDecrypt,
);

/** @kernel aead_geniv_alloc */
function aeadGenivAlloc(
  name: string,
  fits: (child: AeadAlg) => boolean,
  encrypt: Step<AeadTemplateReq>,
  decrypt: Step<AeadTemplateReq>,
): CryptoTemplate {
  return aeadTemplate({
    names: [{ name, params: 1 }],
    children: [{ kind: 'aead' }],
    instance: ([child]) =>
      child.ivsize < SEQNO_SIZE || child.ivsize > IV_MAX || !fits(child)
        ? -EINVAL
        : {
            ...instanceNames(name, [child]),
            ...likeAead(child),
            // Registration sets what the template leaves open.
            chunksize: child.blocksize,
          },
    initTfm: ({ api }, ctx) => {
      ctx.salt = new Uint8Array(IV_MAX);
      api.machine.getRandomBytes(ctx.salt);
    },
    setkey: (tfm, key) => childSetkey(tfm, CHILD, key),
    setauthsize: (tfm, authsize) => childSetauthsize(tfm, CHILD, authsize),
    encrypt: [encrypt],
    decrypt: [decrypt],
  });
}

/** @kernel seqiv_aead_encrypt */
function seqivEncrypt(req: AeadTemplateReq): Errno {
  const { alg, api, ctx } = req.tfm;
  const { ivsize } = alg;
  if (req.cryptlen < ivsize) return -EINVAL;
  copyText(req);
  const { iv, dst, assoclen } = req;
  const seq = ivBytes(req, ivsize);
  if ((iv.byteOffset & alg.alignmask) !== 0) {
    // 6.1 works on a copy of a misaligned IV and writes it back on success. Not modelled: here the
    // caller's IV changes at once, which shows while the request is pending and when it fails.
    const info = api.machine.slab.kmalloc(ivsize, 'seqiv', reqGfp(req.flags));
    if (info === null) return -ENOMEM;
    api.machine.slab.kfreeSensitive(info);
  }
  for (let i = 0; i < ivsize; i++) seq[i] ^= ctx.salt[i];
  scatterwalkMapAndCopy(api.machine, seq, dst, assoclen, ivsize, 1);
  return callAead(req, CHILD, dst, dst, assoclen + ivsize, req.cryptlen - ivsize, iv);
}

/** @kernel seqiv_aead_decrypt */
function seqivDecrypt(req: AeadTemplateReq): Errno {
  const { alg, authsize } = req.tfm;
  return req.cryptlen < alg.ivsize + authsize ? -EINVAL : decryptBehindIv(req);
}

/** @kernel echainiv_encrypt */
function echainivEncrypt(req: AeadTemplateReq): Errno {
  const { alg, api, ctx } = req.tfm;
  const { ivsize } = alg;
  if (req.cryptlen < ivsize) return -EINVAL;
  copyText(req);
  const { iv, dst, assoclen } = req;
  const seq = ivBytes(req, ivsize);
  const info = new DataView(seq.buffer, seq.byteOffset, ivsize);
  const salt = new DataView(ctx.salt.buffer);
  const seqno = info.getBigUint64(ivsize - SEQNO_SIZE);
  seq.fill(0);
  // The block of zeros is encrypted with the chained IV: what stands there is unpredictable.
  scatterwalkMapAndCopy(api.machine, seq, dst, assoclen, ivsize, 1);
  for (let at = ivsize - SEQNO_SIZE; at >= 0; at -= SEQNO_SIZE) {
    const factor = salt.getBigUint64(at, true) | 1n;
    info.setBigUint64(at, (factor * seqno) & MASK_64, true);
  }
  return callAead(req, CHILD, dst, dst, assoclen, req.cryptlen, iv);
}

/** @kernel echainiv_decrypt */
function echainivDecrypt(req: AeadTemplateReq): Errno {
  return req.cryptlen < req.tfm.alg.ivsize ? -EINVAL : decryptBehindIv(req);
}

/** The IV stands in front of the ciphertext. */
function decryptBehindIv(req: AeadTemplateReq): Errno {
  const { api, alg } = req.tfm;
  const { src, dst, iv, assoclen } = req;
  const { ivsize } = alg;
  scatterwalkMapAndCopy(api.machine, ivBytes(req, ivsize), src, assoclen, ivsize, 0);
  return callAead(req, CHILD, src, dst, assoclen + ivsize, req.cryptlen - ivsize, iv);
}

function copyText({ tfm, src, dst, assoclen, cryptlen }: AeadTemplateReq): void {
  if (src !== dst) memcpySglist(tfm.api.machine, dst, src, assoclen + cryptlen);
}
