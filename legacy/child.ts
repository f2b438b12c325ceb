/**
 * Calls of child transforms from a template: requests that live inside the parent's request, submitted
 * with the flags of the running stage.
 * C: the `skcipher_request_set_*` blocks in the templates of crypto/ (6.1)
 * @module
 */
import type { Errno } from '../src/errno.ts';
import { type VirtAddr, virtAddr } from '../src/units.ts';
import {
  AEAD_REQUEST_SIZE,
  AeadRequest,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  aeadRequestSetTfm,
  type CryptoAead,
} from './aead.ts';
import {
  AHASH_REQUEST_SIZE,
  AhashRequest,
  ahashRequestSetCallback,
  ahashRequestSetCrypt,
  ahashRequestSetTfm,
  type CryptoAhash,
} from './ahash.ts';
import type { Scatterlist } from './lists/scatterlist.ts';
import {
  type CryptoSkcipher,
  SKCIPHER_REQUEST_SIZE,
  SkcipherRequest,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
  skcipherRequestSetTfm,
} from './skcipher.ts';
import { type StageContext, stageDone } from './stages.ts';

const NO_IV = new Uint8Array(0);

/** Bytes that the request of a child takes inside the parent's. @kernel none: sizeof and reqsize */
export function childSize(...children: readonly { readonly reqsize: number }[]): number {
  // One size serves all three kinds of requests.
  return SKCIPHER_REQUEST_SIZE + Math.max(...children.map(({ reqsize }) => reqsize));
}

/** A request for `child` at `memory` inside the parent's request. @kernel none: a member subreq */
export function embedSkcipher(child: CryptoSkcipher, memory: VirtAddr): SkcipherRequest {
  const req = new SkcipherRequest(child);
  req.memory = memory;
  skcipherRequestSetTfm(req, child);
  return req;
}

/** A request for `child` at `memory` inside the parent's request. @kernel none: a member subreq */
export function embedAead(child: CryptoAead, memory: VirtAddr): AeadRequest {
  const req = new AeadRequest(child);
  req.memory = memory;
  aeadRequestSetTfm(req, child);
  return req;
}

/** A request for `child` at `memory` inside the parent's request. @kernel none: a member subreq */
export function embedAhash(child: CryptoAhash, memory: VirtAddr): AhashRequest {
  const req = new AhashRequest(child);
  req.memory = memory;
  ahashRequestSetTfm(req, child);
  return req;
}

/** Submits an operation of a child cipher. @kernel none: set_callback, set_crypt and the call */
export function callSkcipher(
  rctx: StageContext,
  req: SkcipherRequest,
  operation: (req: SkcipherRequest) => Errno,
  src: Scatterlist | null,
  dst: Scatterlist | null,
  cryptlen: number,
  iv: Uint8Array = NO_IV,
): Errno {
  skcipherRequestSetCallback(req, rctx.flags, stageDone, rctx);
  skcipherRequestSetCrypt(req, src, dst, cryptlen, iv);
  return operation(req);
}

/** Submits an operation of a child AEAD. @kernel none: set_callback, set_crypt, set_ad and the call */
export function callAead(
  rctx: StageContext,
  req: AeadRequest,
  operation: (req: AeadRequest) => Errno,
  lists: { readonly src: Scatterlist | null; readonly dst: Scatterlist | null },
  cryptlen: number,
  assoclen: number,
  iv: Uint8Array,
): Errno {
  aeadRequestSetCallback(req, rctx.flags, stageDone, rctx);
  aeadRequestSetCrypt(req, lists.src, lists.dst, cryptlen, iv);
  aeadRequestSetAd(req, assoclen);
  return operation(req);
}

/** Submits an operation of a child hash. @kernel none: set_callback, set_crypt and the call */
export function callAhash(
  rctx: StageContext,
  req: AhashRequest,
  operation: (req: AhashRequest) => Errno,
  src: Scatterlist | null,
  nbytes: number,
  result: Uint8Array | null = null,
): Errno {
  ahashRequestSetCallback(req, rctx.flags, stageDone, rctx);
  ahashRequestSetCrypt(req, src, result, nbytes);
  return operation(req);
}

/** Memory at `bytes` behind `memory`. @kernel none: pointer arithmetic */
export function memoryAt(memory: VirtAddr, bytes: number): VirtAddr {
  return virtAddr(memory + bytes);
}

if (AEAD_REQUEST_SIZE !== SKCIPHER_REQUEST_SIZE || AHASH_REQUEST_SIZE !== SKCIPHER_REQUEST_SIZE) {
  throw new Error('request sizes differ');
}
