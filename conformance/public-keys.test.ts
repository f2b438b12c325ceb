/**
 * Goal: what both APIs do with public keys is what OpenSSL does, whatever the segments, and what
 * it refuses it refuses as the kernel does.
 * Method: one key; raw powers, padding and signatures against node:crypto in both directions; every byte of
 * a signature and of a digest; rooms that are too small.
 */
import { Buffer } from 'node:buffer';
import {
  constants,
  createPrivateKey,
  createPublicKey,
  privateDecrypt,
  publicEncrypt,
  sign,
} from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { KernelOops } from '../src/assert.ts';
import { EBADMSG, EINVAL, EKEYREJECTED, ENOSYS, EOVERFLOW } from '../src/errno.ts';
import { fillSeeded } from '../src/prng.ts';
import { BOTH_APIS, type DataWorld, dataWorld } from './subjects/testing.ts';

/** A private key of 1,024 bits, in the form of PKCS #1. */
const PRIVATE = Buffer.from(
  'MIICWwIBAAKBgQC3H07Exf2qHQ9bdcYRrFc/Rrz1dzQO5wnX/zLQ5iq7wwpGe5AIijuXzoQr2wjx1rAA+M/4CGEr' +
    'YUMRyCmTxTSTo40WWE5Q9vAO2pJ8bz/oFEKz8U1udqhVd/HBbfRg3wqgDKJClJIbcZs6H6gp0FVz0mVEirup/pFT' +
    'IPShpU1huwIDAQABAoGAA9ppyuQroT+5SgBhaY/JyjAP285lTwb3gw8An7qoHYlOFwuUjUlzVY9n4pBaUNRmoa6a' +
    'map7ePEz+xTOIyjcIVH+/qL+ixX6ODXnaeFmsC5WXSykzEqs8tJV0aobAKAne+tdcegp3DA/lw1GupOdJstaYY2g' +
    '3bu3PgGXzfd6g3ECQQDwrRhef3Qynj/dl4Z9pWIu3qed1OENMCMV/TF3AQlx0D9bwdZ0HlDmZ39ByCW9dnzBhrU6' +
    'GaTfNy0kNB8UDOTpAkEAwsgcy108Fw8g1VKfp5zUC+czrkE+PZ0MFndBFLcOz8iQzNdGg6DWOBNfXsBMaQ8n+01n' +
    'xYJkzjsypDxqMh07AwJAFJkr8cKExmRG4Qc76nsCGTLTM63piQBqsFIYLrA3B7ekBI1ldlC16dJH0PB5UmrWqJWH' +
    '4y4Yr0YApg2T71pfKQJAGiX/J5XmoTnYsIqdAEVfehGZsIT1tBPHMaTkycEhbeeA+N7Vioom9/Qx02iBWYE9XtEv' +
    'YyZ0HfN4gu/RWdTuvQJAbaO0woNxv2Mu+KMJKongiHFO9/giezPJNpykJYiT31RVzgO8vxBoZDosmyEwH5cT9SlJ' +
    'hkFxeaUE18071wayUw==',
  'base64',
);
const SIZE = 128;
const privateKey = createPrivateKey({ key: PRIVATE, format: 'der', type: 'pkcs1' });
const publicKey = createPublicKey(privateKey);
const PUBLIC = publicKey.export({ type: 'pkcs1', format: 'der' });

type Side = (typeof BOTH_APIS)[number];

/** A transform under the private key. */
function world(side: Side, name: string): DataWorld {
  const made = dataWorld(side, name, 'akcipher');
  expect(made.maxSize()).toBe(0);
  expect(made.run('encrypt', new Uint8Array(4), SIZE).err).toBe(-EINVAL);
  expect(made.setkey(PRIVATE)).toBe(0);
  expect(made.maxSize()).toBe(SIZE);
  return made;
}

function text(len: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(len);
  fillSeeded(bytes, seed);
  return bytes;
}

describe.each(BOTH_APIS)('%s', (side) => {
  test('rsa raises numbers to powers as OpenSSL does, and refuses what is none', () => {
    const it = world(side, 'rsa');
    for (let seed = 1; seed <= 8; seed++) {
      const number = text(SIZE, seed);
      number[0] = 0;
      const raw = { key: publicKey, padding: constants.RSA_NO_PADDING };
      const { err, out } = it.run('encrypt', number, SIZE);
      expect([err, out]).toEqual([0, publicEncrypt(raw, number)]);
      const back = it.run('decrypt', out, SIZE + 3);
      // More room than the number takes: zeros in front.
      expect([back.err, back.out]).toEqual([0, Buffer.concat([Buffer.alloc(3), number])]);
      const short = it.run('encrypt', number, SIZE - 1);
      expect([short.err, short.out.every((byte) => byte === 0xee)]).toEqual([-EOVERFLOW, true]);
    }
    expect(it.run('encrypt', new Uint8Array(SIZE).fill(0xff), SIZE).err).toBe(-EINVAL);
    expect(it.run('sign', text(4, 1), SIZE).err).toBe(-ENOSYS);
    expect(it.setkey(PUBLIC)).toBe(0);
    expect(it.run('decrypt', text(SIZE - 1, 2), SIZE).err).toBe(-EINVAL);
    it.close();
  });

  test('keys that are cut off, or of another size, are refused and leave none', () => {
    const it = world(side, 'rsa');
    for (const [key, errno] of [
      [PRIVATE.subarray(0, 200), -EBADMSG],
      [PUBLIC.subarray(1), -EBADMSG],
      [Uint8Array.from([0x30, 7, 2, 2, 1, 5, 2, 1, 3]), -EINVAL],
      [Uint8Array.from([0x30, 8, 2, 2, 1, 5, 2, 2, 1, 3]), -EINVAL],
    ] as const) {
      expect(it.setkey(key)).toBe(errno);
      expect(it.maxSize()).toBe(0);
    }
    it.close();
  });

  test('pkcs1pad encrypts for OpenSSL, and OpenSSL for it', () => {
    const it = world(side, 'pkcs1pad(rsa)');
    const padding = constants.RSA_PKCS1_PADDING;
    for (const len of [0, 1, 50, SIZE - 11]) {
      const message = text(len, len + 1);
      const sealed = it.run('encrypt', message, SIZE);
      expect([sealed.err, sealed.len]).toEqual([0, SIZE]);
      const cipher = sealed.out.subarray(0, SIZE);
      expect(
        privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, cipher)[1],
      ).toBe(2);
      const theirs = publicEncrypt({ key: publicKey, padding }, message);
      for (const ciphertext of [cipher, theirs]) {
        const opened = it.run('decrypt', ciphertext, SIZE);
        expect([opened.err, opened.len]).toEqual([0, len]);
        expect(opened.out.subarray(0, len)).toEqual(Buffer.from(message));
        if (len === 0) continue;
        const short = it.run('decrypt', ciphertext, len - 1);
        expect([short.err, short.len]).toEqual([-EOVERFLOW, len]);
      }
    }
    expect(it.run('encrypt', text(SIZE - 10, 1), SIZE).err).toBe(-EOVERFLOW);
    const short = it.run('encrypt', text(5, 1), SIZE - 1);
    expect([short.err, short.len]).toEqual([-EOVERFLOW, SIZE]);
    expect(it.run('decrypt', text(SIZE - 1, 1), SIZE).err).toBe(-EINVAL);
    it.close();
  });

  test.each([
    ['sha1', 20],
    ['sha256', 32],
    ['sha512', 64],
  ] as const)('pkcs1pad(rsa,%s) signs as OpenSSL does and verifies every byte', (hash, size) => {
    const it = world(side, `pkcs1pad(rsa,${hash})`);
    const message = text(99, 4);
    const theirs = sign(hash, message, privateKey);
    // The digest, out of the signature that OpenSSL made.
    const number = publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, theirs);
    const digest = number.subarray(SIZE - size);
    const ours = it.run('sign', digest, SIZE);
    expect([ours.err, ours.len, ours.out]).toEqual([0, SIZE, theirs]);
    const verify = (signature: Uint8Array, signed: Uint8Array): number =>
      it.run('verify', signature, 0, signed).err;
    expect(verify(theirs, digest)).toBe(0);
    for (let i = 0; i < size; i++) {
      const other = Buffer.from(digest);
      other[i] ^= 1;
      expect(verify(theirs, other)).toBe(-EKEYREJECTED);
    }
    expect(verify(theirs, digest.subarray(1))).toBe(-EKEYREJECTED);
    const answers = new Set<number>();
    for (let i = 1; i < SIZE; i += 9) {
      const broken = Buffer.from(theirs);
      broken[i] ^= 0x10;
      answers.add(verify(broken, digest));
    }
    // Another number is no padding at all, and mostly does not even begin with a zero.
    expect([...answers].every((err) => err === -EBADMSG || err === -EINVAL)).toBe(true);
    expect(verify(theirs.subarray(1), digest)).toBe(-EINVAL);
    expect(verify(theirs, new Uint8Array(0))).toBe(-EINVAL);
    it.close();
  });

  test('pkcs1pad with more room than the modulus writes where Linux 6.1 does', () => {
    const it = world(side, 'pkcs1pad(rsa)');
    const wide = () => it.run('encrypt', text(4, 2), SIZE + 5);
    // In front of what it has allocated: there, an oops.
    if (side === 'legacy') expect(wide).toThrow(KernelOops);
    else expect(wide()).toMatchObject({ err: 0, len: SIZE });
  });

  test('a hash without an identifier has no instance', () => {
    expect(() => dataWorld(side, 'pkcs1pad(rsa,crc32)', 'akcipher')).toThrow('ENOENT');
  });
});
