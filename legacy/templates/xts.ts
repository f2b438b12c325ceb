/**
 * xts(ecb(cipher)): the tweak is XORed in two passes around one request to the ecb child, and
 * ciphertext stealing handles the last two blocks through private copies.
 * C: crypto/xts.c, include/crypto/xts.h (6.1)
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import {
  CRYPTO_ALG_TYPE_SKCIPHER,
  CRYPTO_TFM_REQ_FORBID_WEAK_KEYS,
} from '../../src/crypto/algorithm.ts';
import { EINVAL, ENOENT, type Errno } from '../../src/errno.ts';
import { physAddr, type VirtAddr, virtAddr } from '../../src/units.ts';
import type { CipherAlg, CipherKernel } from '../cipher.ts';
import type { CryptoApi } from '../crypto-api.ts';
import {
  checkNames,
  cryptoAlgtInheritedMask,
  cryptoCheckAttrType,
  cryptoGrabCipher,
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
  SKCIPHER_REQUEST_SIZE,
  type SkcipherAlg,
  SkcipherRequest,
  type SkcipherTransform,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
  skcipherRequestSetTfm,
} from '../skcipher.ts';
import { StageContext, stageDone } from '../stages.ts';
import { copyReqFlags } from '../tfm.ts';
import { scatterwalkFfwd, scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';
import { SkcipherWalk, skcipherWalkDone, skcipherWalkVirt } from '../walk/skcipher-walk.ts';

const XTS_BLOCK_SIZE = 16;
/** x^128 modulo the polynomial of XTS. */
const XTS_POLY = 0x87;
/** Tweak, tail pointer and two list entries in front of the child's request. */
const REQUEST_HEAD = 16 + 8 + 48;

/**
 * `xts(name)`: over the skcipher `name` when it is an ecb, else over `ecb(name)`.
 * @kernel xts_create
 */
export function xtsCreate(request: TemplateRequest): SkcipherAlg | Errno {
  const err = cryptoCheckAttrType(request, CRYPTO_ALG_TYPE_SKCIPHER);
  if (err !== 0) return err;
  const mask = cryptoAlgtInheritedMask(request);
  const child = grabEcb(request.api, request.params[0], mask);
  if (typeof child === 'number') return child;
  if (child.ivsize !== 0 || child.blocksize !== XTS_BLOCK_SIZE) return -EINVAL;
  const inner = /^ecb\(([^()]*)\)$/.exec(child.name);
  if (inner === null) return -EINVAL;
  const cipher = cryptoGrabCipher(request.api, inner[1], mask);
  if (typeof cipher === 'number') return cipher;
  const name = `xts(${inner[1]})`;
  const driverName = `xts(${child.driverName})`;
  const tooLong = checkNames(name, driverName);
  if (tooLong !== 0) return tooLong;
  return {
    kind: 'skcipher',
    name,
    driverName,
    priority: child.priority,
    flags: instanceFlags(CRYPTO_ALG_TYPE_SKCIPHER, [child]),
    blocksize: XTS_BLOCK_SIZE,
    alignmask: child.alignmask | 7,
    ivsize: XTS_BLOCK_SIZE,
    chunksize: XTS_BLOCK_SIZE,
    walksize: XTS_BLOCK_SIZE,
    minKeysize: child.minKeysize * 2,
    maxKeysize: child.maxKeysize * 2,
    spawns: [child, cipher],
    init: (tfm) => xtsInit(tfm, child, cipher),
  };
}

/**
 * What every XTS driver checks first.
 * @returns -EINVAL for an odd length, and for equal halves when weak keys are forbidden.
 * @kernel xts_verify_key
 */
export function xtsVerifyKey(tfm: CryptoSkcipher, key: Uint8Array): Errno {
  if (key.length % 2 !== 0) return -EINVAL;
  if ((tfm.flags & CRYPTO_TFM_REQ_FORBID_WEAK_KEYS) === 0) return 0;
  const half = key.length / 2;
  return key.subarray(0, half).every((byte, i) => byte === key[half + i]) ? -EINVAL : 0;
}

/** Multiplies a tweak by x in place: 128 bits, little endian. @kernel gf128mul_x_ble */
export function gf128mulXBle(tweak: Uint8Array): void {
  let carry = 0;
  for (let i = 0; i < XTS_BLOCK_SIZE; i++) {
    const byte = tweak[i];
    tweak[i] = (byte << 1) | carry;
    carry = byte >>> 7;
  }
  if (carry !== 0) tweak[0] ^= XTS_POLY;
}

/** The skcipher of this name, or `ecb` of it. @kernel none: the two lookups of xts_create and lrw_create */
export function grabEcb(api: CryptoApi, name: string, mask: number): SkcipherAlg | Errno {
  const child = cryptoGrabSkcipher(api, name, mask);
  return child === -ENOENT ? cryptoGrabSkcipher(api, `ecb(${name})`, mask) : child;
}

function xtsInit(tfm: CryptoSkcipher, alg: SkcipherAlg, cipher: CipherAlg): XtsTransform | Errno {
  const child = cryptoSpawnSkcipher(tfm.api, alg);
  if (typeof child === 'number') return child;
  tfm.reqsize = REQUEST_HEAD + SKCIPHER_REQUEST_SIZE + child.reqsize;
  return new XtsTransform(tfm, child, cipher);
}

class XtsRequest extends StageContext {
  /** First tweak of the message, later that of the stolen block. */
  readonly t: Uint8Array = new Uint8Array(XTS_BLOCK_SIZE);
  readonly b: Uint8Array = new Uint8Array(2 * XTS_BLOCK_SIZE);
  readonly sg: Scatterlist[] = sgAlloc(2);
  tail: Scatterlist | null = null;
  readonly subreq: SkcipherRequest;

  constructor(req: SkcipherRequest, child: CryptoSkcipher, memory: VirtAddr) {
    super(req);
    this.subreq = new SkcipherRequest(child);
    this.subreq.memory = virtAddr(memory + REQUEST_HEAD);
    skcipherRequestSetTfm(this.subreq, child);
  }
}

class XtsTransform implements SkcipherTransform {
  private readonly tfm: CryptoSkcipher;
  private readonly child: CryptoSkcipher;
  private readonly cipher: CipherAlg;
  private tweak: CipherKernel | null = null;

  constructor(tfm: CryptoSkcipher, child: CryptoSkcipher, cipher: CipherAlg) {
    this.tfm = tfm;
    this.child = child;
    this.cipher = cipher;
  }

  setkey(key: Uint8Array): Errno {
    const err = xtsVerifyKey(this.tfm, key);
    if (err !== 0) return err;
    const half = key.length / 2;
    const tweak = this.cipher.setkey(key.slice(half), this.tfm.flags);
    if (typeof tweak === 'number') return tweak;
    this.tweak = tweak;
    copyReqFlags(this.child, this.tfm);
    return cryptoSkcipherSetkey(this.child, key.slice(0, half));
  }

  initRequest(req: SkcipherRequest, memory: VirtAddr): XtsRequest {
    return new XtsRequest(req, this.child, memory);
  }

  exit(): void {
    cryptoFreeSkcipher(this.child);
  }

  encrypt(req: SkcipherRequest): Errno {
    return this.crypt(req, /* enc */ true);
  }

  decrypt(req: SkcipherRequest): Errno {
    return this.crypt(req, /* enc */ false);
  }

  private crypt(req: SkcipherRequest, enc: boolean): Errno {
    const rctx = req.ctx;
    if (!(rctx instanceof XtsRequest)) throw new KernelBug('request of another transform');
    if (req.cryptlen < XTS_BLOCK_SIZE) return -EINVAL;
    const { subreq } = rctx;
    const stages = [
      () => this.xorTweak(req, rctx, enc, /* secondPass */ false),
      () => {
        const len = req.cryptlen - (req.cryptlen % XTS_BLOCK_SIZE);
        skcipherRequestSetTfm(subreq, this.child);
        skcipherRequestSetCallback(subreq, rctx.flags, stageDone, rctx);
        skcipherRequestSetCrypt(subreq, req.dst, req.dst, len, null);
        return enc ? cryptoSkcipherEncrypt(subreq) : cryptoSkcipherDecrypt(subreq);
      },
      () => this.xorTweak(req, rctx, enc, /* secondPass */ true),
    ];
    if (req.cryptlen % XTS_BLOCK_SIZE !== 0) {
      stages.push(
        () => this.stealBegin(req, rctx),
        () => (enc ? cryptoSkcipherEncrypt(subreq) : cryptoSkcipherDecrypt(subreq)),
        () => this.stealEnd(rctx),
      );
    }
    rctx.t.set(req.iv.subarray(0, XTS_BLOCK_SIZE));
    this.tweak?.encryptBlock(rctx.t);
    return rctx.start(stages);
  }

  /** XORs the tweaks from src to dst (first pass) or over dst (second pass). @kernel xts_xor_tweak */
  private xorTweak(
    req: SkcipherRequest,
    rctx: XtsRequest,
    enc: boolean,
    secondPass: boolean,
  ): Errno {
    const { api } = this.tfm;
    const cts = req.cryptlen % XTS_BLOCK_SIZE !== 0;
    const t = rctx.t.slice();
    const walk = new SkcipherWalk(api.machine, api.recorder);
    let walked = req;
    if (secondPass) {
      // The second pass walks the child's request with the alignment of the parent.
      walked = rctx.subreq;
      walked.tfm = this.tfm;
      // A continuation runs in the child's completion, where nothing may sleep.
      walked.flags = rctx.flags;
    }
    let err = skcipherWalkVirt(walk, walked, /* atomic */ false);
    while (walk.nbytes > 0) {
      let avail = walk.nbytes;
      let done = 0;
      do {
        if (cts && walk.total - walk.nbytes + avail < 2 * XTS_BLOCK_SIZE) {
          if (!enc) {
            if (secondPass) rctx.t.set(t);
            gf128mulXBle(t);
          }
          xorStep(api, walk.dst + done, walk.src + done, t);
          if (enc && secondPass) {
            rctx.t.set(t);
            gf128mulXBle(rctx.t);
          }
          skcipherWalkDone(walk, avail - XTS_BLOCK_SIZE);
          return 0;
        }
        xorStep(api, walk.dst + done, walk.src + done, t);
        gf128mulXBle(t);
        done += XTS_BLOCK_SIZE;
        avail -= XTS_BLOCK_SIZE;
      } while (avail >= XTS_BLOCK_SIZE);
      err = skcipherWalkDone(walk, avail);
    }
    return err;
  }

  /** Swaps the partial block with the head of the last full one. @kernel xts_cts_final */
  private stealBegin(req: SkcipherRequest, rctx: XtsRequest): Errno {
    const { machine } = this.tfm.api;
    const { b, subreq } = rctx;
    const tail = req.cryptlen % XTS_BLOCK_SIZE;
    const offset = req.cryptlen - tail;
    rctx.tail = scatterwalkFfwd(rctx.sg[0], req.dst, offset - XTS_BLOCK_SIZE);
    scatterwalkMapAndCopy(machine, b, rctx.tail, 0, XTS_BLOCK_SIZE, 0);
    b.copyWithin(XTS_BLOCK_SIZE, 0, XTS_BLOCK_SIZE);
    scatterwalkMapAndCopy(machine, b, req.src, offset, tail, 0);
    xorBlock(b, rctx.t);
    scatterwalkMapAndCopy(machine, b, rctx.tail, 0, XTS_BLOCK_SIZE + tail, 1);
    skcipherRequestSetTfm(subreq, this.child);
    skcipherRequestSetCallback(subreq, rctx.flags, stageDone, rctx);
    skcipherRequestSetCrypt(subreq, rctx.tail, rctx.tail, XTS_BLOCK_SIZE, null);
    return 0;
  }

  /** @kernel xts_cts_done */
  private stealEnd(rctx: XtsRequest): Errno {
    const { machine } = this.tfm.api;
    scatterwalkMapAndCopy(machine, rctx.b, rctx.tail, 0, XTS_BLOCK_SIZE, 0);
    xorBlock(rctx.b, rctx.t);
    scatterwalkMapAndCopy(machine, rctx.b, rctx.tail, 0, XTS_BLOCK_SIZE, 1);
    return 0;
  }
}

const block = new Uint8Array(XTS_BLOCK_SIZE);

function xorStep(api: CryptoApi, dst: number, src: number, t: Uint8Array): void {
  block.set(api.machine.load(physAddr(src), XTS_BLOCK_SIZE));
  xorBlock(block, t);
  api.machine.store(physAddr(dst), block);
}

function xorBlock(bytes: Uint8Array, t: Uint8Array): void {
  for (let i = 0; i < XTS_BLOCK_SIZE; i++) bytes[i] ^= t[i];
}
