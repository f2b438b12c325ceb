/**
 * Goal: a template over asynchronous children gives what it gives over synchronous ones.
 * Method: gcm_base over cryptd children, with the queue of cryptd full before and behind its request.
 */
import { expect, test } from 'vitest';
import { CRYPTO_TFM_REQ_MAY_BACKLOG } from '../src/crypto/algorithm.ts';
import { EBUSY, EINPROGRESS, ENOSPC } from '../src/errno.ts';
import { must } from '../src/machine/access.ts';
import { Machine } from '../src/machine/machine.ts';
import {
  aeadRequestAlloc,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetkey,
  cryptoAllocAead,
} from './aead.ts';
import { cryptoApiInit } from './init.ts';
import {
  type CryptoSkcipher,
  cryptoAllocSkcipher,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  skcipherRequestAlloc,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from './skcipher.ts';
import { bytesAt, listOf, pattern, place } from './testing.ts';

const machine = new Machine({ seed: 1 });
const DEFAULT_LENGTH = machine.queueLength;
const SHORT = 3;

/** Queues so many requests behind what is queued now. */
function queueMany(tfm: CryptoSkcipher, count: number): void {
  const sg = listOf(machine, [[place(machine, pattern(16)), 16]]);
  for (let i = 0; i < count; i++) {
    const req = must(skcipherRequestAlloc(tfm));
    skcipherRequestSetCallback(req, CRYPTO_TFM_REQ_MAY_BACKLOG, () => undefined, null);
    skcipherRequestSetCrypt(req, sg, sg, 16, pattern(16));
    expect(cryptoSkcipherEncrypt(req)).toBeLessThan(0);
  }
}

/** A request of 33 bytes of text and 5 of associated data, whose first queued child meets a full queue. */
function backlogged(driver: string, key: Uint8Array, decrypt: boolean): readonly number[] {
  const api = cryptoApiInit(machine);
  const tfm = must(cryptoAllocAead(api, driver, 0, 0));
  const filler = must(cryptoAllocSkcipher(api, 'cryptd(ctr-aes-accel)', 0, 0));
  if (typeof tfm === 'number' || typeof filler === 'number') throw new Error(driver);
  expect(cryptoAeadSetkey(tfm, key) || cryptoSkcipherSetkey(filler, pattern(16))).toBe(0);
  const sg = listOf(machine, [[place(machine, pattern(200)), 200]]);
  const calls: number[] = [];
  const submit = (full: boolean, run: typeof cryptoAeadEncrypt, len: number): number => {
    const req = must(aeadRequestAlloc(tfm));
    const complete = (_data: unknown, err: number): unknown => calls.push(err);
    aeadRequestSetCallback(req, CRYPTO_TFM_REQ_MAY_BACKLOG, complete, null);
    aeadRequestSetAd(req, 8);
    aeadRequestSetCrypt(req, sg, sg, len, pattern(16));
    machine.queueLength = SHORT;
    if (full) queueMany(filler, SHORT);
    const err = run(req);
    machine.scheduler.drain();
    machine.queueLength = DEFAULT_LENGTH;
    return err;
  };
  const answer = submit(!decrypt, cryptoAeadEncrypt, 48);
  if (!decrypt) return [answer, ...calls];
  expect([answer, ...calls.splice(0)]).toEqual([-EINPROGRESS, 0]);
  return [submit(true, cryptoAeadDecrypt, 48 + tfm.alg.maxauthsize), ...calls];
}

/** rtattr, and the length of the cipher's key. */
const AUTHENC_KEY = Uint8Array.from([8, 0, 1, 0, 0, 0, 0, 16, ...pattern(48)]);

test.each<[string, Uint8Array, 'encrypt' | 'decrypt', readonly number[]]>([
  // In 6.1 authenc_request_complete and async_done_continue say nothing to a caller who waits for a notice.
  ['authenc(hmac(sha256-generic),cryptd(cbc-aes-accel))', AUTHENC_KEY, 'encrypt', [0]],
  ['authencesn(hmac(sha256-generic),cryptd(cbc-aes-accel))', AUTHENC_KEY, 'encrypt', [0]],
  ['rfc7539(cryptd(chacha20-generic),poly1305-generic)', pattern(32), 'encrypt', [0]],
  ['authenc(cryptd(hmac(sha256-generic)),cbc-aes-accel)', AUTHENC_KEY, 'decrypt', [0]],
  // What runs behind the hash has the callback of the caller, and so has what hashes behind the cipher.
  [
    'authenc(hmac(sha256-generic),cryptd(cbc-aes-accel))',
    AUTHENC_KEY,
    'decrypt',
    [-EINPROGRESS, 0],
  ],
  [
    'authenc(cryptd(hmac(sha256-generic)),cbc-aes-accel)',
    AUTHENC_KEY,
    'encrypt',
    [-EINPROGRESS, 0],
  ],
  // A template above hears nothing either, and is completed all the same.
  ['seqiv(rfc7539esp(cryptd(chacha20-generic),poly1305-generic))', pattern(36), 'encrypt', [0]],
])('%s swallows the notice of a backlog, or not', (driver, key, op, calls) => {
  expect(backlogged(driver, key, op === 'decrypt')).toEqual([-EBUSY, ...calls]);
});

test('gcm goes on behind a backlogged child, and not into a full queue', () => {
  const api = cryptoApiInit(machine);
  const seal = (driver: string, before: number, behind: number) => {
    const tfm = cryptoAllocAead(api, driver, 0, 0);
    const filler = cryptoAllocSkcipher(api, 'cryptd(ctr-aes-accel)', 0, 0);
    if (typeof tfm === 'number' || typeof filler === 'number') throw new Error(driver);
    expect(cryptoAeadSetkey(tfm, pattern(16)) || cryptoSkcipherSetkey(filler, pattern(16))).toBe(0);
    const at = place(machine, pattern(60));
    const sg = listOf(machine, [
      [at, 20],
      [at + 20, 40],
    ]);
    const calls: number[] = [];
    const req = must(aeadRequestAlloc(tfm));
    const complete = (_data: unknown, err: number): unknown => calls.push(err);
    aeadRequestSetCallback(req, CRYPTO_TFM_REQ_MAY_BACKLOG, complete, null);
    aeadRequestSetAd(req, 5);
    aeadRequestSetCrypt(req, sg, sg, 33, pattern(12));
    queueMany(filler, before);
    const err = cryptoAeadEncrypt(req);
    queueMany(filler, behind);
    machine.scheduler.drain();
    return { err, calls, sealed: bytesAt(machine, at, 60) };
  };
  const { sealed } = seal('gcm_base(ctr(aes-generic),ghash-generic)', 0, 0);
  const async = 'gcm_base(cryptd(ctr(aes-generic)),cryptd(ghash-generic))';
  expect(seal(async, 0, 0)).toEqual({ err: -EINPROGRESS, calls: [0], sealed });
  // The queue holds 1000: the request for the hash meets a full one, and 6.1's gcm submits it with
  // flags 0, so that it is refused.
  expect(seal(async, 0, 1000)).toMatchObject({ err: -EINPROGRESS, calls: [-ENOSPC] });
  expect(seal(async, 1000, 0)).toEqual({ err: -EBUSY, calls: [-EINPROGRESS, 0], sealed });
});
