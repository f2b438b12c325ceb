/**
 * The iov_iter API as a subject.
 * @module
 */
import {
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  aeadRequestSetTag,
  type CryptoAead,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
} from '../../converted/aead.ts';
import {
  type AhashRequest,
  ahashRequestAlloc,
  ahashRequestFree,
  ahashRequestSetCallback,
  ahashRequestSetCrypt,
  type CryptoAhash,
  cryptoAhashDigest,
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
} from '../../converted/ahash.ts';
import type { CryptoApi } from '../../converted/crypto-api.ts';
import { cryptoApiInit } from '../../converted/init.ts';
import { type IovIter, iovIterCopy } from '../../converted/iter/iov-iter.ts';
import { iovIterAdvance } from '../../converted/iter/position.ts';
import {
  type CryptoSkcipher,
  cryptoAllocSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from '../../converted/skcipher.ts';
import { must } from '../../src/machine/access.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { Iterators } from './iterators.ts';
import { type Operation, type Outcome, refused, type Side } from './machine-subject.ts';
import { Submission, updateLengths } from './submit.ts';

export class ConvertedSide implements Side {
  readonly name = 'converted';
  private readonly machine: Machine;
  private api: CryptoApi;

  constructor(machine: Machine) {
    this.machine = machine;
    this.api = cryptoApiInit(machine);
  }

  renew(): void {
    this.api = cryptoApiInit(this.machine);
  }

  run(op: Operation): Outcome {
    const iterators = new Iterators(op);
    const outcome = this.operate(op, iterators);
    iterators.release();
    return { ...outcome, iterators: iterators.moved(), form: iterators.changes() };
  }

  private operate(op: Operation, iterators: Iterators): Outcome {
    if (op.c.op === 'digest') return this.hash(op, iterators);
    return op.c.authsize > 0 ? this.aead(op, iterators) : this.skcipher(op, iterators);
  }

  private skcipher(op: Operation, iterators: Iterators): Outcome {
    const tfm = cryptoAllocSkcipher(this.api, op.c.driver, 0, 0);
    if (typeof tfm === 'number') return refused(tfm);
    if (op.earlier !== null) this.skcipherRequest(tfm, op.earlier, new Iterators(op.earlier));
    const outcome = this.skcipherRequest(tfm, op, iterators);
    cryptoFreeSkcipher(tfm);
    return outcome;
  }

  private skcipherRequest(
    tfm: CryptoSkcipher,
    { c, input }: Operation,
    iterators: Iterators,
  ): Outcome {
    const setkey = input.key === null ? 0 : cryptoSkcipherSetkey(tfm, input.key);
    const req = must(skcipherRequestAlloc(tfm));
    const submission = new Submission(this.machine, c);
    const iv = input.iv.slice();
    skcipherRequestSetCallback(req, submission.flags, submission.complete, submission);
    skcipherRequestSetCrypt(req, iterators.src, iterators.dst, input.text.length, iv);
    submission.run(() =>
      c.op === 'encrypt' ? cryptoSkcipherEncrypt(req) : cryptoSkcipherDecrypt(req),
    );
    skcipherRequestFree(req);
    return { ...refused(submission.ret), setkey, completions: submission.completions, iv };
  }

  private aead(op: Operation, iterators: Iterators): Outcome {
    const tfm = cryptoAllocAead(this.api, op.c.driver, 0, 0);
    if (typeof tfm === 'number') return refused(tfm);
    if (op.earlier !== null) this.aeadRequest(tfm, op.earlier, new Iterators(op.earlier));
    const outcome = this.aeadRequest(tfm, op, iterators);
    cryptoFreeAead(tfm);
    return outcome;
  }

  private aeadRequest(tfm: CryptoAead, { c, input }: Operation, iterators: Iterators): Outcome {
    const setkey = input.key === null ? 0 : cryptoAeadSetkey(tfm, input.key);
    const setauthsize = cryptoAeadSetauthsize(tfm, c.authsize);
    const iv = input.iv.slice();
    if (setauthsize !== 0) {
      return { ...refused(setauthsize), setkey, setauthsize, iv };
    }
    const req = must(aeadRequestAlloc(tfm));
    const submission = new Submission(this.machine, c);
    const { src, dst } = iterators;
    const text = input.ad.length;
    const tag = text + input.text.length;
    aeadRequestSetCallback(req, submission.flags, submission.complete, submission);
    aeadRequestSetAd(req, src, input.ad.length);
    aeadRequestSetCrypt(req, behind(src, text), behind(dst, text), input.text.length, iv);
    aeadRequestSetTag(req, c.op === 'encrypt' ? behind(dst, tag) : behind(src, tag));
    submission.run(() => (c.op === 'encrypt' ? cryptoAeadEncrypt(req) : cryptoAeadDecrypt(req)));
    aeadRequestFree(req);
    return { ...refused(submission.ret), setkey, completions: submission.completions, iv };
  }

  private hash(op: Operation, iterators: Iterators): Outcome {
    const tfm = cryptoAllocAhash(this.api, op.c.driver, 0, 0);
    if (typeof tfm === 'number') return refused(tfm);
    if (op.earlier !== null) this.hashRequest(tfm, op.earlier, new Iterators(op.earlier));
    const outcome = this.hashRequest(tfm, op, iterators);
    cryptoFreeAhash(tfm);
    return outcome;
  }

  private hashRequest(tfm: CryptoAhash, op: Operation, iterators: Iterators): Outcome {
    const { c, input } = op;
    const setkey = input.key === null ? 0 : cryptoAhashSetkey(tfm, input.key);
    const req = must(ahashRequestAlloc(tfm));
    const submission = new Submission(this.machine, c);
    const digest = new Uint8Array(tfm.alg.digestsize);
    ahashRequestSetCallback(req, submission.flags, submission.complete, submission);
    feed(op, iterators.src, req, submission, digest);
    ahashRequestFree(req);
    return { ...refused(submission.ret), setkey, completions: submission.completions, digest };
  }
}

/** Feeds a message to a hash as the case says. The last call decides the outcome. */
function feed(
  { c, input }: Operation,
  src: IovIter<'source'>,
  req: AhashRequest,
  submission: Submission,
  digest: Uint8Array,
): void {
  const total = input.text.length;
  if (c.hash.final === 'digest') {
    ahashRequestSetCrypt(req, src, digest, total);
    submission.run(() => cryptoAhashDigest(req));
    return;
  }
  if (submission.run(() => cryptoAhashInit(req)) !== 0) return;
  let at = 0;
  for (const [i, len] of updateLengths(c, total).entries()) {
    ahashRequestSetCrypt(req, behind(src, at), digest, len);
    if (submission.run(() => cryptoAhashUpdate(req)) !== 0) return;
    at += len;
    if (i > 0 || !c.hash.reimport) continue;
    const state = new Uint8Array(cryptoAhashStatesize(req.op.tfm));
    if (submission.run(() => cryptoAhashExport(req, state)) !== 0) return;
    if (submission.run(() => cryptoAhashImport(req, state)) !== 0) return;
  }
  ahashRequestSetCrypt(req, behind(src, at), digest, total - at);
  if (c.hash.final === 'finup') {
    submission.run(() => cryptoAhashFinup(req));
    return;
  }
  if (submission.run(() => cryptoAhashUpdate(req)) !== 0) return;
  ahashRequestSetCrypt(req, behind(src, total), digest, 0);
  submission.run(() => cryptoAhashFinal(req));
}

/** The same iterator, `skip` bytes further on. */
function behind<D extends 'source' | 'dest'>(iter: IovIter<D>, skip: number): IovIter<D> {
  const copy = iovIterCopy(iter);
  iovIterAdvance(copy, skip);
  return copy;
}
