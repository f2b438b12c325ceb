/**
 * ccm(cipher) and ccm_base(ctr, cbcmac).
 *
 * The caller's IV is the counter block of the CTR child, so it is changed. The MAC reads private
 * blocks and the caller's lists glued together, through the hash walk.
 * C: crypto/ccm.c (6.1)
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { CRYPTO_ALG_ASYNC, CRYPTO_ALG_TYPE_AEAD } from '../../src/crypto/algorithm.ts';
import { EBADMSG, EINVAL, EOVERFLOW, type Errno } from '../../src/errno.ts';
import { linearToPhys } from '../../src/machine/address.ts';
import type { VirtAddr } from '../../src/units.ts';
import type { AeadAlg, AeadRequest, AeadTransform, CryptoAead } from '../aead.ts';
import {
  type AhashAlg,
  type AhashRequest,
  type CryptoAhash,
  cryptoAhashFinup,
  cryptoAhashInit,
  cryptoAhashSetkey,
  cryptoAhashUpdate,
  cryptoFreeAhash,
  cryptoSpawnAhash,
} from '../ahash.ts';
import {
  callAhash,
  callSkcipher,
  childSize,
  embedAhash,
  embedSkcipher,
  memoryAt,
} from '../child.ts';
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
  type SkcipherRequest,
} from '../skcipher.ts';
import { StageContext } from '../stages.ts';
import { copyReqFlags } from '../tfm.ts';
import { scatterwalkFfwd, scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';
import { cryptoMemneq } from './gcm.ts';

const BLOCK = 16;
/** Machine memory of a request: first MAC block (later the tag), lengths and padding. */
const REQUEST_HEAD = 2 * BLOCK;

/** `ccm(cipher)`: over `ctr(cipher)` and `cbcmac(cipher)`. @kernel crypto_ccm_create */
export function cryptoCcmCreate(request: TemplateRequest): AeadAlg | Errno {
  const [cipher] = request.params;
  return cryptoCcmCreateCommon(request, `ctr(${cipher})`, `cbcmac(${cipher})`);
}

/** `ccm_base(ctr, cbcmac)`; its generic name is `ccm(cipher)`. @kernel crypto_ccm_base_create */
export function cryptoCcmBaseCreate(request: TemplateRequest): AeadAlg | Errno {
  if (request.params.length < 2) return -EINVAL;
  return cryptoCcmCreateCommon(request, request.params[0], request.params[1]);
}

function cryptoCcmCreateCommon(
  request: TemplateRequest,
  ctrName: string,
  macName: string,
): AeadAlg | Errno {
  const err = cryptoCheckAttrType(request, CRYPTO_ALG_TYPE_AEAD);
  if (err !== 0) return err;
  const mask = cryptoAlgtInheritedMask(request);
  // The MAC is computed inside one call: an asynchronous one does not fit.
  const mac = cryptoGrabAhash(request.api, macName, mask | CRYPTO_ALG_ASYNC);
  if (typeof mac === 'number') return mac;
  if (!mac.name.startsWith('cbcmac(') || mac.digestsize !== BLOCK) return -EINVAL;
  const ctr = cryptoGrabSkcipher(request.api, ctrName, mask);
  if (typeof ctr === 'number') return ctr;
  if (!ctr.name.startsWith('ctr(') || ctr.ivsize !== BLOCK || ctr.blocksize !== 1) return -EINVAL;
  if (ctr.name.slice(4) !== mac.name.slice(7)) return -EINVAL;
  const name = `ccm(${ctr.name.slice(4)}`;
  const driverName = `ccm_base(${ctr.driverName},${mac.driverName})`;
  const tooLong = checkNames(name, driverName);
  if (tooLong !== 0) return tooLong;
  return {
    kind: 'aead',
    name,
    driverName,
    priority: Math.floor((mac.priority + ctr.priority) / 2),
    flags: instanceFlags(CRYPTO_ALG_TYPE_AEAD, [ctr, mac]),
    blocksize: 1,
    alignmask: mac.alignmask | ctr.alignmask,
    ivsize: BLOCK,
    maxauthsize: BLOCK,
    chunksize: ctr.chunksize,
    spawns: [ctr, mac],
    init: (tfm) => ccmInit(tfm, ctr, mac),
  };
}

function ccmInit(tfm: CryptoAead, ctrAlg: SkcipherAlg, macAlg: AhashAlg): AeadTransform | Errno {
  const mac = cryptoSpawnAhash(tfm.api, macAlg);
  if (typeof mac === 'number') return mac;
  const ctr = cryptoSpawnSkcipher(tfm.api, ctrAlg);
  if (typeof ctr === 'number') {
    cryptoFreeAhash(mac);
    return ctr;
  }
  tfm.reqsize = REQUEST_HEAD + childSize(ctr, mac);
  return new CcmTransform(tfm, ctr, mac);
}

class CcmRequest extends StageContext {
  /** First block of the MAC's input, later its result; the first entry of the CTR lists. */
  readonly odata: VirtAddr;
  /** Length of the associated data, later padding. */
  readonly idata: VirtAddr;
  readonly tag: Uint8Array = new Uint8Array(BLOCK);
  readonly authTag: Uint8Array = new Uint8Array(BLOCK);
  /** Counter block of a decryption. */
  readonly iv: Uint8Array = new Uint8Array(BLOCK);
  readonly src: Scatterlist[] = sgAlloc(3);
  readonly dst: Scatterlist[] = sgAlloc(3);
  readonly sg: Scatterlist[] = sgAlloc(3);
  readonly skreq: SkcipherRequest;
  readonly ahreq: AhashRequest;

  constructor(req: AeadRequest, ctr: CryptoSkcipher, mac: CryptoAhash, memory: VirtAddr) {
    super(req, /* kept */ 0);
    this.odata = memory;
    this.idata = memoryAt(memory, BLOCK);
    const child = memoryAt(memory, REQUEST_HEAD);
    this.skreq = embedSkcipher(ctr, child);
    this.ahreq = embedAhash(mac, child);
  }
}

class CcmTransform implements AeadTransform {
  private readonly tfm: CryptoAead;
  private readonly ctr: CryptoSkcipher;
  private readonly mac: CryptoAhash;

  constructor(tfm: CryptoAead, ctr: CryptoSkcipher, mac: CryptoAhash) {
    this.tfm = tfm;
    this.ctr = ctr;
    this.mac = mac;
  }

  setkey(key: Uint8Array): Errno {
    copyReqFlags(this.ctr, this.tfm);
    copyReqFlags(this.mac, this.tfm);
    return cryptoSkcipherSetkey(this.ctr, key) || cryptoAhashSetkey(this.mac, key);
  }

  setauthsize(authsize: number): Errno {
    return authsize >= 4 && authsize % 2 === 0 ? 0 : -EINVAL;
  }

  initRequest(req: AeadRequest, memory: VirtAddr): CcmRequest {
    return new CcmRequest(req, this.ctr, this.mac, memory);
  }

  exit(): void {
    cryptoFreeSkcipher(this.ctr);
    cryptoFreeAhash(this.mac);
  }

  encrypt(req: AeadRequest): Errno {
    const rctx = rctxOf(req);
    const err = this.initCrypt(req, rctx);
    if (err !== 0) return err;
    const { machine } = this.tfm.api;
    const { cryptlen } = req;
    return rctx.start([
      ...this.authStages(req, rctx, () => sgNext(rctx.src[0]), cryptlen),
      () => {
        machine.store(linearToPhys(rctx.odata), rctx.tag);
        return this.crypt(req, rctx, cryptoSkcipherEncrypt, cryptlen, req.iv);
      },
      () => {
        const tag = machine.load(linearToPhys(rctx.odata), BLOCK).slice();
        const at = req.assoclen + cryptlen;
        scatterwalkMapAndCopy(machine, tag, req.dst, at, this.tfm.authsize, 1);
        return 0;
      },
    ]);
  }

  decrypt(req: AeadRequest): Errno {
    const rctx = rctxOf(req);
    const err = this.initCrypt(req, rctx);
    if (err !== 0) return err;
    const { machine } = this.tfm.api;
    const { authsize } = this.tfm;
    const cryptlen = req.cryptlen - authsize;
    const dst = req.src === req.dst ? rctx.src : rctx.dst;
    rctx.authTag.fill(0);
    scatterwalkMapAndCopy(machine, rctx.authTag, req.src, req.assoclen + cryptlen, authsize, 0);
    machine.store(linearToPhys(rctx.odata), rctx.authTag);
    rctx.iv.set(req.iv.subarray(0, BLOCK));
    return rctx.start([
      () => this.crypt(req, rctx, cryptoSkcipherDecrypt, cryptlen, rctx.iv),
      () => {
        rctx.authTag.set(machine.load(linearToPhys(rctx.odata), BLOCK));
        return 0;
      },
      ...this.authStages(req, rctx, () => sgNext(dst[0]), cryptlen),
      () => (cryptoMemneq(rctx.authTag, rctx.tag, authsize) ? -EBADMSG : 0),
    ]);
  }

  /** Checks the IV, clears its counter, and glues the tag block in front. @kernel crypto_ccm_init_crypt */
  private initCrypt(req: AeadRequest, rctx: CcmRequest): Errno {
    const { iv } = req;
    if (iv[0] < 1 || iv[0] > 7) return -EINVAL;
    iv.fill(0, 15 - iv[0], BLOCK);
    this.glue(rctx, rctx.src, req.src, req.assoclen);
    if (req.src !== req.dst) this.glue(rctx, rctx.dst, req.dst, req.assoclen);
    return 0;
  }

  private glue(
    rctx: CcmRequest,
    table: Scatterlist[],
    list: Scatterlist | null,
    assoclen: number,
  ): void {
    sgInitTable(table, 3);
    sgSetBuf(this.tfm.api.machine, table[0], rctx.odata, BLOCK);
    const sg = scatterwalkFfwd(table[1], list, assoclen);
    if (sg !== table[1]) sgChain(table[0], 2, sg);
  }

  private crypt(
    req: AeadRequest,
    rctx: CcmRequest,
    operation: (req: SkcipherRequest) => Errno,
    cryptlen: number,
    iv: Uint8Array,
  ): Errno {
    const dst = req.src === req.dst ? rctx.src : rctx.dst;
    const { skreq } = rctx;
    return callSkcipher(rctx, skreq, operation, rctx.src[0], dst[0], cryptlen + BLOCK, iv);
  }

  /** CBC-MAC over (B0, length, AD, padding, text) into `tag`. @kernel crypto_ccm_auth */
  private authStages(
    req: AeadRequest,
    rctx: CcmRequest,
    plain: () => Scatterlist | null,
    cryptlen: number,
  ): (() => Errno)[] {
    const { machine } = this.tfm.api;
    const { ahreq, sg } = rctx;
    let head = 0;
    return [
      () => {
        const err = formatInput(rctx.tag, req, this.tfm.authsize, cryptlen);
        if (err !== 0) return err;
        return callAhash(rctx, ahreq, cryptoAhashInit, null, 0);
      },
      () => {
        machine.store(linearToPhys(rctx.odata), rctx.tag);
        sgInitTable(sg, 3);
        sgSetBuf(machine, sg[0], rctx.odata, BLOCK);
        if (req.assoclen > 0) {
          const length = formatAdata(req.assoclen);
          machine.store(linearToPhys(rctx.idata), length);
          sgSetBuf(machine, sg[1], rctx.idata, length.length);
          sgChain(sg[0], 3, req.src);
          head = length.length;
        } else {
          sgChain(sg[0], 2, req.src);
        }
        return callAhash(rctx, ahreq, cryptoAhashUpdate, sg[0], req.assoclen + head + BLOCK);
      },
      () => {
        const padding = BLOCK - ((req.assoclen + head) % BLOCK);
        let list = plain();
        let nbytes = cryptlen;
        if (padding < BLOCK) {
          machine.fill(linearToPhys(rctx.idata), padding, 0);
          sgInitTable(sg, 2);
          sgSetBuf(machine, sg[0], rctx.idata, padding);
          if (list !== null) sgChain(sg[0], 2, list);
          list = sg[0];
          nbytes += padding;
        }
        return callAhash(rctx, ahreq, cryptoAhashFinup, list, nbytes, rctx.tag);
      },
    ];
  }
}

function rctxOf(req: AeadRequest): CcmRequest {
  if (!(req.ctx instanceof CcmRequest)) throw new KernelBug('request of another transform');
  return req.ctx;
}

/**
 * The first block, B0.
 * @returns -EOVERFLOW for a text that its length field cannot hold; one byte late, because the limit
 *   itself is let through and encoded as 0.
 */
function formatInput(
  block: Uint8Array,
  req: AeadRequest,
  authsize: number,
  cryptlen: number,
): Errno {
  const size = req.iv[0] + 1;
  block.set(req.iv.subarray(0, BLOCK));
  block[0] |= 8 * ((authsize - 2) / 2);
  if (req.assoclen > 0) block[0] |= 64;
  block.fill(0, BLOCK - size);
  if (size < 4 && cryptlen > 2 ** (8 * size)) return -EOVERFLOW;
  let rest = cryptlen;
  for (let i = 1; i <= Math.min(size, 4); i++) {
    block[BLOCK - i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return 0;
}

/** The length of the associated data: 2 bytes, or fffe and 4. */
function formatAdata(assoclen: number): Uint8Array {
  if (assoclen < 65280) return Uint8Array.of(assoclen >>> 8, assoclen);
  const bytes = new Uint8Array(6);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xfffe);
  view.setUint32(2, assoclen);
  return bytes;
}
