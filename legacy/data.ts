/**
 * Requests whose output is as long as it turns out: compression, public keys, key agreement. A source list,
 * and a list with room for the result.
 * C: include/crypto/acompress.h, akcipher.h, kpp.h (6.1), whose requests look the same
 * @module
 */
import { CryptoAsyncRequest, type CryptoCompletion } from '../src/crypto/queue.ts';
import type { Errno } from '../src/errno.ts';
import { type VirtAddr, virtAddr } from '../src/units.ts';
import type { Scatterlist } from './lists/scatterlist.ts';
import {
  type CryptoTfm,
  cryptoRequestFree,
  cryptoRequestIdle,
  cryptoSubmitBegin,
  cryptoSubmitEnd,
  cryptoSubmitted,
} from './tfm.ts';

/** sizeof(struct acomp_req), akcipher_request and kpp_request on a 64-bit kernel. */
export const DATA_REQUEST_SIZE = 80;

/** What all kinds of them have. @kernel none: acomp_req and its siblings */
export class DataRequest<T extends CryptoTfm = CryptoTfm> extends CryptoAsyncRequest {
  tfm: T;
  src: Scatterlist | null = null;
  dst: Scatterlist | null = null;
  srcLen = 0;
  /** Room for the result. Compression and padding make it the length, or with -EOVERFLOW what is needed. */
  dstLen = 0;
  /** Memory of the request in the machine. */
  memory: VirtAddr = virtAddr(0);

  constructor(tfm: T) {
    super();
    this.tfm = tfm;
  }
}

/** Takes the memory of a request. @returns null when there is none. @kernel none: kzalloc of acomp_request_alloc and its siblings */
export function dataRequestAlloc<R extends DataRequest>(req: R, who: string): R | null {
  const { api, alg } = req.tfm;
  const memory = api.machine.slab.kmalloc(DATA_REQUEST_SIZE + (alg.reqsize ?? 0), who);
  if (memory === null) return null;
  req.memory = memory;
  return req;
}

/** @throws KernelBug while the request is in flight. @kernel none: acomp_request_free and its siblings */
export function dataRequestFree(req: DataRequest): void {
  cryptoRequestFree(req.tfm, req, req.memory);
}

/** @kernel none: acomp_request_set_callback and its siblings */
export function dataRequestSetCallback(
  req: DataRequest,
  flags: number,
  complete: CryptoCompletion | null,
  data: unknown,
): void {
  cryptoRequestIdle(req);
  req.complete = complete;
  req.data = data;
  req.flags = flags;
}

/** Names the data, and the room for the result. @kernel none: acomp_request_set_params and its siblings */
export function dataRequestSetData(
  req: DataRequest,
  src: Scatterlist | null,
  dst: Scatterlist | null,
  srcLen: number,
  dstLen: number,
): void {
  cryptoRequestIdle(req);
  req.src = src;
  req.dst = dst;
  req.srcLen = srcLen;
  req.dstLen = dstLen;
}

/** Gives a request to its driver. @returns as `cryptoSkcipherEncrypt`. @kernel none: crypto_acomp_compress and its siblings */
export function dataSubmit<R extends DataRequest>(req: R, run: (req: R) => Errno): Errno {
  const { tfm } = req;
  cryptoSubmitBegin(tfm, req);
  return cryptoSubmitEnd(tfm, req, cryptoSubmitted(tfm, req), run(req));
}
