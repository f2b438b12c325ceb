/**
 * The accelerated GCM: one driver over node:crypto, as an architecture has one. Associated data is
 * walked where it lies, text through the aead walk.
 * C: arch/arm64/crypto/ghash-ce-glue.c gcm_encrypt, gcm_decrypt (6.1), the shape
 * @module
 */

import { KernelBug } from '../../src/assert.ts';
import { AEADS, AES_BLOCK_SIZE } from '../../src/crypto/catalogue.ts';
import { cryptoGcmCheckAuthsize } from '../../src/crypto/gcm.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { isAesKeySize } from '../../src/crypto/keys.ts';
import { EBADMSG, EINVAL, type Errno } from '../../src/errno.ts';
import type { GcmKernel, GcmState, Provider } from '../../src/provider/provider.ts';
import { type AeadAlg, type AeadRequest, type CryptoAead, cryptoRegisterAead } from '../aead.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { sgNext } from '../lists/scatterlist.ts';
import { tagWrite } from '../parts.ts';
import {
  ScatterWalk,
  scatterwalkAdvance,
  scatterwalkClamp,
  scatterwalkDone,
  scatterwalkMapAndCopy,
  scatterwalkPhys,
  scatterwalkStart,
} from '../walk/scatterwalk.ts';
import {
  SkcipherWalk,
  skcipherWalkAeadDecrypt,
  skcipherWalkAeadEncrypt,
  skcipherWalkDone,
} from '../walk/skcipher-walk.ts';

/** Registers the accelerated row of the descriptor table. @kernel none: ghash_ce_mod_init */
export function registerGcmAccel(api: CryptoApi, provider: Provider): void {
  for (const { engine, ...row } of AEADS) {
    if (engine !== 'accel') continue;
    const alg: AeadAlg<GcmCtx> = {
      ...row,
      init: () => ({ provider, key: null, tag: new Uint8Array(AES_BLOCK_SIZE) }),
      setkey,
      setauthsize: (_tfm, authsize) => cryptoGcmCheckAuthsize(authsize),
      encrypt,
      decrypt,
    };
    cryptoRegisterAead(api, alg);
  }
}

/** @kernel gcm_aes_ctx */
interface GcmCtx {
  readonly provider: Provider;
  key: GcmKernel | null;
  readonly tag: Uint8Array;
}

type GcmRequest = AeadRequest<GcmCtx>;

/** @kernel gcm_setkey */
function setkey({ ctx }: CryptoAead<GcmCtx>, key: Uint8Array): Errno {
  if (!isAesKeySize(key.length)) return -EINVAL;
  ctx.key = ctx.provider.aesGcm(key);
  return 0;
}

/** @kernel gcm_encrypt */
function encrypt(req: GcmRequest): Errno {
  const { api, ctx } = req.tfm;
  const state = begin(req, /* encrypt */ true);
  const walk = new SkcipherWalk(api.machine, api.recorder);
  const err = cryptText(walk, skcipherWalkAeadEncrypt(walk, req, /* atomic */ false), state);
  if (err !== 0) return err;
  state.tag(ctx.tag);
  return tagWrite(req, ctx.tag, req.assoclen + req.cryptlen);
}

/** @kernel gcm_decrypt */
function decrypt(req: GcmRequest): Errno {
  const { api, authsize, ctx } = req.tfm;
  const state = begin(req, /* encrypt */ false);
  const walk = new SkcipherWalk(api.machine, api.recorder);
  const err = cryptText(walk, skcipherWalkAeadDecrypt(walk, req, /* atomic */ false), state);
  if (err !== 0) return err;
  const tag = ctx.tag.subarray(0, authsize);
  const at = req.assoclen + req.cryptlen - authsize;
  scatterwalkMapAndCopy(api.machine, tag, req.src, at, authsize, 0);
  return state.verify(tag) ? 0 : -EBADMSG;
}

/** @kernel gcm_calculate_auth_mac */
function begin(req: GcmRequest, encrypting: boolean): GcmState {
  const { api, alg, ctx } = req.tfm;
  if (ctx.key === null) throw new KernelBug('cipher without key');
  const state = ctx.key.start(encrypting, ivBytes(req, alg.ivsize), req.tfm.authsize);
  let left = req.assoclen;
  if (left === 0) return state;
  const walk = new ScatterWalk();
  scatterwalkStart(walk, req.src);
  while (left > 0) {
    const len = scatterwalkClamp(walk, left);
    if (len === 0) {
      scatterwalkStart(walk, sgNext(walk.sg));
      continue;
    }
    state.aad(api.machine, scatterwalkPhys(walk), len);
    left -= len;
    scatterwalkAdvance(walk, len);
    scatterwalkDone(walk, left);
  }
  return state;
}

function cryptText(walk: SkcipherWalk, started: Errno, state: GcmState): Errno {
  let err = started;
  while (walk.nbytes > 0) {
    let rest = walk.nbytes % AES_BLOCK_SIZE;
    if (walk.nbytes === walk.total) rest = 0;
    state.crypt(walk.machine, walk.src, walk.dst, walk.nbytes - rest);
    err = skcipherWalkDone(walk, rest);
  }
  return err;
}
