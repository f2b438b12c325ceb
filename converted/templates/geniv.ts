/**
 * seqiv(aead) and echainiv(aead): the IV of a message is generated, stands in front of its ciphertext and
 * is authenticated with it.
 *
 * What the conversion removed: copying everything to the destination first, writing the IV there before
 * anything is checked, and generating it in the caller's buffer, which stays as it is.
 * C: crypto/seqiv.c, crypto/echainiv.c, crypto/geniv.c (6.1)
 * @module
 */

import { likeAead } from '../../src/crypto/instance.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { callAead } from '../child.ts';
import { bvecRead, bvecWrite } from '../lower/copy.ts';
import type { OpList } from '../lower/list.ts';
import { own, ownRead, ownWrite, parts, slice, zeros } from '../parts.ts';
import { childIv, type Step, stepContext } from '../steps.ts';
import { type AeadTemplateOp, aeadTemplate, type CryptoTemplate } from '../template.ts';
import { cryptoXor } from './simple.ts';

const CHILD = 0;
const SEQNO_SIZE = 8;
const IV_MAX = 16;
const MASK_64 = 0xffffffffffffffffn;

/** @kernel seqiv_tmpl */
export const seqiv: CryptoTemplate = geniv('seqiv', (size) => size === SEQNO_SIZE, [
  seqivEncrypt,
  writeIv,
]);
/** @kernel echainiv_tmpl */
export const echainiv: CryptoTemplate = geniv('echainiv', (size) => size % SEQNO_SIZE === 0, [
  echainivEncrypt,
]);

/** @kernel none: aead_geniv_alloc */
function geniv(
  template: string,
  takes: (ivsize: number) => boolean,
  encrypt: readonly Step<AeadTemplateOp>[],
): CryptoTemplate {
  return aeadTemplate({
    names: [{ name: template, params: 1 }],
    children: [{ kind: 'aead' }],
    instance: ([child]) =>
      child.ivsize < SEQNO_SIZE || child.ivsize > IV_MAX || !takes(child.ivsize)
        ? -EINVAL
        : {
            ...likeAead(child),
            // Registration sets what the template leaves open.
            chunksize: child.blocksize,
          },
    own: IV_MAX,
    initTfm: ({ api }, ctx) => {
      ctx.salt = new Uint8Array(IV_MAX);
      api.machine.getRandomBytes(ctx.salt);
    },
    encrypt: [ivInText, ...encrypt],
    decrypt: [ivInText, decrypt],
  });
}

function ivInText({ len, tfm }: AeadTemplateOp): Errno {
  return len < tfm.alg.ivsize ? -EINVAL : 0;
}

/** What the caller gives, with the salt: unique as long as the caller's are. */
function seqivEncrypt(op: AeadTemplateOp): Errno {
  const { ivsize } = op.tfm.alg;
  const iv = childIv(op, ivBytes(op, ivsize)).subarray(0, ivsize);
  cryptoXor(iv, op.tfm.ctx.salt);
  ownWrite(op, 0, iv);
  return behindIv(op, parts(op, op.ad, own(op, 0, ivsize)));
}

function writeIv(op: AeadTemplateOp): Errno {
  const { ivsize } = op.tfm.alg;
  bvecWrite(op.walk.mem, op.dst, 0, ownRead(op, 0, ivsize));
  return 0;
}

/** The child behind the IV. */
function behindIv(op: AeadTemplateOp, ad: OpList): Errno {
  const { ivsize } = op.tfm.alg;
  const len = op.len - ivsize;
  const src = slice(op, op.src, ivsize, len);
  const dst = slice(op, op.dst, ivsize, len);
  return callAead(op, CHILD, ad, src, dst, len, stepContext(op).iv);
}

/**
 * The last word of the IV is a number; each word is a factor of the salt times it. Zeros are encrypted in front
 * of the text with what comes of that: what stands there is unpredictable.
 */
function echainivEncrypt(op: AeadTemplateOp): Errno {
  const { alg, ctx } = op.tfm;
  const { ivsize } = alg;
  const iv = childIv(op, ivBytes(op, ivsize));
  const words = new DataView(iv.buffer);
  const salt = new DataView(ctx.salt.buffer);
  const seqno = words.getBigUint64(ivsize - SEQNO_SIZE);
  for (let at = 0; at < ivsize; at += SEQNO_SIZE)
    words.setBigUint64(at, ((salt.getBigUint64(at, true) | 1n) * seqno) & MASK_64, true);
  const text = parts(op, zeros(op, ivsize), slice(op, op.src, ivsize, op.len - ivsize));
  return callAead(op, CHILD, op.ad, text, op.dst, op.len, iv);
}

function decrypt(op: AeadTemplateOp): Errno {
  const { ivsize } = op.tfm.alg;
  bvecRead(op.walk.mem, op.src, 0, stepContext(op).iv.subarray(0, ivsize));
  return behindIv(op, parts(op, op.ad, slice(op, op.src, 0, ivsize)));
}
