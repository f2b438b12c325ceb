/**
 * rfc3686(ctr(cipher)): counter mode with a nonce at the end of the key and an 8-byte IV.
 * C: crypto/ctr.c crypto_rfc3686_* (6.1)
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
import {
  type CryptoSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  cryptoSpawnSkcipher,
  type SkcipherAlg,
  type SkcipherRequest,
  type SkcipherTransform,
} from '../skcipher.ts';
import { StageContext } from '../stages.ts';
import { copyReqFlags } from '../tfm.ts';

const CTR_RFC3686_NONCE_SIZE = 4;
const CTR_RFC3686_IV_SIZE = 8;
const CTR_RFC3686_BLOCK_SIZE = 16;

/** @returns -EINVAL for a child that is no stream cipher of 16-byte IV. @kernel crypto_rfc3686_create */
export function cryptoRfc3686Create(request: TemplateRequest): SkcipherAlg | Errno {
  const err = cryptoCheckAttrType(request, CRYPTO_ALG_TYPE_SKCIPHER);
  if (err !== 0) return err;
  const mask = cryptoAlgtInheritedMask(request);
  const child = cryptoGrabSkcipher(request.api, request.params[0], mask);
  if (typeof child === 'number') return child;
  if (child.ivsize !== CTR_RFC3686_BLOCK_SIZE || child.blocksize !== 1) return -EINVAL;
  const name = `rfc3686(${child.name})`;
  const driverName = `rfc3686(${child.driverName})`;
  const tooLong = checkNames(name, driverName);
  if (tooLong !== 0) return tooLong;
  return {
    ...child,
    name,
    driverName,
    flags: instanceFlags(CRYPTO_ALG_TYPE_SKCIPHER, [child]),
    ivsize: CTR_RFC3686_IV_SIZE,
    walksize: child.chunksize,
    minKeysize: child.minKeysize + CTR_RFC3686_NONCE_SIZE,
    maxKeysize: child.maxKeysize + CTR_RFC3686_NONCE_SIZE,
    spawns: [child],
    init: (tfm) => rfc3686Init(tfm, child),
  };
}

function rfc3686Init(tfm: CryptoSkcipher, alg: SkcipherAlg): Rfc3686Transform | Errno {
  const child = cryptoSpawnSkcipher(tfm.api, alg);
  if (typeof child === 'number') return child;
  tfm.reqsize = CTR_RFC3686_BLOCK_SIZE + childSize(child);
  return new Rfc3686Transform(tfm, child);
}

class Rfc3686Request extends StageContext {
  readonly iv: Uint8Array = new Uint8Array(CTR_RFC3686_BLOCK_SIZE);
  readonly subreq: SkcipherRequest;

  constructor(req: SkcipherRequest, child: CryptoSkcipher, memory: VirtAddr) {
    super(req);
    this.subreq = embedSkcipher(child, memoryAt(memory, CTR_RFC3686_BLOCK_SIZE));
  }
}

class Rfc3686Transform implements SkcipherTransform {
  private readonly tfm: CryptoSkcipher;
  private readonly child: CryptoSkcipher;
  private readonly nonce = new Uint8Array(CTR_RFC3686_NONCE_SIZE);

  constructor(tfm: CryptoSkcipher, child: CryptoSkcipher) {
    this.tfm = tfm;
    this.child = child;
  }

  setkey(key: Uint8Array): Errno {
    const keylen = key.length - CTR_RFC3686_NONCE_SIZE;
    if (keylen < 0) return -EINVAL;
    this.nonce.set(key.subarray(keylen));
    copyReqFlags(this.child, this.tfm);
    return cryptoSkcipherSetkey(this.child, key.slice(0, keylen));
  }

  initRequest(req: SkcipherRequest, memory: VirtAddr): Rfc3686Request {
    return new Rfc3686Request(req, this.child, memory);
  }

  exit(): void {
    cryptoFreeSkcipher(this.child);
  }

  encrypt(req: SkcipherRequest): Errno {
    const rctx = req.ctx;
    if (!(rctx instanceof Rfc3686Request)) throw new KernelBug('request of another transform');
    const { iv, subreq } = rctx;
    iv.set(this.nonce);
    iv.set(req.iv.subarray(0, CTR_RFC3686_IV_SIZE), CTR_RFC3686_NONCE_SIZE);
    iv.set([0, 0, 0, 1], CTR_RFC3686_NONCE_SIZE + CTR_RFC3686_IV_SIZE);
    const { src, dst, cryptlen } = req;
    return rctx.start([
      () => callSkcipher(rctx, subreq, cryptoSkcipherEncrypt, src, dst, cryptlen, iv),
    ]);
  }

  decrypt(req: SkcipherRequest): Errno {
    return this.encrypt(req);
  }
}
