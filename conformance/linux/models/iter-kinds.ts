/**
 * Building an iterator of each kind over the source segments of a case, as `module/iter-kinds.c`.
 * @module
 */
import {
  FolioQueue,
  folioqAppend,
  folioqLink,
  folioqNrSlots,
} from '../../../converted/iter/folio-queue.ts';
import {
  type IovIter,
  ITER_DEST,
  ITER_SOURCE,
  iovIterBvec,
  iovIterDiscard,
  iovIterFolioQueue,
  iovIterInit,
  iovIterKvec,
  iovIterUbuf,
  iovIterXarray,
} from '../../../converted/iter/iov-iter.ts';
import { must } from '../../../src/machine/access.ts';
import { Machine } from '../../../src/machine/machine.ts';
import { PageCache } from '../../../src/machine/page-cache.ts';
import { AddressSpace } from '../../../src/machine/user.ts';
import { pfn, physAddr, type UserAddr, userAddr } from '../../../src/units.ts';
import {
  ARENA_PAGES,
  type IterCase,
  type IterKind,
  PAGE_SIZE,
  segmentStart,
  totalLength,
} from '../text/case.ts';
import { ARENA_ORDER, Arena } from './arena.ts';

const MACHINE_MEMORY = 4 << 20;
/** As in the kernel: misuse warns and goes on. */
const LENIENT = false;

/** A machine with the arena, the same pages as page cache, and a process. */
export class IterWorld {
  readonly machine: Machine = new Machine({ memory: MACHINE_MEMORY });
  readonly cache: PageCache = new PageCache(this.machine);
  readonly arena: Arena = new Arena(
    this.machine,
    must(this.cache.add(0, ARENA_ORDER, /* readonly */ false)).page,
  );
  readonly mm: AddressSpace = new AddressSpace(this.machine);
}

type Builder = (world: IterWorld, c: IterCase, user: UserAddr) => IovIter;

function direction(c: IterCase): 'source' | 'dest' {
  return c.source ? ITER_SOURCE : ITER_DEST;
}

function folioQueue(world: IterWorld): FolioQueue[] {
  const nodes = [new FolioQueue()];
  for (let i = 0; i < ARENA_PAGES; i++) {
    let node = nodes[nodes.length - 1];
    if (node.nr === folioqNrSlots(node)) {
      node = folioqLink(node);
      nodes.push(node);
    }
    folioqAppend(node, { page: pfn(world.arena.page + i), order: 0 });
  }
  return nodes;
}

const BUILDERS: Readonly<Record<IterKind, Builder>> = {
  bvec: ({ machine, arena }, c) => {
    const bvec = c.src.map((s) => ({
      phys: physAddr(arena.start + segmentStart(s)),
      len: s.length,
      flags: 0,
    }));
    return iovIterBvec(machine, direction(c), bvec, bvec.length, totalLength(c.src), LENIENT);
  },
  kvec: ({ machine, arena }, c) => {
    const kvec = c.src.map((s) => ({ base: arena.address(segmentStart(s)), len: s.length }));
    return iovIterKvec(machine, direction(c), kvec, kvec.length, totalLength(c.src), LENIENT);
  },
  iovec: ({ machine, mm }, c, user) => {
    const iov = c.src.map((s) => ({ base: userAddr(user + segmentStart(s)), len: s.length }));
    return iovIterInit(machine, mm, direction(c), iov, iov.length, totalLength(c.src), LENIENT);
  },
  ubuf: ({ machine, mm }, c, user) => {
    const [s] = c.src;
    const at = userAddr(user + segmentStart(s));
    return iovIterUbuf(machine, mm, direction(c), at, s.length, LENIENT);
  },
  xarray: ({ machine, cache }, c) => {
    const [s] = c.src;
    return iovIterXarray(machine, direction(c), cache, segmentStart(s), s.length, LENIENT);
  },
  folioq: (world, c) => {
    const [s] = c.src;
    const nodes = folioQueue(world);
    const slots = folioqNrSlots(nodes[0]);
    const start = segmentStart(s);
    const first = Math.floor(start / PAGE_SIZE);
    const node = nodes[Math.floor(first / slots)];
    const at = { slot: first % slots, offset: start % PAGE_SIZE };
    const { machine } = world;
    return iovIterFolioQueue(machine, direction(c), node, at.slot, at.offset, s.length, LENIENT);
  },
  discard: ({ machine }, c) => iovIterDiscard(machine, ITER_DEST, totalLength(c.src), LENIENT),
};

/** Does an iterator of this kind lead to user memory? */
export function isUser(kind: IterKind): boolean {
  return kind === 'iovec' || kind === 'ubuf';
}

function mapUser({ mm, arena }: IterWorld, c: IterCase): UserAddr {
  if (!isUser(c.kind)) return userAddr(0);
  const pages = Array.from({ length: ARENA_PAGES }, (_, i) => pfn(arena.page + i));
  const user = mm.mapPages(pages, /* write */ true);
  if (c.hole !== null) mm.munmap(userAddr(user + c.hole * PAGE_SIZE), PAGE_SIZE);
  return user;
}

/** The iterator of a case; user memory stays mapped until the process exits. */
export function buildIterator(world: IterWorld, c: IterCase): IovIter {
  return BUILDERS[c.kind](world, c, mapUser(world, c));
}
