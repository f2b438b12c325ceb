/**
 * Ciphers and AEADs that have a scatterlist half only, as the converted API registers them: the provider-side
 * shim of a conversion in pieces, bio_vec to scatterlist.
 *
 * No caller sees it: names, sizes, flags, errnos and the completion protocol are the driver's own. What the
 * old layout needs beyond the caller's memory is the shim's: associated data in front of the destination,
 * what stands where a decryption has its tag, and a ciphertext that shares bytes with a destination into which
 * the driver moves it, are copies, because old drivers write there.
 * @module
 */
import type { AeadAlg, AeadOp } from '../../converted/aead.ts';
import { bvecRead } from '../../converted/lower/copy.ts';
import { NO_IV } from '../../converted/op.ts';
import type { SkcipherAlg, SkcipherOp } from '../../converted/skcipher.ts';
import {
  AEAD_REQUEST_SIZE,
  AeadRequest,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  aeadRequestSetTfm,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoFreeAead,
  cryptoSpawnAead,
  type CryptoAead as ListAead,
  type AeadAlg as ListAeadAlg,
} from '../../legacy/aead.ts';
import type { CryptoApi } from '../../legacy/crypto-api.ts';
import {
  cryptoFreeSkcipher,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  cryptoSpawnSkcipher,
  type CryptoSkcipher as ListSkcipher,
  type SkcipherAlg as ListSkcipherAlg,
  SKCIPHER_REQUEST_SIZE,
  SkcipherRequest,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
  skcipherRequestSetTfm,
} from '../../legacy/skcipher.ts';
import { copyReqFlags } from '../../legacy/tfm.ts';
import { KernelBug } from '../../src/assert.ts';
import { likeAead, likeSkcipher } from '../../src/crypto/instance.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { ENOMEM, type Errno } from '../../src/errno.ts';
import { writeKernel } from '../../src/machine/access.ts';
import { virtAddr } from '../../src/units.ts';
import { kernelAddress, ListCall, type ListPart, listCallDone, slabPart } from './list-calls.ts';
import { namesOf } from './rows.ts';

/**
 * Templates of 6.1 that count, encrypt or generate in the IV buffer of the caller. The others leave there
 * what the next request goes on from. C: crypto/ccm.c, essiv.c, seqiv.c, echainiv.c
 */
const SPOILS_IV = /^(ccm|ccm_base|essiv|seqiv|echainiv)\(/;

/**
 * Templates that write the ciphertext to the destination elsewhere before they decrypt it, and so destroy what
 * the two share. C: crypto/authencesn.c crypto_authenc_esn_decrypt (6.1.170 on)
 */
const MOVES_CIPHERTEXT = /^authencesn\(/;

/** A cipher of the legacy API, as a driver of the converted one. */
export function skcipherOverLists(api: CryptoApi, alg: ListSkcipherAlg): SkcipherAlg<ListSkcipher> {
  return {
    ...namesOf(alg),
    ...likeSkcipher(alg),
    kind: 'skcipher',
    reqsize: SKCIPHER_REQUEST_SIZE + (alg.reqsize ?? 0),
    init: () => cryptoSpawnSkcipher(api, alg),
    exit: (child) => cryptoFreeSkcipher(child),
    setkey: (tfm, key) => {
      copyReqFlags(tfm.ctx, tfm);
      return cryptoSkcipherSetkey(tfm.ctx, key);
    },
    initOp: (op) => new SkcipherCall(op),
    encrypt: (op) => crypt(op, cryptoSkcipherEncrypt),
    decrypt: (op) => crypt(op, cryptoSkcipherDecrypt),
  };
}

/** An AEAD of the legacy API, as a driver of the converted one. */
export function aeadOverLists(api: CryptoApi, alg: ListAeadAlg): AeadAlg<ListAead> {
  return {
    ...namesOf(alg),
    ...likeAead(alg),
    kind: 'aead',
    reqsize: AEAD_REQUEST_SIZE + (alg.reqsize ?? 0),
    init: () => cryptoSpawnAead(api, alg),
    exit: (child) => cryptoFreeAead(child),
    setkey: (tfm, key) => {
      copyReqFlags(tfm.ctx, tfm);
      return cryptoAeadSetkey(tfm.ctx, key);
    },
    setauthsize: ({ ctx }, authsize) => cryptoAeadSetauthsize(ctx, authsize),
    initOp: (op) => new AeadCall(op),
    encrypt: (op) => crypted(op, cryptoAeadEncrypt),
    decrypt: (op) => crypted(op, cryptoAeadDecrypt),
  };
}

/** The driver works on a copy of the IV; what it leaves there is the caller's, unless it is nobody's. */
abstract class IvCall<O extends AeadOp<ListAead> | SkcipherOp<ListSkcipher>> extends ListCall<O> {
  private copy: Uint8Array = NO_IV;

  takeIv(): Uint8Array {
    this.copy = ivBytes(this.op, this.op.tfm.alg.ivsize).slice();
    return this.copy;
  }

  protected override told(): void {
    const { tfm } = this.op;
    // What was not handed over is not handed back.
    if (!SPOILS_IV.test(tfm.alg.name)) ivBytes(this.op, this.copy.length).set(this.copy);
    this.copy = NO_IV;
  }
}

class SkcipherCall extends IvCall<SkcipherOp<ListSkcipher>> {
  readonly req: SkcipherRequest;

  constructor(op: SkcipherOp<ListSkcipher>) {
    super(op);
    this.req = new SkcipherRequest(op.tfm.ctx);
    this.req.memory = kernelAddress(op.memory);
    skcipherRequestSetTfm(this.req, op.tfm.ctx);
  }
}

function crypt(op: SkcipherOp<ListSkcipher>, run: (req: SkcipherRequest) => Errno): Errno {
  const { ctx: call, src, dst, len, flags } = op;
  if (!(call instanceof SkcipherCall)) throw new KernelBug('operation of another driver');
  const from = call.table([{ list: src, len }], call.isInPlace(src, dst, len));
  if (typeof from === 'number') return call.answered(from);
  const to = call.isInPlace(src, dst, len) ? from : call.table([{ list: dst, len }], true);
  if (typeof to === 'number') return call.answered(to);
  const { req } = call;
  skcipherRequestSetCallback(req, flags, listCallDone, call);
  skcipherRequestSetCrypt(req, from, to, len, call.takeIv());
  return call.answered(run(req));
}

class AeadCall extends IvCall<AeadOp<ListAead>> {
  readonly req: AeadRequest;

  constructor(op: AeadOp<ListAead>) {
    super(op);
    this.req = new AeadRequest(op.tfm.ctx);
    this.req.memory = kernelAddress(op.memory);
  }
}

/**
 * Makes AD || text || tag of the parts. A destination has copies where old drivers write though nobody asks
 * for it: associated data are moved, and a tag that was read is overwritten.
 */
function crypted(op: AeadOp<ListAead>, run: (req: AeadRequest) => Errno): Errno {
  const { ctx: call, tfm, enc, ad, src, dst, tag, len, flags } = op;
  if (!(call instanceof AeadCall)) throw new KernelBug('operation of another driver');
  const { authsize } = tfm;
  const inplace = call.isInPlace(src, dst, len);
  const moved = !enc && !inplace && MOVES_CIPHERTEXT.test(tfm.alg.name) && call.shares(src, dst);
  const copies = copyParts(call, enc ? 0 : authsize, moved ? len : 0);
  if (copies === null) return call.answered(-ENOMEM);
  const text = { list: dst, len };
  const end = enc ? { list: tag, len: authsize } : copies.tag;
  const to = call.table([copies.ad, text, end], /* write */ true);
  if (typeof to === 'number') return call.answered(to);
  const whole = [
    { list: ad, len: ad.size },
    moved ? copies.text : { list: src, len },
    { list: tag, len: enc ? 0 : authsize },
  ];
  const from = inplace ? to : call.table(whole, /* write */ false);
  if (typeof from === 'number') return call.answered(from);
  const { req } = call;
  // cryptd of 6.1 leaves the request to its child.
  aeadRequestSetTfm(req, tfm.ctx);
  aeadRequestSetCallback(req, flags, listCallDone, call);
  aeadRequestSetCrypt(req, from, to, enc ? len : len + authsize, call.takeIv());
  aeadRequestSetAd(req, ad.size);
  return call.answered(run(req));
}

/**
 * Copies of the associated data, of the tag that is read, `taglen` bytes, and of the source, `textlen`.
 * @returns null without memory
 */
function copyParts(
  call: AeadCall,
  taglen: number,
  textlen: number,
): { readonly ad: ListPart; readonly tag: ListPart; readonly text: ListPart } | null {
  const { ad, src, tag, tfm, walk } = call.op;
  const end = ad.size + taglen;
  const bytes = new Uint8Array(end + textlen);
  const at = bytes.length === 0 ? virtAddr(0) : call.take(bytes.length);
  if (at === null) return null;
  bvecRead(walk.mem, ad, 0, bytes.subarray(0, ad.size));
  bvecRead(walk.mem, tag, 0, bytes.subarray(ad.size, end));
  bvecRead(walk.mem, src, 0, bytes.subarray(end));
  if (bytes.length > 0) writeKernel(tfm.api.machine, at, bytes);
  return {
    ad: slabPart(at, ad.size),
    tag: slabPart(virtAddr(at + ad.size), taglen),
    text: slabPart(virtAddr(at + end), textlen),
  };
}
