/**
 * The iov_iter API on a workload: build the bio_vecs and iterators, submit, per request.
 * @module
 */
import {
  aeadRequestAlloc,
  aeadRequestSetAd,
  aeadRequestSetCrypt,
  aeadRequestSetTag,
  cryptoAeadEncrypt,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAllocAead,
} from '../../converted/aead.ts';
import {
  ahashRequestAlloc,
  ahashRequestSetCrypt,
  cryptoAhashDigest,
  cryptoAllocAhash,
} from '../../converted/ahash.ts';
import type { CryptoApi } from '../../converted/crypto-api.ts';
import { cryptoApiInit } from '../../converted/init.ts';
import {
  type IovIter,
  ITER_DEST,
  ITER_SOURCE,
  iovIterBvec,
} from '../../converted/iter/iov-iter.ts';
import {
  cryptoAllocSkcipher,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  skcipherRequestAlloc,
  skcipherRequestSetCrypt,
} from '../../converted/skcipher.ts';
import { assert } from '../../src/assert.ts';
import { must } from '../../src/machine/access.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { Way } from '../harness.ts';
import { outputDigest, tagLength, view, wipeOutputs } from '../peers.ts';
import type { BenchSegment, WorkItem, Workload } from '../workloads.ts';

/** Accelerated, synchronous drivers; one transform and one request for the whole batch. */
export function convertedWay(machine: Machine, work: Workload): Way {
  const api = cryptoApiInit(machine);
  const run = { 'gcm(aes)': aead, sha256: hash }[work.alg] ?? skcipher;
  const request = run(api, work);
  return {
    name: 'converted (iov_iter)',
    run: (item) => request(work.items[item]),
    wipe: () => wipeOutputs(machine, work),
    digest: () => outputDigest(machine, work),
  };
}

function skcipher(api: CryptoApi, { alg, key }: Workload): (item: WorkItem) => void {
  const tfm = cryptoAllocSkcipher(api, `${alg.slice(0, 3)}-aes-accel`, 0, 0);
  assert(typeof tfm !== 'number' && cryptoSkcipherSetkey(tfm, key) === 0, 'converted tfm');
  const req = must(skcipherRequestAlloc(tfm));
  const iv = new Uint8Array(16);
  return ({ src, dst, iv: start }) => {
    iv.set(start);
    const source = iterOf(api.machine, ITER_SOURCE, src);
    skcipherRequestSetCrypt(req, source, iterOf(api.machine, ITER_DEST, dst), source.count, iv);
    if (cryptoSkcipherEncrypt(req) !== 0) throw new Error('converted skcipher failed');
  };
}

function aead(api: CryptoApi, { key, authsize }: Workload): (item: WorkItem) => void {
  const tfm = cryptoAllocAead(api, 'gcm-aes-accel', 0, 0);
  assert(typeof tfm !== 'number' && cryptoAeadSetkey(tfm, key) === 0, 'converted tfm');
  assert(cryptoAeadSetauthsize(tfm, authsize) === 0, 'converted authsize');
  const req = must(aeadRequestAlloc(tfm));
  const { machine } = api;
  return ({ ad, src, dst, tag, iv }) => {
    const source = iterOf(machine, ITER_SOURCE, src);
    aeadRequestSetAd(req, iterOf(machine, ITER_SOURCE, [ad]), ad.len);
    aeadRequestSetCrypt(req, source, iterOf(machine, ITER_DEST, dst), source.count, iv);
    aeadRequestSetTag(req, iterOf(machine, ITER_DEST, [tag]));
    if (cryptoAeadEncrypt(req) !== 0) throw new Error('converted aead failed');
  };
}

function hash(api: CryptoApi, work: Workload): (item: WorkItem) => void {
  const tfm = cryptoAllocAhash(api, 'sha256-accel', 0, 0);
  assert(typeof tfm !== 'number', 'converted tfm');
  const req = must(ahashRequestAlloc(tfm));
  const digest = new Uint8Array(tagLength(work));
  return ({ src, tag }) => {
    const source = iterOf(api.machine, ITER_SOURCE, src);
    ahashRequestSetCrypt(req, source, digest, source.count);
    if (cryptoAhashDigest(req) !== 0) throw new Error('converted hash failed');
    view(api.machine, tag).set(digest);
  };
}

function iterOf<D extends 'source' | 'dest'>(
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
