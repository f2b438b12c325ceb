/**
 * The accelerated AES modes: one driver per mode, as an architecture has them, over node:crypto.
 * C: arch/x86/crypto/aesni-intel_glue.c (6.1), the shape
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { SKCIPHERS, type SkcipherMode } from '../../src/crypto/catalogue.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { AesKernel, Provider } from '../../src/provider/provider.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { sgAlloc } from '../lists/scatterlist.ts';
import {
  type CryptoSkcipher,
  cryptoRegisterSkcipher,
  SkcipherRequest,
  type SkcipherTransform,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from '../skcipher.ts';
import { gf128mulXBle, xtsVerifyKey } from '../templates/xts.ts';
import { scatterwalkFfwd, scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';
import { SkcipherWalk, skcipherWalkDone, skcipherWalkVirt } from '../walk/skcipher-walk.ts';
import { isAesKeySize } from './aes-generic.ts';

const BLOCK = 16;

/** Registers the accelerated rows of the descriptor table. @kernel none: aesni_init */
export function registerAesAccel(api: CryptoApi, provider: Provider): void {
  for (const { engine, mode, ...row } of SKCIPHERS) {
    if (engine !== 'accel') continue;
    cryptoRegisterSkcipher(api, {
      ...row,
      kind: 'skcipher',
      init: (tfm) =>
        mode === 'xts' ? new XtsAccel(tfm, provider) : new AesAccel(tfm, provider, mode),
    });
  }
}

class AesAccel implements SkcipherTransform {
  private readonly tfm: CryptoSkcipher;
  private readonly provider: Provider;
  private readonly mode: SkcipherMode;
  private key: AesKernel | null = null;

  constructor(tfm: CryptoSkcipher, provider: Provider, mode: SkcipherMode) {
    this.tfm = tfm;
    this.provider = provider;
    this.mode = mode;
  }

  setkey(key: Uint8Array): Errno {
    if (!isAesKeySize(key.length)) return -EINVAL;
    this.key = this.provider.aes(key);
    return 0;
  }

  encrypt(req: SkcipherRequest): Errno {
    return this.crypt(req, /* enc */ true);
  }

  decrypt(req: SkcipherRequest): Errno {
    return this.crypt(req, /* enc */ false);
  }

  private crypt(req: SkcipherRequest, enc: boolean): Errno {
    const { api } = this.tfm;
    const walk = new SkcipherWalk(api.machine, api.recorder);
    let err = skcipherWalkVirt(walk, req, /* atomic */ false);
    while (walk.nbytes > 0) {
      let rest = walk.nbytes % BLOCK;
      // A counter mode takes the partial block at the end of the message.
      if (this.mode === 'ctr' && walk.nbytes === walk.total) rest = 0;
      this.run(walk, walk.nbytes - rest, enc);
      err = skcipherWalkDone(walk, rest);
    }
    return err;
  }

  private run(walk: SkcipherWalk, len: number, enc: boolean): void {
    const { key } = this;
    const { machine, src, dst, iv } = walk;
    if (key === null) throw new KernelBug('cipher without key');
    if (this.mode === 'ctr') key.ctrCrypt(machine, src, dst, len, iv);
    else if (this.mode === 'cbc' && enc) key.cbcEncrypt(machine, src, dst, len, iv);
    else if (this.mode === 'cbc') key.cbcDecrypt(machine, src, dst, len, iv);
    else if (enc) key.ecbEncrypt(machine, src, dst, len);
    else key.ecbDecrypt(machine, src, dst, len);
  }
}

class XtsAccel implements SkcipherTransform {
  private readonly tfm: CryptoSkcipher;
  private readonly provider: Provider;
  private key: AesKernel | null = null;
  private tweakKey: AesKernel | null = null;

  constructor(tfm: CryptoSkcipher, provider: Provider) {
    this.tfm = tfm;
    this.provider = provider;
  }

  setkey(key: Uint8Array): Errno {
    const err = xtsVerifyKey(this.tfm, key);
    if (err !== 0) return err;
    const half = key.length / 2;
    if (!isAesKeySize(half)) return -EINVAL;
    this.key = this.provider.aes(key.slice(0, half));
    this.tweakKey = this.provider.aes(key.slice(half));
    return 0;
  }

  encrypt(req: SkcipherRequest): Errno {
    return this.crypt(req, /* enc */ true);
  }

  decrypt(req: SkcipherRequest): Errno {
    return this.crypt(req, /* enc */ false);
  }

  private crypt(req: SkcipherRequest, enc: boolean): Errno {
    const { key, tweakKey, tfm } = this;
    if (key === null || tweakKey === null) throw new KernelBug('cipher without key');
    if (req.cryptlen < BLOCK) return -EINVAL;
    const { machine, recorder } = tfm.api;
    const tail = req.cryptlen % BLOCK;
    const main = req.cryptlen - tail - (tail > 0 ? BLOCK : 0);
    // The caller's IV stays as it is.
    const tweak = req.iv.slice(0, BLOCK);
    tweakKey.encryptBlock(tweak);
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
    if (err === 0 && tail > 0) this.steal(req, key, main, BLOCK + tail, tweak, enc);
    return err;
  }

  /** The last full block and the partial one, through a private buffer. */
  private steal(
    req: SkcipherRequest,
    key: AesKernel,
    at: number,
    len: number,
    tweak: Uint8Array,
    enc: boolean,
  ): void {
    const { machine } = this.tfm.api;
    const src = scatterwalkFfwd(sgAlloc(2)[0], req.src, at);
    const dst = req.dst === req.src ? src : scatterwalkFfwd(sgAlloc(2)[0], req.dst, at);
    const text = new Uint8Array(2 * BLOCK);
    scatterwalkMapAndCopy(machine, text, src, 0, len, 0);
    const next = tweak.slice();
    gf128mulXBle(next);
    // Decryption takes the two tweaks in reverse order.
    xexBlock(key, text.subarray(0, BLOCK), enc ? tweak : next, enc);
    const stolen = text.slice(0, BLOCK);
    text.copyWithin(0, BLOCK, len);
    text.set(stolen.subarray(0, len - BLOCK), BLOCK);
    xexBlock(key, text.subarray(0, BLOCK), enc ? next : tweak, enc);
    scatterwalkMapAndCopy(machine, text, dst, 0, len, 1);
  }
}

function xexBlock(key: AesKernel, block: Uint8Array, tweak: Uint8Array, enc: boolean): void {
  for (let i = 0; i < BLOCK; i++) block[i] ^= tweak[i];
  if (enc) key.encryptBlock(block);
  else key.decryptBlock(block);
  for (let i = 0; i < BLOCK; i++) block[i] ^= tweak[i];
}
