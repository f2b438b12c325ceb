/**
 * AEGIS-128. A wrong tag leaves no text behind: what was decrypted is overwritten with zeros.
 * C: crypto/aegis128-core.c (6.1)
 * @module
 */

import { KernelBug } from '../../src/assert.ts';
import {
  AEGIS_BLOCK_SIZE,
  AEGIS128,
  AEGIS128_KEY_SIZE,
  cryptoAegis128CheckAuthsize,
} from '../../src/crypto/aegis.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { EBADMSG, EINVAL, type Errno } from '../../src/errno.ts';
import type { GcmKernel, GcmState } from '../../src/provider/provider.ts';
import { aegis128 } from '../../src/provider/soft/aegis128.ts';
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

/** Registers `aegis128-generic`. @kernel none: crypto_aegis128_module_init */
export function registerAegis128(api: CryptoApi): void {
  const alg: AeadAlg<AegisCtx> = {
    ...AEGIS128,
    init: () => ({ key: null, tag: new Uint8Array(AEGIS_BLOCK_SIZE) }),
    setkey,
    setauthsize: (_tfm, authsize) => cryptoAegis128CheckAuthsize(authsize),
    encrypt,
    decrypt,
  };
  cryptoRegisterAead(api, alg);
}

/** @kernel aegis_ctx */
interface AegisCtx {
  key: GcmKernel | null;
  readonly tag: Uint8Array;
}

type AegisRequest = AeadRequest<AegisCtx>;

/** @kernel crypto_aegis128_setkey */
function setkey({ ctx }: CryptoAead<AegisCtx>, key: Uint8Array): Errno {
  if (key.length !== AEGIS128_KEY_SIZE) return -EINVAL;
  ctx.key = aegis128(key);
  return 0;
}

/** @kernel crypto_aegis128_encrypt_generic */
function encrypt(req: AegisRequest): Errno {
  const { api, ctx } = req.tfm;
  const walk = new SkcipherWalk(api.machine, api.recorder);
  const started = skcipherWalkAeadEncrypt(walk, req, /* atomic */ false);
  const state = processAd(req, /* encrypt */ true);
  const err = processText(walk, started, state);
  if (err !== 0) return err;
  state.tag(ctx.tag);
  return tagWrite(req, ctx.tag, req.assoclen + req.cryptlen);
}

/** @kernel crypto_aegis128_decrypt_generic */
function decrypt(req: AegisRequest): Errno {
  const { api, authsize, ctx } = req.tfm;
  const tag = ctx.tag.subarray(0, authsize);
  const at = req.assoclen + req.cryptlen - authsize;
  scatterwalkMapAndCopy(api.machine, tag, req.src, at, authsize, 0);
  const walk = new SkcipherWalk(api.machine, api.recorder);
  const started = skcipherWalkAeadDecrypt(walk, req, /* atomic */ false);
  const state = processAd(req, /* encrypt */ false);
  const err = processText(walk, started, state);
  if (err !== 0) return err;
  if (state.verify(tag)) return 0;
  const again = new SkcipherWalk(api.machine, api.recorder);
  processText(again, skcipherWalkAeadDecrypt(again, req, /* atomic */ false), null);
  return -EBADMSG;
}

/** A message that has its associated data. @kernel crypto_aegis128_process_ad */
function processAd(req: AegisRequest, encrypting: boolean): GcmState {
  const { api, alg, ctx } = req.tfm;
  if (ctx.key === null) throw new KernelBug('cipher without key');
  const state = ctx.key.start(encrypting, ivBytes(req, alg.ivsize));
  const walk = new ScatterWalk();
  scatterwalkStart(walk, req.src);
  for (let left = req.assoclen; left > 0; ) {
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

/** The text of a walk; without a state it is wiped. @kernel crypto_aegis128_process_crypt */
function processText(walk: SkcipherWalk, started: Errno, state: GcmState | null): Errno {
  let err = started;
  while (walk.nbytes > 0) {
    const rest = walk.nbytes < walk.total ? walk.nbytes % AEGIS_BLOCK_SIZE : 0;
    const len = walk.nbytes - rest;
    if (state === null) walk.machine.store(walk.dst, new Uint8Array(len));
    else state.crypt(walk.machine, walk.src, walk.dst, len);
    err = skcipherWalkDone(walk, rest);
  }
  return err;
}
