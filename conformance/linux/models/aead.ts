/**
 * AEAD cases on the legacy model.
 * @module
 */
import {
  type AeadRequest,
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  aeadRequestSetTfm,
  type CryptoAead,
  cryptoAeadAuthsize,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadIvsize,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
} from '../../../legacy/aead.ts';
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

function allocate(world: World, c: CipherCase, name: string): CryptoAead | Errno {
  const tfm = cryptoAllocAead(world.api, name, 0, CRYPTO_ALG_ASYNC);
  if (typeof tfm === 'number' || !c.async) return tfm;
  cryptoFreeAead(tfm);
  return cryptoAllocAead(world.api, `cryptd(${tfm.alg.driverName})`, 0, 0);
}

/** Runs one case. */
export function runAead(world: World, c: CipherCase, answer: Answer): void {
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
  const keyErr = c.key === '' ? 0 : cryptoAeadSetkey(tfm, keyBytes(c));
  const authErr = keyErr === 0 && c.authSize !== null ? cryptoAeadSetauthsize(tfm, c.authSize) : 0;
  if (keyErr !== 0) refuse(answer, 'setkey', keyErr);
  else if (authErr !== 0) refuse(answer, 'setauthsize', authErr);
  else runRequests(world, c, tfm, answer);
  cryptoFreeAead(tfm);
}

function runRequests(world: World, c: CipherCase, tfm: CryptoAead, answer: Answer): void {
  const lists = caseLists(world, c);
  const req = must(aeadRequestAlloc(tfm));
  const iv = placeIv(c, cryptoAeadIvsize(tfm));
  const once = { world, c, tfm, req, lists, answer };
  const err = runOnce(once, c.direction !== 'decrypt', c.length, lists.src, iv);
  answer.steps = world.steps?.join(' ') ?? null;
  reportFirst(world, lists, answer, err, iv);
  if (c.direction === 'both' && err === 0) {
    prepareSecond(world, c, lists);
    const iv2 = placeIv(c, cryptoAeadIvsize(tfm));
    const sealed = c.length + cryptoAeadAuthsize(tfm);
    reportSecond(world, lists, answer, runOnce(once, false, sealed, lists.dst, iv2), iv2);
  }
  aeadRequestFree(req);
}

interface Once {
  readonly world: World;
  readonly c: CipherCase;
  readonly tfm: CryptoAead;
  readonly req: AeadRequest;
  readonly lists: CaseLists;
  readonly answer: Answer;
}

function runOnce(
  once: Once,
  encrypt: boolean,
  length: number,
  src: BuiltList,
  iv: Uint8Array,
): Errno {
  const { world, c, tfm, req, lists, answer } = once;
  const waiter = new Waiter();
  const flags = requestFlags(c.flags);
  const dst = lists.dst.first;
  aeadRequestSetTfm(req, tfm);
  aeadRequestSetCallback(req, flags, waiter.complete, null);
  aeadRequestSetCrypt(req, src.first, dst, length, iv);
  aeadRequestSetAd(req, c.assoc);
  const ret = encrypt ? cryptoAeadEncrypt(req) : cryptoAeadDecrypt(req);
  const err = waiter.wait(world, answer, ret);
  const same = req.src === src.first && req.dst === dst && req.iv === iv && req.cryptlen === length;
  const plain = req.assoclen === c.assoc && req.flags === flags;
  reportChanges(answer, lists, req.tfm !== tfm, !same || !plain);
  return err;
}
