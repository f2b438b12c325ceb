/**
 * Operations whose output is as long as it turns out: compression, public keys, key agreement. A source of
 * bytes, and room for the result.
 * C: include/crypto/acompress.h, akcipher.h, kpp.h (6.1), whose requests look the same
 *
 * The result is never allocated on behalf of the caller, as the old compression API does when it gets no
 * destination.
 * @module
 */
import { KernelBug } from '../src/assert.ts';
import { BvecList, bvecClear } from '../src/bvec.ts';
import type { CryptoCompletion } from '../src/crypto/queue.ts';
import { EINVAL, type Errno } from '../src/errno.ts';
import { IovIter, iovIterAssign } from './iter/iov-iter.ts';
import { lateConflict } from './lower/late.ts';
import { iovIterLower } from './lower/lower.ts';
import { bvecConflict } from './lower/overlap.ts';
import { CryptoOp, isPending, NO_LIST, type OpMemory, opFree, opStart } from './op.ts';
import { type CryptoTfm, cryptoRequestIdle, rcuNeeded } from './tfm.ts';

/** One operation below the iterators. @kernel none, acomp_req and its siblings without their scatterlists */
export class DataOp<T extends CryptoTfm = CryptoTfm> extends CryptoOp<T> {
  src: BvecList = NO_LIST;
  dst: BvecList = NO_LIST;
  srcLen = 0;
  /** Room for the result; at the end its length, or with -EOVERFLOW the length that is needed. */
  dstLen = 0;
}

/** The door of all kinds of them. @kernel none, acomp_req and its siblings */
export class DataRequest<O extends DataOp = DataOp> {
  readonly op: O;
  complete: CryptoCompletion | null = null;
  data: unknown = null;
  srcLen = 0;
  /** Room for the result; after completion as the operation has it. */
  dstLen = 0;
  readonly src: IovIter<'source'>;
  readonly dst: IovIter<'dest'>;
  readonly memory: OpMemory;

  constructor(op: O, memory: OpMemory) {
    const { machine } = op.tfm.api;
    this.memory = memory;
    this.src = new IovIter(machine, 'source');
    this.dst = new IovIter(machine, 'dest');
    this.op = op;
    op.src = new BvecList(8);
    op.dst = new BvecList(8);
  }
}

/** @throws KernelBug while the request is in flight. @kernel none, acomp_request_free and its siblings */
export function dataRequestFree({ op, memory }: DataRequest): void {
  opFree(op, memory);
}

/** @kernel none, acomp_request_set_callback and its siblings */
export function dataRequestSetCallback(
  req: DataRequest,
  flags: number,
  complete: CryptoCompletion | null,
  data: unknown,
): void {
  const { op } = req;
  cryptoRequestIdle(op);
  op.flags = flags;
  op.complete = complete === null ? null : requestDone;
  op.data = req;
  req.complete = complete;
  req.data = data;
}

/** Names the data, and the room for the result. @kernel none, acomp_request_set_params and its siblings */
export function dataRequestSetData(
  req: DataRequest,
  src: IovIter<'source'>,
  dst: IovIter<'dest'>,
  srcLen: number,
  dstLen: number,
): void {
  cryptoRequestIdle(req.op);
  iovIterAssign(req.src, src);
  iovIterAssign(req.dst, dst);
  req.srcLen = srcLen;
  req.dstLen = dstLen;
}

/** Lowers the data and runs the operation. @returns as `cryptoSkcipherEncrypt`. @kernel none */
export function dataSubmit<O extends DataOp>(req: DataRequest<O>, run: (op: O) => Errno): Errno {
  const { op, src, dst } = req;
  const { tfm } = op;
  const rcu = rcuNeeded(tfm, op, src, dst);
  const err = opStart(op);
  if (err !== 0) return err;
  if (rcu < 0) return rcu;
  const { context } = tfm.api.machine;
  if (rcu === 1) context.rcuReadLock();
  try {
    const answer = lower(req) || run(op);
    if (!isPending(answer, op.flags)) req.dstLen = op.dstLen;
    return answer;
  } finally {
    if (rcu === 1) context.rcuReadUnlock();
  }
}

/** The completion of every request: the length of the result belongs to its caller. */
function requestDone(data: unknown, err: Errno): void {
  if (!(data instanceof DataRequest)) throw new KernelBug('completion data of another request');
  if (!isPending(err, 0)) data.dstLen = data.op.dstLen;
  data.complete?.(data.data, err);
}

/** Fills the operation. @returns 0, or why it cannot be done. */
function lower(req: DataRequest): Errno {
  const { op, srcLen, dstLen } = req;
  const { src, dst, tfm } = op;
  const { machine, policy } = tfm.api;
  bvecClear(src);
  bvecClear(dst);
  op.srcLen = srcLen;
  op.dstLen = dstLen;
  const err =
    iovIterLower(src, req.src, srcLen, policy) || iovIterLower(dst, req.dst, dstLen, policy);
  if (err !== 0) return err;
  const conflict = policy === 'early' ? bvecConflict(src, dst) : lateConflict(machine, src, dst);
  return conflict ? -EINVAL : 0;
}
