/**
 * Where the parts of a message lie in lent pages: one copy into machine memory, one copy out. Adjacent
 * pages are one run, and a run is one copy: GCM of 16 MiB takes 31 ms in pages apart, 18 in one run.
 *
 * @kernel none: names are ordinary TypeScript.
 * @module
 */
import { type BvecList, bvecAppendMerged, bvecClear } from '../../src/bvec.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { PHYS_BASE } from '../../src/machine/phys-mem.ts';
import { PAGE_SIZE, type PhysAddr, physAddr } from '../../src/units.ts';

/** Bytes up to which a loop is faster than a view of them. */
const SHORT = 128;

/** Pages as one run of bytes. Kept from message to message. */
export class Placement {
  readonly #machine: Machine;
  #pages: readonly PhysAddr[] = [];

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** The pages of the next message. */
  set pages(pages: readonly PhysAddr[]) {
    this.#pages = pages;
  }

  /** Makes `list` bytes `at` to `at + len`. */
  list(list: BvecList, at: number, len: number): void {
    bvecClear(list);
    for (let done = 0; done < len; ) {
      const part = this.#run(at + done, len - done);
      bvecAppendMerged(list, this.#address(at + done), part, 0);
      done += part;
    }
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
        const part = this.#run(at + done, end - k);
        const whole = part === piece.length;
        this.#machine.store(this.#address(at + done), whole ? piece : piece.subarray(k, k + part));
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
        const part = this.#run(at + done, end - k);
        this.#copyOut(this.#address(at + done), piece, k, part);
        k += part;
        done += part;
      }
      skip = 0;
      if (done === len) return;
    }
  }

  #copyOut(from: PhysAddr, piece: Uint8Array, at: number, len: number): void {
    const { checks, mem } = this.#machine;
    if (len > SHORT || checks) {
      piece.set(this.#machine.load(from, len), at);
      return;
    }
    const { u8 } = mem;
    const start = from - PHYS_BASE;
    for (let k = 0; k < len; k++) piece[at + k] = u8[start + k];
  }

  #address(at: number): PhysAddr {
    return physAddr(this.#pages[Math.floor(at / PAGE_SIZE)] + (at % PAGE_SIZE));
  }

  /** Bytes from byte `at` on that lie in adjacent pages, at most `most`. */
  #run(at: number, most: number): number {
    let len = PAGE_SIZE - (at % PAGE_SIZE);
    if (len >= most) return most;
    const pages = this.#pages;
    for (let k = Math.floor(at / PAGE_SIZE); len < most; k++, len += PAGE_SIZE) {
      if (pages[k + 1] !== pages[k] + PAGE_SIZE) return len;
    }
    return most;
  }
}
