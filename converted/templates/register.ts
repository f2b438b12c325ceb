/**
 * Registers every template of an API.
 * C: the module init functions of crypto/ (6.1)
 * @module
 */
import type { CryptoApi } from '../crypto-api.ts';
import { type CryptoTemplate, cryptoRegisterTemplate } from '../template.ts';
import { authenc, authencesn } from './authenc.ts';
import { ccm } from './ccm.ts';
import { registerCryptd } from './cryptd.ts';
import { gcm } from './gcm.ts';
import { rfc3686 } from './rfc3686.ts';
import { rfc4106, rfc4309 } from './rfc4106.ts';

const TEMPLATES: readonly CryptoTemplate[] = [
  gcm,
  authenc,
  authencesn,
  rfc4106,
  rfc4309,
  ccm,
  rfc3686,
];

/** @kernel none: crypto_register_template of each module */
export function registerTemplates(api: CryptoApi): void {
  registerCryptd(api);
  for (const template of TEMPLATES) cryptoRegisterTemplate(api, template);
}
