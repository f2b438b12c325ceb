/**
 * Hashes that have a bio_vec half only, as the legacy API registers them.
 * @module
 */
import {
  AhashOp,
  ahashDigest,
  ahashFinal,
  ahashFinup,
  ahashInit,
  ahashUpdate,
  type AhashAlg as BvecAhashAlg,
  type CryptoAhash,
  cryptoAhashExport,
  cryptoAhashImport,
  cryptoAhashSetkey,
  cryptoFreeAhash,
  cryptoSpawnAhash,
} from '../../converted/ahash.ts';
import type { CryptoApi } from '../../converted/crypto-api.ts';
import { opCheck, opStart } from '../../converted/op.ts';
import { copyReqFlags } from '../../converted/tfm.ts';
import type { AhashAlg, AhashRequest, HashFactory } from '../../legacy/ahash.ts';
import { KernelBug } from '../../src/assert.ts';
import { CRYPTO_ALG_ASYNC, CRYPTO_ALG_OPTIONAL_KEY } from '../../src/crypto/algorithm.ts';
import type { Errno } from '../../src/errno.ts';
import { BvecCall, opAddress } from './bvec-calls.ts';
import { namesOf } from './rows.ts';

/** A hash of the converted API, as a driver of the legacy one. */
export function ahashOverBvecs(api: CryptoApi, alg: BvecAhashAlg): AhashAlg<CryptoAhash> {
  const { digestsize, statesize, keyed, reqsize = 0, flags } = alg;
  return {
    ...namesOf(alg),
    ...{ digestsize, statesize, keyed },
    kind: 'ahash',
    reqsize,
    init: () => cryptoSpawnAhash(api, alg),
    exit: (child) => cryptoFreeAhash(child),
    setkey: (tfm, key) => {
      copyReqFlags(tfm.ctx, tfm);
      return cryptoAhashSetkey(tfm.ctx, key);
    },
    initRequest: (req, at) => new HashCall(req, new AhashOp(req.tfm.ctx, opAddress(api, at))),
    initState: (req) => begin(req, ahashInit),
    update: (req) => hash(req, ahashUpdate, req.nbytes),
    final: (req) => hash(req, ahashFinal, 0),
    finup: (req) => hash(req, ahashFinup, req.nbytes),
    digest: (req) => hash(req, ahashDigest, req.nbytes),
    export: (req, out) => cryptoAhashExport(callOf(req), out),
    import: (req, from) => cryptoAhashImport(callOf(req), from),
    shash: (flags & CRYPTO_ALG_ASYNC) === 0 ? (key) => messagesOf(api, alg, key) : null,
  };
}

/** A request of such a hash: its message is with the operation. */
export class HashCall extends BvecCall<AhashRequest, AhashOp> {}

function begin(req: AhashRequest, run: (op: AhashOp) => Errno): Errno {
  const call = callOf(req);
  call.begin();
  return call.answered(opStart(call.op) || run(call.op));
}

function hash(req: AhashRequest, run: (op: AhashOp) => Errno, nbytes: number): Errno {
  const call = callOf(req);
  const { op } = call;
  const src = call.list(req.src, 0, nbytes);
  if (typeof src === 'number') return call.answered(src);
  call.begin();
  op.src = src;
  op.result = req.result;
  opCheck(op);
  return call.answered(run(op));
}

function callOf({ ctx }: AhashRequest): HashCall {
  if (!(ctx instanceof HashCall)) throw new KernelBug('request of another driver');
  return ctx;
}

/** How messages of linear data start under a key, for templates that have no lists. */
function messagesOf(api: CryptoApi, alg: BvecAhashAlg, key: Uint8Array): HashFactory | Errno {
  const tfm = cryptoSpawnAhash(api, alg);
  if (typeof tfm === 'number') return tfm;
  const isFree = !alg.keyed || (alg.flags & CRYPTO_ALG_OPTIONAL_KEY) !== 0;
  const err = isFree && key.length === 0 ? 0 : cryptoAhashSetkey(tfm, key);
  const first = err === 0 ? alg.newState(tfm) : null;
  cryptoFreeAhash(tfm);
  return first === null ? err : () => first.clone();
}
