/**
 * Goal: what OpenSSL signs on the curves of NIST verifies on both APIs and nothing else does; keys, signatures
 * and digests of odd forms are taken or refused as 6.1 does it.
 * Method: signatures by node:crypto over several hashes; one that is known by heart for sm2 (GB/T 32918.5, A);
 * forms of DER that 6.1 takes for the same, and such as it does not.
 */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { EBADMSG, EINVAL, EKEYREJECTED, EMSGSIZE, ENOMEM, ENOSYS } from '../src/errno.ts';
import { Prng } from '../src/prng.ts';
import { ECC_CURVES, eccSum } from '../src/provider/soft/ecc.ts';
import { P192, P256, P384, SM2, sumOfProducts } from './subjects/reference/curves.ts';
import { BOTH_APIS, dataWorld } from './subjects/testing.ts';

const CURVES = [
  ['nist-p192', 'prime192v1', 24],
  ['nist-p256', 'prime256v1', 32],
  ['nist-p384', 'secp384r1', 48],
] as const;
/** GB/T 32918.5, A: a key, the digest of a message with its signer, and r and s. */
const SM2_KEY = Buffer.from(
  '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020' +
    'ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13',
  'hex',
);
const SM2_DIGEST = Buffer.from(
  'f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640',
  'hex',
);
const SM2_SIGNATURE = Buffer.from(
  '3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3' +
    '022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa',
  'hex',
);

/** A key pair, its point as the kernel gets it, and signatures. */
function signer(namedCurve: string, size: number) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
  const point = publicKey.export({ type: 'spki', format: 'der' }).subarray(-2 * size - 1);
  return {
    point,
    sign: (hash: string, message: Uint8Array) => ({
      signature: sign(hash, message, privateKey),
      digest: createHash(hash).update(message).digest(),
    }),
  };
}

test.each([
  ['nist-p192', P192],
  ['nist-p256', P256],
  ['nist-p384', P384],
  ['sm2', SM2],
] as const)(
  '%s: sums of products are those of the reference, at both ends of scalars',
  (name, curve) => {
    const prng = new Prng(1);
    const { order, size, base } = curve;
    const drawn = (): bigint => {
      let value = 0n;
      for (let i = 0; i < size / 4; i++) value = value * 2n ** 32n + BigInt(prng.u32());
      return value;
    };
    const ends = [0n, 1n, 2n, 15n, 16n, 17n, order - 1n, order, order + 1n, 2n ** BigInt(8 * size)];
    const wrong: string[] = [];
    const compare = (u: bigint, v: bigint, point: readonly [bigint, bigint]): void => {
      const got = eccSum(ECC_CURVES[name], u, v, point);
      if (got !== sumOfProducts(curve, u, v, point)) wrong.push(`${u} * G + ${v} * ${point}`);
    };
    for (const end of ends) {
      compare(end, drawn(), base);
      compare(drawn(), end, base);
      compare(end, order - (end % order), base);
      compare(end, end, base);
    }
    // A point beside the curve is one of another curve.
    for (let i = 0; i < 4; i++) compare(drawn(), drawn(), [drawn(), drawn()]);
    expect(wrong).toEqual([]);
  },
);

describe.each(BOTH_APIS)('%s', (side) => {
  test.each(CURVES)('%s: what OpenSSL signs verifies, whatever the hash', (name, curve, size) => {
    const it = dataWorld(side, `ecdsa-${name}`, 'akcipher');
    const { point, sign } = signer(curve, size);
    expect(it.maxSize()).toBe(0);
    const verify = (signature: Uint8Array, digest: Uint8Array) =>
      it.run('verify', signature, digest.length, digest).err;
    const first = sign('sha1', Buffer.from('first'));
    expect(verify(first.signature, first.digest)).toBe(-EINVAL);
    expect(it.setkey(point)).toBe(0);
    expect(it.maxSize()).toBe(size);
    for (const hash of ['sha1', 'sha224', 'sha256', 'sha384', 'sha512']) {
      for (let i = 0; i < 2; i++) {
        const { signature, digest } = sign(hash, Buffer.from(`${hash} ${i}`));
        expect(verify(signature, digest)).toBe(0);
        digest[i] ^= 1;
        expect(verify(signature, digest)).toBe(-EKEYREJECTED);
      }
    }
    for (const op of ['encrypt', 'decrypt', 'sign'] as const) {
      expect(it.run(op, first.digest, size).err).toBe(-ENOSYS);
    }
    it.close();
  });

  test('ecdsa takes keys as 6.1 does, and one that is refused leaves none', () => {
    const it = dataWorld(side, 'ecdsa-nist-p256', 'akcipher');
    const { point, sign } = signer('prime256v1', 32);
    const { signature, digest } = sign('sha256', Buffer.from('message'));
    const verify = () => it.run('verify', signature, digest.length, digest).err;
    // The length is halved first, and so an odd byte is not seen.
    for (const good of [point, Buffer.concat([point, Buffer.of(9)])]) {
      expect(it.setkey(good)).toBe(0);
      expect(verify()).toBe(0);
    }
    const besides = Buffer.from(point);
    besides[40] ^= 1;
    const compressed = Buffer.concat([Buffer.of(2), point.subarray(1, 33)]);
    for (const bad of [Buffer.alloc(0), point.subarray(1), besides, compressed, point.fill(0, 1)]) {
      expect(it.setkey(bad)).toBe(-EINVAL);
      expect(verify()).toBe(-EINVAL);
    }
    it.close();
  });

  test('forms of a signature that the decoder of 6.1 takes, and such as it refuses', () => {
    const it = dataWorld(side, 'ecdsa-nist-p256', 'akcipher');
    const { point, sign } = signer('prime256v1', 32);
    expect(it.setkey(point)).toBe(0);
    const { signature, digest } = sign('sha256', Buffer.from('message'));
    const body = signature.subarray(2);
    const len = signature[1];
    const withHead = (...head: number[]) => Buffer.concat([Buffer.from(head), body]);
    const numbers = (r: number[], s: number[]) =>
      Buffer.from([0x30, r.length + s.length + 4, 2, r.length, ...r, 2, s.length, ...s]);
    const forms: readonly (readonly [Uint8Array, number])[] = [
      [signature, 0],
      [Buffer.concat([signature, Buffer.of(1, 2, 3)]), 0],
      [withHead(0x10, len), 0],
      [withHead(0x30, 0x81, len), 0],
      [withHead(0x30, 0x82, 0, len), 0],
      [Buffer.concat([withHead(0x30, 0x80), Buffer.of(0, 0)]), 0],
      [withHead(0x30, 0x80), -EBADMSG],
      [Buffer.concat([withHead(0x10, 0x80), Buffer.of(0, 0)]), -EBADMSG],
      [withHead(0x30, 0x83, 0, 0, len), -EBADMSG],
      [withHead(0x31, len), -EBADMSG],
      [Buffer.concat([withHead(0x30, len + 1), Buffer.of(0)]), -EBADMSG],
      [signature.subarray(0, 40), -EBADMSG],
      [Buffer.alloc(0), -EBADMSG],
      [Buffer.alloc(65536), -EMSGSIZE],
      [numbers([], [1]), -EINVAL],
      [numbers([1], []), -EINVAL],
      [numbers(new Array(33).fill(1), [1]), -EINVAL],
      // What comes first counts first.
      [numbers(new Array(33).fill(1), [1]).subarray(0, 38), -EBADMSG],
      [numbers([0], [1]), -EBADMSG],
      [numbers([1], [0]), -EBADMSG],
      [numbers(new Array(32).fill(0xff), [1]), -EBADMSG],
      // The numbers have no sign.
      [numbers([0x80], [0x80]), -EKEYREJECTED],
    ];
    for (const [form, errno] of forms) {
      const { err } = it.run('verify', form, digest.length, digest);
      expect([Buffer.from(form).toString('hex').slice(0, 40), err]).toEqual([
        Buffer.from(form).toString('hex').slice(0, 40),
        errno,
      ]);
    }
    it.close();
  });

  test('a digest that is longer than a coordinate loses its end', () => {
    const it = dataWorld(side, 'ecdsa-nist-p192', 'akcipher');
    const { point, sign } = signer('prime192v1', 24);
    expect(it.setkey(point)).toBe(0);
    const { signature, digest } = sign('sha256', Buffer.from('message'));
    digest[24] ^= 255;
    expect(it.run('verify', signature, 32, digest).err).toBe(0);
    digest[23] ^= 255;
    expect(it.run('verify', signature, 32, digest).err).toBe(-EKEYREJECTED);
    it.close();
  });

  test('sm2 verifies the signature of its standard, and is lenient as 6.1 is', () => {
    const it = dataWorld(side, 'sm2', 'akcipher');
    const verify = (signature: Uint8Array, digest: Uint8Array = SM2_DIGEST) =>
      it.run('verify', signature, digest.length, digest).err;
    expect(it.maxSize()).toBe(4096);
    // Without a key there is one, which is no point.
    expect(verify(SM2_SIGNATURE)).toBe(-EKEYREJECTED);
    expect(it.setkey(SM2_KEY)).toBe(0);
    expect(verify(SM2_SIGNATURE)).toBe(0);
    for (let at = 1; at < SM2_SIGNATURE.length; at += 3) {
      const changed = Buffer.from(SM2_SIGNATURE);
      changed[at] ^= 1;
      expect(verify(changed)).not.toBe(0);
    }
    const other = Buffer.from(SM2_DIGEST);
    other[31] ^= 1;
    expect(verify(SM2_SIGNATURE, other)).toBe(-EKEYREJECTED);
    // A zero in front, a point beside the curve, and what is refused leaves the key before.
    expect(it.setkey(Buffer.concat([Buffer.of(0), SM2_KEY]))).toBe(0);
    expect(verify(SM2_SIGNATURE)).toBe(0);
    expect(it.setkey(SM2_KEY.subarray(0, 64))).toBe(-EINVAL);
    expect(it.setkey(Buffer.alloc(2100, 4))).toBe(-ENOMEM);
    expect(verify(SM2_SIGNATURE)).toBe(0);
    expect(it.setkey(Buffer.of(4, 1, 1))).toBe(0);
    expect(verify(SM2_SIGNATURE)).toBe(-EKEYREJECTED);
    expect(verify(Buffer.from('3006020100020101', 'hex'))).toBe(-EINVAL);
    expect(verify(Buffer.from('3005020002010100', 'hex'))).toBe(-EINVAL);
    it.close();
  });
});
