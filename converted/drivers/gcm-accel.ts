/**
 * AES-GCM as one kernel of the provider. Put together from CTR and GHASH it is a template.
 * C: arch/arm64/crypto/ghash-ce-glue.c gcm_encrypt, gcm_decrypt (6.1), the shape
 *
 * Decrypted text is in the destination before the tag is known, as in 6.1.
 * @module
 */

import { assert } from '../../src/assert.ts';
import { AEADS, AES_BLOCK_SIZE, type AeadRow, GCM_IV_SIZE } from '../../src/crypto/catalogue.ts';
import { cryptoGcmCheckAuthsize } from '../../src/crypto/gcm.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { isAesKeySize } from '../../src/crypto/keys.ts';
import { EBADMSG, EINVAL, type Errno } from '../../src/errno.ts';
import type { AeadEngine, AeadWork } from '../../src/provider/engine.ts';
import type { GcmKernel, GcmState, Provider } from '../../src/provider/provider.ts';
import { type AeadAlg, type AeadOp, cryptoRegisterAead } from '../aead.ts';
import { OpWork, workFill } from '../aead-work.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { bvecRead } from '../lower/copy.ts';
import { listAt, listLen } from '../lower/list.ts';
import { bvecWalkDone, bvecWalkNext, bvecWalkStart } from '../lower/walk.ts';
import type { OpBatch } from '../op.ts';
import { tagWrite } from '../parts.ts';

const GCM_BATCH: OpBatch<Op> = { run: cryptBatch };

/** The expanded key. */
class GcmContext {
  gcm: GcmKernel | null = null;
  /** The same for whole operations, where there are engines, and what it is told of the running one. */
  engine: AeadEngine | null = null;
  readonly work: OpWork = new OpWork();
}

type Op = AeadOp<GcmContext>;

/** Registers the accelerated row of the descriptor table. @kernel none: ghash_ce_mod_init */
export function registerGcmAccel(api: CryptoApi, provider: Provider): void {
  for (const row of AEADS) {
    if (row.engine !== 'accel') continue;
    const err = cryptoRegisterAead(api, gcmAlg(row, provider));
    assert(err === 0, 'driver registration');
  }
}

function gcmAlg(row: AeadRow, provider: Provider): AeadAlg<GcmContext> {
  return {
    ...row,
    kind: 'aead',
    init: () => new GcmContext(),
    exit: ({ engine }) => engine?.release(),
    setkey: (tfm, key) => {
      if (!isAesKeySize(key.length)) return -EINVAL;
      const { ctx, api } = tfm;
      ctx.gcm = provider.aesGcm(key);
      ctx.engine?.release();
      ctx.engine = api.engines?.gcm(key) ?? null;
      tfm.batch = ctx.engine === null ? null : GCM_BATCH;
      return 0;
    },
    setauthsize: (_tfm, authsize) => cryptoGcmCheckAuthsize(authsize),
    encrypt,
    decrypt,
  };
}

/** Names an operation to the engine. @returns null when an engine cannot do it. */
function workOf(op: Op): AeadWork | null {
  const { work, engine } = op.tfm.ctx;
  return engine !== null && workFill(work, op) ? work : null;
}

function encrypt(op: Op): Errno {
  const { engine } = op.tfm.ctx;
  const work = workOf(op);
  if (engine !== null && work !== null) {
    engine.seal(work);
    return 0;
  }
  const state = crypt(op);
  if (typeof state === 'number') return state;
  state.tag(op.hash.subarray(0, AES_BLOCK_SIZE));
  return tagWrite(op);
}

function decrypt(op: Op): Errno {
  const { engine } = op.tfm.ctx;
  const work = workOf(op);
  if (engine !== null && work !== null) return engine.open(work) ? 0 : -EBADMSG;
  const state = crypt(op);
  if (typeof state === 'number') return state;
  const given = op.hash.subarray(0, op.tfm.authsize);
  bvecRead(op.walk.mem, op.tag, 0, given);
  return state.verify(given) ? 0 : -EBADMSG;
}

/** One key stream for all operations that fit. */
function cryptBatch(ops: readonly Op[], n: number): void {
  const { engine } = ops[0].tfm.ctx;
  let first = 0;
  for (let k = 0; k < n; k++) {
    const op = ops[k];
    if (engine !== null && added(engine, op)) continue;
    if (engine !== null) flush(engine, ops, first, k);
    first = k;
    if (engine !== null && added(engine, op)) continue;
    op.answer = op.enc ? encrypt(op) : decrypt(op);
    first = k + 1;
  }
  if (engine !== null) flush(engine, ops, first, n);
}

function added(engine: AeadEngine, op: Op): boolean {
  const work = workOf(op);
  return work !== null && engine.add(work);
}

function flush(engine: AeadEngine, ops: readonly Op[], from: number, to: number): void {
  if (from === to) return;
  const { enc } = ops[from];
  engine.flush(enc);
  for (let k = from; k < to; k++) ops[k].answer = enc || engine.right(k - from) ? 0 : -EBADMSG;
}

/** All of the text. @returns a state that has the tag, or -ENOMEM. */
function crypt(op: Op): GcmState | Errno {
  const { tfm, walk, ad, src, dst, len, enc } = op;
  assert(tfm.ctx.gcm !== null, 'key of a cipher that runs');
  const err = bvecWalkStart(walk, src, dst, len);
  if (err !== 0) return err;
  const state = tfm.ctx.gcm.start(enc, ivBytes(op, GCM_IV_SIZE), tfm.authsize);
  for (let k = 0; k < ad.nr; k++) state.aad(walk.mem, listAt(ad, k), listLen(ad, k));
  while (bvecWalkNext(walk, AES_BLOCK_SIZE)) {
    state.crypt(walk.mem, walk.srcAt, walk.dstAt, walk.nbytes);
    bvecWalkDone(walk);
  }
  return state;
}
