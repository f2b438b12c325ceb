/**
 * sg_mapping_iter: the pages of a list, mapped one after the other; and the copies that use it.
 * C: lib/scatterlist.c (6.1)
 * @module
 */
import type { Machine } from '../../src/machine/machine.ts';
import { PAGE_SIZE, type Pfn, type PhysAddr, pfn, physAddr } from '../../src/units.ts';
import { type Scatterlist, sgNext, sgPage } from './scatterlist.ts';

/** The mapped section must not sleep. */
export const SG_MITER_ATOMIC = 1;
/** The mapping is written to. */
export const SG_MITER_TO_SG = 2;
export const SG_MITER_FROM_SG = 4;

const NOWHERE: PhysAddr = physAddr(0);

/** @kernel sg_mapping_iter */
export class SgMappingIter {
  readonly machine: Machine;
  readonly flags: number;
  /** The mapped page, 0 between two steps. */
  page: Pfn = pfn(0);
  /** Where the mapped bytes are. */
  addr: PhysAddr = NOWHERE;
  /** Bytes of this step: to the end of the page or of the entry. */
  length = 0;
  /** Bytes that the caller used; it may lower this, and the rest comes again. */
  consumed = 0;
  /** The page iterator inside: entry, page of the entry, entries left. */
  sg: Scatterlist | null;
  sgPgoffset = 0;
  nents: number;
  pgAdvance = 0;
  offset = 0;
  remaining = 0;

  constructor(machine: Machine, sgl: Scatterlist | null, nents: number, flags: number) {
    this.machine = machine;
    this.sg = sgl;
    this.nents = nents;
    this.flags = flags;
  }
}

/** Stands before the first of `nents` entries. Warns without a direction. @kernel sg_miter_start */
export function sgMiterStart(
  machine: Machine,
  sgl: Scatterlist | null,
  nents: number,
  flags: number,
): SgMappingIter {
  if ((flags & (SG_MITER_TO_SG | SG_MITER_FROM_SG)) === 0) {
    machine.warn('WARN_ON(!(flags & (SG_MITER_TO_SG | SG_MITER_FROM_SG)))');
  }
  return new SgMappingIter(machine, sgl, nents, flags);
}

/** Passes `offset` bytes without mapping them. @returns false when the list ends first. @kernel sg_miter_skip */
export function sgMiterSkip(miter: SgMappingIter, offset: number): boolean {
  sgMiterStop(miter);
  let left = offset;
  while (left > 0) {
    if (!sgMiterGetNextPage(miter)) return false;
    const consumed = Math.min(left, miter.remaining);
    miter.offset += consumed;
    miter.remaining -= consumed;
    left -= consumed;
  }
  return true;
}

/**
 * Maps the next piece. An empty entry that lies inside a page gives a piece of length 0.
 * @returns false at the end. @kernel sg_miter_next
 */
export function sgMiterNext(miter: SgMappingIter): boolean {
  sgMiterStop(miter);
  if (!sgMiterGetNextPage(miter) || miter.sg === null) return false;
  const { machine } = miter;
  miter.page = pfn(sgPage(miter.sg) + miter.sgPgoffset);
  miter.length = miter.remaining;
  miter.consumed = miter.remaining;
  miter.addr = physAddr(miter.page * PAGE_SIZE + miter.offset);
  if ((miter.flags & SG_MITER_ATOMIC) !== 0) machine.context.enterAtomic();
  if (machine.checks) machine.ledger.take('kmap', miter.page, 'sg_miter');
  return true;
}

/** Unmaps and moves on by `consumed`. Must be called when the caller leaves the loop. @kernel sg_miter_stop */
export function sgMiterStop(miter: SgMappingIter): void {
  const { machine } = miter;
  if (miter.consumed > miter.length) machine.warn('WARN_ON(miter->consumed > miter->length)');
  if (miter.addr === NOWHERE) return;
  miter.offset += miter.consumed;
  miter.remaining -= miter.consumed;
  if ((miter.flags & SG_MITER_ATOMIC) !== 0) machine.context.leaveAtomic();
  if (machine.checks) machine.ledger.drop('kmap', miter.page);
  miter.page = pfn(0);
  miter.addr = NOWHERE;
  miter.length = 0;
  miter.consumed = 0;
}

/** @returns bytes copied: less than `buf` when the list is shorter, never an error. @kernel sg_copy_to_buffer */
export function sgCopyToBuffer(
  machine: Machine,
  sgl: Scatterlist | null,
  nents: number,
  buf: Uint8Array,
): number {
  return sgCopyBuffer(machine, sgl, nents, buf, 0, /* toBuffer */ true);
}

/** As `sgCopyToBuffer`, in the other direction. @kernel sg_copy_from_buffer */
export function sgCopyFromBuffer(
  machine: Machine,
  sgl: Scatterlist | null,
  nents: number,
  buf: Uint8Array,
): number {
  return sgCopyBuffer(machine, sgl, nents, buf, 0, /* toBuffer */ false);
}

/** From byte `skip` of the list on; 0 behind its end. @kernel sg_pcopy_to_buffer */
export function sgPcopyToBuffer(
  machine: Machine,
  sgl: Scatterlist | null,
  nents: number,
  buf: Uint8Array,
  skip: number,
): number {
  return sgCopyBuffer(machine, sgl, nents, buf, skip, /* toBuffer */ true);
}

/** As `sgPcopyToBuffer`, in the other direction. @kernel sg_pcopy_from_buffer */
export function sgPcopyFromBuffer(
  machine: Machine,
  sgl: Scatterlist | null,
  nents: number,
  buf: Uint8Array,
  skip: number,
): number {
  return sgCopyBuffer(machine, sgl, nents, buf, skip, /* toBuffer */ false);
}

/** Zeroes `buflen` bytes from byte `skip` on. @returns bytes zeroed. @kernel sg_zero_buffer */
export function sgZeroBuffer(
  machine: Machine,
  sgl: Scatterlist | null,
  nents: number,
  buflen: number,
  skip: number,
): number {
  const miter = sgMiterStart(machine, sgl, nents, SG_MITER_ATOMIC | SG_MITER_TO_SG);
  if (!sgMiterSkip(miter, skip)) return 0;
  let offset = 0;
  while (offset < buflen && sgMiterNext(miter)) {
    const len = Math.min(miter.length, buflen - offset);
    if (len > 0) machine.fill(miter.addr, len, 0);
    offset += len;
  }
  sgMiterStop(miter);
  return offset;
}

function sgCopyBuffer(
  machine: Machine,
  sgl: Scatterlist | null,
  nents: number,
  buf: Uint8Array,
  skip: number,
  toBuffer: boolean,
): number {
  const direction = toBuffer ? SG_MITER_FROM_SG : SG_MITER_TO_SG;
  const miter = sgMiterStart(machine, sgl, nents, SG_MITER_ATOMIC | direction);
  if (!sgMiterSkip(miter, skip)) return 0;
  let offset = 0;
  while (offset < buf.length && sgMiterNext(miter)) {
    const len = Math.min(miter.length, buf.length - offset);
    if (len > 0 && toBuffer) buf.set(machine.load(miter.addr, len), offset);
    else if (len > 0) machine.store(miter.addr, buf.subarray(offset, offset + len));
    offset += len;
  }
  sgMiterStop(miter);
  return offset;
}

function sgMiterGetNextPage(miter: SgMappingIter): boolean {
  if (miter.remaining > 0) return true;
  const sg = pageIterNext(miter);
  if (sg === null) return false;
  const offset = miter.sgPgoffset === 0 ? sg.offset : 0;
  miter.sgPgoffset += Math.floor(offset / PAGE_SIZE);
  miter.offset = offset & (PAGE_SIZE - 1);
  const rest = sg.offset + sg.length - miter.sgPgoffset * PAGE_SIZE - miter.offset;
  miter.remaining = Math.min(rest, PAGE_SIZE - miter.offset);
  return true;
}

/** The next page of the entries; an entry that covers no page is passed. */
function pageIterNext(miter: SgMappingIter): Scatterlist | null {
  if (miter.nents === 0 || miter.sg === null) return null;
  miter.sgPgoffset += miter.pgAdvance;
  miter.pgAdvance = 1;
  let { sg } = miter;
  while (miter.sgPgoffset >= pageCount(sg)) {
    miter.sgPgoffset -= pageCount(sg);
    miter.sg = sgNext(sg);
    if (--miter.nents === 0 || miter.sg === null) return null;
    sg = miter.sg;
  }
  return sg;
}

function pageCount(sg: Scatterlist): number {
  return Math.ceil((sg.offset + sg.length) / PAGE_SIZE);
}
