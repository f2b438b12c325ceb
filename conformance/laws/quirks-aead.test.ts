/**
 * Goal: what is odd about authenticated encryption in the old API, each by its name, and what becomes of it.
 * Method: as in `quirks.test.ts`.
 */
import { createCipheriv } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { EBADMSG, EINVAL, ENOKEY } from '../../src/errno.ts';
import { type Ciphered, counting, driverOf, keyOfAuthenc, LABS, RTA } from './quirk-lab.ts';

const ESN = 'authencesn(hmac(sha1),cbc(aes))';

describe.each(LABS)('%s', (_, make) => {
  const iv16 = counting(16);

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

  test.each([
    ['gcm(aes)', counting(16), 16],
    ['ccm(aes)', counting(16), 16],
    ['rfc4106(gcm(aes))', counting(20), 16],
    ['rfc4309(ccm(aes))', counting(19), 16],
    ['rfc7539(chacha20,poly1305)', counting(32), 16],
    ['rfc7539esp(chacha20,poly1305)', counting(36), 16],
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
    const sealing = { alg: ESN, key: keyOfAuthenc(20), iv: iv16, tag: 20 };
    const { err, out, content } = quirks.forged(sealing, 8, 48, 'same');
    expect([err, Buffer.compare(out.subarray(0, 56), content.subarray(0, 56))]).toEqual([
      ...[-EBADMSG, 0],
    ]);
    // The high half of the sequence number stays where the first bytes of the tag were.
    const first = quirks.old ? counting(8).subarray(4) : content.subarray(56, 60);
    expect(out.subarray(56)).toEqual(Uint8Array.from([...first, ...content.subarray(60)]));
  });

  test('authencesn: behind a wrong tag another destination is scrambled, or as it was', () => {
    const quirks = make();
    const sealing = { alg: ESN, key: keyOfAuthenc(20), iv: iv16, tag: 20 };
    const { err, out, content, untouched, iv } = quirks.forged(sealing, 8, 48, 'no');
    expect([err, iv, untouched]).toEqual([-EBADMSG, iv16, !quirks.old]);
    // What was hashed was put together there: without the high half, which stands behind the ciphertext.
    const [ad, ciphertext] = [content.subarray(0, 8), content.subarray(8, 56)];
    const scrambled = Uint8Array.from([...ad, ...ciphertext.subarray(4), ...ad.subarray(4)]);
    expect(Buffer.compare(out, scrambled) === 0).toBe(quirks.old);
  });

  test.each([
    ['gcm(aes)', counting(16), 16, 16, false],
    ['ccm(aes)', counting(16), 16, 16, false],
    ['rfc7539(chacha20,poly1305)', counting(32), 16, 16, false],
    ['rfc4106(gcm(aes))', counting(20), 16, 16, false],
    ['rfc4543(gcm(aes))', counting(20), 16, 16, true],
    ['authenc(hmac(sha1),cbc(aes))', keyOfAuthenc(20), 16, 20, false],
    [ESN, keyOfAuthenc(20), 8, 20, true],
  ] as const)(
    '%s, opening: are the associated data copied to another destination?',
    (alg, key, assoc, tag, isCopied) => {
      const quirks = make();
      const iv = alg.startsWith('ccm') ? counting(16).fill(1, 0, 1) : iv16;
      const { err, out, text } = quirks.opened({ alg, key, iv, tag }, assoc, 16, 'no');
      const isThere = Buffer.compare(out.subarray(0, assoc), counting(assoc)) === 0;
      expect([err, isThere]).toEqual([0, isCopied && quirks.old]);
      expect(text).toEqual(counting(assoc + 16).subarray(assoc));
    },
  );

  test.each([0xfeff, 0xff00, 0x10000])(
    'ccm: the length of %i bytes of associated data is written in two bytes, or in six',
    (assoc) => {
      const iv = counting(16);
      iv[0] = 3;
      const { err, out } = make().seal('ccm(aes)', counting(16), assoc, 16, iv);
      const peer = createCipheriv('aes-128-ccm', counting(16), counting(16).subarray(1, 12), {
        authTagLength: 16,
      });
      peer.setAAD(counting(assoc), { plaintextLength: 16 });
      const text = peer.update(counting(assoc + 16).subarray(assoc));
      peer.final();
      const sealed = Uint8Array.from([...text, ...peer.getAuthTag()]);
      expect([err, out.subarray(assoc, assoc + 32)]).toEqual([0, sealed]);
    },
  );

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

  test('an AEAD whose key was refused has none any more, also when it had one', () => {
    const keys = [16, 15].map((size) => [counting(size), false] as const);
    expect(make().afterKeys('aead', 'gcm(aes)', ...keys)).toEqual([0, -EINVAL, -ENOKEY]);
  });

  test.each([
    ['rfc4106(gcm(aes))', [20, 28, 36]],
    ['rfc4543(gcm(aes))', [20, 28, 36]],
    ['rfc4309(ccm(aes))', [19, 27, 35]],
    ['rfc7539(chacha20,poly1305)', [32]],
    ['rfc7539esp(chacha20,poly1305)', [36]],
  ])('lengths of keys that %s takes, its salt included', (alg, sizes) => {
    const tfm = make().lab.aead(driverOf(alg));
    const taken = [...counting(48)].filter((size) => tfm.setkey(counting(size), false) === 0);
    tfm.free();
    expect(taken).toEqual(sizes);
  });

  test('gcm seals nothing at all', () => {
    const { err, untouched } = make().seal('gcm(aes)', counting(16), 0, 0, counting(12));
    expect([err, untouched]).toEqual([0, false]);
  });

  test('authenc takes the texts that its cipher takes', () => {
    const quirks = make();
    const key = keyOfAuthenc(20);
    const errors = [16, 17].map(
      (len) => quirks.seal('authenc(hmac(sha1),cbc(aes))', key, 8, len, iv16).err,
    );
    expect(errors).toEqual([0, -EINVAL]);
  });

  test.each([
    ['gcm(aes)', counting(16), 16, false],
    ['rfc7539(chacha20,poly1305)', counting(32), 16, false],
    ['rfc4106(gcm(aes))', counting(20), 16, false],
    ['rfc4543(gcm(aes))', counting(20), 16, true],
    ['authencesn(hmac(sha1),cbc(aes))', keyOfAuthenc(20), 8, true],
  ] as const)(
    '%s, sealing: are the associated data copied to another destination?',
    (alg, key, assoc, isCopied) => {
      const quirks = make();
      const { err, out } = quirks.seal(alg, key, assoc, 16, iv16);
      const isThere = Buffer.compare(out.subarray(0, assoc), counting(assoc)) === 0;
      expect([err, isThere]).toEqual([0, isCopied && quirks.old]);
    },
  );

  test('rfc4543 has copied its text, which nothing encrypts, by the time that a tag is wrong', () => {
    const sealing = { alg: 'rfc4543(gcm(aes))', key: counting(20), iv: counting(8), tag: 16 };
    const { err, text } = make().forged(sealing, 16, 48, 'no');
    expect([err, ...text]).toEqual([-EBADMSG, ...counting(64).subarray(16)]);
  });

  test.each([
    ['seqiv(rfc4106(gcm(aes)))', counting(20), 8, 16],
    ['echainiv(authenc(hmac(sha1),cbc(aes)))', keyOfAuthenc(20), 16, 20],
  ] as const)(
    '%s: the old API writes over the IV of the caller, the new one keeps it',
    (alg, key, ivsize, tag) => {
      const quirks = make();
      const iv = counting(ivsize);
      const sealed = quirks.seal(alg, key, 8, 16 + ivsize, iv);
      const forged = quirks.forged({ alg, key, iv, tag }, 8, 32 + ivsize, 'no');
      expect([sealed.err, forged.err]).toEqual([0, -EBADMSG]);
      const kept = [sealed, forged].map((shown) => Buffer.compare(shown.iv, iv) === 0);
      expect(kept).toEqual([!quirks.old, !quirks.old]);
      // echainiv, over authenc, has written nothing else behind a wrong tag.
      expect(forged.untouched).toBe(alg.startsWith('echainiv'));
    },
  );
});
