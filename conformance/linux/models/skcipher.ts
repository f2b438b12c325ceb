/**
 * skcipher cases on the legacy model.
 * @module
 */
import {
  type CryptoSkcipher,
  cryptoAllocSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  cryptoSkcipherIvsize,
  cryptoSkcipherSetkey,
  type SkcipherRequest,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
  skcipherRequestSetTfm,
} from '../../../legacy/skcipher.ts';
import { CRYPTO_ALG_ASYNC } from '../../../src/crypto/algorithm.ts';
import type { Errno } from '../../../src/errno.ts';
import { must } from '../../../src/machine/access.ts';
import type { CipherCase } from '../text/case.ts';
import type { BuiltList } from './arena.ts';
import {
  type CaseLists,
  caseLists,
  keyBytes,
  placeIv,
  prepareSecond,
  refuse,
  reportChanges,
  reportFirst,
  reportSecond,
} from './request.ts';
import { recorderName } from './walk.ts';
import { type Answer, requestFlags, Waiter, type World } from './world.ts';

function allocate(world: World, c: CipherCase, name: string): CryptoSkcipher | Errno {
  const tfm = cryptoAllocSkcipher(world.api, name, 0, CRYPTO_ALG_ASYNC);
  if (typeof tfm === 'number' || !c.async) return tfm;
  cryptoFreeSkcipher(tfm);
  return cryptoAllocSkcipher(world.api, `cryptd(${tfm.alg.driverName})`, 0, 0);
}

/** Runs one case. */
export function runSkcipher(world: World, c: CipherCase, answer: Answer): void {
  world.steps = null;
  const name = c.geometry === null ? c.algorithm : recorderName(world, c, c.geometry);
  if (typeof name === 'number') {
    refuse(answer, 'register', name);
    return;
  }
  const tfm = allocate(world, c, name);
  if (typeof tfm === 'number') {
    refuse(answer, 'alloc', tfm);
    return;
  }
  answer.driver = tfm.alg.driverName;
  const err = c.key === '' ? 0 : cryptoSkcipherSetkey(tfm, keyBytes(c));
  if (err !== 0) refuse(answer, 'setkey', err);
  else runRequests(world, c, tfm, answer);
  cryptoFreeSkcipher(tfm);
}

function runRequests(world: World, c: CipherCase, tfm: CryptoSkcipher, answer: Answer): void {
  const lists = caseLists(world, c);
  const req = must(skcipherRequestAlloc(tfm));
  const iv = placeIv(c, cryptoSkcipherIvsize(tfm));
  const once = { world, c, tfm, req, lists, answer };
  const err = runOnce(once, c.direction !== 'decrypt', lists.src, iv);
  answer.steps = world.steps?.join(' ') ?? null;
  reportFirst(world, lists, answer, err, iv);
  if (c.direction === 'both' && err === 0) {
    prepareSecond(world, c, lists);
    const iv2 = placeIv(c, cryptoSkcipherIvsize(tfm));
    reportSecond(world, lists, answer, runOnce(once, false, lists.dst, iv2), iv2);
  }
  skcipherRequestFree(req);
}

interface Once {
  readonly world: World;
  readonly c: CipherCase;
  readonly tfm: CryptoSkcipher;
  readonly req: SkcipherRequest;
  readonly lists: CaseLists;
  readonly answer: Answer;
}

function runOnce(once: Once, encrypt: boolean, src: BuiltList, iv: Uint8Array): Errno {
  const { world, c, tfm, req, lists, answer } = once;
  const waiter = new Waiter();
  const flags = requestFlags(c.flags);
  const dst = lists.dst.first;
  skcipherRequestSetTfm(req, tfm);
  skcipherRequestSetCallback(req, flags, waiter.complete, null);
  skcipherRequestSetCrypt(req, src.first, dst, c.length, iv);
  const ret = encrypt ? cryptoSkcipherEncrypt(req) : cryptoSkcipherDecrypt(req);
  const err = waiter.wait(world, answer, ret);
  const same =
    req.src === src.first && req.dst === dst && req.iv === iv && req.cryptlen === c.length;
  reportChanges(answer, lists, req.tfm !== tfm, !same || req.flags !== flags);
  return err;
}
