/**
 * The iov_iter API, by what a caller gives it for a request: bio_vecs and iterators built from his array
 * of (address, length), lists that he keeps and refills from it, or iterators kept for each of his buffers.
 * A batch submits all requests at once; its lists are refilled.
 * @module
 */
import {
  aeadRequestAlloc,
  aeadRequestSetAd,
  aeadRequestSetCrypt,
  aeadRequestSetTag,
  ahashRequestAlloc,
  ahashRequestSetCrypt,
  BvecList,
  bvecFill,
  bvecSet,
  type CryptoAead,
  type CryptoApi,
  type CryptoSkcipher,
  cryptoAeadDecrypt,
  cryptoAeadDecryptBatch,
  cryptoAeadEncrypt,
  cryptoAeadEncryptBatch,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAhashDigest,
  cryptoAllocAead,
  cryptoAllocAhash,
  cryptoAllocSkcipher,
  cryptoApiInit,
  cryptoSkcipherDecrypt,
  cryptoSkcipherDecryptBatch,
  cryptoSkcipherEncrypt,
  cryptoSkcipherEncryptBatch,
  cryptoSkcipherSetkey,
  type Direction,
  type IovIter,
  ITER_DEST,
  ITER_SOURCE,
  iovIterBvec,
  iovIterBvecList,
  iovIterRestart,
  type SkcipherRequest,
  skcipherRequestAlloc,
  skcipherRequestSetCrypt,
  skcipherRequestSetUnitSize,
} from '../../converted/index.ts';
import type { Machine } from '../../src/machine/index.ts';
import { inMemory, singly, type Way, type WaySpec } from '../way.ts';
import { type BenchSegment, view, type WorkItem, type Workload } from '../workloads.ts';
import { done, usable } from './checks.ts';

/** What a caller gives a request. */
type Shape = 'built' | 'refilled' | 'kept';

const SHAPES: readonly (readonly [Shape, string])[] = [
  ['built', 'iterators built per request'],
  ['refilled', 'lists refilled per request'],
  ['kept', 'iterators kept'],
];

/** @see module */
export const CONVERTED_WAYS: readonly WaySpec[] = SHAPES.map(([shape, what]) => ({
  id: `converted-${shape}`,
  what: `new API, ${what}`,
  kind: 'converted',
  make: (machine, work) => convertedWay(machine, work, accelerated(work), shape),
}));

/** Ciphers and AEADs only. @see module */
export const CONVERTED_BATCH: WaySpec = {
  id: 'converted-batch',
  what: 'new API, one batch, lists refilled',
  kind: 'converted',
  make: (machine, work) => batch(machine, work, cryptoApiInit(machine), accelerated(work)),
};

function accelerated({ mode }: Workload): string {
  return mode === 'sha256' ? 'sha256-accel' : `${mode}-aes-accel`;
}

/** What a request is given: the iterators of one item. */
interface Iterators {
  readonly src: IovIter<'source'>;
  readonly dst: IovIter<'dest'>;
  readonly ad: IovIter<'source'>;
  /** A source for decryption. */
  readonly tag: IovIter;
}

/** One transform and one request for all items. `driver` must be synchronous. */
export function convertedWay(
  machine: Machine,
  work: Workload,
  driver: string,
  shape: Shape,
  api: CryptoApi = cryptoApiInit(machine),
): Way {
  const kinds = { gcm: aead, sha256: hash, ctr: skcipher, cbc: skcipher, xts: skcipher };
  const run = kinds[work.mode](api, work, driver);
  if (shape === 'built') {
    const make = built(machine, work);
    return singly(machine, work, (item) => run(item, make(item)));
  }
  if (shape === 'refilled') {
    const slot = new Slot(machine, work);
    return singly(machine, work, (item) => run(item, slot.fill(item)));
  }
  const kept = work.items.map((item) => new Slot(machine, work).fill(item));
  return singly(machine, work, (item, k) => run(item, kept[k]));
}

type Run = (item: WorkItem, iterators: Iterators) => void;

function skcipher(api: CryptoApi, work: Workload, driver: string): Run {
  const req = skcipherRequest(skcipherTfm(api, work, driver), work);
  const { bytes, encrypt } = work;
  const crypt = encrypt ? cryptoSkcipherEncrypt : cryptoSkcipherDecrypt;
  const iv = new Uint8Array(16);
  return (item, { src, dst }) => {
    for (let i = 0; i < 16; i++) iv[i] = item.iv[i];
    skcipherRequestSetCrypt(req, src, dst, bytes, iv);
    done(crypt(req));
  };
}

function skcipherTfm(api: CryptoApi, { key }: Workload, driver: string): CryptoSkcipher {
  const tfm = usable(cryptoAllocSkcipher(api, driver, 0, 0));
  done(cryptoSkcipherSetkey(tfm, key));
  return tfm;
}

function skcipherRequest(tfm: CryptoSkcipher, { unit }: Workload): SkcipherRequest {
  const req = usable(skcipherRequestAlloc(tfm));
  skcipherRequestSetUnitSize(req, unit);
  return req;
}

function aead(api: CryptoApi, work: Workload, driver: string): Run {
  const req = usable(aeadRequestAlloc(aeadTfm(api, work, driver)));
  const { bytes, encrypt } = work;
  const crypt = encrypt ? cryptoAeadEncrypt : cryptoAeadDecrypt;
  return ({ iv, ad }, iterators) => {
    aeadRequestSetAd(req, iterators.ad, ad.len);
    aeadRequestSetCrypt(req, iterators.src, iterators.dst, bytes, iv);
    aeadRequestSetTag(req, iterators.tag);
    done(crypt(req));
  };
}

function aeadTfm(api: CryptoApi, { key, tagLen }: Workload, driver: string): CryptoAead {
  const tfm = usable(cryptoAllocAead(api, driver, 0, 0));
  done(cryptoAeadSetkey(tfm, key) || cryptoAeadSetauthsize(tfm, tagLen));
  return tfm;
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

function batch(machine: Machine, work: Workload, api: CryptoApi, driver: string): Way {
  const { items } = work;
  const slots = items.map(() => new Slot(machine, work));
  return inMemory(
    machine,
    work,
    work.mode === 'gcm'
      ? aeadBatch(api, work, driver, slots)
      : skcipherBatch(api, work, driver, slots),
  );
}

function aeadBatch(api: CryptoApi, work: Workload, driver: string, slots: Slot[]): () => void {
  const { items, bytes, encrypt } = work;
  const tfm = aeadTfm(api, work, driver);
  const reqs = items.map(() => usable(aeadRequestAlloc(tfm)));
  const crypt = encrypt ? cryptoAeadEncryptBatch : cryptoAeadDecryptBatch;
  return () => {
    for (let k = 0; k < items.length; k++) {
      const { ad, iv } = items[k];
      const iterators = slots[k].fill(items[k]);
      aeadRequestSetAd(reqs[k], iterators.ad, ad.len);
      aeadRequestSetCrypt(reqs[k], iterators.src, iterators.dst, bytes, iv);
      aeadRequestSetTag(reqs[k], iterators.tag);
    }
    done(crypt(reqs, items.length));
  };
}

function skcipherBatch(api: CryptoApi, work: Workload, driver: string, slots: Slot[]): () => void {
  const { items, bytes, encrypt } = work;
  const tfm = skcipherTfm(api, work, driver);
  const reqs = items.map(() => skcipherRequest(tfm, work));
  const ivs = items.map(() => new Uint8Array(16));
  const crypt = encrypt ? cryptoSkcipherEncryptBatch : cryptoSkcipherDecryptBatch;
  return () => {
    for (let k = 0; k < items.length; k++) {
      const { iv } = items[k];
      for (let i = 0; i < 16; i++) ivs[k][i] = iv[i];
      const { src, dst } = slots[k].fill(items[k]);
      skcipherRequestSetCrypt(reqs[k], src, dst, bytes, ivs[k]);
    }
    done(crypt(reqs, items.length));
  };
}

/** Lists that a caller keeps for requests of one shape, and iterators over them. */
class Slot implements Iterators {
  readonly src: IovIter<'source'>;
  readonly dst: IovIter<'dest'>;
  readonly ad: IovIter<'source'>;
  readonly tag: IovIter;
  private readonly lists: readonly BvecList[];
  private readonly aead: boolean;

  constructor(machine: Machine, { mode, encrypt, items }: Workload) {
    const room = Math.max(8, items[0].src.length + 64);
    const [src, dst, ad, tag] = [room, room, 1, 1].map((n) => new BvecList(n, machine.mem));
    this.lists = [src, dst, ad, tag];
    this.aead = mode === 'gcm';
    this.src = iovIterBvecList(machine, ITER_SOURCE, src);
    this.dst = iovIterBvecList(machine, ITER_DEST, dst);
    this.ad = iovIterBvecList(machine, ITER_SOURCE, ad);
    this.tag = encrypt
      ? iovIterBvecList(machine, ITER_DEST, tag)
      : iovIterBvecList(machine, ITER_SOURCE, tag);
  }

  /** Puts the ranges of an item into the lists. */
  fill({ src, dst, ad, tag }: WorkItem): Iterators {
    const { lists } = this;
    bvecFill(lists[0], src, src.length);
    bvecFill(lists[1], dst, dst.length);
    iovIterRestart(this.src);
    iovIterRestart(this.dst);
    if (!this.aead) return this;
    bvecSet(lists[2], ad.phys, ad.len);
    bvecSet(lists[3], tag.phys, tag.len);
    iovIterRestart(this.ad);
    iovIterRestart(this.tag);
    return this;
  }
}

function built(machine: Machine, { mode, encrypt }: Workload): (item: WorkItem) => Iterators {
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
