/**
 * Goal: what pcrypt runs side by side completes in the order of submission, and gives what its child gives.
 * Method: a driver of our own that notes when it runs, over seeds that let the second CPU be first; the
 * real child, synchronous and asynchronous, against itself without pcrypt.
 */
import { expect, test } from 'vitest';
import { CRYPTO_ALG_TYPE_AEAD } from '../../src/crypto/algorithm.ts';
import { must, readKernel, writeKernel } from '../../src/machine/access.ts';
import { Machine } from '../../src/machine/machine.ts';
import { virtAddr } from '../../src/units.ts';
import {
  type AeadAlg,
  type AeadRequest,
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  aeadRequestSetTag,
  type CryptoAead,
  cryptoAeadEncrypt,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
  cryptoRegisterAead,
} from '../aead.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { cryptoApiInit } from '../init.ts';
import { IovIter, iovIterKvec } from '../iter/iov-iter.ts';

const EINPROGRESS = -115;
const GCM = 'gcm_base(ctr(aes-generic),ghash-generic)';

function noteAlg(note: () => number): AeadAlg {
  return {
    kind: 'aead',
    name: 'note',
    driverName: 'note-aead',
    priority: 1,
    flags: CRYPTO_ALG_TYPE_AEAD,
    blocksize: 1,
    alignmask: 0,
    chunksize: 1,
    ivsize: 0,
    maxauthsize: 0,
    init: () => null,
    exit: () => undefined,
    setkey: () => 0,
    setauthsize: () => 0,
    encrypt: note,
    decrypt: note,
  };
}

function open(api: CryptoApi, driver: string): CryptoAead {
  const tfm = cryptoAllocAead(api, driver, 0, 0);
  if (typeof tfm === 'number') throw new Error(`allocation: ${tfm}`);
  expect(cryptoAeadSetkey(tfm, new Uint8Array(16))).toBe(0);
  return tfm;
}

test('operations complete in order, whichever runs first and whatever becomes of it', () => {
  let overtaken = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const machine = new Machine({ memory: 1 << 22, seed });
    const ran: number[] = [];
    const api = cryptoApiInit(machine);
    const alg = noteAlg(() => {
      ran.push(ran.length);
      return ran.length % 3 === 0 ? -74 : 0;
    });
    expect(cryptoRegisterAead(api, alg)).toBe(0);
    const tfm = open(api, 'pcrypt(note-aead)');
    const done: string[] = [];
    const before: number[] = [];
    const reqs = [0, 1, 2, 3, 4, 5].map((i) => {
      const req = must(aeadRequestAlloc(tfm));
      aeadRequestSetCallback(
        req,
        0,
        (_, err) => done.push(`${i} ${err}`) && before.push(ran.length),
        null,
      );
      aeadRequestSetAd(req, new IovIter(machine, 'source'), 0);
      const [src, dst] = [new IovIter(machine, 'source'), new IovIter(machine, 'dest')];
      aeadRequestSetCrypt(req, src, dst, 0, new Uint8Array(0));
      aeadRequestSetTag(req, dst);
      expect(cryptoAeadEncrypt(req)).toBe(EINPROGRESS);
      return req;
    });
    machine.scheduler.drain();
    expect(done.map((line) => line.split(' ')[0])).toEqual(['0', '1', '2', '3', '4', '5']);
    expect(done.filter((line) => line.endsWith('-74')).length).toBe(2);
    // More had run than was complete: somebody waited for who came before.
    overtaken += before.some((count, i) => count > i + 1) ? 1 : 0;
    for (const req of reqs) aeadRequestFree(req);
    cryptoFreeAead(tfm);
  }
  expect(overtaken).toBeGreaterThan(5);
});

test('the child gives the same, synchronous or not, and a machine that was reset starts anew', () => {
  const machine = new Machine({ memory: 1 << 22 });
  const api = cryptoApiInit(machine);
  const results = [GCM, `pcrypt(${GCM})`, `pcrypt(cryptd(${GCM}))`].map((driver) => {
    machine.reset(3);
    const tfm = open(api, driver);
    const base = must(machine.slab.kmalloc(48, 'test'));
    writeKernel(machine, base, new Uint8Array(48));
    const kvec = (at: number, len: number) => [{ base: virtAddr(base + at), len }];
    const done: number[] = [];
    const submit = (): AeadRequest => {
      const req = must(aeadRequestAlloc(tfm));
      const text = kvec(0, 32);
      aeadRequestSetCallback(req, 0, (_, err) => done.push(err), null);
      aeadRequestSetAd(req, new IovIter(machine, 'source'), 0);
      const src = iovIterKvec(machine, 'source', text, 1, 32);
      const dst = iovIterKvec(machine, 'dest', text, 1, 32);
      aeadRequestSetCrypt(req, src, dst, 32, new Uint8Array(12));
      aeadRequestSetTag(req, iovIterKvec(machine, 'dest', kvec(32, 16), 1, 16));
      cryptoAeadEncrypt(req);
      return req;
    };
    submit();
    machine.scheduler.drain();
    expect(done).toEqual(driver === GCM ? [] : [0]);
    const bytes = new Uint8Array(48);
    readKernel(machine, base, bytes);
    // Left in flight when the next driver resets the machine.
    submit();
    return bytes;
  });
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
});
