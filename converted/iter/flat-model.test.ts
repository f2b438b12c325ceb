/**
 * Goal: every iterator type is one obvious thing, a row of bytes and an index into it.
 * Method: the same bytes behind every type. Small scope without randomness: all partitions of 0 to 6
 * bytes into up to 4 segments, empty ones included, times all sequences of advances. Large scope by
 * fast-check commands over segments of thousands of bytes.
 *
 * Folios are no smaller than a page: in FOLIOQ and XARRAY the first boundary of a partition lies on a
 * folio boundary, the others do not exist. UBUF has one segment. DISCARD has no bytes, only a count.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BioVec, BvecList, bvecClear, bvecLen, bvecPhys } from '../../src/bvec.ts';
import { must, readKernel, writeKernel } from '../../src/machine/access.ts';
import { linearToPhys, pageToVirt } from '../../src/machine/address.ts';
import { Machine } from '../../src/machine/machine.ts';
import { PageCache } from '../../src/machine/page-cache.ts';
import { AddressSpace, copyFromUser, copyToUser } from '../../src/machine/user.ts';
import { PAGE_SIZE, type UserAddr, userAddr, type VirtAddr, virtAddr } from '../../src/units.ts';
import { iovIterLower } from '../lower/lower.ts';
import { Bvecq, bvecqAppend, bvecqPrepend } from './bvecq.ts';
import { copyFromIter, copyFromIterFull, copyToIter, iovIterZero } from './copy.ts';
import { type ExtractedPages, iovIterExtractPages } from './extract.ts';
import { FolioQueue, folioqAppend, folioqLink } from './folio-queue.ts';
import {
  type Direction,
  type IovIter,
  ITER_DEST,
  ITER_SOURCE,
  iovIterBvec,
  iovIterBvecQueue,
  iovIterChain,
  iovIterCopy,
  iovIterDiscard,
  iovIterFolioQueue,
  iovIterInit,
  iovIterKvec,
  iovIterReexpand,
  iovIterTruncate,
  iovIterUbuf,
  iovIterXarray,
  userBackedIter,
} from './iov-iter.ts';
import { iterateAndAdvance } from './iterate.ts';
import {
  type IovIterState,
  iovIterAdvance,
  iovIterRestore,
  iovIterRevert,
  iovIterSaveState,
} from './position.ts';
import { iovIterNpages, iovIterSingleSegCount } from './query.ts';
import { isArrayType } from './segments.ts';

const TYPES = [
  'UBUF',
  'IOVEC',
  'KVEC',
  'VMALLOC',
  'BVEC',
  'FOLIOQ',
  'XARRAY',
  'BVECQ',
  'CHAIN',
  'KERNEL CHAIN',
  'NESTED CHAIN',
] as const;
type TypeName = (typeof TYPES)[number];

/** Types of the parts of a chain. */
const KERNEL = ['KVEC', 'BVEC', 'FOLIOQ', 'BVECQ', 'XARRAY', 'VMALLOC'] as const;
const NESTED = ['KERNEL CHAIN', 'BVEC', 'CHAIN'] as const;
const MIXED = ['KVEC', 'BVEC', 'FOLIOQ', 'IOVEC', 'BVECQ', 'XARRAY', 'UBUF'] as const;

/** Where the bytes of a world really are: the address of every single one. */
type Home =
  | { readonly kind: 'kernel'; readonly at: VirtAddr }
  | { readonly kind: 'user'; readonly at: UserAddr };

/** One iterator type over known bytes. */
class World<D extends Direction> {
  readonly machine: Machine;
  readonly mm: AddressSpace;
  readonly iter: IovIter<D>;
  readonly bytes: Uint8Array;
  private readonly homes: Home[] = [];
  private readonly direction: D;

  constructor(machine: Machine, type: TypeName, direction: D, partition: readonly number[]) {
    this.machine = machine;
    this.mm = new AddressSpace(machine);
    this.direction = direction;
    const total = partition.reduce((sum, len) => sum + len, 0);
    this.bytes = Uint8Array.from({ length: total }, (_, i) => (7 * i + (i >> 8) + 1) & 0xff);
    this.iter = this.make(type, partition);
    expect(this.homes.length).toBe(total);
    this.bytes.forEach((byte, i) => {
      this.poke(i, byte);
    });
    expect(this.iter.count).toBe(total);
  }

  /** What is really there, read past the iterator. */
  memory(): Uint8Array {
    return Uint8Array.from(this.bytes, (_, i) => this.peek(i));
  }

  private peek(i: number): number {
    const one = new Uint8Array(1);
    const home = this.homes[i];
    if (home.kind === 'kernel') readKernel(this.machine, home.at, one);
    else copyFromUser(this.machine, this.mm, one, home.at);
    return one[0];
  }

  private poke(i: number, byte: number): void {
    const home = this.homes[i];
    const one = Uint8Array.of(byte);
    if (home.kind === 'kernel') writeKernel(this.machine, home.at, one);
    else expect(copyToUser(this.machine, this.mm, home.at, one)).toBe(0);
  }

  private make(type: TypeName, partition: readonly number[]): IovIter<D> {
    const { machine, direction, mm } = this;
    const nr = partition.length;
    const total = partition.reduce((sum, len) => sum + len, 0);
    switch (type) {
      case 'UBUF':
        return iovIterUbuf(machine, mm, direction, this.user(total), total);
      case 'IOVEC': {
        const iov = partition.map((len) => ({ base: this.user(len), len }));
        return iovIterInit(machine, mm, direction, iov, nr, total);
      }
      case 'KVEC': {
        const kvec = partition.map((len) => ({ base: this.slab(len), len }));
        return iovIterKvec(machine, direction, kvec, nr, total);
      }
      case 'VMALLOC': {
        const kvec = partition.map((len) => ({ base: this.vmalloc(len), len }));
        return iovIterKvec(machine, direction, kvec, nr, total);
      }
      case 'BVEC':
        return iovIterBvec(machine, direction, this.bioVecs(partition), nr, total);
      case 'BVECQ':
        return this.queue(partition, total);
      case 'FOLIOQ':
        return this.folios(partition, total);
      case 'XARRAY':
        return this.xarray(partition, total);
      case 'CHAIN':
      case 'KERNEL CHAIN':
      case 'NESTED CHAIN': {
        const kinds = { CHAIN: MIXED, 'KERNEL CHAIN': KERNEL, 'NESTED CHAIN': NESTED }[type];
        const parts = partition.map((len, k) =>
          this.make(kinds[(k + nr) % kinds.length], len > 2 ? [1, 0, len - 1] : [len]),
        );
        return iovIterChain(machine, direction, parts, total);
      }
    }
  }

  private kernelHome(at: VirtAddr, len: number): void {
    for (let i = 0; i < len; i++) this.homes.push({ kind: 'kernel', at: virtAddr(at + i) });
  }

  /** Close to the end of a page, so that a few bytes already cross it. */
  private user(len: number): UserAddr {
    const area = this.mm.mmap(len + PAGE_SIZE, true, false);
    const at = userAddr(area + PAGE_SIZE - Math.min(3, len));
    for (let i = 0; i < len; i++) this.homes.push({ kind: 'user', at: userAddr(at + i) });
    return at;
  }

  private slab(len: number): VirtAddr {
    const at = must(this.machine.slab.kmalloc(Math.max(1, len), 'world'));
    this.kernelHome(at, len);
    return at;
  }

  private vmalloc(len: number): VirtAddr {
    const area = must(this.machine.vmalloc.alloc(len + PAGE_SIZE, 'world'));
    const at = virtAddr(area + PAGE_SIZE - Math.min(3, len));
    this.kernelHome(at, len);
    return at;
  }

  private bioVecs(partition: readonly number[]): BioVec[] {
    return partition.map((len) => ({ phys: linearToPhys(this.slab(len)), len, flags: 0 }));
  }

  /** Nodes of two slots, and the first segment glued on in front. */
  private queue(partition: readonly number[], total: number): IovIter<D> {
    const bvec = this.bioVecs(partition);
    let head = new Bvecq(2);
    let tail = head;
    for (const bv of bvec.slice(1)) tail = bvecqAppend(tail, bv);
    if (bvec.length > 0) head = bvecqPrepend(head, bvec[0]);
    return iovIterBvecQueue(this.machine, this.direction, head, 0, 0, total);
  }

  private folios(partition: readonly number[], total: number): IovIter<D> {
    const first = partition.length === 0 ? 0 : partition[0];
    const offset = (PAGE_SIZE - (first % PAGE_SIZE)) % PAGE_SIZE;
    let node = new FolioQueue();
    const head = node;
    let room = -offset;
    for (let k = 0; room < total || k === 0; k++) {
      const order = k % 3;
      const page = must(this.machine.allocPages(order, 'world'));
      // A node is full after 31 folios: long queues take a second one.
      if (node.nr === node.folios.length) node = folioqLink(node);
      folioqAppend(node, { page, order });
      const size = PAGE_SIZE << order;
      const skip = k === 0 ? offset : 0;
      const before = room + skip;
      this.kernelHome(virtAddr(pageToVirt(page) + skip), Math.min(size - skip, total - before));
      room = before + size - skip;
      if (k === 0) room = size - offset;
    }
    return iovIterFolioQueue(this.machine, this.direction, head, 0, offset, total);
  }

  private xarray(partition: readonly number[], total: number): IovIter<D> {
    const cache = new PageCache(this.machine);
    const first = partition.length === 0 ? 0 : partition[0];
    const start = 8 * PAGE_SIZE + ((PAGE_SIZE - (first % PAGE_SIZE)) % PAGE_SIZE);
    for (let index = 8; index * PAGE_SIZE < start + total; index++) {
      const entry = must(cache.add(index, 0, false));
      const from = Math.max(start - index * PAGE_SIZE, 0);
      const to = Math.min(start + total - index * PAGE_SIZE, PAGE_SIZE);
      this.kernelHome(virtAddr(pageToVirt(entry.page) + from), Math.max(0, to - from));
    }
    return iovIterXarray(this.machine, this.direction, cache, start, total);
  }
}

/** All ways to write `n` as `k` numbers, zeros included. */
function weakCompositions(n: number, k: number): number[][] {
  if (k === 0) return n === 0 ? [[]] : [];
  const result: number[][] = [];
  for (let first = 0; first <= n; first++) {
    for (const rest of weakCompositions(n - first, k - 1)) result.push([first, ...rest]);
  }
  return result;
}

/** All ways to write `n` as positive numbers in order. */
function compositions(n: number): number[][] {
  if (n === 0) return [[]];
  const result: number[][] = [];
  for (let first = 1; first <= n; first++) {
    for (const rest of compositions(n - first)) result.push([first, ...rest]);
  }
  return result;
}

const SMALL: readonly number[][] = Array.from({ length: 7 }, (_, n) =>
  Array.from({ length: 5 }, (_unused, k) => weakCompositions(n, k)).flat(),
).flat();

function rest(i: IovIter<'source'>, buffer: Uint8Array): Uint8Array {
  return buffer.subarray(0, copyFromIter(buffer, i.count, iovIterCopy(i)));
}

/** The bytes that lowering and reading by physical address gives, or null when user memory is met. */
function lowered(i: IovIter<'source'>, list: BvecList): number[] | null {
  bvecClear(list);
  i.machine.context.rcuReadLock();
  const err = iovIterLower(list, i, i.count);
  i.machine.context.rcuReadUnlock();
  if (err === -22 && userBackedIter(i)) return null;
  if (err !== 0) return [err];
  const bytes: number[] = [];
  for (let k = 0; k < list.nr; k++) {
    bytes.push(...i.machine.load(bvecPhys(list, k), bvecLen(list, k)));
  }
  return bytes;
}

test.each(TYPES)(
  '%s: all partitions of 0 to 6 bytes and all advances read the flat bytes',
  (type) => {
    const machine = new Machine({ memory: 1 << 20 });
    const buffer = new Uint8Array(8);
    const list = new BvecList();
    let cases = 0;
    const failures: string[] = [];
    for (const partition of SMALL) {
      machine.reset(1);
      const world = new World(machine, type, ITER_SOURCE, partition);
      const n = world.bytes.length;
      for (const steps of compositions(n)) {
        cases++;
        const i = iovIterCopy(world.iter);
        let at = 0;
        const check = (where: string): void => {
          const want = world.bytes.subarray(at).join();
          const low = lowered(i, list);
          if (i.count === n - at && rest(i, buffer).join() === want) {
            if (low === null || low.join() === want) return;
          }
          failures.push(`${type} [${partition}] advance ${steps} at ${at} ${where}`);
        };
        check('start');
        for (const step of steps) {
          iovIterAdvance(i, step);
          at += step;
          check('forward');
        }
        iovIterAdvance(i, 1); // past the end: clamped
        for (const step of steps.slice().reverse()) {
          iovIterRevert(i, step);
          at -= step;
          check('back');
        }
      }
    }
    expect(failures).toEqual([]);
    expect(cases).toBeGreaterThan(5000);
  },
);

test.each(TYPES)(
  '%s: all partitions are written where the flat bytes lie, and nowhere else',
  (type) => {
    const machine = new Machine({ memory: 1 << 20 });
    const failures: string[] = [];
    let cases = 0;
    for (const partition of SMALL) {
      const n = partition.reduce((sum, len) => sum + len, 0);
      machine.reset(1);
      const world = new World(machine, type, ITER_DEST, partition);
      for (let skip = 0; skip <= n; skip++) {
        for (let len = 0; skip + len <= n; len++) {
          cases++;
          const i = iovIterCopy(world.iter);
          const want = world.memory();
          const data = Uint8Array.from({ length: len }, (_, k) => 0xa0 + k + cases);
          iovIterAdvance(i, skip);
          const copied = copyToIter(data, len, i);
          want.set(data, skip);
          const same = world.memory().join() === want.join();
          if (!same || copied !== len || i.count !== n - skip - len) {
            failures.push(`${type} [${partition}] at ${skip} ${len} bytes`);
          }
          iovIterRevert(i, len);
          if (iovIterZero(len, i) !== len) failures.push('zero');
          want.fill(0, skip, skip + len);
          if (world.memory().join() !== want.join()) failures.push(`${type} [${partition}] zero`);
        }
      }
    }
    expect(failures).toEqual([]);
    expect(cases).toBeGreaterThan(3000);
  },
);

test('DISCARD is a count and nothing else', () => {
  const machine = new Machine({ memory: 1 << 20 });
  for (let n = 0; n <= 6; n++) {
    for (const steps of compositions(n)) {
      const i = iovIterDiscard(machine, ITER_DEST, n);
      let left = n;
      for (const step of steps) {
        if (step % 2 === 0) iovIterAdvance(i, step);
        else expect(copyToIter(new Uint8Array(step), step, i)).toBe(step);
        left -= step;
        expect([i.count, iovIterNpages(i, 9), iovIterSingleSegCount(i)]).toEqual([left, 0, left]);
      }
      iovIterRevert(i, n);
      expect(i.count).toBe(n);
      expect(iovIterExtractPages(i, { pages: [], offset0: 0 }, 9, 9)).toBe(n === 0 ? 0 : -14);
      expect(iovIterLower(new BvecList(), i, n)).toBe(-22);
    }
  }
});

/** The obvious thing: bytes, an index, a limit. */
interface Flat {
  readonly bytes: Uint8Array;
  at: number;
  end: number;
  saved: { readonly at: number; readonly end: number } | null;
}

interface Real {
  readonly world: World<'source'>;
  state: IovIterState | null;
}

/** One command: what it does to both, and what both must then agree on. */
class Command implements fc.Command<Flat, Real> {
  private readonly name: string;
  private readonly may: (flat: Flat, real: Real | null) => boolean;
  private readonly act: (flat: Flat, real: Real) => void;

  constructor(name: string, may: (flat: Flat) => boolean, act: (flat: Flat, real: Real) => void) {
    this.name = name;
    this.may = may;
    this.act = act;
  }

  check(flat: Readonly<Flat>): boolean {
    return this.may(flat, null);
  }

  run(flat: Flat, real: Real): void {
    this.act(flat, real);
    const { iter } = real.world;
    if (iter.count !== flat.end - flat.at) {
      throw new Error(`${this}: count ${iter.count}, not ${flat.end - flat.at}`);
    }
    if (iter.count > 0) {
      const one = new Uint8Array(1);
      if (copyFromIter(one, 1, iovIterCopy(iter)) !== 1 || one[0] !== flat.bytes[flat.at]) {
        throw new Error(`${this}: byte ${flat.at}`);
      }
    }
    if (iovIterSingleSegCount(iter) > iter.count) throw new Error(`${this}: single_seg_count`);
  }

  toString(): string {
    return this.name;
  }
}

function equal(a: Uint8Array, b: Uint8Array, what: string): void {
  if (Buffer.compare(a, b) !== 0) throw new Error(`${what}: other bytes`);
}

const always = (): boolean => true;

function advance(n: number): Command {
  return new Command(`advance ${n}`, always, (flat, { world }) => {
    iovIterAdvance(world.iter, n);
    flat.at = Math.min(flat.end, flat.at + n);
  });
}

function revert(n: number): Command {
  const may = (flat: Flat): boolean => flat.at >= n;
  return new Command(`revert ${n}`, may, (flat, { world }) => {
    iovIterRevert(world.iter, n);
    flat.at -= n;
  });
}

function truncate(n: number): Command {
  return new Command(`truncate ${n}`, always, (flat, { world }) => {
    iovIterTruncate(world.iter, n);
    flat.end = Math.min(flat.end, flat.at + n);
  });
}

const reexpand = new Command('reexpand', always, (flat, { world }) => {
  flat.end = flat.bytes.length;
  iovIterReexpand(world.iter, flat.end - flat.at);
});

const save = new Command('save', always, (flat, real) => {
  real.state = iovIterSaveState(real.world.iter);
  flat.saved = { at: flat.at, end: flat.end };
});

const restore = new Command(
  'restore',
  (flat) => flat.saved !== null,
  (flat, real) => {
    const { iter } = real.world;
    if (real.state === null || flat.saved === null) return;
    if (!isArrayType(iter) && iter.nrSegs !== 1) return; // only UBUF has one segment and no array
    iovIterRestore(iter, real.state);
    flat.at = flat.saved.at;
    flat.end = flat.saved.end;
    if (JSON.stringify(iovIterSaveState(iter)) !== JSON.stringify(real.state)) {
      throw new Error('restore is not exact');
    }
  },
);

function copy(n: number, full: boolean): Command {
  return new Command(`copy${full ? '_full' : ''} ${n}`, always, (flat, { world }) => {
    const want = flat.bytes.subarray(flat.at, Math.min(flat.end, flat.at + n));
    const got = new Uint8Array(n);
    if (full) {
      const done = copyFromIterFull(got, n, world.iter);
      if (done !== (want.length === n)) throw new Error('copy_full');
      if (!done) return;
    } else if (copyFromIter(got, n, world.iter) !== want.length) {
      throw new Error('copy count');
    }
    equal(got.subarray(0, want.length), want, `copy ${n}`);
    flat.at += want.length;
  });
}

/** The second user access fails: a short copy must be a prefix, and the position must be at its end. */
function fault(n: number): Command {
  return new Command(`fault ${n}`, always, (flat, { world }) => {
    const { machine, iter } = world;
    machine.faults.arm([{ point: 'user-copy', nth: 2 }]);
    const got = new Uint8Array(n);
    const copied = copyFromIter(got, n, iter);
    machine.faults.arm([]);
    const whole = Math.min(n, flat.end - flat.at);
    if (copied > whole || (!userBackedIter(iter) && copied < whole)) throw new Error('fault');
    equal(got.subarray(0, copied), flat.bytes.subarray(flat.at, flat.at + copied), 'fault');
    flat.at += copied;
  });
}

/** Pages must cover the bytes; pins must be those of user memory, and go back. */
function extract(n: number, maxpages: number): Command {
  return new Command(`extract ${n} in ${maxpages}`, always, (flat, { world }) => {
    const { machine, iter } = world;
    const out: ExtractedPages = { pages: [], offset0: 0 };
    const before = machine.ledger.count('pin');
    const got = iovIterExtractPages(iter, out, n, maxpages);
    const whole = Math.min(n, flat.end - flat.at);
    if (whole === 0 ? got !== 0 : got <= 0 || got > whole) throw new Error(`extract ${got}`);
    const bytes: number[] = [];
    let offset = out.offset0;
    for (const page of whole === 0 ? [] : out.pages) {
      const len = Math.min(PAGE_SIZE - offset, got - bytes.length);
      const part = new Uint8Array(len);
      readKernel(machine, virtAddr(pageToVirt(page) + offset), part);
      bytes.push(...part);
      offset = 0;
    }
    equal(Uint8Array.from(bytes), flat.bytes.subarray(flat.at, flat.at + got), 'extract');
    const pins = machine.ledger.count('pin') - before;
    if (pins !== 0) {
      if (!userBackedIter(iter) || pins !== out.pages.length) throw new Error('pins');
      for (const page of out.pages) machine.unpinPage(page);
    }
    flat.at += got;
  });
}

/** A step that takes half of each part ends the iteration there. */
function halves(base: number, _progress: number, len: number): number {
  return base === 0 ? len : len - Math.ceil(len / 2);
}

const step = new Command('step', always, (flat, { world }) => {
  const left = flat.end - flat.at;
  const done = iterateAndAdvance(world.iter, left, null, halves, halves);
  if (done > left || (left > 0 && done === 0)) throw new Error(`step ${done}`);
  flat.at += done;
});

const lower = new Command('lower', always, (flat, { world }) => {
  const bytes = lowered(world.iter, new BvecList());
  if (bytes === null) return;
  equal(Uint8Array.from(bytes), flat.bytes.subarray(flat.at, flat.end), 'lower');
});

const length = fc.oneof(fc.nat(20), fc.nat(6000));

const commands = fc.commands(
  [
    length.map(advance),
    length.map(revert),
    fc.nat(8000).map(truncate),
    fc.constant(reexpand),
    fc.constant(save),
    fc.constant(restore),
    fc.tuple(length, fc.boolean()).map(([n, full]) => copy(n, full)),
    length.map(fault),
    fc.tuple(length, fc.integer({ min: 1, max: 3 })).map(([n, max]) => extract(n, max)),
    fc.constant(step),
    fc.constant(lower),
  ],
  { size: 'medium' },
);

test.each(TYPES)('%s: any sequence of operations agrees with bytes and an index', (type) => {
  const machine = new Machine({ memory: 1 << 20 });
  const segments = fc.array(fc.oneof(fc.constant(0), fc.nat(40), fc.nat(3000)), { maxLength: 6 });
  fc.assert(
    fc.property(segments, commands, (partition, cmds) => {
      machine.reset(3);
      const world = new World(machine, type, ITER_SOURCE, partition);
      fc.modelRun(
        () => ({
          model: { bytes: world.bytes, at: 0, end: world.bytes.length, saved: null },
          real: { world, state: null },
        }),
        cmds,
      );
    }),
    { numRuns: 60 },
  );
});
