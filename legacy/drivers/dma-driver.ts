/**
 * The driver of a crypto engine that does DMA: scatterlists mapped with dma_map_sg.
 *
 * A request waits in the queue of its engine. What its device cannot take (empty entries, too many, too
 * long, not aligned) goes through one buffer where the device needs whole cache lines, else through the
 * software driver of the same name.
 * C: drivers/crypto/stm32/stm32-cryp.c, drivers/crypto/rockchip/rk3288_crypto.c (6.1), the shape
 * @module
 */
import { assert, KernelBug } from '../../src/assert.ts';
import { AES_BLOCK_SIZE } from '../../src/crypto/catalogue.ts';
import { CryptoEngine } from '../../src/crypto/crypto-engine.ts';
import { EBADMSG, ENOMEM, type Errno } from '../../src/errno.ts';
import { writeKernel } from '../../src/machine/access.ts';
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
import { DmaSegments, dmaSegmentsAppend } from '../../src/machine/dma/iommu.ts';
import {
  DMA_BIDIRECTIONAL,
  DMA_FROM_DEVICE,
  DMA_TO_DEVICE,
  type DmaDirection,
} from '../../src/machine/dma/ledger.ts';
import { PAGE_SIZE } from '../../src/units.ts';
import type { AeadRequest } from '../aead.ts';
import type { AhashRequest } from '../ahash.ts';
import { type Scatterlist, sgNentsForLen, sgNext, sgPhys } from '../lists/scatterlist.ts';
import { dmaMapSg, dmaUnmapSg, sgDmaAddress, sgDmaLen } from '../lists/sg-dma.ts';
import type { SkcipherRequest } from '../skcipher.ts';
import { cryptoTfmRequestComplete } from '../tfm.ts';
import { scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';

/** An IOMMU may join so many entries to one segment; more are not even tried. */
const JOINED = 4;
const DIGEST_SIZE = 32;

type DmaRequest = SkcipherRequest | AeadRequest | AhashRequest;

/** A request as its device sees it: `adlen` bytes and `len` bytes of text, at the front of both lists. @kernel none: a request context */
export interface Work {
  readonly mode: EngineMode;
  readonly enc: boolean;
  readonly key: Uint8Array;
  /** That of the caller, as it is when the device gets the request. */
  readonly iv: () => Uint8Array;
  readonly authsize: number;
  readonly src: Scatterlist;
  /** Null for a hash. */
  readonly dst: Scatterlist | null;
  readonly adlen: number;
  readonly len: number;
  /** Takes what the device made. @returns the result. */
  readonly finish: (err: Errno, iv: Uint8Array, result: Uint8Array) => Errno;
  /** Does all of it on the processor. */
  readonly software: () => Errno;
}

/** What is mapped for a request, and how it is given back. */
interface Mapped {
  readonly src: EngineList;
  readonly dst: EngineList | null;
  readonly unmap: (made: boolean) => void;
}

/** The driver of one device. @kernel none: a crypto_engine and its device */
export class DmaDriver {
  private readonly hw: CryptoEngineDevice;
  private readonly engine: CryptoEngine<DmaRequest>;
  private readonly works = new WeakMap<DmaRequest, Work>();

  constructor(hw: CryptoEngineDevice) {
    this.hw = hw;
    this.engine = new CryptoEngine(hw.dma.machine, hw.temper.name, {
      hasRoom: () => hw.hasRoom,
      doOne: (req) => this.doOne(req),
      complete: (req, err) => complete(req, err),
    });
  }

  /** @returns as a driver; at once where the device cannot take the lists. */
  submit(req: DmaRequest, work: Work | null, software: () => Errno): Errno {
    if (work === null || !(this.fits(work) || this.bounces(work))) return software();
    this.works.set(req, work);
    return this.engine.transfer(req);
  }

  private doOne(req: DmaRequest): Errno | null {
    const work = this.works.get(req);
    if (work === undefined)
      throw new KernelBug('request of another driver in the queue of an engine');
    const { mode, enc, key, iv, authsize, adlen, len } = work;
    const record = engineRecord(this.hw.dma, key, iv(), tagOf(req, work));
    if (typeof record === 'number') return record;
    const mapped = this.fits(work) ? this.map(work) : this.bounce(req, work);
    if (mapped === null || typeof mapped === 'number') {
      engineMemoryClose(record);
      return mapped ?? work.software();
    }
    const { src, dst } = mapped;
    const about = { mode, enc, keylen: key.length, authsize, adlen, len };
    const job = { ...about, context: record.address, src: [src], dst };
    const err = this.hw.submit({
      ...job,
      done: (made) => this.engine.finalize(req, ended(work, record, mapped, made)),
    });
    assert(err === 0, 'a ring with room takes a job');
    return null;
  }

  /** Whether the lists may be mapped as they are. */
  private fits({ src, dst, adlen, len }: Work): boolean {
    const inplace = src === dst;
    if (!this.takes(src, adlen + len, inplace)) return false;
    return inplace || dst === null || len === 0 || this.takes(dst, adlen + len, true);
  }

  private takes(sg: Scatterlist, bytes: number, written: boolean): boolean {
    const { iommu, maxSegSize } = this.hw.dma;
    const { segments, alignment } = this.hw.temper;
    let left = bytes;
    let nents = 0;
    for (let at: Scatterlist | null = sg; at !== null && left > 0; at = sgNext(at)) {
      if (at.length === 0 || at.length > maxSegSize) return false;
      const isLoose = sgPhys(at) % alignment !== 0 || at.length % alignment !== 0;
      if (written && isLoose) return false;
      left -= at.length;
      nents++;
    }
    return left <= 0 && nents <= (iommu ? JOINED * segments : segments);
  }

  /** Whether one buffer will do. */
  private bounces({ adlen, len }: Work): boolean {
    return this.hw.temper.alignment > 1 && adlen + len <= PAGE_SIZE;
  }

  /** @returns null where the device cannot take what the mapping made of the lists. */
  private map(work: Work): Mapped | Errno | null {
    const { src, dst, adlen, len } = work;
    const inplace = src === dst;
    const from = this.mapList(src, adlen + len, inplace ? DMA_BIDIRECTIONAL : DMA_TO_DEVICE);
    if (from === null || typeof from === 'number') return from;
    if (inplace || dst === null || len === 0) {
      const to = inplace && len > 0 ? { ...from.list, skip: adlen } : null;
      return { src: from.list, dst: to, unmap: from.unmap };
    }
    const to = this.mapList(dst, adlen + len, DMA_FROM_DEVICE);
    if (to === null || typeof to === 'number') {
      from.unmap();
      return to;
    }
    const unmap = (): void => {
      to.unmap();
      from.unmap();
    };
    return { src: from.list, dst: { ...to.list, skip: adlen }, unmap };
  }

  private mapList(
    sg: Scatterlist,
    bytes: number,
    dir: DmaDirection,
  ): { readonly list: EngineList; readonly unmap: () => void } | Errno | null {
    const { dma, temper } = this.hw;
    const nents = sgNentsForLen(sg, bytes);
    const mapped = dmaMapSg(dma, sg, nents, dir);
    if (mapped === 0) return -ENOMEM;
    const unmap = (): void => dmaUnmapSg(dma, sg, nents, dir);
    const segments = new DmaSegments();
    let at: Scatterlist | null = sg;
    for (let i = 0; i < mapped && at !== null; i++, at = sgNext(at)) {
      dmaSegmentsAppend(segments, sgDmaAddress(at), sgDmaLen(at));
    }
    if (mapped <= temper.segments) return { list: { segments, skip: 0 }, unmap };
    unmap();
    return null;
  }

  private bounce(req: DmaRequest, { src, dst, adlen, len }: Work): Mapped | Errno {
    const { machine } = req.tfm.api;
    const buffer = engineMemory(this.hw.dma, adlen + len, (at) => {
      const bytes = new Uint8Array(adlen + len);
      scatterwalkMapAndCopy(machine, bytes, src, 0, bytes.length, 0);
      writeKernel(machine, at, bytes);
    });
    if (typeof buffer === 'number') return buffer;
    const segments = engineMemorySegments(buffer);
    const unmap = (made: boolean): void => {
      engineMemorySync(buffer);
      const text = new Uint8Array(len);
      if (made) engineMemoryRead(buffer, adlen, text);
      engineMemoryClose(buffer);
      if (made && dst !== null) scatterwalkMapAndCopy(machine, text, dst, adlen, len, 1);
    };
    const to = dst === null || len === 0 ? null : { segments, skip: adlen };
    return { src: { segments, skip: 0 }, dst: to, unmap };
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

function complete(req: DmaRequest, err: Errno): void {
  cryptoTfmRequestComplete(req.tfm, req, err);
}

/** The tag that a decryption brings. */
function tagOf(req: DmaRequest, { mode, enc, authsize, src, adlen, len }: Work): Uint8Array {
  const tag = new Uint8Array(mode === 'gcm' && !enc ? authsize : 0);
  scatterwalkMapAndCopy(req.tfm.api.machine, tag, src, adlen + len, tag.length, 0);
  return tag;
}
