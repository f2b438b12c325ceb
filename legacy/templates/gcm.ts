/**
 * gcm(cipher) and gcm_base(ctr, ghash).
 *
 * CTR runs over a private list that begins with the 16 bytes of `auth_tag`, so that one request
 * encrypts the tag block with the first counter and the text with the next ones. GHASH reads the
 * lists through the hash walk, with all that it does to empty entries.
 * C: crypto/gcm.c (6.1)
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { CRYPTO_ALG_TYPE_AEAD } from '../../src/crypto/algorithm.ts';
import { GCM_IV_SIZE } from '../../src/crypto/catalogue.ts';
import { EBADMSG, EINVAL, type Errno } from '../../src/errno.ts';
import { linearToPhys } from '../../src/machine/address.ts';
import { type VirtAddr, virtAddr } from '../../src/units.ts';
import {
  AEAD_REQUEST_SIZE,
  type AeadAlg,
  type AeadRequest,
  type AeadTransform,
  type CryptoAead,
} from '../aead.ts';
import {
  type AhashAlg,
  AhashRequest,
  ahashRequestSetCallback,
  ahashRequestSetCrypt,
  ahashRequestSetTfm,
  type CryptoAhash,
  cryptoAhashFinup,
  cryptoAhashInit,
  cryptoAhashSetkey,
  cryptoAhashUpdate,
  cryptoFreeAhash,
  cryptoSpawnAhash,
} from '../ahash.ts';
import {
  checkNames,
  cryptoAlgtInheritedMask,
  cryptoCheckAttrType,
  cryptoGrabAhash,
  cryptoGrabSkcipher,
  instanceFlags,
  type TemplateRequest,
} from '../internal.ts';
import {
  type Scatterlist,
  sgAlloc,
  sgChain,
  sgInitOne,
  sgInitTable,
  sgNext,
  sgSetBuf,
} from '../lists/scatterlist.ts';
import {
  type CryptoSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  cryptoSpawnSkcipher,
  type SkcipherAlg,
  SkcipherRequest,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
  skcipherRequestSetTfm,
} from '../skcipher.ts';
import { StageContext, stageDone } from '../stages.ts';
import { copyReqFlags } from '../tfm.ts';
import { scatterwalkFfwd, scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';
import { hashKeyOf } from './gcm-key.ts';

const BLOCK = 16;
/** Machine memory of a request: tag block, length block, zeros. */
const REQUEST_HEAD = 3 * BLOCK;

/** `gcm(cipher)`: over `ctr(cipher)` and `ghash`. @kernel crypto_gcm_create */
export function cryptoGcmCreate(request: TemplateRequest): AeadAlg | Errno {
  return cryptoGcmCreateCommon(request, `ctr(${request.params[0]})`, 'ghash');
}

/** `gcm_base(ctr, ghash)`; its generic name is `gcm(cipher)`. @kernel crypto_gcm_base_create */
export function cryptoGcmBaseCreate(request: TemplateRequest): AeadAlg | Errno {
  if (request.params.length < 2) return -EINVAL;
  return cryptoGcmCreateCommon(request, request.params[0], request.params[1]);
}

/** @returns 0 for 4, 8 and 12 to 16, else -EINVAL. @kernel crypto_gcm_check_authsize */
export function cryptoGcmCheckAuthsize(authsize: number): Errno {
  return authsize === 4 || authsize === 8 || (authsize >= 12 && authsize <= 16) ? 0 : -EINVAL;
}

/** Compares all bytes whatever they are. @kernel crypto_memneq */
export function cryptoMemneq(a: Uint8Array, b: Uint8Array, size: number): boolean {
  let differ = 0;
  for (let i = 0; i < size; i++) differ |= a[i] ^ b[i];
  return differ !== 0;
}

function cryptoGcmCreateCommon(
  request: TemplateRequest,
  ctrName: string,
  ghashName: string,
): AeadAlg | Errno {
  const err = cryptoCheckAttrType(request, CRYPTO_ALG_TYPE_AEAD);
  if (err !== 0) return err;
  const mask = cryptoAlgtInheritedMask(request);
  const ghash = cryptoGrabAhash(request.api, ghashName, mask);
  if (typeof ghash === 'number') return ghash;
  if (ghash.name !== 'ghash' || ghash.digestsize !== BLOCK) return -EINVAL;
  const ctr = cryptoGrabSkcipher(request.api, ctrName, mask);
  if (typeof ctr === 'number') return ctr;
  if (!ctr.name.startsWith('ctr(') || ctr.ivsize !== BLOCK || ctr.blocksize !== 1) return -EINVAL;
  const name = `gcm(${ctr.name.slice(4)}`;
  const driverName = `gcm_base(${ctr.driverName},${ghash.driverName})`;
  const tooLong = checkNames(name, driverName);
  if (tooLong !== 0) return tooLong;
  return {
    kind: 'aead',
    name,
    driverName,
    priority: Math.floor((ghash.priority + ctr.priority) / 2),
    flags: instanceFlags(CRYPTO_ALG_TYPE_AEAD, [ctr, ghash]),
    blocksize: 1,
    alignmask: ghash.alignmask | ctr.alignmask,
    ivsize: GCM_IV_SIZE,
    maxauthsize: BLOCK,
    chunksize: ctr.chunksize,
    spawns: [ctr, ghash],
    init: (tfm) => gcmInit(tfm, ctr, ghash),
  };
}

function gcmInit(tfm: CryptoAead, ctrAlg: SkcipherAlg, ghashAlg: AhashAlg): AeadTransform | Errno {
  const ghash = cryptoSpawnAhash(tfm.api, ghashAlg);
  if (typeof ghash === 'number') return ghash;
  const ctr = cryptoSpawnSkcipher(tfm.api, ctrAlg);
  if (typeof ctr === 'number') {
    cryptoFreeAhash(ghash);
    return ctr;
  }
  tfm.reqsize = REQUEST_HEAD + AEAD_REQUEST_SIZE + Math.max(ctr.reqsize, ghash.reqsize);
  return new GcmTransform(tfm, ctr, ghash);
}

class GcmRequest extends StageContext {
  /** Counter block: nonce and 1. */
  readonly iv: Uint8Array = new Uint8Array(BLOCK);
  readonly iauthTag: Uint8Array = new Uint8Array(BLOCK);
  readonly block: Uint8Array = new Uint8Array(BLOCK);
  /** E(J0) after CTR ran; the first entry of both private lists. */
  readonly authTag: VirtAddr;
  readonly lengths: VirtAddr;
  readonly zeroes: VirtAddr;
  readonly src: Scatterlist[] = sgAlloc(3);
  readonly dst: Scatterlist[] = sgAlloc(3);
  readonly sg: Scatterlist[] = sgAlloc(1);
  readonly skreq: SkcipherRequest;
  readonly ahreq: AhashRequest;
  /** What GHASH reads behind the associated data. */
  hashed: Scatterlist | null = null;
  cryptlen = 0;

  constructor(req: AeadRequest, ctr: CryptoSkcipher, ghash: CryptoAhash, memory: VirtAddr) {
    super(req, /* kept */ 0);
    this.authTag = memory;
    this.lengths = virtAddr(memory + BLOCK);
    this.zeroes = virtAddr(memory + 2 * BLOCK);
    req.tfm.api.machine.fill(linearToPhys(this.zeroes), BLOCK, 0);
    // A union in C: never in use at the same time.
    this.skreq = new SkcipherRequest(ctr);
    this.skreq.memory = virtAddr(memory + REQUEST_HEAD);
    skcipherRequestSetTfm(this.skreq, ctr);
    this.ahreq = new AhashRequest(ghash);
    this.ahreq.memory = this.skreq.memory;
    ahashRequestSetTfm(this.ahreq, ghash);
  }
}

class GcmTransform implements AeadTransform {
  private readonly tfm: CryptoAead;
  private readonly ctr: CryptoSkcipher;
  private readonly ghash: CryptoAhash;

  constructor(tfm: CryptoAead, ctr: CryptoSkcipher, ghash: CryptoAhash) {
    this.tfm = tfm;
    this.ctr = ctr;
    this.ghash = ghash;
  }

  setkey(key: Uint8Array): Errno {
    copyReqFlags(this.ctr, this.tfm);
    const err = cryptoSkcipherSetkey(this.ctr, key);
    if (err !== 0) return err;
    const h = hashKeyOf(this.ctr);
    if (typeof h === 'number') return h;
    copyReqFlags(this.ghash, this.tfm);
    return cryptoAhashSetkey(this.ghash, h);
  }

  setauthsize(authsize: number): Errno {
    return cryptoGcmCheckAuthsize(authsize);
  }

  initRequest(req: AeadRequest, memory: VirtAddr): GcmRequest {
    return new GcmRequest(req, this.ctr, this.ghash, memory);
  }

  exit(): void {
    cryptoFreeSkcipher(this.ctr);
    cryptoFreeAhash(this.ghash);
  }

  encrypt(req: AeadRequest): Errno {
    const rctx = this.initCommon(req);
    rctx.cryptlen = req.cryptlen;
    return rctx.start([
      () => this.crypt(req, rctx, /* enc */ true),
      () => {
        rctx.hashed = sgNext((req.src === req.dst ? rctx.src : rctx.dst)[0]);
        return 0;
      },
      ...this.hashStages(req, rctx),
      () => this.copyHash(req, rctx),
    ]);
  }

  decrypt(req: AeadRequest): Errno {
    const rctx = this.initCommon(req);
    rctx.cryptlen = req.cryptlen - this.tfm.authsize;
    rctx.hashed = sgNext(rctx.src[0]);
    return rctx.start([
      ...this.hashStages(req, rctx),
      () => this.crypt(req, rctx, /* enc */ false),
      () => this.verify(req, rctx),
    ]);
  }

  /** @kernel crypto_gcm_init_common */
  private initCommon(req: AeadRequest): GcmRequest {
    const rctx = req.ctx;
    if (!(rctx instanceof GcmRequest)) throw new KernelBug('request of another transform');
    const { machine } = this.tfm.api;
    machine.fill(linearToPhys(rctx.authTag), BLOCK, 0);
    rctx.iv.set(req.iv.subarray(0, GCM_IV_SIZE));
    rctx.iv.set([0, 0, 0, 1], GCM_IV_SIZE);
    this.glue(rctx, rctx.src, req.src, req.assoclen);
    if (req.src !== req.dst) this.glue(rctx, rctx.dst, req.dst, req.assoclen);
    return rctx;
  }

  /** auth_tag || list behind the associated data. */
  private glue(
    rctx: GcmRequest,
    table: Scatterlist[],
    list: Scatterlist | null,
    assoclen: number,
  ): void {
    sgInitTable(table, 3);
    sgSetBuf(this.tfm.api.machine, table[0], rctx.authTag, BLOCK);
    const sg = scatterwalkFfwd(table[1], list, assoclen);
    if (sg !== table[1]) sgChain(table[0], 2, sg);
  }

  private crypt(req: AeadRequest, rctx: GcmRequest, enc: boolean): Errno {
    const { skreq } = rctx;
    const dst = req.src === req.dst ? rctx.src : rctx.dst;
    skcipherRequestSetCallback(skreq, rctx.flags, stageDone, rctx);
    skcipherRequestSetCrypt(skreq, rctx.src[0], dst[0], rctx.cryptlen + BLOCK, rctx.iv);
    return enc ? cryptoSkcipherEncrypt(skreq) : cryptoSkcipherDecrypt(skreq);
  }

  /** GHASH(AD, padding, text, padding, lengths) into `iauthTag`. @kernel gcm_hash */
  private hashStages(req: AeadRequest, rctx: GcmRequest): (() => Errno)[] {
    const { ahreq } = rctx;
    const update = (sg: Scatterlist | null, len: number): Errno => {
      if (len === 0) return 0;
      ahashRequestSetCallback(ahreq, rctx.flags, stageDone, rctx);
      ahashRequestSetCrypt(ahreq, sg, null, len);
      return cryptoAhashUpdate(ahreq);
    };
    const pad = (len: number): Errno => {
      sgInitOne(this.tfm.api.machine, rctx.sg[0], rctx.zeroes, BLOCK);
      return update(rctx.sg[0], -len & (BLOCK - 1));
    };
    return [
      () => {
        ahashRequestSetCallback(ahreq, rctx.flags, stageDone, rctx);
        return cryptoAhashInit(ahreq);
      },
      () => update(req.src, req.assoclen),
      () => pad(req.assoclen),
      () => update(rctx.hashed, rctx.cryptlen),
      () => pad(rctx.cryptlen),
      () => {
        this.writeLengths(req, rctx);
        sgInitOne(this.tfm.api.machine, rctx.sg[0], rctx.lengths, BLOCK);
        ahashRequestSetCallback(ahreq, rctx.flags, stageDone, rctx);
        ahashRequestSetCrypt(ahreq, rctx.sg[0], rctx.iauthTag, BLOCK);
        return cryptoAhashFinup(ahreq);
      },
    ];
  }

  private writeLengths(req: AeadRequest, rctx: GcmRequest): void {
    const view = new DataView(rctx.block.buffer);
    setBits(view, 0, req.assoclen);
    setBits(view, 8, rctx.cryptlen);
    this.tfm.api.machine.store(linearToPhys(rctx.lengths), rctx.block);
  }

  /** The tag: GHASH xor E(J0). */
  private tagOf(rctx: GcmRequest): Uint8Array {
    const tag = rctx.block;
    tag.set(this.tfm.api.machine.load(linearToPhys(rctx.authTag), BLOCK));
    for (let i = 0; i < BLOCK; i++) tag[i] ^= rctx.iauthTag[i];
    return tag;
  }

  /** @kernel gcm_enc_copy_hash */
  private copyHash(req: AeadRequest, rctx: GcmRequest): Errno {
    const { api, authsize } = this.tfm;
    const at = req.assoclen + req.cryptlen;
    scatterwalkMapAndCopy(api.machine, this.tagOf(rctx), req.dst, at, authsize, 1);
    return 0;
  }

  /** @kernel crypto_gcm_verify */
  private verify(req: AeadRequest, rctx: GcmRequest): Errno {
    const { api, authsize } = this.tfm;
    const tag = this.tagOf(rctx);
    const at = req.assoclen + rctx.cryptlen;
    scatterwalkMapAndCopy(api.machine, rctx.iauthTag, req.src, at, authsize, 0);
    return cryptoMemneq(rctx.iauthTag, tag, authsize) ? -EBADMSG : 0;
  }
}

/** Writes a length in bits, 64 bits wide. */
function setBits(view: DataView, at: number, bytes: number): void {
  view.setUint32(at, Math.floor(bytes / 0x20000000));
  view.setUint32(at + 4, (bytes * 8) >>> 0);
}
