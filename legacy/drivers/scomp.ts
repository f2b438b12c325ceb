/**
 * Compressors of linear data as drivers over lists: the message is copied to a scratch buffer, the result
 * to another one and from there to the destination.
 * C: crypto/scompress.c (6.1)
 * @module
 */
import { KernelOops } from '../../src/assert.ts';
import { COMPRESS_DRIVERS, SCOMP_SCRATCH_SIZE } from '../../src/crypto/compressors.ts';
import { EINVAL, ENOMEM, ENOSPC, type Errno } from '../../src/errno.ts';
import { writeKernel } from '../../src/machine/access.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { Compressor } from '../../src/provider/compress/compressors.ts';
import type { VirtAddr } from '../../src/units.ts';
import { type AcompAlg, type AcompReq, cryptoRegisterAcomp } from '../acomp.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { sgIsLast } from '../lists/scatterlist.ts';
import { sglAllocOrder, sglFreeOrder } from '../lists/sg-table.ts';
import { scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';

/** Registers the rows of the table. @kernel none: deflate_mod_init, lz4_mod_init */
export function registerScomp(api: CryptoApi): void {
  const scratch = new ScompScratch(api.machine);
  for (const { compressor, ...row } of COMPRESS_DRIVERS) {
    const alg: AcompAlg<ScompScratch> = {
      ...row,
      // The context of the compressor, a pointer.
      reqsize: 8,
      init: () => scratch.take(),
      exit: (ctx) => ctx.give(),
      compress: (req) => scompAcompCompDecomp(req, compressor, compressor.compress),
      decompress: (req) =>
        scompAcompCompDecomp(req, compressor, (bytes, room) =>
          decompressHere(compressor, bytes, room),
        ),
      dstFree: sglFree,
    };
    cryptoRegisterAcomp(api, alg);
  }
}

/** The two buffers of one CPU, which exist while there are transforms. @kernel scomp_scratch */
class ScompScratch {
  private readonly machine: Machine;
  private users = 0;
  private buffers: readonly VirtAddr[] = [];

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** @returns -ENOMEM without memory; the count of users is not taken back then. @kernel crypto_scomp_init_tfm */
  take(): this | Errno {
    if (this.users++ > 0) return this;
    const buffers = [0, 1].map(() => this.machine.vmalloc.alloc(SCOMP_SCRATCH_SIZE, 'scomp'));
    this.buffers = buffers.filter((at) => at !== null);
    if (this.buffers.length === buffers.length) return this;
    this.free();
    return -ENOMEM;
  }

  /** @kernel crypto_exit_scomp_ops_async */
  give(): void {
    if (--this.users === 0) this.free();
  }

  /** Notes what a buffer holds, source or result. */
  fill(index: 0 | 1, bytes: Uint8Array): void {
    if (this.buffers.length === 0) throw new KernelOops('NULL scratch buffer of scomp');
    writeKernel(this.machine, this.buffers[index], bytes);
  }

  private free(): void {
    for (const at of this.buffers) this.machine.vmalloc.free(at);
    this.buffers = [];
  }
}

/** @kernel scomp_acomp_comp_decomp */
function scompAcompCompDecomp(
  req: AcompReq<ScompScratch>,
  { clearsLength }: Compressor,
  run: (bytes: Uint8Array, room: number) => Uint8Array | Errno,
): Errno {
  const { src, srcLen, tfm } = req;
  const { machine } = tfm.api;
  if (src === null || srcLen === 0 || srcLen > SCOMP_SCRATCH_SIZE) return -EINVAL;
  if (req.dst !== null && req.dstLen === 0) return -EINVAL;
  if (req.dstLen === 0 || req.dstLen > SCOMP_SCRATCH_SIZE) req.dstLen = SCOMP_SCRATCH_SIZE;
  const room = req.dstLen;
  const bytes = new Uint8Array(srcLen);
  scatterwalkMapAndCopy(machine, bytes, src, 0, srcLen, 0);
  tfm.ctx.fill(0, bytes);
  const result = run(bytes, room);
  if (typeof result === 'number') {
    if (clearsLength === true) req.dstLen = 0;
    return result;
  }
  tfm.ctx.fill(1, result);
  req.dstLen = result.length;
  if (req.dst === null) {
    const made = sglAllocOrder(machine, result.length, 0, false);
    if (made === null) return -ENOMEM;
    req.dst = made[0];
  } else if (result.length > room) {
    return -ENOSPC;
  }
  scatterwalkMapAndCopy(machine, result, req.dst, 0, result.length, 1);
  return 0;
}

/** In the scratch buffer, around which nothing is mapped. */
function decompressHere(
  { decompress, strays }: Compressor,
  bytes: Uint8Array,
  room: number,
): Uint8Array | Errno {
  const stray = strays?.(bytes, room) ?? null;
  if (stray !== null) throw new KernelOops(`a decoder is ${stray}`);
  return decompress(bytes, room);
}

/** @kernel sgl_free */
function sglFree({ dst, tfm }: AcompReq<ScompScratch>): void {
  if (dst === null) return;
  const { table } = dst;
  sglFreeOrder(tfm.api.machine, table.slice(0, table.findIndex(sgIsLast) + 1));
}
