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
  refuse,
  reportChanges,
  reportHalf,
  secondHalf,
} from './request.ts';
import { recorderName } from './walk.ts';
import { type Answer, Batch, requestFlags, type World } from './world.ts';

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
  const err = c.key === null ? 0 : cryptoSkcipherSetkey(tfm, keyBytes(c.key));
  if (err !== 0) refuse(answer, 'setkey', err);
  else runRequests(world, c, tfm, answer);
  cryptoFreeSkcipher(tfm);
}

function runRequests(world: World, c: CipherCase, tfm: CryptoSkcipher, answer: Answer): void {
  const lists = caseLists(world, c);
  const reqs = Array.from({ length: c.requests }, () => must(skcipherRequestAlloc(tfm)));
  const run = { world, c, tfm, reqs, lists, answer };
  const [err, iv] = runOnce(run, c.direction !== 'decrypt', lists.src);
  answer.steps = world.steps?.join(' ') ?? null;
  reportHalf(world.arena, lists.target, answer, err, iv);
  if (c.direction === 'both' && err === 0) {
    secondHalf(world.arena, c);
    const [err2, iv2] = runOnce(run, false, lists.dst);
    reportHalf(world.arena, lists.target, answer, err2, iv2);
  }
  for (const req of reqs) skcipherRequestFree(req);
}

interface Run {
  readonly world: World;
  readonly c: CipherCase;
  readonly tfm: CryptoSkcipher;
  readonly reqs: readonly SkcipherRequest[];
  readonly lists: CaseLists;
  readonly answer: Answer;
}

/** Submits all requests and waits. @returns the errno and the IV buffer of the first. */
function runOnce(run: Run, encrypt: boolean, src: BuiltList): [Errno, Uint8Array] {
  const { world, c, tfm, reqs, lists, answer } = run;
  const batch = new Batch(reqs.length);
  const flags = requestFlags(c.flags);
  const dst = lists.dst.first;
  const ivs = reqs.map(() => placeIv(c, cryptoSkcipherIvsize(tfm)));
  const rets = reqs.map((req, i) => {
    skcipherRequestSetTfm(req, tfm);
    skcipherRequestSetCallback(req, flags, batch.callbacks[i], batch);
    skcipherRequestSetCrypt(req, src.first, dst, c.length, ivs[i]);
    return batch.submit(world.machine, c, () =>
      encrypt ? cryptoSkcipherEncrypt(req) : cryptoSkcipherDecrypt(req),
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
        req.cryptlen !== c.length ||
        req.flags !== flags,
    ),
  });
  return [err, ivs[0]];
}
