/**
 * The scatterlist API on a workload: build the lists, submit, per request.
 * @module
 */
import {
  aeadRequestAlloc,
  aeadRequestSetAd,
  aeadRequestSetCrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAllocAead,
} from '../../legacy/aead.ts';
import {
  ahashRequestAlloc,
  ahashRequestSetCrypt,
  cryptoAhashDigest,
  cryptoAllocAhash,
} from '../../legacy/ahash.ts';
import { type CryptoApi, cryptoApiInit } from '../../legacy/crypto-api.ts';
import {
  type Scatterlist,
  sgAlloc,
  sgInitTable,
  sgSetPage,
} from '../../legacy/lists/scatterlist.ts';
import {
  cryptoAllocSkcipher,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  skcipherRequestAlloc,
  skcipherRequestSetCrypt,
} from '../../legacy/skcipher.ts';
import { assert } from '../../src/assert.ts';
import { must } from '../../src/machine/access.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { physToPfn } from '../../src/machine/phys-mem.ts';
import { offsetInPage } from '../../src/units.ts';
import type { Way } from '../harness.ts';
import { outputDigest, tagLength, view, wipeOutputs } from '../peers.ts';
import type { BenchSegment, WorkItem, Workload } from '../workloads.ts';

/** Accelerated, synchronous drivers; one transform and one request for the whole batch. */
export function legacyWay(machine: Machine, work: Workload): Way {
  const api = cryptoApiInit(machine);
  const run = { 'gcm(aes)': aead, sha256: hash }[work.alg] ?? skcipher;
  const request = run(api, work);
  return {
    name: 'legacy (scatterlist)',
    run: (item) => request(work.items[item]),
    wipe: () => wipeOutputs(machine, work),
    digest: () => outputDigest(machine, work),
  };
}

function skcipher(api: CryptoApi, { alg, key }: Workload): (item: WorkItem) => void {
  const tfm = cryptoAllocSkcipher(api, `${alg.slice(0, 3)}-aes-accel`, 0, 0);
  assert(typeof tfm !== 'number' && cryptoSkcipherSetkey(tfm, key) === 0, 'legacy tfm');
  const req = must(skcipherRequestAlloc(tfm));
  const iv = new Uint8Array(16);
  return ({ src, dst, iv: start }) => {
    iv.set(start);
    const source = listOf(src);
    skcipherRequestSetCrypt(req, source, listOf(dst), lengthOf(src), iv);
    if (cryptoSkcipherEncrypt(req) !== 0) throw new Error('legacy skcipher failed');
  };
}

/** The legacy layout wants AD || text || tag in one list on both sides. */
function aead(api: CryptoApi, { key, authsize }: Workload): (item: WorkItem) => void {
  const tfm = cryptoAllocAead(api, 'gcm-aes-accel', 0, 0);
  assert(typeof tfm !== 'number' && cryptoAeadSetkey(tfm, key) === 0, 'legacy tfm');
  assert(cryptoAeadSetauthsize(tfm, authsize) === 0, 'legacy authsize');
  const req = must(aeadRequestAlloc(tfm));
  return ({ ad, src, dst, tag, iv }) => {
    aeadRequestSetCrypt(req, listOf([ad, ...src]), listOf([ad, ...dst, tag]), lengthOf(src), iv);
    aeadRequestSetAd(req, ad.len);
    if (cryptoAeadEncrypt(req) !== 0) throw new Error('legacy aead failed');
  };
}

function hash(api: CryptoApi, work: Workload): (item: WorkItem) => void {
  const tfm = cryptoAllocAhash(api, 'sha256-accel', 0, 0);
  assert(typeof tfm !== 'number', 'legacy tfm');
  const req = must(ahashRequestAlloc(tfm));
  const digest = new Uint8Array(tagLength(work));
  return ({ src, tag }) => {
    ahashRequestSetCrypt(req, listOf(src), digest, lengthOf(src));
    if (cryptoAhashDigest(req) !== 0) throw new Error('legacy hash failed');
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

function lengthOf(segments: readonly BenchSegment[]): number {
  let sum = 0;
  for (let i = 0; i < segments.length; i++) sum += segments[i].len;
  return sum;
}
