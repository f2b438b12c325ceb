/**
 * Big numbers in lists.
 * C: lib/mpi/mpicoder.c (6.1)
 * @module
 */
import { EINVAL, ENOMEM, EOVERFLOW, type Errno } from '../../src/errno.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { mpiGetSize, mpiWrite } from '../../src/provider/soft/mpi.ts';
import { type Scatterlist, sgNentsForLen } from '../lists/scatterlist.ts';
import {
  SG_MITER_ATOMIC,
  SG_MITER_TO_SG,
  sgCopyToBuffer,
  sgMiterNext,
  sgMiterStart,
  sgMiterStop,
} from '../lists/sg-mapping-iter.ts';

/** Longest number without the zeros in front. @kernel MAX_EXTERN_MPI_BITS */
const BYTES_MAX = 2048;

/** The first `nbytes` of a list. @returns -ENOMEM for a list that is shorter, and for a number that is too long, where C gets no MPI. @kernel mpi_read_raw_from_sgl */
export function mpiReadRawFromSgl(
  machine: Machine,
  sgl: Scatterlist | null,
  nbytes: number,
): Uint8Array | Errno {
  const nents = sgNentsForLen(sgl, nbytes);
  if (nents < 0) return -ENOMEM;
  const bytes = new Uint8Array(nbytes);
  sgCopyToBuffer(machine, sgl, nents, bytes);
  const start = bytes.findIndex((byte) => byte !== 0);
  return start >= 0 && nbytes - start > BYTES_MAX ? -ENOMEM : bytes;
}

/**
 * Writes a number as `nbytes` bytes, zeros in front. In front of the number empty entries are passed; in it
 * 6.1 counts below zero at one, never looks for the next entry again, and writes to what is behind the
 * empty one.
 * @returns 0; -EOVERFLOW when its words do not fit; -EINVAL for a list that is shorter.
 * @kernel mpi_write_to_sgl
 */
export function mpiWriteToSgl(
  machine: Machine,
  value: bigint,
  sgl: Scatterlist | null,
  nbytes: number,
): Errno {
  const bytes = mpiWrite(value, nbytes);
  if (bytes === null) return -EOVERFLOW;
  const zeros = nbytes - mpiGetSize(value);
  const nents = sgNentsForLen(sgl, nbytes);
  if (nents < 0) return -EINVAL;
  const miter = sgMiterStart(machine, sgl, nents, SG_MITER_ATOMIC | SG_MITER_TO_SG);
  sgMiterNext(miter);
  for (let at = 0; at < nbytes; ) {
    const left = nbytes - at;
    const len = miter.length === 0 && at >= zeros ? left : Math.min(left, miter.length);
    if (len > 0) machine.store(miter.addr, bytes.subarray(at, at + len));
    at += len;
    sgMiterNext(miter);
  }
  sgMiterStop(miter);
  return 0;
}
