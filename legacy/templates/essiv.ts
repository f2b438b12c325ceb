/**
 * essiv(cipher mode, hash): the IV is encrypted with a hash of the key before the child sees it. The
 * caller's IV is replaced, even for an empty message and for a length that the child refuses.
 * C: crypto/essiv.c (6.1)
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import {
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_ALG_TYPE_MASK,
  CRYPTO_ALG_TYPE_SKCIPHER,
} from '../../src/crypto/algorithm.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { VirtAddr } from '../../src/units.ts';
import type { AeadAlg } from '../aead.ts';
import { callSkcipher, childSize, embedSkcipher } from '../child.ts';
import type { CipherKernel } from '../cipher.ts';
import {
  cryptoAlgtInheritedMask,
  cryptoGrabSkcipher,
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
import { StageContext } from '../stages.ts';
import { copyReqFlags } from '../tfm.ts';
import { essivAead } from './essiv-aead.ts';
import { type EssivParts, essivKey, essivParts } from './essiv-parts.ts';

/** @returns -EINVAL when the digest is no key of the cipher, or the IV no block of it. @kernel essiv_create */
export function essivCreate(request: TemplateRequest): SkcipherAlg | AeadAlg | Errno {
  if (request.params.length < 2) return -EINVAL;
  switch (request.type & request.mask & CRYPTO_ALG_TYPE_MASK) {
    case CRYPTO_ALG_TYPE_SKCIPHER:
      return essivSkcipher(request);
    case CRYPTO_ALG_TYPE_AEAD:
      return essivAead(request);
    default:
      return -EINVAL;
  }
}

function essivSkcipher(request: TemplateRequest): SkcipherAlg | Errno {
  const { api, params } = request;
  const child = cryptoGrabSkcipher(api, params[0], cryptoAlgtInheritedMask(request));
  if (typeof child === 'number') return child;
  const parts = essivParts(request, child, child.ivsize);
  if (typeof parts === 'number') return parts;
  return {
    ...child,
    name: parts.name,
    driverName: parts.driverName,
    flags: instanceFlags(CRYPTO_ALG_TYPE_SKCIPHER, [child, parts.hash]),
    spawns: [child],
    init: (tfm) => essivInit(tfm, child, parts),
  };
}

function essivInit(
  tfm: CryptoSkcipher,
  alg: SkcipherAlg,
  parts: EssivParts,
): SkcipherTransform | Errno {
  const child = cryptoSpawnSkcipher(tfm.api, alg);
  if (typeof child === 'number') return child;
  tfm.reqsize = childSize(child);
  return new EssivTransform(tfm, child, parts);
}

class EssivRequest extends StageContext {
  readonly subreq: SkcipherRequest;

  constructor(req: SkcipherRequest, child: CryptoSkcipher, memory: VirtAddr) {
    super(req);
    this.subreq = embedSkcipher(child, memory);
  }
}

class EssivTransform implements SkcipherTransform {
  private readonly tfm: CryptoSkcipher;
  private readonly child: CryptoSkcipher;
  private readonly parts: EssivParts;
  private essivCipher: CipherKernel | null = null;

  constructor(tfm: CryptoSkcipher, child: CryptoSkcipher, parts: EssivParts) {
    this.tfm = tfm;
    this.child = child;
    this.parts = parts;
  }

  setkey(key: Uint8Array): Errno {
    copyReqFlags(this.child, this.tfm);
    const err = cryptoSkcipherSetkey(this.child, key);
    if (err !== 0) return err;
    const kernel = essivKey(this.parts, this.tfm.flags, [key]);
    if (typeof kernel === 'number') return kernel;
    this.essivCipher = kernel;
    return 0;
  }

  initRequest(req: SkcipherRequest, memory: VirtAddr): EssivRequest {
    return new EssivRequest(req, this.child, memory);
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
    if (!(rctx instanceof EssivRequest)) throw new KernelBug('request of another transform');
    const { subreq } = rctx;
    const { src, dst, cryptlen, iv } = req;
    this.essivCipher?.encryptBlock(iv.subarray(0, this.tfm.alg.ivsize));
    return rctx.start([() => callSkcipher(rctx, subreq, operation, src, dst, cryptlen, iv)]);
  }
}
