/**
 * Hashes that have a scatterlist half only, as the converted API registers them.
 *
 * A message goes on from operation to operation, and the converted API keeps it with the operation, where
 * copies, exports and templates look for it. A legacy driver keeps it with its request: the shim carries it
 * there before a call and back behind it.
 * @module
 */
import { type AhashAlg, type AhashOp, CryptoAhash as BvecAhash } from '../../converted/ahash.ts';
import {
  AHASH_REQUEST_SIZE,
  AhashRequest,
  ahashRequestSetCallback,
  ahashRequestSetCrypt,
  ahashRequestSetTfm,
  CryptoAhash,
  cryptoAhashDigest,
  cryptoAhashFinal,
  cryptoAhashFinup,
  cryptoAhashInit,
  cryptoAhashSetkey,
  cryptoAhashUpdate,
  cryptoFreeAhash,
  cryptoSpawnAhash,
  type AhashAlg as ListAhashAlg,
} from '../../legacy/ahash.ts';
import { ahashSubreq, TemplateCtx } from '../../legacy/child.ts';
import type { CryptoApi } from '../../legacy/crypto-api.ts';
import { cryptoShashInit, ShashCtx, shashMessage, shashSetMessage } from '../../legacy/shash.ts';
import { StepContext } from '../../legacy/steps.ts';
import { copyReqFlags } from '../../legacy/tfm.ts';
import { KernelBug } from '../../src/assert.ts';
import type { Errno } from '../../src/errno.ts';
import type { HashState } from '../../src/provider/provider.ts';
import { HashCall } from './bvec-hashes.ts';
import { kernelAddress, ListCall, listCallDone } from './list-calls.ts';
import { namesOf } from './rows.ts';

/** A hash of the legacy API, as a driver of the converted one. */
export function ahashOverLists(api: CryptoApi, alg: ListAhashAlg): AhashAlg<CryptoAhash> {
  const { digestsize, statesize, keyed } = alg;
  return {
    ...namesOf(alg),
    ...{ digestsize, statesize, keyed },
    kind: 'ahash',
    reqsize: AHASH_REQUEST_SIZE + (alg.reqsize ?? 0),
    init: () => cryptoSpawnAhash(api, alg),
    exit: (child) => cryptoFreeAhash(child),
    setkey: (tfm, key) => {
      copyReqFlags(tfm.ctx, tfm);
      return cryptoAhashSetkey(tfm.ctx, key);
    },
    newState: ({ ctx }) => newMessage(ctx),
    initOp: (op) => new AhashCall(op),
    initState: (op) => hash(op, cryptoAhashInit),
    update: (op) => hash(op, cryptoAhashUpdate),
    final: (op) => hash(op, cryptoAhashFinal),
    finup: (op) => hash(op, cryptoAhashFinup),
    digest: (op) => hash(op, cryptoAhashDigest),
  };
}

class AhashCall extends ListCall<AhashOp<CryptoAhash>> {
  readonly req: AhashRequest;

  constructor(op: AhashOp<CryptoAhash>) {
    super(op);
    this.req = new AhashRequest(op.tfm.ctx);
    this.req.memory = kernelAddress(op.memory);
    ahashRequestSetTfm(this.req, op.tfm.ctx);
  }

  protected override told(): void {
    this.op.state = messageOf(this.req);
  }
}

function hash(op: AhashOp<CryptoAhash>, run: (req: AhashRequest) => Errno): Errno {
  const { ctx: call, src, result, flags } = op;
  if (!(call instanceof AhashCall)) throw new KernelBug('operation of another driver');
  const { req } = call;
  setMessage(req, op.state);
  const from = src.nr === 0 ? null : call.table([{ list: src, len: src.size }], /* write */ false);
  if (typeof from === 'number') return call.answered(from);
  ahashRequestSetCallback(req, flags, listCallDone, call);
  ahashRequestSetCrypt(req, from, result, src.size);
  return call.answered(run(req));
}

/** A template that queues hashes leaves the message to the request of its child. */
function holderOf(req: AhashRequest): AhashRequest {
  return req.ctx instanceof StepContext ? ahashSubreq(req, 0) : req;
}

function messageOf(req: AhashRequest): HashState | null {
  const holder = holderOf(req);
  return holder.ctx instanceof HashCall ? holder.ctx.op.state : shashMessage(holder);
}

function setMessage(req: AhashRequest, state: HashState | null): void {
  const holder = holderOf(req);
  if (holder.ctx instanceof HashCall) holder.ctx.op.state = state;
  else shashSetMessage(holder, state);
}

/** A message that has taken the key and nothing else. */
function newMessage({ ctx, alg }: CryptoAhash): HashState {
  if (ctx instanceof ShashCtx) return cryptoShashInit({ ctx });
  if (ctx instanceof BvecAhash) return ctx.alg.newState(ctx);
  if (ctx instanceof TemplateCtx) {
    const [child] = ctx.children;
    if (child instanceof CryptoAhash) return newMessage(child);
  }
  throw new KernelBug('a hash whose messages begin elsewhere', { driver: alg.driverName });
}
