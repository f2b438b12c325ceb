/**
 * adiantum(stream cipher, block cipher, nhpoly1305): length-preserving encryption of at least 16
 * bytes. Every bit of the result depends on every bit of the message.
 * C: crypto/adiantum.c (6.1)
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import {
  CRYPTO_ALG_TYPE_SKCIPHER,
  CRYPTO_TFM_REQ_MAY_BACKLOG,
  CRYPTO_TFM_REQ_MAY_SLEEP,
} from '../../src/crypto/algorithm.ts';
import { EBUSY, EINPROGRESS, EINVAL, ENOMEM, type Errno } from '../../src/errno.ts';
import { linearToPhys } from '../../src/machine/address.ts';
import { poly1305 } from '../../src/provider/soft/poly1305.ts';
import type { VirtAddr } from '../../src/units.ts';
import type { AhashAlg, HashFactory } from '../ahash.ts';
import { callSkcipher, childSize, embedSkcipher, memoryAt } from '../child.ts';
import type { CipherAlg, CipherKernel } from '../cipher.ts';
import {
  checkNames,
  cryptoAlgtInheritedMask,
  cryptoCheckAttrType,
  cryptoGrabCipher,
  cryptoGrabShash,
  cryptoGrabSkcipher,
  instanceFlags,
  type TemplateRequest,
} from '../internal.ts';
import { type Scatterlist, sgAlloc, sgInitOne, sgNents } from '../lists/scatterlist.ts';
import {
  SG_MITER_ATOMIC,
  SG_MITER_FROM_SG,
  sgMiterNext,
  sgMiterStart,
  sgMiterStop,
} from '../lists/sg-mapping-iter.ts';
import {
  type CryptoSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  cryptoSpawnSkcipher,
  type SkcipherAlg,
  type SkcipherRequest,
  type SkcipherTransform,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from '../skcipher.ts';
import { StageContext } from '../stages.ts';
import { copyReqFlags } from '../tfm.ts';
import { scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';

const BLOCK = 16;
const BLOCKCIPHER_KEY_SIZE = 32;
const NHPOLY1305_KEY_SIZE = 1088;
const HASH_KEY_SIZE = BLOCK + NHPOLY1305_KEY_SIZE;
const TWEAK_SIZE = 32;
const CHACHA_BLOCK_SIZE = 64;
/** Buffers of the request in front of the stream cipher's. */
const REQUEST_HEAD = 64;

/** @returns -EINVAL for ciphers and hashes that the construction does not allow. @kernel adiantum_create */
export function adiantumCreate(request: TemplateRequest): SkcipherAlg | Errno {
  const err = cryptoCheckAttrType(request, CRYPTO_ALG_TYPE_SKCIPHER);
  if (err !== 0) return err;
  const { api, params } = request;
  if (params.length < 2) return -EINVAL;
  const mask = cryptoAlgtInheritedMask(request);
  const stream = cryptoGrabSkcipher(api, params[0], mask);
  if (typeof stream === 'number') return stream;
  const cipher = cryptoGrabCipher(api, params[1], mask);
  if (typeof cipher === 'number') return cipher;
  const hash = cryptoGrabShash(api, params[2] ?? 'nhpoly1305', mask);
  if (typeof hash === 'number') return hash;
  if (stream.name !== 'xchacha12' && stream.name !== 'xchacha20') return -EINVAL;
  if (cipher.maxKeysize < BLOCKCIPHER_KEY_SIZE || cipher.blocksize !== BLOCK) return -EINVAL;
  if (hash.name !== 'nhpoly1305') return -EINVAL;
  const name = `adiantum(${stream.name},${cipher.name})`;
  const driverName = `adiantum(${stream.driverName},${cipher.driverName},${hash.driverName})`;
  const tooLong = checkNames(name, driverName);
  if (tooLong !== 0) return tooLong;
  return {
    kind: 'skcipher',
    name,
    driverName,
    // The stream cipher does most of the work, then the hash.
    priority: Math.floor((4 * stream.priority + 2 * hash.priority + cipher.priority) / 7),
    flags: instanceFlags(CRYPTO_ALG_TYPE_SKCIPHER, [stream, hash]),
    blocksize: BLOCK,
    alignmask: stream.alignmask,
    ivsize: TWEAK_SIZE,
    chunksize: BLOCK,
    walksize: BLOCK,
    minKeysize: stream.minKeysize,
    maxKeysize: stream.maxKeysize,
    spawns: [stream, cipher, hash],
    init: (tfm) => adiantumInit(tfm, stream, cipher, hash),
  };
}

function adiantumInit(
  tfm: CryptoSkcipher,
  streamAlg: SkcipherAlg,
  cipher: CipherAlg,
  hash: AhashAlg,
): SkcipherTransform | Errno {
  const stream = cryptoSpawnSkcipher(tfm.api, streamAlg);
  if (typeof stream === 'number') return stream;
  tfm.reqsize = REQUEST_HEAD + childSize(stream);
  return new AdiantumTransform(tfm, stream, cipher, hash);
}

interface AdiantumKeys {
  readonly cipher: CipherKernel;
  /** Key of the header hash: the clamped point, and zeros that add nothing. */
  readonly header: Uint8Array;
  readonly message: HashFactory;
}

class AdiantumRequest extends StageContext {
  /** The right-hand block, and behind it the rest of the stream cipher's IV. */
  readonly rbuf: Uint8Array = new Uint8Array(TWEAK_SIZE);
  readonly headerHash: Uint8Array = new Uint8Array(BLOCK);
  readonly digest: Uint8Array = new Uint8Array(BLOCK);
  readonly subreq: SkcipherRequest;

  constructor(req: SkcipherRequest, stream: CryptoSkcipher, memory: VirtAddr) {
    super(req);
    this.subreq = embedSkcipher(stream, memoryAt(memory, REQUEST_HEAD));
  }
}

class AdiantumTransform implements SkcipherTransform {
  private readonly tfm: CryptoSkcipher;
  private readonly stream: CryptoSkcipher;
  private readonly cipher: CipherAlg;
  private readonly hash: AhashAlg;
  private keys: AdiantumKeys | null = null;

  constructor(tfm: CryptoSkcipher, stream: CryptoSkcipher, cipher: CipherAlg, hash: AhashAlg) {
    this.tfm = tfm;
    this.stream = stream;
    this.cipher = cipher;
    this.hash = hash;
  }

  setkey(key: Uint8Array): Errno {
    copyReqFlags(this.stream, this.tfm);
    const err = cryptoSkcipherSetkey(this.stream, key);
    if (err !== 0) return err;
    const derived = this.derive();
    if (typeof derived === 'number') return derived;
    const hashKeys = derived.subarray(BLOCKCIPHER_KEY_SIZE);
    const cipher = this.cipher.setkey(derived.slice(0, BLOCKCIPHER_KEY_SIZE), this.tfm.flags);
    if (typeof cipher === 'number') return cipher;
    const message = this.hash.shash?.(hashKeys.slice(BLOCK)) ?? -EINVAL;
    if (typeof message === 'number') return message;
    const header = new Uint8Array(2 * BLOCK);
    header.set(hashKeys.subarray(0, BLOCK));
    this.keys = { cipher, header, message };
    return 0;
  }

  initRequest(req: SkcipherRequest, memory: VirtAddr): AdiantumRequest {
    return new AdiantumRequest(req, this.stream, memory);
  }

  exit(): void {
    cryptoFreeSkcipher(this.stream);
  }

  encrypt(req: SkcipherRequest): Errno {
    return this.crypt(req, /* enc */ true);
  }

  decrypt(req: SkcipherRequest): Errno {
    return this.crypt(req, /* enc */ false);
  }

  /** The keystream of nonce 1 is the keys of the parts. */
  private derive(): Uint8Array | Errno {
    const { machine } = this.tfm.api;
    const size = BLOCKCIPHER_KEY_SIZE + HASH_KEY_SIZE;
    const data = machine.slab.kmalloc(size, 'adiantum setkey');
    if (data === null) return -ENOMEM;
    const req = skcipherRequestAlloc(this.stream);
    if (req === null) {
      machine.slab.kfreeSensitive(data);
      return -ENOMEM;
    }
    machine.fill(linearToPhys(data), size, 0);
    const [sg] = sgAlloc(1);
    sgInitOne(machine, sg, data, size);
    const iv = new Uint8Array(TWEAK_SIZE);
    iv[0] = 1;
    const wait = { err: -EINPROGRESS };
    const flags = CRYPTO_TFM_REQ_MAY_SLEEP | CRYPTO_TFM_REQ_MAY_BACKLOG;
    const done = (_: unknown, result: Errno): void => {
      wait.err = result;
    };
    skcipherRequestSetCallback(req, flags, done, null);
    skcipherRequestSetCrypt(req, sg, sg, size, iv);
    let err = cryptoSkcipherEncrypt(req);
    if (err === -EINPROGRESS || err === -EBUSY) {
      // crypto_wait_req: setkey sleeps until the stream cipher is done.
      while (wait.err === -EINPROGRESS && machine.scheduler.runOne());
      err = wait.err;
    }
    const derived = err === 0 ? machine.load(linearToPhys(data), size).slice() : err;
    skcipherRequestFree(req);
    machine.slab.kfreeSensitive(data);
    return derived;
  }

  private crypt(req: SkcipherRequest, enc: boolean): Errno {
    const rctx = req.ctx;
    if (!(rctx instanceof AdiantumRequest)) throw new KernelBug('request of another transform');
    const { keys } = this;
    if (keys === null) throw new KernelBug('cipher without key');
    if (req.cryptlen < BLOCK) return -EINVAL;
    const { machine } = this.tfm.api;
    const { rbuf, subreq } = rctx;
    const bulk = req.cryptlen - BLOCK;
    const right = rbuf.subarray(0, BLOCK);
    hashHeader(keys, req.iv, bulk, rctx.headerHash);
    this.hashMessage(rctx, keys, req.src, bulk);
    scatterwalkMapAndCopy(machine, right, req.src, bulk, BLOCK, 0);
    addLe128(right, rctx.digest, 1);
    if (enc) keys.cipher.encryptBlock(right);
    rbuf.fill(0, BLOCK);
    rbuf[BLOCK] = 1;
    // Whole blocks of the stream cipher are faster; the bytes behind the bulk are overwritten below.
    const rounded = Math.ceil(bulk / CHACHA_BLOCK_SIZE) * CHACHA_BLOCK_SIZE;
    const len = rounded <= req.cryptlen ? rounded : bulk;
    return rctx.start([
      () => callSkcipher(rctx, subreq, cryptoSkcipherEncrypt, req.src, req.dst, len, rbuf),
      () => {
        if (!enc) keys.cipher.decryptBlock(right);
        this.hashMessage(rctx, keys, req.dst, bulk);
        addLe128(right, rctx.digest, -1);
        scatterwalkMapAndCopy(machine, right, req.dst, bulk, BLOCK, 1);
        return 0;
      },
    ]);
  }

  /** Hash of tweak, length and the first `bulk` bytes into `digest`. @kernel adiantum_hash_message */
  private hashMessage(
    rctx: AdiantumRequest,
    keys: AdiantumKeys,
    sgl: Scatterlist | null,
    bulk: number,
  ): void {
    const { machine } = this.tfm.api;
    const state = keys.message();
    const miter = sgMiterStart(machine, sgl, sgNents(sgl), SG_MITER_FROM_SG | SG_MITER_ATOMIC);
    for (let done = 0; done < bulk; ) {
      if (!sgMiterNext(miter)) throw new KernelBug('adiantum: the list is too short');
      const n = Math.min(miter.length, bulk - done);
      state.update(machine, miter.addr, n);
      done += n;
    }
    sgMiterStop(miter);
    state.digest(rctx.digest);
    addLe128(rctx.digest, rctx.headerHash, 1);
  }
}

/** Poly1305 without its final addition over (length in bits, tweak). */
function hashHeader(keys: AdiantumKeys, iv: Uint8Array, bulk: number, out: Uint8Array): void {
  const header = new Uint8Array(BLOCK);
  const view = new DataView(header.buffer);
  view.setUint32(0, (bulk * 8) >>> 0, true);
  view.setUint32(4, Math.floor(bulk / 0x20000000), true);
  const state = poly1305(keys.header);
  state.updateBytes(header);
  state.updateBytes(iv.subarray(0, TWEAK_SIZE));
  state.digest(out);
}

/** Adds or subtracts 128-bit little-endian numbers, modulo 2^128. */
function addLe128(value: Uint8Array, operand: Uint8Array, sign: 1 | -1): void {
  let carry = 0;
  for (let i = 0; i < BLOCK; i++) {
    const sum = value[i] + sign * operand[i] + carry;
    value[i] = sum;
    carry = sum >> 8;
  }
}
