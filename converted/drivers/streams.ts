/**
 * ARC4 and the cipher that does nothing, as skciphers.
 * C: crypto/arc4.c, crypto/crypto_null.c (6.1)
 * @module
 */
import { assert } from '../../src/assert.ts';
import { STREAMS, type StreamRun } from '../../src/crypto/streams.ts';
import type { Errno } from '../../src/errno.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { bvecRuns } from '../lower/walk.ts';
import { cryptoRegisterSkcipher, type SkcipherAlg, type SkcipherOp } from '../skcipher.ts';

/** Registers the drivers. @kernel none: arc4_init, crypto_null_mod_init */
export function registerStreams(api: CryptoApi): void {
  for (const { start, ...row } of STREAMS) {
    const alg: SkcipherAlg<StreamCtx> = {
      ...row,
      init: () => ({ run: start(NO_KEY) }),
      exit: () => undefined,
      setkey: ({ ctx }, key) => {
        ctx.run = start(key);
        return 0;
      },
      encrypt: crypt,
      decrypt: crypt,
    };
    assert(cryptoRegisterSkcipher(api, alg) === 0, 'driver registration');
  }
}

/** Any key at all: what a transform has before its first setkey, without which it does not run. */
const NO_KEY = new Uint8Array(1);

/** @kernel arc4_ctx */
interface StreamCtx {
  run: StreamRun;
}

/** @kernel crypto_arc4_crypt */
function crypt({ walk, src, dst, len, tfm }: SkcipherOp<StreamCtx>): Errno {
  return bvecRuns(walk, src, dst, len, 1, (part) =>
    tfm.ctx.run.crypt(part.mem, part.src, part.dst, part.len),
  );
}
