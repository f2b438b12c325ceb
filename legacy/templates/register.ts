/**
 * Registers every template of an API.
 * C: the module init functions of crypto/ (6.1)
 * @module
 */
import type { Errno } from '../../src/errno.ts';
import type { CryptoApi } from '../crypto-api.ts';
import type { TemplateRequest } from '../internal.ts';
import type { CryptoAlgorithm } from '../tfm.ts';
import { cryptoCbcCreate } from './cbc.ts';
import { cryptdCreate } from './cryptd.ts';
import { cryptoCtrCreate } from './ctr.ts';
import { cryptoEcbCreate } from './ecb.ts';
import { cryptoGcmBaseCreate, cryptoGcmCreate } from './gcm.ts';
import { hmacCreate } from './hmac.ts';
import { xtsCreate } from './xts.ts';

type Create = (request: TemplateRequest) => CryptoAlgorithm | Errno;

const TEMPLATES: readonly (readonly [string, Create])[] = [
  ['ecb', cryptoEcbCreate],
  ['cbc', cryptoCbcCreate],
  ['ctr', cryptoCtrCreate],
  ['xts', xtsCreate],
  ['gcm', cryptoGcmCreate],
  ['gcm_base', cryptoGcmBaseCreate],
  ['hmac', hmacCreate],
  ['cryptd', cryptdCreate],
];

/** @kernel none: crypto_register_template of each module */
export function registerTemplates(api: CryptoApi): void {
  for (const [name, create] of TEMPLATES) {
    api.registry.registerTemplate(name, (_registry, params, type, mask) =>
      create({ api, params, type, mask }),
    );
  }
}
