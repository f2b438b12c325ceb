/**
 * Compression, public keys and key agreement that have a bio_vec half only, as the legacy API registers them.
 * @module
 */
import {
  AcompOp,
  type AcompAlg as BvecAcompAlg,
  type CryptoAcomp,
  cryptoFreeAcomp,
  cryptoSpawnAcomp,
} from '../../converted/acomp.ts';
import {
  AkcipherOp,
  type AkcipherAlg as BvecAkcipherAlg,
  type CryptoAkcipher,
  cryptoAkcipherMaxsize,
  cryptoAkcipherSetPrivKey,
  cryptoAkcipherSetPubKey,
  cryptoFreeAkcipher,
  cryptoSpawnAkcipher,
} from '../../converted/akcipher.ts';
import type { CryptoApi } from '../../converted/crypto-api.ts';
import type { DataOp } from '../../converted/data.ts';
import {
  type KppAlg as BvecKppAlg,
  type CryptoKpp,
  cryptoFreeKpp,
  cryptoKppMaxsize,
  cryptoKppSetSecret,
  cryptoSpawnKpp,
  KppOp,
} from '../../converted/kpp.ts';
import { NO_LIST, opAnswered, opStart, opSubmitted } from '../../converted/op.ts';
import { copyReqFlags } from '../../converted/tfm.ts';
import type { AcompAlg, AcompReq } from '../../legacy/acomp.ts';
import type { AkcipherAlg, AkcipherRequest } from '../../legacy/akcipher.ts';
import { DATA_REQUEST_SIZE, type DataRequest } from '../../legacy/data.ts';
import type { KppAlg, KppRequest } from '../../legacy/kpp.ts';
import { type Scatterlist, sgIsLast, sgMarkEnd, sgPage } from '../../legacy/lists/scatterlist.ts';
import { sglAllocOrder, sglFreeOrder } from '../../legacy/lists/sg-table.ts';
import { SCOMP_SCRATCH_SIZE } from '../../src/crypto/compressors.ts';
import { EINVAL, ENOMEM, ENOSYS, type Errno } from '../../src/errno.ts';
import { PAGE_SIZE, virtAddr } from '../../src/units.ts';
import { BvecCall, opAddress } from './bvec-calls.ts';
import { namesOf } from './rows.ts';

/** Memory of an operation, inside that of its request. */
function operationMemory(api: CryptoApi, req: DataRequest): ReturnType<typeof opAddress> {
  return opAddress(api, virtAddr(req.memory + DATA_REQUEST_SIZE));
}

class DataCall<R extends DataRequest, O extends DataOp> extends BvecCall<R, O> {
  /** Names the data, and the room for the result. @returns 0, or why there are none */
  take(dst: Scatterlist | null): Errno {
    const { req, op } = this;
    const from = req.src === null ? NO_LIST : this.list(req.src, 0, req.srcLen);
    if (typeof from === 'number') return from;
    const to = dst === null ? NO_LIST : this.list(dst, 0, req.dstLen);
    if (typeof to === 'number') return to;
    this.begin();
    op.src = from;
    op.dst = to;
    // A request that is used again may still have the length of an input that it had.
    op.srcLen = req.src === null ? 0 : req.srcLen;
    op.dstLen = req.dstLen;
    return opStart(op);
  }

  protected override told(_err: Errno): void {
    this.req.dstLen = this.op.dstLen;
  }
}

/** A compressor of the converted API, as a driver of the legacy one. */
export function acompOverBvecs(api: CryptoApi, alg: BvecAcompAlg): AcompAlg<CryptoAcomp> {
  const run = (req: AcompReq<CryptoAcomp>, work: BvecAcompAlg['compress']): Errno => {
    const call = new AcompCall(req, new AcompOp(req.tfm.ctx, operationMemory(api, req)));
    const err = call.room() || call.take(req.dst);
    return call.answered(err || opAnswered(call.op, opSubmitted(call.op), work(call.op)));
  };
  return {
    ...namesOf(alg),
    kind: 'acomp',
    reqsize: alg.reqsize ?? 0,
    init: () => cryptoSpawnAcomp(api, alg),
    exit: (child) => cryptoFreeAcomp(child),
    compress: (req) => run(req, alg.compress),
    decompress: (req) => run(req, alg.decompress),
    dstFree: ({ dst, tfm }) => {
      if (dst !== null) sglFreeOrder(tfm.api.machine, entriesOf(dst));
    },
  };
}

/** A caller may have no room for a result: then it gets as many pages as it takes. */
class AcompCall extends DataCall<AcompReq<CryptoAcomp>, AcompOp> {
  private made = false;

  /** @returns 0, or -ENOMEM; -EINVAL for nothing to do */
  room(): Errno {
    const { req } = this;
    if (req.dst !== null) return 0;
    if (req.srcLen === 0) return -EINVAL;
    const { dstLen } = req;
    req.dstLen = dstLen === 0 ? SCOMP_SCRATCH_SIZE : Math.min(dstLen, SCOMP_SCRATCH_SIZE);
    const table = sglAllocOrder(req.tfm.api.machine, req.dstLen, 0, /* chainable */ false);
    if (table === null) return -ENOMEM;
    req.dst = table[0];
    this.made = true;
    return 0;
  }

  protected override told(err: Errno): void {
    super.told(err);
    const { req, op } = this;
    if (!this.made || req.dst === null) return;
    if (err === 0) trim(req, req.dst, op.dstLen);
    else {
      sglFreeOrder(req.tfm.api.machine, entriesOf(req.dst));
      req.dst = null;
    }
  }
}

/** Gives back the pages behind `len` bytes. */
function trim(req: AcompReq<CryptoAcomp>, dst: Scatterlist, len: number): void {
  const entries = entriesOf(dst);
  const kept = Math.max(Math.ceil(len / PAGE_SIZE), 1);
  const { machine } = req.tfm.api;
  for (const sg of entries.slice(kept)) machine.freePages(sgPage(sg));
  const last = entries[kept - 1];
  last.length = len - (kept - 1) * PAGE_SIZE;
  sgMarkEnd(last);
}

function entriesOf({ table }: Scatterlist): readonly Scatterlist[] {
  return table.slice(0, table.findIndex(sgIsLast) + 1);
}

/** A public key of the converted API, as a driver of the legacy one. */
export function akcipherOverBvecs(
  api: CryptoApi,
  alg: BvecAkcipherAlg,
): AkcipherAlg<CryptoAkcipher> {
  const run =
    (work: BvecAkcipherAlg['encrypt']) =>
    (req: AkcipherRequest<CryptoAkcipher>): Errno => {
      const call = akcipherCall(api, req);
      const err = call.take(req.dst);
      return call.answered(
        err || opAnswered(call.op, opSubmitted(call.op), work?.(call.op) ?? -ENOSYS),
      );
    };
  return {
    ...namesOf(alg),
    kind: 'akcipher',
    reqsize: alg.reqsize ?? 0,
    init: () => cryptoSpawnAkcipher(api, alg),
    exit: (child) => cryptoFreeAkcipher(child),
    setPubKey: (tfm, key) => {
      copyReqFlags(tfm.ctx, tfm);
      return cryptoAkcipherSetPubKey(tfm.ctx, key);
    },
    setPrivKey: (tfm, key) => {
      copyReqFlags(tfm.ctx, tfm);
      return cryptoAkcipherSetPrivKey(tfm.ctx, key);
    },
    maxSize: ({ ctx }) => cryptoAkcipherMaxsize(ctx),
    encrypt: run(alg.encrypt),
    decrypt: run(alg.decrypt),
    sign: run(alg.sign),
    verify: (req) => verify(api, alg, req),
  };
}

function akcipherCall(
  api: CryptoApi,
  req: AkcipherRequest<CryptoAkcipher>,
): DataCall<AkcipherRequest<CryptoAkcipher>, AkcipherOp> {
  return new DataCall(req, new AkcipherOp(req.tfm.ctx, operationMemory(api, req)));
}

/** The digest is cut from behind the signature. */
function verify(api: CryptoApi, alg: BvecAkcipherAlg, req: AkcipherRequest<CryptoAkcipher>): Errno {
  const call = akcipherCall(api, req);
  const err = call.take(null);
  if (err !== 0) return call.answered(err);
  const digest = call.list(req.src, req.srcLen, req.dstLen);
  if (typeof digest === 'number') return call.answered(digest);
  call.op.digest = digest;
  return call.answered(opAnswered(call.op, opSubmitted(call.op), alg.verify?.(call.op) ?? -ENOSYS));
}

/** Key agreement of the converted API, as a driver of the legacy one. */
export function kppOverBvecs(api: CryptoApi, alg: BvecKppAlg): KppAlg<CryptoKpp> {
  // As the drivers of 6.1, which look at the input alone.
  const run = (req: KppRequest<CryptoKpp>): Errno => {
    const call = new DataCall(req, new KppOp(req.tfm.ctx, operationMemory(api, req)));
    const work = req.src === null ? alg.generatePublicKey : alg.computeSharedSecret;
    return call.answered(
      call.take(req.dst) || opAnswered(call.op, opSubmitted(call.op), work(call.op)),
    );
  };
  return {
    ...namesOf(alg),
    kind: 'kpp',
    reqsize: alg.reqsize ?? 0,
    init: () => cryptoSpawnKpp(api, alg),
    exit: (child) => cryptoFreeKpp(child),
    setSecret: (tfm, secret) => {
      copyReqFlags(tfm.ctx, tfm);
      return cryptoKppSetSecret(tfm.ctx, secret);
    },
    generatePublicKey: run,
    computeSharedSecret: run,
    maxSize: ({ ctx }) => cryptoKppMaxsize(ctx),
  };
}
