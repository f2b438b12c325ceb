/**
 * rfc7539(chacha, poly1305) and rfc7539esp(chacha, poly1305).
 * C: crypto/chacha20poly1305.c (6.1)
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { CRYPTO_ALG_TYPE_AEAD } from '../../src/crypto/algorithm.ts';
import { EBADMSG, EINVAL, type Errno } from '../../src/errno.ts';
import { linearToPhys } from '../../src/machine/address.ts';
import type { VirtAddr } from '../../src/units.ts';
import type { AeadAlg, AeadRequest, AeadTransform, CryptoAead } from '../aead.ts';
import {
  type AhashAlg,
  type AhashRequest,
  type CryptoAhash,
  cryptoAhashFinup,
  cryptoAhashInit,
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
import { type Scatterlist, sgAlloc, sgInitOne } from '../lists/scatterlist.ts';
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
import { KEEP_ALL_BUT_SLEEP, StageContext } from '../stages.ts';
import { copyReqFlags } from '../tfm.ts';
import { scatterwalkFfwd, scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';
import { cryptoMemneq } from './gcm.ts';

const CHACHA_KEY_SIZE = 32;
const CHACHA_IV_SIZE = 16;
const POLY1305_KEY_SIZE = 32;
const POLY1305_DIGEST_SIZE = 16;
/** What RFC 7539 has for a nonce; the esp form takes a part of it from the key. */
const NONCE_SIZE = 12;
const ESP_IV_SIZE = 8;
/** Machine memory of a request: one-time key, padding, lengths. */
const REQUEST_HEAD = POLY1305_KEY_SIZE + 2 * POLY1305_DIGEST_SIZE;

/** @kernel rfc7539_create */
export function rfc7539Create(request: TemplateRequest): AeadAlg | Errno {
  return chachapolyCreate(request, 'rfc7539', NONCE_SIZE);
}

/** @kernel rfc7539esp_create */
export function rfc7539espCreate(request: TemplateRequest): AeadAlg | Errno {
  return chachapolyCreate(request, 'rfc7539esp', ESP_IV_SIZE);
}

/** Takes any hash of a 16-byte digest for poly1305, as 6.1 does. */
function chachapolyCreate(
  request: TemplateRequest,
  template: string,
  ivsize: number,
): AeadAlg | Errno {
  const err = cryptoCheckAttrType(request, CRYPTO_ALG_TYPE_AEAD);
  if (err !== 0) return err;
  if (request.params.length < 2) return -EINVAL;
  const mask = cryptoAlgtInheritedMask(request);
  const chacha = cryptoGrabSkcipher(request.api, request.params[0], mask);
  if (typeof chacha === 'number') return chacha;
  const poly = cryptoGrabAhash(request.api, request.params[1], mask);
  if (typeof poly === 'number') return poly;
  if (poly.digestsize !== POLY1305_DIGEST_SIZE) return -EINVAL;
  if (chacha.ivsize !== CHACHA_IV_SIZE || chacha.blocksize !== 1) return -EINVAL;
  const name = `${template}(${chacha.name},${poly.name})`;
  const driverName = `${template}(${chacha.driverName},${poly.driverName})`;
  const tooLong = checkNames(name, driverName);
  if (tooLong !== 0) return tooLong;
  return {
    kind: 'aead',
    name,
    driverName,
    priority: Math.floor((chacha.priority + poly.priority) / 2),
    flags: instanceFlags(CRYPTO_ALG_TYPE_AEAD, [chacha, poly]),
    blocksize: 1,
    alignmask: chacha.alignmask | poly.alignmask,
    ivsize,
    maxauthsize: POLY1305_DIGEST_SIZE,
    chunksize: chacha.chunksize,
    spawns: [chacha, poly],
    init: (tfm) => chachapolyInit(tfm, chacha, poly),
  };
}

function chachapolyInit(
  tfm: CryptoAead,
  chachaAlg: SkcipherAlg,
  polyAlg: AhashAlg,
): AeadTransform | Errno {
  const poly = cryptoSpawnAhash(tfm.api, polyAlg);
  if (typeof poly === 'number') return poly;
  const chacha = cryptoSpawnSkcipher(tfm.api, chachaAlg);
  if (typeof chacha === 'number') {
    cryptoFreeAhash(poly);
    return chacha;
  }
  tfm.reqsize = REQUEST_HEAD + childSize(chacha, poly);
  return new ChachapolyTransform(tfm, chacha, poly);
}

class ChachapolyRequest extends StageContext {
  readonly key: VirtAddr;
  readonly pad: VirtAddr;
  readonly tail: VirtAddr;
  readonly iv: Uint8Array = new Uint8Array(CHACHA_IV_SIZE);
  readonly tag: Uint8Array = new Uint8Array(POLY1305_DIGEST_SIZE);
  readonly src: Scatterlist[] = sgAlloc(2);
  readonly dst: Scatterlist[] = sgAlloc(2);
  readonly skreq: SkcipherRequest;
  readonly ahreq: AhashRequest;
  /** Text without tag. */
  cryptlen = 0;
  /** Associated data that is hashed. */
  assoclen = 0;

  constructor(req: AeadRequest, chacha: CryptoSkcipher, poly: CryptoAhash, memory: VirtAddr) {
    super(req, KEEP_ALL_BUT_SLEEP);
    this.key = memory;
    this.pad = memoryAt(memory, POLY1305_KEY_SIZE);
    this.tail = memoryAt(memory, POLY1305_KEY_SIZE + POLY1305_DIGEST_SIZE);
    const child = memoryAt(memory, REQUEST_HEAD);
    this.skreq = embedSkcipher(chacha, child);
    this.ahreq = embedAhash(poly, child);
  }
}

class ChachapolyTransform implements AeadTransform {
  private readonly tfm: CryptoAead;
  private readonly chacha: CryptoSkcipher;
  private readonly poly: CryptoAhash;
  private salt = new Uint8Array(0);

  constructor(tfm: CryptoAead, chacha: CryptoSkcipher, poly: CryptoAhash) {
    this.tfm = tfm;
    this.chacha = chacha;
    this.poly = poly;
  }

  setkey(key: Uint8Array): Errno {
    if (key.length !== CHACHA_KEY_SIZE + NONCE_SIZE - this.tfm.alg.ivsize) return -EINVAL;
    this.salt = key.slice(CHACHA_KEY_SIZE);
    copyReqFlags(this.chacha, this.tfm);
    return cryptoSkcipherSetkey(this.chacha, key.slice(0, CHACHA_KEY_SIZE));
  }

  setauthsize(authsize: number): Errno {
    return authsize === POLY1305_DIGEST_SIZE ? 0 : -EINVAL;
  }

  initRequest(req: AeadRequest, memory: VirtAddr): ChachapolyRequest {
    return new ChachapolyRequest(req, this.chacha, this.poly, memory);
  }

  exit(): void {
    cryptoFreeSkcipher(this.chacha);
    cryptoFreeAhash(this.poly);
  }

  encrypt(req: AeadRequest): Errno {
    const rctx = rctxOf(req);
    const { machine } = this.tfm.api;
    rctx.cryptlen = req.cryptlen;
    return rctx.start([
      () => this.chachaText(req, rctx, cryptoSkcipherEncrypt),
      ...this.polyStages(req, rctx, req.dst),
      () => {
        const at = req.assoclen + rctx.cryptlen;
        scatterwalkMapAndCopy(machine, rctx.tag, req.dst, at, POLY1305_DIGEST_SIZE, 1);
        return 0;
      },
    ]);
  }

  decrypt(req: AeadRequest): Errno {
    const rctx = rctxOf(req);
    const { machine } = this.tfm.api;
    rctx.cryptlen = req.cryptlen - POLY1305_DIGEST_SIZE;
    return rctx.start([
      ...this.polyStages(req, rctx, req.src),
      () => this.chachaText(req, rctx, cryptoSkcipherDecrypt),
      () => {
        const tag = new Uint8Array(POLY1305_DIGEST_SIZE);
        const at = req.assoclen + rctx.cryptlen;
        scatterwalkMapAndCopy(machine, tag, req.src, at, POLY1305_DIGEST_SIZE, 0);
        return cryptoMemneq(tag, rctx.tag, POLY1305_DIGEST_SIZE) ? -EBADMSG : 0;
      },
    ]);
  }

  /** Block counter, salt, nonce. @kernel chacha_iv */
  private chachaIv(req: AeadRequest, rctx: ChachapolyRequest, counter: number): Uint8Array {
    const { iv } = rctx;
    iv.fill(0);
    iv[0] = counter;
    iv.set(this.salt, 4);
    iv.set(req.iv.subarray(0, NONCE_SIZE - this.salt.length), 4 + this.salt.length);
    return iv;
  }

  private chachaText(
    req: AeadRequest,
    rctx: ChachapolyRequest,
    operation: (req: SkcipherRequest) => Errno,
  ): Errno {
    if (rctx.cryptlen === 0) return 0;
    const iv = this.chachaIv(req, rctx, 1);
    const src = scatterwalkFfwd(rctx.src[0], req.src, req.assoclen);
    const dst = req.src === req.dst ? src : scatterwalkFfwd(rctx.dst[0], req.dst, req.assoclen);
    return callSkcipher(rctx, rctx.skreq, operation, src, dst, rctx.cryptlen, iv);
  }

  /** Poly1305 over AD, text and their lengths, each padded to blocks, into `tag`. */
  private polyStages(
    req: AeadRequest,
    rctx: ChachapolyRequest,
    text: Scatterlist | null,
  ): (() => Errno)[] {
    const { machine } = this.tfm.api;
    const { ahreq, src } = rctx;
    const update = (sg: Scatterlist | null, len: number): Errno =>
      callAhash(rctx, ahreq, cryptoAhashUpdate, sg, len);
    const pad = (len: number): Errno => {
      const padding = -len & (POLY1305_DIGEST_SIZE - 1);
      sgInitOne(machine, src[0], rctx.pad, padding);
      return update(src[0], padding);
    };
    return [
      () => this.genkey(req, rctx),
      () => callAhash(rctx, ahreq, cryptoAhashInit, null, 0),
      () => {
        machine.fill(linearToPhys(rctx.pad), POLY1305_DIGEST_SIZE, 0);
        sgInitOne(machine, src[0], rctx.key, POLY1305_KEY_SIZE);
        return update(src[0], POLY1305_KEY_SIZE);
      },
      () => update(req.src, rctx.assoclen),
      () => pad(rctx.assoclen),
      () => update(scatterwalkFfwd(src[0], text, req.assoclen), rctx.cryptlen),
      () => pad(rctx.cryptlen),
      () => {
        machine.store(linearToPhys(rctx.tail), lengthsOf(rctx));
        sgInitOne(machine, src[0], rctx.tail, POLY1305_DIGEST_SIZE);
        const size = POLY1305_DIGEST_SIZE;
        return callAhash(rctx, ahreq, cryptoAhashFinup, src[0], size, rctx.tag);
      },
    ];
  }

  /** The one-time key is the keystream of counter 0. @kernel poly_genkey */
  private genkey(req: AeadRequest, rctx: ChachapolyRequest): Errno {
    const { machine } = this.tfm.api;
    rctx.assoclen = req.assoclen;
    if (this.tfm.alg.ivsize === ESP_IV_SIZE) {
      // The IV is at the end of the associated data and is not hashed.
      if (rctx.assoclen < ESP_IV_SIZE) return -EINVAL;
      rctx.assoclen -= ESP_IV_SIZE;
    }
    machine.fill(linearToPhys(rctx.key), POLY1305_KEY_SIZE, 0);
    const [sg] = rctx.src;
    sgInitOne(machine, sg, rctx.key, POLY1305_KEY_SIZE);
    const iv = this.chachaIv(req, rctx, 0);
    return callSkcipher(rctx, rctx.skreq, cryptoSkcipherEncrypt, sg, sg, POLY1305_KEY_SIZE, iv);
  }
}

function rctxOf(req: AeadRequest): ChachapolyRequest {
  if (!(req.ctx instanceof ChachapolyRequest)) throw new KernelBug('request of another transform');
  return req.ctx;
}

/** Both lengths in bytes, 64 bits each, little endian. */
function lengthsOf(rctx: ChachapolyRequest): Uint8Array {
  const bytes = new Uint8Array(POLY1305_DIGEST_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, rctx.assoclen, true);
  view.setUint32(8, rctx.cryptlen, true);
  return bytes;
}
