/**
 * The memory bugs of the lifetimes report, each as a short program, and one program without a bug.
 * @module
 */
import { readKernel } from '../../src/machine/access.ts';
import { PAGE_SIZE, virtAddr } from '../../src/units.ts';
import type { Path, Rig } from './rig.ts';

/** A field at the end of an object, for the bug that computes its address wrong. */
const FIELD = 32;

export interface MemoryBug {
  readonly name: string;
  /** What the caller does wrong. */
  readonly description: string;
  /** The paths on which the bug is a different one, or possible at all. */
  readonly paths: readonly Path[];
  readonly script: (rig: Rig) => void;
}

const BOTH: readonly Path[] = ['software', 'dma'];

/** Nothing is wrong here: whoever reports something is wrong himself. */
export const NO_BUG: MemoryBug = {
  name: 'no bug',
  description: 'the buffer lives until the driver is done',
  paths: BOTH,
  script: (rig) => {
    const size = rig.prng.between(1, 2 * PAGE_SIZE);
    const object = rig.kmalloc(size);
    rig.describe(object, size);
    rig.submit();
    rig.work();
    const bytes = new Uint8Array(size);
    readKernel(rig.machine, object, bytes);
    if (bytes.some((byte) => byte !== 0xee)) throw new Error('the driver missed some bytes');
    rig.kfree(object);
  },
};

export const BUGS: readonly MemoryBug[] = [
  {
    name: 'use after free',
    description: 'freed before submission',
    paths: BOTH,
    script: (rig) => {
      const object = rig.kmalloc(96);
      rig.describe(object, 96);
      rig.kfree(object);
      rig.submit();
      rig.work();
    },
  },
  {
    name: 'use after free, in flight',
    description: 'freed between submission and the work of the driver',
    paths: BOTH,
    script: (rig) => {
      const object = rig.kmalloc(96);
      rig.describe(object, 96);
      rig.submit();
      rig.kfree(object);
      rig.work();
    },
  },
  {
    name: 'use after free, mapped',
    description: 'freed while a device has it mapped',
    paths: ['dma'],
    script: (rig) => {
      const object = rig.kmalloc(96);
      rig.describe(object, 96);
      rig.submit();
      rig.map();
      rig.kfree(object);
      rig.transfer();
    },
  },
  {
    name: 'use after free of a page',
    description: 'a page of the page allocator, freed in flight',
    paths: BOTH,
    script: (rig) => {
      const page = rig.page();
      rig.describe(page, 1000);
      rig.submit();
      rig.freePage(page);
      rig.work();
    },
  },
  {
    name: 'page with a new owner',
    description: 'freed in flight and allocated again',
    paths: BOTH,
    script: (rig) => {
      const page = rig.page();
      rig.describe(page, 1000);
      rig.submit();
      rig.freePage(page);
      rig.reusePage(page);
      rig.work();
    },
  },
  {
    name: 'out of bounds by 1',
    description: 'one byte more than the object has; sizes are multiples of 4',
    paths: BOTH,
    script: (rig) => {
      const size = 4 * rig.prng.between(16, 32);
      const object = rig.kmalloc(size);
      rig.kmalloc(size);
      rig.describe(object, size + 1);
      rig.submit();
      rig.work();
    },
  },
  {
    name: 'out of bounds by 64',
    description: 'the last field, 64 bytes too far: inside the neighbour, over the red zone',
    paths: BOTH,
    script: (rig) => {
      const size = rig.prng.pick([96, 192]);
      const object = rig.kmalloc(size);
      rig.kmalloc(size);
      rig.describe(virtAddr(object + size - FIELD + 64), FIELD);
      rig.submit();
      rig.work();
    },
  },
  {
    name: 'use after realloc',
    description: 'krealloc moved it, the old block has a new owner; submitted with the old pointer',
    paths: BOTH,
    script: (rig) => {
      const object = rig.kmalloc(64);
      rig.describe(object, 64);
      rig.krealloc(object, 500);
      rig.reuse(object, 64);
      rig.submit();
      rig.work();
    },
  },
  {
    name: 'use after realloc, in flight',
    description: 'the same, between submission and the work of the driver',
    paths: BOTH,
    script: (rig) => {
      const object = rig.kmalloc(64);
      rig.describe(object, 64);
      rig.submit();
      rig.krealloc(object, 500);
      rig.reuse(object, 64);
      rig.work();
    },
  },
  {
    name: 'stale length',
    description: 'krealloc made it shorter in place, the description still says 128 bytes',
    paths: BOTH,
    script: (rig) => {
      const object = rig.kmalloc(128);
      rig.describe(object, 128);
      rig.krealloc(object, 64);
      rig.submit();
      rig.work();
    },
  },
  {
    name: 'stale iterator',
    description: 'a saved position goes on in a block that has a new owner',
    paths: BOTH,
    script: (rig) => {
      const object = rig.kmalloc(256);
      rig.describe(object, 256);
      rig.kfree(object);
      rig.reuse(object, 256);
      rig.submit(128);
      rig.work();
    },
  },
  {
    name: 'double free',
    description: 'the completion frees what the caller has freed',
    paths: ['software'],
    script: (rig) => {
      const object = rig.kmalloc(64);
      rig.describe(object, 64);
      rig.submit();
      rig.work();
      rig.kfree(object);
      rig.cleanUp();
    },
  },
  {
    name: 'double free of a reused block',
    description: 'the same, and the block has a new owner, whose memory it frees',
    paths: ['software'],
    script: (rig) => {
      const object = rig.kmalloc(64);
      rig.describe(object, 64);
      rig.submit();
      rig.work();
      rig.kfree(object);
      rig.reuse(object, 64);
      rig.cleanUp();
    },
  },
];
