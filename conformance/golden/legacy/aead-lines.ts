/**
 * The AEAD and hash parts of the module.
 * @module
 */
import { must } from '../../../src/machine/access.ts';
import {
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  type CryptoAead,
  cryptoAeadEncrypt,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
} from '../../../legacy/aead.ts';
import {
  ahashRequestAlloc,
  ahashRequestFree,
  ahashRequestSetCallback,
  ahashRequestSetCrypt,
  cryptoAhashDigest,
  cryptoAhashFinal,
  cryptoAhashFinup,
  cryptoAhashInit,
  cryptoAhashSetkey,
  cryptoAhashUpdate,
  cryptoAllocAhash,
  cryptoFreeAhash,
} from '../../../legacy/ahash.ts';
import { settle } from '../../../legacy/testing.ts';
import { equalBytes, hexBytes, POISON, type Probe } from './probe.ts';

const DST = 8192;
const SEALED = 16384;
const TEXT = 48;
const AUTHENC = 'authenc(hmac(sha1),cbc(aes))';
const AUTHENCESN = 'authencesn(hmac(sha1),cbc(aes))';

interface AeadRow {
  readonly alg: string;
  /** Key length; 0 for the rtattr blob. */
  readonly keylen: number;
  readonly authsize: number;
  readonly alen: number;
  readonly iv0: number;
}

function row(alg: string, keylen: number, authsize: number, alen: number, iv0 = 0): AeadRow {
  return { alg, keylen, authsize, alen, iv0 };
}

const ROWS: readonly AeadRow[] = [
  row('gcm(aes)', 16, 16, 20),
  row('ccm(aes)', 16, 16, 20, 3),
  row('rfc7539(chacha20,poly1305)', 32, 16, 20),
  row('rfc7539esp(chacha20,poly1305)', 36, 16, 16),
  row('rfc4106(gcm(aes))', 20, 16, 16),
  row('rfc4309(ccm(aes))', 19, 16, 16),
  row('rfc4543(gcm(aes))', 20, 16, 16),
  row(AUTHENC, 0, 20, 20),
  row(AUTHENCESN, 0, 20, 20),
  row('seqiv(rfc4106(gcm(aes)))', 20, 16, 8),
  row('echainiv(authenc(hmac(sha1),cbc(aes)))', 0, 20, 20),
];

/** rtattr, length of the cipher key, 36 bytes of the key. */
function authKey(probe: Probe): Uint8Array {
  return Uint8Array.of(8, 0, 1, 0, 0, 0, 0, 16, ...probe.key.subarray(0, 36));
}

/** @kernel none: aead_tests of the module */
export function aeadLines(probe: Probe): void {
  for (const entry of ROWS) roundTrip(probe, entry);
  errorLines(probe);
  authsizeLines(probe);
  ccmLines(probe);
  assoclenLines(probe);
  authencLines(probe);
  const iv = new Uint8Array(32);
  const gcm = call(probe, 'gcm(aes)', probe.key.slice(0, 16), 16, 0, 0, iv);
  const poly = call(probe, 'rfc7539(chacha20,poly1305)', probe.key.slice(0, 32), 16, 0, 0, iv);
  iv[0] = 3;
  const ccm = call(probe, 'ccm(aes)', probe.key.slice(0, 16), 16, 0, 0, iv);
  probe.print(
    `gcm cryptlen0 alen0 = ${gcm}; chachapoly cryptlen0 = ${poly}; ccm cryptlen0 = ${ccm}`,
  );
}

function startIv(iv0: number): Uint8Array {
  const iv = new Uint8Array(32);
  iv[0] = iv0;
  iv.fill(0x5a, 1, 13);
  return iv;
}

function roundTrip(probe: Probe, entry: AeadRow): void {
  const { alg, keylen, authsize, alen, iv0 } = entry;
  const key = keylen === 0 ? authKey(probe) : probe.key.slice(0, keylen);
  const geniv = alg.startsWith('seq') || alg.startsWith('ech');
  const skip = geniv ? 16 : 0;
  const common = { alg, key, authsize, alen };
  const changed = (iv: Uint8Array) => (equalBytes(iv, startIv(iv0)) ? 'same' : 'CHANGED');
  probe.fill(0, 256);
  probe.memset(DST, POISON, 256);
  let iv = startIv(iv0);
  let ret = probe.ae({ ...common, clen: TEXT, enc: true, src: 0, dst: DST, iv });
  const bytes = changed(iv) === 'same' ? '' : hexBytes(iv.subarray(0, 16));
  probe.print(
    `aead ${alg} enc ret=${ret} AD copied=${probe.same(0, DST, alen)} payload-same=${probe.same(alen, DST + alen, TEXT)} iv ${changed(iv)} wrote upto=${probe.written(DST, 256)} [${bytes}]`,
  );
  if (ret !== 0) return;
  probe.set(SEALED, probe.bytes(DST, 256));
  probe.set(SEALED, probe.bytes(0, alen));
  if (geniv) probe.set(SEALED, probe.bytes(DST, alen + 16));
  probe.memset(DST, POISON, 256);
  iv = startIv(iv0);
  const clen = TEXT + authsize;
  ret = probe.ae({ ...common, clen, enc: false, src: SEALED, dst: DST, iv });
  probe.print(
    `aead ${alg} dec ret=${ret} AD copied=${probe.same(SEALED, DST, alen)} plaintext=${probe.same(alen, DST + alen, TEXT)} iv ${changed(iv)} wrote upto=${probe.written(DST, 256)}`,
  );
  probe.memset(DST, POISON, 256);
  iv = startIv(iv0);
  const flipped = probe.bytes(SEALED + alen + TEXT, 1);
  flipped[0] ^= 1;
  probe.set(SEALED + alen + TEXT, flipped);
  ret = probe.ae({ ...common, clen, enc: false, src: SEALED, dst: DST, iv });
  const plain = () => probe.same(alen + skip, DST + alen + skip, TEXT - skip);
  probe.print(
    `aead ${alg} BAD oop ret=${ret} dst-payload: plaintext=${plain()} poison=${probe.all(DST + alen, POISON, TEXT)}  AD poison=${probe.all(DST, POISON, alen)} iv ${changed(iv)}`,
  );
  probe.set(DST, probe.bytes(SEALED, 256));
  iv = startIv(iv0);
  ret = probe.ae({ ...common, clen, enc: false, src: DST, dst: DST, iv });
  probe.print(
    `aead ${alg} BAD inplace ret=${ret} payload: plaintext=${plain()} ciphertext-kept=${probe.same(SEALED + alen, DST + alen, TEXT)} AD kept=${probe.same(SEALED, DST, alen)} tag kept=${probe.same(SEALED + alen + TEXT, DST + alen + TEXT, authsize)}`,
  );
}

/** An encryption between the two areas. */
function call(
  probe: Probe,
  alg: string,
  key: Uint8Array | null,
  authsize: number,
  alen: number,
  clen: number,
  iv: Uint8Array,
  enc = true,
): number {
  return probe.ae({ alg, key, authsize, alen, clen, enc, src: 0, dst: DST, iv });
}

function errorLines(probe: Probe): void {
  const iv = new Uint8Array(32);
  const short = call(probe, 'gcm(aes)', null, 16, 0, 4, iv, /* enc */ false);
  const nokey = call(probe, 'gcm(aes)', null, 16, 0, 16, iv);
  probe.print(`gcm nokey enc=${nokey} dec(short)=${short}`);
  const key = probe.key.slice(0, 16);
  const err = call(probe, 'gcm(aes)', key, 16, 0, 15, iv, /* enc */ false);
  probe.print(`gcm dec cryptlen 15 < authsize = ${err}`);
}

const AUTHSIZES = [
  ['gcm', 'gcm(aes)'],
  ['ccm', 'ccm(aes)'],
  ['chachapoly', 'rfc7539(chacha20,poly1305)'],
  ['authenc-sha1', AUTHENC],
  ['authencesn-sha1', AUTHENCESN],
  ['rfc4106', 'rfc4106(gcm(aes))'],
  ['rfc4309', 'rfc4309(ccm(aes))'],
  ['rfc4543', 'rfc4543(gcm(aes))'],
] as const;

function authsizeLines(probe: Probe): void {
  for (let authsize = 0; authsize <= 17; authsize++) {
    const parts = AUTHSIZES.map(([title, alg]) => {
      const tfm = aead(probe, alg);
      const err = cryptoAeadSetauthsize(tfm, authsize);
      cryptoFreeAead(tfm);
      return `${title} ${err}`;
    });
    probe.print(`setauthsize ${authsize}: ${parts.join(' ')}`);
  }
}

function ccmLines(probe: Probe): void {
  const key = probe.key.slice(0, 16);
  for (let v = 0; v < 9; v++) {
    const iv = new Uint8Array(32);
    iv[0] = v;
    const err = call(probe, 'ccm(aes)', key, 16, 8, 16, iv);
    probe.print(`ccm iv[0]=${v} enc = ${err} iv after [${hexBytes(iv.subarray(0, 16))}]`);
  }
  for (const clen of [255, 256, 65535, 65536, 65537]) {
    const iv = new Uint8Array(32);
    iv[0] = 1;
    const request = { alg: 'ccm(aes)', key, authsize: 16, alen: 0, clen, enc: true };
    probe.print(`ccm L=2 cryptlen ${clen} = ${probe.ae({ ...request, src: 0, dst: 0, iv })}`);
  }
}

const ASSOCLENS = [
  ['rfc4106', 'rfc4106(gcm(aes))', 20, 16],
  ['rfc4309', 'rfc4309(ccm(aes))', 19, 16],
  ['rfc4543', 'rfc4543(gcm(aes))', 20, 16],
  ['rfc7539esp', 'rfc7539esp(chacha20,poly1305)', 36, 16],
  ['rfc7539', 'rfc7539(chacha20,poly1305)', 32, 16],
  ['authencesn', AUTHENCESN, 0, 20],
] as const;

function assoclenLines(probe: Probe): void {
  for (let alen = 0; alen <= 24; alen += 4) {
    const iv = new Uint8Array(32);
    const parts = ASSOCLENS.map(([title, alg, keylen, authsize]) => {
      const key = keylen === 0 ? authKey(probe) : probe.key.slice(0, keylen);
      return `${title} ${call(probe, alg, key, authsize, alen, 16, iv)}`;
    });
    probe.print(`assoclen ${alen}: ${parts.join(' ')}`);
  }
}

function authencLines(probe: Probe): void {
  const iv = new Uint8Array(32);
  const key = authKey(probe);
  // The module's arguments are evaluated from right to left.
  const long = call(probe, AUTHENC, key.slice(0, 20), 20, 0, 16, iv);
  const truncated = call(probe, AUTHENC, key.slice(0, 7), 20, 0, 16, iv);
  probe.print(`authenc key truncated 7 = ${truncated}; enckeylen>keylen = ${long}`);
  const good = call(probe, AUTHENC, key, 20, 0, 16, iv);
  const odd = call(probe, AUTHENC, key, 20, 0, 17, iv);
  probe.print(`authenc cryptlen 17 enc = ${odd} (16 ok=${good})`);
}

const REFERENCE = 40960;
const RESULT = 45056;

/** @kernel none: the AEAD part of zt of the module */
export function emptyAeadLines(probe: Probe): void {
  for (const alg of ['gcm(aes)', 'ccm(aes)', 'rfc7539(chacha20,poly1305)']) {
    for (let variant = 0; variant < 4; variant++) {
      const tfm = aead(probe, alg);
      cryptoAeadSetauthsize(tfm, 16);
      cryptoAeadSetkey(tfm, probe.key.slice(0, alg.startsWith('rfc') ? 32 : 16));
      const req = must(aeadRequestAlloc(tfm));
      aeadRequestSetCallback(req, 0, null, null);
      aeadRequestSetAd(req, 20);
      probe.fill(0, 160);
      probe.memset(REFERENCE, 0, 256);
      aeadRequestSetCrypt(req, probe.one(0, 160), probe.one(REFERENCE, 200), 64, threeIv());
      settle(probe.machine, req, cryptoAeadEncrypt);
      probe.memset(RESULT, 0, 256);
      const at = [10, 20, 52, 0][variant];
      const src = probe.list([
        [0, at],
        [at, 0],
        [at, 84 - at],
        [84, 0],
        [84, 20],
      ]);
      aeadRequestSetCrypt(req, src, probe.one(RESULT, 200), 64, threeIv());
      const err = settle(probe.machine, req, cryptoAeadEncrypt);
      const text = probe.same(REFERENCE + 20, RESULT + 20, 64);
      const tag = probe.same(REFERENCE + 84, RESULT + 84, 16);
      probe.print(
        `zero-len aead ${alg} variant ${variant} ret=${err} text ok=${text} tag ok=${tag}`,
      );
      aeadRequestFree(req);
      cryptoFreeAead(tfm);
    }
  }
}

function threeIv(): Uint8Array {
  const iv = new Uint8Array(16);
  iv[0] = 3;
  return iv;
}

/** @kernel none: hz of the module */
export function emptyHashLines(probe: Probe): void {
  for (const alg of ['sha256', 'hmac(sha256)', 'cmac(aes)', 'ghash']) hashLines(probe, alg);
}

function hashLines(probe: Probe, alg: string): void {
  const tfm = cryptoAllocAhash(probe.api, alg, 0, 0);
  if (typeof tfm === 'number') throw new Error(`${alg}: ${tfm}`);
  cryptoAhashSetkey(tfm, probe.key.slice(0, 16));
  const req = must(ahashRequestAlloc(tfm));
  const size = tfm.alg.digestsize;
  ahashRequestSetCallback(req, 0, null, null);
  probe.fill(0, 300);
  const expected = new Uint8Array(size);
  ahashRequestSetCrypt(req, probe.one(0, 150), expected, 150);
  cryptoAhashDigest(req);
  for (const [i, title] of ['lead', 'mid', 'trail', 'none'].entries()) {
    const first = i === 0 ? 0 : 50;
    const second = i === 1 ? 0 : 50;
    const rest = 150 - first - second;
    const src = probe.list([
      [0, first],
      [first, second],
      [first + second, rest],
      [150, 0],
    ]);
    for (const op of ['digest', 'finup', 'update+final']) {
      const result = new Uint8Array(64).fill(POISON);
      ahashRequestSetCrypt(req, src, result, 150);
      let err = 0;
      if (op === 'digest') err = cryptoAhashDigest(req);
      else if (op === 'finup') err = cryptoAhashInit(req) || cryptoAhashFinup(req);
      else err = cryptoAhashInit(req) || cryptoAhashUpdate(req) || cryptoAhashFinal(req);
      const correct = Number(equalBytes(result.subarray(0, size), expected));
      const untouched = Number(result.subarray(0, size).every((byte) => byte === POISON));
      probe.print(
        `hash ${alg} zero-len ${title} op=${op} ret=${err} correct=${correct} result-untouched=${untouched}`,
      );
    }
  }
  ahashRequestFree(req);
  cryptoFreeAhash(tfm);
}

function aead(probe: Probe, alg: string): CryptoAead {
  const tfm = cryptoAllocAead(probe.api, alg, 0, 0);
  if (typeof tfm === 'number') throw new Error(`${alg}: ${tfm}`);
  return tfm;
}
