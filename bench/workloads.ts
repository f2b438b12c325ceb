/**
 * The workloads: what a packet, a block request, a hash and a file system hand to crypto.
 *
 * Every process builds the one that it measures, from the same seed: the bytes and addresses are the
 * same in all of them.
 * @module
 */
import { createCipheriv, createHash } from 'node:crypto';
import {
  type Machine,
  must,
  PAGE_SIZE,
  type PhysAddr,
  pageAddress,
  physAddr,
} from '../src/machine/index.ts';

/** A run of bytes as a caller describes it. */
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
  /** Tag of an AEAD, digest of a hash: as long as it is. */
  readonly tag: BenchSegment;
}

export type BenchMode = 'gcm' | 'ctr' | 'xts' | 'cbc' | 'sha256';

export interface Workload {
  readonly id: string;
  readonly what: string;
  readonly mode: BenchMode;
  readonly encrypt: boolean;
  readonly key: Uint8Array;
  /** Bytes of the text of a request. */
  readonly bytes: number;
  /** Bytes of the tag or digest, 0 without. */
  readonly tagLen: number;
  /** Bytes of a data unit with an IV of its own, 0 when the request is one. */
  readonly unit: number;
  readonly items: readonly WorkItem[];
}

type Lengths = (xorshift: Xorshift) => readonly number[];

/** A workload before it is placed. */
export interface Plan {
  readonly id: string;
  readonly what: string;
  readonly mode: BenchMode;
  readonly encrypt: boolean;
  readonly bytes: number;
  readonly src: Lengths;
  readonly dst: Lengths;
  readonly place: 'gaps' | 'adjacent pages' | 'pages apart';
  readonly items: number;
}

const AD_LEN = 8;
const GCM_TAG = 16;
const SHA256_DIGEST = 32;
const SECTOR = 512;
const KEY: Uint8Array = createHash('sha256').update('peer-baseline key').digest();
const XTS_KEY: Uint8Array = createHash('sha512').update('peer-baseline key').digest();

const BASE: readonly Plan[] = [
  {
    ...plan('w1', 'AES-256-GCM, a packet of 1420 bytes in 4 fragments', 'gcm', 1420, 32),
    src: () => [54, 366, 500, 500],
    dst: () => [420, 1000],
  },
  {
    ...plan('w2', 'AES-256-CTR, 64 KiB in 16 adjacent pages', 'ctr', 65536, 8),
    ...pages('adjacent pages'),
  },
  {
    ...plan('w2s', 'AES-256-CTR, 64 KiB in 16 pages apart', 'ctr', 65536, 8),
    ...pages('pages apart'),
  },
  {
    ...plan('w3', 'AES-256-XTS, 64 KiB as 128 sectors of 512 bytes', 'xts', 65536, 8),
    ...pages('adjacent pages'),
  },
  {
    ...plan('w4', 'SHA-256, 64 KiB in pieces of about 1500', 'sha256', 65536, 8),
    src: ragged(65536, 1500),
    dst: () => [],
  },
  {
    ...plan('w5', 'AES-256-CBC, 4 KiB in pieces of about 500 and 700', 'cbc', 4096, 32),
    src: ragged(4096, 500),
    dst: ragged(4096, 700),
  },
  {
    ...plan('w6', 'AES-256-CTR, 16 KiB in pieces of about 64', 'ctr', 16384, 8),
    src: ragged(16384, 64),
    dst: ragged(16384, 64),
  },
  {
    ...plan('w7', 'AES-256-CTR, 256 bytes in 3 pieces', 'ctr', 256, 32),
    src: () => [20, 100, 136],
    dst: () => [128, 128],
  },
];

const SIZES: readonly Plan[] = [
  {
    ...plan('request', 'AES-256-CTR, 16 bytes, 1 segment: the cost of a request', 'ctr', 16, 32),
    src: () => [16],
    dst: () => [16],
  },
  ...[1, 64].map((segments) => ({
    ...plan(`seg${segments}`, `AES-256-CTR, 4 KiB, ${segments} segments each`, 'ctr', 4096, 32),
    src: () => equal(4096, segments),
    dst: () => equal(4096, segments),
  })),
];

/** Every plan, encryption first. A hash has one direction. */
export const PLANS: readonly Plan[] = [
  ...BASE,
  ...BASE.filter(({ mode }) => mode !== 'sha256').map((base) => ({
    ...base,
    id: `${base.id}-decrypt`,
    what: `${base.what}, decryption`,
    encrypt: false,
  })),
  ...SIZES,
];

/** What the front door is compared with other libraries at, by AES-256-GCM. */
export const COMPARED_PLANS: readonly Plan[] = [
  { ...plan('c64', '64 B in 1 piece', 'gcm', 64, 32), src: () => [64], dst: () => [64] },
  {
    ...plan('c1420', '1,420 B in 4 fragments, out in 2', 'gcm', 1420, 32),
    src: () => [54, 366, 500, 500],
    dst: () => [420, 1000],
  },
  { ...plan('c64k', '64 KiB in 16 pages', 'gcm', 65536, 8), ...pages('pages apart') },
  {
    ...plan('c16m', '16 MiB in 8 pieces', 'gcm', 2 ** 24, 1),
    src: () => equal(2 ** 24, 8),
    dst: () => equal(2 ** 24, 8),
  },
];

/** A plan with `segments` pieces of `len` bytes on both sides, for the growth of the cost. */
export function growthPlan(segments: number, len: number): Plan {
  return {
    ...plan(
      `${segments} x ${len}`,
      `AES-256-CTR, ${segments} x ${len} bytes`,
      'ctr',
      segments * len,
      1,
    ),
    src: () => Array.from({ length: segments }, () => len),
    dst: () => Array.from({ length: segments }, () => len),
  };
}

/** Places a workload in a machine, whose memory must have room for it. */
export function buildWorkload(machine: Machine, plan: Plan): Workload {
  const { id, what, mode, encrypt, bytes } = plan;
  const xorshift = new Xorshift();
  const source = new Placer(machine, xorshift, plan.place);
  const target = new Placer(machine, xorshift, plan.place);
  const tagLen = mode === 'gcm' ? GCM_TAG : mode === 'sha256' ? SHA256_DIGEST : 0;
  const items = Array.from({ length: plan.items }, (_, k) => {
    const src = plan.src(xorshift);
    const dst = plan.dst(xorshift);
    return {
      iv: nonce(mode, k),
      src: source.place(src),
      dst: target.place(dst),
      ad: source.cut(AD_LEN),
      tag: target.cut(tagLen),
    };
  });
  const key = mode === 'xts' ? XTS_KEY : KEY;
  const unit = mode === 'xts' ? SECTOR : 0;
  const work = { id, what, mode, encrypt, key, bytes, tagLen, unit, items };
  if (mode === 'gcm' && !encrypt) sealTags(machine, work);
  return work;
}

/** The bytes of a segment, unchecked. */
export function view(machine: Machine, { phys, len }: BenchSegment): Uint8Array {
  return machine.load(phys, len);
}

/** The sources of a decryption are random bytes like those of an encryption; their tags are made to fit. */
function sealTags(machine: Machine, { key, items }: Workload): void {
  for (const { iv, ad, src, tag } of items) {
    const text = Buffer.concat(src.map((segment) => view(machine, segment)));
    const stream = createCipheriv('aes-256-gcm', key, iv);
    const plain = stream.update(text);
    const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(view(machine, ad));
    cipher.update(plain);
    cipher.final();
    machine.store(tag.phys, cipher.getAuthTag());
  }
}

function plan(
  id: string,
  what: string,
  mode: BenchMode,
  bytes: number,
  items: number,
): Omit<Plan, 'src' | 'dst'> {
  return { id, what, mode, encrypt: true, bytes, place: 'gaps', items };
}

function pages(place: Plan['place']): Pick<Plan, 'src' | 'dst' | 'place'> {
  const lengths = (): number[] => equal(16 * PAGE_SIZE, 16);
  return { src: lengths, dst: lengths, place };
}

function equal(total: number, pieces: number): number[] {
  return Array.from({ length: pieces }, () => total / pieces);
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

/** XTS: the number of the first sector, little-endian; items are 1000 sectors apart. */
function nonce(mode: BenchMode, item: number): Uint8Array {
  const iv = new Uint8Array(mode === 'gcm' ? 12 : 16);
  if (mode === 'xts') {
    new DataView(iv.buffer).setUint32(0, 1000 * item, true);
  } else {
    iv[0] = item;
    iv[5] = 7;
  }
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

/** Bytes of a folio of the largest order. */
const FOLIO_ORDER = 10;
const FOLIO = PAGE_SIZE << FOLIO_ORDER;

/** Hands out segments of folios, all filled with the same random bytes. A segment lies in one folio. */
class Placer {
  private readonly machine: Machine;
  private readonly xorshift: Xorshift;
  private readonly how: Plan['place'];
  private readonly bytes: Uint8Array = new Uint8Array(FOLIO);
  private base: PhysAddr;
  private cursor = 64;

  constructor(machine: Machine, xorshift: Xorshift, how: Plan['place']) {
    this.machine = machine;
    this.xorshift = xorshift;
    this.how = how;
    const words = new Uint32Array(this.bytes.buffer);
    for (let i = 0; i < words.length; i++) words[i] = xorshift.below(0x7fffffff);
    this.base = this.folio();
  }

  place(lengths: readonly number[]): BenchSegment[] {
    return lengths.map((len) => {
      if (this.how !== 'gaps') this.cursor = Math.ceil(this.cursor / PAGE_SIZE) * PAGE_SIZE;
      if (this.how === 'pages apart') this.cursor += PAGE_SIZE;
      return this.cut(len);
    });
  }

  cut(len: number): BenchSegment {
    if (this.how === 'gaps') this.cursor += this.xorshift.below(97);
    if (this.cursor + len > FOLIO) {
      this.base = this.folio();
      this.cursor = 64;
    }
    const segment = { phys: physAddr(this.base + this.cursor), len };
    this.cursor += len;
    return segment;
  }

  private folio(): PhysAddr {
    const base = pageAddress(must(this.machine.allocPages(FOLIO_ORDER, 'bench')), 0);
    this.machine.store(base, this.bytes);
    return base;
  }
}
