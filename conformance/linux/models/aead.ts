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
  refuse,
  reportChanges,
  reportHalf,
  secondHalf,
} from './request.ts';
import { recorderName } from './walk.ts';
import { type Answer, Batch, requestFlags, type World } from './world.ts';

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
  const keyErr = c.key === null ? 0 : cryptoAeadSetkey(tfm, keyBytes(c.key));
  const authErr = keyErr === 0 && c.authSize !== null ? cryptoAeadSetauthsize(tfm, c.authSize) : 0;
  if (keyErr !== 0) refuse(answer, 'setkey', keyErr);
  else if (authErr !== 0) refuse(answer, 'setauthsize', authErr);
  else runRequests(world, c, tfm, answer);
  cryptoFreeAead(tfm);
}

function runRequests(world: World, c: CipherCase, tfm: CryptoAead, answer: Answer): void {
  const lists = caseLists(world, c);
  const reqs = Array.from({ length: c.requests }, () => must(aeadRequestAlloc(tfm)));
  const run = { world, c, tfm, reqs, lists, answer };
  const [err, iv] = runOnce(run, c.direction !== 'decrypt', lists.src, c.length);
  answer.steps = world.steps?.join(' ') ?? null;
  reportHalf(world.arena, lists.target, answer, err, iv);
  if (c.direction === 'both' && err === 0) {
    secondHalf(world.arena, c);
    const sealed = c.length + cryptoAeadAuthsize(tfm);
    const [err2, iv2] = runOnce(run, false, lists.dst, sealed);
    reportHalf(world.arena, lists.target, answer, err2, iv2);
  }
  for (const req of reqs) aeadRequestFree(req);
}

interface Run {
  readonly world: World;
  readonly c: CipherCase;
  readonly tfm: CryptoAead;
  readonly reqs: readonly AeadRequest[];
  readonly lists: CaseLists;
  readonly answer: Answer;
}

/** Submits all requests and waits. @returns the errno and the IV buffer of the first. */
function runOnce(run: Run, encrypt: boolean, src: BuiltList, length: number): [Errno, Uint8Array] {
  const { world, c, tfm, reqs, lists, answer } = run;
  const batch = new Batch(reqs.length);
  const flags = requestFlags(c.flags);
  const dst = lists.dst.first;
  const ivs = reqs.map(() => placeIv(c, cryptoAeadIvsize(tfm)));
  const rets = reqs.map((req, i) => {
    aeadRequestSetTfm(req, tfm);
    aeadRequestSetCallback(req, flags, batch.callbacks[i], batch);
    aeadRequestSetCrypt(req, src.first, dst, length, ivs[i]);
    aeadRequestSetAd(req, c.assoc);
    return batch.submit(world.machine, c, () =>
      encrypt ? cryptoAeadEncrypt(req) : cryptoAeadDecrypt(req),
    );
  });
  const err = batch.wait(world.machine, answer, rets);
  reportChanges(answer, lists, {
    tfm: reqs.some((req) => req.tfm !== tfm),
    callback: reqs.some((req, i) => req.complete !== batch.callbacks[i] || req.data !== batch),
    request: reqs.some(
      (req, i) =>
        req.src !== src.first ||
        req.dst !== dst ||
        req.iv !== ivs[i] ||
        req.cryptlen !== length ||
        req.assoclen !== c.assoc ||
        req.flags !== flags,
    ),
  });
  return [err, ivs[0]];
}
