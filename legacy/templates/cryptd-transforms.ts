/**
 * The three kinds of cryptd transforms: each runs the same operation on a child request. A cipher may
 * sleep whatever the caller said, because the worker is a task; an AEAD is handed on as it is.
 * C: crypto/cryptd.c (6.1)
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { CRYPTO_TFM_REQ_MAY_SLEEP } from '../../src/crypto/algorithm.ts';
import type { Errno } from '../../src/errno.ts';
import { type VirtAddr, virtAddr } from '../../src/units.ts';
import {
  type AeadAlg,
  type AeadRequest,
  type AeadTransform,
  aeadRequestSetTfm,
  type CryptoAead,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoFreeAead,
  cryptoSpawnAead,
} from '../aead.ts';
import {
  AHASH_REQUEST_SIZE,
  type AhashAlg,
  AhashRequest,
  type AhashState,
  type AhashTransform,
  ahashRequestSetCallback,
  ahashRequestSetCrypt,
  ahashRequestSetTfm,
  type CryptoAhash,
  cryptoAhashDigest,
  cryptoAhashExport,
  cryptoAhashFinal,
  cryptoAhashFinup,
  cryptoAhashImport,
  cryptoAhashInit,
  cryptoAhashSetkey,
  cryptoAhashUpdate,
  cryptoFreeAhash,
  cryptoSpawnAhash,
} from '../ahash.ts';
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
import { copyReqFlags } from '../tfm.ts';
import { type CryptdQueue, CryptdRequestCtx, cryptdEnqueueRequest } from './cryptd-queue.ts';

/** Saved completion in front of the child's request. */
const REQUEST_HEAD = 8;

/** @kernel cryptd_skcipher_init_tfm */
export function cryptdSkcipherInitTfm(
  tfm: CryptoSkcipher,
  alg: SkcipherAlg,
  queue: CryptdQueue,
): SkcipherTransform | Errno {
  const child = cryptoSpawnSkcipher(tfm.api, alg);
  return typeof child === 'number' ? child : new CryptdSkcipher(tfm, child, queue);
}

/** @kernel cryptd_aead_init_tfm */
export function cryptdAeadInitTfm(
  tfm: CryptoAead,
  alg: AeadAlg,
  queue: CryptdQueue,
): AeadTransform | Errno {
  const child = cryptoSpawnAead(tfm.api, alg);
  return typeof child === 'number' ? child : new CryptdAead(tfm, child, queue);
}

/** @kernel cryptd_hash_init_tfm */
export function cryptdHashInitTfm(
  tfm: CryptoAhash,
  alg: AhashAlg,
  queue: CryptdQueue,
): AhashTransform | Errno {
  const child = cryptoSpawnAhash(tfm.api, alg);
  if (typeof child === 'number') return child;
  return alg.keyed ? new CryptdKeyedAhash(tfm, child, queue) : new CryptdAhash(tfm, child, queue);
}

class CryptdSkcipher implements SkcipherTransform {
  private readonly tfm: CryptoSkcipher;
  private readonly queue: CryptdQueue;
  private readonly child: CryptoSkcipher;

  constructor(tfm: CryptoSkcipher, child: CryptoSkcipher, queue: CryptdQueue) {
    this.tfm = tfm;
    this.queue = queue;
    this.child = child;
    tfm.reqsize = REQUEST_HEAD + SKCIPHER_REQUEST_SIZE + child.reqsize;
  }

  setkey(key: Uint8Array): Errno {
    copyReqFlags(this.child, this.tfm);
    return cryptoSkcipherSetkey(this.child, key);
  }

  initRequest(_req: SkcipherRequest, memory: VirtAddr): CryptdSkcipherCtx {
    return new CryptdSkcipherCtx(this.child, memory);
  }

  exit(): void {
    cryptoFreeSkcipher(this.child);
  }

  encrypt(req: SkcipherRequest): Errno {
    return this.enqueue(req, cryptoSkcipherEncrypt);
  }

  decrypt(req: SkcipherRequest): Errno {
    return this.enqueue(req, cryptoSkcipherDecrypt);
  }

  private enqueue(req: SkcipherRequest, crypt: (req: SkcipherRequest) => Errno): Errno {
    const { ctx } = req;
    if (!(ctx instanceof CryptdSkcipherCtx)) throw new KernelBug('request of another transform');
    return cryptdEnqueueRequest(this.queue, req, () => {
      skcipherRequestSetCallback(ctx.subreq, CRYPTO_TFM_REQ_MAY_SLEEP, null, null);
      skcipherRequestSetCrypt(ctx.subreq, req.src, req.dst, req.cryptlen, req.iv);
      return crypt(ctx.subreq);
    });
  }
}

class CryptdSkcipherCtx extends CryptdRequestCtx {
  readonly subreq: SkcipherRequest;

  constructor(child: CryptoSkcipher, memory: VirtAddr) {
    super();
    this.subreq = new SkcipherRequest(child);
    this.subreq.memory = virtAddr(memory + REQUEST_HEAD);
    skcipherRequestSetTfm(this.subreq, child);
  }
}

class CryptdAead implements AeadTransform {
  private readonly tfm: CryptoAead;
  private readonly queue: CryptdQueue;
  private readonly child: CryptoAead;

  constructor(tfm: CryptoAead, child: CryptoAead, queue: CryptdQueue) {
    this.tfm = tfm;
    this.queue = queue;
    this.child = child;
    tfm.reqsize = Math.max(REQUEST_HEAD, child.reqsize);
  }

  setkey(key: Uint8Array): Errno {
    copyReqFlags(this.child, this.tfm);
    return cryptoAeadSetkey(this.child, key);
  }

  setauthsize(authsize: number): Errno {
    return cryptoAeadSetauthsize(this.child, authsize);
  }

  initRequest(): CryptdRequestCtx {
    return new CryptdRequestCtx();
  }

  exit(): void {
    cryptoFreeAead(this.child);
  }

  encrypt(req: AeadRequest): Errno {
    return cryptdEnqueueRequest(this.queue, req, () => this.handOver(req).encrypt(req));
  }

  decrypt(req: AeadRequest): Errno {
    return cryptdEnqueueRequest(this.queue, req, () => this.handOver(req).decrypt(req));
  }

  /**
   * Gives the request itself to the child: it stays the child's, so that a caller who submits it
   * again without setting its transform runs the child synchronously.
   * @kernel cryptd_aead_crypt
   */
  private handOver(req: AeadRequest): AeadTransform {
    aeadRequestSetTfm(req, this.child);
    const { transform } = this.child;
    if (transform === null) throw new KernelBug('use of a freed transform');
    return transform;
  }
}

class CryptdAhash implements AhashTransform {
  protected readonly tfm: CryptoAhash;
  private readonly queue: CryptdQueue;
  protected readonly child: CryptoAhash;

  constructor(tfm: CryptoAhash, child: CryptoAhash, queue: CryptdQueue) {
    this.tfm = tfm;
    this.queue = queue;
    this.child = child;
    tfm.reqsize = REQUEST_HEAD + AHASH_REQUEST_SIZE + child.reqsize;
  }

  initRequest(_req: AhashRequest, memory: VirtAddr): CryptdAhashCtx {
    return new CryptdAhashCtx(this.child, memory);
  }

  exit(): void {
    cryptoFreeAhash(this.child);
  }

  init(req: AhashRequest): Errno {
    return this.enqueue(req, cryptoAhashInit);
  }

  update(req: AhashRequest): Errno {
    return this.enqueue(req, cryptoAhashUpdate);
  }

  final(req: AhashRequest): Errno {
    return this.enqueue(req, cryptoAhashFinal);
  }

  finup(req: AhashRequest): Errno {
    return this.enqueue(req, cryptoAhashFinup);
  }

  digest(req: AhashRequest): Errno {
    return this.enqueue(req, cryptoAhashDigest);
  }

  export(req: AhashRequest, out: AhashState): Errno {
    return cryptoAhashExport(ahashCtxOf(req).subreq, out);
  }

  import(req: AhashRequest, from: AhashState): Errno {
    return cryptoAhashImport(ahashCtxOf(req).subreq, from);
  }

  private enqueue(req: AhashRequest, run: (req: AhashRequest) => Errno): Errno {
    const { subreq } = ahashCtxOf(req);
    return cryptdEnqueueRequest(this.queue, req, () => {
      ahashRequestSetCallback(subreq, 0, null, null);
      ahashRequestSetCrypt(subreq, req.src, req.result, req.nbytes);
      return run(subreq);
    });
  }
}

class CryptdKeyedAhash extends CryptdAhash {
  setkey(key: Uint8Array): Errno {
    copyReqFlags(this.child, this.tfm);
    return cryptoAhashSetkey(this.child, key);
  }
}

class CryptdAhashCtx extends CryptdRequestCtx {
  readonly subreq: AhashRequest;

  constructor(child: CryptoAhash, memory: VirtAddr) {
    super();
    this.subreq = new AhashRequest(child);
    this.subreq.memory = virtAddr(memory + REQUEST_HEAD);
    ahashRequestSetTfm(this.subreq, child);
  }
}

function ahashCtxOf(req: AhashRequest): CryptdAhashCtx {
  if (!(req.ctx instanceof CryptdAhashCtx)) throw new KernelBug('request of another transform');
  return req.ctx;
}
