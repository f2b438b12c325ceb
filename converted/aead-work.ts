/**
 * Whole operations of AEADs for engines, which know lists and no requests.
 * @module
 */
import { BvecList } from '../src/bvec.ts';
import { EBADMSG, type Errno } from '../src/errno.ts';
import type { AeadWork, CcmEngine } from '../src/provider/engine.ts';
import type { AeadOp } from './aead.ts';
import type { CryptoApi } from './crypto-api.ts';
import { walkable } from './lower/list.ts';
import { NO_IV } from './op.ts';

const NO_ROWS = new BvecList(0);
/** The children of CCM which do nothing that its engine does not. */
const CTR_DRIVER = 'ctr-aes-accel';
const MAC_DRIVER = 'cbcmac(aes-generic)';

/** An operation as an engine is told of it. Kept, and used again. @kernel none */
export class OpWork implements AeadWork {
  ad: BvecList = NO_ROWS;
  adLen = 0;
  src: BvecList = NO_ROWS;
  dst: BvecList = NO_ROWS;
  len = 0;
  iv: Uint8Array = NO_IV;
  tag: BvecList = NO_ROWS;
  tagLen = 0;
}

/** Names an operation to an engine. @returns false when no engine can do it. @kernel none */
export function workFill(work: OpWork, op: AeadOp<unknown>): boolean {
  const { tfm, ad, src, dst, tag, len, iv } = op;
  if (tfm.api.recorder !== null) return false;
  if (!walkable(ad, ad.size) || !walkable(tag, tfm.authsize)) return false;
  if (!walkable(src, len) || !walkable(dst, len)) return false;
  tfm.api.machine.checkLent(iv, tfm.alg.ivsize);
  work.ad = ad;
  work.adLen = ad.size;
  work.src = src;
  work.dst = dst;
  work.len = len;
  work.iv = iv;
  work.tag = tag;
  work.tagLen = tfm.authsize;
  return true;
}

/** CCM under one key, of one operation at a time. @kernel none */
export interface CcmAtOnce {
  readonly engine: CcmEngine;
  readonly work: OpWork;
}

/**
 * The engine of a key, where there is one over children of these drivers: drivers of others are asked.
 * @kernel none
 */
export function ccmEngine(
  { engines }: CryptoApi,
  drivers: readonly string[],
  key: Uint8Array,
): CcmAtOnce | null {
  if (engines === null || drivers[0] !== CTR_DRIVER || drivers[1] !== MAC_DRIVER) return null;
  return { engine: engines.ccm(key), work: new OpWork() };
}

/** Does an operation at once. @returns null when that cannot be done: children do it. @kernel none */
export function ccmRun(ccm: CcmAtOnce | null, op: AeadOp<unknown>): Errno | null {
  if (ccm === null) return null;
  const { engine, work } = ccm;
  if (!workFill(work, op) || !engine.takes(work)) return null;
  if (!op.enc) return engine.open(work) ? 0 : -EBADMSG;
  engine.seal(work);
  return 0;
}
