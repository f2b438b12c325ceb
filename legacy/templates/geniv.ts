/**
 * seqiv(aead) and echainiv(aead): IV generators. They copy source to destination, write an IV into
 * the text and run the child on the destination.
 * C: crypto/geniv.c, crypto/seqiv.c, crypto/echainiv.c (6.1)
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { CRYPTO_ALG_TYPE_AEAD } from '../../src/crypto/algorithm.ts';
import { EINVAL, ENOMEM, type Errno } from '../../src/errno.ts';
import { fillSeeded } from '../../src/prng.ts';
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
import { memcpySglist, scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';

const SEQNO_SIZE = 8;
const MASK_64 = 0xffffffffffffffffn;

/** @returns -EINVAL for a child whose IV is not 8 bytes. @kernel seqiv_aead_create */
export function seqivAeadCreate(request: TemplateRequest): AeadAlg | Errno {
  const alg = aeadGenivAlloc(request, 'seqiv', SeqivTransform);
  return typeof alg === 'number' || alg.ivsize === SEQNO_SIZE ? alg : -EINVAL;
}

/** @returns -EINVAL for a child whose IV is no multiple of 8 bytes. @kernel echainiv_aead_create */
export function echainivAeadCreate(request: TemplateRequest): AeadAlg | Errno {
  const alg = aeadGenivAlloc(request, 'echainiv', EchainivTransform);
  return typeof alg === 'number' || alg.ivsize % SEQNO_SIZE === 0 ? alg : -EINVAL;
}

type Generator = new (tfm: CryptoAead, child: CryptoAead) => AeadTransform;

/** @kernel aead_geniv_alloc */
function aeadGenivAlloc(
  request: TemplateRequest,
  template: string,
  generator: Generator,
): AeadAlg | Errno {
  const err = cryptoCheckAttrType(request, CRYPTO_ALG_TYPE_AEAD);
  if (err !== 0) return err;
  const child = cryptoGrabAead(request.api, request.params[0], cryptoAlgtInheritedMask(request));
  if (typeof child === 'number') return child;
  if (child.ivsize < SEQNO_SIZE) return -EINVAL;
  const name = `${template}(${child.name})`;
  const driverName = `${template}(${child.driverName})`;
  const tooLong = checkNames(name, driverName);
  if (tooLong !== 0) return tooLong;
  return {
    ...child,
    name,
    driverName,
    flags: instanceFlags(CRYPTO_ALG_TYPE_AEAD, [child]),
    // Registration sets what the template leaves open.
    chunksize: child.blocksize,
    spawns: [child],
    init: (tfm) => {
      const aead = cryptoSpawnAead(tfm.api, child);
      if (typeof aead === 'number') return aead;
      tfm.reqsize = childSize(aead);
      return new generator(tfm, aead);
    },
  };
}

class GenivRequest extends StageContext {
  readonly subreq: AeadRequest;

  constructor(req: AeadRequest, child: CryptoAead, memory: VirtAddr) {
    super(req);
    this.subreq = embedAead(child, memory);
  }
}

class Geniv {
  protected readonly tfm: CryptoAead;
  protected readonly child: CryptoAead;
  /** Random once per transform; drawn from the transform's number, so that runs repeat. */
  protected readonly salt: Uint8Array;

  constructor(tfm: CryptoAead, child: CryptoAead) {
    this.tfm = tfm;
    this.child = child;
    this.salt = new Uint8Array(child.alg.ivsize);
    fillSeeded(this.salt, tfm.id);
  }

  setkey(key: Uint8Array): Errno {
    copyReqFlags(this.child, this.tfm);
    return cryptoAeadSetkey(this.child, key);
  }

  setauthsize(authsize: number): Errno {
    return cryptoAeadSetauthsize(this.child, authsize);
  }

  initRequest(req: AeadRequest, memory: VirtAddr): GenivRequest {
    return new GenivRequest(req, this.child, memory);
  }

  exit(): void {
    cryptoFreeAead(this.child);
  }

  /** The IV stands in front of the ciphertext. */
  protected decryptBehindIv(req: AeadRequest): Errno {
    const rctx = rctxOf(req);
    const { ivsize } = this.tfm.alg;
    const { machine } = this.tfm.api;
    scatterwalkMapAndCopy(machine, req.iv, req.src, req.assoclen, ivsize, 0);
    const cryptlen = req.cryptlen - ivsize;
    const assoclen = req.assoclen + ivsize;
    return rctx.start([
      () => callAead(rctx, rctx.subreq, cryptoAeadDecrypt, req, cryptlen, assoclen, req.iv),
    ]);
  }

  protected copyText(req: AeadRequest): void {
    if (req.src === req.dst) return;
    memcpySglist(this.tfm.api.machine, req.dst, req.src, req.assoclen + req.cryptlen);
  }

  /** Runs the child in the destination list. */
  protected encryptChild(
    req: AeadRequest,
    cryptlen: number,
    assoclen: number,
    iv: Uint8Array,
  ): Errno {
    const rctx = rctxOf(req);
    const lists = { src: req.dst, dst: req.dst };
    return rctx.start([
      () => callAead(rctx, rctx.subreq, cryptoAeadEncrypt, lists, cryptlen, assoclen, iv),
    ]);
  }
}

class SeqivTransform extends Geniv implements AeadTransform {
  encrypt(req: AeadRequest): Errno {
    const { alg, api } = this.tfm;
    const { ivsize } = alg;
    if (req.cryptlen < ivsize) return -EINVAL;
    this.copyText(req);
    const { iv } = req;
    if ((iv.byteOffset & alg.alignmask) !== 0) {
      // 6.1 works on a copy of a misaligned IV and writes it back on success. Not modelled: here the
      // caller's IV changes at once, which shows while the request is pending and when it fails.
      const info = api.machine.slab.kmalloc(ivsize, 'seqiv');
      if (info === null) return -ENOMEM;
      api.machine.slab.kfreeSensitive(info);
    }
    for (let i = 0; i < ivsize; i++) iv[i] ^= this.salt[i];
    scatterwalkMapAndCopy(api.machine, iv, req.dst, req.assoclen, ivsize, 1);
    return this.encryptChild(req, req.cryptlen - ivsize, req.assoclen + ivsize, iv);
  }

  decrypt(req: AeadRequest): Errno {
    const { alg, authsize } = this.tfm;
    if (req.cryptlen < alg.ivsize + authsize) return -EINVAL;
    return this.decryptBehindIv(req);
  }
}

class EchainivTransform extends Geniv implements AeadTransform {
  encrypt(req: AeadRequest): Errno {
    const { ivsize } = this.tfm.alg;
    if (req.cryptlen < ivsize) return -EINVAL;
    this.copyText(req);
    const { iv } = req;
    const info = new DataView(iv.buffer, iv.byteOffset, iv.length);
    const salt = new DataView(this.salt.buffer);
    const seqno = info.getBigUint64(ivsize - SEQNO_SIZE);
    iv.fill(0, 0, ivsize);
    // The block of zeros is encrypted with the chained IV: what stands there is unpredictable.
    scatterwalkMapAndCopy(this.tfm.api.machine, iv, req.dst, req.assoclen, ivsize, 1);
    for (let at = ivsize - SEQNO_SIZE; at >= 0; at -= SEQNO_SIZE) {
      const factor = salt.getBigUint64(at, true) | 1n;
      info.setBigUint64(at, (factor * seqno) & MASK_64, true);
    }
    return this.encryptChild(req, req.cryptlen, req.assoclen, iv);
  }

  decrypt(req: AeadRequest): Errno {
    if (req.cryptlen < this.tfm.alg.ivsize) return -EINVAL;
    return this.decryptBehindIv(req);
  }
}

function rctxOf(req: AeadRequest): GenivRequest {
  if (!(req.ctx instanceof GenivRequest)) throw new KernelBug('request of another transform');
  return req.ctx;
}
