/**
 * The file that the iterators of a case are over, in memory: folios of the page cache, which a process
 * has mapped and the kernel too, so that every type leads to the same bytes.
 * @module
 */
import { must } from '../../src/machine/access.ts';
import { pageToVirt } from '../../src/machine/address.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { PHYS_BASE, pfnToPhys } from '../../src/machine/phys-mem.ts';
import { SHADOW_INIT, SHADOW_REDZONE } from '../../src/machine/shadow.ts';
import {
  PAGE_SIZE,
  type Pfn,
  type PhysAddr,
  pfn,
  physAddr,
  type UserAddr,
  userAddr,
  type VirtAddr,
  virtAddr,
} from '../../src/units.ts';
import type { Segment } from '../case/case.ts';
import type { IteratorProgram } from '../case/iterator-case.ts';
import type { CaseMemory } from '../case/memory.ts';

/** One folio of the file. */
interface FileFolio {
  readonly page: Pfn;
  readonly order: number;
  /** Bytes of the file in front of it. */
  readonly from: number;
}

export interface CaseFile {
  readonly memory: CaseMemory;
  readonly machine: Machine;
  readonly program: IteratorProgram;
  readonly segments: readonly Segment[];
  readonly folios: readonly FileFolio[];
  readonly pages: readonly Pfn[];
  /** The whole file, where the process has it and where the kernel has mapped it. */
  readonly user: UserAddr;
  readonly vmap: VirtAddr;
  /** Where the process keeps its `struct iovec`s. */
  readonly iovecs: UserAddr;
  /** A page of the kernel that is not of the file. */
  readonly page: Pfn;
  /** What is in it. */
  readonly bytes: Uint8Array;
}

/** Begins with an empty machine, and puts the file of a case into it. */
export function placeFile(
  memory: CaseMemory,
  seed: number,
  program: IteratorProgram,
  segments: readonly Segment[],
): CaseFile {
  const { machine, mm } = memory;
  memory.reset(seed);
  const folios: FileFolio[] = [];
  let from = 0;
  for (const { page } of memory.placeFile(program.folios, program.first)) {
    const order = program.folios[folios.length];
    folios.push({ page: must(page), order, from });
    from += PAGE_SIZE << order;
  }
  const pages = folios.flatMap(({ page, order }) =>
    Array.from({ length: 1 << order }, (_, k) => pfn(page + k)),
  );
  guard(machine, pages, segments);
  const user = mm.mapPages(pages, /* write */ true);
  const { hole, locked } = program;
  if (locked !== null) mm.mprotect(userAddr(user + locked * PAGE_SIZE), PAGE_SIZE, false);
  if (hole !== null) mm.munmap(userAddr(user + hole * PAGE_SIZE), PAGE_SIZE);
  const vmap = must(machine.vmalloc.vmap(pages));
  const iovecs = mm.mmap(PAGE_SIZE, true, /* populate */ true);
  const [{ page }] = memory.place([{ kind: 'page', offset: 0, len: PAGE_SIZE }]);
  const file = {
    ...{ memory, machine, program, segments, folios, pages, user, vmap, iovecs },
    page: must(page),
  };
  return { ...file, bytes: readFile(file) };
}

/** What no segment has is red zone; the rest has been written. */
function guard(machine: Machine, pages: readonly Pfn[], segments: readonly Segment[]): void {
  for (const page of pages) {
    machine.shadow.mark(pfnToPhys(page) - PHYS_BASE, PAGE_SIZE, SHADOW_REDZONE);
  }
  for (const { offset, len } of segments) {
    for (let done = 0; done < len; ) {
      const at = offset + done;
      const part = Math.min(len - done, PAGE_SIZE - (at % PAGE_SIZE));
      machine.shadow.mark(physOf(pages, at) - PHYS_BASE, part, SHADOW_INIT);
      done += part;
    }
  }
}

/** Physical address of a byte of the file. */
export function physOf(pages: readonly Pfn[], offset: number): PhysAddr {
  return physAddr(pfnToPhys(pages[Math.floor(offset / PAGE_SIZE)]) + (offset % PAGE_SIZE));
}

/** Kernel address of a byte of the file in the linear map: contiguous within a folio. */
export function linearOf({ pages }: Pick<CaseFile, 'pages'>, offset: number): VirtAddr {
  return virtAddr(pageToVirt(pages[Math.floor(offset / PAGE_SIZE)]) + (offset % PAGE_SIZE));
}

/** Offset of the first byte of the file that is not as in `bytes`; -1 when there is none. */
export function firstChange({ machine, pages }: CaseFile, bytes: Uint8Array): number {
  const want = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const [k, page] of pages.entries()) {
    const from = pfnToPhys(page) - PHYS_BASE;
    const { buffer, u8 } = machine.mem;
    const at = k * PAGE_SIZE;
    if (buffer.compare(want, at, at + PAGE_SIZE, from, from + PAGE_SIZE) === 0) continue;
    for (let i = 0; i < PAGE_SIZE; i++) if (u8[from + i] !== bytes[at + i]) return at + i;
  }
  return -1;
}

/** What is in the file now, read past everybody. */
function readFile({ machine, pages }: Pick<CaseFile, 'machine' | 'pages'>): Uint8Array {
  const bytes = new Uint8Array(pages.length * PAGE_SIZE);
  for (const [k, page] of pages.entries()) {
    const at = pfnToPhys(page) - PHYS_BASE;
    bytes.set(machine.mem.u8.subarray(at, at + PAGE_SIZE), k * PAGE_SIZE);
  }
  return bytes;
}

/** Puts back what was in it at the beginning. */
export function restoreFile({ machine, pages, bytes }: CaseFile): void {
  for (const [k, page] of pages.entries()) {
    const at = pfnToPhys(page) - PHYS_BASE;
    machine.mem.u8.set(bytes.subarray(k * PAGE_SIZE, (k + 1) * PAGE_SIZE), at);
    machine.mem.markDirty(at, PAGE_SIZE);
  }
}

/** The range cut where folios end: what is physically contiguous. */
export function cutAtFolios(
  { folios }: Pick<CaseFile, 'folios'>,
  { offset, len }: Pick<Segment, 'offset' | 'len'>,
): { readonly offset: number; readonly len: number }[] {
  const pieces: { readonly offset: number; readonly len: number }[] = [];
  for (let done = 0; done < len || pieces.length === 0; ) {
    const at = offset + done;
    const folio = folios.findLast(({ from }) => from <= at) ?? folios[0];
    const part = Math.min(len - done, folio.from + (PAGE_SIZE << folio.order) - at);
    pieces.push({ offset: at, len: part });
    if (part === 0) break;
    done += part;
  }
  return pieces;
}
