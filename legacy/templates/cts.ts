/**
 * cts(cbc(cipher)): CBC with ciphertext stealing, variant CS3, the last two blocks always swapped.
 * C: crypto/cts.c (6.1)
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { CRYPTO_ALG_TYPE_SKCIPHER } from '../../src/crypto/algorithm.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { VirtAddr } from '../../src/units.ts';
import { callSkcipher, childSize, embedSkcipher, memoryAt } from '../child.ts';
import {
  checkNames,
  cryptoAlgtInheritedMask,
  cryptoCheckAttrType,
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
  type SkcipherAlg,
  type SkcipherRequest,
  type SkcipherTransform,
} from '../skcipher.ts';
import { StageContext } from '../stages.ts';
import { copyReqFlags } from '../tfm.ts';
import { scatterwalkFfwd, scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';

/** Two list entries and the offset in front of the child's request. */
const REQUEST_HEAD = 56;

/** @returns -EINVAL for a child that is no cbc of one-block IV. @kernel crypto_cts_create */
export function cryptoCtsCreate(request: TemplateRequest): SkcipherAlg | Errno {
  const err = cryptoCheckAttrType(request, CRYPTO_ALG_TYPE_SKCIPHER);
  if (err !== 0) return err;
  const mask = cryptoAlgtInheritedMask(request);
  const child = cryptoGrabSkcipher(request.api, request.params[0], mask);
  if (typeof child === 'number') return child;
  if (child.ivsize !== child.blocksize || !child.name.startsWith('cbc(')) return -EINVAL;
  const name = `cts(${child.name})`;
  const driverName = `cts(${child.driverName})`;
  const tooLong = checkNames(name, driverName);
  if (tooLong !== 0) return tooLong;
  return {
    ...child,
    name,
    driverName,
    flags: instanceFlags(CRYPTO_ALG_TYPE_SKCIPHER, [child]),
    walksize: child.chunksize,
    spawns: [child],
    init: (tfm) => ctsInit(tfm, child),
  };
}

function ctsInit(tfm: CryptoSkcipher, alg: SkcipherAlg): CtsTransform | Errno {
  const child = cryptoSpawnSkcipher(tfm.api, alg);
  if (typeof child === 'number') return child;
  // The block behind the child's request saves the previous ciphertext block.
  tfm.reqsize = REQUEST_HEAD + childSize(child) + alg.blocksize;
  return new CtsTransform(tfm, child);
}

class CtsRequest extends StageContext {
  readonly sg: Scatterlist[] = sgAlloc(2);
  readonly subreq: SkcipherRequest;
  readonly space: Uint8Array;

  constructor(req: SkcipherRequest, child: CryptoSkcipher, memory: VirtAddr) {
    super(req);
    this.subreq = embedSkcipher(child, memoryAt(memory, REQUEST_HEAD));
    this.space = new Uint8Array(child.alg.blocksize);
  }
}

class CtsTransform implements SkcipherTransform {
  private readonly tfm: CryptoSkcipher;
  private readonly child: CryptoSkcipher;

  constructor(tfm: CryptoSkcipher, child: CryptoSkcipher) {
    this.tfm = tfm;
    this.child = child;
  }

  setkey(key: Uint8Array): Errno {
    copyReqFlags(this.child, this.tfm);
    return cryptoSkcipherSetkey(this.child, key);
  }

  initRequest(req: SkcipherRequest, memory: VirtAddr): CtsRequest {
    return new CtsRequest(req, this.child, memory);
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
    if (!(rctx instanceof CtsRequest)) throw new KernelBug('request of another transform');
    const bsize = this.tfm.alg.blocksize;
    const { cryptlen, iv } = req;
    const operation = enc ? cryptoSkcipherEncrypt : cryptoSkcipherDecrypt;
    if (cryptlen < bsize) return -EINVAL;
    const offset = cryptlen === bsize ? bsize : Math.floor((cryptlen - 1) / bsize) * bsize;
    if (!enc && offset <= bsize) rctx.space.set(iv.subarray(0, bsize));
    else if (!enc) this.copy(rctx.space, req.src, offset - 2 * bsize, bsize, 0);
    const first = () => callSkcipher(rctx, rctx.subreq, operation, req.src, req.dst, offset, iv);
    if (cryptlen === bsize) return rctx.start([first]);
    const last = enc
      ? () => this.cbcEncrypt(req, rctx, offset)
      : () => this.cbcDecrypt(req, rctx, offset);
    return rctx.start([first, last]);
  }

  /** @kernel cts_cbc_encrypt */
  private cbcEncrypt(req: SkcipherRequest, rctx: CtsRequest, offset: number): Errno {
    const bsize = this.tfm.alg.blocksize;
    const lastn = req.cryptlen - offset;
    const d = new Uint8Array(2 * bsize);
    const sg = scatterwalkFfwd(rctx.sg[0], req.dst, offset - bsize);
    this.copy(d.subarray(bsize), sg, 0, bsize, 0);
    this.copy(d, req.src, offset, lastn, 0);
    this.copy(d, sg, 0, bsize + lastn, 1);
    return callSkcipher(rctx, rctx.subreq, cryptoSkcipherEncrypt, sg, sg, bsize, req.iv);
  }

  /** @kernel cts_cbc_decrypt */
  private cbcDecrypt(req: SkcipherRequest, rctx: CtsRequest, offset: number): Errno {
    const bsize = this.tfm.alg.blocksize;
    const lastn = req.cryptlen - offset;
    const d = new Uint8Array(2 * bsize);
    const sg = scatterwalkFfwd(rctx.sg[0], req.dst, offset - bsize);
    // The block cipher's output for the last full block, without its chaining.
    this.copy(d.subarray(bsize), sg, 0, bsize, 0);
    for (let i = 0; i < bsize; i++) d[bsize + i] ^= rctx.space[i];
    this.copy(d, req.src, offset, lastn, 0);
    // The partial block xor that output, and the stolen tail behind the partial block.
    for (let i = 0; i < bsize; i++) d[bsize + i] ^= d[i];
    d.copyWithin(lastn, bsize + lastn, 2 * bsize);
    this.copy(d, sg, 0, bsize + lastn, 1);
    return callSkcipher(rctx, rctx.subreq, cryptoSkcipherDecrypt, sg, sg, bsize, rctx.space);
  }

  private copy(
    buf: Uint8Array,
    sg: Scatterlist | null,
    start: number,
    nbytes: number,
    out: number,
  ): void {
    scatterwalkMapAndCopy(this.tfm.api.machine, buf, sg, start, nbytes, out);
  }
}
