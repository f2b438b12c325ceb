/**
 * Small callers whose memory is somebody's structure, or goes to a device: each as it is and as what to type
 * instead, or why it cannot be said that way.
 * C: drivers/block/virtio_blk.c, net/core/skbuff.c skb_to_sgvec, net/sunrpc/xdr.c xdr_buf_to_sg,
 *    crypto/scatterwalk.c memcpy_sglist, drivers/crypto/ccree/cc_buffer_mgr.c (7.3)
 * @module
 */
import { copyMemoryToIter, copyPageToIter } from '../../converted/iter/copy.ts';
import {
  type IovIter,
  ITER_DEST,
  ITER_SOURCE,
  iovIterBvec,
  iovIterChain,
  iovIterCount,
  iovIterKvec,
} from '../../converted/iter/iov-iter.ts';
import { iterateAndAdvanceKernel } from '../../converted/iter/iterate.ts';
import {
  type Scatterlist,
  sgAlloc,
  sgInitTable,
  sgNentsForLen,
  sgPhys,
  sgSetBuf,
  sgSetPage,
} from '../../legacy/lists/scatterlist.ts';
import { dmaMapSg, dmaUnmapSg, sgDmaAddress, sgDmaLen } from '../../legacy/lists/sg-dma.ts';
import { memcpySglist } from '../../legacy/walk/scatterwalk.ts';
import type { BioVec } from '../../src/bvec.ts';
import { must, readKernel } from '../../src/machine/access.ts';
import { DmaDevice } from '../../src/machine/dma/device.ts';
import { dmaMapPhys, dmaMappingError, dmaUnmapPhys } from '../../src/machine/dma/dma.ts';
import { DMA_TO_DEVICE } from '../../src/machine/dma/ledger.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { physToPfn } from '../../src/machine/phys-mem.ts';
import { offsetInPage, physAddr, type VirtAddr } from '../../src/units.ts';
import { encryptIters, encryptList, encryptPieces, KEY } from './ciphering.ts';
import { bvecIter, bvecsOf, extracted, kvecIter, listOf } from './describe.ts';
import { digestOfBuffers, digestOfIter, digestOfList } from './hashing.ts';
import { type Buffer, done, lengthOf, type Recipe } from './recipe.ts';

/** The bytes of some buffers, for the one who looks at what a caller has done. */
function bytesOf(machine: Machine, buffers: readonly Buffer[]): Uint8Array {
  const bytes = new Uint8Array(lengthOf(buffers));
  let at = 0;
  for (const { base, len } of buffers) {
    readKernel(machine, base, bytes.subarray(at, at + len));
    at += len;
  }
  return bytes;
}

const IN_PLACE: Recipe = {
  keys: ['in-place'],
  title: 'Encrypted where it lies',
  who: 'req->src == req->dst: crypto/skcipher.c, most callers of net/',
  writes: true,
  scatterlist: ({ machine, buffers }) => {
    const [head] = listOf(machine, buffers);
    encryptList(machine, head, lengthOf(buffers));
    return bytesOf(machine, buffers);
  },
  iovIter: ({ machine, buffers }) => {
    const len = lengthOf(buffers);
    const dst = iovIterKvec(machine, ITER_DEST, buffers, buffers.length, len);
    encryptIters(machine, kvecIter(machine, buffers), dst, len);
    return bytesOf(machine, buffers);
  },
  bioVec: ({ machine, buffers }) => {
    const [bvecs, len] = [bvecsOf(buffers), lengthOf(buffers)];
    const dst = iovIterBvec(machine, ITER_DEST, bvecs, bvecs.length, len);
    encryptIters(machine, bvecIter(machine, bvecs), dst, len);
    return bytesOf(machine, buffers);
  },
  library: ({ machine, buffers }) => {
    const len = lengthOf(buffers);
    const dst = iovIterKvec(machine, ITER_DEST, buffers, buffers.length, len);
    encryptPieces(machine, kvecIter(machine, buffers), dst, len);
    return bytesOf(machine, buffers);
  },
};

/** Lets `copy` fill a buffer as long as the message. */
function copied(machine: Machine, len: number, copy: (to: Buffer) => void): Uint8Array {
  const to = { base: must(machine.slab.kmalloc(len, 'recipe')), len };
  copy(to);
  const bytes = bytesOf(machine, [to]);
  machine.slab.kfree(to.base);
  return bytes;
}

function destOf(machine: Machine, to: Buffer): IovIter<'dest'> {
  return iovIterKvec(machine, ITER_DEST, [to], 1, to.len);
}

const COPY_LIST: Recipe = {
  keys: ['copy-list'],
  title: 'From one list to another',
  who: 'memcpy_sglist: crypto/authencesn.c, the associated data of an AEAD',
  scatterlist: ({ machine, buffers }) =>
    copied(machine, lengthOf(buffers), (to) => {
      const [[src], [dst]] = [listOf(machine, buffers), listOf(machine, [to])];
      memcpySglist(machine, dst, src, to.len);
    }),
  // No function takes both: one is stepped through, and each piece is copied to the other.
  iovIter: ({ machine, buffers }) =>
    copied(machine, lengthOf(buffers), (to) => {
      const dst = destOf(machine, to);
      const step = (base: VirtAddr, _progress: number, len: number): number =>
        len - copyMemoryToIter(base, len, dst);
      iterateAndAdvanceKernel(kvecIter(machine, buffers), to.len, null, step);
    }),
  bioVec: ({ machine, buffers }) =>
    copied(machine, lengthOf(buffers), (to) => {
      const dst = destOf(machine, to);
      for (const { phys, len } of bvecsOf(buffers)) {
        copyPageToIter(physToPfn(phys), offsetInPage(phys), len, dst);
      }
    }),
  library: { cannot: 'a library computes; its user copies as over an iterator' },
};

const COUNT: Recipe = {
  keys: ['count'],
  title: 'Is there enough memory',
  who: 'sg_nents_for_len in front of a mapping: drivers/crypto',
  scatterlist: ({ machine, buffers }) => {
    const [head] = listOf(machine, buffers);
    return answers(buffers, (len) => sgNentsForLen(head, len) >= 0);
  },
  iovIter: ({ machine, buffers }) => {
    const iter = kvecIter(machine, buffers);
    return answers(buffers, (len) => iovIterCount(iter) >= len);
  },
  bioVec: ({ buffers }) => {
    const bvecs = bvecsOf(buffers);
    return answers(buffers, (len) => bvecs.reduce((sum, bvec) => sum + bvec.len, 0) >= len);
  },
  library: ({ buffers }) => answers(buffers, (len) => lengthOf(buffers) >= len),
};

/** For the message as it is, and for one byte more. */
function answers(buffers: readonly Buffer[], isEnough: (len: number) => boolean): Uint8Array {
  const len = lengthOf(buffers);
  return Uint8Array.of(isEnough(len) ? 1 : 0, isEnough(len + 1) ? 1 : 0);
}

/** Reads what a device was given, by its own addresses. */
function readBy(
  device: DmaDevice,
  segments: readonly { readonly addr: number; readonly len: number }[],
): Uint8Array {
  const parts = segments.map(({ addr, len }) => device.load(physAddr(addr), len));
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** `dma_map_phys` for each: an IOMMU joins nothing, and each is unmapped alone. */
function readMapped(machine: Machine, bvecs: readonly BioVec[]): Uint8Array {
  const device = new DmaDevice(machine, { name: 'recipe', iommu: true });
  const segments = bvecs.map(({ phys, len }) => {
    const addr = dmaMapPhys(device, phys, len, DMA_TO_DEVICE);
    done(dmaMappingError(addr));
    return { addr, len };
  });
  const bytes = readBy(device, segments);
  for (const { addr, len } of segments) dmaUnmapPhys(device, addr, len, DMA_TO_DEVICE);
  return bytes;
}

const DMA: Recipe = {
  keys: ['dma', 'dmaengine'],
  title: 'A device reads the message',
  who: 'dma_map_sg: drivers/crypto; the segments are those of dmaengine_prep_slave_sg',
  // Two counts: entries that were mapped and are unmapped, and segments that came of them.
  scatterlist: ({ machine, buffers }) => {
    const device = new DmaDevice(machine, { name: 'recipe', iommu: true });
    const table = listOf(machine, buffers);
    const mapped = dmaMapSg(device, table[0], table.length, DMA_TO_DEVICE);
    const segments = table.slice(0, mapped).map((sg) => {
      return { addr: sgDmaAddress(sg), len: sgDmaLen(sg) };
    });
    const bytes = readBy(device, segments);
    dmaUnmapSg(device, table[0], table.length, DMA_TO_DEVICE);
    return bytes;
  },
  iovIter: ({ machine, buffers }) =>
    readMapped(machine, extracted(kvecIter(machine, buffers), lengthOf(buffers))),
  // What dmaengine_prep_peripheral_dma_vec takes is these addresses and lengths.
  bioVec: ({ machine, buffers }) => readMapped(machine, bvecsOf(buffers)),
  library: {
    cannot: 'a call of a library is work of the processor; a device is reached by a request',
  },
};

/** Memory with a head in the linear map and pages behind it. */
interface Headed {
  readonly head: Buffer;
  readonly pages: readonly BioVec[];
  readonly tail: readonly Buffer[];
}

/** An skb: linear data, and fragments that are pages. */
function skbOf([head, ...frags]: readonly Buffer[]): Headed {
  return { head, pages: bvecsOf(frags), tail: [] };
}

/** An xdr_buf: a head, pages, a tail. */
function xdrBufOf([head, ...rest]: readonly Buffer[]): Headed {
  return { head, pages: bvecsOf(rest.slice(0, -1)), tail: rest.slice(-1) };
}

/** `skb_to_sgvec` and `xdr_buf_to_sg`: an entry for each part. */
function listOfHeaded(machine: Machine, { head, pages, tail }: Headed): Scatterlist {
  const table = sgAlloc(1 + pages.length + tail.length);
  sgInitTable(table, table.length);
  sgSetBuf(machine, table[0], head.base, head.len);
  for (const [i, { phys, len }] of pages.entries()) {
    sgSetPage(table[1 + i], physToPfn(phys), len, offsetInPage(phys));
  }
  for (const { base, len } of tail) sgSetBuf(machine, table[1 + pages.length], base, len);
  return table[0];
}

/** The parts as they are. A chain of iterators is a type that Linux does not have: there, one update each. */
function chainOfHeaded(machine: Machine, { head, pages, tail }: Headed): IovIter<'source'> {
  const parts = [
    kvecIter(machine, [head]),
    ...(pages.length > 0 ? [bvecIter(machine, pages)] : []),
    ...(tail.length > 0 ? [kvecIter(machine, tail)] : []),
  ];
  const len = parts.reduce((sum, part) => sum + iovIterCount(part), 0);
  return iovIterChain(machine, ITER_SOURCE, parts, len);
}

/** One array of all parts: `xdr_buf_to_bvec`, and what skb_to_bvec would be. */
function bvecsOfHeaded({ head, pages, tail }: Headed): BioVec[] {
  return [...bvecsOf([head]), ...pages, ...bvecsOf(tail)];
}

const FROM_SKB: Recipe = {
  keys: ['from-skb'],
  title: 'An skb: linear data and fragments',
  who: 'net/ipv4/esp4.c, drivers/net/macsec.c: skb_to_sgvec',
  scatterlist: ({ machine, buffers }) =>
    digestOfList(machine, listOfHeaded(machine, skbOf(buffers)), lengthOf(buffers)),
  iovIter: ({ machine, buffers }) =>
    digestOfIter(machine, chainOfHeaded(machine, skbOf(buffers)), lengthOf(buffers)),
  // skb_to_bvec has to be written once.
  bioVec: ({ machine, buffers }) => {
    const bvecs = bvecsOfHeaded(skbOf(buffers));
    return digestOfIter(machine, bvecIter(machine, bvecs), lengthOf(buffers));
  },
  // skb_seq_read gives the parts one by one, mapped.
  library: ({ machine, buffers }) => digestOfBuffers(machine, buffers),
};

const KRB5: Recipe = {
  keys: ['krb5'],
  title: 'The checksum of an xdr_buf',
  who: 'net/sunrpc/auth_gss/gss_krb5_crypto.c: xdr_buf_to_sg, crypto_krb5_get_mic',
  scatterlist: ({ machine, buffers }) =>
    digestOfList(machine, listOfHeaded(machine, xdrBufOf(buffers)), lengthOf(buffers), KEY),
  iovIter: ({ machine, buffers }) =>
    digestOfIter(machine, chainOfHeaded(machine, xdrBufOf(buffers)), lengthOf(buffers), KEY),
  bioVec: ({ machine, buffers }) => {
    const bvecs = bvecsOfHeaded(xdrBufOf(buffers));
    return digestOfIter(machine, bvecIter(machine, bvecs), lengthOf(buffers), KEY);
  },
  library: ({ machine, buffers }) => digestOfBuffers(machine, buffers, KEY),
};

const LISTS_ONLY =
  'virtqueue_add_sgs takes scatterlists: until there is a variant that takes bio_vecs, the iterator is ' +
  'extracted into a list, as in the recipe from-iter';

const VIRTQUEUE: Recipe = {
  keys: ['virtqueue'],
  title: 'Buffers for a virtqueue',
  who: 'drivers/crypto/virtio: virtqueue_add_sgs, a descriptor for each entry',
  scatterlist: ({ machine, buffers }) => {
    const descriptors = listOf(machine, buffers).map((sg) => ({
      phys: sgPhys(sg),
      len: sg.length,
    }));
    const parts = descriptors.map(({ phys, len }) => machine.load(phys, len));
    return Uint8Array.from(parts.flatMap((part) => [...part]));
  },
  iovIter: { cannot: LISTS_ONLY },
  bioVec: { cannot: LISTS_ONLY },
  library: {
    cannot: 'a call of a library is work of the processor; the other side of a queue is none',
  },
};

export const MEMORY_RECIPES: readonly Recipe[] = [
  ...[IN_PLACE, COPY_LIST, COUNT, DMA, FROM_SKB, KRB5, VIRTQUEUE],
];
