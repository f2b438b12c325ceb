/**
 * Registers every template of an API.
 * C: the module init functions of crypto/ (6.1)
 * @module
 */
import type { CryptoAlg } from '../../src/crypto/algorithm.ts';
import type { Errno } from '../../src/errno.ts';
import type { CryptoApi } from '../crypto-api.ts';
import type { TemplateRequest } from '../internal.ts';
import { adiantumCreate } from './adiantum.ts';
import { cryptoAuthencCreate } from './authenc.ts';
import { cryptoAuthencEsnCreate } from './authencesn.ts';
import { cryptoCbcCreate } from './cbc.ts';
import { cryptoCcmBaseCreate, cryptoCcmCreate } from './ccm.ts';
import { rfc7539Create, rfc7539espCreate } from './chacha20poly1305.ts';
import { cbcmacCreate, cmacCreate } from './cmac.ts';
import { cryptdCreate } from './cryptd.ts';
import { newCryptdQueue } from './cryptd-queue.ts';
import { cryptoCtrCreate } from './ctr.ts';
import { cryptoCtsCreate } from './cts.ts';
import { cryptoEcbCreate } from './ecb.ts';
import { essivCreate } from './essiv.ts';
import { cryptoGcmBaseCreate, cryptoGcmCreate } from './gcm.ts';
import { echainivAeadCreate, seqivAeadCreate } from './geniv.ts';
import { hmacCreate } from './hmac.ts';
import { lrwCreate } from './lrw.ts';
import { cryptoPcbcCreate } from './pcbc.ts';
import { cryptoRfc3686Create } from './rfc3686.ts';
import { cryptoRfc4106Create, cryptoRfc4309Create } from './rfc4106.ts';
import { cryptoRfc4543Create } from './rfc4543.ts';
import { xtsCreate } from './xts.ts';

type Create = (request: TemplateRequest) => CryptoAlg | Errno;

const TEMPLATES: readonly (readonly [string, Create])[] = [
  ['ecb', cryptoEcbCreate],
  ['cbc', cryptoCbcCreate],
  ['ctr', cryptoCtrCreate],
  ['xts', xtsCreate],
  ['gcm', cryptoGcmCreate],
  ['gcm_base', cryptoGcmBaseCreate],
  ['hmac', hmacCreate],
  ['pcbc', cryptoPcbcCreate],
  ['cts', cryptoCtsCreate],
  ['rfc3686', cryptoRfc3686Create],
  ['lrw', lrwCreate],
  ['essiv', essivCreate],
  ['adiantum', adiantumCreate],
  ['cmac', cmacCreate],
  ['cbcmac', cbcmacCreate],
  ['ccm', cryptoCcmCreate],
  ['ccm_base', cryptoCcmBaseCreate],
  ['rfc4106', cryptoRfc4106Create],
  ['rfc4309', cryptoRfc4309Create],
  ['rfc4543', cryptoRfc4543Create],
  ['rfc7539', rfc7539Create],
  ['rfc7539esp', rfc7539espCreate],
  ['authenc', cryptoAuthencCreate],
  ['authencesn', cryptoAuthencEsnCreate],
  ['seqiv', seqivAeadCreate],
  ['echainiv', echainivAeadCreate],
];

/** @kernel none: crypto_register_template of each module */
export function registerTemplates(api: CryptoApi): void {
  const queue = newCryptdQueue();
  const cryptd: Create = (request) => cryptdCreate(queue, request);
  for (const [name, create] of [...TEMPLATES, ['cryptd', cryptd] as const]) {
    api.registry.registerTemplate(name, (_registry, params, type, mask) =>
      create({ api, params, type, mask }),
    );
  }
}
