/**
 * An iterator, piece by piece, for calls that take virtual addresses: what a user of the library writes
 * round it, once.
 * C: fs/smb/client/smb2ops.c smb3_crypt_step (7.4), include/linux/iov_iter.h iterate_and_advance_kernel
 * @module
 */
import { AES_BLOCK_SIZE } from '../../src/crypto/catalogue.ts';
import type { ByteMemory } from '../../src/provider/provider.ts';
import { type VirtAddr, virtAddr } from '../../src/units.ts';
import { copyFromIter, copyToIter } from '../iter/copy.ts';
import { type IovIter, ITER_DISCARD } from '../iter/iov-iter.ts';
import { iterateAndAdvanceKernel } from '../iter/iterate.ts';

/**
 * One call of the library for a piece that is contiguous on both sides. `src` and `dst` are equal or the
 * pieces are disjoint. @kernel none: aes_gcm_encrypt_update and its relatives
 */
export type CryptUpdate<C> = (
  ctx: C,
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
) => void;

/** The same for what is only read. @kernel none: sha256_update and its relatives */
export type DataUpdate<C> = (ctx: C, mem: ByteMemory, data: VirtAddr, len: number) => void;

/** Memory of the caller's stack: one array, at address 0. @kernel none: a local array */
export class StackMemory implements ByteMemory {
  readonly bytes: Uint8Array;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }

  load(at: VirtAddr, len: number): Uint8Array {
    return this.bytes.subarray(at, at + len);
  }

  store(at: VirtAddr, bytes: Uint8Array): void {
    this.bytes.set(bytes, at);
  }
}

/** Address of the first byte of a stack memory. */
export const STACK: VirtAddr = virtAddr(0);

/** What the steps below need. */
interface CryptWalk<C> {
  readonly ctx: C;
  readonly mem: ByteMemory;
  readonly update: CryptUpdate<C>;
  readonly dst: IovIter<'dest'>;
  /** Pieces are multiples of it. */
  readonly unit: number;
  /** Where the piece of the source begins. */
  src: VirtAddr;
}

/**
 * How the pieces of a message may end: anywhere (unit 1), or at whole blocks but for its end (`tail`),
 * or at whole blocks only. @kernel none: what the headers of the library say in words
 */
export interface PieceEnds {
  readonly unit: number;
  readonly tail: boolean;
}

/** Where a call keeps its place inside a block from piece to piece. */
export const ANYWHERE: PieceEnds = { unit: 1, tail: true };

/**
 * Calls `update` for each piece of `len` bytes, from `src` to `dst`; both move. A piece is as long as the
 * segments and `ends` let it be. A block that lies in more than one segment goes through the stack: what
 * takes whole blocks cannot wait for the rest of one.
 * @returns bytes processed: less than `len` where an iterator is too short or has no bytes at all
 *   (DISCARD), or where a message of whole blocks is none. @kernel none: what each user of the library has
 */
export function cryptPieces<C>(
  ctx: C,
  mem: ByteMemory,
  dst: IovIter<'dest'>,
  src: IovIter<'source'>,
  len: number,
  update: CryptUpdate<C>,
  { unit, tail }: PieceEnds = ANYWHERE,
): number {
  if (src.iterType === ITER_DISCARD || dst.iterType === ITER_DISCARD) return 0;
  const walk: CryptWalk<C> = { ctx, mem, update, dst, unit, src: STACK };
  let done = iterateAndAdvanceKernel(src, len, walk, stepSrc);
  while (done < len && unit > 1) {
    const part = Math.min(unit, len - done);
    if (part < unit && !tail) break;
    const bounce = new StackMemory(part);
    if (copyFromIter(bounce.bytes, part, src) < part) break;
    update(ctx, bounce, STACK, STACK, part);
    if (copyToIter(bounce.bytes, part, dst) < part) break;
    done += part;
    done += iterateAndAdvanceKernel(src, len - done, walk, stepSrc);
  }
  return done;
}

/**
 * Calls `update` once for all of `len` bytes, in a buffer: for calls that take a message at once, and for the
 * end of one. Two copies, and memory as long as the text.
 * @returns bytes processed. @kernel none: what each user of the library has
 */
export function cryptBuffered<C>(
  ctx: C,
  dst: IovIter<'dest'>,
  src: IovIter<'source'>,
  len: number,
  update: CryptUpdate<C>,
): number {
  if (src.iterType === ITER_DISCARD || dst.iterType === ITER_DISCARD) return 0;
  const buffer = new StackMemory(len);
  if (copyFromIter(buffer.bytes, len, src) < len) return 0;
  update(ctx, buffer, STACK, STACK, len);
  return copyToIter(buffer.bytes, len, dst);
}

/**
 * As {@link cryptPieces} for calls whose last piece is a block and what is behind it: that goes through the
 * stack, everything in front of it in pieces.
 * @returns bytes processed. @kernel none: what each user of the library has
 */
export function cryptStealing<C>(
  ctx: C,
  mem: ByteMemory,
  dst: IovIter<'dest'>,
  src: IovIter<'source'>,
  len: number,
  update: CryptUpdate<C>,
): number {
  const unit = AES_BLOCK_SIZE;
  const tail = len % unit;
  const last = tail === 0 ? 0 : unit + tail;
  const head = cryptPieces(ctx, mem, dst, src, len - last, update, { unit, tail: false });
  if (head < len - last || last === 0) return head;
  return head + cryptBuffered(ctx, dst, src, last, update);
}

/** `stealing`: the last piece has a block and anything behind it. `whole`: there are no pieces. @kernel none */
export type CipherEnds = PieceEnds | 'stealing' | 'whole';

/**
 * A message of any cipher, as its pieces may end. `stealing` and `whole` are of blocks of 16 bytes.
 * @returns bytes processed; -1 where there is less than the block that it takes. @kernel none
 */
export function cryptMessage<C>(
  ctx: C,
  mem: ByteMemory,
  dst: IovIter<'dest'>,
  src: IovIter<'source'>,
  len: number,
  update: CryptUpdate<C>,
  ends: CipherEnds,
): number {
  if (typeof ends !== 'string') return cryptPieces(ctx, mem, dst, src, len, update, ends);
  if (len < AES_BLOCK_SIZE) return -1;
  return ends === 'whole'
    ? cryptBuffered(ctx, dst, src, len, update)
    : cryptStealing(ctx, mem, dst, src, len, update);
}

/**
 * Calls `update` for each piece of `len` bytes; the iterator moves.
 * @returns bytes processed, less than `len` where the iterator is too short. @kernel none: see above
 */
export function dataPieces<C>(
  ctx: C,
  mem: ByteMemory,
  data: IovIter<'source'>,
  len: number,
  update: DataUpdate<C>,
): number {
  if (data.iterType === ITER_DISCARD) return 0;
  return iterateAndAdvanceKernel(data, len, { ctx, mem, update }, stepData);
}

function stepData<C>(
  base: VirtAddr,
  _progress: number,
  len: number,
  { ctx, mem, update }: { ctx: C; mem: ByteMemory; update: DataUpdate<C> },
): number {
  update(ctx, mem, base, len);
  return 0;
}

/** One piece of the source: as many pieces of the destination as it takes. */
function stepSrc<C>(base: VirtAddr, _progress: number, len: number, walk: CryptWalk<C>): number {
  walk.src = base;
  return len - iterateAndAdvanceKernel(walk.dst, len, walk, stepDst);
}

function stepDst<C>(base: VirtAddr, progress: number, len: number, walk: CryptWalk<C>): number {
  const { ctx, mem, update, unit } = walk;
  const whole = len - (len % unit);
  if (whole > 0) update(ctx, mem, base, virtAddr(walk.src + progress), whole);
  return len - whole;
}
