/**
 * AES in ECB, CBC, CTR and XTS over a byte provider.
 * C: crypto/ecb.c, cbc.c, ctr.c, xts.c (6.1)
 *
 * As in 6.1, ECB and CBC process whole blocks before they refuse a length that is no multiple, and XTS
 * leaves the caller's IV alone.
 * @module
 */
import { assert } from '../../src/assert.ts';
import { CRYPTO_TFM_REQ_FORBID_WEAK_KEYS } from '../../src/crypto/algorithm.ts';
import {
  AES_BLOCK_SIZE,
  SKCIPHERS,
  type SkcipherMode,
  type SkcipherRow,
} from '../../src/crypto/descriptors.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { AesKernel, ByteMemory, Provider } from '../../src/provider/provider.ts';
import { advanceTweak } from '../../src/provider/xts-tweak.ts';
import { bvecRead, bvecWrite } from '../bvec-copy.ts';
import { type BvecWalk, bvecWalkDone, bvecWalkNext, bvecWalkStart } from '../bvec-walk.ts';
import type { CryptoApi } from '../crypto-api.ts';
import {
  type CryptoSkcipher,
  cryptoRegisterSkcipher,
  type SkcipherAlg,
  type SkcipherRequest,
} from '../skcipher.ts';

/** What a tfm keeps: the key schedules and buffers of its current operation. */
class AesContext {
  data: AesKernel | null = null;
  /** XTS only: the second half of the key. */
  tweak: AesKernel | null = null;
  /** IV, counter or tweak of the running operation. */
  readonly iv = new Uint8Array(AES_BLOCK_SIZE);
}

type Tfm = CryptoSkcipher<AesContext>;

/** Registers the four modes of one provider. @kernel none, module_init of each */
export function registerAes(api: CryptoApi, provider: Provider): void {
  for (const row of SKCIPHERS) {
    if (row.engine !== provider.name) continue;
    const err = cryptoRegisterSkcipher(api, aesAlg(row, provider));
    assert(err === 0, 'driver registration');
  }
}

function aesAlg(row: SkcipherRow, provider: Provider): SkcipherAlg<AesContext> {
  const { mode } = row;
  const xts = mode === 'xts';
  return {
    ...row,
    kind: 'skcipher',
    init: () => new AesContext(),
    exit: () => undefined,
    setkey: (tfm, key) => (xts ? xtsSetkey(provider, tfm, key) : aesSetkey(provider, tfm, key)),
    encrypt: (req, tfm) => (xts ? xtsCrypt(req, tfm, true) : blocksCrypt(req, tfm, mode, true)),
    decrypt: (req, tfm) => (xts ? xtsCrypt(req, tfm, false) : blocksCrypt(req, tfm, mode, false)),
  };
}

function aesSetkey(provider: Provider, tfm: Tfm, key: Uint8Array): Errno {
  if (!isAesKey(key.length)) return -EINVAL;
  tfm.ctx.data = provider.aes(key);
  return 0;
}

/** The first half encrypts the data, the second the tweak. */
function xtsSetkey(provider: Provider, tfm: Tfm, key: Uint8Array): Errno {
  const half = key.length / 2;
  if (!isAesKey(half)) return -EINVAL;
  const data = key.subarray(0, half);
  const tweak = key.subarray(half);
  const forbidden = (tfm.flags & CRYPTO_TFM_REQ_FORBID_WEAK_KEYS) !== 0;
  if (forbidden && data.every((byte, i) => byte === tweak[i])) return -EINVAL;
  tfm.ctx.data = provider.aes(data);
  tfm.ctx.tweak = provider.aes(tweak);
  return 0;
}

function isAesKey(len: number): boolean {
  return len === 16 || len === 24 || len === 32;
}

function blocksCrypt(req: SkcipherRequest, tfm: Tfm, mode: SkcipherMode, encrypt: boolean): Errno {
  const { walk, ctx } = tfm;
  const { cryptlen } = req;
  assert(ctx.data !== null, 'key of a cipher that runs');
  const tail = mode === 'ctr' ? 0 : cryptlen % AES_BLOCK_SIZE;
  const err = bvecWalkStart(walk, req.srcList, req.dstList, cryptlen - tail);
  if (err !== 0) return err;
  if (req.iv !== null && mode !== 'ecb') copyBlock(ctx.iv, req.iv);
  run(walk, ctx.data, mode, encrypt, ctx.iv);
  if (req.iv !== null && mode !== 'ecb') copyBlock(req.iv, ctx.iv);
  return tail === 0 ? 0 : -EINVAL;
}

/** One walk, one byte kernel call per step. */
function run(
  walk: BvecWalk,
  aes: AesKernel,
  mode: SkcipherMode,
  encrypt: boolean,
  iv: Uint8Array,
): void {
  const mem: ByteMemory = walk.mem;
  while (bvecWalkNext(walk, AES_BLOCK_SIZE)) {
    const { srcAt, dstAt, nbytes } = walk;
    if (mode === 'ctr') aes.ctrCrypt(mem, srcAt, dstAt, nbytes, iv);
    else if (mode === 'ecb' && encrypt) aes.ecbEncrypt(mem, srcAt, dstAt, nbytes);
    else if (mode === 'ecb') aes.ecbDecrypt(mem, srcAt, dstAt, nbytes);
    else if (mode === 'cbc' && encrypt) aes.cbcEncrypt(mem, srcAt, dstAt, nbytes, iv);
    else if (mode === 'cbc') aes.cbcDecrypt(mem, srcAt, dstAt, nbytes, iv);
    else if (encrypt) aes.xtsEncrypt(mem, srcAt, dstAt, nbytes, iv);
    else aes.xtsDecrypt(mem, srcAt, dstAt, nbytes, iv);
    bvecWalkDone(walk);
  }
}

/**
 * XTS with ciphertext stealing. When the length is no multiple, decryption holds the last whole block
 * back, because it needs the tweak behind it.
 */
function xtsCrypt(req: SkcipherRequest, tfm: Tfm, encrypt: boolean): Errno {
  const { walk, ctx } = tfm;
  const { cryptlen, iv } = req;
  if (cryptlen < AES_BLOCK_SIZE || iv === null) return -EINVAL;
  assert(ctx.data !== null && ctx.tweak !== null, 'keys of a cipher that runs');
  const tail = cryptlen % AES_BLOCK_SIZE;
  const held = tail === 0 || encrypt ? 0 : AES_BLOCK_SIZE;
  const err = bvecWalkStart(walk, req.srcList, req.dstList, cryptlen - tail - held);
  if (err !== 0) return err;
  copyBlock(ctx.iv, iv);
  ctx.tweak.encryptBlock(ctx.iv);
  run(walk, ctx.data, 'xts', encrypt, ctx.iv);
  if (tail > 0 && encrypt) stealEncrypt(req, walk, ctx.data, ctx.iv);
  else if (tail > 0) stealDecrypt(req, walk, ctx.data, ctx.iv);
  return 0;
}

/** `tweak` is the one behind the last whole block, whose ciphertext is already in the destination. */
function stealEncrypt(
  req: SkcipherRequest,
  walk: BvecWalk,
  aes: AesKernel,
  tweak: Uint8Array,
): void {
  const tail = req.cryptlen % AES_BLOCK_SIZE;
  const at = req.cryptlen - tail - AES_BLOCK_SIZE;
  const block = new Uint8Array(AES_BLOCK_SIZE);
  const rest = new Uint8Array(tail);
  bvecRead(walk.mem, req.dstList, at, block);
  bvecRead(walk.mem, req.srcList, at + AES_BLOCK_SIZE, rest);
  const stolen = block.slice(0, tail);
  block.set(rest);
  xor(block, tweak);
  aes.encryptBlock(block);
  xor(block, tweak);
  bvecWrite(walk.mem, req.dstList, at, block);
  bvecWrite(walk.mem, req.dstList, at + AES_BLOCK_SIZE, stolen);
}

/** `tweak` is that of the last whole block, which the walk has left out. */
function stealDecrypt(
  req: SkcipherRequest,
  walk: BvecWalk,
  aes: AesKernel,
  tweak: Uint8Array,
): void {
  const tail = req.cryptlen % AES_BLOCK_SIZE;
  const at = req.cryptlen - tail - AES_BLOCK_SIZE;
  const block = new Uint8Array(AES_BLOCK_SIZE);
  const rest = new Uint8Array(tail);
  bvecRead(walk.mem, req.srcList, at, block);
  bvecRead(walk.mem, req.srcList, at + AES_BLOCK_SIZE, rest);
  const next = tweak.slice();
  advanceTweak(next, 1);
  xor(block, next);
  aes.decryptBlock(block);
  xor(block, next);
  const stolen = block.slice(0, tail);
  block.set(rest);
  xor(block, tweak);
  aes.decryptBlock(block);
  xor(block, tweak);
  bvecWrite(walk.mem, req.dstList, at, block);
  bvecWrite(walk.mem, req.dstList, at + AES_BLOCK_SIZE, stolen);
}

function xor(block: Uint8Array, mask: Uint8Array): void {
  for (let i = 0; i < AES_BLOCK_SIZE; i++) block[i] ^= mask[i];
}

/** `set` on small arrays costs more than the loop. */
function copyBlock(target: Uint8Array, source: Uint8Array): void {
  for (let i = 0; i < AES_BLOCK_SIZE; i++) target[i] = source[i];
}
