/**
 * The accelerated GCM: one driver over node:crypto, as an architecture has one. Associated data is
 * walked where it lies, text through the aead walk.
 * C: arch/arm64/crypto/ghash-ce-glue.c gcm_encrypt, gcm_decrypt (6.1), the shape
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { AEADS, AES_BLOCK_SIZE } from '../../src/crypto/catalogue.ts';
import { EBADMSG, EINVAL, type Errno } from '../../src/errno.ts';
import type { GcmKernel, GcmState, Provider } from '../../src/provider/provider.ts';
import {
  type AeadRequest,
  type AeadTransform,
  type CryptoAead,
  cryptoRegisterAead,
} from '../aead.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { sgNext } from '../lists/scatterlist.ts';
import { cryptoGcmCheckAuthsize } from '../templates/gcm.ts';
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
import { isAesKeySize } from './aes-generic.ts';

/** Registers the accelerated row of the descriptor table. @kernel none: ghash_ce_mod_init */
export function registerGcmAccel(api: CryptoApi, provider: Provider): void {
  for (const { engine, ...row } of AEADS) {
    if (engine !== 'accel') continue;
    cryptoRegisterAead(api, {
      ...row,
      kind: 'aead',
      init: (tfm) => new GcmAccel(tfm, provider),
    });
  }
}

class GcmAccel implements AeadTransform {
  private readonly tfm: CryptoAead;
  private readonly provider: Provider;
  private key: GcmKernel | null = null;
  private readonly tag = new Uint8Array(AES_BLOCK_SIZE);

  constructor(tfm: CryptoAead, provider: Provider) {
    this.tfm = tfm;
    this.provider = provider;
  }

  setkey(key: Uint8Array): Errno {
    if (!isAesKeySize(key.length)) return -EINVAL;
    this.key = this.provider.aesGcm(key);
    return 0;
  }

  setauthsize(authsize: number): Errno {
    return cryptoGcmCheckAuthsize(authsize);
  }

  encrypt(req: AeadRequest): Errno {
    const { api, authsize } = this.tfm;
    const state = this.begin(req, /* encrypt */ true);
    const walk = new SkcipherWalk(api.machine, api.recorder);
    const err = cryptText(walk, skcipherWalkAeadEncrypt(walk, req, /* atomic */ false), state);
    if (err !== 0) return err;
    state.tag(this.tag);
    const at = req.assoclen + req.cryptlen;
    scatterwalkMapAndCopy(api.machine, this.tag, req.dst, at, authsize, 1);
    return 0;
  }

  decrypt(req: AeadRequest): Errno {
    const { api, authsize } = this.tfm;
    const state = this.begin(req, /* encrypt */ false);
    const walk = new SkcipherWalk(api.machine, api.recorder);
    const err = cryptText(walk, skcipherWalkAeadDecrypt(walk, req, /* atomic */ false), state);
    if (err !== 0) return err;
    const tag = this.tag.subarray(0, authsize);
    const at = req.assoclen + req.cryptlen - authsize;
    scatterwalkMapAndCopy(api.machine, tag, req.src, at, authsize, 0);
    return state.verify(tag) ? 0 : -EBADMSG;
  }

  private begin(req: AeadRequest, encrypt: boolean): GcmState {
    if (this.key === null) throw new KernelBug('cipher without key');
    const state = this.key.start(encrypt, req.iv.subarray(0, this.tfm.alg.ivsize));
    let left = req.assoclen;
    if (left === 0) return state;
    const { machine } = this.tfm.api;
    const walk = new ScatterWalk();
    scatterwalkStart(walk, req.src);
    while (left > 0) {
      const len = scatterwalkClamp(walk, left);
      if (len === 0) {
        scatterwalkStart(walk, sgNext(walk.sg));
        continue;
      }
      state.aad(machine, scatterwalkPhys(walk), len);
      left -= len;
      scatterwalkAdvance(walk, len);
      scatterwalkDone(walk, left);
    }
    return state;
  }
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
