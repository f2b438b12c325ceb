/**
 * AEAD cases on the converted API: the joined layout of the case, cut into named parts.
 * @module
 */
import {
  type AeadRequest,
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  aeadRequestSetTag,
  type CryptoAead,
  cryptoAeadAuthsize,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadIvsize,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
} from '../../../converted/aead.ts';
import { CRYPTO_ALG_ASYNC } from '../../../src/crypto/algorithm.ts';
import { EINVAL, type Errno } from '../../../src/errno.ts';
import { must } from '../../../src/machine/access.ts';
import type { CipherCase, Segment } from '../text/case.ts';
import { behind, buildIter } from './converted-lists.ts';
import type { ConvertedWorld } from './converted-world.ts';
import { keyBytes, placeIv, refuse, reportHalf, secondHalf } from './request.ts';
import { type Answer, Batch, requestFlags } from './world.ts';

function allocate({ api }: ConvertedWorld, c: CipherCase): CryptoAead | Errno {
  const tfm = cryptoAllocAead(api, c.algorithm, 0, CRYPTO_ALG_ASYNC);
  if (typeof tfm === 'number' || !c.async) return tfm;
  cryptoFreeAead(tfm);
  return cryptoAllocAead(api, `cryptd(${tfm.alg.driverName})`, 0, 0);
}

/** Runs one case. */
export function runConvertedAead(world: ConvertedWorld, c: CipherCase, answer: Answer): void {
  const tfm = allocate(world, c);
  if (typeof tfm === 'number') {
    refuse(answer, 'alloc', tfm);
    return;
  }
  answer.driver = tfm.alg.driverName;
  const keyErr = c.key === null ? 0 : cryptoAeadSetkey(tfm, keyBytes(c.key));
  const authErr = keyErr === 0 && c.authSize !== null ? cryptoAeadSetauthsize(tfm, c.authSize) : 0;
  if (keyErr !== 0) refuse(answer, 'setkey', keyErr);
  else if (authErr !== 0) refuse(answer, 'setauthsize', authErr);
  else runRequests({ world, c, tfm, answer });
  cryptoFreeAead(tfm);
}

interface Run {
  readonly world: ConvertedWorld;
  readonly c: CipherCase;
  readonly tfm: CryptoAead;
  readonly answer: Answer;
}

function runRequests(run: Run): void {
  const { world, c, tfm, answer } = run;
  const reqs = Array.from({ length: c.requests }, () => must(aeadRequestAlloc(tfm)));
  const target = c.dst ?? c.src;
  const encrypt = c.direction !== 'decrypt';
  const length = encrypt ? c.length : c.length - cryptoAeadAuthsize(tfm);
  const [err, iv] = runOnce(run, reqs, encrypt, c.src, length);
  reportHalf(world.arena, target, answer, err, iv);
  if (c.direction === 'both' && err === 0) {
    secondHalf(world.arena, c);
    const [err2, iv2] = runOnce(run, reqs, false, target, c.length);
    reportHalf(world.arena, target, answer, err2, iv2);
  }
  for (const req of reqs) aeadRequestFree(req);
}

/**
 * Submits all requests and waits. `length` is the text without its tag.
 * @returns the errno and the IV buffer of the first.
 */
function runOnce(
  { world, c, tfm, answer }: Run,
  reqs: readonly AeadRequest[],
  encrypt: boolean,
  from: readonly Segment[],
  length: number,
): [Errno, Uint8Array] {
  const ivs = reqs.map(() => placeIv(c, cryptoAeadIvsize(tfm)));
  if (length < 0) {
    // There is no such request: the caller, who cuts the message into parts, finds no tag in it.
    answer.replaced = ['message-without-tag'];
    return [-EINVAL, ivs[0]];
  }
  const batch = new Batch(reqs.length);
  const src = buildIter(world.arena, 'source', from);
  const dst = buildIter(world.arena, 'dest', c.dst ?? c.src);
  const end = c.assoc + length;
  const rets = reqs.map((req, i) => {
    aeadRequestSetCallback(req, requestFlags(c.flags), batch.callbacks[i], batch);
    aeadRequestSetAd(req, src.iter, c.assoc);
    const [text, into] = [behind(src.iter, c.assoc), behind(dst.iter, c.assoc)];
    aeadRequestSetCrypt(req, text, into, length, ivs[i]);
    aeadRequestSetTag(req, encrypt ? behind(dst.iter, end) : behind(src.iter, end));
    return batch.submit(world.machine, c, () =>
      encrypt ? cryptoAeadEncrypt(req) : cryptoAeadDecrypt(req),
    );
  });
  const err = batch.wait(world.machine, answer, rets);
  if (src.changed() || dst.changed()) answer.changed = [...answer.changed, 'list'];
  return [err, ivs[0]];
}
