/**
 * Goal: every way to misuse the scatterlist API that the model knows has an outcome of its own: what a
 * kernel answers with an oops or a BUG is an exception, what it answers silently is a warning or wrong
 * data that is named, what it answers with an errno is that errno.
 * Method: one test per row of the matrix, by the row's words. Not tested here, because the model cannot
 * see it: touching a buffer while a request is in flight.
 */
import { expect, test } from 'vitest';
import { KernelBug, KernelOops } from '../src/assert.ts';
import {
  CRYPTO_ALG_ASYNC,
  CRYPTO_TFM_REQ_MAY_BACKLOG,
  CRYPTO_TFM_REQ_MAY_SLEEP,
} from '../src/crypto/algorithm.ts';
import { EBADMSG, EBUSY, EINPROGRESS, EINVAL, ENOKEY, EOVERFLOW } from '../src/errno.ts';
import { must } from '../src/machine/access.ts';
import { pageToVirt, physToLinear } from '../src/machine/address.ts';
import { DmaDevice } from '../src/machine/dma/device.ts';
import { DMA_FROM_DEVICE, DMA_TO_DEVICE } from '../src/machine/dma/ledger.ts';
import { Machine } from '../src/machine/machine.ts';
import { PG_READONLY } from '../src/machine/page.ts';
import { physAddr, userAddr, virtAddr } from '../src/units.ts';
import {
  type AeadRequest,
  aeadRequestAlloc,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAllocAead,
} from './aead.ts';
import {
  type AhashRequest,
  ahashRequestAlloc,
  ahashRequestSetCrypt,
  cryptoAhashDigest,
  cryptoAhashFinal,
  cryptoAhashImport,
  cryptoAhashInit,
  cryptoAhashSetkey,
  cryptoAhashUpdate,
  cryptoAllocAhash,
} from './ahash.ts';
import type { CryptoApi } from './crypto-api.ts';
import { cryptoApiInit } from './init.ts';
import {
  type Scatterlist,
  sgAlloc,
  sgChain,
  sgInitTable,
  sgLast,
  sgMarkEnd,
  sgNents,
  sgNext,
  sgPage,
  sgSetBuf,
  sgSetPage,
  sgUnmarkEnd,
} from './lists/scatterlist.ts';
import { extractIterToSg, sgReleaseExtracted } from './lists/sg-bridge.ts';
import { dmaMapSg, dmaSyncSgForCpu, dmaUnmapSg } from './lists/sg-dma.ts';
import {
  SG_MITER_ATOMIC,
  SG_MITER_FROM_SG,
  sgMiterNext,
  sgMiterStart,
  sgMiterStop,
} from './lists/sg-mapping-iter.ts';
import { SgTable, sglAllocOrder } from './lists/sg-table.ts';
import {
  type CryptoSkcipher,
  cryptoAllocSkcipher,
  cryptoFreeSkcipher,
  cryptoRegisterSkcipher,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  type SkcipherRequest,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from './skcipher.ts';
import { bytesAt, cutList, listOf, pattern, place } from './testing.ts';
import { cryptoTfmRequestComplete } from './tfm.ts';

const KEY = pattern(32);

function world(zeroLength: 'compat' | 'fixed' = 'compat'): { machine: Machine; api: CryptoApi } {
  const machine = new Machine({ seed: 3 });
  return { machine, api: cryptoApiInit(machine, { zeroLength }) };
}

function skcipher(api: CryptoApi, alg: string): { tfm: CryptoSkcipher; req: SkcipherRequest } {
  const tfm = cryptoAllocSkcipher(api, alg, 0, 0);
  if (typeof tfm === 'number') throw new Error(`${alg}: ${tfm}`);
  return { tfm, req: must(skcipherRequestAlloc(tfm)) };
}

function encryptOver(api: CryptoApi, sg: Scatterlist | null, len: number): number {
  const { tfm, req } = skcipher(api, 'cbc(aes)');
  cryptoSkcipherSetkey(tfm, KEY);
  skcipherRequestSetCrypt(req, sg, sg, len, new Uint8Array(16));
  return cryptoSkcipherEncrypt(req);
}

function aead(api: CryptoApi, alg: string, key: Uint8Array, authsize: number): AeadRequest {
  const tfm = cryptoAllocAead(api, alg, 0, 0);
  if (typeof tfm === 'number') throw new Error(`${alg}: ${tfm}`);
  expect(cryptoAeadSetkey(tfm, key)).toBe(0);
  expect(cryptoAeadSetauthsize(tfm, authsize)).toBe(0);
  return must(aeadRequestAlloc(tfm));
}

function hash(api: CryptoApi, alg: string): AhashRequest {
  const tfm = cryptoAllocAhash(api, alg, 0, 0);
  if (typeof tfm === 'number') throw new Error(`${alg}: ${tfm}`);
  cryptoAhashSetkey(tfm, KEY);
  return must(ahashRequestAlloc(tfm));
}

test('1: a table of 0 entries is written in front of', () => {
  expect(() => sgInitTable(sgAlloc(1), 0)).toThrow('sg_init_table writes outside the array');
  expect(() => sgInitTable(sgAlloc(1), 2)).toThrow('sg_init_table writes outside the array');
});

test('2: vmalloc, stack and user addresses have no page: BUG, or the wrong page without checks', () => {
  const { machine } = world();
  const [sg] = sgAlloc(1);
  const vmalloc = must(machine.vmalloc.alloc(64, 'test'));
  expect(() => sgSetBuf(machine, sg, vmalloc, 16)).toThrow('BUG_ON(!virt_addr_valid(buf))');
  const user = virtAddr(userAddr(0x1000));
  expect(() => sgSetBuf(machine, sg, user, 16)).toThrow('BUG_ON(!virt_addr_valid(buf))');
  const device = virtAddr(physToLinear(must(machine.allocDevice(64))));
  expect(() => sgSetBuf(machine, sg, device, 16)).toThrow('BUG_ON(!virt_addr_valid(buf))');
  const silent = new Machine({ seed: 3, checks: false });
  const hidden = must(silent.vmalloc.alloc(64, 'test'));
  sgSetBuf(silent, sg, hidden, 16);
  expect(silent.pages.valid(sgPage(sg))).toBe(false);
});

test('3: a list shorter than the message is an oops', () => {
  const { machine, api } = world();
  const at = place(machine, pattern(32));
  expect(() => encryptOver(api, listOf(machine, [[at, 16]]), 32)).toThrow(KernelOops);
  expect(() => encryptOver(api, null, 16)).toThrow(KernelOops);
  const req = aead(api, 'gcm(aes)', KEY.slice(0, 16), 16);
  const sg = cutList(machine, at, 32, [20]);
  aeadRequestSetAd(req, 16);
  aeadRequestSetCrypt(req, sg, sg, 16, new Uint8Array(12));
  // The text fits, the tag does not.
  expect(() => cryptoAeadEncrypt(req)).toThrow(KernelOops);
});

test('4: an END mark before the end of the data is an oops', () => {
  const { machine, api } = world();
  const at = place(machine, pattern(32));
  const sg = cutList(machine, at, 32, [16]);
  sgMarkEnd(sg);
  expect(() => encryptOver(api, sg, 32)).toThrow('the list is too short');
});

test('4b: a stale END mark in front of a link hides the chained list', () => {
  const { machine, api } = world();
  const at = place(machine, pattern(32));
  const head = sgAlloc(2);
  sgInitTable(head, 2);
  sgSetBuf(machine, head[0], at, 16);
  sgMarkEnd(head[0]);
  sgChain(head[0], 2, listOf(machine, [[at + 16, 16]]));
  expect(() => encryptOver(api, head[0], 32)).toThrow(KernelOops);
  sgUnmarkEnd(head[0]);
  expect(encryptOver(api, head[0], 32)).toBe(0);
});

test('5: without END mark the slot behind the array is read', () => {
  const { machine } = world();
  const sg = listOf(machine, [[place(machine, pattern(16)), 16]]);
  sgUnmarkEnd(sg);
  expect(() => sgNents(sg)).toThrow('scatterlist slot behind the array');
});

test('6 and 7: a link taken for an entry, and a link to a link', () => {
  const { machine, api } = world();
  const at = place(machine, pattern(32));
  const last = listOf(machine, [[at + 16, 16]]);
  const middle = sgAlloc(1);
  sgInitTable(middle, 1);
  sgChain(middle[0], 1, last);
  const head = sgAlloc(2);
  sgInitTable(head, 2);
  sgSetBuf(machine, head[0], at, 16);
  sgChain(head[0], 2, middle[0]);
  expect(() => sgPage(head[1])).toThrow('BUG_ON(sg_is_chain(sg))');
  expect(() => sgSetPage(head[1], sgPage(head[0]), 16, 0)).toThrow('BUG_ON(sg_is_chain(sg))');
  // Only one hop is made: the second link comes back as if it were an entry.
  expect(sgNext(head[0])).toBe(middle[0]);
  expect(() => encryptOver(api, head[0], 32)).toThrow('a link leads to a link');
});

test('8: chaining over an entry loses its bytes', () => {
  const { machine, api } = world();
  const at = place(machine, pattern(48));
  const head = sgAlloc(2);
  sgInitTable(head, 2);
  sgSetBuf(machine, head[0], at, 16);
  sgSetBuf(machine, head[1], virtAddr(at + 16), 16);
  sgChain(head[0], 2, listOf(machine, [[at + 32, 16]]));
  expect(head[1].length).toBe(0);
  expect(encryptOver(api, head[0], 32)).toBe(0);
  expect(() => encryptOver(api, head[0], 48)).toThrow(KernelOops);
  expect(bytesAt(machine, at + 16, 16)).toEqual(pattern(48).slice(16, 32));
});

test('9: counting more entries than there are', () => {
  const { machine } = world();
  const sg = cutList(machine, place(machine, pattern(32)), 32, [16]);
  expect(() => sgLast(sg, 3)).toThrow(KernelOops);
  expect(() => sgLast(sg, 1)).toThrow('BUG_ON(!sg_is_last(ret))');
  const device = new DmaDevice(machine, { name: 'dev' });
  expect(() => dmaMapSg(device, sg, 3, DMA_TO_DEVICE)).toThrow('for_each_sg behind the list');
});

test('10 and 11: an empty entry is harmless for a cipher and ends the message of a hash', () => {
  for (const [mode, correct] of [
    ['compat', false],
    ['fixed', true],
  ] as const) {
    const { machine, api } = world(mode);
    const at = place(machine, pattern(64));
    const expected = new Uint8Array(32);
    const req = hash(api, 'sha256');
    ahashRequestSetCrypt(req, listOf(machine, [[at, 64]]), expected, 64);
    expect(cryptoAhashDigest(req)).toBe(0);
    const result = new Uint8Array(32).fill(0xee);
    ahashRequestSetCrypt(req, cutList(machine, at, 64, [16, 0, 16]), result, 64);
    expect(cryptoAhashDigest(req)).toBe(0);
    expect(Buffer.compare(result, expected) === 0).toBe(correct);
    expect(result.every((byte) => byte === 0xee)).toBe(!correct);
    // The page of the empty entry stays mapped.
    expect(machine.context.pagefault).toBe(correct ? 0 : 1);
    expect(encryptOver(api, cutList(machine, at, 64, [16, 0, 16]), 64)).toBe(0);
  }
});

test('12: an entry longer than its memory', () => {
  const { machine, api } = world();
  const at = place(machine, pattern(16));
  expect(() => encryptOver(api, listOf(machine, [[at, 32]]), 32)).toThrow(/red zone/);
});

test('14 and 15: a mapping iterator without direction warns, and an atomic one must not sleep', () => {
  const { machine } = world();
  const sg = listOf(machine, [[place(machine, pattern(16)), 16]]);
  sgMiterStart(machine, sg, 1, 0);
  expect(machine.warnings).toEqual(['WARN_ON(!(flags & (SG_MITER_TO_SG | SG_MITER_FROM_SG)))']);
  const miter = sgMiterStart(machine, sg, 1, SG_MITER_ATOMIC | SG_MITER_FROM_SG);
  expect(sgMiterNext(miter)).toBe(true);
  expect(() => machine.context.mightSleep('test')).toThrow('invalid context');
  sgMiterStop(miter);
  machine.context.mightSleep('test');
  expect(sgMiterNext(miter)).toBe(false);
});

test('16 and 17: unmapping by the mapped count, and reading lengths behind a mapping', () => {
  const { machine } = world();
  const page = must(machine.allocPages(1, 'test'));
  const at = pageToVirt(page);
  machine.fill(physAddr(page * 4096), 8192, 1);
  const device = new DmaDevice(machine, { name: 'dev', iommu: true });
  const sg = cutList(machine, at, 8192, [4096]);
  const mapped = dmaMapSg(device, sg, 2, DMA_TO_DEVICE);
  expect(mapped).toBe(1); // joined
  expect(() => device.load(physAddr(sg.table[1].dmaAddress), sg.table[1].length)).toThrow(
    KernelBug,
  );
  expect(() => dmaUnmapSg(device, sg, mapped, DMA_TO_DEVICE)).toThrow(KernelBug);
  expect(() => dmaSyncSgForCpu(device, sg, mapped, DMA_TO_DEVICE)).toThrow('DMA sync');
  dmaUnmapSg(device, sg, 2, DMA_TO_DEVICE);
  expect(machine.ledger.count('dma')).toBe(0);
});

test('18, 20, 22: key, transform and request must not be touched while a request is in flight', () => {
  const { machine, api } = world();
  const { tfm, req } = skcipher(api, 'cryptd(cbc(aes-generic))');
  cryptoSkcipherSetkey(tfm, KEY);
  const sg = listOf(machine, [[place(machine, pattern(16)), 16]]);
  skcipherRequestSetCallback(req, 0, () => {}, null);
  skcipherRequestSetCrypt(req, sg, sg, 16, new Uint8Array(16));
  expect(cryptoSkcipherEncrypt(req)).toBe(-EINPROGRESS);
  expect(() => cryptoSkcipherSetkey(tfm, KEY)).toThrow('setkey while a request is in flight');
  expect(() => cryptoFreeSkcipher(tfm)).toThrow('transform freed while a request is in flight');
  expect(() => cryptoSkcipherEncrypt(req)).toThrow('request submitted while it is in flight');
  expect(() => skcipherRequestFree(req)).toThrow('request freed while it is in flight');
  expect(() => skcipherRequestSetCallback(req, 0, null, null)).toThrow('changed while it is in');
  expect(() => skcipherRequestSetCrypt(req, sg, sg, 0, null)).toThrow('changed while it is in');
  machine.scheduler.drain();
  expect(cryptoSkcipherSetkey(tfm, KEY)).toBe(0);
  cryptoFreeSkcipher(tfm);
  expect(() => cryptoSkcipherEncrypt(req)).toThrow('use of a freed transform');
  skcipherRequestFree(req);
  expect(() => skcipherRequestFree(req)).toThrow('request touched after it was freed');
});

test('-EBUSY of a driver: accepted with MAY_BACKLOG, refused without', () => {
  const { machine, api } = world();
  const { tfm: model } = skcipher(api, 'cbc(aes-generic)');
  const accepted: SkcipherRequest[] = [];
  cryptoRegisterSkcipher(api, {
    ...model.alg,
    name: 'busy',
    driverName: 'busy-device',
    flags: model.alg.flags | CRYPTO_ALG_ASYNC,
    spawns: [],
    init: () => ({}),
    exit: () => {},
    initRequest: () => null,
    setkey: () => 0,
    encrypt: (req) => {
      accepted.push(req);
      return -EBUSY;
    },
    decrypt: () => -EBUSY,
  });
  const { tfm, req } = skcipher(api, 'busy-device');
  cryptoSkcipherSetkey(tfm, KEY);
  const sg = listOf(machine, [[place(machine, pattern(16)), 16]]);
  const trace: number[] = [];
  skcipherRequestSetCrypt(req, sg, sg, 16, new Uint8Array(16));
  skcipherRequestSetCallback(req, 0, (_, err) => trace.push(err), null);
  expect(cryptoSkcipherEncrypt(req)).toBe(-EBUSY);
  // Nothing is in flight: the request may be submitted again, and was not accepted.
  skcipherRequestSetCallback(req, CRYPTO_TFM_REQ_MAY_BACKLOG, (_, err) => trace.push(err), null);
  expect(cryptoSkcipherEncrypt(req)).toBe(-EBUSY);
  expect(() => cryptoSkcipherEncrypt(req)).toThrow('while it is in flight');
  for (const err of [-EINPROGRESS, 0]) cryptoTfmRequestComplete(tfm, accepted[1], err);
  expect(trace).toEqual([-EINPROGRESS, 0]);
  cryptoFreeSkcipher(tfm);
});

test('the account of requests in flight survives the notices of the backlog', () => {
  const { machine, api } = world();
  const { tfm } = skcipher(api, 'cryptd(ctr(aes-generic))');
  cryptoSkcipherSetkey(tfm, KEY);
  const sg = listOf(machine, [[place(machine, pattern(16)), 16]]);
  const results: number[] = [];
  for (let i = 0; i < 1003; i++) {
    const req = must(skcipherRequestAlloc(tfm));
    const done = (_: unknown, err: number) => {
      results.push(err);
    };
    skcipherRequestSetCallback(req, CRYPTO_TFM_REQ_MAY_BACKLOG, done, null);
    skcipherRequestSetCrypt(req, sg, sg, 16, new Uint8Array(16));
    expect(cryptoSkcipherEncrypt(req)).toBe(i < 1000 ? -EINPROGRESS : -EBUSY);
  }
  expect(tfm.inFlight).toBe(1003);
  machine.scheduler.drain();
  expect(results.filter((err) => err === -EINPROGRESS)).toHaveLength(3);
  expect(results.filter((err) => err === 0)).toHaveLength(1003);
  expect(tfm.inFlight).toBe(0);
});

test('19: no key', () => {
  const { api } = world();
  expect(cryptoSkcipherEncrypt(skcipher(api, 'ctr(aes)').req)).toBe(-ENOKEY);
  const keyed = cryptoAllocAhash(api, 'hmac(sha256)', 0, 0);
  if (typeof keyed === 'number') throw new Error('hmac');
  expect(cryptoAhashInit(must(ahashRequestAlloc(keyed)))).toBe(-ENOKEY);
});

test('23: MAY_SLEEP from atomic context', () => {
  const { machine, api } = world();
  const { tfm, req } = skcipher(api, 'ctr(aes)');
  cryptoSkcipherSetkey(tfm, KEY);
  const sg = listOf(machine, [[place(machine, pattern(16)), 16]]);
  skcipherRequestSetCallback(req, CRYPTO_TFM_REQ_MAY_SLEEP, null, null);
  skcipherRequestSetCrypt(req, sg, sg, 16, new Uint8Array(16));
  machine.context.enterAtomic();
  expect(() => cryptoSkcipherEncrypt(req)).toThrow('sleeping function called from invalid context');
  skcipherRequestSetCallback(req, 0, null, null);
  expect(cryptoSkcipherEncrypt(req)).toBe(0);
  machine.context.leaveAtomic();
});

test('23b: the key of gcm is set from atomic context', () => {
  const { machine, api } = world();
  const tfm = cryptoAllocAead(api, 'gcm_base(ctr(aes-generic),ghash-generic)', 0, 0);
  if (typeof tfm === 'number') throw new Error('gcm');
  machine.context.enterAtomic();
  expect(() => cryptoAeadSetkey(tfm, KEY)).toThrow('sleeping function called from invalid context');
  machine.context.leaveAtomic();
  expect(cryptoAeadSetkey(tfm, KEY)).toBe(0);
});

test('24 to 31: lengths, tag sizes and nonces that an AEAD refuses', () => {
  const { machine, api } = world();
  const at = place(machine, pattern(200));
  const sg = listOf(machine, [[at, 200]]);
  const iv = new Uint8Array(16);
  const gcm = aead(api, 'gcm(aes)', KEY.slice(0, 16), 16);
  aeadRequestSetCrypt(gcm, sg, sg, 15, iv);
  expect(cryptoAeadDecrypt(gcm)).toBe(-EINVAL);
  expect(cryptoAeadSetauthsize(gcm.tfm, 0)).toBe(-EINVAL);
  const ccm = aead(api, 'ccm(aes)', KEY.slice(0, 16), 16);
  for (const [lead, err] of [
    [0, -EINVAL],
    [3, 0],
    [8, -EINVAL],
  ]) {
    iv[0] = lead;
    aeadRequestSetCrypt(ccm, sg, sg, 16, iv);
    expect(cryptoAeadEncrypt(ccm)).toBe(err);
  }
  const rfc4106 = aead(api, 'rfc4106(gcm(aes))', KEY.slice(0, 20), 16);
  aeadRequestSetAd(rfc4106, 8);
  aeadRequestSetCrypt(rfc4106, sg, sg, 16, iv);
  expect(cryptoAeadEncrypt(rfc4106)).toBe(-EINVAL);
  const esp = aead(api, 'rfc7539esp(chacha20,poly1305)', pattern(36), 16);
  aeadRequestSetAd(esp, 4);
  aeadRequestSetCrypt(esp, sg, sg, 16, iv);
  expect(cryptoAeadEncrypt(esp)).toBe(-EINVAL);
  const authenc = cryptoAllocAead(api, 'authenc(hmac(sha1),cbc(aes))', 0, 0);
  if (typeof authenc === 'number') throw new Error('authenc');
  expect(cryptoAeadSetkey(authenc, pattern(20))).toBe(-EINVAL);
  expect(cryptoAeadEncrypt(must(aeadRequestAlloc(authenc)))).toBe(-ENOKEY);
});

test('27: ccm lets a text through that its length field cannot hold', () => {
  const { machine, api } = world();
  const page = must(machine.allocPages(5, 'test'));
  machine.fill(physAddr(page * 4096), 4096 * 32, 1);
  const sg = listOf(machine, [[pageToVirt(page), 4096 * 32]]);
  const req = aead(api, 'ccm(aes)', KEY.slice(0, 16), 16);
  for (const [len, err] of [
    [65536, 0],
    [65537, -EOVERFLOW],
  ]) {
    aeadRequestSetCrypt(req, sg, sg, len, Uint8Array.of(1, ...new Uint8Array(15)));
    expect(cryptoAeadEncrypt(req)).toBe(err);
  }
});

test('32 and 33: a hash without a started message, and a state that nobody exported', () => {
  const { api } = world();
  // A request that trapped in its driver is its driver's for ever.
  const fresh = (): AhashRequest => {
    const made = hash(api, 'sha256');
    ahashRequestSetCrypt(made, null, new Uint8Array(32), 0);
    return made;
  };
  expect(() => cryptoAhashFinal(fresh())).toThrow('without a started message');
  const req = fresh();
  expect(cryptoAhashInit(req)).toBe(0);
  expect(cryptoAhashFinal(req)).toBe(0);
  expect(() => cryptoAhashFinal(req)).toThrow('without a started message');
  expect(() => cryptoAhashUpdate(fresh())).toThrow('without a started message');
  expect(() => cryptoAhashImport(fresh(), new Uint8Array(103))).toThrow('statesize bytes');
});

test('49: an extraction that is given back by the wrong count', () => {
  const { machine } = world();
  const pages = [1, 2, 3].map(() => must(machine.allocPages(0, 'user')));
  const sgt = new SgTable();
  const table = sgAlloc(4);
  sgInitTable(table, 4);
  sgt.sgl = table[0];
  sgt.origNents = 4;
  for (const page of pages) machine.pinPage(page, 'extract');
  const runs = pages.map((page) => ({ page, offset: 0, len: 4096 }));
  expect(extractIterToSg(runs, 3 * 4096, sgt, 4)).toBe(3 * 4096);
  expect([sgt.nents, sgt.origNents]).toEqual([3, 4]);
  expect(() => sgReleaseExtracted(machine, sgt, sgt.origNents, false)).toThrow('not extracted');
  sgReleaseExtracted(machine, sgt, sgt.nents, true);
  expect(machine.ledger.count('pin')).toBe(0);
});

test('56: partly overlapping lists run as they are, without an error', () => {
  const { machine, api } = world();
  const at = place(machine, pattern(96));
  const { tfm, req } = skcipher(api, 'ctr(aes)');
  cryptoSkcipherSetkey(tfm, KEY);
  skcipherRequestSetCrypt(
    req,
    listOf(machine, [[at, 64]]),
    listOf(machine, [[at + 16, 64]]),
    64,
    new Uint8Array(16),
  );
  expect(cryptoSkcipherEncrypt(req)).toBe(0);
});

test('60: a destination that nobody may write to', () => {
  const { machine, api } = world();
  const page = must(machine.allocPages(0, 'cache'));
  machine.fill(physAddr(page * 4096), 4096, 1);
  machine.pages.set(page, PG_READONLY);
  const sg = listOf(machine, [[pageToVirt(page), 16]]);
  expect(() => encryptOver(api, sg, 16)).toThrow('memory that the request does not own');
  const device = new DmaDevice(machine, { name: 'dev' });
  expect(() => dmaMapSg(device, sg, 1, DMA_FROM_DEVICE)).toThrow('does not own');
});

test('61: fresh pages for no bytes and without a spare slot', () => {
  const { machine } = world();
  expect(() => sglAllocOrder(machine, 0, 0, false)).toThrow(
    'sg_init_table writes outside the array',
  );
  expect(sglAllocOrder(machine, 0, 0, true)).toHaveLength(1);
});

test('a bad tag is -EBADMSG, and the request may be used again', () => {
  const { machine, api } = world();
  const req = aead(api, 'gcm(aes)', KEY.slice(0, 16), 16);
  const sg = listOf(machine, [[place(machine, pattern(32)), 32]]);
  aeadRequestSetCallback(req, 0, null, null);
  aeadRequestSetCrypt(req, sg, sg, 32, new Uint8Array(12));
  expect(cryptoAeadDecrypt(req)).toBe(-EBADMSG);
  aeadRequestSetCrypt(req, sg, sg, 16, new Uint8Array(12));
  expect(cryptoAeadEncrypt(req)).toBe(0);
  aeadRequestSetCrypt(req, sg, sg, 32, new Uint8Array(12));
  expect(cryptoAeadDecrypt(req)).toBe(0);
});
