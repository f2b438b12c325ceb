/**
 * Goal: what the converted API does with public keys is what OpenSSL does, whatever the segments, and what
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
import { expect, test } from 'vitest';
import {
  type AkcipherRequest,
  akcipherRequestAlloc,
  akcipherRequestFree,
  akcipherRequestSetCallback,
  akcipherRequestSetCrypt,
  akcipherRequestSetDigest,
  type CryptoAkcipher,
  cryptoAkcipherDecrypt,
  cryptoAkcipherEncrypt,
  cryptoAkcipherMaxsize,
  cryptoAkcipherSetPrivKey,
  cryptoAkcipherSetPubKey,
  cryptoAkcipherSign,
  cryptoAkcipherVerify,
  cryptoAllocAkcipher,
  cryptoFreeAkcipher,
} from '../converted/akcipher.ts';
import { cryptoApiInit } from '../converted/init.ts';
import { iovIterKvec, type Kvec } from '../converted/iter/iov-iter.ts';
import { EBADMSG, EINVAL, EKEYREJECTED, ENOSYS, EOVERFLOW } from '../src/errno.ts';
import { must, readKernel, writeKernel } from '../src/machine/access.ts';
import { Machine } from '../src/machine/machine.ts';
import { fillSeeded } from '../src/prng.ts';

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

interface Result {
  readonly err: number;
  readonly len: number;
  readonly out: Buffer;
}

class World {
  readonly machine = new Machine({ memory: 1 << 22 });
  readonly tfm: CryptoAkcipher;

  constructor(name: string) {
    const tfm = cryptoAllocAkcipher(cryptoApiInit(this.machine), name, 0, 0);
    if (typeof tfm === 'number') throw new Error(`${name}: ${tfm}`);
    this.tfm = tfm;
    expect(cryptoAkcipherMaxsize(tfm)).toBe(0);
    expect(this.run(cryptoAkcipherEncrypt, new Uint8Array(4), SIZE).err).toBe(-EINVAL);
    expect(cryptoAkcipherSetPrivKey(tfm, PRIVATE)).toBe(0);
    expect(cryptoAkcipherMaxsize(tfm)).toBe(SIZE);
  }

  place(bytes: Uint8Array): Kvec[] {
    const cut = Math.min(7, bytes.length);
    return [bytes.subarray(0, cut), bytes.subarray(cut)].map((part) => {
      const base = must(this.machine.slab.kmalloc(part.length + 1, 'test'));
      writeKernel(this.machine, base, part);
      return { base, len: part.length };
    });
  }

  run(
    operation: (req: AkcipherRequest) => number,
    bytes: Uint8Array,
    room: number,
    digest: Uint8Array = new Uint8Array(0),
  ): Result {
    const { machine } = this;
    const [src, dst, third] = [bytes, new Uint8Array(room).fill(0xee), digest].map((part) =>
      this.place(part),
    );
    const req = must(akcipherRequestAlloc(this.tfm));
    akcipherRequestSetCallback(req, 0, null, null);
    const from = iovIterKvec(machine, 'source', src, 2, bytes.length);
    const to = iovIterKvec(machine, 'dest', dst, 2, room);
    akcipherRequestSetCrypt(req, from, to, bytes.length, room);
    const signed = iovIterKvec(machine, 'source', third, 2, digest.length);
    akcipherRequestSetDigest(req, signed, digest.length);
    const err = operation(req);
    const len = req.dstLen;
    akcipherRequestFree(req);
    const out = dst.map(({ base, len: size }) => {
      const part = new Uint8Array(size);
      readKernel(machine, base, part);
      return part;
    });
    for (const { base } of [...src, ...dst, ...third]) machine.slab.kfree(base);
    return { err, len, out: Buffer.concat(out) };
  }

  close(): void {
    cryptoFreeAkcipher(this.tfm);
    expect(this.machine.ledger.holdings()).toEqual([]);
  }
}

function text(len: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(len);
  fillSeeded(bytes, seed);
  return bytes;
}

test('rsa raises numbers to powers as OpenSSL does, and refuses what is none', () => {
  const world = new World('rsa');
  for (let seed = 1; seed <= 8; seed++) {
    const number = text(SIZE, seed);
    number[0] = 0;
    const raw = { key: publicKey, padding: constants.RSA_NO_PADDING };
    const { err, out } = world.run(cryptoAkcipherEncrypt, number, SIZE);
    expect([err, out]).toEqual([0, publicEncrypt(raw, number)]);
    const back = world.run(cryptoAkcipherDecrypt, out, SIZE + 3);
    // More room than the number takes: zeros in front.
    expect([back.err, back.out]).toEqual([0, Buffer.concat([Buffer.alloc(3), number])]);
    const short = world.run(cryptoAkcipherEncrypt, number, SIZE - 1);
    expect([short.err, short.out.every((byte) => byte === 0xee)]).toEqual([-EOVERFLOW, true]);
  }
  expect(world.run(cryptoAkcipherEncrypt, new Uint8Array(SIZE).fill(0xff), SIZE).err).toBe(-EINVAL);
  expect(world.run(cryptoAkcipherSign, text(4, 1), SIZE).err).toBe(-ENOSYS);
  expect(cryptoAkcipherSetPubKey(world.tfm, PUBLIC)).toBe(0);
  expect(world.run(cryptoAkcipherDecrypt, text(SIZE - 1, 2), SIZE).err).toBe(-EINVAL);
  world.close();
});

test('keys that are cut off, or of another size, are refused and leave none', () => {
  const world = new World('rsa');
  for (const [key, errno] of [
    [PRIVATE.subarray(0, 200), -EBADMSG],
    [PUBLIC.subarray(1), -EBADMSG],
    [Uint8Array.from([0x30, 6, 2, 1, 5, 2, 1, 3]), -EINVAL],
    [Uint8Array.from([0x30, 7, 2, 1, 5, 2, 2, 1, 3]), -EINVAL],
  ] as const) {
    expect(cryptoAkcipherSetPubKey(world.tfm, key)).toBe(errno);
    expect(cryptoAkcipherMaxsize(world.tfm)).toBe(0);
  }
  world.close();
});

test('pkcs1pad encrypts for OpenSSL, and OpenSSL for it', () => {
  const world = new World('pkcs1pad(rsa)');
  const padding = constants.RSA_PKCS1_PADDING;
  for (const len of [0, 1, 50, SIZE - 11]) {
    const message = text(len, len + 1);
    const sealed = world.run(cryptoAkcipherEncrypt, message, SIZE + 5);
    expect([sealed.err, sealed.len]).toEqual([0, SIZE]);
    const cipher = sealed.out.subarray(0, SIZE);
    expect(privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, cipher)[1]).toBe(
      2,
    );
    const theirs = publicEncrypt({ key: publicKey, padding }, message);
    for (const ciphertext of [cipher, theirs]) {
      const opened = world.run(cryptoAkcipherDecrypt, ciphertext, SIZE);
      expect([opened.err, opened.len]).toEqual([0, len]);
      expect(opened.out.subarray(0, len)).toEqual(Buffer.from(message));
      if (len === 0) continue;
      const short = world.run(cryptoAkcipherDecrypt, ciphertext, len - 1);
      expect([short.err, short.len]).toEqual([-EOVERFLOW, len]);
    }
  }
  expect(world.run(cryptoAkcipherEncrypt, text(SIZE - 10, 1), SIZE).err).toBe(-EOVERFLOW);
  const short = world.run(cryptoAkcipherEncrypt, text(5, 1), SIZE - 1);
  expect([short.err, short.len]).toEqual([-EOVERFLOW, SIZE]);
  expect(world.run(cryptoAkcipherDecrypt, text(SIZE - 1, 1), SIZE).err).toBe(-EINVAL);
  world.close();
});

test.each([
  ['sha1', 20],
  ['sha256', 32],
  ['sha512', 64],
] as const)('pkcs1pad(rsa,%s) signs as OpenSSL does and verifies every byte', (hash, size) => {
  const world = new World(`pkcs1pad(rsa,${hash})`);
  const message = text(99, 4);
  const theirs = sign(hash, message, privateKey);
  // The digest, out of the signature that OpenSSL made.
  const number = publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, theirs);
  const digest = number.subarray(SIZE - size);
  const ours = world.run(cryptoAkcipherSign, digest, SIZE);
  expect([ours.err, ours.len, ours.out]).toEqual([0, SIZE, theirs]);
  const verify = (signature: Uint8Array, signed: Uint8Array): number =>
    world.run(cryptoAkcipherVerify, signature, 0, signed).err;
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
  world.close();
});

test('a hash without an identifier has no instance', () => {
  const api = cryptoApiInit(new Machine({ memory: 1 << 20 }));
  expect(cryptoAllocAkcipher(api, 'pkcs1pad(rsa,crc32)', 0, 0)).toBe(-2);
});
