/**
 * Hash cases on the legacy model.
 * @module
 */
import {
  type AhashRequest,
  ahashRequestAlloc,
  ahashRequestFree,
  ahashRequestSetCallback,
  ahashRequestSetCrypt,
  type CryptoAhash,
  cryptoAhashDigest,
  cryptoAhashDigestsize,
  cryptoAhashExport,
  cryptoAhashFinal,
  cryptoAhashFinup,
  cryptoAhashImport,
  cryptoAhashInit,
  cryptoAhashSetkey,
  cryptoAhashStatesize,
  cryptoAhashUpdate,
  cryptoAllocAhash,
  cryptoFreeAhash,
} from '../../../legacy/ahash.ts';
import { sgAlloc } from '../../../legacy/lists/scatterlist.ts';
import { scatterwalkFfwd } from '../../../legacy/walk/scatterwalk.ts';
import { CRYPTO_ALG_ASYNC } from '../../../src/crypto/algorithm.ts';
import type { Errno } from '../../../src/errno.ts';
import { must } from '../../../src/machine/access.ts';
import type { HashCase } from '../text/case.ts';
import { type BuiltList, buildList, listChanged } from './arena.ts';
import { keyBytes, POISON, refuse } from './request.ts';
import { type Answer, Batch, requestFlags, type World } from './world.ts';

interface Hashing {
  readonly world: World;
  readonly c: HashCase;
  readonly tfm: CryptoAhash;
  readonly src: BuiltList;
  readonly digest: Uint8Array;
  readonly answer: Answer;
  readonly batch: Batch;
  req: AhashRequest;
}

function allocate(world: World, c: HashCase): CryptoAhash | Errno {
  const tfm = cryptoAllocAhash(world.api, c.algorithm, 0, CRYPTO_ALG_ASYNC);
  if (typeof tfm === 'number' || !c.async) return tfm;
  cryptoFreeAhash(tfm);
  return cryptoAllocAhash(world.api, `cryptd(${tfm.alg.driverName})`, 0, 0);
}

/** Runs one case. */
export function runHash(world: World, c: HashCase, answer: Answer): void {
  const tfm = allocate(world, c);
  if (typeof tfm === 'number') {
    refuse(answer, 'alloc', tfm);
    return;
  }
  answer.driver = tfm.alg.driverName;
  const keyErr = c.key === null ? 0 : cryptoAhashSetkey(tfm, keyBytes(c.key));
  if (keyErr !== 0) {
    refuse(answer, 'setkey', keyErr);
    cryptoFreeAhash(tfm);
    return;
  }
  const hashing: Hashing = {
    world,
    c,
    tfm,
    src: buildList(world.arena, c.src),
    digest: new Uint8Array(cryptoAhashDigestsize(tfm)).fill(POISON),
    answer,
    batch: new Batch(1),
    req: must(ahashRequestAlloc(tfm)),
  };
  setCallback(hashing);
  const err = c.finish === 'digest' ? digestAtOnce(hashing) : digestInParts(hashing);
  answer.stage = 'hash';
  answer.err = err;
  answer.stray = world.arena.stray([]);
  if (listChanged(hashing.src)) answer.changed = ['list'];
  if (err === 0) answer.digest = Buffer.from(hashing.digest).toString('hex');
  ahashRequestFree(hashing.req);
  cryptoFreeAhash(tfm);
}

function setCallback({ req, c, batch }: Hashing): void {
  ahashRequestSetCallback(req, requestFlags(c.flags), batch.callbacks[0], batch);
}

function submit(hashing: Hashing, operation: (req: AhashRequest) => Errno): Errno {
  const { world, c, batch, answer } = hashing;
  const ret = batch.submit(world.machine, c, () => operation(hashing.req));
  return batch.wait(world.machine, answer, [ret]);
}

/** Points the request at `length` bytes from a position of the source. */
function setData(hashing: Hashing, at: number, length: number): void {
  const { req, src, digest } = hashing;
  const sg = at > 0 && length > 0 ? scatterwalkFfwd(sgAlloc(2)[0], src.first, at) : src.first;
  ahashRequestSetCrypt(req, sg, digest, length);
}

function digestAtOnce(hashing: Hashing): Errno {
  setData(hashing, 0, hashing.c.length);
  return submit(hashing, cryptoAhashDigest);
}

function reimport(hashing: Hashing): Errno {
  const old = hashing.req;
  const state = new Uint8Array(cryptoAhashStatesize(hashing.tfm));
  const err = cryptoAhashExport(old, state);
  if (err !== 0) return err;
  hashing.req = must(ahashRequestAlloc(hashing.tfm));
  setCallback(hashing);
  ahashRequestFree(old);
  return cryptoAhashImport(hashing.req, state);
}

function digestInParts(hashing: Hashing): Errno {
  const { c } = hashing;
  setData(hashing, 0, 0);
  let err = submit(hashing, cryptoAhashInit);
  let at = 0;
  for (const [i, part] of c.parts.entries()) {
    if (err !== 0) return err;
    setData(hashing, at, part.length);
    if (c.finish === 'finup' && i === c.parts.length - 1) return submit(hashing, cryptoAhashFinup);
    err = submit(hashing, cryptoAhashUpdate);
    at += part.length;
    if (err === 0 && part.reimport) err = reimport(hashing);
  }
  if (err !== 0) return err;
  setData(hashing, 0, 0);
  return submit(hashing, cryptoAhashFinal);
}
