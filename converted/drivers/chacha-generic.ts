/**
 * ChaCha20, XChaCha20 and XChaCha12 as skciphers.
 * C: crypto/chacha_generic.c (6.1)
 * @module
 */

import { assert, KernelBug } from '../../src/assert.ts';
import { CRYPTO_ALG_TESTED, CRYPTO_ALG_TYPE_SKCIPHER } from '../../src/crypto/algorithm.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { ChachaRounds, Provider, StreamKernel } from '../../src/provider/provider.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { bvecWalkDone, bvecWalkNext, bvecWalkStart } from '../lower/walk.ts';
import { cryptoRegisterSkcipher, type SkcipherAlg, type SkcipherOp } from '../skcipher.ts';

const CHACHA_KEY_SIZE = 32;
const CHACHA_BLOCK_SIZE = 64;
const CHACHA_IV_SIZE = 16;
const XCHACHA_IV_SIZE = 32;

/** Name, size of the IV, rounds. */
const DRIVERS = [
  ['chacha20', CHACHA_IV_SIZE, 20],
  ['xchacha20', XCHACHA_IV_SIZE, 20],
  ['xchacha12', XCHACHA_IV_SIZE, 12],
] as const;

/** The key; what is made of it depends on the IV. */
class ChachaCtx {
  key: Uint8Array | null = null;
}

/** Registers the three drivers. @kernel none: chacha_generic_mod_init */
export function registerChachaGeneric(api: CryptoApi, provider: Provider): void {
  for (const [name, ivsize, rounds] of DRIVERS) {
    const crypt = (op: SkcipherOp<ChachaCtx>): Errno => chachaCrypt(op, provider, rounds);
    const alg: SkcipherAlg<ChachaCtx> = {
      kind: 'skcipher',
      name,
      driverName: `${name}-generic`,
      priority: 100,
      flags: CRYPTO_ALG_TYPE_SKCIPHER | CRYPTO_ALG_TESTED,
      blocksize: 1,
      alignmask: 0,
      ivsize,
      chunksize: CHACHA_BLOCK_SIZE,
      walksize: CHACHA_BLOCK_SIZE,
      minKeysize: CHACHA_KEY_SIZE,
      maxKeysize: CHACHA_KEY_SIZE,
      init: () => new ChachaCtx(),
      exit: () => undefined,
      setkey: ({ ctx }, key) => {
        if (key.length !== CHACHA_KEY_SIZE) return -EINVAL;
        ctx.key = key.slice();
        return 0;
      },
      encrypt: crypt,
      decrypt: crypt,
    };
    assert(cryptoRegisterSkcipher(api, alg) === 0, 'driver registration');
  }
}

/** The caller's IV stays as it is. @kernel chacha_stream_xor */
function chachaCrypt(op: SkcipherOp<ChachaCtx>, provider: Provider, rounds: ChachaRounds): Errno {
  const { walk, src, dst, len, tfm } = op;
  const { key } = tfm.ctx;
  if (key === null) throw new KernelBug('cipher without key');
  const err = bvecWalkStart(walk, src, dst, len);
  if (err !== 0) return err;
  const iv = ivBytes(op, CHACHA_IV_SIZE).slice();
  let kernel: StreamKernel;
  if (tfm.alg.ivsize === CHACHA_IV_SIZE) {
    kernel = provider.chacha(key, rounds);
  } else {
    // The first half of the nonce makes a key of its own; the position is at its end.
    kernel = provider.chacha(provider.hchacha(key, iv, rounds), rounds);
    iv.set(ivBytes(op, 32).subarray(24, 32));
    iv.set(ivBytes(op, 32).subarray(16, 24), 8);
  }
  while (bvecWalkNext(walk, CHACHA_BLOCK_SIZE)) {
    kernel.crypt(walk.mem, walk.srcAt, walk.dstAt, walk.nbytes, iv);
    bvecWalkDone(walk);
  }
  return 0;
}
