/**
 * Goal: two parties of each API agree, with each other and with node:crypto, out of any segments;
 * what is no secret, no public key or no room is refused as the kernel does.
 * Method: fixed groups and seeds; the vector of RFC 7748; every driver against node's own.
 */
import { Buffer } from 'node:buffer';
import { createDiffieHellman, createECDH, getDiffieHellman } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { EAGAIN, EFAULT, EINVAL, EOVERFLOW } from '../src/errno.ts';
import { fillSeeded } from '../src/prng.ts';
import { BOTH_APIS, type DataWorld, dataWorld } from './subjects/testing.ts';

type Side = (typeof BOTH_APIS)[number];

class Party {
  private readonly world: DataWorld;

  /** @param before the longest result and the answer before there is a secret */
  constructor(side: Side, name: string, before: readonly [size: number, answer: number]) {
    this.world = dataWorld(side, name, 'kpp');
    expect([this.maxSize(), this.run('generate', null, 16).err]).toEqual(before);
  }

  setSecret(secret: Uint8Array): number {
    return this.world.setkey(secret);
  }

  maxSize(): number {
    return this.world.maxSize();
  }

  run(
    operation: 'generate' | 'agree',
    input: Uint8Array | null,
    room: number,
  ): { readonly err: number; readonly out: Buffer } {
    const { err, len, out } = this.world.run(operation, input ?? new Uint8Array(0), room);
    expect(len).toBe(room);
    return { err, out };
  }

  /** What must go well. */
  get(operation: 'generate' | 'agree', input: Uint8Array | null): Buffer {
    const { err, out } = this.run(operation, input, this.maxSize());
    expect(err).toBe(0);
    return out;
  }

  close(): void {
    this.world.close();
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

describe.each(BOTH_APIS)('%s', (side) => {
  test('dh agrees with node:crypto, and refuses small primes, wrong keys and too little room', () => {
    const group = getDiffieHellman('modp14');
    const [p, g] = [group.getPrime(), group.getGenerator()];
    const secret = (x: Uint8Array, prime: Uint8Array = p): Uint8Array =>
      packed(1, sizes(4, x.length, prime.length, g.length), x, prime, g);
    const party = new Party(side, 'dh', [0, -EINVAL]);
    const other = createDiffieHellman(p, g);
    other.setPrivateKey(Buffer.from(key(40, 2)));
    other.generateKeys();
    expect(party.setSecret(secret(key(32, 1)))).toBe(0);
    const mine = party.get('generate', null);
    const shared = party.get('agree', other.getPublicKey());
    expect(shared).toEqual(other.computeSecret(mine));
    const short = party.run('agree', other.getPublicKey(), 255);
    expect(short.err).toBe(-EOVERFLOW);
    for (const wrong of [new Uint8Array(0), Uint8Array.of(1), p]) {
      expect(party.run('agree', wrong, 256).err).toBe(-EINVAL);
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
      expect(party.setSecret(bad)).toBe(-EINVAL);
      expect(party.maxSize()).toBe(0);
    }
    party.close();
  });

  test('a group of RFC 7919 takes a key alone, makes one up, and refuses a prime, a base and a longer key', () => {
    const [a, b] = [0, 1].map(() => new Party(side, 'ffdhe2048(dh)', [0, -EINVAL]));
    const secret = (x: Uint8Array, ...rest: readonly [number, number]): Uint8Array =>
      packed(1, sizes(4, x.length, ...rest), x, new Uint8Array(rest[0] + rest[1]));
    expect(a.setSecret(secret(key(20, 1), 0, 0))).toBe(0);
    expect(a.maxSize()).toBe(256);
    const mine = a.get('generate', null);
    // A key of 256 bits is made up, another one each time.
    const made = [0, 1].map(() => {
      expect(b.setSecret(secret(new Uint8Array(0), 0, 0))).toBe(0);
      return b.get('generate', null);
    });
    expect(made[1]).not.toEqual(made[0]);
    expect(b.get('agree', mine)).toEqual(a.get('agree', made[1]));
    expect(b.run('agree', mine, 255).err).toBe(-EOVERFLOW);
    // What is no such secret leaves the one before; a key that dh refuses leaves none.
    for (const bad of [secret(key(20, 1), 1, 0), secret(key(20, 1), 0, 1), new Uint8Array(3)]) {
      expect(a.setSecret(bad)).toBe(-EINVAL);
      expect(a.get('generate', null)).toEqual(mine);
    }
    expect(a.setSecret(secret(key(257, 1), 0, 0))).toBe(-EINVAL);
    expect([a.maxSize(), a.run('generate', null, 256).err]).toEqual([0, -EINVAL]);
    a.close();
    b.close();
  });

  test.each([
    ['ecdh-nist-p192', 'prime192v1', 24],
    ['ecdh-nist-p256', 'prime256v1', 32],
    ['ecdh-nist-p384', 'secp384r1', 48],
  ] as const)(
    '%s agrees with node:crypto, and refuses points that are not on the curve',
    (name, curve, size) => {
      const party = new Party(side, name, [2 * size, -EAGAIN]);
      const x = key(size, 3);
      const other = createECDH(curve);
      other.setPrivateKey(key(size, 4));
      expect(party.setSecret(packed(2, sizes(2, size), x))).toBe(0);
      const mine = party.get('generate', null);
      expect(mine.length).toBe(2 * size);
      const theirs = other.getPublicKey().subarray(1);
      const whole = party.get('agree', theirs);
      const shared = whole.subarray(0, size);
      expect(whole.subarray(size)).toEqual(Buffer.alloc(size, 0xee));
      expect(shared).toEqual(other.computeSecret(Buffer.concat([Buffer.of(4), mine])));
      // As in the kernel, less room cuts it off.
      const less = party.run('agree', theirs, 7);
      expect([less.err, less.out]).toEqual([0, shared.subarray(0, 7)]);
      const off = Buffer.from(theirs);
      off[size + 3] ^= 1;
      for (const wrong of [off, theirs.subarray(1)]) {
        expect(party.run('agree', wrong, size).err).toBe(-EINVAL);
      }
      for (const bad of [
        packed(2, sizes(2, size), new Uint8Array(size)),
        packed(2, sizes(2, size), new Uint8Array(size).fill(0xff)),
        packed(2, sizes(2, size + 1), key(size + 1, 5)),
        packed(1, sizes(2, size), x),
      ]) {
        expect(party.setSecret(bad)).toBe(-EINVAL);
      }
      // What was refused as a key has left zero, whose products the kernel finds one by one.
      expect(party.setSecret(packed(2, sizes(2, size), new Uint8Array(size)))).toBe(-EINVAL);
      expect(party.run('generate', null, size).err).toBe(-EAGAIN);
      expect(party.run('agree', theirs, size).err).toBe(-EFAULT);
      expect(party.run('agree', off, size).err).toBe(-EINVAL);
      // Without a key, one is made up.
      expect(party.setSecret(packed(2, sizes(2, 0)))).toBe(0);
      expect(party.get('generate', null)).not.toEqual(mine);
      party.close();
    },
  );

  test('curve25519 gives a public key of RFC 7748, 6.1, and both sides the same secret', () => {
    const hex = (text: string): Buffer => Buffer.from(text, 'hex');
    const bob = hex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb');
    const secrets = [key(32, 6), bob];
    const parties = secrets.map((secret) => {
      const party = new Party(side, 'curve25519', [32, 0]);
      expect(party.setSecret(secret)).toBe(0);
      return party;
    });
    const [a, b] = parties.map((party) => party.get('generate', null));
    expect(b.toString('hex')).toBe(
      'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f',
    );
    const shared = parties[0].get('agree', b);
    expect(parties[1].get('agree', a)).toEqual(shared);
    for (const bad of [new Uint8Array(31), new Uint8Array(32)]) {
      expect(parties[0].setSecret(bad)).toBe(-EINVAL);
    }
    for (const party of parties) party.close();
  });
});
