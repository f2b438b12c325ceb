/**
 * essiv(cipher mode, hash): the IV is encrypted with a hash of the key before the child sees it. The
 * caller's IV is replaced, even for an empty message and for a length that the child refuses.
 *
 * The form over an AEAD, essiv(authenc(...), hash), is not offered.
 * C: crypto/essiv.c (6.1)
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { CRYPTO_ALG_TYPE_SKCIPHER } from '../../src/crypto/algorithm.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { VirtAddr } from '../../src/units.ts';
import type { AhashAlg, HashFactory } from '../ahash.ts';
import { callSkcipher, childSize, embedSkcipher } from '../child.ts';
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

const NO_KEY = new Uint8Array(0);

/** @returns -EINVAL when the digest is no key of the cipher, or the IV no block of it. @kernel essiv_create */
export function essivCreate(request: TemplateRequest): SkcipherAlg | Errno {
  const err = cryptoCheckAttrType(request, CRYPTO_ALG_TYPE_SKCIPHER);
  if (err !== 0) return err;
  const { api, params } = request;
  if (params.length < 2) return -EINVAL;
  const mask = cryptoAlgtInheritedMask(request);
  const child = cryptoGrabSkcipher(api, params[0], mask);
  if (typeof child === 'number') return child;
  // The innermost name: cbc(aes) is encrypted by aes.
  const inner = /\(([^()]+)\)/.exec(child.name);
  if (inner === null) return -EINVAL;
  const hash = cryptoGrabShash(api, params[1], mask);
  if (typeof hash === 'number') return hash;
  const cipher = cryptoGrabCipher(api, inner[1], mask);
  if (typeof cipher === 'number') return cipher;
  const { digestsize } = hash;
  if (digestsize < cipher.minKeysize || digestsize > cipher.maxKeysize) return -EINVAL;
  if (child.ivsize !== cipher.blocksize || hash.keyed) return -EINVAL;
  const digest = hash.shash?.(NO_KEY) ?? -EINVAL;
  if (typeof digest === 'number') return digest;
  const name = `essiv(${child.name},${hash.name})`;
  const driverName = `essiv(${child.driverName},${hash.driverName})`;
  const tooLong = checkNames(name, driverName);
  if (tooLong !== 0) return tooLong;
  return {
    ...child,
    name,
    driverName,
    flags: instanceFlags(CRYPTO_ALG_TYPE_SKCIPHER, [child, hash]),
    spawns: [child],
    init: (tfm) => essivInit(tfm, child, cipher, hash, digest),
  };
}

function essivInit(
  tfm: CryptoSkcipher,
  alg: SkcipherAlg,
  cipher: CipherAlg,
  hash: AhashAlg,
  digest: HashFactory,
): SkcipherTransform | Errno {
  const child = cryptoSpawnSkcipher(tfm.api, alg);
  if (typeof child === 'number') return child;
  tfm.reqsize = childSize(child);
  return new EssivTransform(tfm, child, cipher, (key) => {
    const salt = new Uint8Array(hash.digestsize);
    const state = digest();
    state.updateBytes(key);
    state.digest(salt);
    return salt;
  });
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
  private readonly cipher: CipherAlg;
  private readonly saltOf: (key: Uint8Array) => Uint8Array;
  private essivCipher: CipherKernel | null = null;

  constructor(
    tfm: CryptoSkcipher,
    child: CryptoSkcipher,
    cipher: CipherAlg,
    saltOf: (key: Uint8Array) => Uint8Array,
  ) {
    this.tfm = tfm;
    this.child = child;
    this.cipher = cipher;
    this.saltOf = saltOf;
  }

  setkey(key: Uint8Array): Errno {
    copyReqFlags(this.child, this.tfm);
    const err = cryptoSkcipherSetkey(this.child, key);
    if (err !== 0) return err;
    const kernel = this.cipher.setkey(this.saltOf(key), this.tfm.flags);
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
