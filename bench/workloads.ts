/**
 * The workloads: what a packet, a block request, a hash and a file system hand to crypto. Numbered as
 * in the plan of measurements, w3, w6 and w7 of which are not here.
 * @module
 */
import { createHash } from 'node:crypto';
import { must } from '../src/machine/access.ts';
import { type Machine, pageAddress } from '../src/machine/machine.ts';
import { PAGE_SIZE, type PhysAddr, physAddr } from '../src/units.ts';

export interface BenchSegment {
  readonly phys: PhysAddr;
  readonly len: number;
}

/** One request: the same bytes for every way. */
export interface WorkItem {
  readonly iv: Uint8Array;
  readonly ad: BenchSegment;
  readonly src: readonly BenchSegment[];
  readonly dst: readonly BenchSegment[];
  /** Tag of an AEAD, digest of a hash. */
  readonly tag: BenchSegment;
}

export interface Workload {
  readonly id: string;
  readonly what: string;
  readonly alg: string;
  readonly key: Uint8Array;
  readonly bytes: number;
  readonly authsize: number;
  readonly items: readonly WorkItem[];
}

type Lengths = (xorshift: Xorshift) => readonly number[];

interface Plan {
  readonly id: string;
  readonly what: string;
  readonly alg: string;
  readonly src: Lengths;
  readonly dst: Lengths;
  readonly paged: boolean;
  readonly items: number;
}

const KEY: Uint8Array = createHash('sha256').update('peer-baseline key').digest();
const AD_LEN = 8;
const TAG_ROOM = 32;
const PAGES: Lengths = () => Array.from({ length: 16 }, () => PAGE_SIZE);

const PLANS: readonly Plan[] = [
  {
    id: 'w1',
    what: 'AES-256-GCM, a packet of 1420 bytes in 4 fragments',
    alg: 'gcm(aes)',
    src: () => [54, 366, 500, 500],
    dst: () => [420, 1000],
    paged: false,
    items: 32,
  },
  {
    id: 'w2',
    what: 'AES-256-CTR, 64 KiB in 16 pages',
    alg: 'ctr(aes)',
    src: PAGES,
    dst: PAGES,
    paged: true,
    items: 8,
  },
  {
    id: 'w4',
    what: 'SHA-256, 64 KiB in pieces of about 1500',
    alg: 'sha256',
    src: ragged(65536, 1500),
    dst: () => [],
    paged: false,
    items: 8,
  },
  {
    id: 'w5',
    what: 'AES-256-CBC, 4 KiB in pieces of about 500 and 700',
    alg: 'cbc(aes)',
    src: ragged(4096, 500),
    dst: ragged(4096, 700),
    paged: false,
    items: 32,
  },
  {
    id: 'request',
    what: 'AES-256-CTR, 16 bytes, one segment: the cost of a request',
    alg: 'ctr(aes)',
    src: () => [16],
    dst: () => [16],
    paged: false,
    items: 32,
  },
  {
    id: 'seg1',
    what: 'AES-256-CTR, 4 KiB, 1 segment each',
    alg: 'ctr(aes)',
    src: () => [4096],
    dst: () => [4096],
    paged: false,
    items: 32,
  },
  {
    id: 'seg64',
    what: 'AES-256-CTR, 4 KiB, 64 segments each',
    alg: 'ctr(aes)',
    src: () => Array.from({ length: 64 }, () => 64),
    dst: () => Array.from({ length: 64 }, () => 64),
    paged: false,
    items: 32,
  },
];

/** Places all workloads in a machine whose checks are off. */
export function buildWorkloads(machine: Machine): Workload[] {
  const xorshift = new Xorshift();
  return PLANS.map((plan) => {
    const source = new Placer(machine, xorshift, plan.paged);
    const target = new Placer(machine, xorshift, plan.paged);
    const items = Array.from({ length: plan.items }, (_, k) => {
      const src = plan.src(xorshift);
      const dst = plan.dst(xorshift);
      return {
        iv: nonce(k, plan.alg === 'gcm(aes)' ? 12 : 16),
        src: source.place(src),
        dst: target.place(dst),
        ad: source.placeOne(AD_LEN),
        tag: target.placeOne(TAG_ROOM),
      };
    });
    const bytes = items[0]?.src.reduce((sum, { len }) => sum + len, 0) ?? 0;
    const authsize = plan.alg === 'gcm(aes)' ? 16 : 0;
    return { id: plan.id, what: plan.what, alg: plan.alg, key: KEY, bytes, authsize, items };
  });
}

/** Pieces of about `piece` bytes, a quarter to seven quarters of it, that add up to `total`. */
function ragged(total: number, piece: number): Lengths {
  return (xorshift) => {
    const lengths: number[] = [];
    let left = total;
    while (left > 0) {
      const wanted = Math.max(1, Math.round(piece * (0.25 + (1.5 * xorshift.below(1000)) / 1000)));
      const len = Math.min(left, wanted);
      lengths.push(len);
      left -= len;
    }
    return lengths;
  };
}

function nonce(item: number, len: number): Uint8Array {
  const iv = new Uint8Array(len);
  iv[0] = item;
  iv[5] = 7;
  return iv;
}

/** Marsaglia's 32-bit generator: fast and the same everywhere. */
class Xorshift {
  private state = 1234567;

  below(n: number): number {
    let s = this.state;
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    this.state = s;
    return (s >>> 0) % n;
  }
}

/** Hands out segments of a 4-MiB folio filled with random bytes, with gaps or page by page. */
class Placer {
  private readonly base: PhysAddr;
  private readonly xorshift: Xorshift;
  private readonly paged: boolean;
  private cursor = 64;

  constructor(machine: Machine, xorshift: Xorshift, paged: boolean) {
    this.base = pageAddress(must(machine.allocPages(10, 'bench')), 0);
    this.xorshift = xorshift;
    this.paged = paged;
    const bytes = new Uint8Array(PAGE_SIZE << 10);
    for (let i = 0; i < bytes.length; i++) bytes[i] = xorshift.below(256);
    machine.store(this.base, bytes);
  }

  place(lengths: readonly number[]): BenchSegment[] {
    return lengths.map((len) => {
      if (this.paged) this.cursor = Math.ceil(this.cursor / PAGE_SIZE) * PAGE_SIZE;
      return this.cut(len);
    });
  }

  placeOne(len: number): BenchSegment {
    return this.cut(len);
  }

  private cut(len: number): BenchSegment {
    if (!this.paged) this.cursor += this.xorshift.below(97);
    const segment = { phys: physAddr(this.base + this.cursor), len };
    this.cursor += len;
    return segment;
  }
}
