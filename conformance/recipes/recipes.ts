/**
 * Small callers of the crypto API, each as it is and as what to type instead. The keys are those of the plan
 * that `sg2iter survey` prints.
 * C: drivers/crypto/ccp/ccp-crypto-rsa.c, fs/smb/client/smb2transport.c, crypto/authenc.c, net/ipv4/esp4.c,
 *    crypto/ccm.c, drivers/md/dm-crypt.c, crypto/algif_hash.c, net/xfrm (6.1)
 * @module
 */

import { copyFromIter } from '../../converted/iter/copy.ts';
import { iovIterBvec, iovIterChain, iovIterCopy } from '../../converted/iter/iov-iter.ts';
import { iterateAndAdvanceKernel } from '../../converted/iter/iterate.ts';
import { iovIterAdvance } from '../../converted/iter/position.ts';
import { ITER_SOURCE } from '../../converted/iter/types.ts';
import {
  sgAlloc,
  sgChain,
  sgInitOne,
  sgInitTable,
  sgNents,
  sgSetBuf,
  sgSetPage,
} from '../../legacy/lists/scatterlist.ts';
import {
  SG_MITER_FROM_SG,
  sgMiterNext,
  sgMiterStart,
  sgMiterStop,
} from '../../legacy/lists/sg-mapping-iter.ts';
import { scatterwalkFfwd, scatterwalkMapAndCopy } from '../../legacy/walk/scatterwalk.ts';
import { readKernel } from '../../src/machine/access.ts';
import { KernelMemory } from '../../src/machine/kernel-memory.ts';
import { physToPfn } from '../../src/machine/phys-mem.ts';
import type { ByteMemory } from '../../src/provider/provider.ts';
import { offsetInPage, type VirtAddr, virtAddr } from '../../src/units.ts';
import { bvecIter, bvecsOf, extracted, kvecIter, listOf } from './describe.ts';
import { digestOfBuffers, digestOfIter, digestOfList } from './hashing.ts';
import { MEMORY_RECIPES } from './memories.ts';
import { type Buffer, lengthOf, type Recipe } from './recipe.ts';

/** Bytes that the recipes pass over, and bytes of a tag. */
export const SKIP = 21;
export const TAG = 16;

/** The rest of some buffers behind their first `skip` bytes. */
function behind(buffers: readonly Buffer[], skip: number): Buffer[] {
  let left = skip;
  return buffers.flatMap(({ base, len }) => {
    const cut = Math.min(left, len);
    left -= cut;
    return cut === len ? [] : [{ base: virtAddr(base + cut), len: len - cut }];
  });
}

const ONE_BUFFER: Recipe = {
  keys: ['one-buffer', 'setter'],
  title: 'One buffer',
  who: 'crypto_ahash_digest over a kmalloc of the caller',
  scatterlist: ({ machine, buffers: [{ base, len }] }) => {
    const [sg] = sgAlloc(1);
    sgInitOne(machine, sg, base, len);
    return digestOfList(machine, sg, len);
  },
  iovIter: ({ machine, buffers: [buffer] }) =>
    digestOfIter(machine, kvecIter(machine, [buffer]), buffer.len),
  bioVec: ({ machine, buffers: [buffer] }) =>
    digestOfIter(machine, bvecIter(machine, bvecsOf([buffer])), buffer.len),
  library: ({ machine, buffers: [buffer] }) => digestOfBuffers(machine, [buffer]),
};

const TABLE: Recipe = {
  keys: ['table', 'end-mark'],
  title: 'Several buffers, one message',
  who: 'header, payload and trailer of one record',
  scatterlist: ({ machine, buffers }) => {
    const table = sgAlloc(buffers.length);
    sgInitTable(table, buffers.length);
    for (const [i, { base, len }] of buffers.entries()) sgSetBuf(machine, table[i], base, len);
    return digestOfList(machine, table[0], lengthOf(buffers));
  },
  // Buffers are kvecs as they are; the length bounds the walk, and nothing marks an end.
  iovIter: ({ machine, buffers }) =>
    digestOfIter(machine, kvecIter(machine, buffers), lengthOf(buffers)),
  bioVec: ({ machine, buffers }) =>
    digestOfIter(machine, bvecIter(machine, bvecsOf(buffers)), lengthOf(buffers)),
  library: ({ machine, buffers }) => digestOfBuffers(machine, buffers),
};

const CHAIN: Recipe = {
  keys: ['chain'],
  title: 'An own header in front of the list of another',
  who: 'crypto/ccm.c, crypto/authenc.c: sg_chain',
  scatterlist: ({ machine, buffers: [header, ...theirs] }) => {
    const list = listOf(machine, theirs);
    const front = sgAlloc(2);
    sgInitTable(front, 2);
    sgSetBuf(machine, front[0], header.base, header.len);
    sgChain(front[0], 2, list[0]);
    return digestOfList(machine, front[0], header.len + lengthOf(theirs));
  },
  // A chain of iterators is a type that Linux does not have: there, two updates, or bio_vecs.
  iovIter: ({ machine, buffers: [header, ...theirs] }) => {
    const len = header.len + lengthOf(theirs);
    const parts = [kvecIter(machine, [header]), kvecIter(machine, theirs)];
    return digestOfIter(machine, iovIterChain(machine, ITER_SOURCE, parts, len), len);
  },
  // One array of n + 1: those of the other are copied.
  bioVec: ({ machine, buffers: [header, ...theirs] }) => {
    const bvecs = [...bvecsOf([header]), ...bvecsOf(theirs)];
    return digestOfIter(machine, bvecIter(machine, bvecs), header.len + lengthOf(theirs));
  },
  library: ({ machine, buffers: [header, ...theirs] }) =>
    digestOfBuffers(machine, [header, ...theirs]),
};

const SKIPPING: Recipe = {
  keys: ['skip', 'split'],
  title: 'All but the first bytes',
  who: 'crypto/gcm.c, net/ipv4/esp4.c: scatterwalk_ffwd over the associated data',
  scatterlist: ({ machine, buffers }) => {
    const [head] = listOf(machine, buffers);
    const [first] = sgAlloc(2);
    return digestOfList(machine, scatterwalkFfwd(first, head, SKIP), lengthOf(buffers) - SKIP);
  },
  // A copy of the iterator is moved; that of the caller stays.
  iovIter: ({ machine, buffers }) => {
    const text = iovIterCopy(kvecIter(machine, buffers));
    iovIterAdvance(text, SKIP);
    return digestOfIter(machine, text, lengthOf(buffers) - SKIP);
  },
  bioVec: ({ machine, buffers }) => {
    const text = bvecIter(machine, bvecsOf(buffers));
    iovIterAdvance(text, SKIP);
    return digestOfIter(machine, text, lengthOf(buffers) - SKIP);
  },
  library: ({ machine, buffers }) => digestOfBuffers(machine, behind(buffers, SKIP)),
};

const COPY_AT: Recipe = {
  keys: ['copy-at', 'copy'],
  title: 'Bytes at a place of the message',
  who: 'crypto/authenc.c: the tag behind the text, by scatterwalk_map_and_copy',
  scatterlist: ({ machine, buffers }) => {
    const tag = new Uint8Array(TAG);
    const [head] = listOf(machine, buffers);
    scatterwalkMapAndCopy(machine, tag, head, lengthOf(buffers) - TAG, TAG, 0);
    return tag;
  },
  iovIter: ({ machine, buffers }) => {
    const tag = new Uint8Array(TAG);
    const at = kvecIter(machine, buffers);
    iovIterAdvance(at, lengthOf(buffers) - TAG);
    copyFromIter(tag, TAG, at);
    return tag;
  },
  bioVec: ({ machine, buffers }) => {
    const tag = new Uint8Array(TAG);
    const at = bvecIter(machine, bvecsOf(buffers));
    iovIterAdvance(at, lengthOf(buffers) - TAG);
    copyFromIter(tag, TAG, at);
    return tag;
  },
  library: ({ machine, buffers }) => {
    const tag = new Uint8Array(TAG);
    let at = 0;
    for (const { base, len } of behind(buffers, lengthOf(buffers) - TAG)) {
      readKernel(machine, base, tag.subarray(at, at + len));
      at += len;
    }
    return tag;
  },
};

const WALK: Recipe = {
  keys: ['walk-bytes', 'walk-entries'],
  title: 'Every byte, by the caller itself',
  who: 'for_each_sg, sg_miter_next: a checksum in software',
  scatterlist: ({ machine, buffers }) => {
    const [head] = listOf(machine, buffers);
    const sum = new Uint8Array(1);
    const miter = sgMiterStart(machine, head, sgNents(head), SG_MITER_FROM_SG);
    while (sgMiterNext(miter)) add(sum, machine.load(miter.addr, miter.length));
    sgMiterStop(miter);
    return sum;
  },
  iovIter: ({ machine, buffers }) => {
    const sum = new Uint8Array(1);
    const mem: ByteMemory = new KernelMemory(machine);
    const step = (base: VirtAddr, _progress: number, len: number): number => {
      add(sum, mem.load(base, len));
      return 0;
    };
    iterateAndAdvanceKernel(kvecIter(machine, buffers), lengthOf(buffers), null, step);
    return sum;
  },
  // for_each_bvec
  bioVec: ({ machine, buffers }) => {
    const sum = new Uint8Array(1);
    for (const { phys, len } of bvecsOf(buffers)) add(sum, machine.load(phys, len));
    return sum;
  },
  library: ({ machine, buffers }) => {
    const sum = new Uint8Array(1);
    const mem: ByteMemory = new KernelMemory(machine);
    for (const { base, len } of buffers) add(sum, mem.load(base, len));
    return sum;
  },
};

function add(sum: Uint8Array, bytes: Uint8Array): void {
  for (const byte of bytes) sum[0] += byte;
}

const FROM_BIO: Recipe = {
  keys: ['from-bio'],
  title: 'The bio_vecs of a bio',
  who: 'drivers/md/dm-crypt.c: bio_iter_iovec, sg_set_page',
  scatterlist: ({ machine, buffers }) => {
    const bio = bvecsOf(buffers);
    const table = sgAlloc(bio.length);
    sgInitTable(table, bio.length);
    for (const [i, { phys, len }] of bio.entries()) {
      sgSetPage(table[i], physToPfn(phys), len, offsetInPage(phys));
    }
    return digestOfList(machine, table[0], lengthOf(buffers));
  },
  // The array of the bio is described as it lies there: nothing is written.
  iovIter: ({ machine, buffers }) =>
    digestOfIter(machine, bvecIter(machine, bvecsOf(buffers)), lengthOf(buffers)),
  bioVec: ({ machine, buffers }) => {
    const bio = bvecsOf(buffers);
    const len = lengthOf(buffers);
    return digestOfIter(machine, iovIterBvec(machine, ITER_SOURCE, bio, bio.length, len), len);
  },
  // bvec_kmap_local and a call for each; highmem is mapped piece by piece.
  library: ({ machine, buffers }) => digestOfBuffers(machine, buffers),
};

const FROM_ITER: Recipe = {
  keys: ['from-iter'],
  title: 'An iterator that the caller was given',
  who: 'crypto/algif_hash.c, fs/netfs: extract_iter_to_sg',
  scatterlist: ({ machine, buffers }) => {
    const bvecs = extracted(kvecIter(machine, buffers), lengthOf(buffers));
    const table = sgAlloc(bvecs.length);
    sgInitTable(table, bvecs.length);
    for (const [i, { phys, len }] of bvecs.entries()) {
      sgSetPage(table[i], physToPfn(phys), len, offsetInPage(phys));
    }
    return digestOfList(machine, table[0], lengthOf(buffers));
  },
  // It is passed on: what extracts, pins and unpins is the core.
  iovIter: ({ machine, buffers }) =>
    digestOfIter(machine, kvecIter(machine, buffers), lengthOf(buffers)),
  bioVec: ({ machine, buffers }) => {
    const bvecs = extracted(kvecIter(machine, buffers), lengthOf(buffers));
    return digestOfIter(machine, bvecIter(machine, bvecs), lengthOf(buffers));
  },
  library: ({ machine, buffers }) => {
    const pieces: Buffer[] = [];
    const step = (base: VirtAddr, _progress: number, len: number): number => {
      pieces.push({ base, len });
      return 0;
    };
    iterateAndAdvanceKernel(kvecIter(machine, buffers), lengthOf(buffers), null, step);
    return digestOfBuffers(machine, pieces);
  },
};

export const RECIPES: readonly Recipe[] = [
  ...[ONE_BUFFER, TABLE, CHAIN, SKIPPING, COPY_AT, WALK, FROM_BIO, FROM_ITER],
  ...MEMORY_RECIPES,
];
