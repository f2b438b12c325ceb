/**
 * The scatterlist API: lists built for each request, or kept per buffer as a driver's ring does.
 * @module
 */
import {
  aeadRequestAlloc,
  aeadRequestSetAd,
  aeadRequestSetCrypt,
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
  type Scatterlist,
  sgAlloc,
  sgInitTable,
  sgSetPage,
  skcipherRequestAlloc,
  skcipherRequestSetCrypt,
} from '../../legacy/index.ts';
import { type Machine, must, physAddr, physToPfn } from '../../src/machine/index.ts';
import { offsetInPage } from '../../src/units.ts';
import { singly, type Way, type WaySpec } from '../way.ts';
import { type BenchSegment, view, type WorkItem, type Workload } from '../workloads.ts';
import { done, sectorIv, usable } from './checks.ts';

/** @see module */
export const LEGACY_WAYS: readonly WaySpec[] = [
  {
    id: 'legacy-built',
    what: 'old API, scatterlists built per request',
    kind: 'legacy',
    make: (machine, work) => way(machine, work, false),
  },
  {
    id: 'legacy-kept',
    what: 'old API, scatterlists kept',
    kind: 'legacy',
    make: (machine, work) => way(machine, work, true),
  },
];

/** What a request is given: the lists of one item. */
interface Lists {
  readonly src: Scatterlist;
  readonly dst: Scatterlist;
}

/** Accelerated, synchronous drivers; one transform and one request for the whole batch. */
function way(machine: Machine, work: Workload, kept: boolean): Way {
  const api = cryptoApiInit(machine);
  if (work.unit > 0) return sectors(machine, work, api, kept);
  const make = listMaker(work);
  const lists = kept ? work.items.map(make) : null;
  const run = { gcm: aead, sha256: hash, ctr: skcipher, cbc: skcipher, xts: skcipher }[work.mode](
    api,
    work,
  );
  return singly(machine, work, (item, k) => run(item, lists === null ? make(item) : lists[k]));
}

/** The old layout of an AEAD wants AD || text || tag in one list on both sides. */
function listMaker({ mode, encrypt }: Workload): (item: WorkItem) => Lists {
  if (mode === 'sha256') {
    return ({ src }) => {
      const list = listOf(src);
      return { src: list, dst: list };
    };
  }
  if (mode !== 'gcm') return ({ src, dst }) => ({ src: listOf(src), dst: listOf(dst) });
  return encrypt
    ? ({ ad, src, dst, tag }) => ({ src: listOf([ad, ...src]), dst: listOf([ad, ...dst, tag]) })
    : ({ ad, src, dst, tag }) => ({ src: listOf([ad, ...src, tag]), dst: listOf([ad, ...dst]) });
}

type Run = (item: WorkItem, lists: Lists) => void;

function skcipher(api: CryptoApi, { mode, key, bytes, encrypt }: Workload): Run {
  const tfm = usable(cryptoAllocSkcipher(api, `${mode}-aes-accel`, 0, 0));
  done(cryptoSkcipherSetkey(tfm, key));
  const req = must(skcipherRequestAlloc(tfm));
  const crypt = encrypt ? cryptoSkcipherEncrypt : cryptoSkcipherDecrypt;
  const iv = new Uint8Array(16);
  return (item, { src, dst }) => {
    for (let i = 0; i < 16; i++) iv[i] = item.iv[i];
    skcipherRequestSetCrypt(req, src, dst, bytes, iv);
    done(crypt(req));
  };
}

/** One request per data unit, as dm-crypt does it: the old API has no other way. */
function sectors(machine: Machine, work: Workload, api: CryptoApi, kept: boolean): Way {
  const { unit } = work;
  const run = skcipher(api, { ...work, bytes: unit });
  const pieces = work.items.map(({ src, dst }) => ({ src: cut(src, unit), dst: cut(dst, unit) }));
  const make = (src: BenchSegment, dst: BenchSegment): Lists => ({
    src: listOf([src]),
    dst: listOf([dst]),
  });
  const lists = kept
    ? pieces.map(({ src, dst }) => src.map((piece, i) => make(piece, dst[i])))
    : null;
  const iv = new Uint8Array(16);
  return singly(machine, work, (item, k) => {
    const { src, dst } = pieces[k];
    for (let i = 0; i < src.length; i++) {
      sectorIv(iv, item.iv, i);
      run({ ...item, iv }, lists === null ? make(src[i], dst[i]) : lists[k][i]);
    }
  });
}

/** Pieces of `unit` bytes; every segment must be a multiple. */
function cut(segments: readonly BenchSegment[], unit: number): BenchSegment[] {
  return segments.flatMap(({ phys, len }) =>
    Array.from({ length: len / unit }, (_, i) => ({ phys: physAddr(phys + i * unit), len: unit })),
  );
}

function aead(api: CryptoApi, { key, bytes, tagLen, encrypt }: Workload): Run {
  const tfm = usable(cryptoAllocAead(api, 'gcm-aes-accel', 0, 0));
  done(cryptoAeadSetkey(tfm, key) || cryptoAeadSetauthsize(tfm, tagLen));
  const req = must(aeadRequestAlloc(tfm));
  const crypt = encrypt ? cryptoAeadEncrypt : cryptoAeadDecrypt;
  // A decryption counts the tag as text.
  const cryptlen = encrypt ? bytes : bytes + tagLen;
  return ({ iv, ad }, { src, dst }) => {
    aeadRequestSetCrypt(req, src, dst, cryptlen, iv);
    aeadRequestSetAd(req, ad.len);
    done(crypt(req));
  };
}

function hash(api: CryptoApi, { bytes, tagLen }: Workload): Run {
  const tfm = usable(cryptoAllocAhash(api, 'sha256-accel', 0, 0));
  const req = must(ahashRequestAlloc(tfm));
  const digest = new Uint8Array(tagLen);
  return ({ tag }, { src }) => {
    ahashRequestSetCrypt(req, src, digest, bytes);
    done(cryptoAhashDigest(req));
    view(api.machine, tag).set(digest);
  };
}

function listOf(segments: readonly BenchSegment[]): Scatterlist {
  const table = sgAlloc(segments.length);
  sgInitTable(table, table.length);
  for (let i = 0; i < segments.length; i++) {
    const { phys, len } = segments[i];
    sgSetPage(table[i], physToPfn(phys), len, offsetInPage(phys));
  }
  return table[0];
}
