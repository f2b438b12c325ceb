/**
 * Goal: two parties of the converted API agree, with each other and with node:crypto, out of any segments;
 * what is no secret, no public key or no room is refused as the kernel does.
 * Method: fixed groups and seeds; the vector of RFC 7748; every driver against node's own.
 */
import { Buffer } from 'node:buffer';
import { createDiffieHellman, createECDH, getDiffieHellman } from 'node:crypto';
import { expect, test } from 'vitest';
import { cryptoApiInit } from '../converted/init.ts';
import { iovIterKvec, type Kvec } from '../converted/iter/iov-iter.ts';
import {
  type CryptoKpp,
  cryptoAllocKpp,
  cryptoFreeKpp,
  cryptoKppComputeSharedSecret,
  cryptoKppGeneratePublicKey,
  cryptoKppMaxsize,
  cryptoKppSetSecret,
  type KppRequest,
  kppRequestAlloc,
  kppRequestFree,
  kppRequestSetCallback,
  kppRequestSetInput,
  kppRequestSetOutput,
} from '../converted/kpp.ts';
import { EINVAL, EOVERFLOW } from '../src/errno.ts';
import { must, readKernel, writeKernel } from '../src/machine/access.ts';
import { Machine } from '../src/machine/machine.ts';
import { fillSeeded } from '../src/prng.ts';

class Party {
  readonly machine = new Machine({ memory: 1 << 22 });
  readonly tfm: CryptoKpp;

  constructor(name: string) {
    const tfm = cryptoAllocKpp(cryptoApiInit(this.machine), name, 0, 0);
    if (typeof tfm === 'number') throw new Error(`${name}: ${tfm}`);
    this.tfm = tfm;
    expect([cryptoKppMaxsize(tfm), this.run(cryptoKppGeneratePublicKey, null, 16).err]).toEqual([
      0,
      -EINVAL,
    ]);
  }

  place(bytes: Uint8Array): Kvec[] {
    const cut = Math.min(5, bytes.length);
    return [bytes.subarray(0, cut), bytes.subarray(cut)].map((part) => {
      const base = must(this.machine.slab.kmalloc(part.length + 1, 'test'));
      writeKernel(this.machine, base, part);
      return { base, len: part.length };
    });
  }

  run(
    operation: (req: KppRequest) => number,
    input: Uint8Array | null,
    room: number,
  ): { err: number; out: Buffer } {
    const { machine } = this;
    const src = this.place(input ?? new Uint8Array(0));
    const dst = this.place(new Uint8Array(room));
    const req = must(kppRequestAlloc(this.tfm));
    kppRequestSetCallback(req, 0, null, null);
    const len = input?.length ?? 0;
    if (input !== null) kppRequestSetInput(req, iovIterKvec(machine, 'source', src, 2, len), len);
    kppRequestSetOutput(req, iovIterKvec(machine, 'dest', dst, 2, room), room);
    const err = operation(req);
    const out = dst.map(({ base, len: size }) => {
      const part = new Uint8Array(size);
      readKernel(machine, base, part);
      return part;
    });
    const whole = Buffer.concat(out).subarray(0, req.dstLen);
    kppRequestFree(req);
    for (const { base } of [...src, ...dst]) machine.slab.kfree(base);
    return { err, out: whole };
  }

  /** What must go well. */
  get(operation: (req: KppRequest) => number, input: Uint8Array | null): Buffer {
    const { err, out } = this.run(operation, input, cryptoKppMaxsize(this.tfm));
    expect(err).toBe(0);
    return out;
  }

  close(): void {
    cryptoFreeKpp(this.tfm);
    expect(this.machine.ledger.holdings()).toEqual([]);
  }
}

/** struct kpp_secret with what follows it. */
function packed(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(parts);
  const head = new Uint8Array(4);
  const view = new DataView(head.buffer);
  view.setUint16(0, type, true);
  view.setUint16(2, 4 + body.length, true);
  return Buffer.concat([head, body]);
}

function sizes(bytes: 2 | 4, ...values: readonly number[]): Uint8Array {
  const out = new Uint8Array(bytes * values.length);
  const view = new DataView(out.buffer);
  for (const [i, value] of values.entries()) {
    if (bytes === 2) view.setUint16(2 * i, value, true);
    else view.setUint32(4 * i, value, true);
  }
  return out;
}

function key(len: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(len);
  fillSeeded(bytes, seed);
  bytes[0] &= 0x7f;
  return bytes;
}

test('dh agrees with node:crypto, and refuses small primes, wrong keys and too little room', () => {
  const group = getDiffieHellman('modp14');
  const [p, g] = [group.getPrime(), group.getGenerator()];
  const secret = (x: Uint8Array, prime: Uint8Array = p): Uint8Array =>
    packed(1, sizes(4, x.length, prime.length, g.length), x, prime, g);
  const party = new Party('dh');
  const other = createDiffieHellman(p, g);
  other.setPrivateKey(Buffer.from(key(40, 2)));
  other.generateKeys();
  expect(cryptoKppSetSecret(party.tfm, secret(key(32, 1)))).toBe(0);
  const mine = party.get(cryptoKppGeneratePublicKey, null);
  const shared = party.get(cryptoKppComputeSharedSecret, other.getPublicKey());
  expect(shared).toEqual(other.computeSecret(mine));
  const short = party.run(cryptoKppComputeSharedSecret, other.getPublicKey(), 255);
  expect(short.err).toBe(-EOVERFLOW);
  for (const wrong of [new Uint8Array(0), Uint8Array.of(1), p]) {
    expect(party.run(cryptoKppComputeSharedSecret, wrong, 256).err).toBe(-EINVAL);
  }
  const good = secret(key(32, 1));
  for (const bad of [
    secret(key(32, 1), p.subarray(0, 191)),
    secret(key(300, 1)),
    secret(key(32, 1), new Uint8Array(256)),
    good.subarray(0, good.length - 1),
    packed(2, good.subarray(4)),
    new Uint8Array(3),
  ]) {
    expect(cryptoKppSetSecret(party.tfm, bad)).toBe(-EINVAL);
    expect(cryptoKppMaxsize(party.tfm)).toBe(0);
  }
  party.close();
});

test.each([
  ['ecdh-nist-p192', 'prime192v1', 24],
  ['ecdh-nist-p256', 'prime256v1', 32],
  ['ecdh-nist-p384', 'secp384r1', 48],
] as const)(
  '%s agrees with node:crypto, and refuses points that are not on the curve',
  (name, curve, size) => {
    const party = new Party(name);
    const x = key(size, 3);
    const other = createECDH(curve);
    other.setPrivateKey(key(size, 4));
    expect(cryptoKppSetSecret(party.tfm, packed(2, sizes(2, size), x))).toBe(0);
    const mine = party.get(cryptoKppGeneratePublicKey, null);
    expect(mine.length).toBe(2 * size);
    const theirs = other.getPublicKey().subarray(1);
    const shared = party.get(cryptoKppComputeSharedSecret, theirs);
    expect(shared).toEqual(other.computeSecret(Buffer.concat([Buffer.of(4), mine])));
    // As in the kernel, less room cuts it off.
    const less = party.run(cryptoKppComputeSharedSecret, theirs, 7);
    expect([less.err, less.out]).toEqual([0, shared.subarray(0, 7)]);
    const off = Buffer.from(theirs);
    off[size + 3] ^= 1;
    for (const wrong of [off, theirs.subarray(1)]) {
      expect(party.run(cryptoKppComputeSharedSecret, wrong, size).err).toBe(-EINVAL);
    }
    for (const bad of [
      packed(2, sizes(2, size), new Uint8Array(size)),
      packed(2, sizes(2, size), new Uint8Array(size).fill(0xff)),
      packed(2, sizes(2, size + 1), key(size + 1, 5)),
      packed(1, sizes(2, size), x),
    ]) {
      expect(cryptoKppSetSecret(party.tfm, bad)).toBe(-EINVAL);
    }
    // Without a key, one is made up.
    expect(cryptoKppSetSecret(party.tfm, packed(2, sizes(2, 0)))).toBe(0);
    expect(party.get(cryptoKppGeneratePublicKey, null)).not.toEqual(mine);
    party.close();
  },
);

test('curve25519 gives a public key of RFC 7748, 6.1, and both sides the same secret', () => {
  const hex = (text: string): Buffer => Buffer.from(text, 'hex');
  const bob = hex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb');
  const secrets = [key(32, 6), bob];
  const parties = secrets.map((secret) => {
    const party = new Party('curve25519');
    expect(cryptoKppSetSecret(party.tfm, secret)).toBe(0);
    return party;
  });
  const [a, b] = parties.map((party) => party.get(cryptoKppGeneratePublicKey, null));
  expect(b.toString('hex')).toBe(
    'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f',
  );
  const shared = parties[0].get(cryptoKppComputeSharedSecret, b);
  expect(parties[1].get(cryptoKppComputeSharedSecret, a)).toEqual(shared);
  for (const bad of [new Uint8Array(31), new Uint8Array(32)]) {
    expect(cryptoKppSetSecret(parties[0].tfm, bad)).toBe(-EINVAL);
  }
  for (const party of parties) party.close();
});
