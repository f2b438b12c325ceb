/**
 * rfc4106(gcm) and rfc4309(ccm): the IPsec forms, with a nonce at the end of the key and the 8-byte IV
 * at the end of the associated data. What is left of the associated data is copied to linear memory.
 * C: crypto/gcm.c crypto_rfc4106_*, crypto/ccm.c crypto_rfc4309_* (6.1)
 *
 * The last 8 bytes of the associated data stand for the IV and are left out of it. They are not compared
 * with the IV of the request, which is the one that is used.
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { CRYPTO_ALG_TYPE_AEAD } from '../../src/crypto/algorithm.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { linearToPhys } from '../../src/machine/address.ts';
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
import { callAead, childSize, embedAead, memoryAt } from '../child.ts';
import {
  checkNames,
  cryptoAlgtInheritedMask,
  cryptoCheckAttrType,
  cryptoGrabAead,
  instanceFlags,
  type TemplateRequest,
} from '../internal.ts';
import { type Scatterlist, sgAlloc, sgChain, sgInitTable, sgSetBuf } from '../lists/scatterlist.ts';
import { StageContext } from '../stages.ts';
import { copyReqFlags } from '../tfm.ts';
import { scatterwalkFfwd, scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';

const IV_SIZE = 8;
/** Longest associated data behind the IV is cut off: 20 - 8, with room for alignment. */
const AD_SIZE = 16;

/** What tells the two forms apart. */
interface Form {
  readonly template: string;
  /** IV of the child: nonce, IV and what the child needs around them. */
  readonly childIvsize: number;
  readonly nonceSize: number;
  /** Where the nonce stands in the child's IV. */
  readonly nonceAt: number;
  /** First byte of the child's IV when the nonce does not begin there. */
  readonly lead: number | null;
}

const RFC4106: Form = {
  template: 'rfc4106',
  childIvsize: 12,
  nonceSize: 4,
  nonceAt: 0,
  lead: null,
};
const RFC4309: Form = { template: 'rfc4309', childIvsize: 16, nonceSize: 3, nonceAt: 1, lead: 3 };

/** @returns -EINVAL for a child that is no gcm. @kernel crypto_rfc4106_create */
export function cryptoRfc4106Create(request: TemplateRequest): AeadAlg | Errno {
  return createForm(request, RFC4106);
}

/** @returns -EINVAL for a child that is no ccm. @kernel crypto_rfc4309_create */
export function cryptoRfc4309Create(request: TemplateRequest): AeadAlg | Errno {
  return createForm(request, RFC4309);
}

/** @returns 0 for 16 and 20: SPI, sequence number and IV. @kernel crypto_ipsec_check_assoclen */
export function cryptoIpsecCheckAssoclen(assoclen: number): Errno {
  return assoclen === 16 || assoclen === 20 ? 0 : -EINVAL;
}

function createForm(request: TemplateRequest, form: Form): AeadAlg | Errno {
  const err = cryptoCheckAttrType(request, CRYPTO_ALG_TYPE_AEAD);
  if (err !== 0) return err;
  const child = cryptoGrabAead(request.api, request.params[0], cryptoAlgtInheritedMask(request));
  if (typeof child === 'number') return child;
  if (child.ivsize !== form.childIvsize || child.blocksize !== 1) return -EINVAL;
  const name = `${form.template}(${child.name})`;
  const driverName = `${form.template}(${child.driverName})`;
  const tooLong = checkNames(name, driverName);
  if (tooLong !== 0) return tooLong;
  return {
    ...child,
    name,
    driverName,
    flags: instanceFlags(CRYPTO_ALG_TYPE_AEAD, [child]),
    ivsize: IV_SIZE,
    spawns: [child],
    init: (tfm) => initForm(tfm, child, form),
  };
}

function initForm(tfm: CryptoAead, alg: AeadAlg, form: Form): AeadTransform | Errno {
  const child = cryptoSpawnAead(tfm.api, alg);
  if (typeof child === 'number') return child;
  tfm.reqsize = AD_SIZE + childSize(child);
  return new NonceTransform(tfm, child, form);
}

class NonceRequest extends StageContext {
  readonly ad: VirtAddr;
  readonly iv: Uint8Array;
  readonly src: Scatterlist[] = sgAlloc(3);
  readonly dst: Scatterlist[] = sgAlloc(3);
  readonly subreq: AeadRequest;

  constructor(req: AeadRequest, child: CryptoAead, memory: VirtAddr) {
    super(req);
    this.ad = memory;
    this.iv = new Uint8Array(child.alg.ivsize);
    this.subreq = embedAead(child, memoryAt(memory, AD_SIZE));
  }
}

class NonceTransform implements AeadTransform {
  private readonly tfm: CryptoAead;
  private readonly child: CryptoAead;
  private readonly form: Form;
  private nonce = new Uint8Array(0);

  constructor(tfm: CryptoAead, child: CryptoAead, form: Form) {
    this.tfm = tfm;
    this.child = child;
    this.form = form;
  }

  setkey(key: Uint8Array): Errno {
    const keylen = key.length - this.form.nonceSize;
    if (keylen < 0) return -EINVAL;
    this.nonce = key.slice(keylen);
    copyReqFlags(this.child, this.tfm);
    return cryptoAeadSetkey(this.child, key.slice(0, keylen));
  }

  setauthsize(authsize: number): Errno {
    if (authsize !== 8 && authsize !== 12 && authsize !== 16) return -EINVAL;
    return cryptoAeadSetauthsize(this.child, authsize);
  }

  initRequest(req: AeadRequest, memory: VirtAddr): NonceRequest {
    return new NonceRequest(req, this.child, memory);
  }

  exit(): void {
    cryptoFreeAead(this.child);
  }

  encrypt(req: AeadRequest): Errno {
    return cryptoIpsecCheckAssoclen(req.assoclen) || this.crypt(req, cryptoAeadEncrypt);
  }

  decrypt(req: AeadRequest): Errno {
    return cryptoIpsecCheckAssoclen(req.assoclen) || this.crypt(req, cryptoAeadDecrypt);
  }

  private crypt(req: AeadRequest, operation: (req: AeadRequest) => Errno): Errno {
    const rctx = req.ctx;
    if (!(rctx instanceof NonceRequest)) throw new KernelBug('request of another transform');
    const { form } = this;
    const { iv, subreq } = rctx;
    const assoclen = req.assoclen - IV_SIZE;
    if (form.lead !== null) iv[0] = form.lead;
    iv.set(this.nonce, form.nonceAt);
    iv.set(req.iv.subarray(0, IV_SIZE), form.nonceAt + form.nonceSize);
    const { machine } = this.tfm.api;
    scatterwalkMapAndCopy(machine, linearToPhys(rctx.ad), req.src, 0, assoclen, 0);
    this.glue(rctx, rctx.src, req.src, req.assoclen);
    if (req.src !== req.dst) this.glue(rctx, rctx.dst, req.dst, req.assoclen);
    const lists = {
      src: rctx.src[0],
      dst: req.src === req.dst ? rctx.src[0] : rctx.dst[0],
    };
    return rctx.start([() => callAead(rctx, subreq, operation, lists, req.cryptlen, assoclen, iv)]);
  }

  /** Linear associated data, then the list behind the associated data of the caller. */
  private glue(
    rctx: NonceRequest,
    table: Scatterlist[],
    list: Scatterlist | null,
    assoclen: number,
  ): void {
    sgInitTable(table, 3);
    sgSetBuf(this.tfm.api.machine, table[0], rctx.ad, assoclen - IV_SIZE);
    const sg = scatterwalkFfwd(table[1], list, assoclen);
    if (sg !== table[1]) sgChain(table[0], 2, sg);
  }
}
