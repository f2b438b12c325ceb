/**
 * ChaCha20, XChaCha20 and XChaCha12 as skciphers.
 * C: crypto/chacha_generic.c (6.1)
 * @module
 */

import { KernelBug } from '../../src/assert.ts';
import { CRYPTO_ALG_TESTED, CRYPTO_ALG_TYPE_SKCIPHER } from '../../src/crypto/algorithm.ts';
import { ivBytes } from '../../src/crypto/iv.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { ChachaRounds, Provider, StreamKernel } from '../../src/provider/provider.ts';
import type { CryptoApi } from '../crypto-api.ts';
import {
  type CryptoSkcipher,
  cryptoRegisterSkcipher,
  type SkcipherAlg,
  type SkcipherRequest,
} from '../skcipher.ts';
import { SkcipherWalk, skcipherWalkDone, skcipherWalkVirt } from '../walk/skcipher-walk.ts';

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

/** Registers the three drivers. @kernel none: chacha_generic_mod_init */
export function registerChachaGeneric(api: CryptoApi, provider: Provider): void {
  for (const [name, ivsize, rounds] of DRIVERS) {
    const crypt = ivsize === CHACHA_IV_SIZE ? chachaCrypt : xchachaCrypt;
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
      init: () => ({ provider, rounds, key: null, stream: null }),
      setkey,
      encrypt: crypt,
      decrypt: crypt,
    };
    cryptoRegisterSkcipher(api, alg);
  }
}

/** @kernel chacha_ctx */
interface ChachaCtx {
  readonly provider: Provider;
  readonly rounds: ChachaRounds;
  key: Uint8Array | null;
  stream: StreamKernel | null;
}

function setkey({ ctx }: CryptoSkcipher<ChachaCtx>, key: Uint8Array): Errno {
  if (key.length !== CHACHA_KEY_SIZE) return -EINVAL;
  ctx.key = key.slice();
  ctx.stream = ctx.provider.chacha(ctx.key, ctx.rounds);
  return 0;
}

/** @kernel crypto_chacha_crypt */
function chachaCrypt(req: SkcipherRequest<ChachaCtx>): Errno {
  const { stream } = req.tfm.ctx;
  if (stream === null) throw new KernelBug('cipher without key');
  return streamXor(req, stream, ivBytes(req, CHACHA_IV_SIZE).slice());
}

/** The first half of the nonce makes a key of its own; the position is at its end. @kernel crypto_xchacha_crypt */
function xchachaCrypt(req: SkcipherRequest<ChachaCtx>): Errno {
  const { provider, rounds, key } = req.tfm.ctx;
  if (key === null) throw new KernelBug('cipher without key');
  const subkey = provider.hchacha(key, ivBytes(req, CHACHA_IV_SIZE).slice(), rounds);
  const iv = new Uint8Array(CHACHA_IV_SIZE);
  iv.set(ivBytes(req, 32).subarray(24, 32));
  iv.set(ivBytes(req, 32).subarray(16, 24), 8);
  return streamXor(req, provider.chacha(subkey, rounds), iv);
}

/** The caller's IV stays as it is. @kernel chacha_stream_xor */
function streamXor(req: SkcipherRequest, key: StreamKernel, iv: Uint8Array): Errno {
  const { machine, recorder } = req.tfm.api;
  const walk = new SkcipherWalk(machine, recorder);
  let err = skcipherWalkVirt(walk, req, /* atomic */ false);
  while (walk.nbytes > 0) {
    const rest = walk.nbytes < walk.total ? walk.nbytes % CHACHA_BLOCK_SIZE : 0;
    key.crypt(machine, walk.src, walk.dst, walk.nbytes - rest, iv);
    err = skcipherWalkDone(walk, rest);
  }
  return err;
}
