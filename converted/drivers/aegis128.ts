/**
 * AEGIS-128. A wrong tag leaves no text behind: what was decrypted is overwritten with zeros.
 * C: crypto/aegis128-core.c (6.1)
 * @module
 */

import { assert } from '../../src/assert.ts';
import {
  AEGIS_BLOCK_SIZE,
  AEGIS128,
  AEGIS128_KEY_SIZE,
  cryptoAegis128CheckAuthsize,
} from '../../src/crypto/aegis.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { EBADMSG, EINVAL, type Errno } from '../../src/errno.ts';
import type { GcmKernel, GcmState } from '../../src/provider/provider.ts';
import { aegis128 } from '../../src/provider/soft/aegis128.ts';
import { type AeadAlg, type AeadOp, cryptoRegisterAead } from '../aead.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { bvecRead, bvecWipe } from '../lower/copy.ts';
import { listAt, listLen } from '../lower/list.ts';
import { bvecWalkDone, bvecWalkNext, bvecWalkStart } from '../lower/walk.ts';
import { tagWrite } from '../parts.ts';

/** Registers `aegis128-generic`. @kernel none: crypto_aegis128_module_init */
export function registerAegis128(api: CryptoApi): void {
  const alg: AeadAlg<AegisCtx> = {
    ...AEGIS128,
    init: () => ({ key: null }),
    exit: () => undefined,
    setkey: ({ ctx }, key) => {
      if (key.length !== AEGIS128_KEY_SIZE) return -EINVAL;
      ctx.key = aegis128(key);
      return 0;
    },
    setauthsize: (_tfm, authsize) => cryptoAegis128CheckAuthsize(authsize),
    encrypt,
    decrypt,
  };
  assert(cryptoRegisterAead(api, alg) === 0, 'driver registration');
}

/** @kernel aegis_ctx */
interface AegisCtx {
  key: GcmKernel | null;
}

type Op = AeadOp<AegisCtx>;

/** @kernel crypto_aegis128_encrypt_generic */
function encrypt(op: Op): Errno {
  const state = crypt(op);
  if (typeof state === 'number') return state;
  state.tag(op.hash.subarray(0, AEGIS_BLOCK_SIZE));
  return tagWrite(op);
}

/** @kernel crypto_aegis128_decrypt_generic */
function decrypt(op: Op): Errno {
  const state = crypt(op);
  if (typeof state === 'number') return state;
  const given = op.hash.subarray(0, op.tfm.authsize);
  bvecRead(op.walk.mem, op.tag, 0, given);
  if (state.verify(given)) return 0;
  bvecWipe(op.walk.mem, op.dst);
  return -EBADMSG;
}

/** All of the text. @returns a state that has the tag, or -ENOMEM. @kernel crypto_aegis128_process_crypt */
function crypt(op: Op): GcmState | Errno {
  const { tfm, walk, ad, src, dst, len, enc } = op;
  assert(tfm.ctx.key !== null, 'key of a cipher that runs');
  const err = bvecWalkStart(walk, src, dst, len);
  if (err !== 0) return err;
  const state = tfm.ctx.key.start(enc, ivBytes(op, tfm.alg.ivsize));
  for (let k = 0; k < ad.nr; k++) state.aad(walk.mem, listAt(ad, k), listLen(ad, k));
  while (bvecWalkNext(walk, AEGIS_BLOCK_SIZE)) {
    state.crypt(walk.mem, walk.srcAt, walk.dstAt, walk.nbytes);
    bvecWalkDone(walk);
  }
  return state;
}
