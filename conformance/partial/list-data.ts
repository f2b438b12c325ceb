/**
 * Compression, public keys and key agreement that have a scatterlist half only, as the converted API registers
 * them. The length of a result goes back with the request.
 * @module
 */
import type { AcompAlg, AcompOp } from '../../converted/acomp.ts';
import type { AkcipherAlg, AkcipherOp } from '../../converted/akcipher.ts';
import type { DataOp } from '../../converted/data.ts';
import type { KppAlg, KppOp } from '../../converted/kpp.ts';
import {
  AcompReq,
  acompRequestSetCallback,
  acompRequestSetParams,
  type CryptoAcomp,
  cryptoAcompCompress,
  cryptoAcompDecompress,
  cryptoFreeAcomp,
  cryptoSpawnAcomp,
  type AcompAlg as ListAcompAlg,
} from '../../legacy/acomp.ts';
import {
  AkcipherRequest,
  akcipherRequestSetCallback,
  akcipherRequestSetCrypt,
  akcipherRequestSetTfm,
  type CryptoAkcipher,
  cryptoAkcipherDecrypt,
  cryptoAkcipherEncrypt,
  cryptoAkcipherMaxsize,
  cryptoAkcipherSetPrivKey,
  cryptoAkcipherSetPubKey,
  cryptoAkcipherSign,
  cryptoAkcipherVerify,
  cryptoFreeAkcipher,
  cryptoSpawnAkcipher,
  type AkcipherAlg as ListAkcipherAlg,
} from '../../legacy/akcipher.ts';
import type { CryptoApi } from '../../legacy/crypto-api.ts';
import { DATA_REQUEST_SIZE, type DataRequest, dataRequestSetData } from '../../legacy/data.ts';
import {
  type CryptoKpp,
  cryptoFreeKpp,
  cryptoKppComputeSharedSecret,
  cryptoKppGeneratePublicKey,
  cryptoKppMaxsize,
  cryptoKppSetSecret,
  cryptoSpawnKpp,
  KppRequest,
  kppRequestSetCallback,
  type KppAlg as ListKppAlg,
} from '../../legacy/kpp.ts';
import type { Scatterlist } from '../../legacy/lists/scatterlist.ts';
import { copyReqFlags } from '../../legacy/tfm.ts';
import type { Errno } from '../../src/errno.ts';
import { kernelAddress, ListCall, listCallDone } from './list-calls.ts';
import { namesOf } from './rows.ts';

/** A compressor of the legacy API, as a driver of the converted one. */
export function acompOverLists(api: CryptoApi, alg: ListAcompAlg): AcompAlg<CryptoAcomp> {
  const run = (op: AcompOp<CryptoAcomp>, submit: (req: AcompReq) => Errno): Errno => {
    const call = new DataCall(op, new AcompReq(op.tfm.ctx));
    const lists = call.lists();
    if (typeof lists === 'number') return call.answered(lists);
    acompRequestSetCallback(call.req, op.flags, listCallDone, call);
    acompRequestSetParams(call.req, lists.src, lists.dst, op.srcLen, op.dstLen);
    return call.answered(submit(call.req));
  };
  return {
    ...namesOf(alg),
    kind: 'acomp',
    reqsize: DATA_REQUEST_SIZE + (alg.reqsize ?? 0),
    init: () => cryptoSpawnAcomp(api, alg),
    exit: (child) => cryptoFreeAcomp(child),
    compress: (op) => run(op, cryptoAcompCompress),
    decompress: (op) => run(op, cryptoAcompDecompress),
  };
}

/** A public key of the legacy API, as a driver of the converted one. */
export function akcipherOverLists(
  api: CryptoApi,
  alg: ListAkcipherAlg,
): AkcipherAlg<CryptoAkcipher> {
  const run =
    (submit: (req: AkcipherRequest) => Errno) =>
    (op: AkcipherOp<CryptoAkcipher>): Errno => {
      const call = akcipherCall(op);
      const lists = call.lists();
      if (typeof lists === 'number') return call.answered(lists);
      akcipherRequestSetCallback(call.req, op.flags, listCallDone, call);
      akcipherRequestSetCrypt(call.req, lists.src, lists.dst, op.srcLen, op.dstLen);
      return call.answered(submit(call.req));
    };
  return {
    ...namesOf(alg),
    kind: 'akcipher',
    reqsize: DATA_REQUEST_SIZE + (alg.reqsize ?? 0),
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
    encrypt: run(cryptoAkcipherEncrypt),
    decrypt: run(cryptoAkcipherDecrypt),
    sign: run(cryptoAkcipherSign),
    verify,
  };
}

/** Key agreement of the legacy API, as a driver of the converted one. */
export function kppOverLists(api: CryptoApi, alg: ListKppAlg): KppAlg<CryptoKpp> {
  const run = (
    op: KppOp<CryptoKpp>,
    submit: (req: KppRequest) => Errno,
    hasInput: boolean,
  ): Errno => {
    const call = new DataCall(op, new KppRequest(op.tfm.ctx));
    const lists = call.lists(hasInput ? op.srcLen : 0);
    if (typeof lists === 'number') return call.answered(lists);
    kppRequestSetCallback(call.req, op.flags, listCallDone, call);
    // Old drivers go by the input, and not by what they are asked for.
    dataRequestSetData(call.req, hasInput ? lists.src : null, lists.dst, op.srcLen, op.dstLen);
    return call.answered(submit(call.req));
  };
  return {
    ...namesOf(alg),
    kind: 'kpp',
    reqsize: DATA_REQUEST_SIZE + (alg.reqsize ?? 0),
    init: () => cryptoSpawnKpp(api, alg),
    exit: (child) => cryptoFreeKpp(child),
    setSecret: (tfm, secret) => {
      copyReqFlags(tfm.ctx, tfm);
      return cryptoKppSetSecret(tfm.ctx, secret);
    },
    generatePublicKey: (op) => run(op, cryptoKppGeneratePublicKey, /* hasInput */ false),
    computeSharedSecret: (op) => run(op, cryptoKppComputeSharedSecret, /* hasInput */ true),
    maxSize: ({ ctx }) => cryptoKppMaxsize(ctx),
  };
}

interface DataLists {
  readonly src: Scatterlist;
  readonly dst: Scatterlist;
}

class DataCall<R extends DataRequest> extends ListCall<DataOp> {
  readonly req: R;

  constructor(op: DataOp, req: R) {
    super(op);
    this.req = req;
    this.req.memory = kernelAddress(op.memory);
  }

  lists(srcLen: number = this.op.srcLen): DataLists | Errno {
    const { src, dst, dstLen } = this.op;
    const from = this.table([{ list: src, len: srcLen }], /* write */ false);
    if (typeof from === 'number') return from;
    const to = this.table([{ list: dst, len: dstLen }], /* write */ true);
    return typeof to === 'number' ? to : { src: from, dst: to };
  }

  protected override told(): void {
    // A verification has no result.
    if (this.req.dst !== null) this.op.dstLen = this.req.dstLen;
  }
}

function akcipherCall(op: AkcipherOp<CryptoAkcipher>): DataCall<AkcipherRequest> {
  const call = new DataCall(op, new AkcipherRequest(op.tfm.ctx));
  akcipherRequestSetTfm(call.req, op.tfm.ctx);
  return call;
}

/** The digest stands behind the signature, and there is no destination. */
function verify(op: AkcipherOp<CryptoAkcipher>): Errno {
  const call = akcipherCall(op);
  const { src, srcLen, digest } = op;
  const parts = [
    { list: src, len: srcLen },
    { list: digest, len: digest.size },
  ];
  const from = call.table(parts, /* write */ false);
  if (typeof from === 'number') return call.answered(from);
  akcipherRequestSetCallback(call.req, op.flags, listCallDone, call);
  akcipherRequestSetCrypt(call.req, from, null, srcLen, digest.size);
  return call.answered(cryptoAkcipherVerify(call.req));
}
