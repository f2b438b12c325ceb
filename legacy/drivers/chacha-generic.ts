/**
 * ChaCha20, XChaCha20 and XChaCha12 as skciphers.
 * C: crypto/chacha_generic.c (6.1)
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { CRYPTO_ALG_TESTED, CRYPTO_ALG_TYPE_SKCIPHER } from '../../src/crypto/algorithm.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { ChachaRounds, Provider, StreamKernel } from '../../src/provider/provider.ts';
import type { CryptoApi } from '../crypto-api.ts';
import {
  type CryptoSkcipher,
  cryptoRegisterSkcipher,
  type SkcipherRequest,
  type SkcipherTransform,
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
    cryptoRegisterSkcipher(api, {
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
      init: (tfm) => new ChachaTransform(tfm, provider, rounds),
    });
  }
}

class ChachaTransform implements SkcipherTransform {
  private readonly tfm: CryptoSkcipher;
  private readonly provider: Provider;
  private readonly rounds: ChachaRounds;
  private rawKey: Uint8Array | null = null;
  private key: StreamKernel | null = null;

  constructor(tfm: CryptoSkcipher, provider: Provider, rounds: ChachaRounds) {
    this.tfm = tfm;
    this.provider = provider;
    this.rounds = rounds;
  }

  setkey(key: Uint8Array): Errno {
    if (key.length !== CHACHA_KEY_SIZE) return -EINVAL;
    this.rawKey = key.slice();
    this.key = this.provider.chacha(this.rawKey, this.rounds);
    return 0;
  }

  encrypt(req: SkcipherRequest): Errno {
    const { rawKey, provider, rounds } = this;
    if (rawKey === null || this.key === null) throw new KernelBug('cipher without key');
    if (this.tfm.alg.ivsize === CHACHA_IV_SIZE) {
      return this.streamXor(req, this.key, req.iv.slice(0, CHACHA_IV_SIZE));
    }
    // The first half of the nonce makes a key of its own; the position is at its end.
    const subkey = provider.hchacha(rawKey, req.iv.slice(0, CHACHA_IV_SIZE), rounds);
    const iv = new Uint8Array(CHACHA_IV_SIZE);
    iv.set(req.iv.subarray(24, 32));
    iv.set(req.iv.subarray(16, 24), 8);
    return this.streamXor(req, provider.chacha(subkey, rounds), iv);
  }

  decrypt(req: SkcipherRequest): Errno {
    return this.encrypt(req);
  }

  /** The caller's IV stays as it is. @kernel chacha_stream_xor */
  private streamXor(req: SkcipherRequest, key: StreamKernel, iv: Uint8Array): Errno {
    const { machine, recorder } = this.tfm.api;
    const walk = new SkcipherWalk(machine, recorder);
    let err = skcipherWalkVirt(walk, req, /* atomic */ false);
    while (walk.nbytes > 0) {
      const rest = walk.nbytes < walk.total ? walk.nbytes % CHACHA_BLOCK_SIZE : 0;
      key.crypt(machine, walk.src, walk.dst, walk.nbytes - rest, iv);
      err = skcipherWalkDone(walk, rest);
    }
    return err;
  }
}
