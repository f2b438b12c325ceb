/**
 * Iterators of every type over the segments of a file: what a case is run on, each as a subject.
 * @module
 */
import { Bvecq, bvecqAppend, bvecqPrepend } from '../../converted/iter/bvecq.ts';
import { FolioQueue, folioqAppend, folioqLink } from '../../converted/iter/folio-queue.ts';
import { importIovec } from '../../converted/iter/import.ts';
import {
  type Direction,
  type Iovec,
  type IovIter,
  ITER_DEST,
  iovIterBvec,
  iovIterBvecList,
  iovIterBvecQueue,
  iovIterChain,
  iovIterDiscard,
  iovIterFolioQueue,
  iovIterInit,
  iovIterKvec,
  iovIterUbuf,
  iovIterXarray,
} from '../../converted/iter/iov-iter.ts';
import { KernelBug } from '../../src/assert.ts';
import { type BioVec, BvecList, bvecAppend } from '../../src/bvec.ts';
import { copyToUser } from '../../src/machine/user.ts';
import { PAGE_SIZE, type UserAddr, userAddr, virtAddr } from '../../src/units.ts';
import type { Segment } from '../case/case.ts';
import { isOneRange } from '../case/iterator-case.ts';
import { type CaseFile, cutAtFolios, linearOf, physOf } from './file.ts';
import type { Part, PartType, Piece } from './flat.ts';

/** An iterator as it was built, and of what. */
export interface Built {
  readonly iter: IovIter;
  readonly parts: readonly Part[];
  readonly isChain: boolean;
}

type Span = Pick<Segment, 'offset' | 'len'>;
type Make = (file: CaseFile, spans: readonly Span[]) => Built;

/** Types that a case may be run on, and how each is made. */
const TYPES: Readonly<Record<string, Make>> = {
  ubuf: (file, spans) => {
    const { machine, memory, program } = file;
    const [first, total] = rangeOf(spans);
    const at = userAddr(file.user + first);
    const iter = iovIterUbuf(machine, memory.mm, program.direction, at, total);
    return alone(iter, 'ubuf', [{ address: at, at: first, len: total }]);
  },
  iovec: (file, spans) => {
    const { machine, memory, program } = file;
    const iov = spans.map(({ offset, len }) => ({ base: userAddr(file.user + offset), len }));
    const total = lengthOf(spans);
    const iter = iovIterInit(machine, memory.mm, program.direction, iov, iov.length, total);
    return alone(
      iter,
      'iovec',
      piecesOf(spans, (offset) => file.user + offset),
    );
  },
  'imported iovec': (file, spans) => {
    const { machine, memory, program } = file;
    const iov = spans.map(({ offset, len }) => ({ base: userAddr(file.user + offset), len }));
    const at = putIovec(file, iov);
    const made = importIovec(machine, memory.mm, program.direction, at, iov.length, 8);
    if (typeof made === 'number') throw new KernelBug('import_iovec refused', { errno: made });
    const type = spans.length === 1 ? 'ubuf' : 'iovec';
    return alone(
      made.iter,
      type,
      piecesOf(spans, (offset) => file.user + offset),
    );
  },
  kvec: (file, spans) => {
    const pieces = spans.flatMap((span) => cutAtFolios(file, span));
    return kvecOf(file, pieces, (offset) => linearOf(file, offset));
  },
  'vmalloc kvec': (file, spans) => kvecOf(file, spans, (offset) => file.vmap + offset),
  bvec: (file, spans) => {
    const pieces = spans.flatMap((span) => cutAtFolios(file, span));
    const bvec = pieces.map((piece) => bioVec(file, piece));
    const { machine, program } = file;
    const total = lengthOf(spans);
    const iter = iovIterBvec(machine, program.direction, bvec, bvec.length, total);
    return alone(iter, 'bvec', physPieces(file, pieces));
  },
  'bvec list': (file, spans) => {
    const list = new BvecList();
    const pieces = spans.flatMap((span) => cutAtFolios(file, span)).filter(({ len }) => len > 0);
    for (const { offset, len } of pieces) bvecAppend(list, physOf(file.pages, offset), len, 0);
    const iter = iovIterBvecList(file.machine, file.program.direction, list);
    return alone(iter, 'bvec', physPieces(file, pieces));
  },
  bvecq: (file, spans) => {
    const pieces = spans.flatMap((span) => cutAtFolios(file, span));
    const { machine, program } = file;
    const head = queueOf(
      program.slots,
      pieces.map((piece) => bioVec(file, piece)),
    );
    const total = lengthOf(spans);
    const iter = iovIterBvecQueue(machine, program.direction, head, 0, 0, total);
    return alone(iter, 'bvecq', physPieces(file, pieces));
  },
  folioq: (file, spans) => {
    const [first, total] = rangeOf(spans);
    const { machine, program } = file;
    const folio = file.folios.findLastIndex(({ from }) => from <= first);
    const offset = first - file.folios[folio].from;
    const head = folioQueueOf(file, folio);
    const { direction, before } = program;
    const iter = iovIterFolioQueue(machine, direction, head, before, offset, total);
    return alone(iter, 'folioq', [{ address: offset, at: first, len: total }]);
  },
  xarray: (file, spans) => {
    const [first, total] = rangeOf(spans);
    const { machine, memory, program } = file;
    const start = program.first * PAGE_SIZE + first;
    const iter = iovIterXarray(machine, program.direction, memory.cache, start, total);
    return alone(iter, 'xarray', [{ address: start, at: first, len: total }]);
  },
  chain: (file, spans) => chainOf(file, spans, MIXED),
  'kernel chain': (file, spans) => chainOf(file, spans, KERNEL),
  'nested chain': (file, spans) => chainOf(file, spans, NESTED),
  discard: (file, spans) => {
    const total = lengthOf(spans);
    const iter = iovIterDiscard(file.machine, ITER_DEST, total);
    return alone(iter, 'discard', [{ address: 0, at: 0, len: total }]);
  },
};

/** Types of the parts of a chain, in turn. */
const KERNEL = ['kvec', 'bvec', 'folioq', 'bvecq', 'xarray', 'vmalloc kvec'] as const;
const MIXED = ['kvec', 'bvec', 'iovec', 'folioq', 'bvecq', 'xarray', 'ubuf'] as const;
const NESTED = ['kernel chain', 'bvec', 'chain'] as const;

/** Names of all types. */
export const ITERATOR_TYPES: readonly string[] = Object.keys(TYPES);

const ONE_RANGE: readonly string[] = ['ubuf', 'folioq', 'xarray'];
/** A length from which a part of a chain is cut once more. */
const WORTH_CUTTING = 3;

/** Why a type cannot hold the segments of a case; null where it can. */
export function whyNot(type: string, { program, segments }: CaseFile): string | null {
  if (ONE_RANGE.includes(type) && !isOneRange(segments)) return 'more than one range';
  return type === 'discard' && program.direction === 'source' ? 'no source' : null;
}

/** The iterator of one type over the segments of a file. */
export function buildIterator(type: string, file: CaseFile): Built {
  return TYPES[type](file, file.segments);
}

function alone(iter: IovIter, type: PartType, pieces: readonly Piece[]): Built {
  const inChain = pieces.reduce((sum, { len }) => sum + len, 0);
  return { iter, parts: [{ type, pieces, inChain }], isChain: false };
}

function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { len }) => sum + len, 0);
}

/** The one range that the spans are. @returns its first byte, and its length */
function rangeOf(spans: readonly Span[]): readonly [first: number, len: number] {
  return [spans[0]?.offset ?? 0, lengthOf(spans)];
}

function piecesOf(spans: readonly Span[], addressOf: (offset: number) => number): Piece[] {
  return spans.map(({ offset, len }) => ({ address: addressOf(offset), at: offset, len }));
}

function physPieces({ pages }: CaseFile, spans: readonly Span[]): Piece[] {
  return piecesOf(spans, (offset) => physOf(pages, Math.min(offset, pages.length * PAGE_SIZE - 1)));
}

function bioVec({ pages }: CaseFile, { offset, len }: Span): BioVec {
  return { phys: physOf(pages, Math.min(offset, pages.length * PAGE_SIZE - 1)), len, flags: 0 };
}

function kvecOf(
  { machine, program }: CaseFile,
  spans: readonly Span[],
  addressOf: (offset: number) => number,
): Built {
  const kvec = spans.map(({ offset, len }) => ({ base: virtAddr(addressOf(offset)), len }));
  const iter = iovIterKvec(machine, program.direction, kvec, kvec.length, lengthOf(spans));
  return alone(iter, 'kvec', piecesOf(spans, addressOf));
}

/** `struct iovec` of a process, in its memory: an address and a length of 8 bytes each. */
function putIovec({ machine, memory, iovecs }: CaseFile, iov: readonly Iovec[]): UserAddr {
  const bytes = new Uint8Array(16 * iov.length);
  const view = new DataView(bytes.buffer);
  for (const [k, { base, len }] of iov.entries()) {
    view.setBigUint64(16 * k, BigInt(base), true);
    view.setBigUint64(16 * k + 8, BigInt(len), true);
  }
  copyToUser(machine, memory.mm, iovecs, bytes);
  return iovecs;
}

/** Nodes of so many slots, and the first bio_vec glued on in front. */
function queueOf(slots: number, bvec: readonly BioVec[]): Bvecq {
  const head = new Bvecq(slots);
  let tail = head;
  for (const bv of bvec.slice(1)) tail = bvecqAppend(tail, bv);
  return bvec.length === 0 ? head : bvecqPrepend(head, bvec[0]);
}

/** The folios from number `first` on, behind slots that hold others. */
function folioQueueOf({ folios, program }: CaseFile, first: number): FolioQueue {
  const head = new FolioQueue();
  let node = head;
  const append = (folio: CaseFile['folios'][number]): void => {
    if (node.nr === node.folios.length) node = folioqLink(node);
    folioqAppend(node, folio);
  };
  for (let k = 0; k < program.before; k++) append(folios[0]);
  for (const folio of folios.slice(first)) append(folio);
  return head;
}

/** A part for each segment, of types in turn; longer ones are cut, with an empty segment between. */
function chainOf(file: CaseFile, spans: readonly Span[], types: readonly string[]): Built {
  const made = spans.map((span, k): Built => {
    const type = types[(k + spans.length) % types.length];
    return TYPES[type](file, ONE_RANGE.includes(type) ? [span] : cutOnce(span));
  });
  const parts = made.flatMap((built) => {
    const total = built.parts.reduce((sum, part) => sum + partLength(part), 0);
    let from = 0;
    return built.parts.map((part) => {
      const inChain = total - from;
      from += partLength(part);
      return { ...part, inChain };
    });
  });
  const { machine, program } = file;
  const iters = made.map(({ iter }) => iter);
  const iter = chained(machine, program.direction, iters, lengthOf(spans));
  return { iter, parts, isChain: true };
}

function chained<D extends Direction>(
  machine: CaseFile['machine'],
  direction: D,
  iters: readonly IovIter[],
  count: number,
): IovIter {
  const isSame = (iter: IovIter): iter is IovIter<D> => iter.direction === direction;
  return iovIterChain(machine, direction, iters.filter(isSame), count);
}

function partLength({ pieces }: Part): number {
  return pieces.reduce((sum, { len }) => sum + len, 0);
}

function cutOnce({ offset, len }: Span): Span[] {
  if (len < WORTH_CUTTING) return [{ offset, len }];
  return [
    { offset, len: 1 },
    { offset: offset + 1, len: 0 },
    { offset: offset + 1, len: len - 1 },
  ];
}
