/**
 * DES and Triple-DES as block ciphers, with the kernel's rules for weak keys.
 * C: crypto/des_generic.c, lib/crypto/des.c, include/crypto/internal/des.h (6.1)
 * @module
 */
import { assert } from '../../src/assert.ts';
import {
  CRYPTO_ALG_TESTED,
  CRYPTO_ALG_TYPE_CIPHER,
  CRYPTO_TFM_REQ_FORBID_WEAK_KEYS,
} from '../../src/crypto/algorithm.ts';
import { EINVAL } from '../../src/errno.ts';
import type { Provider } from '../../src/provider/provider.ts';
import type { CipherAlg } from '../cipher.ts';
import type { CryptoApi } from '../crypto-api.ts';

const DES_BLOCK_SIZE = 8;
const DES_KEY_SIZE = 8;

/** The weak and the semi-weak keys, without their parity bits (FIPS 74). */
const WEAK_KEYS: ReadonlySet<string> = new Set(
  [
    '0101010101010101',
    'fefefefefefefefe',
    'e0e0e0e0f1f1f1f1',
    '1f1f1f1f0e0e0e0e',
    '011f011f010e010e',
    '1f011f010e010e01',
    '01e001e001f101f1',
    'e001e001f101f101',
    '01fe01fe01fe01fe',
    'fe01fe01fe01fe01',
    '1fe01fe00ef10ef1',
    'e01fe01ff10ef10e',
    '1ffe1ffe0efe0efe',
    'fe1ffe1ffe0efe0e',
    'e0fee0fef1fef1fe',
    'fee0fee0fef1fef1',
  ].map((hex) => withoutParity(Buffer.from(hex, 'hex'))),
);

/** Registers `des-generic` and `des3_ede-generic`. @kernel none: des_generic_mod_init */
export function registerDesGeneric(api: CryptoApi, provider: Provider): void {
  const common = {
    kind: 'cipher' as const,
    priority: 100,
    flags: CRYPTO_ALG_TYPE_CIPHER | CRYPTO_ALG_TESTED,
    blocksize: DES_BLOCK_SIZE,
    alignmask: 0,
  };
  const des: CipherAlg = {
    ...common,
    name: 'des',
    driverName: 'des-generic',
    minKeysize: DES_KEY_SIZE,
    maxKeysize: DES_KEY_SIZE,
    setkey: (key, flags) =>
      forbids(flags) && WEAK_KEYS.has(withoutParity(key)) ? -EINVAL : provider.des(key),
  };
  const des3: CipherAlg = {
    ...common,
    name: 'des3_ede',
    driverName: 'des3_ede-generic',
    minKeysize: 3 * DES_KEY_SIZE,
    maxKeysize: 3 * DES_KEY_SIZE,
    setkey: (key, flags) => (forbids(flags) && degenerates(key) ? -EINVAL : provider.des3Ede(key)),
  };
  for (const alg of [des, des3]) {
    assert(api.registry.register(alg) === 0, 'driver registration');
  }
}

function forbids(flags: number): boolean {
  return (flags & CRYPTO_TFM_REQ_FORBID_WEAK_KEYS) !== 0;
}

/** True when two neighbouring keys are equal, which leaves a single DES. */
function degenerates(key: Uint8Array): boolean {
  const part = (i: number) => withoutParity(key.subarray(8 * i, 8 * i + 8));
  return part(0) === part(1) || part(1) === part(2);
}

function withoutParity(key: Uint8Array): string {
  return Buffer.from(key.map((byte) => byte & 0xfe)).toString('hex');
}
