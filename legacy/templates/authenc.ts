/**
 * authenc(hash, cipher): encrypt, then a MAC over associated data and ciphertext.
 * C: crypto/authenc.c, include/crypto/authenc.h (6.1)
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { CRYPTO_ALG_TYPE_AEAD } from '../../src/crypto/algorithm.ts';
import { cryptoAuthencExtractkeys } from '../../src/crypto/keys.ts';
import { EBADMSG, EINVAL, type Errno } from '../../src/errno.ts';
import type { VirtAddr } from '../../src/units.ts';
import type { AeadAlg, AeadRequest, AeadTransform, CryptoAead } from '../aead.ts';
import {
  type AhashAlg,
  type AhashRequest,
  type CryptoAhash,
  cryptoAhashDigest,
  cryptoAhashSetkey,
  cryptoFreeAhash,
  cryptoSpawnAhash,
} from '../ahash.ts';
import { callAhash, callSkcipher, childSize, embedAhash, embedSkcipher } from '../child.ts';
import {
  checkNames,
  cryptoAlgtInheritedMask,
  cryptoCheckAttrType,
  cryptoGrabAhash,
  cryptoGrabSkcipher,
  instanceFlags,
  type TemplateRequest,
} from '../internal.ts';
import { type Scatterlist, sgAlloc } from '../lists/scatterlist.ts';
import {
  type CryptoSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  cryptoSpawnSkcipher,
  type SkcipherAlg,
  type SkcipherRequest,
} from '../skcipher.ts';
import { StageContext } from '../stages.ts';
import { copyReqFlags } from '../tfm.ts';
import { memcpySglist, scatterwalkFfwd, scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';
import { cryptoMemneq } from './gcm.ts';

/** @kernel crypto_authenc_create */
export function cryptoAuthencCreate(request: TemplateRequest): AeadAlg | Errno {
  return createAuthenc(request, 'authenc', (tfm, parts) => new AuthencTransform(tfm, parts));
}

/** The child transforms of an instance. @kernel crypto_authenc_ctx */
export interface CryptoAuthencCtx {
  readonly auth: CryptoAhash;
  readonly enc: CryptoSkcipher;
}

/**
 * An instance `template(hash, cipher)`; both authenc templates are built alike.
 * @kernel none: the common part of crypto_authenc_create and crypto_authenc_esn_create
 */
export function createAuthenc(
  request: TemplateRequest,
  template: string,
  make: (tfm: CryptoAead, parts: CryptoAuthencCtx) => AeadTransform,
): AeadAlg | Errno {
  const err = cryptoCheckAttrType(request, CRYPTO_ALG_TYPE_AEAD);
  if (err !== 0) return err;
  if (request.params.length < 2) return -EINVAL;
  const mask = cryptoAlgtInheritedMask(request);
  const auth = cryptoGrabAhash(request.api, request.params[0], mask);
  if (typeof auth === 'number') return auth;
  const enc = cryptoGrabSkcipher(request.api, request.params[1], mask);
  if (typeof enc === 'number') return enc;
  const name = `${template}(${auth.name},${enc.name})`;
  const driverName = `${template}(${auth.driverName},${enc.driverName})`;
  const tooLong = checkNames(name, driverName);
  if (tooLong !== 0) return tooLong;
  return {
    kind: 'aead',
    name,
    driverName,
    priority: enc.priority * 10 + auth.priority,
    flags: instanceFlags(CRYPTO_ALG_TYPE_AEAD, [auth, enc]),
    blocksize: enc.blocksize,
    alignmask: auth.alignmask | enc.alignmask,
    ivsize: enc.ivsize,
    maxauthsize: auth.digestsize,
    chunksize: enc.chunksize,
    spawns: [auth, enc],
    init: (tfm) => initAuthenc(tfm, auth, enc, make),
  };
}

function initAuthenc(
  tfm: CryptoAead,
  authAlg: AhashAlg,
  encAlg: SkcipherAlg,
  make: (tfm: CryptoAead, parts: CryptoAuthencCtx) => AeadTransform,
): AeadTransform | Errno {
  const auth = cryptoSpawnAhash(tfm.api, authAlg);
  if (typeof auth === 'number') return auth;
  const enc = cryptoSpawnSkcipher(tfm.api, encAlg);
  if (typeof enc === 'number') {
    cryptoFreeAhash(auth);
    return enc;
  }
  tfm.reqsize = childSize(enc, auth);
  return make(tfm, { auth, enc });
}

/** @kernel authenc_request_ctx */
export class AuthencRequestCtx extends StageContext {
  readonly src: Scatterlist[] = sgAlloc(2);
  readonly dst: Scatterlist[] = sgAlloc(2);
  readonly skreq: SkcipherRequest;
  readonly ahreq: AhashRequest;
  readonly hash: Uint8Array;
  readonly ihash: Uint8Array;

  constructor(req: AeadRequest, { auth, enc }: CryptoAuthencCtx, memory: VirtAddr) {
    super(req, /* kept */ 0);
    this.skreq = embedSkcipher(enc, memory);
    this.ahreq = embedAhash(auth, memory);
    this.hash = new Uint8Array(auth.alg.digestsize);
    this.ihash = new Uint8Array(auth.alg.digestsize);
  }
}

/** Keys, request contexts and the end of both templates. @kernel none: shared by authenc and authencesn */
export class AuthencBase {
  protected readonly tfm: CryptoAead;
  protected readonly parts: CryptoAuthencCtx;

  constructor(tfm: CryptoAead, parts: CryptoAuthencCtx) {
    this.tfm = tfm;
    this.parts = parts;
  }

  setkey(key: Uint8Array): Errno {
    const keys = cryptoAuthencExtractkeys(key);
    if (typeof keys === 'number') return keys;
    const { auth, enc } = this.parts;
    copyReqFlags(auth, this.tfm);
    copyReqFlags(enc, this.tfm);
    return cryptoAhashSetkey(auth, keys.authkey) || cryptoSkcipherSetkey(enc, keys.enckey);
  }

  initRequest(req: AeadRequest, memory: VirtAddr): AuthencRequestCtx {
    return new AuthencRequestCtx(req, this.parts, memory);
  }

  exit(): void {
    cryptoFreeAhash(this.parts.auth);
    cryptoFreeSkcipher(this.parts.enc);
  }

  protected rctxOf(req: AeadRequest): AuthencRequestCtx {
    if (!(req.ctx instanceof AuthencRequestCtx)) {
      throw new KernelBug('request of another transform');
    }
    return req.ctx;
  }

  /** Encrypts the text; the associated data is copied first when the lists differ. */
  protected encryptText(req: AeadRequest, rctx: AuthencRequestCtx): Errno {
    const { src, dst, assoclen, cryptlen, iv } = req;
    const from = scatterwalkFfwd(rctx.src[0], src, assoclen);
    let to = from;
    if (src !== dst) {
      memcpySglist(this.tfm.api.machine, dst, src, assoclen);
      to = scatterwalkFfwd(rctx.dst[0], dst, assoclen);
    }
    return callSkcipher(rctx, rctx.skreq, cryptoSkcipherEncrypt, from, to, cryptlen, iv);
  }
}

class AuthencTransform extends AuthencBase implements AeadTransform {
  encrypt(req: AeadRequest): Errno {
    const rctx = this.rctxOf(req);
    const { api, authsize } = this.tfm;
    const nbytes = req.assoclen + req.cryptlen;
    return rctx.start([
      () => this.encryptText(req, rctx),
      () => callAhash(rctx, rctx.ahreq, cryptoAhashDigest, req.dst, nbytes, rctx.hash),
      () => {
        scatterwalkMapAndCopy(api.machine, rctx.hash, req.dst, nbytes, authsize, 1);
        return 0;
      },
    ]);
  }

  decrypt(req: AeadRequest): Errno {
    const rctx = this.rctxOf(req);
    const nbytes = req.assoclen + req.cryptlen - this.tfm.authsize;
    return rctx.start([
      () => callAhash(rctx, rctx.ahreq, cryptoAhashDigest, req.src, nbytes, rctx.hash),
      () => this.decryptTail(req, rctx, nbytes),
    ]);
  }

  /** @kernel crypto_authenc_decrypt_tail */
  private decryptTail(req: AeadRequest, rctx: AuthencRequestCtx, nbytes: number): Errno {
    const { api, authsize } = this.tfm;
    const { src, dst, assoclen, iv } = req;
    scatterwalkMapAndCopy(api.machine, rctx.ihash, src, nbytes, authsize, 0);
    if (cryptoMemneq(rctx.ihash, rctx.hash, authsize)) return -EBADMSG;
    const from = scatterwalkFfwd(rctx.src[0], src, assoclen);
    const to = src === dst ? from : scatterwalkFfwd(rctx.dst[0], dst, assoclen);
    const cryptlen = req.cryptlen - authsize;
    return callSkcipher(rctx, rctx.skreq, cryptoSkcipherDecrypt, from, to, cryptlen, iv);
  }
}
