/**
 * How often a list is walked before it is used: a write of netfs that goes out in several requests, each sealed as
 * SMB3 does. netfs limits each request by walking its iterator, and moves it on by walking it; who needs a
 * scatterlist walks it to count entries and to fill them, and crypto then walks the scatterlist.
 *
 * Counted is every time that an entry of the caller's bio_vecs or of a scatterlist is come to from another one.
 * Not counted: the rows that the iov_iter API lowers these to, source and destination once each, and then works on.
 * C: fs/netfs/iterator.c netfs_limit_bvec, fs/netfs/direct_read.c, fs/smb/client/cifsglob.h cifs_get_num_sgs,
 * fs/smb/client/smb2ops.c smb2_get_aead_req (6.18)
 * @module
 */
import {
  aeadRequestSetTag,
  aeadRequestAlloc as convertedAlloc,
  cryptoAllocAead as convertedAllocAead,
  cryptoAeadEncrypt as convertedEncrypt,
  aeadRequestFree as convertedFree,
  aeadRequestSetAd as convertedSetAd,
  cryptoAeadSetauthsize as convertedSetauthsize,
  aeadRequestSetCallback as convertedSetCallback,
  aeadRequestSetCrypt as convertedSetCrypt,
  cryptoAeadSetkey as convertedSetkey,
} from '../../converted/aead.ts';
import { cryptoApiInit as convertedInit } from '../../converted/init.ts';
import {
  type Direction,
  type IovIter,
  ITER_DEST,
  ITER_SOURCE,
  iovIterBvec,
  iovIterChain,
  iovIterCopy,
  iovIterKvec,
  iovIterTruncate,
} from '../../converted/iter/iov-iter.ts';
import { iovIterAdvance } from '../../converted/iter/position.ts';
import { iovIterNpages } from '../../converted/iter/query.ts';
import {
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAllocAead,
} from '../../legacy/aead.ts';
import { cryptoApiInit } from '../../legacy/init.ts';
import {
  type Scatterlist,
  sgAlloc,
  sgInitTable,
  sgMarkEnd,
} from '../../legacy/lists/scatterlist.ts';
import { extractIterToSg } from '../../legacy/lists/sg-bridge.ts';
import { SgTable } from '../../legacy/lists/sg-table.ts';
import { assert, KernelBug } from '../../src/assert.ts';
import type { BioVec } from '../../src/bvec.ts';
import { must } from '../../src/machine/access.ts';
import { Machine } from '../../src/machine/machine.ts';
import { physToPfn } from '../../src/machine/phys-mem.ts';
import { offsetInPage, type PhysAddr } from '../../src/units.ts';
import { CaseMemory } from '../case/memory.ts';
import type { Placed } from '../case/placed.ts';

/** What a caller or an API does with a list, and how many entries it comes to. */
export interface PassRow {
  readonly step: string;
  readonly scatterlist: number;
  readonly iov_iter: number;
}

/** The walks of one scenario. */
export interface Passes {
  readonly id: string;
  readonly who: string;
  readonly alg: string;
  readonly requests: number;
  /** Bio_vecs of the caller, in all requests. */
  readonly entries: number;
  readonly rows: readonly PassRow[];
}

const ID = 'netfs write by SMB3';
const WHO = 'fs/netfs netfs_limit_iter, fs/smb/client/smb2ops.c crypt_message';
const ALG = 'gcm(aes)';
const PAGE = 4096;
const PAGES = 64;
/** Pages that one request may have: the size that the server takes, and the segments that the transport does. */
const MOST_PAGES = 16;
const AD_LEN = 32;
const HEADER_LEN = 112;
const TAG_LEN = 16;
const MEMORY = 4 << 20;
const KEY: Uint8Array = Uint8Array.from({ length: 16 }, (_, i) => i);
const STEPS = [
  'netfs_limit_iter',
  'iov_iter_advance to the next request',
  'iov_iter_npages: entries to allocate',
  'extract_iter_to_sg',
  'crypto, over what it was given',
] as const;
type Step = (typeof STEPS)[number];

/** Counts how often an entry is come to from another. */
class Visits {
  readonly counts = new Map<Step, number>();
  private step: Step | null = null;
  private last: object | null = null;

  /** Counts during `work` what it comes to. */
  during<T>(step: Step, work: () => T): T {
    this.step = step;
    this.last = null;
    const result = work();
    this.step = null;
    return result;
  }

  to(entry: object): void {
    if (this.step === null || entry === this.last) return;
    this.last = entry;
    this.counts.set(this.step, (this.counts.get(this.step) ?? 0) + 1);
  }
}

/** A bio_vec that says when it is looked at. */
class CountedVec implements BioVec {
  private readonly visits: Visits;
  private readonly at: PhysAddr;
  private readonly bytes: number;

  constructor(visits: Visits, at: PhysAddr, bytes: number) {
    this.visits = visits;
    this.at = at;
    this.bytes = bytes;
  }

  get phys(): PhysAddr {
    this.visits.to(this);
    return this.at;
  }

  get len(): number {
    this.visits.to(this);
    return this.bytes;
  }

  get flags(): number {
    return 0;
  }
}

/** An entry that does: a walk reads its length, filling it writes that. */
function countVisits(visits: Visits, sg: Scatterlist): void {
  let { length } = sg;
  Object.defineProperty(sg, 'length', {
    get: () => {
      visits.to(sg);
      return length;
    },
    set: (value: number) => {
      visits.to(sg);
      length = value;
    },
  });
}

/** The steps as rows of a table, each also as walks of the whole list. */
export function passLines({ entries, rows }: Passes): string[][] {
  const walks = (visits: number): string => `${visits} (${(visits / entries).toFixed(1)})`;
  const sum = (of: 'scatterlist' | 'iov_iter'): number =>
    rows.reduce((total, row) => total + row[of], 0);
  return [
    ...rows.map((row) => [row.step, walks(row.scatterlist), walks(row.iov_iter)]),
    ['in all', walks(sum('scatterlist')), walks(sum('iov_iter'))],
  ];
}

/** Both ways through the same write. @throws KernelBug when they do not give the same bytes. */
export function countPasses(): Passes {
  const [old, now] = [sealByScatterlist, sealByIterator].map((seal) => written(seal));
  if (Buffer.compare(old.output, now.output) !== 0) {
    throw new KernelBug('two ways, one result', { scenario: ID });
  }
  return {
    id: ID,
    who: WHO,
    alg: ALG,
    requests: old.requests,
    entries: PAGES,
    rows: STEPS.map((step) => ({
      step,
      scatterlist: old.visits.counts.get(step) ?? 0,
      iov_iter: now.visits.counts.get(step) ?? 0,
    })),
  };
}

/** What each request has besides the pages of the file. */
interface Frame {
  readonly machine: Machine;
  readonly visits: Visits;
  readonly ad: Placed;
  readonly header: Placed;
  readonly tag: Placed;
  /** The pages of this request. */
  readonly payload: (direction: Direction) => IovIter;
}

/** Makes a transform, and seals with it. */
type Seal = (machine: Machine) => (frame: Frame) => void;

interface Written {
  readonly visits: Visits;
  readonly requests: number;
  readonly output: Uint8Array;
}

function written(seal: Seal): Written {
  const machine = new Machine({ memory: MEMORY, seed: 1 });
  const memory = new CaseMemory(machine);
  memory.reset(1);
  const visits = new Visits();
  const pages = memory.place(
    Array.from({ length: PAGES }, () => ({ kind: 'cache', offset: 0, len: PAGE }) as const),
  );
  const bytes = Uint8Array.from({ length: PAGES * PAGE }, (_, i) => (i * 7) & 0xff);
  memory.write(pages, 0, bytes);
  const vecs = pages.map(({ runs: [{ phys, len }] }) => new CountedVec(visits, phys, len));
  const whole = (direction: Direction): IovIter =>
    iovIterBvec(machine, direction, vecs, vecs.length, bytes.length, /* strict */ false);
  const left = whole(ITER_SOURCE);
  const sealed = seal(machine);
  const outputs: Uint8Array[] = [];
  while (left.count > 0) {
    const at = bytes.length - left.count;
    const len = visits.during('netfs_limit_iter', () =>
      netfsLimitBvec(left, MOST_PAGES * PAGE, MOST_PAGES),
    );
    const [ad, header, tag] = [AD_LEN, HEADER_LEN, TAG_LEN].map((size) => {
      const [one] = memory.place([{ kind: 'slab', offset: 8, len: size }]);
      memory.write([one], 0, new Uint8Array(size).fill(size));
      return one;
    });
    const start = iovIterCopy(left);
    const payload = (direction: Direction): IovIter => {
      const part = whole(direction);
      Object.assign(part, { seg: start.seg, nrSegs: start.nrSegs, iovOffset: start.iovOffset });
      part.count = start.count;
      iovIterTruncate(part, len);
      return part;
    };
    visits.during('iov_iter_advance to the next request', () => iovIterAdvance(left, len));
    sealed({ machine, visits, ad, header, tag, payload });
    outputs.push(memory.read([header], 0, HEADER_LEN), memory.read([tag], 0, TAG_LEN));
    outputs.push(memory.read(pages, at, len));
  }
  return { visits, requests: outputs.length / 3, output: Buffer.concat(outputs) };
}

/** Bytes of the next request: so many, in so many bio_vecs. @kernel netfs_limit_bvec */
function netfsLimitBvec(iter: IovIter, maxSize: number, maxSegs: number): number {
  let skip = iter.iovOffset;
  let span = 0;
  for (let i = 0, n = iter.count; n > 0 && i < iter.nrSegs; i++) {
    const len = Math.min(n, iter.bvec[iter.seg + i].len - skip, maxSize);
    span += len;
    if (span >= maxSize || i + 1 >= maxSegs) break;
    skip = 0;
    n -= len;
  }
  return Math.min(span, maxSize);
}

const noCompletion = (): never => {
  throw new KernelBug('a synchronous operation called back');
};

/** A table of as many entries as were counted, filled from the iterator. */
function sealByScatterlist(machine: Machine): (frame: Frame) => void {
  const tfm = cryptoAllocAead(cryptoApiInit(machine, { accel: false }), ALG, 0, 0);
  assert(typeof tfm !== 'number', 'an AEAD of the scatterlist API');
  assert(cryptoAeadSetkey(tfm, KEY) === 0, 'its key');
  assert(cryptoAeadSetauthsize(tfm, TAG_LEN) === 0, 'its tag');
  return ({ visits, ad, header, tag, payload }) => {
    const data = payload(ITER_SOURCE);
    const { count } = data;
    const pages = visits.during('iov_iter_npages: entries to allocate', () =>
      iovIterNpages(data, Number.MAX_SAFE_INTEGER),
    );
    const array = sgAlloc(pages + 3);
    sgInitTable(array, array.length);
    for (const sg of array) countVisits(visits, sg);
    const table = new SgTable();
    [table.sgl] = array;
    const set = (placed: Placed): void => {
      const [{ phys, len }] = placed.runs;
      extractIterToSg([{ page: physToPfn(phys), offset: offsetInPage(phys), len }], len, table, 1);
    };
    set(ad);
    set(header);
    visits.during('extract_iter_to_sg', () => {
      const runs = Array.from({ length: pages }, (_, i) => {
        const { phys, len } = data.bvec[data.seg + i];
        return { page: physToPfn(phys), offset: offsetInPage(phys), len };
      });
      extractIterToSg(runs, count, table, pages);
      iovIterAdvance(data, count);
    });
    set(tag);
    sgMarkEnd(array[table.nents - 1]);
    const req = must(aeadRequestAlloc(tfm));
    aeadRequestSetCallback(req, 0, noCompletion, null);
    const iv = new Uint8Array(12);
    aeadRequestSetCrypt(req, array[0], array[0], HEADER_LEN + count, iv);
    aeadRequestSetAd(req, AD_LEN);
    const err = visits.during('crypto, over what it was given', () => cryptoAeadEncrypt(req));
    assert(err === 0, 'a request is sealed');
    aeadRequestFree(req);
  };
}

/** The iterator as it is, behind the header. */
function sealByIterator(machine: Machine): (frame: Frame) => void {
  const tfm = convertedAllocAead(convertedInit(machine, { accel: false }), ALG, 0, 0);
  assert(typeof tfm !== 'number', 'an AEAD of the iov_iter API');
  assert(convertedSetkey(tfm, KEY) === 0, 'its key');
  assert(convertedSetauthsize(tfm, TAG_LEN) === 0, 'its tag');
  return ({ visits, ad, header, tag, payload }) => {
    const kvec = <D extends Direction>(direction: D, { virt, len }: Placed): IovIter<D> =>
      iovIterKvec(machine, direction, [{ base: must(virt), len }], 1, len);
    const text = <D extends Direction>(direction: D): IovIter<D> => {
      const parts = [kvec(direction, header), payload(direction) as IovIter<D>];
      const total = HEADER_LEN + parts[1].count;
      return iovIterChain(machine, direction, parts, total, /* strict */ false);
    };
    const req = must(convertedAlloc(tfm));
    const err = visits.during('crypto, over what it was given', () => {
      convertedSetCallback(req, 0, noCompletion, null);
      convertedSetAd(req, kvec(ITER_SOURCE, ad), AD_LEN);
      const source = text(ITER_SOURCE);
      convertedSetCrypt(req, source, text(ITER_DEST), source.count, new Uint8Array(12));
      aeadRequestSetTag(req, kvec(ITER_DEST, tag));
      return convertedEncrypt(req);
    });
    assert(err === 0, 'a request is sealed');
    convertedFree(req);
  };
}
