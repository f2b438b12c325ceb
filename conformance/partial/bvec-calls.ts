/**
 * What a driver that knows bio_vecs only needs of a request that brings scatterlists: lists of places, which
 * live as long as the operation that they are made for.
 * @module
 */
import type { CryptoApi } from '../../converted/crypto-api.ts';
import { freeList, listAppendAll, newList, type OpList } from '../../converted/lower/list.ts';
import { type CryptoOp, isPending } from '../../converted/op.ts';
import { type Scatterlist, sgAlloc } from '../../legacy/lists/scatterlist.ts';
import { sgToBvec } from '../../legacy/lists/sg-bridge.ts';
import { type CryptoTfm, cryptoTfmRequestComplete } from '../../legacy/tfm.ts';
import { scatterwalkFfwd } from '../../legacy/walk/scatterwalk.ts';
import { KernelBug } from '../../src/assert.ts';
import { BvecList } from '../../src/bvec.ts';
import {
  type CryptoAsyncRequest,
  type CryptoCompletion,
  isRequestOpen,
} from '../../src/crypto/queue.ts';
import { EINPROGRESS, type Errno } from '../../src/errno.ts';
import { linearToPhys } from '../../src/machine/address.ts';
import type { MemAddr, VirtAddr } from '../../src/units.ts';

/** A request of the legacy API, as its driver sees it. */
type ListRequest = CryptoAsyncRequest & { readonly tfm: CryptoTfm };

/** An operation of a converted driver, inside a request of the legacy API. */
export abstract class BvecCall<R extends ListRequest = ListRequest, O extends CryptoOp = CryptoOp> {
  readonly req: R;
  readonly op: O;
  private readonly lists: OpList[] = [];

  constructor(req: R, op: O) {
    this.req = req;
    this.op = op;
  }

  /** Hands on flags and callback, as every submission does. */
  begin(): void {
    this.op.flags = this.req.flags;
    this.op.complete = bvecCallDone;
    this.op.data = this;
  }

  /** `len` bytes behind the first `skip` of a scatterlist. @returns -EINVAL when there are fewer */
  list(sg: Scatterlist | null, skip: number, len: number): OpList | Errno {
    const { machine, policy } = this.op.tfm.api;
    const places = new BvecList();
    const err = sgToBvec(scatterwalkFfwd(sgAlloc(2)[0], sg, skip), len, places);
    if (err !== 0) return err;
    const list = newList(machine, policy, Math.max(places.nr, 1));
    listAppendAll(list, places);
    this.lists.push(list);
    return list;
  }

  /** Takes the answer of the driver, or why it was not asked. @returns `answer` */
  answered(answer: Errno): Errno {
    // What was accepted may be over, and freed.
    if (isRequestOpen(this.req) && !isPending(answer, this.req.flags)) this.end(answer);
    return answer;
  }

  /** Passes on a notice, or the end of the operation. */
  completed(err: Errno): void {
    if (err !== -EINPROGRESS) this.end(err);
    cryptoTfmRequestComplete(this.req.tfm, this.req, err);
  }

  /** Called once the driver is done with the operation: takes over what it said of it. */
  protected told(_err: Errno): void {}

  private end(err: Errno): void {
    for (const list of this.lists.splice(0)) freeList(list);
    this.told(err);
  }
}

const bvecCallDone: CryptoCompletion = (data, err) => {
  if (!(data instanceof BvecCall)) throw new KernelBug('completion data of another operation');
  data.completed(err);
};

/** Where the memory of a request is, as a converted driver names it. */
export function opAddress({ policy }: CryptoApi, at: VirtAddr): MemAddr {
  return policy === 'early' ? linearToPhys(at) : at;
}
