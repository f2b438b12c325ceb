/**
 * Data units: one request for many sectors, each under an IV of its own that is one higher than the one
 * before, a little-endian number. A driver that can do them all at once does; for every other one they are
 * run here, one after the other, synchronous or not.
 * C: drivers/md/dm-crypt.c crypt_convert with plain and plain64 IVs (6.1), which makes a request a sector
 * @module
 */

import { assert, KernelBug } from '../src/assert.ts';
import { ivBytes } from '../src/crypto/iv.ts';
import type { CryptoCompletion } from '../src/crypto/queue.ts';
import { EINPROGRESS, type Errno } from '../src/errno.ts';
import type { Machine } from '../src/machine/machine.ts';
import { memAddr } from '../src/units.ts';
import {
  type LowerPolicy,
  listAppend,
  listAt,
  listClear,
  listLen,
  newList,
  type OpList,
} from './lower/list.ts';
import { type CryptoOp, isPending, NO_IV, NO_LIST } from './op.ts';

/** An operation as units need it. @kernel none */
interface UnitOp extends CryptoOp {
  src: OpList;
  dst: OpList;
  len: number;
  iv: Uint8Array;
}

/** A position in a list. @kernel none */
class Cursor {
  list: OpList = NO_LIST;
  row = 0;
  skip = 0;
}

/** What a request keeps while its units run. @kernel none, convert_context of dm-crypt */
export class DataUnits {
  readonly src: OpList;
  readonly dst: OpList;
  readonly from: Cursor = new Cursor();
  readonly to: Cursor = new Cursor();
  op: UnitOp | null = null;
  run: (op: UnitOp) => Errno = notRunning;
  unit = 0;
  left = 0;
  total = 0;
  /** IV of the next unit, and the one that the driver gets and may change. */
  next: Uint8Array = NO_IV;
  iv: Uint8Array = NO_IV;
  callerIv: Uint8Array = NO_IV;
  complete: CryptoCompletion | null = null;
  data: unknown = null;
  /** The caller waits for word that his request has left the backlog. */
  noticeDue = false;

  constructor(machine: Machine, policy: LowerPolicy) {
    this.src = newList(machine, policy, 4);
    this.dst = newList(machine, policy, 4);
  }
}

/**
 * Runs an operation unit by unit; the IV of the caller stays as it is. `op.len` must be a multiple of `unit`.
 * @returns as `run`: the answer to the first unit that is not done at once, or 0. @kernel none
 */
export function unitsRun<O extends UnitOp>(
  units: DataUnits,
  op: O,
  unit: number,
  run: (op: O) => Errno,
): Errno {
  assert(op.len % unit === 0, 'whole data units');
  begin(units.from, op.src);
  begin(units.to, op.dst);
  units.op = op;
  units.run = () => run(op);
  units.unit = unit;
  units.left = op.len;
  units.total = op.len;
  units.next = Uint8Array.from(ivBytes(op, op.iv.length));
  units.iv = new Uint8Array(op.iv.length);
  units.callerIv = op.iv;
  units.complete = op.complete;
  units.data = op.data;
  op.complete = unitDone;
  op.data = units;
  // Only the unit that the answer comes of can have waited in a backlog of the caller's.
  units.noticeDue = true;
  const { flags } = op;
  const err = goOn(units, op);
  // What was accepted may be over, and freed.
  if (!isPending(err, flags)) end(units, op);
  return err;
}

/** Runs units until one is not done at once. */
function goOn(units: DataUnits, op: UnitOp): Errno {
  const { unit, src, dst, iv, next } = units;
  while (units.left > 0) {
    cut(units.from, src, unit);
    cut(units.to, dst, unit);
    iv.set(next);
    increment(next);
    op.src = src;
    op.dst = dst;
    op.len = unit;
    op.iv = iv;
    units.left -= unit;
    const err = units.run(op);
    if (err !== 0) return err;
  }
  return 0;
}

/** Completion of a unit. */
function unitDone(data: unknown, err: Errno): void {
  if (!(data instanceof DataUnits)) throw new KernelBug('completion data of another request');
  const { op } = data;
  assert(op !== null, 'units that run');
  if (err === -EINPROGRESS) {
    if (data.noticeDue) data.complete?.(data.data, err);
    data.noticeDue = false;
    return;
  }
  data.noticeDue = false;
  const { flags } = op;
  const result = err === 0 ? goOn(data, op) : err;
  if (isPending(result, flags)) return;
  end(data, op);
  op.complete?.(op.data, result);
}

/** The operation is the caller's again. */
function end(units: DataUnits, op: UnitOp): void {
  op.src = units.from.list;
  op.dst = units.to.list;
  op.len = units.total;
  op.iv = units.callerIv;
  op.complete = units.complete;
  op.data = units.data;
  units.op = null;
  units.run = notRunning;
}

function begin(cursor: Cursor, list: OpList): void {
  cursor.list = list;
  cursor.row = 0;
  cursor.skip = 0;
}

/** The next `len` bytes of a list, as a list. */
function cut(cursor: Cursor, target: OpList, len: number): void {
  const { list } = cursor;
  listClear(target);
  for (let left = len; left > 0; ) {
    const rest = listLen(list, cursor.row) - cursor.skip;
    const part = Math.min(rest, left);
    const at = memAddr(listAt(list, cursor.row) + cursor.skip);
    listAppend(target, at, part, list.flags[cursor.row]);
    left -= part;
    cursor.skip += part;
    if (part === rest) {
      cursor.row++;
      cursor.skip = 0;
    }
  }
}

/** One more, little-endian. */
function increment(iv: Uint8Array): void {
  for (let i = 0; i < iv.length; i++) {
    iv[i]++;
    if (iv[i] !== 0) return;
  }
}

function notRunning(): never {
  throw new KernelBug('unit of a request that does not run');
}
