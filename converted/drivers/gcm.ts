/**
 * AES-GCM twice: put together from CTR and GHASH, and as one kernel of the provider.
 * C: crypto/gcm.c (6.1), NIST SP 800-38D
 *
 * Decrypted text is in the destination before the tag is known, as in 6.1.
 * @module
 */
import { assert } from '../../src/assert.ts';
import type { BvecList } from '../../src/bvec.ts';
import { AEADS, AES_BLOCK_SIZE, type AeadRow, GCM_IV_SIZE } from '../../src/crypto/descriptors.ts';
import { EBADMSG, EINVAL, type Errno } from '../../src/errno.ts';
import type {
  AesKernel,
  ByteMemory,
  GcmKernel,
  GcmState,
  HashState,
  Provider,
} from '../../src/provider/provider.ts';
import { physAddr } from '../../src/units.ts';
import { type AeadAlg, type AeadRequest, type CryptoAead, cryptoRegisterAead } from '../aead.ts';
import { bvecRead, bvecWipe, bvecWrite } from '../bvec-copy.ts';
import { bvecWalkDone, bvecWalkNext, bvecWalkStart } from '../bvec-walk.ts';
import type { CryptoApi } from '../crypto-api.ts';

const BITS_PER_BYTE = 8;
const ZEROS = new Uint8Array(AES_BLOCK_SIZE);

/** GCM from its parts. `ghash` has taken the hash key and nothing else. */
class PartsContext {
  aes: AesKernel | null = null;
  ghash: HashState | null = null;
}

/** GCM as one kernel. */
class WholeContext {
  gcm: GcmKernel | null = null;
}

/** Registers the driver of one provider. @kernel none, module_init of crypto/gcm.c */
export function registerGcm(api: CryptoApi, provider: Provider): void {
  for (const row of AEADS) {
    if (row.engine !== provider.name) continue;
    const err =
      row.engine === 'generic'
        ? cryptoRegisterAead(api, gcmBase(row, provider))
        : cryptoRegisterAead(api, gcmWhole(row, provider));
    assert(err === 0, 'driver registration');
  }
}

function gcmBase(row: AeadRow, provider: Provider): AeadAlg<PartsContext> {
  return {
    ...row,
    kind: 'aead',
    init: () => new PartsContext(),
    exit: () => undefined,
    setkey: (tfm, key) => {
      if (!isAesKey(key.length)) return -EINVAL;
      const aes = provider.aes(key);
      const h = new Uint8Array(AES_BLOCK_SIZE);
      aes.encryptBlock(h);
      tfm.ctx.aes = aes;
      tfm.ctx.ghash = provider.ghash(h);
      return 0;
    },
    setauthsize: (_tfm, authsize) => checkAuthsize(authsize),
    encrypt: (req, tfm) => partsCrypt(req, tfm, true),
    decrypt: (req, tfm) => partsCrypt(req, tfm, false),
  };
}

function gcmWhole(row: AeadRow, provider: Provider): AeadAlg<WholeContext> {
  return {
    ...row,
    kind: 'aead',
    init: () => new WholeContext(),
    exit: () => undefined,
    setkey: (tfm, key) => {
      if (!isAesKey(key.length)) return -EINVAL;
      tfm.ctx.gcm = provider.aesGcm(key);
      return 0;
    },
    setauthsize: (_tfm, authsize) => checkAuthsize(authsize),
    encrypt: (req, tfm) => wholeCrypt(req, tfm, true),
    decrypt: (req, tfm) => wholeCrypt(req, tfm, false),
  };
}

function isAesKey(len: number): boolean {
  return len === 16 || len === 24 || len === 32;
}

/** 4, 8 and 12 to 16 bytes. @returns 0 or -EINVAL. C: include/crypto/gcm.h crypto_gcm_check_authsize */
function checkAuthsize(authsize: number): Errno {
  return authsize === 4 || authsize === 8 || (authsize >= 12 && authsize <= 16) ? 0 : -EINVAL;
}

function partsCrypt(req: AeadRequest, tfm: CryptoAead<PartsContext>, encrypt: boolean): Errno {
  const { walk, ctx } = tfm;
  const { aes, ghash: keyed } = ctx;
  const { iv, cryptlen, assoclen } = req;
  assert(aes !== null && keyed !== null && iv !== null, 'key and IV of a cipher that runs');
  const err = bvecWalkStart(walk, req.srcList, req.dstList, cryptlen);
  if (err !== 0) return err;
  const counter = new Uint8Array(AES_BLOCK_SIZE);
  for (let i = 0; i < GCM_IV_SIZE; i++) counter[i] = iv[i];
  counter[AES_BLOCK_SIZE - 1] = 1;
  const mask = counter.slice();
  aes.encryptBlock(mask);
  counter[AES_BLOCK_SIZE - 1] = 2;
  const ghash = keyed.clone();
  hashList(ghash, walk.mem, req.adList);
  pad(ghash, assoclen);
  while (bvecWalkNext(walk, AES_BLOCK_SIZE)) {
    const { srcAt, dstAt, nbytes } = walk;
    if (!encrypt) ghash.update(walk.mem, srcAt, nbytes);
    aes.ctrCrypt(walk.mem, srcAt, dstAt, nbytes, counter);
    if (encrypt) ghash.update(walk.mem, dstAt, nbytes);
    bvecWalkDone(walk);
  }
  pad(ghash, cryptlen);
  ghash.updateBytes(lengths(assoclen, cryptlen));
  const tag = new Uint8Array(AES_BLOCK_SIZE);
  ghash.digest(tag);
  for (let i = 0; i < AES_BLOCK_SIZE; i++) tag[i] ^= mask[i];
  const used = tag.subarray(0, tfm.authsize);
  if (encrypt) {
    bvecWrite(walk.mem, req.tagList, 0, used);
    return 0;
  }
  const given = new Uint8Array(tfm.authsize);
  bvecRead(walk.mem, req.tagList, 0, given);
  return verdict(req, walk.mem, equalTags(used, given));
}

function wholeCrypt(req: AeadRequest, tfm: CryptoAead<WholeContext>, encrypt: boolean): Errno {
  const { walk, ctx } = tfm;
  const { iv } = req;
  assert(ctx.gcm !== null && iv !== null, 'key and IV of a cipher that runs');
  const err = bvecWalkStart(walk, req.srcList, req.dstList, req.cryptlen);
  if (err !== 0) return err;
  const state: GcmState = ctx.gcm.start(encrypt, iv.subarray(0, GCM_IV_SIZE));
  const { adList } = req;
  for (let k = 0; k < adList.nr; k++) {
    state.aad(walk.mem, physAddr(adList.phys[k]), adList.len[k]);
  }
  while (bvecWalkNext(walk, AES_BLOCK_SIZE)) {
    state.crypt(walk.mem, walk.srcAt, walk.dstAt, walk.nbytes);
    bvecWalkDone(walk);
  }
  if (encrypt) {
    const tag = new Uint8Array(AES_BLOCK_SIZE);
    state.tag(tag);
    bvecWrite(walk.mem, req.tagList, 0, tag.subarray(0, tfm.authsize));
    return 0;
  }
  const given = new Uint8Array(tfm.authsize);
  bvecRead(walk.mem, req.tagList, 0, given);
  return verdict(req, walk.mem, state.verify(given));
}

function verdict(req: AeadRequest, mem: Parameters<typeof bvecWipe>[0], genuine: boolean): Errno {
  if (genuine) return 0;
  if (req.tfm.wipeOnBadTag) bvecWipe(mem, req.dstList);
  return -EBADMSG;
}

/** GHASH takes runs of any length, so nothing is gathered for it. */
function hashList(hash: HashState, mem: ByteMemory, list: BvecList): void {
  for (let k = 0; k < list.nr; k++) hash.update(mem, physAddr(list.phys[k]), list.len[k]);
}

function pad(hash: HashState, len: number): void {
  const tail = len % AES_BLOCK_SIZE;
  if (tail > 0) hash.updateBytes(ZEROS.subarray(tail));
}

/** Both lengths in bits, as 64-bit big-endian numbers. */
function lengths(assoclen: number, cryptlen: number): Uint8Array {
  const block = new Uint8Array(AES_BLOCK_SIZE);
  const view = new DataView(block.buffer);
  setBits(view, 0, assoclen);
  setBits(view, 8, cryptlen);
  return block;
}

function setBits(view: DataView, at: number, bytes: number): void {
  const bits = bytes * BITS_PER_BYTE;
  view.setUint32(at, Math.floor(bits / 2 ** 32));
  view.setUint32(at + 4, bits >>> 0);
}

/** Constant time in the contents. C: crypto/algapi.h crypto_memneq */
function equalTags(a: Uint8Array, b: Uint8Array): boolean {
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i] ^ b[i];
  return difference === 0;
}
