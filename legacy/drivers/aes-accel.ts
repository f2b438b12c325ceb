/**
 * The accelerated AES modes: one driver per mode, as an architecture has them, over node:crypto.
 * C: arch/x86/crypto/aesni-intel_glue.c (6.1), the shape
 * @module
 */

import { KernelBug } from '../../src/assert.ts';
import { SKCIPHERS, type SkcipherMode } from '../../src/crypto/catalogue.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { isAesKeySize } from '../../src/crypto/keys.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { AesKernel, Provider } from '../../src/provider/provider.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { sgAlloc } from '../lists/scatterlist.ts';
import {
  type CryptoSkcipher,
  cryptoRegisterSkcipher,
  type SkcipherAlg,
  SkcipherRequest,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from '../skcipher.ts';
import { gf128mulXBle, xtsVerifyKey } from '../templates/xts.ts';
import { scatterwalkFfwd, scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';
import { SkcipherWalk, skcipherWalkDone, skcipherWalkVirt } from '../walk/skcipher-walk.ts';

const BLOCK = 16;

/** Registers the accelerated rows of the descriptor table. @kernel none: aesni_init */
export function registerAesAccel(api: CryptoApi, provider: Provider): void {
  for (const { engine, mode, ...row } of SKCIPHERS) {
    if (engine !== 'accel') continue;
    const operations = mode === 'xts' ? XTS : { setkey, ...MODES[mode] };
    const alg: SkcipherAlg<AesCtx> = {
      ...row,
      ...operations,
      init: () => ({ provider, key: null, tweakKey: null }),
    };
    cryptoRegisterSkcipher(api, alg);
  }
}

/** @kernel crypto_aes_ctx */
interface AesCtx {
  readonly provider: Provider;
  key: AesKernel | null;
  tweakKey: AesKernel | null;
}

type AesRequest = SkcipherRequest<AesCtx>;
type Operations = Pick<SkcipherAlg<AesCtx>, 'encrypt' | 'decrypt'>;

/** A run of the walk, whole blocks but for the last of a counter mode. */
type Run = (key: AesKernel, walk: SkcipherWalk, len: number) => void;

const MODES: Readonly<Record<Exclude<SkcipherMode, 'xts'>, Operations>> = {
  ecb: {
    encrypt: (req) => crypt(req, ecbEncrypt),
    decrypt: (req) => crypt(req, ecbDecrypt),
  },
  cbc: {
    encrypt: (req) => crypt(req, cbcEncrypt),
    decrypt: (req) => crypt(req, cbcDecrypt),
  },
  ctr: {
    encrypt: (req) => crypt(req, ctrCrypt),
    decrypt: (req) => crypt(req, ctrCrypt),
  },
};

const XTS: Operations & Pick<SkcipherAlg<AesCtx>, 'setkey'> = {
  setkey: xtsSetkey,
  encrypt: (req) => xtsCrypt(req, /* enc */ true),
  decrypt: (req) => xtsCrypt(req, /* enc */ false),
};

/** @kernel aes_set_key */
function setkey({ ctx }: CryptoSkcipher<AesCtx>, key: Uint8Array): Errno {
  if (!isAesKeySize(key.length)) return -EINVAL;
  ctx.key = ctx.provider.aes(key);
  return 0;
}

function crypt(req: AesRequest, run: Run): Errno {
  const { tfm } = req;
  const { machine, recorder } = tfm.api;
  const key = mustHave(tfm.ctx.key);
  const walk = new SkcipherWalk(machine, recorder);
  let err = skcipherWalkVirt(walk, req, /* atomic */ false);
  while (walk.nbytes > 0) {
    let rest = walk.nbytes % BLOCK;
    // A counter mode takes the partial block at the end of the message.
    if (tfm.alg.blocksize === 1 && walk.nbytes === walk.total) rest = 0;
    run(key, walk, walk.nbytes - rest);
    err = skcipherWalkDone(walk, rest);
  }
  return err;
}

function ecbEncrypt(key: AesKernel, { machine, src, dst }: SkcipherWalk, len: number): void {
  key.ecbEncrypt(machine, src, dst, len);
}

function ecbDecrypt(key: AesKernel, { machine, src, dst }: SkcipherWalk, len: number): void {
  key.ecbDecrypt(machine, src, dst, len);
}

function cbcEncrypt(key: AesKernel, { machine, src, dst, iv }: SkcipherWalk, len: number): void {
  key.cbcEncrypt(machine, src, dst, len, iv);
}

function cbcDecrypt(key: AesKernel, { machine, src, dst, iv }: SkcipherWalk, len: number): void {
  key.cbcDecrypt(machine, src, dst, len, iv);
}

function ctrCrypt(key: AesKernel, { machine, src, dst, iv }: SkcipherWalk, len: number): void {
  key.ctrCrypt(machine, src, dst, len, iv);
}

/** @kernel xts_aesni_setkey */
function xtsSetkey(tfm: CryptoSkcipher<AesCtx>, key: Uint8Array): Errno {
  const { ctx } = tfm;
  const err = xtsVerifyKey(tfm, key);
  if (err !== 0) return err;
  const half = key.length / 2;
  if (!isAesKeySize(half)) return -EINVAL;
  ctx.key = ctx.provider.aes(key.slice(0, half));
  ctx.tweakKey = ctx.provider.aes(key.slice(half));
  return 0;
}

/** @kernel xts_crypt */
function xtsCrypt(req: AesRequest, enc: boolean): Errno {
  const { tfm } = req;
  const { machine, recorder } = tfm.api;
  const key = mustHave(tfm.ctx.key);
  if (req.cryptlen < BLOCK) return -EINVAL;
  const tail = req.cryptlen % BLOCK;
  const main = req.cryptlen - tail - (tail > 0 ? BLOCK : 0);
  // The caller's IV stays as it is.
  const tweak = ivBytes(req, BLOCK).slice();
  mustHave(tfm.ctx.tweakKey).encryptBlock(tweak);
  let err = 0;
  if (main > 0) {
    const subreq = new SkcipherRequest(tfm);
    skcipherRequestSetCallback(subreq, req.flags, null, null);
    skcipherRequestSetCrypt(subreq, req.src, req.dst, main, req.iv);
    const walk = new SkcipherWalk(machine, recorder);
    err = skcipherWalkVirt(walk, subreq, /* atomic */ false);
    while (walk.nbytes > 0) {
      const rest = walk.nbytes % BLOCK;
      const len = walk.nbytes - rest;
      if (enc) key.xtsEncrypt(machine, walk.src, walk.dst, len, tweak);
      else key.xtsDecrypt(machine, walk.src, walk.dst, len, tweak);
      err = skcipherWalkDone(walk, rest);
    }
  }
  if (err === 0 && tail > 0) steal(req, main, BLOCK + tail, tweak, enc);
  return err;
}

/** The last full block and the partial one, through a private buffer. */
function steal(req: AesRequest, at: number, len: number, tweak: Uint8Array, enc: boolean): void {
  const { api, ctx } = req.tfm;
  const key = mustHave(ctx.key);
  const src = scatterwalkFfwd(sgAlloc(2)[0], req.src, at);
  const dst = req.dst === req.src ? src : scatterwalkFfwd(sgAlloc(2)[0], req.dst, at);
  const text = new Uint8Array(2 * BLOCK);
  scatterwalkMapAndCopy(api.machine, text, src, 0, len, 0);
  const next = tweak.slice();
  gf128mulXBle(next);
  // Decryption takes the two tweaks in reverse order.
  xexBlock(key, text.subarray(0, BLOCK), enc ? tweak : next, enc);
  const stolen = text.slice(0, BLOCK);
  text.copyWithin(0, BLOCK, len);
  text.set(stolen.subarray(0, len - BLOCK), BLOCK);
  xexBlock(key, text.subarray(0, BLOCK), enc ? next : tweak, enc);
  scatterwalkMapAndCopy(api.machine, text, dst, 0, len, 1);
}

function xexBlock(key: AesKernel, block: Uint8Array, tweak: Uint8Array, enc: boolean): void {
  for (let i = 0; i < BLOCK; i++) block[i] ^= tweak[i];
  if (enc) key.encryptBlock(block);
  else key.decryptBlock(block);
  for (let i = 0; i < BLOCK; i++) block[i] ^= tweak[i];
}

function mustHave(key: AesKernel | null): AesKernel {
  if (key === null) throw new KernelBug('cipher without key');
  return key;
}
