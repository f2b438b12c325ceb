/**
 * One run of one memory bug: a machine, a caller, and a driver that works later.
 *
 * Who sees the bug is decided by where it was thrown. The driver's own access (software), or the
 * translation of its pointers at the moment of mapping (DMA), is where KASAN can look. What only the
 * simulated device notices, when it comes to memory that is gone, no kernel would have seen.
 * @module
 */

import { KernelBug } from '../../src/assert.ts';
import { BvecList, bvecAppend } from '../../src/bvec.ts';
import { must, readKernel, writeKernel } from '../../src/machine/access.ts';
import { kasanResetTag, virtToPage } from '../../src/machine/address.ts';
import { DmaDevice } from '../../src/machine/dma/device.ts';
import { dmaMapRuns, dmaUnmapRuns } from '../../src/machine/dma/dma.ts';
import { DmaSegments } from '../../src/machine/dma/iommu.ts';
import { DMA_BIDIRECTIONAL } from '../../src/machine/dma/ledger.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { WorkQueue } from '../../src/machine/scheduler.ts';
import { kasanPageToVirt, translateKernel } from '../../src/machine/translate.ts';
import type { Prng } from '../../src/prng.ts';
import { dmaAddr, PAGE_SIZE, physAddr, type VirtAddr } from '../../src/units.ts';
import type { Description, Representation } from './representation.ts';

/** Who works on the buffer: the processor, or a device. */
export type Path = 'software' | 'dma';

/** What noticed a bug. `harness`: the simulated machine alone. */
export type Detector = 'shadow' | 'tags' | 'allocator' | 'harness';

/** Where a run is: a bug that shows in `setup` is a fault of the script. */
type Stage = 'setup' | 'access' | 'map' | 'device' | 'free';

/** Tries until an allocator must have come round to a block that was freed. */
const REUSE_TRIES = 4096;

export interface Sighting {
  readonly detector: Detector;
  readonly message: string;
}

export class Rig {
  readonly machine: Machine;
  readonly prng: Prng;
  readonly path: Path;
  private readonly representation: Representation;
  private readonly device: DmaDevice;
  private readonly queue = new WorkQueue('driver', 'task');
  private readonly runs = new BvecList();
  private readonly segments = new DmaSegments();
  private described: Description | null = null;
  private stage: Stage = 'setup';

  constructor(machine: Machine, prng: Prng, path: Path, representation: Representation) {
    this.machine = machine;
    this.prng = prng;
    this.path = path;
    this.representation = representation;
    this.device = new DmaDevice(machine, { name: 'engine', iommu: true });
  }

  /** Runs a script. @returns who noticed a bug, or null. @throws what is no sighting. */
  sight(script: (rig: Rig) => void): Sighting | null {
    try {
      script(this);
      return null;
    } catch (error) {
      if (!(error instanceof KernelBug) || this.stage === 'setup') throw error;
      return { detector: detectorOf(this.stage, error), message: error.message };
    }
  }

  // ---- the caller --------------------------------------------------------------------------

  /** An initialised slab object. */
  kmalloc(size: number): VirtAddr {
    const object = must(this.machine.slab.kmalloc(size, 'lifetimes'));
    writeKernel(this.machine, object, new Uint8Array(size).fill(0x11));
    return object;
  }

  kfree(object: VirtAddr): void {
    this.machine.slab.kfree(object);
  }

  krealloc(object: VirtAddr, size: number): VirtAddr {
    return must(this.machine.slab.krealloc(object, size, 'lifetimes'));
  }

  /** An initialised page of the page allocator. */
  page(): VirtAddr {
    const page = kasanPageToVirt(this.machine, must(this.machine.allocPages(0, 'lifetimes')));
    writeKernel(this.machine, page, new Uint8Array(PAGE_SIZE).fill(0x11));
    return page;
  }

  freePage(page: VirtAddr): void {
    this.machine.freePages(virtToPage(page));
  }

  /** Allocates until somebody else owns the block that `old` was, and has written to it. */
  reuse(old: VirtAddr, size: number): VirtAddr {
    for (let tries = 0; tries < REUSE_TRIES; tries++) {
      const object = must(this.machine.slab.kmalloc(size, 'new owner'));
      if (kasanResetTag(object) !== kasanResetTag(old)) {
        this.machine.slab.kfree(object);
        continue;
      }
      writeKernel(this.machine, object, new Uint8Array(size).fill(0x22));
      return object;
    }
    throw new Error('the allocator never reused the block');
  }

  /** The same for a page. */
  reusePage(old: VirtAddr): void {
    for (let tries = 0; tries < REUSE_TRIES; tries++) {
      const page = this.page();
      if (kasanResetTag(page) === kasanResetTag(old)) return;
      this.freePage(page);
    }
    throw new Error('the allocator never reused the page');
  }

  describe(buffer: VirtAddr, len: number): void {
    this.described = this.representation.describe(this.machine, buffer, len);
  }

  submit(skip = 0): void {
    this.description().submit(skip);
  }

  /** Frees what the description points to, as a completion does that knows nothing else. */
  cleanUp(): void {
    const pointer = this.description().pointer();
    this.during('free', () => this.machine.slab.kfree(pointer));
  }

  // ---- the driver --------------------------------------------------------------------------

  /** Lets the driver do all its work. */
  work(): void {
    if (this.path === 'dma') {
      this.map();
      this.transfer();
      return;
    }
    this.later('access', () => {
      for (const { address, len } of this.description().pieces()) {
        const bytes = new Uint8Array(len);
        readKernel(this.machine, address, bytes);
        invert(bytes);
        writeKernel(this.machine, address, bytes);
      }
    });
  }

  /** DMA, first half: addresses become physical, and are checked for the last time. */
  map(): void {
    this.later('map', () => {
      for (const { address, len } of this.description().pieces()) {
        bvecAppend(this.runs, translateKernel(this.machine, address, len), len, 0);
      }
      const err = dmaMapRuns(this.device, this.runs, DMA_BIDIRECTIONAL, this.segments);
      if (err !== 0) throw new Error(`mapping failed: ${err}`);
    });
  }

  /** DMA, second half: the device reads and writes, then the mapping ends. */
  transfer(): void {
    const { device, runs, segments } = this;
    this.later('device', () => {
      for (let i = 0; i < segments.nr; i++) {
        const at = physAddr(segments.addr[i]);
        const bytes = device.load(at, segments.len[i]).slice();
        invert(bytes);
        device.store(at, bytes);
      }
      dmaUnmapRuns(device, dmaAddr(segments.addr[0]), runs.nr, DMA_BIDIRECTIONAL);
    });
  }

  private later(stage: Stage, work: () => void): void {
    this.machine.scheduler.queueWork(this.queue, () => this.during(stage, work));
    this.machine.scheduler.drain();
  }

  /** The stage stays what it was when `work` throws: that is how a sighting is told apart. */
  private during(stage: Stage, work: () => void): void {
    this.stage = stage;
    work();
    this.stage = 'setup';
  }

  private description(): Description {
    if (this.described === null) throw new Error('nothing was described');
    return this.described;
  }
}

function detectorOf(stage: Stage, bug: KernelBug): Detector {
  if (stage === 'device') return 'harness';
  if (bug.condition.startsWith('KASAN')) return 'tags';
  return stage === 'free' ? 'allocator' : 'shadow';
}

function invert(bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) bytes[i] ^= 0xff;
}
