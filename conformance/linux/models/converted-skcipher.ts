/**
 * skcipher cases on the converted API.
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
} from '../../../converted/skcipher.ts';
import { CRYPTO_ALG_ASYNC } from '../../../src/crypto/algorithm.ts';
import type { Errno } from '../../../src/errno.ts';
import { must } from '../../../src/machine/access.ts';
import type { CipherCase, Segment } from '../text/case.ts';
import { buildIter } from './converted-lists.ts';
import type { ConvertedWorld } from './converted-world.ts';
import { keyBytes, placeIv, refuse, reportHalf, secondHalf } from './request.ts';
import { type Answer, Batch, requestFlags } from './world.ts';

function allocate({ api }: ConvertedWorld, c: CipherCase): CryptoSkcipher | Errno {
  const tfm = cryptoAllocSkcipher(api, c.algorithm, 0, CRYPTO_ALG_ASYNC);
  if (typeof tfm === 'number' || !c.async) return tfm;
  cryptoFreeSkcipher(tfm);
  return cryptoAllocSkcipher(api, `cryptd(${tfm.alg.driverName})`, 0, 0);
}

/** Runs one case. */
export function runConvertedSkcipher(world: ConvertedWorld, c: CipherCase, answer: Answer): void {
  const tfm = allocate(world, c);
  if (typeof tfm === 'number') {
    refuse(answer, 'alloc', tfm);
    return;
  }
  answer.driver = tfm.alg.driverName;
  const err = c.key === null ? 0 : cryptoSkcipherSetkey(tfm, keyBytes(c.key));
  if (err !== 0) refuse(answer, 'setkey', err);
  else runRequests({ world, c, tfm, answer });
  cryptoFreeSkcipher(tfm);
}

interface Run {
  readonly world: ConvertedWorld;
  readonly c: CipherCase;
  readonly tfm: CryptoSkcipher;
  readonly answer: Answer;
}

function runRequests(run: Run): void {
  const { world, c, tfm, answer } = run;
  const reqs = Array.from({ length: c.requests }, () => must(skcipherRequestAlloc(tfm)));
  const target = c.dst ?? c.src;
  const [err, iv] = runOnce(run, reqs, c.direction !== 'decrypt', c.src);
  reportHalf(world.arena, target, answer, err, iv);
  if (c.direction === 'both' && err === 0) {
    secondHalf(world.arena, c);
    const [err2, iv2] = runOnce(run, reqs, false, target);
    reportHalf(world.arena, target, answer, err2, iv2);
  }
  for (const req of reqs) skcipherRequestFree(req);
}

/** Submits all requests and waits. @returns the errno and the IV buffer of the first. */
function runOnce(
  { world, c, tfm, answer }: Run,
  reqs: readonly SkcipherRequest[],
  encrypt: boolean,
  from: readonly Segment[],
): [Errno, Uint8Array] {
  const batch = new Batch(reqs.length);
  const src = buildIter(world.arena, 'source', from);
  const dst = buildIter(world.arena, 'dest', c.dst ?? c.src);
  const ivs = reqs.map(() => placeIv(c, cryptoSkcipherIvsize(tfm)));
  const rets = reqs.map((req, i) => {
    skcipherRequestSetCallback(req, requestFlags(c.flags), batch.callbacks[i], batch);
    skcipherRequestSetCrypt(req, src.iter, dst.iter, c.length, ivs[i]);
    return batch.submit(world.machine, c, () =>
      encrypt ? cryptoSkcipherEncrypt(req) : cryptoSkcipherDecrypt(req),
    );
  });
  const err = batch.wait(world.machine, answer, rets);
  if (src.changed() || dst.changed()) answer.changed = [...answer.changed, 'list'];
  return [err, ivs[0]];
}
