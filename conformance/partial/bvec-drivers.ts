/**
 * Ciphers and AEADs that have a bio_vec half only, as the legacy API registers them: the provider-side shim
 * of a conversion in pieces, scatterlist to bio_vec.
 *
 * No caller sees it: names, sizes, flags, errnos and the completion protocol are the driver's own. A list that
 * is shorter than its length is -EINVAL, where an old driver walks behind its end.
 * @module
 */
import {
  AeadOp,
  aeadConflict,
  aeadRun,
  type AeadAlg as BvecAeadAlg,
  type CryptoAead,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoFreeAead,
  cryptoSpawnAead,
} from '../../converted/aead.ts';
import type { CryptoApi } from '../../converted/crypto-api.ts';
import { listConflict } from '../../converted/lower/late.ts';
import { opStart } from '../../converted/op.ts';
import {
  type SkcipherAlg as BvecSkcipherAlg,
  type CryptoSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherSetkey,
  cryptoSpawnSkcipher,
  SkcipherOp,
  skcipherRun,
} from '../../converted/skcipher.ts';
import { copyReqFlags } from '../../converted/tfm.ts';
import type { AeadAlg, AeadRequest } from '../../legacy/aead.ts';
import type { SkcipherAlg, SkcipherRequest } from '../../legacy/skcipher.ts';
import { memcpySglist } from '../../legacy/walk/scatterwalk.ts';
import { KernelBug } from '../../src/assert.ts';
import { likeAead, likeSkcipher } from '../../src/crypto/instance.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { BvecCall, opAddress } from './bvec-calls.ts';
import { namesOf } from './rows.ts';

/**
 * Templates that copy associated data to a destination of its own in 6.1, where a caller may count on it, as
 * IPsec does: when they encrypt, and in both directions.
 * C: crypto/authenc.c, crypto/geniv.c; crypto/authencesn.c, crypto/gcm.c crypto_rfc4543_copy_src_to_dst
 */
const COPIES_AD = /^(authenc|seqiv|echainiv)\(/;
const ALWAYS_COPIES_AD = /^(authencesn|rfc4543)\(/;

/** A cipher of the converted API, as a driver of the legacy one. */
export function skcipherOverBvecs(
  api: CryptoApi,
  alg: BvecSkcipherAlg,
): SkcipherAlg<CryptoSkcipher> {
  const { reqsize = 0 } = alg;
  return {
    ...namesOf(alg),
    ...likeSkcipher(alg),
    kind: 'skcipher',
    reqsize,
    init: () => cryptoSpawnSkcipher(api, alg),
    exit: (child) => cryptoFreeSkcipher(child),
    setkey: (tfm, key) => {
      copyReqFlags(tfm.ctx, tfm);
      return cryptoSkcipherSetkey(tfm.ctx, key);
    },
    initRequest: (req, at) =>
      new SkcipherCall(req, new SkcipherOp(req.tfm.ctx, opAddress(api, at))),
    encrypt: (req) => crypt(req, /* enc */ true),
    decrypt: (req) => crypt(req, /* enc */ false),
  };
}

class SkcipherCall extends BvecCall<SkcipherRequest, SkcipherOp> {}

function crypt({ ctx: call, src, dst, cryptlen, iv }: SkcipherRequest, enc: boolean): Errno {
  if (!(call instanceof SkcipherCall)) throw new KernelBug('request of another driver');
  const from = call.list(src, 0, cryptlen);
  if (typeof from === 'number') return call.answered(from);
  const to = src === dst ? from : call.list(dst, 0, cryptlen);
  if (typeof to === 'number') return call.answered(to);
  const { op } = call;
  if (listConflict(op.tfm.api.machine, from, to)) return call.answered(-EINVAL);
  call.begin();
  op.src = from;
  op.dst = to;
  op.len = cryptlen;
  op.iv = iv;
  op.enc = enc;
  return call.answered(opStart(op) || skcipherRun(op));
}

/** An AEAD of the converted API, as a driver of the legacy one. */
export function aeadOverBvecs(api: CryptoApi, alg: BvecAeadAlg): AeadAlg<CryptoAead> {
  const { reqsize = 0 } = alg;
  return {
    ...namesOf(alg),
    ...likeAead(alg),
    kind: 'aead',
    reqsize,
    init: () => cryptoSpawnAead(api, alg),
    exit: (child) => cryptoFreeAead(child),
    setkey: (tfm, key) => {
      copyReqFlags(tfm.ctx, tfm);
      return cryptoAeadSetkey(tfm.ctx, key);
    },
    setauthsize: ({ ctx }, authsize) => cryptoAeadSetauthsize(ctx, authsize),
    initRequest: (req, at) => new AeadCall(req, new AeadOp(req.tfm.ctx, opAddress(api, at))),
    encrypt: (req) => crypted(req, /* enc */ true),
    decrypt: (req) => crypted(req, /* enc */ false),
  };
}

class AeadCall extends BvecCall<AeadRequest, AeadOp> {}

/** Cuts AD || text || tag into parts. */
function crypted(req: AeadRequest, enc: boolean): Errno {
  const { ctx: call, src, dst, assoclen, cryptlen, iv } = req;
  if (!(call instanceof AeadCall)) throw new KernelBug('request of another driver');
  const { op } = call;
  const { authsize, alg } = op.tfm;
  const len = enc ? cryptlen : cryptlen - authsize;
  const ad = call.list(src, 0, assoclen);
  if (typeof ad === 'number') return call.answered(ad);
  const from = call.list(src, assoclen, len);
  if (typeof from === 'number') return call.answered(from);
  const to = src === dst ? from : call.list(dst, assoclen, len);
  if (typeof to === 'number') return call.answered(to);
  const tag = call.list(enc ? dst : src, assoclen + len, authsize);
  if (typeof tag === 'number') return call.answered(tag);
  call.begin();
  op.ad = ad;
  op.src = from;
  op.dst = to;
  op.tag = tag;
  op.len = len;
  op.iv = iv;
  op.enc = enc;
  if (aeadConflict(op)) return call.answered(-EINVAL);
  const err = opStart(op);
  if (err !== 0) return call.answered(err);
  if (src !== dst && copiesAd(alg.name, enc)) memcpySglist(req.tfm.api.machine, dst, src, assoclen);
  return call.answered(aeadRun(op));
}

function copiesAd(name: string, enc: boolean): boolean {
  return ALWAYS_COPIES_AD.test(name) || (enc && COPIES_AD.test(name));
}
