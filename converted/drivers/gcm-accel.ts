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
import { isAesKeySize } from '../../src/crypto/keys.ts';
import { EBADMSG, EINVAL, type Errno } from '../../src/errno.ts';
import type { GcmKernel, GcmState, Provider } from '../../src/provider/provider.ts';
import { physAddr } from '../../src/units.ts';
import { type AeadAlg, type AeadOp, cryptoRegisterAead } from '../aead.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { bvecRead } from '../lower/copy.ts';
import { bvecWalkDone, bvecWalkNext, bvecWalkStart } from '../lower/walk.ts';
import { tagWrite } from '../parts.ts';

/** The expanded key. */
class GcmContext {
  gcm: GcmKernel | null = null;
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
    exit: () => undefined,
    setkey: (tfm, key) => {
      if (!isAesKeySize(key.length)) return -EINVAL;
      tfm.ctx.gcm = provider.aesGcm(key);
      return 0;
    },
    setauthsize: (_tfm, authsize) => cryptoGcmCheckAuthsize(authsize),
    encrypt: (op) => encrypt(op),
    decrypt: (op) => decrypt(op),
  };
}

function encrypt(op: Op): Errno {
  const state = crypt(op);
  if (typeof state === 'number') return state;
  state.tag(op.hash.subarray(0, AES_BLOCK_SIZE));
  return tagWrite(op);
}

function decrypt(op: Op): Errno {
  const state = crypt(op);
  if (typeof state === 'number') return state;
  const given = op.hash.subarray(0, op.tfm.authsize);
  bvecRead(op.walk.mem, op.tag, 0, given);
  return state.verify(given) ? 0 : -EBADMSG;
}

/** All of the text. @returns a state that has the tag, or -ENOMEM. */
function crypt({ tfm, walk, ad, src, dst, len, iv, enc }: Op): GcmState | Errno {
  assert(tfm.ctx.gcm !== null, 'key of a cipher that runs');
  const err = bvecWalkStart(walk, src, dst, len);
  if (err !== 0) return err;
  const state = tfm.ctx.gcm.start(enc, iv.subarray(0, GCM_IV_SIZE));
  for (let k = 0; k < ad.nr; k++) state.aad(walk.mem, physAddr(ad.phys[k]), ad.len[k]);
  while (bvecWalkNext(walk, AES_BLOCK_SIZE)) {
    state.crypt(walk.mem, walk.srcAt, walk.dstAt, walk.nbytes);
    bvecWalkDone(walk);
  }
  return state;
}
