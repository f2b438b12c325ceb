/**
 * rfc4543(gcm): GMAC in the IPsec form. The text is associated data and is copied, not encrypted.
 * C: crypto/gcm.c crypto_rfc4543_* (6.1)
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { CRYPTO_ALG_TYPE_AEAD } from '../../src/crypto/algorithm.ts';
import { GCM_IV_SIZE } from '../../src/crypto/catalogue.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { VirtAddr } from '../../src/units.ts';
import {
  type AeadAlg,
  type AeadRequest,
  type AeadTransform,
  type CryptoAead,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoFreeAead,
  cryptoSpawnAead,
} from '../aead.ts';
import { callAead, childSize, embedAead } from '../child.ts';
import {
  checkNames,
  cryptoAlgtInheritedMask,
  cryptoCheckAttrType,
  cryptoGrabAead,
  instanceFlags,
  type TemplateRequest,
} from '../internal.ts';
import { StageContext } from '../stages.ts';
import { copyReqFlags } from '../tfm.ts';
import { memcpySglist } from '../walk/scatterwalk.ts';
import { cryptoIpsecCheckAssoclen } from './rfc4106.ts';

const IV_SIZE = 8;
const NONCE_SIZE = 4;

/** @returns -EINVAL for a child that is no gcm. @kernel crypto_rfc4543_create */
export function cryptoRfc4543Create(request: TemplateRequest): AeadAlg | Errno {
  const err = cryptoCheckAttrType(request, CRYPTO_ALG_TYPE_AEAD);
  if (err !== 0) return err;
  const child = cryptoGrabAead(request.api, request.params[0], cryptoAlgtInheritedMask(request));
  if (typeof child === 'number') return child;
  if (child.ivsize !== GCM_IV_SIZE || child.blocksize !== 1) return -EINVAL;
  const name = `rfc4543(${child.name})`;
  const driverName = `rfc4543(${child.driverName})`;
  const tooLong = checkNames(name, driverName);
  if (tooLong !== 0) return tooLong;
  return {
    ...child,
    name,
    driverName,
    flags: instanceFlags(CRYPTO_ALG_TYPE_AEAD, [child]),
    ivsize: IV_SIZE,
    spawns: [child],
    init: (tfm) => rfc4543Init(tfm, child),
  };
}

function rfc4543Init(tfm: CryptoAead, alg: AeadAlg): AeadTransform | Errno {
  const child = cryptoSpawnAead(tfm.api, alg);
  if (typeof child === 'number') return child;
  tfm.reqsize = childSize(child);
  return new Rfc4543Transform(tfm, child);
}

class Rfc4543Request extends StageContext {
  readonly iv: Uint8Array = new Uint8Array(GCM_IV_SIZE);
  readonly subreq: AeadRequest;

  constructor(req: AeadRequest, child: CryptoAead, memory: VirtAddr) {
    super(req);
    this.subreq = embedAead(child, memory);
  }
}

class Rfc4543Transform implements AeadTransform {
  private readonly tfm: CryptoAead;
  private readonly child: CryptoAead;
  private readonly nonce = new Uint8Array(NONCE_SIZE);

  constructor(tfm: CryptoAead, child: CryptoAead) {
    this.tfm = tfm;
    this.child = child;
  }

  setkey(key: Uint8Array): Errno {
    const keylen = key.length - NONCE_SIZE;
    if (keylen < 0) return -EINVAL;
    this.nonce.set(key.subarray(keylen));
    copyReqFlags(this.child, this.tfm);
    return cryptoAeadSetkey(this.child, key.slice(0, keylen));
  }

  setauthsize(authsize: number): Errno {
    return authsize === 16 ? cryptoAeadSetauthsize(this.child, authsize) : -EINVAL;
  }

  initRequest(req: AeadRequest, memory: VirtAddr): Rfc4543Request {
    return new Rfc4543Request(req, this.child, memory);
  }

  exit(): void {
    cryptoFreeAead(this.child);
  }

  encrypt(req: AeadRequest): Errno {
    return cryptoIpsecCheckAssoclen(req.assoclen) || this.crypt(req, cryptoAeadEncrypt, 0);
  }

  decrypt(req: AeadRequest): Errno {
    const { authsize } = this.tfm;
    return cryptoIpsecCheckAssoclen(req.assoclen) || this.crypt(req, cryptoAeadDecrypt, authsize);
  }

  private crypt(req: AeadRequest, operation: (req: AeadRequest) => Errno, cryptlen: number): Errno {
    const rctx = req.ctx;
    if (!(rctx instanceof Rfc4543Request)) throw new KernelBug('request of another transform');
    const assoclen = req.assoclen + req.cryptlen - cryptlen;
    if (req.src !== req.dst) memcpySglist(this.tfm.api.machine, req.dst, req.src, assoclen);
    const { iv, subreq } = rctx;
    iv.set(this.nonce);
    iv.set(req.iv.subarray(0, IV_SIZE), NONCE_SIZE);
    return rctx.start([() => callAead(rctx, subreq, operation, req, cryptlen, assoclen, iv)]);
  }
}
