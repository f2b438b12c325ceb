/**
 * The driver of a crypto engine that does DMA: the physical ranges of bio_vecs mapped as they are, with no
 * scatterlist anywhere.
 *
 * An operation waits in the queue of its engine. What its device cannot take (too many ranges, not aligned)
 * goes through one buffer where the device needs whole cache lines, else through the software driver of
 * the same name. A range that is too long is two, and empty ones do not exist.
 * C: drivers/crypto/stm32/stm32-cryp.c (6.1), the shape; kernel/dma/mapping.c dma_map_phys (7.3)
 * @module
 */
import { assert, KernelBug } from '../../src/assert.ts';
import { BvecList, bvecAppend, bvecLen, bvecPhys } from '../../src/bvec.ts';
import { AES_BLOCK_SIZE } from '../../src/crypto/catalogue.ts';
import { CryptoEngine } from '../../src/crypto/crypto-engine.ts';
import { EBADMSG, type Errno } from '../../src/errno.ts';
import { writeKernel } from '../../src/machine/access.ts';
import { GFP_ATOMIC } from '../../src/machine/context.ts';
import { dmaMapRuns, dmaUnmapRuns } from '../../src/machine/dma/dma.ts';
import {
  type CryptoEngineDevice,
  ENGINE_IV,
  ENGINE_RESULT,
  type EngineList,
  type EngineMode,
} from '../../src/machine/dma/engine.ts';
import {
  type EngineMemory,
  engineMemory,
  engineMemoryClose,
  engineMemoryRead,
  engineMemorySegments,
  engineMemorySync,
  engineRecord,
} from '../../src/machine/dma/engine-record.ts';
import { DmaSegments } from '../../src/machine/dma/iommu.ts';
import {
  DMA_BIDIRECTIONAL,
  DMA_FROM_DEVICE,
  DMA_TO_DEVICE,
  type DmaDirection,
} from '../../src/machine/dma/ledger.ts';
import { dmaAddr, PAGE_SIZE, physAddr } from '../../src/units.ts';
import { bvecRead, bvecWrite } from '../lower/copy.ts';
import { placesOf } from '../lower/late.ts';
import type { OpList } from '../lower/list.ts';
import { type CryptoOp, opComplete } from '../op.ts';

/** An IOMMU may join so many ranges to one segment; more are not even tried. */
const JOINED = 4;
const DIGEST_SIZE = 32;

/** An operation as its device sees it. @kernel none: a request context */
export interface Work {
  readonly mode: EngineMode;
  readonly enc: boolean;
  readonly key: Uint8Array;
  /** That of the caller, as it is when the device gets the request. */
  readonly iv: () => Uint8Array;
  readonly authsize: number;
  /** Null where there is none. */
  readonly ad: OpList | null;
  readonly src: OpList;
  /** Null for a hash. */
  readonly dst: OpList | null;
  /** Read by the decryption of an AEAD. */
  readonly tag: OpList | null;
  readonly len: number;
  /** Takes what the device made. @returns the result. */
  readonly finish: (err: Errno, iv: Uint8Array, result: Uint8Array) => Errno;
  /** Does all of it on the processor. */
  readonly software: () => Errno;
}

/** The ranges of an operation, cut to what is used, none longer than the device takes. */
interface Ranges {
  readonly ad: BvecList;
  readonly src: BvecList;
  readonly dst: BvecList;
  /** The text is written where it is read. */
  readonly inplace: boolean;
}

/** What is mapped for an operation, and how it is given back. */
interface Mapped {
  readonly src: readonly EngineList[];
  readonly dst: EngineList | null;
  readonly unmap: (made: boolean) => void;
}

/** The driver of one device. @kernel none: a crypto_engine and its device */
export class DmaDriver {
  private readonly hw: CryptoEngineDevice;
  private readonly engine: CryptoEngine<CryptoOp>;
  private readonly works = new WeakMap<CryptoOp, Work>();

  constructor(hw: CryptoEngineDevice) {
    this.hw = hw;
    this.engine = new CryptoEngine(hw.dma.machine, hw.temper.name, {
      hasRoom: () => hw.hasRoom,
      doOne: (op) => this.doOne(op),
      complete: opComplete,
    });
  }

  /** @returns as a driver; at once where the device cannot take the ranges. */
  submit(op: CryptoOp, work: Work | null, software: () => Errno): Errno {
    if (work === null || !(this.fits(this.rangesOf(work)) || this.bounces(work))) return software();
    this.works.set(op, work);
    // Its device goes on in an interrupt.
    op.walk.gfp = GFP_ATOMIC;
    return this.engine.transfer(op);
  }

  private doOne(op: CryptoOp): Errno | null {
    const work = this.works.get(op);
    if (work === undefined)
      throw new KernelBug('operation of another driver in the queue of an engine');
    const { mode, enc, key, iv, authsize, ad, len } = work;
    const record = engineRecord(this.hw.dma, key, iv(), tagOf(op, work));
    if (typeof record === 'number') return record;
    const ranges = this.rangesOf(work);
    const mapped = this.fits(ranges) ? this.map(ranges) : this.bounce(op, work);
    if (mapped === null || typeof mapped === 'number') {
      engineMemoryClose(record);
      return mapped ?? work.software();
    }
    const { src, dst } = mapped;
    const about = { mode, enc, keylen: key.length, authsize, adlen: ad?.size ?? 0, len };
    const err = this.hw.submit({
      ...{ ...about, context: record.address, src, dst },
      done: (made) => this.engine.finalize(op, ended(work, record, mapped, made)),
    });
    assert(err === 0, 'a ring with room takes a job');
    return null;
  }

  private rangesOf({ ad, src, dst, len }: Work): Ranges {
    const from = this.ranges(src, len);
    const to = dst === null ? new BvecList(0) : this.ranges(dst, len);
    const other = ad === null ? new BvecList(0) : this.ranges(ad, ad.size);
    return { ad: other, src: from, dst: to, inplace: dst !== null && isSame(from, to) };
  }

  /** The first `len` bytes of a list as physical ranges. */
  private ranges(list: OpList, len: number): BvecList {
    const { machine, maxSegSize } = this.hw.dma;
    let places = list;
    if (!(places instanceof BvecList)) {
      places = new BvecList(list.nr);
      if (!(list instanceof BvecList)) placesOf(machine, places, list);
    }
    const out = new BvecList(places.nr);
    let left = len;
    for (let k = 0; k < places.nr && left > 0; k++) {
      const take = Math.min(bvecLen(places, k), left);
      for (let done = 0; done < take; done += maxSegSize) {
        const part = Math.min(take - done, maxSegSize);
        bvecAppend(out, physAddr(bvecPhys(places, k) + done), part, places.flags[k]);
      }
      left -= take;
    }
    return out;
  }

  /** Whether the ranges may be mapped as they are. */
  private fits({ ad, src, dst, inplace }: Ranges): boolean {
    const { iommu } = this.hw.dma;
    const { segments, alignment } = this.hw.temper;
    if (ad.nr + src.nr > (iommu ? JOINED * segments : segments)) return false;
    if (!inplace && dst.nr > (iommu ? JOINED * segments : segments)) return false;
    for (let k = 0; k < dst.nr; k++) {
      if (bvecPhys(dst, k) % alignment !== 0 || bvecLen(dst, k) % alignment !== 0) return false;
    }
    return true;
  }

  /** Whether one buffer will do. */
  private bounces({ ad, len }: Work): boolean {
    return this.hw.temper.alignment > 1 && (ad?.size ?? 0) + len <= PAGE_SIZE;
  }

  /** @returns null where the device cannot take what the mapping made of the ranges. */
  private map({ ad, src, dst, inplace }: Ranges): Mapped | Errno | null {
    const plan: (readonly [runs: BvecList, dir: DmaDirection])[] = [
      [ad, DMA_TO_DEVICE],
      [src, inplace ? DMA_BIDIRECTIONAL : DMA_TO_DEVICE],
      [inplace ? new BvecList(0) : dst, DMA_FROM_DEVICE],
    ];
    const undo: (() => void)[] = [];
    const unmap = (): void => {
      for (const step of undo.splice(0).reverse()) step();
    };
    const lists: EngineList[] = [];
    for (const [runs, dir] of plan) {
      const segments = new DmaSegments();
      const err = runs.nr === 0 ? 0 : dmaMapRuns(this.hw.dma, runs, dir, segments);
      if (err !== 0) {
        unmap();
        return err;
      }
      const first = dmaAddr(segments.addr[0]);
      if (runs.nr > 0) undo.push(() => dmaUnmapRuns(this.hw.dma, first, runs.nr, dir));
      lists.push({ segments, skip: 0 });
    }
    const [other, from, to] = lists;
    const { segments: most } = this.hw.temper;
    if (other.segments.nr + from.segments.nr > most || to.segments.nr > most) {
      unmap();
      return null;
    }
    return { src: [other, from], dst: inplace ? from : dst.nr === 0 ? null : to, unmap };
  }

  private bounce(op: CryptoOp, { ad, src, dst, len }: Work): Mapped | Errno {
    const { machine } = op.tfm.api;
    const { mem } = op.walk;
    const adlen = ad?.size ?? 0;
    const buffer = engineMemory(this.hw.dma, adlen + len, (at) => {
      const bytes = new Uint8Array(adlen + len);
      if (ad !== null) bvecRead(mem, ad, 0, bytes.subarray(0, adlen));
      bvecRead(mem, src, 0, bytes.subarray(adlen));
      writeKernel(machine, at, bytes);
    });
    if (typeof buffer === 'number') return buffer;
    const segments = engineMemorySegments(buffer);
    const unmap = (made: boolean): void => {
      engineMemorySync(buffer);
      const text = new Uint8Array(len);
      if (made) engineMemoryRead(buffer, adlen, text);
      engineMemoryClose(buffer);
      if (made && dst !== null) bvecWrite(mem, dst, 0, text);
    };
    const to = dst === null || len === 0 ? null : { segments, skip: adlen };
    return { src: [{ segments, skip: 0 }], dst: to, unmap };
  }
}

/** What an interrupt does: everything is given back, then the result is looked at. */
function ended(work: Work, record: EngineMemory, mapped: Mapped, err: Errno): Errno {
  const made = err === 0 || err === -EBADMSG;
  const iv = new Uint8Array(AES_BLOCK_SIZE);
  const result = new Uint8Array(DIGEST_SIZE);
  engineMemorySync(record);
  engineMemoryRead(record, ENGINE_IV, iv);
  engineMemoryRead(record, ENGINE_RESULT, result);
  mapped.unmap(made);
  engineMemoryClose(record);
  return made ? work.finish(err, iv, result) : err;
}

/** The tag that a decryption brings. */
function tagOf(op: CryptoOp, { enc, authsize, tag }: Work): Uint8Array {
  const out = new Uint8Array(enc || tag === null ? 0 : authsize);
  if (tag !== null) bvecRead(op.walk.mem, tag, 0, out);
  return out;
}

function isSame(a: BvecList, b: BvecList): boolean {
  if (a.nr !== b.nr) return false;
  for (let k = 0; k < a.nr; k++) {
    if (bvecPhys(a, k) !== bvecPhys(b, k) || bvecLen(a, k) !== bvecLen(b, k)) return false;
  }
  return true;
}
