/**
 * lrw(ecb(cipher)): tweaks are products in GF(2^128) of the tweak key and a counter.
 * C: crypto/lrw.c (6.1)
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { CRYPTO_ALG_TYPE_SKCIPHER } from '../../src/crypto/algorithm.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { physAddr, type VirtAddr } from '../../src/units.ts';
import { callSkcipher, childSize, embedSkcipher, memoryAt } from '../child.ts';
import {
  checkNames,
  cryptoAlgtInheritedMask,
  cryptoCheckAttrType,
  instanceFlags,
  type TemplateRequest,
} from '../internal.ts';
import {
  type CryptoSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  cryptoSpawnSkcipher,
  type SkcipherAlg,
  type SkcipherRequest,
  type SkcipherTransform,
} from '../skcipher.ts';
import { KEEP_ALL_BUT_SLEEP, StageContext } from '../stages.ts';
import { copyReqFlags } from '../tfm.ts';
import { SkcipherWalk, skcipherWalkDone, skcipherWalkVirt } from '../walk/skcipher-walk.ts';
import { grabEcb } from './xts.ts';

const LRW_BLOCK_SIZE = 16;
/** x^128 modulo the polynomial. */
const LRW_POLY = 0x87;

/** `lrw(name)`: over the skcipher `name` when it is an ecb, else over `ecb(name)`. @kernel lrw_create */
export function lrwCreate(request: TemplateRequest): SkcipherAlg | Errno {
  const err = cryptoCheckAttrType(request, CRYPTO_ALG_TYPE_SKCIPHER);
  if (err !== 0) return err;
  const child = grabEcb(request.api, request.params[0], cryptoAlgtInheritedMask(request));
  if (typeof child === 'number') return child;
  if (child.ivsize !== 0 || child.blocksize !== LRW_BLOCK_SIZE) return -EINVAL;
  const inner = /^ecb\(([^()]*)\)$/.exec(child.name);
  if (inner === null) return -EINVAL;
  const name = `lrw(${inner[1]})`;
  const driverName = `lrw(${child.driverName})`;
  const tooLong = checkNames(name, driverName);
  if (tooLong !== 0) return tooLong;
  return {
    ...child,
    name,
    driverName,
    flags: instanceFlags(CRYPTO_ALG_TYPE_SKCIPHER, [child]),
    alignmask: child.alignmask | 7,
    ivsize: LRW_BLOCK_SIZE,
    minKeysize: child.minKeysize + LRW_BLOCK_SIZE,
    maxKeysize: child.maxKeysize + LRW_BLOCK_SIZE,
    spawns: [child],
    init: (tfm) => lrwInit(tfm, child),
  };
}

function lrwInit(tfm: CryptoSkcipher, alg: SkcipherAlg): LrwTransform | Errno {
  const child = cryptoSpawnSkcipher(tfm.api, alg);
  if (typeof child === 'number') return child;
  tfm.reqsize = LRW_BLOCK_SIZE + childSize(child);
  return new LrwTransform(tfm, child);
}

class LrwRequest extends StageContext {
  /** The first tweak. */
  readonly t: Uint8Array = new Uint8Array(LRW_BLOCK_SIZE);
  readonly subreq: SkcipherRequest;

  constructor(req: SkcipherRequest, child: CryptoSkcipher, memory: VirtAddr) {
    super(req, KEEP_ALL_BUT_SLEEP);
    this.subreq = embedSkcipher(child, memoryAt(memory, LRW_BLOCK_SIZE));
  }
}

class LrwTransform implements SkcipherTransform {
  private readonly tfm: CryptoSkcipher;
  private readonly child: CryptoSkcipher;
  /** The tweak key times x^i. */
  private powers: Uint8Array[] = [];
  /** The tweak key times 2^(i+1) - 1: the step from one counter value to the next. */
  private mulinc: Uint8Array[] = [];

  constructor(tfm: CryptoSkcipher, child: CryptoSkcipher) {
    this.tfm = tfm;
    this.child = child;
  }

  setkey(key: Uint8Array): Errno {
    const keylen = key.length - LRW_BLOCK_SIZE;
    copyReqFlags(this.child, this.tfm);
    const err = cryptoSkcipherSetkey(this.child, key.slice(0, keylen));
    if (err !== 0) return err;
    const power = key.slice(keylen);
    const sum = new Uint8Array(LRW_BLOCK_SIZE);
    this.powers = [];
    this.mulinc = [];
    for (let i = 0; i < 128; i++) {
      this.powers.push(power.slice());
      xorInto(sum, power);
      this.mulinc.push(sum.slice());
      doubleBbe(power);
    }
    return 0;
  }

  initRequest(req: SkcipherRequest, memory: VirtAddr): LrwRequest {
    return new LrwRequest(req, this.child, memory);
  }

  exit(): void {
    cryptoFreeSkcipher(this.child);
  }

  encrypt(req: SkcipherRequest): Errno {
    return this.crypt(req, cryptoSkcipherEncrypt);
  }

  decrypt(req: SkcipherRequest): Errno {
    return this.crypt(req, cryptoSkcipherDecrypt);
  }

  private crypt(req: SkcipherRequest, operation: (req: SkcipherRequest) => Errno): Errno {
    const rctx = req.ctx;
    if (!(rctx instanceof LrwRequest)) throw new KernelBug('request of another transform');
    const { subreq } = rctx;
    const { dst, cryptlen, iv } = req;
    this.multiply(rctx.t, iv);
    // The ecb child ignores the IV; the second pass reads it from the child's request.
    return rctx.start([
      () => this.xorTweak(req, rctx, /* secondPass */ false),
      () => {
        subreq.tfm = this.child;
        return callSkcipher(rctx, subreq, operation, dst, dst, cryptlen, iv);
      },
      () => {
        subreq.tfm = this.tfm;
        // A continuation runs in the child's completion, where nothing may sleep.
        subreq.flags = rctx.flags;
        return this.xorTweak(subreq, rctx, /* secondPass */ true);
      },
    ]);
  }

  /** @kernel lrw_xor_tweak */
  private xorTweak(req: SkcipherRequest, rctx: LrwRequest, secondPass: boolean): Errno {
    const { machine, recorder } = this.tfm.api;
    const walk = new SkcipherWalk(machine, recorder);
    let err = skcipherWalkVirt(walk, req, /* atomic */ false);
    if (err !== 0) return err;
    const t = rctx.t.slice();
    const counter = walk.iv.slice(0, LRW_BLOCK_SIZE);
    const block = new Uint8Array(LRW_BLOCK_SIZE);
    while (walk.nbytes > 0) {
      let avail = walk.nbytes;
      let at = 0;
      do {
        block.set(machine.load(physAddr(walk.src + at), LRW_BLOCK_SIZE));
        xorInto(block, t);
        machine.store(physAddr(walk.dst + at), block);
        xorInto(t, this.mulinc[lrwNextIndex(counter)]);
        at += LRW_BLOCK_SIZE;
        avail -= LRW_BLOCK_SIZE;
      } while (avail >= LRW_BLOCK_SIZE);
      if (secondPass && walk.nbytes === walk.total) walk.iv.set(counter);
      err = skcipherWalkDone(walk, avail);
    }
    return err;
  }

  /** The tweak key times a 128-bit big-endian factor. */
  private multiply(out: Uint8Array, factor: Uint8Array): void {
    out.fill(0);
    for (let i = 0; i < 128; i++) {
      const bit = (factor[15 - (i >>> 3)] >>> (i & 7)) & 1;
      if (bit !== 0) xorInto(out, this.powers[i]);
    }
  }
}

/** Adds 1 to the counter. @returns how many low bits were ones: the index of the step. @kernel lrw_next_index */
function lrwNextIndex(counter: Uint8Array): number {
  let ones = 0;
  for (let i = LRW_BLOCK_SIZE - 1; i >= 0; i--) {
    const byte = counter[i];
    counter[i] = byte + 1;
    if (byte !== 0xff) return ones + 31 - Math.clz32(~byte & -~byte);
    ones += 8;
  }
  return 127;
}

/** Multiplies by x in place: 128 bits, big endian. */
function doubleBbe(value: Uint8Array): void {
  let carry = 0;
  for (let i = LRW_BLOCK_SIZE - 1; i >= 0; i--) {
    const byte = value[i];
    value[i] = (byte << 1) | carry;
    carry = byte >>> 7;
  }
  if (carry !== 0) value[LRW_BLOCK_SIZE - 1] ^= LRW_POLY;
}

function xorInto(block: Uint8Array, mask: Uint8Array): void {
  for (let i = 0; i < LRW_BLOCK_SIZE; i++) block[i] ^= mask[i];
}
