/**
 * ARC4 and the cipher that does nothing, as skciphers.
 * C: crypto/arc4.c, crypto/crypto_null.c (6.1)
 * @module
 */
import { STREAMS, type StreamDriver, type StreamRun } from '../../src/crypto/streams.ts';
import type { Errno } from '../../src/errno.ts';
import type { CryptoApi } from '../crypto-api.ts';
import {
  type CryptoSkcipher,
  cryptoRegisterSkcipher,
  type SkcipherAlg,
  type SkcipherRequest,
} from '../skcipher.ts';
import { SkcipherWalk, skcipherWalkDone, skcipherWalkVirt } from '../walk/skcipher-walk.ts';

/** Registers the drivers. @kernel none: arc4_init, crypto_null_mod_init */
export function registerStreams(api: CryptoApi): void {
  for (const { start, ...row } of STREAMS) {
    const alg: SkcipherAlg<StreamCtx> = {
      ...row,
      init: () => ({ start, run: start(NO_KEY) }),
      setkey,
      encrypt: crypt,
      decrypt: crypt,
    };
    cryptoRegisterSkcipher(api, alg);
  }
}

/** Any key at all: what a transform has before its first setkey, without which it does not run. */
const NO_KEY = new Uint8Array(1);

/** @kernel arc4_ctx */
interface StreamCtx {
  readonly start: StreamDriver['start'];
  run: StreamRun;
}

/** @kernel crypto_arc4_setkey */
function setkey({ ctx }: CryptoSkcipher<StreamCtx>, key: Uint8Array): Errno {
  ctx.run = ctx.start(key);
  return 0;
}

/** @kernel crypto_arc4_crypt */
function crypt(req: SkcipherRequest<StreamCtx>): Errno {
  const { machine, recorder } = req.tfm.api;
  const walk = new SkcipherWalk(machine, recorder);
  let err = skcipherWalkVirt(walk, req, /* atomic */ false);
  while (walk.nbytes > 0) {
    req.tfm.ctx.run.crypt(machine, walk.src, walk.dst, walk.nbytes);
    err = skcipherWalkDone(walk, 0);
  }
  return err;
}
