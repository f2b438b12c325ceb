/**
 * What a driver that knows scatterlists only needs of an operation that names bio_vecs: tables over the same
 * memory, which live as long as the request that they are made for.
 *
 * A table is an allocation, as everywhere in the kernel, and may fail. Memory without struct page has no
 * entry: -EOPNOTSUPP.
 * @module
 */
import { listOverlap, placesOf } from '../../converted/lower/late.ts';
import type { OpList } from '../../converted/lower/list.ts';
import { type CryptoOp, isPending, opComplete } from '../../converted/op.ts';
import {
  type Scatterlist,
  sgAlloc,
  sgInitTable,
  sgSetPage,
} from '../../legacy/lists/scatterlist.ts';
import { bvecToSg } from '../../legacy/lists/sg-bridge.ts';
import { SCATTERLIST_SIZE } from '../../legacy/lists/sg-table.ts';
import { KernelBug } from '../../src/assert.ts';
import { BvecList, bvecAppend, bvecAppendMerged, bvecLen, bvecPhys } from '../../src/bvec.ts';
import {
  type CryptoCompletion,
  isRequestOpen,
  REQ_BACKLOGGED,
  reqGfp,
} from '../../src/crypto/queue.ts';
import { EINPROGRESS, ENOMEM, type Errno } from '../../src/errno.ts';
import { LINEAR_BASE, linearToPhys, physToLinear } from '../../src/machine/address.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { physToPfn } from '../../src/machine/phys-mem.ts';
import { type MemAddr, type PhysAddr, physAddr, type VirtAddr, virtAddr } from '../../src/units.ts';

/** The first `len` bytes of a list, as a part of a table. */
export interface ListPart {
  readonly list: OpList;
  readonly len: number;
}

/** A request of a legacy driver, inside an operation of the converted API; each kind adds its own request. */
export abstract class ListCall<O extends CryptoOp = CryptoOp> {
  readonly op: O;
  private readonly memory: VirtAddr[] = [];

  constructor(op: O) {
    this.op = op;
  }

  /** Memory until the request ends. @returns null when there is none. */
  take(size: number): VirtAddr | null {
    const at = this.machine.slab.kmalloc(size, this.op.tfm.alg.driverName, reqGfp(this.op.flags));
    if (at !== null) this.memory.push(at);
    return at;
  }

  /** A table over all parts, one after the other; over no bytes it has one entry, which is empty. */
  table(parts: readonly ListPart[], write: boolean): Scatterlist | Errno {
    const places = this.places(parts);
    const nents = Math.max(places.nr, 1);
    if (this.take(nents * SCATTERLIST_SIZE) === null) return -ENOMEM;
    const table = sgAlloc(nents);
    if (places.nr > 0) {
      const err = bvecToSg(places, write, table);
      return err < 0 ? err : table[0];
    }
    sgInitTable(table, 1);
    sgSetPage(table[0], physToPfn(this.machine.zeroPage), 0, 0);
    return table[0];
  }

  /** Whether the first `len` bytes of two lists are the same places: then a driver must get one table for both. */
  isInPlace(src: OpList, dst: OpList, len: number): boolean {
    return samePlaces(this.places([{ list: src, len }]), this.places([{ list: dst, len }]));
  }

  /** Do the lists share a byte at all? */
  shares(src: OpList, dst: OpList): boolean {
    return listOverlap(this.op.tfm.api.machine, src, dst);
  }

  /** Takes the answer of the driver, or why it was not asked. @returns `answer` */
  answered(answer: Errno): Errno {
    // What was accepted may be over, and freed.
    if (isRequestOpen(this.op) && !isPending(answer, this.op.flags)) this.end(answer);
    return answer;
  }

  /** Passes on a notice, or the end of the request. */
  completed(err: Errno): void {
    if (err !== -EINPROGRESS) {
      this.end(err);
      // Old templates swallow notices; a caller of this API gets his.
      if (this.op.life === REQ_BACKLOGGED) opComplete(this.op, -EINPROGRESS);
    }
    opComplete(this.op, err);
  }

  /** Called once the driver is done with the request: takes over what it said of it. */
  protected told(_err: Errno): void {}

  private get machine(): Machine {
    return this.op.tfm.api.machine;
  }

  private end(err: Errno): void {
    // What a template hands down as associated data may be the text of its caller.
    for (const at of this.memory.splice(0)) this.machine.slab.kfreeSensitive(at);
    this.told(err);
  }

  private places(parts: readonly ListPart[]): BvecList {
    const places = new BvecList();
    for (const { list, len } of parts) appendFirst(this.machine, places, list, len);
    return places;
  }
}

/** The completion of every such request. */
export const listCallDone: CryptoCompletion = (data, err) => {
  if (!(data instanceof ListCall)) throw new KernelBug('completion data of another request');
  data.completed(err);
};

/** Where the memory of an operation is, as a legacy driver names it. */
export function kernelAddress(at: MemAddr): VirtAddr {
  return at < LINEAR_BASE ? physToLinear(physAddr(at)) : virtAddr(at);
}

/** `len` bytes of the slab, as a part of a table. */
export function slabPart(at: VirtAddr, len: number): ListPart {
  const list = new BvecList(1);
  if (len > 0) bvecAppend(list, linearToPhys(at), len, 0);
  return { list, len };
}

/** The first `len` bytes of an `OpList`, by place. */
function appendFirst(machine: Machine, target: BvecList, list: OpList, len: number): void {
  const places = list instanceof BvecList ? list : new BvecList(list.nr);
  if (!(list instanceof BvecList)) placesOf(machine, places, list);
  let left = len;
  for (let k = 0; left > 0; k++) {
    if (k >= places.nr) throw new KernelBug('a list that is shorter than its operation');
    const part = Math.min(bvecLen(places, k), left);
    const at: PhysAddr = bvecPhys(places, k);
    bvecAppendMerged(target, at, part, places.flags[k]);
    left -= part;
  }
}

function samePlaces(a: BvecList, b: BvecList): boolean {
  if (a.nr !== b.nr || a.size !== b.size) return false;
  for (let k = 0; k < a.nr; k++) {
    if (bvecPhys(a, k) !== bvecPhys(b, k) || bvecLen(a, k) !== bvecLen(b, k)) return false;
  }
  return true;
}
