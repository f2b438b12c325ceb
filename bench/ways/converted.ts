/**
 * The iov_iter API: bio_vecs and iterators built for each request, or iterators kept per buffer.
 * @module
 */
import {
  aeadRequestAlloc,
  aeadRequestSetAd,
  aeadRequestSetCrypt,
  aeadRequestSetTag,
  ahashRequestAlloc,
  ahashRequestSetCrypt,
  type CryptoApi,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAhashDigest,
  cryptoAllocAead,
  cryptoAllocAhash,
  cryptoAllocSkcipher,
  cryptoApiInit,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  type Direction,
  type IovIter,
  ITER_DEST,
  ITER_SOURCE,
  iovIterBvec,
  skcipherRequestAlloc,
  skcipherRequestSetCrypt,
} from '../../converted/index.ts';
import { type Machine, physAddr } from '../../src/machine/index.ts';
import { singly, type Way, type WaySpec } from '../way.ts';
import { type BenchSegment, view, type WorkItem, type Workload } from '../workloads.ts';
import { done, sectorIv, usable } from './checks.ts';

/** @see module */
export const CONVERTED_WAYS: readonly WaySpec[] = [
  {
    id: 'converted-built',
    what: 'new API, iterators built per request',
    kind: 'converted',
    make: (machine, work) => way(machine, work, ACCELERATED, false),
  },
  {
    id: 'converted-kept',
    what: 'new API, iterators kept',
    kind: 'converted',
    make: (machine, work) => way(machine, work, ACCELERATED, true),
  },
];

/** Which driver does the work. */
export type DriverOf = (api: CryptoApi, work: Workload) => string;

const ACCELERATED: DriverOf = (_, { mode }) =>
  mode === 'sha256' ? 'sha256-accel' : `${mode}-aes-accel`;

/** What a request is given: the iterators of one item. */
interface Iterators {
  readonly src: IovIter<'source'>;
  readonly dst: IovIter<'dest'>;
  readonly ad: IovIter<'source'>;
  /** A source for decryption. */
  readonly tag: IovIter;
}

/** Synchronous drivers; one transform and one request for the whole batch. */
export function way(machine: Machine, work: Workload, driver: DriverOf, kept: boolean): Way {
  const api = cryptoApiInit(machine);
  const name = driver(api, work);
  if (work.unit > 0) return sectors(machine, work, api, name, kept);
  const make = iteratorMaker(machine, work);
  const iterators = kept ? work.items.map(make) : null;
  const run = { gcm: aead, sha256: hash, ctr: skcipher, cbc: skcipher, xts: skcipher }[work.mode](
    api,
    work,
    name,
  );
  return singly(machine, work, (item, k) =>
    run(item, iterators === null ? make(item) : iterators[k]),
  );
}

function iteratorMaker(machine: Machine, work: Workload): (item: WorkItem) => Iterators {
  const { mode, encrypt } = work;
  const nothing = iterOf(machine, ITER_SOURCE, []);
  if (mode !== 'gcm') {
    return ({ src, dst }) => ({
      src: iterOf(machine, ITER_SOURCE, src),
      dst: iterOf(machine, ITER_DEST, dst),
      ad: nothing,
      tag: nothing,
    });
  }
  const direction: Direction = encrypt ? ITER_DEST : ITER_SOURCE;
  return ({ src, dst, ad, tag }) => ({
    src: iterOf(machine, ITER_SOURCE, src),
    dst: iterOf(machine, ITER_DEST, dst),
    ad: iterOf(machine, ITER_SOURCE, [ad]),
    tag: iterOf(machine, direction, [tag]),
  });
}

type Run = (item: WorkItem, iterators: Iterators) => void;

function skcipher(api: CryptoApi, { key, bytes, encrypt }: Workload, driver: string): Run {
  const tfm = usable(cryptoAllocSkcipher(api, driver, 0, 0));
  done(cryptoSkcipherSetkey(tfm, key));
  const req = usable(skcipherRequestAlloc(tfm));
  const crypt = encrypt ? cryptoSkcipherEncrypt : cryptoSkcipherDecrypt;
  const iv = new Uint8Array(16);
  return (item, { src, dst }) => {
    for (let i = 0; i < 16; i++) iv[i] = item.iv[i];
    skcipherRequestSetCrypt(req, src, dst, bytes, iv);
    done(crypt(req));
  };
}

/** One request per data unit. */
function sectors(
  machine: Machine,
  work: Workload,
  api: CryptoApi,
  driver: string,
  kept: boolean,
): Way {
  const { unit } = work;
  const run = skcipher(api, { ...work, bytes: unit }, driver);
  const make = iteratorMaker(machine, work);
  const pieces = work.items.map((item) => {
    const src = cut(item.src, unit);
    const dst = cut(item.dst, unit);
    return src.map((piece, i) => ({ ...item, src: [piece], dst: [dst[i]], iv: sectorOf(item, i) }));
  });
  const iterators = kept ? pieces.map((sectors) => sectors.map(make)) : null;
  return singly(machine, work, (_, k) => {
    const sectors = pieces[k];
    for (let i = 0; i < sectors.length; i++) {
      run(sectors[i], iterators === null ? make(sectors[i]) : iterators[k][i]);
    }
  });
}

function sectorOf({ iv }: WorkItem, i: number): Uint8Array {
  const own = new Uint8Array(iv.length);
  sectorIv(own, iv, i);
  return own;
}

/** Pieces of `unit` bytes; every segment must be a multiple. */
function cut(segments: readonly BenchSegment[], unit: number): BenchSegment[] {
  return segments.flatMap(({ phys, len }) =>
    Array.from({ length: len / unit }, (_, i) => ({ phys: physAddr(phys + i * unit), len: unit })),
  );
}

function aead(api: CryptoApi, work: Workload, driver: string): Run {
  const { key, bytes, tagLen, encrypt } = work;
  const tfm = usable(cryptoAllocAead(api, driver, 0, 0));
  done(cryptoAeadSetkey(tfm, key) || cryptoAeadSetauthsize(tfm, tagLen));
  const req = usable(aeadRequestAlloc(tfm));
  const crypt = encrypt ? cryptoAeadEncrypt : cryptoAeadDecrypt;
  return ({ iv, ad }, iterators) => {
    aeadRequestSetAd(req, iterators.ad, ad.len);
    aeadRequestSetCrypt(req, iterators.src, iterators.dst, bytes, iv);
    aeadRequestSetTag(req, iterators.tag);
    done(crypt(req));
  };
}

function hash(api: CryptoApi, { bytes, tagLen }: Workload, driver: string): Run {
  const tfm = usable(cryptoAllocAhash(api, driver, 0, 0));
  const req = usable(ahashRequestAlloc(tfm));
  const digest = new Uint8Array(tagLen);
  return ({ tag }, { src }) => {
    ahashRequestSetCrypt(req, src, digest, bytes);
    done(cryptoAhashDigest(req));
    view(api.machine, tag).set(digest);
  };
}

function iterOf<D extends Direction>(
  machine: Machine,
  direction: D,
  segments: readonly BenchSegment[],
): IovIter<D> {
  let count = 0;
  const bvecs = new Array<{ phys: BenchSegment['phys']; len: number; flags: number }>(
    segments.length,
  );
  for (let i = 0; i < segments.length; i++) {
    const { phys, len } = segments[i];
    bvecs[i] = { phys, len, flags: 0 };
    count += len;
  }
  return iovIterBvec(machine, direction, bvecs, bvecs.length, count);
}
