/**
 * Goal: what is odd about the old API, each by its name, and what becomes of it in the new one.
 * Method: one operation or a few on both sides, with results as booted kernels gave them (6.1, 6.12).
 * What the laws say of every algorithm is not here, and what callers do wrong is in `misuse.test.ts`; queues,
 * cryptd and crypto_engine are in `conformance/protocol`, names and their errnos in `conformance/registries.test.ts`.
 *
 * Not modelled, each because there is nothing to be seen of it through the APIs here:
 * - requests on the stack, and transforms of more than 384 bytes of request that are refused for them: requests are
 *   slab memory, and their sizes are those of this model, so that the limit would refuse other drivers than there;
 * - larvals, and with them -ETIMEDOUT, -EINTR, -EAGAIN and -ELIBBAD of a lookup: a driver is registered and tested
 *   within one call, during which nobody else runs, and its self test is the suite;
 * - an engine before its start and at its stop: see `src/crypto/crypto-engine.ts`;
 * - an IV inside the data: an IV is memory of its own;
 * - FIPS: `fips_enabled` is off.
 */
import { describe, expect, test } from 'vitest';
import { EINVAL, ENOKEY, ENOSYS } from '../../src/errno.ts';
import { counting, driverOf, LABS } from './quirk-lab.ts';

describe.each(LABS)('%s', (_, make) => {
  const iv16 = counting(16);

  test('cbc: a partial block is -EINVAL behind whole ones, and the IV has moved on', () => {
    const quirks = make();
    const whole = quirks.cipher('cbc(aes)', [16], 16, iv16);
    const cut = quirks.cipher('cbc(aes)', [16], 31, iv16);
    expect([whole.err, cut.err]).toEqual([0, -EINVAL]);
    expect(cut.out.subarray(0, 16)).toEqual(whole.out);
    expect(cut.iv).toEqual(whole.out);
    const short = quirks.cipher('cbc(aes)', [16], 15, iv16);
    expect(short).toMatchObject({ err: -EINVAL, iv: iv16, untouched: true });
  });

  test('lrw: something is written, and the IV stays, when the length is refused', () => {
    const cut = make().cipher('lrw(aes)', [32], 31, iv16);
    expect(cut).toMatchObject({ err: -EINVAL, iv: iv16, untouched: false });
  });

  test('ctr: the IV counts in 128 bits, and a part of a block counts as one', () => {
    const quirks = make();
    const start = new Uint8Array(16).fill(0xff);
    start[15] = 0xfe;
    const lastBytes = [15, 16, 17, 32, 33].map(
      (len) => quirks.cipher('ctr(aes)', [16], len, start).iv,
    );
    expect(lastBytes.map((iv) => [iv[0], iv[15]])).toEqual([
      ...[15, 16].map(() => [0xff, 0xff]),
      ...[17, 32].map(() => [0, 0]),
      [0, 1],
    ]);
  });

  test('cts: one block is plain cbc, and the IV is its last block but one after more', () => {
    const quirks = make();
    const plain = quirks.cipher('cbc(aes)', [16], 16, iv16);
    expect(quirks.cipher('cts(cbc(aes))', [16], 16, iv16).out).toEqual(plain.out);
    const more = quirks.cipher('cts(cbc(aes))', [16], 40, iv16);
    expect(more.iv).toEqual(more.out.subarray(16, 32));
    // Decryption leaves the block at which it turned back.
    const back = quirks.cipher('cts(cbc(aes))', [16], 40, iv16, /* enc */ false);
    expect(back.iv).toEqual(counting(40).subarray(16, 32));
  });

  test('cbc, pcbc: the IV is the last ciphertext, of pcbc with its plaintext added', () => {
    const quirks = make();
    const cbc = quirks.cipher('cbc(aes)', [16], 48, iv16, /* enc */ false);
    expect(cbc.iv).toEqual(counting(48).subarray(32));
    for (const enc of [true, false]) {
      const { out, iv } = quirks.cipher('pcbc(aes)', [16], 48, iv16, enc);
      expect(iv).toEqual(out.subarray(32).map((byte, i) => byte ^ (32 + i)));
    }
  });

  test.each([
    ['rfc3686(ctr(aes))', 20, 8],
    ['xts(aes)', 32, 16],
    ['chacha20', 32, 16],
    ['xchacha20', 32, 32],
    ['adiantum(xchacha12,aes)', 32, 32],
  ] as const)('%s leaves the IV as it was', (alg, key, ivsize) => {
    const iv = counting(ivsize);
    expect(make().cipher(alg, [key], 37, iv)).toMatchObject({ err: 0, iv });
  });

  test.each([
    ['ecb(aes)', 16, 0],
    ['cbc(aes)', 16, 0],
    ['pcbc(aes)', 16, 0],
    ['ctr(aes)', 16, 0],
    ['rfc3686(ctr(aes))', 20, 0],
    ['chacha20', 32, 0],
    ['lrw(aes)', 32, 0],
    ['xts(aes)', 32, -EINVAL],
    ['cts(cbc(aes))', 16, -EINVAL],
    ['adiantum(xchacha12,aes)', 32, -EINVAL],
  ] as const)('%s of no text', (alg, key, err) => {
    expect(make().cipher(alg, [key], 0, counting(32))).toMatchObject({ err, untouched: true });
  });

  test('essiv: the old API encrypts the IV where it is, even for nothing; the new one keeps it', () => {
    const quirks = make();
    const nothing = quirks.cipher('essiv(cbc(aes),sha256)', [16], 0, iv16);
    const refused = quirks.cipher('essiv(cbc(aes),sha256)', [16], 15, iv16);
    expect([nothing.err, refused.err]).toEqual([0, -EINVAL]);
    expect(refused.iv).toEqual(nothing.iv);
    expect(Buffer.compare(nothing.iv, iv16) !== 0).toBe(quirks.old);
  });

  test('a key of a wrong length leaves the one before, and no key at all is -ENOKEY', () => {
    const quirks = make();
    const right = quirks.cipher('cbc(aes)', [16], 32, iv16);
    expect(quirks.cipher('cbc(aes)', [16, 15], 32, iv16)).toMatchObject({ err: 0, out: right.out });
    expect(quirks.cipher('cbc(aes)', [], 0, iv16).err).toBe(-ENOKEY);
  });

  test('a hash without keys answers -ENOSYS to one, and hmac without its key -ENOKEY', () => {
    const quirks = make();
    const plain = quirks.lab.ahash(driverOf('sha256'));
    const err = plain.setkey(counting(8), /* forbidWeak */ false);
    plain.free();
    expect([err, quirks.digestWithoutKey('hmac(sha256)')]).toEqual([-ENOSYS, -ENOKEY]);
  });

  test.each(['ecb(aes)', 'pcbc(aes)'])('%s: whole blocks are written before -EINVAL', (alg) => {
    const quirks = make();
    const whole = quirks.cipher(alg, [16], 16, iv16);
    const cut = quirks.cipher(alg, [16], 31, iv16);
    expect([cut.err, cut.out.subarray(0, 16)]).toEqual([-EINVAL, whole.out]);
    expect(quirks.cipher(alg, [16], 15, iv16)).toMatchObject({ err: -EINVAL, untouched: true });
  });

  test.each([
    ['xts(aes)', [...counting(16), ...counting(16)]],
    ['ecb(des)', [1, 1, 1, 1, 1, 1, 1, 1]],
    ['cbc(des3_ede)', [...counting(8), ...counting(8), ...counting(24).subarray(16)]],
  ])('a weak key of %s is taken, but from those who forbid it', (alg, bytes) => {
    const tfm = make().lab.skcipher(driverOf(alg));
    const key = Uint8Array.from(bytes);
    const answers = [false, true].map((forbidWeak) => tfm.setkey(key, forbidWeak));
    tfm.free();
    expect(answers).toEqual([0, -EINVAL]);
  });

  test.each([
    ['cbc(aes)', [16, 24, 32]],
    ['xts(aes)', [32, 48, 64]],
    ['rfc3686(ctr(aes))', [20, 28, 36]],
    ['chacha20', [32]],
    ['ecb(des)', [8]],
    ['cbc(des3_ede)', [24]],
  ])('lengths of keys that %s takes', (alg, sizes) => {
    const tfm = make().lab.skcipher(driverOf(alg));
    const taken = [...counting(80)].filter((size) => tfm.setkey(counting(size), false) === 0);
    tfm.free();
    expect(taken).toEqual(sizes);
  });

  test('a key that the cipher itself refuses takes away the one before', () => {
    const weak = Uint8Array.from([...iv16, ...iv16]);
    const answers = make().afterKeys('skcipher', 'xts(aes)', [counting(32), false], [weak, true]);
    expect(answers).toEqual([0, -EINVAL, -ENOKEY]);
  });

  test('hmac takes a key of any length, also of none', () => {
    const tfm = make().lab.ahash(driverOf('hmac(sha256)'));
    const sizes = [0, 1, 13, 64, 65, 300];
    const answers = sizes.map((size) => tfm.setkey(counting(size), /* forbidWeak */ false));
    tfm.free();
    expect(answers).toEqual(sizes.map(() => 0));
  });
});
