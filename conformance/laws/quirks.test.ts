/**
 * Goal: what is odd about the old API, each by its name, and what becomes of it in the new one.
 * Method: one operation or a few on both sides, with results as booted kernels gave them (6.1, 6.12).
 * What the laws say of every algorithm is not here, and what callers do wrong is in `misuse.test.ts`.
 */
import { describe, expect, test } from 'vitest';
import { EBADMSG, EINVAL, ENOKEY, ENOSYS, type Errno } from '../../src/errno.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { driversOf } from '../algorithms/drivers.ts';
import type { AnyApi, Prepared } from '../subjects/api.ts';
import { ConvertedApi } from '../subjects/converted.ts';
import { LegacyApi } from '../subjects/legacy.ts';
import { Lab } from './lab.ts';
import { plainLayout } from './shapes.ts';

/** What stands in front of a key of authenc, with an encryption key of 16 bytes. */
const RTA = [8, 0, 1, 0, 0, 0, 0, 16];

interface Ciphered {
  readonly err: Errno;
  readonly iv: Uint8Array;
  readonly out: Uint8Array;
  readonly untouched: boolean;
}

/** How a message is sealed, with the longest tag. */
interface Sealing {
  readonly alg: string;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  readonly tag: number;
}

function counting(len: number): Uint8Array {
  return new Uint8Array(len).map((_, i) => i);
}

function driverOf(alg: string): string {
  const driver = driversOf(alg).find(({ async }) => !async);
  if (driver === undefined) throw new Error(`no driver of ${alg}`);
  return driver.driver;
}

/** One API, and operations on it with keys and texts that count up. */
class Quirks<P extends Prepared> {
  readonly lab: Lab<P>;
  readonly old: boolean;

  constructor(make: (machine: Machine) => AnyApi<P>) {
    this.lab = new Lab(make);
    this.old = this.lab.api.joined;
  }

  /** An empty machine. */
  fresh(): this {
    this.lab.memory.reset(1);
    return this;
  }

  /** @param keys set one after the other, whatever comes of it */
  cipher(alg: string, keys: readonly number[], len: number, iv: Uint8Array): Ciphered {
    const tfm = this.lab.skcipher(driverOf(alg));
    for (const size of keys) tfm.setkey(counting(size), /* forbidWeak */ false);
    const own = iv.slice();
    const { untouched, ...shown } = this.lab.operate({
      ...{ layout: plainLayout(len, len), content: counting(len), from: 0, to: len },
      call: (at, submission) => tfm.crypt(/* enc */ true, at, len, own, submission),
    });
    const wasUntouched = untouched();
    tfm.free();
    return { ...shown, iv: own, untouched: wasUntouched };
  }

  /** Seals `len` bytes behind associated data; all of the destination is shown. */
  seal(alg: string, key: Uint8Array, assoc: number, len: number, iv: Uint8Array): Ciphered {
    const tfm = this.lab.aead(driverOf(alg));
    expect(tfm.setkey(key, /* forbidWeak */ false)).toBe(0);
    const own = iv.slice();
    const to = assoc + len + 32;
    const { untouched, ...shown } = this.lab.operate({
      ...{ layout: plainLayout(assoc + len, to), content: counting(assoc + len), from: 0, to },
      call: (at, submission) => tfm.crypt(/* enc */ true, at, assoc, len, own, submission),
    });
    const wasUntouched = untouched();
    tfm.free();
    return { ...shown, iv: own, untouched: wasUntouched };
  }

  /** Opens what `seal` gave with one bit of its tag changed; the memory that was written is shown. */
  forged(
    { alg, key, iv, tag }: Sealing,
    assoc: number,
    len: number,
    inplace: 'no' | 'same',
  ): Ciphered & { readonly text: Uint8Array; readonly content: Uint8Array } {
    const sealed = this.seal(alg, key, assoc, len, iv).out;
    const content = Uint8Array.from([
      ...counting(assoc),
      ...sealed.subarray(assoc, assoc + len + tag),
    ]);
    content[content.length - 1] ^= 1;
    const tfm = this.lab.aead(driverOf(alg));
    expect(tfm.setkey(key, /* forbidWeak */ false)).toBe(0);
    const own = iv.slice();
    const to = inplace === 'no' ? assoc + len : content.length;
    const { untouched, ...shown } = this.lab.operate({
      ...{ layout: { ...plainLayout(content.length, to), inplace }, content, from: 0, to },
      call: (at, submission) => tfm.crypt(/* enc */ false, at, assoc, len, own, submission),
    });
    const wasUntouched = untouched();
    tfm.free();
    const text = shown.out.subarray(assoc, assoc + len);
    return { ...shown, iv: own, untouched: wasUntouched, text, content };
  }

  /** What one operation answers, whatever it writes. */
  verdict(alg: string, key: Uint8Array | null, enc: boolean, len: number, assoc = 0): Errno {
    const tfm = this.lab.aead(driverOf(alg));
    if (key !== null) expect(tfm.setkey(key, /* forbidWeak */ false)).toBe(0);
    const all = assoc + len + 16;
    const { err } = this.lab.operate({
      ...{ layout: plainLayout(all, all), content: counting(all), from: 0, to: all },
      call: (at, submission) => tfm.crypt(enc, at, assoc, len, counting(16), submission),
    });
    tfm.free();
    return err;
  }

  digestWithoutKey(alg: string): Errno {
    const tfm = this.lab.ahash(driverOf(alg));
    const { err } = this.lab.operate({
      ...{ layout: plainLayout(4, null), content: counting(4), from: 0, to: 0 },
      call: (at, submission) => {
        const message = tfm.request(submission);
        const refused = message.digest(at, 4, new Uint8Array(tfm.digestsize));
        message.free();
        return refused;
      },
    });
    tfm.free();
    return err;
  }
}

function keyOfAuthenc(authkey: number): Uint8Array {
  return Uint8Array.from([...RTA, ...counting(authkey + 16)]);
}

const LEGACY = new Quirks((machine) => new LegacyApi(machine));
const CONVERTED = new Quirks((machine) => new ConvertedApi(machine));
const LABS = [
  ['legacy', () => LEGACY.fresh()],
  ['converted', () => CONVERTED.fresh()],
] as const;

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
    ['cbc(aes)', 16, 0],
    ['ctr(aes)', 16, 0],
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

  test.each([
    ['gcm(aes)', [4, 8, 12, 13, 14, 15, 16]],
    ['ccm(aes)', [4, 6, 8, 10, 12, 14, 16]],
    ['rfc7539(chacha20,poly1305)', [16]],
    ['rfc7539esp(chacha20,poly1305)', [16]],
    ['rfc4106(gcm(aes))', [8, 12, 16]],
    ['rfc4309(ccm(aes))', [8, 12, 16]],
    ['rfc4543(gcm(aes))', [16]],
    ['authenc(hmac(sha1),cbc(aes))', [...counting(21)].slice(1)],
    ['authencesn(hmac(sha1),cbc(aes))', [...counting(21)].slice(4)],
  ])('tags that %s takes', (alg, sizes) => {
    const tfm = make().lab.aead(driverOf(alg));
    const taken = [...counting(40)].filter((size) => tfm.setauthsize(size) === 0);
    tfm.free();
    expect(taken).toEqual(sizes);
  });

  test.each([
    ['rfc4106(gcm(aes))', counting(20), 8, [16, 20]],
    ['rfc4309(ccm(aes))', counting(19), 8, [16, 20]],
    ['rfc4543(gcm(aes))', counting(20), 8, [16, 20]],
    ['rfc7539esp(chacha20,poly1305)', counting(36), 8, [8, 12, 16, 20, 24]],
    ['gcm(aes)', counting(16), 12, [0, 4, 8, 12, 16, 20, 24]],
    ['authencesn(hmac(sha1),cbc(aes))', keyOfAuthenc(20), 16, [8, 12, 16, 20, 24]],
    ['seqiv(rfc4106(gcm(aes)))', counting(20), 8, [8, 12]],
  ])('associated data that %s takes', (alg, key, ivsize, lengths) => {
    const quirks = make();
    const all = [0, 4, 8, 12, 16, 20, 24];
    expect(
      all.filter((assoc) => quirks.seal(alg, key, assoc, 16, counting(ivsize)).err === 0),
    ).toEqual(lengths);
  });

  test('seqiv has written before it refuses the length; the new API has not', () => {
    const quirks = make();
    const shown = quirks.seal('seqiv(rfc4106(gcm(aes)))', counting(20), 16, 16, counting(8));
    expect([shown.err, shown.untouched]).toEqual([-EINVAL, !quirks.old]);
  });

  test('ccm: the old API counts in the IV of the caller, unless it has refused it', () => {
    const quirks = make();
    const sealed = (first: number): Ciphered => {
      const iv = counting(16);
      iv[0] = first;
      return quirks.seal('ccm(aes)', counting(16), 8, 16, iv);
    };
    expect([0, 8].map((first) => [sealed(first).err, sealed(first).iv[15]])).toEqual([
      [-EINVAL, 15],
      [-EINVAL, 15],
    ]);
    expect([sealed(1).err, sealed(1).iv[15]]).toEqual([0, quirks.old ? 2 : 15]);
  });

  test.each([
    ['authenc(hmac(sha1),cbc(aes))', 16],
    ['seqiv(rfc4106(gcm(aes)))', 8],
  ] as const)('%s: the old API copies the associated data, the new one does not', (alg, ivsize) => {
    const quirks = make();
    const key = alg.startsWith('authenc') ? keyOfAuthenc(20) : counting(20);
    const { err, out } = quirks.seal(alg, key, 12, 16, counting(ivsize));
    expect([err, Buffer.compare(out.subarray(0, 12), counting(12)) === 0]).toEqual([0, quirks.old]);
  });

  test('authenc: a key without its header, or with too long an encryption key, is -EINVAL', () => {
    const tfm = make().lab.aead(driverOf('authenc(hmac(sha1),cbc(aes))'));
    const tooLong = Uint8Array.from([...RTA, ...counting(15)]);
    const otherType = Uint8Array.from([8, 0, 2, 0, ...RTA.slice(4), ...counting(36)]);
    const keys = [new Uint8Array(0), counting(7), tooLong, otherType, keyOfAuthenc(20)];
    const answers = keys.map((key) => tfm.setkey(key, /* forbidWeak */ false));
    tfm.free();
    expect(answers).toEqual([-EINVAL, -EINVAL, -EINVAL, -EINVAL, 0]);
  });

  test('a hash without keys answers -ENOSYS to one, and hmac without its key -ENOKEY', () => {
    const quirks = make();
    const plain = quirks.lab.ahash(driverOf('sha256'));
    const err = plain.setkey(counting(8), /* forbidWeak */ false);
    plain.free();
    expect([err, quirks.digestWithoutKey('hmac(sha256)')]).toEqual([-ENOSYS, -ENOKEY]);
  });

  test.each([
    ['gcm(aes)', counting(16), 16],
    ['ccm(aes)', counting(16), 16],
    ['rfc4106(gcm(aes))', counting(20), 16],
    ['rfc4309(ccm(aes))', counting(19), 16],
    ['rfc7539(chacha20,poly1305)', counting(32), 16],
    ['seqiv(rfc4106(gcm(aes)))', counting(20), 16],
  ] as const)('%s has decrypted by the time that a tag is wrong', (alg, key, tag) => {
    const iv = counting(16).map((byte, i) => (i === 0 ? 1 : byte));
    const assoc = alg.startsWith('seqiv') ? 8 : 16;
    const { err, text } = make().forged({ alg, key, iv, tag }, assoc, 48, 'no');
    const behind = alg.startsWith('seqiv') ? 8 : 0;
    expect(err).toBe(-EBADMSG);
    expect(text.subarray(behind)).toEqual(counting(assoc + 48).subarray(assoc + behind));
  });

  test('authenc looks at the tag before it writes', () => {
    const sealing = {
      alg: 'authenc(hmac(sha1),cbc(aes))',
      key: keyOfAuthenc(20),
      iv: iv16,
      tag: 20,
    };
    const shown = make().forged(sealing, 16, 48, 'no');
    expect(shown).toMatchObject({ err: -EBADMSG, untouched: true, iv: iv16 });
  });

  test('authencesn: the old API has written over a wrong tag; the new one leaves the message', () => {
    const quirks = make();
    const alg = 'authencesn(hmac(sha1),cbc(aes))';
    const sealing = { alg, key: keyOfAuthenc(20), iv: iv16, tag: 20 };
    const { err, out, content } = quirks.forged(sealing, 8, 48, 'same');
    expect([err, Buffer.compare(out.subarray(0, 56), content.subarray(0, 56))]).toEqual([
      ...[-EBADMSG, 0],
    ]);
    // The high half of the sequence number stays where the first bytes of the tag were.
    const first = quirks.old ? counting(8).subarray(4) : content.subarray(56, 60);
    expect(out.subarray(56)).toEqual(Uint8Array.from([...first, ...content.subarray(60)]));
  });

  test.each(['ecb(aes)', 'pcbc(aes)'])('%s: whole blocks are written before -EINVAL', (alg) => {
    const quirks = make();
    const whole = quirks.cipher(alg, [16], 16, iv16);
    const cut = quirks.cipher(alg, [16], 31, iv16);
    expect([cut.err, cut.out.subarray(0, 16)]).toEqual([-EINVAL, whole.out]);
    expect(quirks.cipher(alg, [16], 15, iv16)).toMatchObject({ err: -EINVAL, untouched: true });
  });

  test('without a key decryption is -ENOKEY, before a length or a tag is looked at', () => {
    const quirks = make();
    // The new API names its tag, which has a length of its own: there is none that is too short.
    const [len, err] = quirks.old ? [-1, -EINVAL] : [0, -EBADMSG];
    const answers = [null, counting(16)].map((key) => quirks.verdict('gcm(aes)', key, false, len));
    expect(answers).toEqual([-ENOKEY, err]);
  });

  test('seqiv seals and opens nothing that is shorter than its IV', () => {
    const quirks = make();
    const answers = [true, false].map((enc) =>
      quirks.verdict('seqiv(rfc4106(gcm(aes)))', counting(20), enc, 7, 8),
    );
    expect(answers).toEqual([-EINVAL, -EINVAL]);
  });

  test('essiv over an AEAD wants associated data as long as its IV', () => {
    const key = Uint8Array.from([...RTA, ...counting(32 + 16)]);
    const alg = 'essiv(authenc(hmac(sha256),cbc(aes)),sha256)';
    const quirks = make();
    expect([15, 16, 17].map((assoc) => quirks.seal(alg, key, assoc, 16, iv16).err)).toEqual([
      ...[-EINVAL, 0, 0],
    ]);
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

  test('hmac takes a key of any length, also of none', () => {
    const tfm = make().lab.ahash(driverOf('hmac(sha256)'));
    const sizes = [0, 1, 13, 64, 65, 300];
    const answers = sizes.map((size) => tfm.setkey(counting(size), /* forbidWeak */ false));
    tfm.free();
    expect(answers).toEqual(sizes.map(() => 0));
  });
});
