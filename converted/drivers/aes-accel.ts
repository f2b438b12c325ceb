/**
 * The accelerated AES modes: one driver per mode, as an architecture has them, over node:crypto.
 * C: arch/x86/crypto/aesni-intel_glue.c (6.1), the shape
 *
 * As in 6.1, ECB and CBC process whole blocks before they refuse a length that is no multiple, and XTS
 * leaves the caller's IV alone.
 * @module
 */

import { assert } from '../../src/assert.ts';
import {
  AES_BLOCK_SIZE,
  SKCIPHERS,
  type SkcipherMode,
  type SkcipherRow,
} from '../../src/crypto/catalogue.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { isAesKeySize } from '../../src/crypto/keys.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { CipherEngine } from '../../src/provider/engine.ts';
import type { AesKernel, ByteMemory, Provider } from '../../src/provider/provider.ts';
import { advanceTweak } from '../../src/provider/soft/xts-tweak.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { bvecRead, bvecWrite } from '../lower/copy.ts';
import { walkable } from '../lower/list.ts';
import { type BvecWalk, bvecWalkDone, bvecWalkNext, bvecWalkStart } from '../lower/walk.ts';
import type { OpBatch } from '../op.ts';
import {
  type CryptoSkcipher,
  cryptoRegisterSkcipher,
  type SkcipherAlg,
  type SkcipherOp,
  type UnitsAtOnce,
} from '../skcipher.ts';
import { xtsVerifyKey } from '../templates/xts.ts';

/** Data units up to this size are done together. */
const MAX_UNIT = 65536;

/** What a tfm keeps: the key schedules. */
class AesContext {
  data: AesKernel | null = null;
  /** XTS only: the second half of the key. */
  tweak: AesKernel | null = null;
  /** The same for whole operations, where there are engines. */
  engine: CipherEngine | null = null;
}

type Tfm = CryptoSkcipher<AesContext>;
type Op = SkcipherOp<AesContext>;

const CTR_BATCH: OpBatch<Op> = { run: ctrBatch };
const XTS_UNITS: UnitsAtOnce<Op> = { run: xtsUnits };

/** IV, counter or tweak of the running operation; nothing else runs before it has ended. */
const chain = new Uint8Array(AES_BLOCK_SIZE);

/** Registers the accelerated rows of the descriptor table. @kernel none: aesni_init */
export function registerAesAccel(api: CryptoApi, provider: Provider): void {
  for (const row of SKCIPHERS) {
    if (row.engine !== 'accel') continue;
    const err = cryptoRegisterSkcipher(api, aesAlg(row, provider));
    assert(err === 0, 'driver registration');
  }
}

function aesAlg(row: SkcipherRow, provider: Provider): SkcipherAlg<AesContext> {
  const { mode } = row;
  const crypt = mode === 'xts' ? xtsCrypt : (op: Op): Errno => blocksCrypt(op, mode);
  return {
    ...row,
    kind: 'skcipher',
    init: () => new AesContext(),
    exit: ({ engine }) => engine?.release(),
    setkey: (tfm, key) => setkey(tfm, key, mode, provider),
    encrypt: crypt,
    decrypt: crypt,
  };
}

function setkey(tfm: Tfm, key: Uint8Array, mode: SkcipherMode, provider: Provider): Errno {
  const err = mode === 'xts' ? xtsSetkey(provider, tfm, key) : aesSetkey(provider, tfm, key);
  if (err !== 0) return err;
  const { ctx, api } = tfm;
  ctx.engine?.release();
  ctx.engine = api.engines?.cipher(mode, key) ?? null;
  tfm.batch = ctx.engine?.add === undefined ? null : CTR_BATCH;
  tfm.dataUnits = ctx.engine?.runUnits === undefined ? null : XTS_UNITS;
  return 0;
}

function aesSetkey(provider: Provider, tfm: Tfm, key: Uint8Array): Errno {
  if (!isAesKeySize(key.length)) return -EINVAL;
  tfm.ctx.data = provider.aes(key);
  return 0;
}

/** The first half encrypts the data, the second the tweak. */
function xtsSetkey(provider: Provider, tfm: Tfm, key: Uint8Array): Errno {
  const err = xtsVerifyKey(tfm, key);
  if (err !== 0) return err;
  const half = key.length / 2;
  if (!isAesKeySize(half)) return -EINVAL;
  tfm.ctx.data = provider.aes(key.subarray(0, half));
  tfm.ctx.tweak = provider.aes(key.subarray(half));
  return 0;
}

/** Does the operation where an engine can; what follows is for everything else. @returns whether it did. */
function byEngine(op: Op, len: number): boolean {
  const { tfm, src, dst, enc } = op;
  const { engine } = tfm.ctx;
  if (engine === null || tfm.api.recorder !== null) return false;
  if (!walkable(src, len) || !walkable(dst, len)) return false;
  engine.run(enc, src, dst, len, blockOf(op));
  return true;
}

/** What an engine makes of an IV: templates hand in longer buffers. */
function blockOf(op: Op): Uint8Array {
  return op.iv.length > AES_BLOCK_SIZE ? ivBytes(op, AES_BLOCK_SIZE) : op.iv;
}

/** One key stream for all operations that fit. */
function ctrBatch(ops: readonly Op[], n: number): void {
  const { engine } = ops[0].tfm.ctx;
  const { recorder } = ops[0].tfm.api;
  for (let k = 0; k < n; k++) {
    const op = ops[k];
    const { src, dst, len } = op;
    const iv = blockOf(op);
    op.answer = 0;
    const fits = recorder === null && walkable(src, len) && walkable(dst, len);
    if (fits && engine?.add?.(src, dst, len, iv)) continue;
    engine?.flush?.();
    if (!(fits && engine?.add?.(src, dst, len, iv))) op.answer = blocksCrypt(op, 'ctr');
  }
  engine?.flush?.();
}

/** Data units in one pass each over their tweaks and their text. */
function xtsUnits({ tfm, src, dst, len, iv, enc }: Op, unit: number): Errno | null {
  const { engine } = tfm.ctx;
  if (engine?.runUnits === undefined || tfm.api.recorder !== null) return null;
  if (unit % AES_BLOCK_SIZE !== 0 || unit > MAX_UNIT) return null;
  if (!walkable(src, len) || !walkable(dst, len)) return null;
  engine.runUnits(enc, src, dst, len, iv, unit);
  return 0;
}

function blocksCrypt(op: Op, mode: SkcipherMode): Errno {
  const { tfm, walk, len } = op;
  const tail = mode === 'ctr' ? 0 : len % AES_BLOCK_SIZE;
  if (byEngine(op, len - tail)) return tail === 0 ? 0 : -EINVAL;
  const { data } = tfm.ctx;
  assert(data !== null, 'key of a cipher that runs');
  const err = bvecWalkStart(walk, op.src, op.dst, len - tail);
  if (err !== 0) return err;
  const iv = mode === 'ecb' ? chain : ivBytes(op, AES_BLOCK_SIZE);
  if (mode !== 'ecb') copyBlock(chain, iv);
  run(walk, data, mode, op.enc, chain);
  if (mode !== 'ecb') copyBlock(iv, chain);
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
function xtsCrypt(op: Op): Errno {
  const { tfm, walk, len, enc } = op;
  const { data, tweak } = tfm.ctx;
  if (len < AES_BLOCK_SIZE) return -EINVAL;
  if (len % AES_BLOCK_SIZE === 0 && byEngine(op, len)) return 0;
  assert(data !== null && tweak !== null, 'keys of a cipher that runs');
  const tail = len % AES_BLOCK_SIZE;
  const held = tail === 0 || enc ? 0 : AES_BLOCK_SIZE;
  const err = bvecWalkStart(walk, op.src, op.dst, len - tail - held);
  if (err !== 0) return err;
  copyBlock(chain, ivBytes(op, AES_BLOCK_SIZE));
  tweak.encryptBlock(chain);
  run(walk, data, 'xts', enc, chain);
  if (tail > 0 && enc) stealEncrypt(op, data, chain);
  else if (tail > 0) stealDecrypt(op, data, chain);
  return 0;
}

/** `tweak` is the one behind the last whole block, whose ciphertext is already in the destination. */
function stealEncrypt(op: Op, aes: AesKernel, tweak: Uint8Array): void {
  const { src, dst, len, walk } = op;
  const tail = len % AES_BLOCK_SIZE;
  const at = len - tail - AES_BLOCK_SIZE;
  const block = new Uint8Array(AES_BLOCK_SIZE);
  const rest = new Uint8Array(tail);
  bvecRead(walk.mem, dst, at, block);
  bvecRead(walk.mem, src, at + AES_BLOCK_SIZE, rest);
  const stolen = block.slice(0, tail);
  block.set(rest);
  xor(block, tweak);
  aes.encryptBlock(block);
  xor(block, tweak);
  bvecWrite(walk.mem, dst, at, block);
  bvecWrite(walk.mem, dst, at + AES_BLOCK_SIZE, stolen);
}

/** `tweak` is that of the last whole block, which the walk has left out. */
function stealDecrypt(op: Op, aes: AesKernel, tweak: Uint8Array): void {
  const { src, dst, len, walk } = op;
  const tail = len % AES_BLOCK_SIZE;
  const at = len - tail - AES_BLOCK_SIZE;
  const block = new Uint8Array(AES_BLOCK_SIZE);
  const rest = new Uint8Array(tail);
  bvecRead(walk.mem, src, at, block);
  bvecRead(walk.mem, src, at + AES_BLOCK_SIZE, rest);
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
  bvecWrite(walk.mem, dst, at, block);
  bvecWrite(walk.mem, dst, at + AES_BLOCK_SIZE, stolen);
}

function xor(block: Uint8Array, mask: Uint8Array): void {
  for (let i = 0; i < AES_BLOCK_SIZE; i++) block[i] ^= mask[i];
}

/** `set` on small arrays costs more than the loop. */
function copyBlock(target: Uint8Array, source: Uint8Array): void {
  for (let i = 0; i < AES_BLOCK_SIZE; i++) target[i] = source[i];
}
