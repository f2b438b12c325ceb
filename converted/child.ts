/**
 * Calls of children from a step. The operations of the children live with the parent's; a call sets
 * their lists and gives them to their driver, with the flags of the running step and, for ciphers, in
 * the direction of the parent unless it says another.
 * C: the `skcipher_request_set_*` blocks in the templates of crypto/ (6.1)
 * @module
 */
import { assert, KernelBug } from '../src/assert.ts';
import type { CryptoAlg } from '../src/crypto/algorithm.ts';
import type { CryptoCompletion } from '../src/crypto/queue.ts';
import { EINVAL, type Errno } from '../src/errno.ts';
import type { HashState } from '../src/provider/provider.ts';
import { AeadOp, aeadRun, CryptoAead, cryptoAeadSetauthsize, cryptoAeadSetkey } from './aead.ts';
import type { CcmAtOnce } from './aead-work.ts';
import { AhashOp, CryptoAhash, cryptoAhashSetkey } from './ahash.ts';
import { AkcipherOp, CryptoAkcipher, cryptoAkcipherSetPubKey } from './akcipher.ts';
import { CryptoCipher, cryptoCipherSetkey } from './cipher.ts';
import type { OpList } from './lower/list.ts';
import { type CryptoOp, NO_IV, NO_LIST, opStart } from './op.ts';
import { CryptoSkcipher, cryptoSkcipherSetkey, SkcipherOp, skcipherRun } from './skcipher.ts';
import { stepContext } from './steps.ts';
import { type CryptoTfm, copyReqFlags } from './tfm.ts';

/** A child of any kind, for which the caller's template has asked. @kernel none */
export type ChildTfm = CryptoSkcipher | CryptoAead | CryptoAhash | CryptoCipher | CryptoAkcipher;

/** What the tfm of a template keeps: its children, and what is made of its key. @kernel none: crypto_gcm_ctx and its like */
export class TemplateCtx {
  readonly children: readonly ChildTfm[];
  /** The part of the key that is no child's: a nonce, a salt. */
  salt: Uint8Array = NO_SALT;
  /** Messages that have begun with the key; each real one goes on from a copy. */
  states: readonly HashState[] = NO_STATES;
  /** CCM only: what does operations at once. */
  ccm: CcmAtOnce | null = null;

  constructor(children: readonly ChildTfm[]) {
    this.children = children;
  }
}

const NO_SALT = new Uint8Array(0);
const NO_STATES: readonly HashState[] = [];

/** Sets the key of a child, under the flags of the parent. @kernel none: crypto_*_set_flags and setkey */
export function childSetkey(tfm: CryptoTfm, index: number, key: Uint8Array): Errno {
  const child = childOf(tfm, index);
  copyReqFlags(child, tfm);
  if (child instanceof CryptoSkcipher) return cryptoSkcipherSetkey(child, key);
  if (child instanceof CryptoAead) return cryptoAeadSetkey(child, key);
  if (child instanceof CryptoCipher) return cryptoCipherSetkey(child, key);
  if (child instanceof CryptoAkcipher) return cryptoAkcipherSetPubKey(child, key);
  return cryptoAhashSetkey(child, key);
}

/**
 * Sets the key of the first child, and keeps the `nonce` bytes behind it as the salt.
 * @returns -EINVAL for a key without room for them. @kernel none: the setkey functions of rfc3686, rfc4106, rfc4309, rfc4543, rfc7539esp
 */
export function nonceSetkey(
  tfm: CryptoTfm<CryptoAlg, TemplateCtx>,
  key: Uint8Array,
  nonce: number,
): Errno {
  const keylen = key.length - nonce;
  if (keylen < 0) return -EINVAL;
  tfm.ctx.salt = key.slice(keylen);
  return childSetkey(tfm, 0, key.slice(0, keylen));
}

/** Sets the tag length of a child. @kernel none: crypto_aead_setauthsize */
export function childSetauthsize(tfm: CryptoTfm, index: number, authsize: number): Errno {
  const child = childOf(tfm, index);
  assert(child instanceof CryptoAead, 'child with a tag');
  return cryptoAeadSetauthsize(child, authsize);
}

/** @kernel none: the members of a context */
function childOf({ ctx }: CryptoTfm, index: number): ChildTfm {
  assert(ctx instanceof TemplateCtx && index < ctx.children.length, 'child of a template');
  return ctx.children[index];
}

/** @throws KernelBug for a child of another kind. @kernel none */
export function childHash(tfm: CryptoTfm, index: number): CryptoAhash {
  const child = childOf(tfm, index);
  if (!(child instanceof CryptoAhash)) throw new KernelBug('child that is no hash');
  return child;
}

/** A message of a child hash, which has taken its key and nothing else. @kernel none: shash_desc of a child */
export function childMessage(tfm: CryptoTfm, index: number): HashState {
  const child = childHash(tfm, index);
  return child.alg.newState(child);
}

/** @throws KernelBug for a child of another kind. @kernel none */
export function childSkcipher(tfm: CryptoTfm, index: number): CryptoSkcipher {
  const child = childOf(tfm, index);
  if (!(child instanceof CryptoSkcipher)) throw new KernelBug('child that is no skcipher');
  return child;
}

/** @throws KernelBug for a child of another kind. @kernel none */
export function childCipher(tfm: CryptoTfm, index: number): CryptoCipher {
  const child = childOf(tfm, index);
  if (!(child instanceof CryptoCipher)) throw new KernelBug('child that is no cipher');
  return child;
}

/** @throws KernelBug for a child of another kind. @kernel none */
export function childAkcipher(tfm: CryptoTfm, index: number): CryptoAkcipher {
  const child = childOf(tfm, index);
  if (!(child instanceof CryptoAkcipher)) throw new KernelBug('child that is no public key');
  return child;
}

/** Runs a cipher over the first `len` bytes. @returns as a driver. @kernel none: set_callback, set_crypt and the call */
export function callSkcipher(
  op: SkcipherOp | AeadOp,
  index: number,
  src: OpList,
  dst: OpList,
  len: number,
  iv: Uint8Array = NO_IV,
  enc: boolean = op.enc,
): Errno {
  const child = begin(op, index);
  if (!(child instanceof SkcipherOp)) throw new KernelBug('child that is no skcipher');
  const err = opStart(child);
  if (err !== 0) return err;
  child.src = src;
  child.dst = dst;
  child.len = len;
  child.iv = iv;
  child.enc = enc;
  return skcipherRun(child);
}

/** Runs an AEAD under other associated data; the tag is the parent's. @returns as a driver. @kernel none: set_callback, set_crypt, set_ad and the call */
export function callAead(
  op: AeadOp,
  index: number,
  ad: OpList,
  src: OpList,
  dst: OpList,
  len: number,
  iv: Uint8Array,
): Errno {
  const child = begin(op, index);
  if (!(child instanceof AeadOp)) throw new KernelBug('child that is no AEAD');
  const err = opStart(child);
  if (err !== 0) return err;
  child.ad = ad;
  child.src = src;
  child.dst = dst;
  child.tag = op.tag;
  child.len = len;
  child.iv = iv;
  child.enc = op.enc;
  return aeadRun(child);
}

/** Runs `akcipherEncrypt` or `akcipherDecrypt` on all of both lists. @returns as a driver. @kernel none: set_callback, set_crypt and the call */
export function callAkcipher(
  op: CryptoOp,
  index: number,
  operation: (op: AkcipherOp) => Errno,
  src: OpList,
  dst: OpList,
): Errno {
  const child = begin(op, index);
  if (!(child instanceof AkcipherOp)) throw new KernelBug('child that is no public key');
  const err = opStart(child);
  if (err !== 0) return err;
  child.src = src;
  child.dst = dst;
  child.srcLen = src.size;
  child.dstLen = dst.size;
  return operation(child);
}

/**
 * Runs one of `ahashInit`, `ahashUpdate`, `ahashFinal`, `ahashFinup`, `ahashDigest` on all of `src`. The
 * message of a child goes on from step to step. @returns as a driver. @kernel none: set_callback, set_crypt and the call
 */
export function callAhash(
  op: CryptoOp,
  index: number,
  operation: (op: AhashOp) => Errno,
  src: OpList = NO_LIST,
  result: Uint8Array = NO_IV,
): Errno {
  const child = hashOf(op, index);
  const err = opStart(child);
  if (err !== 0) return err;
  child.src = src;
  child.result = result;
  return operation(child);
}

/** Runs a child hash on the message of the parent: that is what export and import see. @returns as a driver. @kernel none: a shash_desc inside another */
export function callShash(
  op: AhashOp,
  index: number,
  operation: (op: AhashOp) => Errno,
  src: OpList = op.src,
  result: Uint8Array = op.result,
): Errno {
  const child = hashOf(op, index);
  child.state = op.state;
  const err = callAhash(op, index, operation, src, result);
  op.state = child.state;
  return err;
}

/** Lets somebody else than the next step hear of the completion of a child. @kernel none: the callback of set_callback */
export function hearChild(op: CryptoOp, index: number, complete: CryptoCompletion): void {
  begin(op, index).complete = complete;
}

/** The operation of a child hash, whose message may be running. @kernel none */
export function hashOf(op: CryptoOp, index: number): AhashOp {
  const child = begin(op, index);
  if (!(child instanceof AhashOp)) throw new KernelBug('child that is no hash');
  return child;
}

function begin(op: CryptoOp, index: number): CryptoOp {
  const rctx = stepContext(op);
  const child = rctx.children[index];
  if (child === null) throw new KernelBug('child without operations');
  child.flags = rctx.flags;
  return child;
}
