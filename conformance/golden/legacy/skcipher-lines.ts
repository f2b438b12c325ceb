/**
 * The cipher and key parts of the module: output IV, partial writes, keys, empty entries.
 * @module
 */
import { CRYPTO_TFM_REQ_FORBID_WEAK_KEYS } from '../../../src/crypto/algorithm.ts';
import { must } from '../../../src/machine/access.ts';
import {
  ahashRequestAlloc,
  ahashRequestFree,
  ahashRequestSetCallback,
  ahashRequestSetCrypt,
  type CryptoAhash,
  cryptoAhashDigest,
  cryptoAhashDigestsize,
  cryptoAhashInit,
  cryptoAhashSetkey,
  cryptoAhashStatesize,
  cryptoAllocAhash,
  cryptoFreeAhash,
} from '../../../legacy/ahash.ts';
import {
  type CryptoSkcipher,
  cryptoAllocSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from '../../../legacy/skcipher.ts';
import { settle } from '../../../legacy/testing.ts';
import { equalBytes, hexBytes, type Piece, POISON, type Probe } from './probe.ts';

const DST = 8192;

/** Name and key length. */
const IV_ALGORITHMS = [
  ['ecb(aes)', 16],
  ['cbc(aes)', 16],
  ['ctr(aes)', 16],
  ['xts(aes)', 32],
  ['cts(cbc(aes))', 16],
  ['chacha20', 32],
  ['xchacha20', 32],
  ['rfc3686(ctr(aes))', 20],
  ['pcbc(aes)', 16],
  ['lrw(aes)', 32],
  ['essiv(cbc(aes),sha256)', 16],
  ['adiantum(xchacha12,aes)', 32],
] as const;

/** The start IV: fifteen ff, fe, then 00 to 0f. */
function startIv(): Uint8Array {
  const iv = Uint8Array.from({ length: 32 }, (_, k) => 0xf0 + k);
  iv.fill(0xff, 0, 15);
  iv[15] = 0xfe;
  return iv;
}

/** @kernel none: iv_tests of the module */
export function ivLines(probe: Probe): void {
  for (const [alg, keylen] of IV_ALGORITHMS) {
    for (const len of [0, 15, 16, 17, 31, 32, 33, 48]) {
      for (const enc of [true, false]) ivLine(probe, alg, keylen, len, enc);
    }
  }
}

function ivLine(probe: Probe, alg: string, keylen: number, len: number, enc: boolean): void {
  probe.fill(0, 64);
  probe.memset(DST, POISON, 128);
  const iv = startIv();
  const ret = probe.sk(alg, probe.key.slice(0, keylen), len, enc, 0, DST, iv);
  const same = equalBytes(iv, startIv());
  const operation = enc ? 'enc' : 'dec';
  const written = probe.written(DST, 64);
  const bytes = same ? '' : hexBytes(iv.subarray(0, 16));
  const what = same ? 'unchanged' : ivClass(probe, iv.subarray(0, 16), len);
  probe.print(
    `iv ${alg} len=${len} ${operation} ret=${ret} dst_written=${written} iv=${what} [${bytes}]`,
  );
}

function ivClass(probe: Probe, iv: Uint8Array, len: number): string {
  const block = (offset: number) => equalBytes(iv, probe.bytes(offset, 16));
  const full = len - (len % 16) - 16;
  if (len >= 16 && block(DST + full)) return 'last full dst block';
  if (len >= 16 && block(full)) return 'last full src block';
  const before = len - 1 - ((len - 1) % 16) - 16;
  if (len > 16 && block(DST + before)) return 'dst block before last (possibly partial)';
  if (len > 16 && block(before)) return 'src block before last (possibly partial)';
  return 'other';
}

/** @kernel none: einval_partial of the module */
export function partialLines(probe: Probe): void {
  for (const alg of ['cbc(aes)', 'ecb(aes)', 'xts(aes)', 'pcbc(aes)']) {
    const xts = alg === 'xts(aes)';
    probe.fill(0, 64);
    probe.memset(DST, POISON, 64);
    const iv = new Uint8Array(32).fill(1);
    const ret = probe.sk(alg, probe.key.slice(0, xts ? 32 : 16), xts ? 15 : 40, true, 0, DST, iv);
    const untouched = probe.all(DST, POISON, 64);
    const first = 1 - probe.all(DST, POISON, 32);
    const changed = Number(!iv.subarray(0, 16).every((byte) => byte === 1));
    probe.print(
      `partial ${alg} ret=${ret} dst untouched=${untouched} first32 written=${first} iv changed=${changed}`,
    );
  }
}

const KEYS = [
  ['cbc(aes)', 15],
  ['cbc(aes)', 0],
  ['cbc(aes)', 33],
  ['xts(aes)', 31],
  ['xts(aes)', 33],
  ['xts(aes)', 64],
  ['rfc3686(ctr(aes))', 3],
  ['rfc3686(ctr(aes))', 20],
  ['chacha20', 16],
] as const;

/** @kernel none: key_tests of the module */
export function keyLines(probe: Probe): void {
  for (const [alg, len] of KEYS) {
    const tfm = skcipher(probe, alg);
    const { minKeysize, maxKeysize } = tfm.alg;
    // The module's arguments are evaluated from right to left: flags first.
    const flags = tfm.flags.toString(16);
    const err = cryptoSkcipherSetkey(tfm, probe.key.slice(0, len));
    probe.print(
      `setkey ${alg} ${len} = ${err} (min ${minKeysize} max ${maxKeysize} flags after 0x${flags})`,
    );
    cryptoFreeSkcipher(tfm);
  }
  weakLines(probe, 'xts(aes)', 'xts equal halves', new Uint8Array(32).fill(7));
  weakLines(probe, 'ecb(des)', 'des weak key', new Uint8Array(8).fill(1));
  weakLines(probe, 'ecb(des3_ede)', 'des3 k1==k2', new Uint8Array(24).fill(3));
  needKeyLines(probe);
  hashKeyLines(probe);
}

function weakLines(probe: Probe, alg: string, title: string, key: Uint8Array): void {
  for (const forbid of [0, 1]) {
    const tfm = skcipher(probe, alg);
    if (forbid === 1) tfm.flags |= CRYPTO_TFM_REQ_FORBID_WEAK_KEYS;
    probe.print(`${title} forbid=${forbid} -> ${cryptoSkcipherSetkey(tfm, key)}`);
    cryptoFreeSkcipher(tfm);
  }
}

function needKeyLines(probe: Probe): void {
  const sg = probe.one(0, 16);
  for (const len of [16, 0]) {
    const tfm = skcipher(probe, 'cbc(aes)');
    const req = must(skcipherRequestAlloc(tfm));
    skcipherRequestSetCallback(req, 0, null, null);
    skcipherRequestSetCrypt(req, sg, sg, len, new Uint8Array(16));
    const before = cryptoSkcipherEncrypt(req);
    if (len === 0) {
      probe.print(`cbc no key len0 = ${before}`);
    } else {
      cryptoSkcipherSetkey(tfm, probe.key.slice(0, 16));
      const good = cryptoSkcipherEncrypt(req);
      cryptoSkcipherSetkey(tfm, probe.key.slice(0, 15));
      const after = cryptoSkcipherEncrypt(req);
      probe.print(
        `cbc no key enc=${before}; good key enc=${good}; then setkey(15) enc=${after} (NEED_KEY again?)`,
      );
    }
    skcipherRequestFree(req);
    cryptoFreeSkcipher(tfm);
  }
}

function hashKeyLines(probe: Probe): void {
  const hmac = ahash(probe, 'hmac(sha256)');
  const req = must(ahashRequestAlloc(hmac));
  ahashRequestSetCallback(req, 0, null, null);
  ahashRequestSetCrypt(req, probe.one(0, 16), new Uint8Array(64), 16);
  const init = cryptoAhashInit(req);
  const digest = cryptoAhashDigest(req);
  const one = cryptoAhashSetkey(hmac, probe.key.slice(0, 1));
  const none = cryptoAhashSetkey(hmac, new Uint8Array(0));
  probe.print(`hmac nokey init=${init} digest=${digest}; setkey(1)=${one}; setkey(0)=${none}`);
  ahashRequestFree(req);
  cryptoFreeAhash(hmac);
  const sha = ahash(probe, 'sha256');
  const err = cryptoAhashSetkey(sha, probe.key.slice(0, 16));
  const sizes = `statesize ${cryptoAhashStatesize(sha)} digest ${cryptoAhashDigestsize(sha)}`;
  probe.print(`sha256 setkey = ${err} ${sizes}`);
  cryptoFreeAhash(sha);
}

const REFERENCE = 40960;
const RESULT = 45056;

/** Where empty entries stand among 128 bytes, by variant. */
function emptyEntries(variant: number): Piece[] {
  const v = variant;
  const head = v === 0 ? 0 : v >= 4 ? 37 : 32;
  return [
    [0, head],
    [head, v === 0 ? 64 : v === 3 ? 32 : 0],
    [v === 0 || v === 3 ? 64 : head, [64, 96, 0, 64, 91, 0][v]],
    [v === 2 ? 32 : v === 5 ? 37 : 128, v === 2 ? 96 : v === 5 ? 91 : 0],
    [128, 0],
  ];
}

/** @kernel none: the skcipher part of zt of the module */
export function emptySkcipherLines(probe: Probe): void {
  for (const alg of ['cbc(aes)', 'ctr(aes)', 'ecb(aes)', 'xts(aes)', 'chacha20', 'cts(cbc(aes))']) {
    for (let variant = 0; variant < 6; variant++) {
      const tfm = skcipher(probe, alg);
      cryptoSkcipherSetkey(tfm, probe.key.slice(0, Math.min(tfm.alg.maxKeysize, 32)));
      const req = must(skcipherRequestAlloc(tfm));
      skcipherRequestSetCallback(req, 0, null, null);
      probe.fill(0, 128);
      skcipherRequestSetCrypt(req, probe.one(0, 128), probe.one(REFERENCE, 128), 128, nines());
      settle(probe.machine, req, cryptoSkcipherEncrypt);
      probe.memset(RESULT, 0, 256);
      const src = probe.list(emptyEntries(variant));
      skcipherRequestSetCrypt(req, src, probe.one(RESULT, 128), 128, nines());
      const err = settle(probe.machine, req, cryptoSkcipherEncrypt);
      const correct = probe.same(REFERENCE, RESULT, 128);
      probe.print(`zero-len sg ${alg} variant ${variant} ret=${err} correct=${correct}`);
      skcipherRequestFree(req);
      cryptoFreeSkcipher(tfm);
    }
  }
}

function nines(): Uint8Array {
  return new Uint8Array(32).fill(9);
}

function skcipher(probe: Probe, alg: string): CryptoSkcipher {
  const tfm = cryptoAllocSkcipher(probe.api, alg, 0, 0);
  if (typeof tfm === 'number') throw new Error(`${alg}: ${tfm}`);
  return tfm;
}

function ahash(probe: Probe, alg: string): CryptoAhash {
  const tfm = cryptoAllocAhash(probe.api, alg, 0, 0);
  if (typeof tfm === 'number') throw new Error(`${alg}: ${tfm}`);
  return tfm;
}
