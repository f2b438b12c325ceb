/**
 * authencesn(hash, cipher): authenc with extended sequence numbers. The high half of the sequence
 * number, bytes 4 to 8 of the associated data, is hashed behind the ciphertext; for that, bytes are
 * moved inside the caller's destination list.
 * C: crypto/authencesn.c (6.1, with the two corrections of 2026)
 * @module
 */
import { EBADMSG, EINVAL, type Errno } from '../../src/errno.ts';
import type { AeadAlg, AeadRequest, AeadTransform } from '../aead.ts';
import { cryptoAhashDigest } from '../ahash.ts';
import { callAhash, callSkcipher } from '../child.ts';
import type { TemplateRequest } from '../internal.ts';
import { cryptoSkcipherDecrypt } from '../skcipher.ts';
import { memcpySglist, scatterwalkFfwd, scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';
import { AuthencBase, type AuthencRequestCtx, createAuthenc } from './authenc.ts';
import { cryptoMemneq } from './gcm.ts';

/** SPI and the high half of the sequence number. */
const HEAD = 8;

/** @kernel crypto_authenc_esn_create */
export function cryptoAuthencEsnCreate(request: TemplateRequest): AeadAlg | Errno {
  return createAuthenc(request, 'authencesn', (tfm, parts) => new AuthencEsnTransform(tfm, parts));
}

class AuthencEsnTransform extends AuthencBase implements AeadTransform {
  setauthsize(authsize: number): Errno {
    // The tag's place holds 4 bytes of the sequence number for a while.
    return authsize > 0 && authsize < 4 ? -EINVAL : 0;
  }

  encrypt(req: AeadRequest): Errno {
    if (req.assoclen < HEAD) return -EINVAL;
    const rctx = this.rctxOf(req);
    const { api, authsize } = this.tfm;
    const end = req.assoclen + req.cryptlen;
    return rctx.start([
      () => this.encryptText(req, rctx),
      () => this.hashInPlace(req, rctx, end),
      () => {
        this.moveBack(req, end);
        scatterwalkMapAndCopy(api.machine, rctx.hash, req.dst, end, authsize, 1);
        return 0;
      },
    ]);
  }

  decrypt(req: AeadRequest): Errno {
    if (req.assoclen < HEAD) return -EINVAL;
    const rctx = this.rctxOf(req);
    const { api, authsize } = this.tfm;
    const end = req.assoclen + req.cryptlen - authsize;
    scatterwalkMapAndCopy(api.machine, rctx.ihash, req.src, end, authsize, 0);
    const inPlace = req.src === req.dst;
    return rctx.start([
      () => (inPlace ? this.hashInPlace(req, rctx, end) : this.hashAssembled(req, rctx, end)),
      () => {
        if (inPlace) this.moveBack(req, end);
        else memcpySglist(api.machine, req.dst, req.src, req.assoclen);
        return this.decryptTail(req, rctx);
      },
    ]);
  }

  /** Moves the high half to `end` and hashes from byte 4 on. */
  private hashInPlace(req: AeadRequest, rctx: AuthencRequestCtx, end: number): Errno {
    const { machine } = this.tfm.api;
    const head = new Uint8Array(HEAD);
    scatterwalkMapAndCopy(machine, head, req.dst, 0, HEAD, 0);
    scatterwalkMapAndCopy(machine, head, req.dst, 4, 4, 1);
    scatterwalkMapAndCopy(machine, head.subarray(4), req.dst, end, 4, 1);
    const dst = scatterwalkFfwd(rctx.dst[0], req.dst, 4);
    return callAhash(rctx, rctx.ahreq, cryptoAhashDigest, dst, end, rctx.hash);
  }

  /** Puts the head back; what stood at `end` is lost. */
  private moveBack(req: AeadRequest, end: number): void {
    const { machine } = this.tfm.api;
    const head = new Uint8Array(HEAD);
    scatterwalkMapAndCopy(machine, head, req.dst, 4, 4, 0);
    scatterwalkMapAndCopy(machine, head.subarray(4), req.dst, end, 4, 0);
    scatterwalkMapAndCopy(machine, head, req.dst, 0, HEAD, 1);
  }

  /**
   * Two lists: the whole input of the hash is written to dst, which has room for no more than it.
   * The head is written before the text is copied, so two lists over one memory lose the end of the
   * ciphertext: a valid message is -EBADMSG, in every kernel from 6.1.170 to 7.3.4.
   */
  private hashAssembled(req: AeadRequest, rctx: AuthencRequestCtx, end: number): Errno {
    const { machine } = this.tfm.api;
    const head = new Uint8Array(HEAD);
    const src = scatterwalkFfwd(rctx.src[0], req.src, HEAD);
    const dst = scatterwalkFfwd(rctx.dst[0], req.dst, 4);
    scatterwalkMapAndCopy(machine, head, req.src, 0, HEAD, 0);
    scatterwalkMapAndCopy(machine, head, req.dst, 0, 4, 1);
    scatterwalkMapAndCopy(machine, head.subarray(4), req.dst, end - 4, 4, 1);
    memcpySglist(machine, dst, src, end - HEAD);
    return callAhash(rctx, rctx.ahreq, cryptoAhashDigest, req.dst, end, rctx.hash);
  }

  /** @kernel crypto_authenc_esn_decrypt_tail */
  private decryptTail(req: AeadRequest, rctx: AuthencRequestCtx): Errno {
    const { authsize } = this.tfm;
    const { src, dst, assoclen, iv } = req;
    if (cryptoMemneq(rctx.ihash, rctx.hash, authsize)) return -EBADMSG;
    const from = scatterwalkFfwd(rctx.src[0], src, assoclen);
    const to = src === dst ? from : scatterwalkFfwd(rctx.dst[0], dst, assoclen);
    const cryptlen = req.cryptlen - authsize;
    return callSkcipher(rctx, rctx.skreq, cryptoSkcipherDecrypt, from, to, cryptlen, iv);
  }
}
