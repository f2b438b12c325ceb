/**
 * essiv(authenc(...), hash), the form of dm-crypt with integrity: associated data ends with the IV, so
 * the encrypted IV takes its place there, in the caller's list or in a private one.
 * C: crypto/essiv.c essiv_aead_* (6.1)
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { CRYPTO_ALG_TYPE_AEAD } from '../../src/crypto/algorithm.ts';
import { cryptoAuthencExtractkeys } from '../../src/crypto/keys.ts';
import { EINVAL, ENOMEM, type Errno } from '../../src/errno.ts';
import { linearToPhys } from '../../src/machine/address.ts';
import { type VirtAddr, virtAddr } from '../../src/units.ts';
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
import type { CipherKernel } from '../cipher.ts';
import {
  cryptoAlgtInheritedMask,
  cryptoGrabAead,
  instanceFlags,
  type TemplateRequest,
} from '../internal.ts';
import {
  type Scatterlist,
  sgAlloc,
  sgChain,
  sgInitTable,
  sgNentsForLen,
  sgPage,
  sgSetBuf,
  sgSetPage,
} from '../lists/scatterlist.ts';
import { StageContext } from '../stages.ts';
import { copyReqFlags } from '../tfm.ts';
import { scatterwalkFfwd, scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';
import { type EssivParts, essivKey, essivParts } from './essiv-parts.ts';

const NO_MEMORY: VirtAddr = virtAddr(0);

/** @returns -EINVAL for a child that is no authenc. @kernel none: the AEAD case of essiv_create */
export function essivAead(request: TemplateRequest): AeadAlg | Errno {
  const { api, params } = request;
  const child = cryptoGrabAead(api, params[0], cryptoAlgtInheritedMask(request));
  if (typeof child === 'number') return child;
  if (!child.name.startsWith('authenc(')) return -EINVAL;
  const parts = essivParts(request, child, child.ivsize);
  if (typeof parts === 'number') return parts;
  return {
    ...child,
    name: parts.name,
    driverName: parts.driverName,
    flags: instanceFlags(CRYPTO_ALG_TYPE_AEAD, [child, parts.hash]),
    spawns: [child],
    init: (tfm) => {
      const aead = cryptoSpawnAead(tfm.api, child);
      if (typeof aead === 'number') return aead;
      tfm.reqsize = child.ivsize + childSize(aead);
      return new EssivAeadTransform(tfm, aead, parts);
    },
  };
}

class EssivAeadRequest extends StageContext {
  readonly sg: Scatterlist[] = sgAlloc(4);
  readonly iv: VirtAddr;
  readonly subreq: AeadRequest;
  /** Associated data that lies in several entries, in one piece. */
  assoc: VirtAddr = NO_MEMORY;
  private readonly tfm: CryptoAead;

  constructor(req: AeadRequest, child: CryptoAead, memory: VirtAddr) {
    super(req);
    this.tfm = child;
    this.iv = memory;
    this.subreq = embedAead(child, memoryAt(memory, child.alg.ivsize));
  }

  protected override release(): void {
    if (this.assoc !== NO_MEMORY) this.tfm.api.machine.slab.kfree(this.assoc);
    this.assoc = NO_MEMORY;
  }
}

class EssivAeadTransform implements AeadTransform {
  private readonly tfm: CryptoAead;
  private readonly child: CryptoAead;
  private readonly parts: EssivParts;
  private essivCipher: CipherKernel | null = null;

  constructor(tfm: CryptoAead, child: CryptoAead, parts: EssivParts) {
    this.tfm = tfm;
    this.child = child;
    this.parts = parts;
  }

  setkey(key: Uint8Array): Errno {
    copyReqFlags(this.child, this.tfm);
    const err = cryptoAeadSetkey(this.child, key);
    if (err !== 0) return err;
    const keys = cryptoAuthencExtractkeys(key);
    if (typeof keys === 'number') return keys;
    const kernel = essivKey(this.parts, this.tfm.flags, [keys.enckey, keys.authkey]);
    if (typeof kernel === 'number') return kernel;
    this.essivCipher = kernel;
    return 0;
  }

  setauthsize(authsize: number): Errno {
    return cryptoAeadSetauthsize(this.child, authsize);
  }

  initRequest(req: AeadRequest, memory: VirtAddr): EssivAeadRequest {
    return new EssivAeadRequest(req, this.child, memory);
  }

  exit(): void {
    cryptoFreeAead(this.child);
  }

  encrypt(req: AeadRequest): Errno {
    return this.crypt(req, /* enc */ true);
  }

  decrypt(req: AeadRequest): Errno {
    return this.crypt(req, /* enc */ false);
  }

  /** @kernel essiv_aead_crypt */
  private crypt(req: AeadRequest, enc: boolean): Errno {
    const rctx = req.ctx;
    if (!(rctx instanceof EssivAeadRequest)) throw new KernelBug('request of another transform');
    const { ivsize } = this.tfm.alg;
    const ssize = req.assoclen - ivsize;
    if (ssize < 0) return -EINVAL;
    const iv = req.iv.subarray(0, ivsize);
    this.essivCipher?.encryptBlock(iv);
    let { src } = req;
    if (src === req.dst || !enc) {
      scatterwalkMapAndCopy(this.tfm.api.machine, iv, req.dst, ssize, ivsize, 1);
    } else {
      const err = this.glue(req, rctx, ssize);
      if (err !== 0) return err;
      src = rctx.sg[0];
    }
    const lists = { src, dst: req.dst };
    const operation = enc ? cryptoAeadEncrypt : cryptoAeadDecrypt;
    const { cryptlen, assoclen } = req;
    return rctx.start([
      () => callAead(rctx, rctx.subreq, operation, lists, cryptlen, assoclen, req.iv),
    ]);
  }

  /** Sector number, encrypted IV, text: a list of its own, because the source must stay as it is. */
  private glue(req: AeadRequest, rctx: EssivAeadRequest, ssize: number): Errno {
    const { machine } = this.tfm.api;
    const { sg } = rctx;
    const { src } = req;
    const nents = sgNentsForLen(src, ssize);
    if (nents < 0 || src === null) return -EINVAL;
    machine.store(linearToPhys(rctx.iv), req.iv.subarray(0, this.tfm.alg.ivsize));
    sgInitTable(sg, 4);
    if (nents > 1) {
      const assoc = machine.slab.kmalloc(ssize, 'essiv');
      if (assoc === null) return -ENOMEM;
      rctx.assoc = assoc;
      scatterwalkMapAndCopy(machine, linearToPhys(assoc), src, 0, ssize, 0);
      sgSetBuf(machine, sg[0], assoc, ssize);
    } else {
      sgSetPage(sg[0], sgPage(src), ssize, src.offset);
    }
    sgSetBuf(machine, sg[1], rctx.iv, this.tfm.alg.ivsize);
    const rest = scatterwalkFfwd(sg[2], src, req.assoclen);
    if (rest !== sg[2]) sgChain(sg[0], 3, rest);
    return 0;
  }
}
