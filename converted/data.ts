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
import type { CryptoCompletion } from '../src/crypto/queue.ts';
import { EINVAL, type Errno } from '../src/errno.ts';
import { IovIter, iovIterAssign } from './iter/iov-iter.ts';
import { listConflict } from './lower/late.ts';
import { freeList, newList, type OpList } from './lower/list.ts';
import { iovIterList } from './lower/lower.ts';
import { CryptoOp, isPending, NO_LIST, type OpMemory, opFree, opStart } from './op.ts';
import { type CryptoTfm, cryptoRequestIdle, rcuNeeded } from './tfm.ts';

/** One operation below the iterators. @kernel none, acomp_req and its siblings without their scatterlists */
export class DataOp<T extends CryptoTfm = CryptoTfm> extends CryptoOp<T> {
  src: OpList = NO_LIST;
  dst: OpList = NO_LIST;
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
  /** For iterators that are not over a list of the caller's. */
  readonly srcList: OpList;
  readonly dstList: OpList;
  readonly memory: OpMemory;

  constructor(op: O, memory: OpMemory) {
    const { machine, policy } = op.tfm.api;
    this.memory = memory;
    this.srcList = newList(machine, policy, 8);
    this.dstList = newList(machine, policy, 8);
    this.src = new IovIter(machine, 'source');
    this.dst = new IovIter(machine, 'dest');
    this.op = op;
  }
}

/** @throws KernelBug while the request is in flight. @kernel none, acomp_request_free and its siblings */
export function dataRequestFree(req: DataRequest): void {
  const { op, memory, srcList, dstList } = req;
  opFree(op, memory, req);
  freeList(srcList);
  freeList(dstList);
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
  const { flags } = op;
  if (rcu === 1) context.rcuReadLock();
  try {
    const answer = lower(req) || run(op);
    // What was accepted may be over, and freed.
    if (!isPending(answer, flags)) req.dstLen = op.dstLen;
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
  op.srcLen = srcLen;
  op.dstLen = dstLen;
  const src = iovIterList(req.srcList, req.src, srcLen);
  if (typeof src === 'number') return src;
  const dst = iovIterList(req.dstList, req.dst, dstLen);
  if (typeof dst === 'number') return dst;
  op.src = src;
  op.dst = dst;
  return listConflict(op.tfm.api.machine, src, dst) ? -EINVAL : 0;
}
