/**
 * The block ciphers that the mode templates are built over.
 * C: the module init functions of crypto/*_generic.c (6.1)
 * @module
 */
import { assert } from '../../src/assert.ts';
import { cipherDrivers } from '../../src/crypto/ciphers.ts';
import type { Provider } from '../../src/provider/provider.ts';
import type { CryptoApi } from '../crypto-api.ts';

/** Registers the ciphers of one provider. @kernel none: crypto_register_alg of each module */
export function registerCiphers(api: CryptoApi, provider: Provider): void {
  for (const driver of cipherDrivers(provider)) {
    assert(api.registry.register(driver) === 0, 'driver registration');
  }
}
