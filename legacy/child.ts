/**
 * Calls of children from a step. The requests of the children live inside the parent's request; a call
 * points one at its lists and submits it, with the flags of the running step and, for ciphers, in the
 * direction of the parent.
 * C: the `skcipher_request_set_*` blocks in the templates of crypto/ (6.1)
 * @module
 */
import { assert, KernelBug } from '../src/assert.ts';
import type { Errno } from '../src/errno.ts';
import type { VirtAddr } from '../src/units.ts';
import {
  AEAD_REQUEST_SIZE,
  AeadRequest,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  aeadRequestSetTfm,
  CryptoAead,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
} from './aead.ts';
import {
  AHASH_REQUEST_SIZE,
  AhashRequest,
  ahashRequestSetCallback,
  ahashRequestSetCrypt,
  ahashRequestSetTfm,
  CryptoAhash,
  cryptoAhashSetkey,
} from './ahash.ts';
import {
  AkcipherRequest,
  akcipherRequestSetCallback,
  akcipherRequestSetCrypt,
  akcipherRequestSetTfm,
  CryptoAkcipher,
  cryptoAkcipherSetPubKey,
} from './akcipher.ts';
import { CryptoCipher, cryptoCipherSetkey } from './cipher.ts';
import { DATA_REQUEST_SIZE } from './data.ts';
import type { Scatterlist } from './lists/scatterlist.ts';
import { CryptoShash, cryptoShashSetkey } from './shash.ts';
import {
  CryptoSkcipher,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  SKCIPHER_REQUEST_SIZE,
  SkcipherRequest,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
  skcipherRequestSetTfm,
} from './skcipher.ts';
import { type StepRequest, StepState, stepContext, stepDone } from './steps.ts';
import { type CryptoTfm, copyReqFlags } from './tfm.ts';

/** A child of any kind. @kernel none: the members of a context */
export type ChildTfm =
  | CryptoSkcipher
  | CryptoAead
  | CryptoAhash
  | CryptoShash
  | CryptoCipher
  | CryptoAkcipher;

const NO_BYTES = new Uint8Array(0);

/** What the tfm of a template keeps: its children, and bytes of its key. @kernel none: crypto_gcm_ctx and its like */
export class TemplateCtx {
  readonly children: readonly ChildTfm[];
  /** The part of the key that is no child's: a nonce, a salt. */
  salt: Uint8Array = NO_BYTES;

  constructor(children: readonly ChildTfm[]) {
    this.children = children;
  }
}

/** @throws KernelBug for a tfm of something else. @kernel none: crypto_skcipher_ctx and its like */
export function templateCtx<X extends TemplateCtx>(
  { ctx }: CryptoTfm,
  kind: abstract new (...args: never) => X,
): X {
  if (!(ctx instanceof kind)) throw new KernelBug('transform of another template');
  return ctx;
}

/** Bytes that the request of a child takes inside the parent's. @kernel none: sizeof and reqsize */
export function childSize(algs: readonly { readonly reqsize?: number }[]): number {
  // A union in C: one size serves all kinds of requests, and they are never in use together.
  return SKCIPHER_REQUEST_SIZE + Math.max(...algs.map(({ reqsize = 0 }) => reqsize));
}

/** A request for `child` at `memory` inside the parent's request. @kernel none: a member subreq */
export function childRequest(child: ChildTfm, memory: VirtAddr): StepRequest | null {
  if (child instanceof CryptoSkcipher) {
    const req = new SkcipherRequest(child);
    req.memory = memory;
    skcipherRequestSetTfm(req, child);
    return req;
  }
  if (child instanceof CryptoAead) {
    const req = new AeadRequest(child);
    req.memory = memory;
    aeadRequestSetTfm(req, child);
    return req;
  }
  if (child instanceof CryptoAkcipher) {
    const req = new AkcipherRequest(child);
    req.memory = memory;
    akcipherRequestSetTfm(req, child);
    return req;
  }
  if (!(child instanceof CryptoAhash)) return null;
  const req = new AhashRequest(child);
  req.memory = memory;
  ahashRequestSetTfm(req, child);
  return req;
}

/** Sets the key of a child, under the flags of the parent. @kernel none: crypto_*_set_flags and setkey */
export function childSetkey(tfm: CryptoTfm, index: number, key: Uint8Array): Errno {
  const child = childOf(tfm, index);
  copyReqFlags(child, tfm);
  if (child instanceof CryptoSkcipher) return cryptoSkcipherSetkey(child, key);
  if (child instanceof CryptoAead) return cryptoAeadSetkey(child, key);
  if (child instanceof CryptoAhash) return cryptoAhashSetkey(child, key);
  if (child instanceof CryptoAkcipher) return cryptoAkcipherSetPubKey(child, key);
  return child instanceof CryptoCipher
    ? cryptoCipherSetkey(child, key)
    : cryptoShashSetkey(child, key);
}

/** Sets the tag length of a child. @kernel none: crypto_aead_setauthsize */
export function childSetauthsize(tfm: CryptoTfm, index: number, authsize: number): Errno {
  const child = childOf(tfm, index);
  if (!(child instanceof CryptoAead)) throw new KernelBug('child that is no AEAD');
  return cryptoAeadSetauthsize(child, authsize);
}

/** @throws KernelBug for a child of another kind. @kernel none: a member of a context */
export function childSkcipher(tfm: CryptoTfm, index: number): CryptoSkcipher {
  const child = childOf(tfm, index);
  if (!(child instanceof CryptoSkcipher)) throw new KernelBug('child that is no cipher mode');
  return child;
}

/** @throws KernelBug for a child of another kind. @kernel none: a member of a context */
export function childCipher(tfm: CryptoTfm, index: number): CryptoCipher {
  const child = childOf(tfm, index);
  if (!(child instanceof CryptoCipher)) throw new KernelBug('child that is no block cipher');
  return child;
}

/** @throws KernelBug for a child of another kind. @kernel none: a member of a context */
export function childAkcipher(tfm: CryptoTfm, index: number): CryptoAkcipher {
  const child = childOf(tfm, index);
  if (!(child instanceof CryptoAkcipher)) throw new KernelBug('child that is no public key');
  return child;
}

/** @throws KernelBug for a child of another kind. @kernel none: a member of a context */
export function childShash(tfm: CryptoTfm, index: number): CryptoShash {
  const child = childOf(tfm, index);
  if (!(child instanceof CryptoShash)) throw new KernelBug('child that is no hash');
  return child;
}

/** The request of a child cipher, inside the parent's. @kernel none: a member subreq */
export function skcipherSubreq(parent: StepRequest, index: number): SkcipherRequest {
  const req = stepContext(parent, StepState).children[index];
  if (!(req instanceof SkcipherRequest)) throw new KernelBug('child that is no cipher mode');
  return req;
}

/** The request of a child hash, inside the parent's; its message may be running. @kernel none: a member subreq */
export function ahashSubreq(parent: StepRequest, index: number): AhashRequest {
  const req = stepContext(parent, StepState).children[index];
  if (!(req instanceof AhashRequest)) throw new KernelBug('child that is no hash');
  return req;
}

/** Submits an operation of a child cipher. @kernel none: set_callback, set_crypt and the call */
export function callSkcipher(
  parent: StepRequest,
  index: number,
  src: Scatterlist | null,
  dst: Scatterlist | null,
  cryptlen: number,
  iv: Uint8Array = NO_BYTES,
): Errno {
  const rctx = stepContext(parent, StepState);
  const req = skcipherSubreq(parent, index);
  skcipherRequestSetCallback(req, rctx.flags, stepDone, rctx);
  skcipherRequestSetCrypt(req, src, dst, cryptlen, iv);
  return rctx.enc ? cryptoSkcipherEncrypt(req) : cryptoSkcipherDecrypt(req);
}

/** Submits an operation of a child AEAD. @kernel none: set_callback, set_crypt, set_ad and the call */
export function callAead(
  parent: StepRequest,
  index: number,
  src: Scatterlist | null,
  dst: Scatterlist | null,
  assoclen: number,
  cryptlen: number,
  iv: Uint8Array,
): Errno {
  const rctx = stepContext(parent, StepState);
  const req = rctx.children[index];
  if (!(req instanceof AeadRequest)) throw new KernelBug('child that is no AEAD');
  aeadRequestSetCallback(req, rctx.flags, stepDone, rctx);
  aeadRequestSetCrypt(req, src, dst, cryptlen, iv);
  aeadRequestSetAd(req, assoclen);
  return rctx.enc ? cryptoAeadEncrypt(req) : cryptoAeadDecrypt(req);
}

/** Submits `cryptoAkcipherEncrypt` or `cryptoAkcipherDecrypt`. @kernel none: set_callback, set_crypt and the call */
export function callAkcipher(
  parent: StepRequest,
  index: number,
  operation: (req: AkcipherRequest) => Errno,
  src: Scatterlist | null,
  dst: Scatterlist | null,
  srcLen: number,
  dstLen: number,
): Errno {
  const rctx = stepContext(parent, StepState);
  const req = rctx.children[index];
  if (!(req instanceof AkcipherRequest)) throw new KernelBug('child that is no public key');
  akcipherRequestSetCallback(req, rctx.flags, stepDone, rctx);
  akcipherRequestSetCrypt(req, src, dst, srcLen, dstLen);
  return operation(req);
}

/** Submits an operation of a child hash. @kernel none: set_callback, set_crypt and the call */
export function callAhash(
  parent: StepRequest,
  index: number,
  operation: (req: AhashRequest) => Errno,
  src: Scatterlist | null = null,
  nbytes = 0,
  result: Uint8Array | null = null,
): Errno {
  const rctx = stepContext(parent, StepState);
  const req = ahashSubreq(parent, index);
  ahashRequestSetCallback(req, rctx.flags, stepDone, rctx);
  ahashRequestSetCrypt(req, src, result, nbytes);
  return operation(req);
}

function childOf({ ctx }: CryptoTfm, index: number): ChildTfm {
  assert(ctx instanceof TemplateCtx && index < ctx.children.length, 'child of a template');
  return ctx.children[index];
}

const SIZES = [AEAD_REQUEST_SIZE, AHASH_REQUEST_SIZE, DATA_REQUEST_SIZE];
if (SIZES.some((size) => size !== SKCIPHER_REQUEST_SIZE)) {
  throw new Error('request sizes differ');
}
