/**
 * Where the parts of a message lie in lent pages: one copy into machine memory, one copy out.
 *
 * @kernel none: names are ordinary TypeScript.
 * @module
 */
import type { BioVec } from '../../src/bvec.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { PAGE_SIZE, type PhysAddr, physAddr } from '../../src/units.ts';
import {
  type Direction,
  type IovIter,
  ITER_DEST,
  ITER_SOURCE,
  iovIterBvec,
} from '../iter/iov-iter.ts';

/** Pages as one run of bytes. */
export class Placement {
  readonly #machine: Machine;
  readonly #pages: readonly PhysAddr[];

  constructor(machine: Machine, pages: readonly PhysAddr[]) {
    this.#machine = machine;
    this.#pages = pages;
  }

  /** Bytes `at` to `at + len` to be read by a request. */
  source(at: number, len: number): IovIter<'source'> {
    return this.#iter(ITER_SOURCE, at, len);
  }

  /** Bytes `at` to `at + len` to be written by a request. */
  dest(at: number, len: number): IovIter<'dest'> {
    return this.#iter(ITER_DEST, at, len);
  }

  /** Copies `len` bytes of the pieces, from byte `from` of them on, to byte `at`. */
  write(at: number, pieces: readonly Uint8Array[], from: number, len: number): void {
    let skip = from;
    let done = 0;
    for (const piece of pieces) {
      if (skip >= piece.length) {
        skip -= piece.length;
        continue;
      }
      const end = Math.min(piece.length, skip + len - done);
      for (let k = skip; k < end; ) {
        const part = Math.min(end - k, this.#rest(at + done));
        this.#machine.store(this.#address(at + done), piece.subarray(k, k + part));
        k += part;
        done += part;
      }
      skip = 0;
      if (done === len) return;
    }
  }

  /** Copies `len` bytes from byte `at` to the pieces, from byte `from` of them on. */
  read(at: number, pieces: readonly Uint8Array[], from: number, len: number): void {
    let skip = from;
    let done = 0;
    for (const piece of pieces) {
      if (skip >= piece.length) {
        skip -= piece.length;
        continue;
      }
      const end = Math.min(piece.length, skip + len - done);
      for (let k = skip; k < end; ) {
        const part = Math.min(end - k, this.#rest(at + done));
        piece.set(this.#machine.load(this.#address(at + done), part), k);
        k += part;
        done += part;
      }
      skip = 0;
      if (done === len) return;
    }
  }

  #iter<D extends Direction>(direction: D, at: number, len: number): IovIter<D> {
    const bvec: BioVec[] = [];
    for (let done = 0; done < len; ) {
      const part = Math.min(len - done, this.#rest(at + done));
      bvec.push({ phys: this.#address(at + done), len: part, flags: 0 });
      done += part;
    }
    return iovIterBvec(this.#machine, direction, bvec, bvec.length, len);
  }

  #address(at: number): PhysAddr {
    return physAddr(this.#pages[Math.floor(at / PAGE_SIZE)] + (at % PAGE_SIZE));
  }

  /** Bytes to the end of the page. */
  #rest(at: number): number {
    return PAGE_SIZE - (at % PAGE_SIZE);
  }
}
