/**
 * essiv(cipher mode, hash): the IV is encrypted with a hash of the key before the child sees it. The
 * caller's IV is replaced, even for an empty message and for a length that the child refuses.
 *
 * essiv(authenc(...), hash) is the form of dm-crypt with integrity: associated data ends with the IV, so
 * the encrypted IV takes its place there, in the caller's list or in a private one.
 * C: crypto/essiv.c (6.1)
 * @module
 */

import { CRYPTO_ALG_TYPE_AEAD, CRYPTO_ALG_TYPE_SKCIPHER } from '../../src/crypto/algorithm.ts';
import { instanceNames, likeAead, likeSkcipher } from '../../src/crypto/instance.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { cryptoAuthencExtractkeys } from '../../src/crypto/keys.ts';
import { EINVAL, ENOMEM, type Errno } from '../../src/errno.ts';
import { linearToPhys } from '../../src/machine/address.ts';
import { GFP_ATOMIC } from '../../src/machine/context.ts';
import { type VirtAddr, virtAddr } from '../../src/units.ts';
import {
  callAead,
  callSkcipher,
  childCipher,
  childSetauthsize,
  childSetkey,
  childShash,
} from '../child.ts';
import { type CipherAlg, cipherKernel } from '../cipher.ts';
import {
  type Scatterlist,
  sgAlloc,
  sgChain,
  sgInitTable,
  sgNentsForLen,
  sgPage,
  sgSetBuf,
  sgSetPage,
} from '../lists/scatterlist.ts';
import { cryptoShashInit, type ShashAlg } from '../shash.ts';
import { StepContext, stepContext } from '../steps.ts';
import {
  type AeadTemplateReq,
  aeadTemplate,
  type CryptoTemplate,
  type SkcipherTemplateReq,
  skcipherTemplate,
  type TemplateName,
  templateByType,
} from '../template.ts';
import type { CryptoTfm } from '../tfm.ts';
import { scatterwalkFfwd, scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';

const CHILD = 0;
const HASH = 1;
const CIPHER = 2;
const NO_MEMORY: VirtAddr = virtAddr(0);

const NAMES: readonly TemplateName[] = [{ name: 'essiv', params: 2 }];
const HASH_CHILD = { kind: 'shash', spawn: false } as const;
/** The innermost name of the child is that of its cipher: cbc(aes) is encrypted by aes. */
const CIPHER_CHILD = { kind: 'cipher', inside: CHILD, spawn: false } as const;

class EssivAeadRequestCtx extends StepContext<AeadTemplateReq> {
  readonly sg: Scatterlist[] = sgAlloc(4);
  /** What the child takes for a source. */
  src: Scatterlist | null = null;
  /** Associated data that lies in several entries, in one piece. */
  assoc: VirtAddr = NO_MEMORY;

  protected override release(): void {
    if (this.assoc !== NO_MEMORY) this.req.tfm.api.machine.slab.kfree(this.assoc);
    this.assoc = NO_MEMORY;
  }
}

const skcipher = skcipherTemplate({
  names: NAMES,
  children: [{ kind: 'skcipher' }, HASH_CHILD, CIPHER_CHILD],
  instance: ([child, hash, cipher], template) =>
    essivSupportedAlgorithms(child.ivsize, hash, cipher) || {
      ...instanceNames(template, [child, hash]),
      ...likeSkcipher(child),
    },
  setkey: (tfm, key) => childSetkey(tfm, CHILD, key) || ivKey(tfm, [key]),
  encrypt: [encryptIv, crypt],
  decrypt: [encryptIv, crypt],
});

const aead = aeadTemplate({
  names: NAMES,
  children: [{ kind: 'aead', name: 'authenc(' }, HASH_CHILD, CIPHER_CHILD],
  instance: ([child, hash, cipher], template) =>
    essivSupportedAlgorithms(child.ivsize, hash, cipher) || {
      ...instanceNames(template, [child, hash]),
      ...likeAead(child),
    },
  own: ([child]) => child.ivsize,
  rctx: EssivAeadRequestCtx,
  setkey: (tfm, key) => {
    const err = childSetkey(tfm, CHILD, key);
    if (err !== 0) return err;
    const keys = cryptoAuthencExtractkeys(key);
    return typeof keys === 'number' ? keys : ivKey(tfm, [keys.enckey, keys.authkey]);
  },
  setauthsize: (tfm, authsize) => childSetauthsize(tfm, CHILD, authsize),
  encrypt: [placeIv, aeadCrypt],
  decrypt: [placeIv, aeadCrypt],
});

/** @kernel essiv_tmpl */
export const essiv: CryptoTemplate = templateByType(
  NAMES,
  new Map([
    [CRYPTO_ALG_TYPE_SKCIPHER, skcipher],
    [CRYPTO_ALG_TYPE_AEAD, aead],
  ]),
);

/** @returns 0; -EINVAL when the digest is no key of the cipher, or the IV no block of it. @kernel essiv_supported_algorithms */
function essivSupportedAlgorithms(ivsize: number, hash: ShashAlg, cipher: CipherAlg): Errno {
  const { digestsize } = hash;
  if (digestsize < cipher.minKeysize || digestsize > cipher.maxKeysize) return -EINVAL;
  return ivsize !== cipher.blocksize || hash.keyed ? -EINVAL : 0;
}

/** The cipher of the IV is keyed with the hash of `keys`. */
function ivKey(tfm: CryptoTfm, keys: readonly Uint8Array[]): Errno {
  const hash = childShash(tfm, HASH);
  const salt = new Uint8Array(hash.alg.digestsize);
  const state = cryptoShashInit(hash);
  for (const key of keys) state.updateBytes(key);
  state.digest(salt);
  return childSetkey(tfm, CIPHER, salt);
}

function encryptIv(req: SkcipherTemplateReq | AeadTemplateReq): Errno {
  const { tfm } = req;
  cipherKernel(childCipher(tfm, CIPHER)).encryptBlock(ivBytes(req, tfm.alg.ivsize));
  return 0;
}

/** @kernel essiv_skcipher_crypt */
function crypt(req: SkcipherTemplateReq): Errno {
  return callSkcipher(req, CHILD, req.src, req.dst, req.cryptlen, req.iv);
}

/** @kernel essiv_aead_crypt */
function placeIv(req: AeadTemplateReq): Errno {
  const { tfm, src, dst } = req;
  const { ivsize } = tfm.alg;
  const rctx = stepContext(req, EssivAeadRequestCtx);
  const ssize = req.assoclen - ivsize;
  if (ssize < 0) return -EINVAL;
  encryptIv(req);
  rctx.src = src;
  if (src !== dst && rctx.enc) return glueIv(req, ssize);
  scatterwalkMapAndCopy(tfm.api.machine, ivBytes(req, ivsize), dst, ssize, ivsize, 1);
  return 0;
}

/** Sector number, encrypted IV, text: a list of its own, because the source must stay as it is. */
function glueIv(req: AeadTemplateReq, ssize: number): Errno {
  const { src } = req;
  const { api, alg } = req.tfm;
  const { machine } = api;
  const rctx = stepContext(req, EssivAeadRequestCtx);
  const { sg, own } = rctx;
  const nents = sgNentsForLen(src, ssize);
  if (nents < 0 || src === null) return -EINVAL;
  machine.store(linearToPhys(own), ivBytes(req, alg.ivsize));
  sgInitTable(sg, 4);
  if (nents > 1) {
    const assoc = machine.slab.kmalloc(ssize, 'essiv', GFP_ATOMIC);
    if (assoc === null) return -ENOMEM;
    rctx.assoc = assoc;
    scatterwalkMapAndCopy(machine, linearToPhys(assoc), src, 0, ssize, 0);
    sgSetBuf(machine, sg[0], assoc, ssize);
  } else {
    sgSetPage(sg[0], sgPage(src), ssize, src.offset);
  }
  sgSetBuf(machine, sg[1], own, alg.ivsize);
  const rest = scatterwalkFfwd(sg[2], src, req.assoclen);
  if (rest !== sg[2]) sgChain(sg[0], 3, rest);
  rctx.src = sg[0];
  return 0;
}

function aeadCrypt(req: AeadTemplateReq): Errno {
  const { src } = stepContext(req, EssivAeadRequestCtx);
  return callAead(req, CHILD, src, req.dst, req.assoclen, req.cryptlen, req.iv);
}
