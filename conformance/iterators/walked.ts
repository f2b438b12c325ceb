/**
 * An iterator in the middle of its commands, and rows of addresses against what it leads to.
 * @module
 */
import type { IovIter } from '../../converted/iter/iov-iter.ts';
import type { IovIterState } from '../../converted/iter/position.ts';
import type { BioVec, BvecList } from '../../src/bvec.ts';
import type { Pfn } from '../../src/units.ts';
import { type CaseFile, physOf } from './file.ts';
import type { Flat } from './flat.ts';

/** An iterator in the middle of its commands. */
export interface Walked {
  readonly file: CaseFile;
  readonly flat: Flat;
  /** What the file must hold. */
  readonly model: Uint8Array;
  /** A page of the kernel to copy from and to. */
  readonly page: Pfn;
  iter: IovIter;
  state: IovIterState | null;
  /** Numbers the copies, so that each writes bytes of its own. */
  copies: number;
  /** Lowered to again and again, as the lists of a request are. */
  readonly list: BvecList;
}

/** Every so many bytes of a row are compared, and its first. */
const SAMPLE = 16;

/** Rows of addresses against the next `n` bytes of the file. */
export function rowsWrong(
  { file, flat }: Walked,
  n: number,
  rows: readonly Pick<BioVec, 'phys' | 'len'>[],
): string | null {
  const addresses = rows.flatMap(({ phys, len }) =>
    Array.from({ length: Math.ceil(len / SAMPLE) }, (_, k) => phys + k * SAMPLE),
  );
  const starts: number[] = [];
  let byte = flat.at;
  for (const { len } of rows) {
    for (let k = 0; k < len; k += SAMPLE) starts.push(byte + k);
    byte += len;
  }
  if (byte - flat.at !== n) return `${byte - flat.at} bytes in rows, expected ${n}`;
  const at = starts.findIndex((i, k) => physOf(file.pages, flat.place(i)) !== addresses[k]);
  return at < 0 ? null : `byte ${starts[at] - flat.at} of the rows lies elsewhere`;
}
