/**
 * Registers every template of an API.
 * C: the module init functions of crypto/ (6.1)
 * @module
 */
import type { CryptoApi } from '../crypto-api.ts';
import { type CryptoTemplate, cryptoRegisterTemplate } from '../template.ts';
import { adiantum } from './adiantum.ts';
import { authenc } from './authenc.ts';
import { authencesn } from './authencesn.ts';
import { cbc } from './cbc.ts';
import { ccm } from './ccm.ts';
import { cfb } from './cfb.ts';
import { rfc7539, rfc7539esp } from './chacha20poly1305.ts';
import { cbcmac, cmac } from './cmac.ts';
import { cryptd } from './cryptd.ts';
import { ctr } from './ctr.ts';
import { cts } from './cts.ts';
import { ecb } from './ecb.ts';
import { essiv } from './essiv.ts';
import { ffdhe } from './ffdhe.ts';
import { gcm } from './gcm.ts';
import { echainiv, seqiv } from './geniv.ts';
import { hctr2 } from './hctr2.ts';
import { hmac } from './hmac.ts';
import { krb5enc } from './krb5enc.ts';
import { kw } from './kw.ts';
import { lrw } from './lrw.ts';
import { ofb } from './ofb.ts';
import { pcbc } from './pcbc.ts';
import { pcrypt } from './pcrypt.ts';
import { pkcs1pad } from './pkcs1pad.ts';
import { rfc3686 } from './rfc3686.ts';
import { rfc4106, rfc4309 } from './rfc4106.ts';
import { rfc4543 } from './rfc4543.ts';
import { vmac64 } from './vmac.ts';
import { xcbc } from './xcbc.ts';
import { xctr } from './xctr.ts';
import { xts } from './xts.ts';

const TEMPLATES: readonly CryptoTemplate[] = [
  ecb,
  cbc,
  ctr,
  xts,
  gcm,
  hmac,
  pcbc,
  cts,
  rfc3686,
  lrw,
  essiv,
  adiantum,
  cmac,
  cbcmac,
  ccm,
  rfc4106,
  rfc4309,
  rfc4543,
  rfc7539,
  rfc7539esp,
  authenc,
  authencesn,
  seqiv,
  echainiv,
  cfb,
  ofb,
  xctr,
  kw,
  hctr2,
  xcbc,
  vmac64,
  pkcs1pad,
  ffdhe,
];

/** 6.15 */
const LATER: readonly CryptoTemplate[] = [krb5enc];

/**
 * Registers the templates of 6.1 and, with `later`, those that came after it.
 * @kernel none: crypto_register_template of each module
 */
export function registerTemplates(api: CryptoApi, later: boolean): void {
  const { machine } = api;
  const templates = [...TEMPLATES, cryptd(machine), pcrypt(machine), ...(later ? LATER : [])];
  for (const template of templates) cryptoRegisterTemplate(api, template);
}
